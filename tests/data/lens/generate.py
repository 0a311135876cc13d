"""Writes expected.json: what PyTorch makes of the gradients of some reference cases in smaller number
formats, and of their parameters' gradients when the way back is cut every K steps.

    python tests/data/lens/generate.py

A format's `zero_back` is the first step back at which the exact delta of the state, cast to it, is all
zeros, `overflow_back` the first at which it has an infinity. `clip` is what `clip_grad_norm_` leaves of
the exact gradient of all parameters, cast to it.
"""

import json
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file

torch.set_default_dtype(torch.float64)
HERE = Path(__file__).parent
CASES = HERE.parent / "reference"
FORMATS = {"float16": torch.float16, "bfloat16": torch.bfloat16, "float32": torch.float32}


def run(case, every=None):
    """The gradients of all parameters, and delta c_t (delta h_t of a GRU) for t = 1..T."""
    folder = CASES / case
    about = json.loads((folder / "case.json").read_text())
    weights = load_file(folder / "weights.safetensors")
    x = torch.from_numpy(np.load(folder / "input.npy")).double()
    lstm = about["cell"] == "lstm"
    cell = (torch.nn.LSTMCell if lstm else torch.nn.GRUCell)(x.shape[1], about["hidden_size"])
    cell.load_state_dict({name.removesuffix("_l0"): w.double() for name, w in weights.items()})
    h = c = torch.zeros(1, about["hidden_size"])
    states = []
    for t, row in enumerate(x):
        if every and t % every == 0:
            h, c = h.detach(), c.detach()
        if lstm:
            h, c = cell(row[None], (h, c))
        else:
            h = cell(row[None], h)
        states.append(c if lstm else h)
        states[-1].retain_grad()
    (torch.tensor(about["loss"]["v"]) @ h[0]).backward()
    deltas = [torch.zeros_like(h) if s.grad is None else s.grad for s in states]
    return {n: p.grad.clone() for n, p in cell.named_parameters()}, deltas


def first(deltas, holds):
    found = [back for back, delta in enumerate(reversed(deltas)) if holds(delta)]
    return found[0] if found else None


def clipped(gradients, dtype):
    parameters = [torch.nn.Parameter(torch.zeros_like(g, dtype=dtype)) for g in gradients.values()]
    for parameter, gradient in zip(parameters, gradients.values()):
        parameter.grad = gradient.to(dtype)
    if all(bool((p.grad == 0).all()) for p in parameters):
        return "nothing"
    torch.nn.utils.clip_grad_norm_(parameters, 5.0)
    grads = torch.cat([p.grad.flatten() for p in parameters])
    if bool(grads.isnan().any()):
        return "nan"
    return "zero" if bool((grads == 0).all()) else "finite"


def flat(gradients):
    return torch.cat([g.flatten() for g in gradients.values()])


def main():
    expected = {}
    cases = [("explode_lstm_quiet", 30), ("small_lstm_last", 2), ("medium_lstm", 7), ("medium_gru", 7)]
    for case, every in cases + [("vanish_lstm", 50), ("vanish_gru", 64)]:
        gradients, deltas = run(case)
        formats = {}
        for name, dtype in FORMATS.items():
            formats[name] = {
                "zero_back": first(deltas, lambda d: bool((d.to(dtype) == 0).all())),
                "overflow_back": first(deltas, lambda d: bool(d.to(dtype).isinf().any())),
                "clip": clipped(gradients, dtype),
            }
        cut, _ = run(case, every)
        whole, part = flat(gradients), flat(cut)
        # Twice the angle of half the difference keeps its digits where an arc cosine would not.
        u, v = whole / whole.norm(), part / part.norm()
        angle = 2 * torch.atan2((u - v).norm(), (u + v).norm())
        expected[case] = {
            "formats": formats,
            "bptt": {
                "steps": every,
                "param_grad_norm": part.norm().item(),
                "kept": (part.norm() / whole.norm()).item(),
                "angle_deg": torch.rad2deg(angle).item(),
            },
        }
    (HERE / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


main()
