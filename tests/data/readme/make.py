"""The model and the batch of README.md's diagnosis.

    python make.py    # needs torch and numpy; writes model.pt and batch.npy beside this file

The model is PyTorch's LSTM as it is drawn, but for its biases: 3 for the forget gate, so that it keeps for twenty
steps, and 0 for the others. What the block input's path adds to what is kept makes the gradient grow.
"""

import pathlib

import numpy
import torch

HERE = pathlib.Path(__file__).parent
H, D = 16, 4

torch.manual_seed(1)
model = torch.nn.LSTM(D, H, batch_first=True)
with torch.no_grad():
    model.bias_ih_l0.zero_()
    model.bias_hh_l0.zero_()
    model.bias_ih_l0[H : 2 * H] = 3.0
torch.save(model.state_dict(), HERE / "model.pt")
numpy.save(HERE / "batch.npy", (0.2 * torch.randn(4, 100, D)).numpy())
