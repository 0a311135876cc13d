"""Loads weights that rnntop train has saved into PyTorch, as they are, and runs them.

    rnntop train adding --cell lstm --updates 20 --save w.safetensors
    python load.py lstm w.safetensors

Ends with an error where load_state_dict(strict=True) does not accept a tensor's name, shape or number.
"""
import sys

import torch
from safetensors.torch import load_file

from generate import module

kind, file = sys.argv[1:]
tensors = load_file(file)
outputs, hidden = tensors["head.weight"].shape
net = module(kind, tensors["rnn.weight_ih_l0"].shape[1], hidden, outputs).to(tensors["head.weight"].dtype)
print(net.load_state_dict(tensors, strict=True))
x = torch.zeros(5, 1, net["rnn"].input_size, dtype=tensors["head.weight"].dtype)
print("output of zeros", net["head"](net["rnn"](x)[0][-1]).tolist())
