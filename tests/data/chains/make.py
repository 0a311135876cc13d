"""Writes models of several modules that read one another, with sequences, and expected.json: what PyTorch's
float64 autograd says of losses that enter in five ways, of truncation, of padding and of initial states.

    python tests/data/chains/make.py target/debug/rnntop

The program is asked for nothing but v, which it draws from the seed.
"""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn

torch.set_default_dtype(torch.float64)
HERE = Path(__file__).parent
T, D, EVERY = 24, 4, 7
FORMATS = {"float16": torch.float16, "bfloat16": torch.bfloat16, "float32": torch.float32}


def models():
    torch.manual_seed(3)
    yield "lstm", nn.LSTM, nn.LSTMCell, {"rec.lstm_1": nn.LSTM(D, 5), "rec.lstm_2": nn.LSTM(5, 3)}
    both = {"gru": nn.GRU(D, 3, bidirectional=True), "gru_1": nn.GRU(6, 4, bidirectional=True)}
    yield "gru", nn.GRU, nn.GRUCell, both


def cell_of(module, kind, suffix):
    cell = kind(module.input_size, module.hidden_size)
    names = ["weight_ih", "weight_hh", "bias_ih", "bias_hh"]
    cell.load_state_dict({name: getattr(module, f"{name}_l0{suffix}").detach() for name in names})
    return cell


class Run:
    """All layers on a sequence, the way back cut every so many steps of each direction as it reads."""

    def __init__(self, modules, kind, x, every=None):
        self.parts, self.x = [], x.clone().requires_grad_()
        rows = list(self.x)
        for layer, module in enumerate(modules):
            outputs = []
            for reverse in [False, True] if module.bidirectional else [False]:
                cell = cell_of(module, kind, "_reverse" if reverse else "")
                start = [torch.zeros(1, module.hidden_size, requires_grad=True) for _ in range(2)]
                h, c = start
                states, outs = [], []
                for s, row in enumerate(reversed(rows) if reverse else rows):
                    if every and s and s % every == 0:
                        h, c = h.detach(), c.detach()
                    if kind is nn.LSTMCell:
                        h, c = cell(row[None], (h, c))
                        states.append(c)
                    else:
                        h = cell(row[None], h)
                        states.append(h)
                    states[-1].retain_grad()
                    outs.append(h[0])
                self.parts.append((layer, reverse, cell, start, states))
                outputs.append(outs[::-1] if reverse else outs)
            rows = [torch.cat(row) for row in zip(*outputs)]
        self.y = torch.stack(rows)
        self.last = torch.cat([rows[-1][: modules[-1].hidden_size], rows[0][modules[-1].hidden_size :]])

    def back(self, loss, v, mask):
        y = self.y
        ends = {
            "last": lambda: self.last,
            "out": lambda: y[-1],
            "mean": lambda: y.mean(0),
            "max": lambda: y.max(0).values,
            "masked": lambda: (mask[: len(y), None] * y).sum(0) / mask[: len(y)].sum(),
        }
        (v @ ends[loss]()).backward()
        return self

    def gradient(self):
        every = [p.grad for _, _, cell, _, _ in self.parts for p in cell.parameters()]
        return torch.cat([g.flatten() for g in every])


def first(deltas, holds):
    return next((back for back, delta in enumerate(reversed(deltas)) if holds(delta)), None)


def part_of(run, kind):
    for layer, reverse, _, start, states in run.parts:
        deltas = [torch.zeros_like(s) if s.grad is None else s.grad for s in states]
        yield {
            "layer": layer,
            "reverse": reverse,
            "grad": [delta.norm().item() for delta in deltas],
            "grad_h0": start[0].grad.norm().item(),
            "grad_c0": start[1].grad.norm().item() if kind is nn.LSTMCell else None,
            "formats": {
                name: {
                    "zero_back": first(deltas, lambda d: bool((d.to(dtype) == 0).all())),
                    "overflow_back": first(deltas, lambda d: bool(d.to(dtype).isinf().any())),
                }
                for name, dtype in FORMATS.items()
            },
        }


def main():
    rng = np.random.default_rng(4)
    x = rng.normal(size=(T, D))
    # Three sequences: padded on the right, on the left, and not at all.
    batch = rng.normal(size=(3, T, D))
    batch[0, 10:] = 0
    batch[1, :8] = 0
    lengths, mask = np.array([10.0, 24.0, 17.0]), rng.uniform(size=T)
    for name, array in [("input", x), ("batch", batch), ("lengths", lengths), ("mask", mask)]:
        np.save(HERE / f"{name}.npy", array)
    x, batch, mask = (torch.from_numpy(array) for array in [x, batch, mask])
    expected = {}
    for name, whole, kind, modules in models():
        module_names, modules = list(modules), list(modules.values())
        tensors = {}
        for module_name, module in zip(module_names, modules):
            for key, value in module.state_dict().items():
                if "bias_ih" in key:
                    # The gate that keeps is so far shut that some formats end within the window.
                    value[module.hidden_size : 2 * module.hidden_size] -= 1.5
                tensors[f"{module_name}.{key}"] = value.clone().contiguous()
        save_file(tensors, HERE / f"{name}.safetensors")
        told = subprocess.run(
            [sys.argv[1], "inspect", HERE / f"{name}.safetensors", "--format", "json"],
            check=True,
            capture_output=True,
        )
        v = torch.tensor(json.loads(told.stdout)["models"][0]["loss_vector"])
        losses = {}
        for loss in ["last", "out", "mean", "max", "masked"]:
            run = Run(modules, kind, x).back(loss, v, mask)
            cut = Run(modules, kind, x, EVERY).back(loss, v, mask)
            g, k = run.gradient(), cut.gradient()
            a, b = g / g.norm(), k / k.norm()
            losses[loss] = {
                "layers": list(part_of(run, kind)),
                "grad_norm": g.norm().item(),
                "bptt": {
                    "param_grad_norm": k.norm().item(),
                    "kept": (k.norm() / g.norm()).item(),
                    "angle_deg": torch.rad2deg(2 * torch.atan2((a - b).norm(), (a + b).norm())).item(),
                },
            }
        # The cells above are the modules themselves.
        outputs = x[:, None]
        for module in modules:
            outputs, _ = module(outputs)
        torch.testing.assert_close(outputs[:, 0], Run(modules, kind, x).y)
        padding = []
        for rows, real in [(batch[0], slice(0, 10)), (batch[1], slice(8, T))]:
            padded = Run(modules, kind, rows).back("last", v, mask).x.grad[real].norm()
            packed = Run(modules, kind, rows[real]).back("last", v, mask).x.grad.norm()
            padding.append(torch.log10(packed / padded).item())
        norms = []
        for rows, length in zip(batch, lengths):
            norms.append(Run(modules, kind, rows[: int(length)]).back("mean", v, mask).gradient().norm().item())
        expected[name] = {
            "loss_vector": v.tolist(),
            "losses": losses,
            "padding": padding,
            "grad_norms_of_lengths": sorted(norms),
        }
    (HERE / "expected.json").write_text(json.dumps({"every": EVERY, **expected}) + "\n")


main()
