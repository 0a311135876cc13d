"""Makes the cases beside it: gradients through stacks that the one-directional reference does not have.

    python make.py        (torch, numpy, safetensors; made with torch 2.15.0)

Every case is an nn.RNN, nn.LSTM or nn.GRU in float64. Its layers are unrolled by hand so that autograd
gives dL/dh and dL/dc of every step; outputs and parameter gradients are compared with the module's own.
The loss is L = v . h_n (`last`: the last h of each direction, concatenated, as PyTorch's h_n) or
L = sum_t v . output_t (`sum`). Lists are by steps as a direction reads: for the reverse one, the first
entry is t = T. Paths are the terms of dL/dc (LSTM) or dL/dh, by the names of the program.
"""
import json
import pathlib

import torch
from safetensors.torch import save_file

torch.set_default_dtype(torch.float64)
HERE = pathlib.Path(__file__).parent


def keep(x):
    x.retain_grad()
    return x


def unroll(kind, params, names, x, proj):
    """Reads x (T x D); what it leaves at every step, in the order in which it reads."""
    w_ih, w_hh, b_ih, b_hh, w_hr = (params.get(n) for n in names)
    gates = {"rnn": 1, "lstm": 4, "gru": 3}[kind]
    n = w_hh.shape[0] // gates
    h = keep(torch.zeros(w_hh.shape[1], requires_grad=True) + 0)
    c = keep(torch.zeros(n, requires_grad=True) + 0)
    steps = [{"h": h, "c": c}]
    for t in range(x.shape[0]):
        a = w_ih @ x[t] + (b_ih if b_ih is not None else 0)
        r = w_hh @ h + (b_hh if b_hh is not None else 0)
        if kind == "rnn":
            pre = keep(a + r)
            h = keep(torch.relu(pre))
            steps.append({"h": h, "pre": [pre]})
        elif kind == "gru":
            ar, az, an = a.split(n)
            rr, rz, rn = r.split(n)
            pr, pz = keep(ar + rr), keep(az + rz)
            gr, gz = torch.sigmoid(pr), torch.sigmoid(pz)
            pn = keep(an + gr * rn)
            h = keep((1 - gz) * torch.tanh(pn) + gz * h)
            steps.append({"h": h, "pre": [pr, pz, pn], "r": gr, "z": gz})
        else:
            pre = [keep(p) for p in (a + r).split(n)]
            i, f, g, o = (torch.sigmoid(pre[0]), torch.sigmoid(pre[1]), torch.tanh(pre[2]), torch.sigmoid(pre[3]))
            c = keep(f * c + i * g)
            m = o * torch.tanh(c)
            h = keep(w_hr @ m if proj else m)
            steps.append({"h": h, "c": c, "pre": pre, "f": f, "gain": o * (1 - torch.tanh(c) ** 2)})
    return steps, w_hh, w_hr, n


def norm(x):
    return float(torch.linalg.vector_norm(x.detach() if x is not None else torch.zeros(1)))


