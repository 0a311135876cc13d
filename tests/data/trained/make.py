"""Trains the small LSTM beside it, and draws the batch that it is inspected on.

    python make.py        (torch, numpy, safetensors; made with torch 2.15.0; half a minute)

The task is to remember: the first input is +1 or -1, marked by a 1 in the second column; noise follows,
and after 40 steps the first input is asked for. Two layers of 12 units, 10 sequences in the batch.
"""
import pathlib

import numpy
import torch
from safetensors.torch import save_file

HERE = pathlib.Path(__file__).parent
STEPS = 40
torch.manual_seed(11)
torch.set_num_threads(1)


def draw(count):
    x = 0.3 * torch.randn(count, STEPS, 2)
    x[:, :, 1] = 0
    bit = torch.randint(0, 2, (count,)).float() * 2 - 1
    x[:, 0, 0], x[:, 0, 1] = bit, 1
    return x, bit


class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.memory = torch.nn.LSTM(2, 12, 2, batch_first=True)
        self.answer = torch.nn.Linear(12, 1)
        with torch.no_grad():
            for layer in range(2):
                getattr(self.memory, f"bias_ih_l{layer}")[12:24] = 2.0

    def forward(self, x):
        return self.answer(self.memory(x)[0][:, -1]).squeeze(1)


model = Model()
optimiser = torch.optim.Adam(model.parameters(), 0.01)
for step in range(500):
    x, bit = draw(64)
    loss = torch.nn.functional.softplus(-bit * model(x)).mean()
    optimiser.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimiser.step()
x, bit = draw(1000)
right = (model(x).sign() == bit).float().mean()
print(f"loss {float(loss.detach()):.4f}, right {float(right):.3f}")
assert right > 0.99
save_file({k: v.detach().clone() for k, v in model.state_dict().items()}, HERE / "model.safetensors")
torch.manual_seed(1)
numpy.save(HERE / "batch.npy", draw(10)[0].numpy())
