"""What padding costs a fresh nn.LSTM, by float64 autograd: 30 real steps, and 70 of zeros on either side.

    python make.py    # needs torch, numpy and safetensors; writes beside this file

`decades` is by how many powers of ten |dL/dx| of the real steps, L = v h_T, is smaller than without padding.
"""

import json
import pathlib

import numpy
import torch
from safetensors.torch import save_file

HERE = pathlib.Path(__file__).parent
H, D, REAL, PADDING = 32, 8, 30, 70


def arrives(model, x, v, first):
    x = x.clone().requires_grad_()
    _, (h, _) = model(x)
    (v @ h[0]).backward()
    return x.grad[first : first + REAL].norm()


def main():
    torch.manual_seed(0)
    model = torch.nn.LSTM(D, H)
    save_file({name: w.detach().clone() for name, w in model.state_dict().items()}, HERE / "lstm.safetensors")
    model = model.double()
    real = torch.randn(REAL, D, dtype=torch.float64)
    zeros = torch.zeros(PADDING, D, dtype=torch.float64)
    v = torch.randn(H, dtype=torch.float64)
    v /= v.norm()
    numpy.save(HERE / "input.npy", real.numpy())
    numpy.save(HERE / "loss_vector.npy", v.numpy())
    packed = arrives(model, real, v, 0)
    right = arrives(model, torch.cat([real, zeros]), v, 0)
    left = arrives(model, torch.cat([zeros, real]), v, PADDING)
    decades = {side: torch.log10(packed / padded).item() for side, padded in [("right", right), ("left", left)]}
    (HERE / "expected.json").write_text(json.dumps(decades, indent=1) + "\n")


if __name__ == "__main__":
    main()
