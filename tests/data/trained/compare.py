"""Compares `rnntop inspect` with PyTorch on the trained LSTM beside it. Run by hand:

    python compare.py PATH/TO/rnntop        (torch, numpy, safetensors)

Every |dh_t| and |dc_t| of both layers, every half-life, the matrices and the norms of the parameter
gradients, on every sequence of the batch. Exit status 1 when one differs by more than 1e-9.
"""
import json
import math
import pathlib
import subprocess
import sys

import numpy
import torch
from safetensors.torch import load_file

torch.set_default_dtype(torch.float64)
HERE = pathlib.Path(__file__).parent
weights = {k: v.double().requires_grad_() for k, v in load_file(HERE / "model.safetensors").items() if k.startswith("memory")}
batch = torch.tensor(numpy.load(HERE / "batch.npy"), dtype=torch.float64)
command = [sys.argv[1], "inspect", str(HERE / "model.safetensors"), "--input", str(HERE / "batch.npy"), "--format", "json"]
found = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)["models"][0]
v = torch.tensor(found["loss_vector"])
curves = {(layer, x): [] for layer in range(2) for x in "hc"}
logs, norms = [torch.zeros(12), torch.zeros(12)], []
for x in batch:
    states = []
    for layer in range(2):
        w_ih, w_hh, b_ih, b_hh = (weights[f"memory.{n}_l{layer}"] for n in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))
        h = c = torch.zeros(12)
        rows = []
        for row in x:
            i, f, g, o = (w_ih @ row + b_ih + w_hh @ h + b_hh).split(12)
            logs[layer] += torch.sigmoid(f).log().detach()
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            c.retain_grad()
            h = torch.sigmoid(o) * torch.tanh(c)
            h.retain_grad()
            rows.append((h, c))
        states.append(rows)
        x = [h for h, _ in rows]
    for p in weights.values():
        p.grad = None
    (v @ states[1][-1][0]).backward()
    norms.append(math.sqrt(sum(float((p.grad**2).sum()) for p in weights.values())))
    for layer in range(2):
        for index, name in enumerate("hc"):
            curves[layer, name].append([float(s[index].grad.norm()) for s in states[layer]])
worst = 0.0


def near(got, want):
    global worst
    worst = max(worst, abs(got - want) / abs(want))


def nearest_rank(column, q):
    return sorted(column)[max(math.ceil(q * len(column)), 1) - 1]


for layer in range(2):
    ours = found["layers"][layer]
    for name in "hc":
        for t, column in enumerate(zip(*curves[layer, name])):
            for part, q in [("median", 0.5), ("low", 0.05), ("high", 0.95)]:
                near(10 ** ours[f"grad_{name}"][f"log10_{part}"][t], nearest_rank(column, q))
    for got, log in zip(ours["memory"]["half_lives"], logs[layer]):
        near(got, math.log(0.5) / (float(log) / batch.shape[0] / batch.shape[1]))
    for gate, index in [("input", 0), ("forget", 1), ("block", 2), ("output", 3)]:
        block = weights[f"memory.weight_hh_l{layer}"].detach()[12 * index:12 * index + 12]
        near(ours["spectral_radius"][gate], float(torch.linalg.eigvals(block).abs().max()))
        near(ours["norm"][gate], float(torch.linalg.svdvals(block)[0]))
for got, want in zip(found["grad_norms"], sorted(norms)):
    near(got, want)
print(f"largest relative difference {worst:.1e}")
sys.exit(worst > 1e-9)