def paths(kind, steps, w_hh, w_hr, n, s):
    """Norms of what comes to step s from step s + 1."""
    later = steps[s + 1] if s + 1 < len(steps) else None
    zero = torch.zeros(1)
    block = [w_hh[g * n:(g + 1) * n] for g in range(w_hh.shape[0] // n)]
    if kind == "rnn":
        return {"recurrent": norm(block[0].T @ later["pre"][0].grad if later else zero)}
    if kind == "gru":
        if not later:
            return dict.fromkeys(["leak", "update", "reset", "candidate"], 0.0)
        dr, dz, dn = (p.grad for p in later["pre"])
        return {"leak": norm(later["z"] * later["h"].grad), "update": norm(block[1].T @ dz),
                "reset": norm(block[0].T @ dr), "candidate": norm(block[2].T @ (later["r"] * dn))}
    out = {"carousel": norm(later["f"] * later["c"].grad if later else zero)}
    for name, g in [("block", 2), ("input", 0), ("forget", 1), ("output", 3)]:
        if later is None:
            out[name] = 0.0
            continue
        back = block[g].T @ later["pre"][g].grad
        out[name] = norm(steps[s]["gain"] * (w_hr.T @ back if w_hr is not None else back))
    return out


def case(name, kind, layers, bidirectional, proj, bias, steps, loss, seed):
    torch.manual_seed(seed)
    inputs, hidden = 3, 4
    build = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[kind]
    more = {"nonlinearity": "relu"} if kind == "rnn" else {}
    if proj:
        more["proj_size"] = proj
    module = build(inputs, hidden, layers, bias=bias, bidirectional=bidirectional, **more)
    with torch.no_grad():
        for p in module.parameters():
            p.mul_(1.5)
    params = dict(module.named_parameters())
    x = torch.randn(steps, inputs)
    width = (proj or hidden) * (2 if bidirectional else 1)
    v = torch.randn(width)
    below, found = x, []
    for layer in range(layers):
        parts = []
        for suffix in ["", "_reverse"][: 2 if bidirectional else 1]:
            names = [f"{p}_l{layer}{suffix}" for p in ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr")]
            read = below.flip(0) if suffix else below
            parts.append((names, *unroll(kind, params, names, read, proj)))
        rows = [torch.stack([s["h"] for s in p[1][1:]]) for p in parts]
        below = torch.cat([rows[0]] + [r.flip(0) for r in rows[1:]], 1)
        found.append(parts)
    out, _ = module(x)
    assert torch.allclose(out, below, atol=1e-13)
    # What the module itself says of its parameters.
    last = lambda y: torch.cat([y[-1, :width], y[0, :0]]) if not bidirectional else torch.cat([y[-1, : width // 2], y[0, width // 2:]])
    value = lambda y: v @ last(y) if loss == "last" else (y @ v).sum()
    own = torch.autograd.grad(value(out), list(params.values()))
    total = value(below)
    total.backward()
    for g, p in zip(own, params.values()):
        assert torch.allclose(g, p.grad, atol=1e-13)
    expected = {"loss": float(total), "grad_norm": norm(torch.cat([g.flatten() for g in own])), "layers": []}
    for parts in found:
        layer = []
        for names, states, w_hh, w_hr, n in parts:
            rows = range(1, len(states))
            zero = torch.zeros(1)
            direction = {
                "grad_h": [norm(states[s]["h"].grad) for s in rows],
                "grad_h0": norm(states[0]["h"].grad),
                "paths": {},
                "parameters": {p.rsplit("_l", 1)[0]: norm(params[p].grad) for p in names if p in params},
            }
            if kind == "lstm":
                direction["grad_c"] = [norm(states[s]["c"].grad) for s in rows]
                direction["grad_c0"] = norm(states[0]["c"].grad)
            for s in rows:
                for path, value_ in paths(kind, states, w_hh, w_hr, n, s).items():
                    direction["paths"].setdefault(path, []).append(value_)
            layer.append(direction)
        expected["layers"].append(layer)
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    tensors = {f"encoder.rnn.{k}": p.detach().clone() for k, p in params.items()}
    save_file(tensors, folder / "weights.safetensors")
    import numpy
    numpy.save(folder / "input.npy", x.numpy())
    description = {"cell": kind, "loss": loss, "v": v.tolist(), "expected": expected}
    (folder / "case.json").write_text(json.dumps(description, indent=1))


case("bidirectional_lstm", "lstm", 2, True, 0, True, 7, "last", 31)
case("bidirectional_gru", "gru", 2, True, 0, True, 7, "sum", 32)
case("bidirectional_rnn_relu_no_bias", "rnn", 3, True, 0, False, 6, "sum", 33)
case("projected_lstm", "lstm", 2, False, 2, True, 7, "last", 34)
case("projected_bidirectional_lstm", "lstm", 3, True, 3, True, 6, "last", 35)
