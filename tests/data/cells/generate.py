"""Gradients of the cells that PyTorch has no layer for, by autograd in float64.

Writes cells.json beside itself: for every case the parameters, the window, the loss vector v of
L = v.h_T, the norms of dL/dh_t and dL/dc_t (t = 1..T) and the gradient of every parameter.
The equations are those of Greff et al. (2015, appendix A), Feng et al. (2024, with z and 1 - z
exchanged in the minGRU), Orvieto et al. (2023), the LRU in complex numbers, and Li et al. (2018), the
IndRNN with relu.
"""
import json
import pathlib

import torch

torch.set_default_dtype(torch.float64)
H, D, T = 4, 2, 9
VARIANTS = ["plain", "nig", "nfg", "nog", "niaf", "noaf", "cifg", "np", "fgr"]


FUNCTIONS = {
    "tanh": torch.tanh,
    "relu": torch.relu,
    "linear": lambda x: x,
    "sigmoid": torch.sigmoid,
    "hard_sigmoid": lambda x: torch.clamp(0.2 * x + 0.5, 0, 1),
    # The slope of torch.nn.functional.hardsigmoid is 1/6 in float32.
    "hard_sigmoid_6": lambda x: torch.clamp(x / 6 + 0.5, 0, 1),
    "elu": torch.nn.functional.elu,
    "softsign": torch.nn.functional.softsign,
}
PYTORCH = ("tanh", "tanh", "sigmoid")


def lstm(variant, p, xs, h, c, functions=PYTORCH):
    """PyTorch's blocks i, f, g, o; h and c of every step. The functions are those of z, c and the gates."""
    tanh, output, sigma = [FUNCTIONS[name] for name in functions]
    W, R, b = [p[k].view(4, H, -1) for k in ("weight_ih", "weight_hh")] + [p["bias_ih"].view(4, H) + p["bias_hh"].view(4, H)]
    p_i, p_f, p_o = [p.get("weight_peephole_" + g, torch.zeros(H)) for g in "ifo"]
    if variant == "np":
        p_i = p_f = p_o = torch.zeros(H)
    gates = torch.zeros(3 * H)
    hs, cs = [], []
    for x in xs:
        pre = [W[k] @ x + R[k] @ h + b[k] for k in range(4)]
        if variant == "fgr":
            seen = (p["weight_gates"] @ gates).view(3, H)
            pre[0], pre[1], pre[3] = pre[0] + seen[0], pre[1] + seen[1], pre[3] + seen[2]
        i = torch.ones(H) if variant == "nig" else sigma(pre[0] + p_i * c)
        f = torch.ones(H) if variant == "nfg" else 1 - i if variant == "cifg" else sigma(pre[1] + p_f * c)
        z = pre[2] if variant == "niaf" else tanh(pre[2])
        c = z * i + c * f
        c.retain_grad()
        o = torch.ones(H) if variant == "nog" else sigma(pre[3] + p_o * c)
        h = (c if variant == "noaf" else output(c)) * o
        h.retain_grad()
        gates = torch.cat([i, f, o])
        hs.append(h)
        cs.append(c)
    return hs, cs


def gru(p, xs, h, activation, gate, before):
    """PyTorch's blocks r, z, n."""
    phi, sigma = FUNCTIONS[activation], FUNCTIONS[gate]
    W, R = [p[k].view(3, H, -1) for k in ("weight_ih", "weight_hh")]
    b, a = [p[k].view(3, H) for k in ("bias_ih", "bias_hh")]
    hs = []
    for x in xs:
        r, z = [sigma(W[k] @ x + b[k] + R[k] @ h + a[k]) for k in range(2)]
        of_h = R[2] @ (r * h) + a[2] if before else r * (R[2] @ h + a[2])
        h = (1 - z) * phi(W[2] @ x + b[2] + of_h) + z * h
        h.retain_grad()
        hs.append(h)
    return hs, []


def mingru(p, xs, h):
    W, b = p["weight_ih"].view(2, H, -1), p["bias_ih"].view(2, H)
    hs = []
    for x in xs:
        keep = torch.sigmoid(W[0] @ x + b[0])
        h = keep * h + (1 - keep) * (W[1] @ x + b[1])
        h.retain_grad()
        hs.append(h)
    return hs, []


def minlstm(p, xs, h):
    W, b = p["weight_ih"].view(3, H, -1), p["bias_ih"].view(3, H)
    hs = []
    for x in xs:
        f, i = torch.sigmoid(W[0] @ x + b[0]), torch.sigmoid(W[1] @ x + b[1])
        h = f / (f + i) * h + i / (f + i) * (W[2] @ x + b[2])
        h.retain_grad()
        hs.append(h)
    return hs, []


def lru(p, xs, h):
    eigenvalue = torch.polar(p["lambda_modulus"], p["lambda_angle"])
    B = torch.view_as_complex(p["weight_ih"].view(H // 2, 2, D).transpose(1, 2).contiguous())
    hs = []
    for x in xs:
        state = torch.view_as_complex(h.view(H // 2, 2))
        state = eigenvalue * state + p["gamma"] * (B @ x.to(torch.complex128))
        h = torch.view_as_real(state).reshape(H)
        h.retain_grad()
        hs.append(h)
    return hs, []


def indrnn(p, xs, h):
    hs = []
    for x in xs:
        h = torch.relu(p["weight_ih"] @ x + p["weight_hh"] * h + p["bias_ih"])
        h.retain_grad()
        hs.append(h)
    return hs, []


def case(name, kind, shapes, run):
    # torch.polar takes no negative modulus.
    draw = lambda k, shape: torch.randn(shape).abs() if k == "lambda_modulus" else torch.randn(shape) * 0.8
    p = {k: draw(k, shape).requires_grad_() for k, shape in shapes.items()}
    xs, v = torch.randn(T, D), torch.randn(H)
    h0, c0 = torch.randn(H) * 0.5, torch.randn(H) * 0.5
    h, c = h0.clone().requires_grad_(), c0.clone().requires_grad_()
    hs, cs = run(p, xs, h, c)
    (v @ hs[-1]).backward()
    grad = lambda q: (torch.zeros_like(q) if q.grad is None else q.grad).flatten().tolist()
    return {
        "name": name,
        "cell": kind,
        "parameters": {k: q.detach().flatten().tolist() for k, q in p.items()},
        "input": xs.flatten().tolist(),
        "v": v.tolist(),
        "h0": h0.tolist(),
        "c0": c0.tolist(),
        "h": hs[-1].detach().tolist(),
        "grad_h": [x.grad.norm().item() for x in hs],
        "grad_c": [x.grad.norm().item() for x in cs],
        "grad_h0": h.grad.norm().item(),
        "gradients": {k: grad(q) for k, q in p.items()},
    }


torch.manual_seed(20)
cases = []
for variant in VARIANTS:
    shapes = {"weight_ih": (4 * H, D), "weight_hh": (4 * H, H), "bias_ih": (4 * H,), "bias_hh": (4 * H,)}
    shapes |= {f"weight_peephole_{g}": (H,) for g in "ifo"}
    if variant == "fgr":
        shapes["weight_gates"] = (3 * H, 3 * H)
    cases.append(case(variant, "lstm", shapes, lambda p, xs, h, c: lstm(variant, p, xs, h, c)))
cases.append(case("mingru", "mingru", {"weight_ih": (2 * H, D), "bias_ih": (2 * H,)}, lambda p, xs, h, c: mingru(p, xs, h)))
cases.append(case("minlstm", "minlstm", {"weight_ih": (3 * H, D), "bias_ih": (3 * H,)}, lambda p, xs, h, c: minlstm(p, xs, h)))
diagonal = {"weight_ih": (H, D), "lambda_modulus": (H // 2,), "lambda_angle": (H // 2,), "gamma": (H // 2,)}
cases.append(case("lru", "lru", diagonal, lambda p, xs, h, c: lru(p, xs, h)))
independent = {"weight_ih": (H, D), "weight_hh": (H,), "bias_ih": (H,)}
cases.append(case("indrnn", "indrnn", independent, lambda p, xs, h, c: indrnn(p, xs, h)))
# The functions in which frameworks differ.
for functions in [("relu", "relu", "sigmoid"), ("linear", "softsign", "hard_sigmoid"), ("elu", "linear", "hard_sigmoid_6"),
                  ("tanh", "tanh", "hard_sigmoid"), ("sigmoid", "elu", "sigmoid"), ("softsign", "sigmoid", "sigmoid")]:
    shapes = {"weight_ih": (4 * H, D), "weight_hh": (4 * H, H), "bias_ih": (4 * H,), "bias_hh": (4 * H,)}
    shapes |= {f"weight_peephole_{g}": (H,) for g in "ifo"}
    made = case("plain", "lstm", shapes, lambda p, xs, h, c: lstm("plain", p, xs, h, c, functions))
    cases.append(made | dict(zip(("activation", "state", "gate"), functions)))
for activation, gate in [("tanh", "sigmoid"), ("relu", "sigmoid"), ("tanh", "hard_sigmoid"), ("elu", "hard_sigmoid_6")]:
    for before in [False, True]:
        shapes = {"weight_ih": (3 * H, D), "weight_hh": (3 * H, H), "bias_ih": (3 * H,), "bias_hh": (3 * H,)}
        made = case("gru", "gru", shapes, lambda p, xs, h, c: gru(p, xs, h, activation, gate, before))
        cases.append(made | {"activation": activation, "gate": gate, "reset": "before" if before else "after"})
text = json.dumps({"hidden": H, "inputs": D, "steps": T, "cases": cases}, separators=(",", ":"))
pathlib.Path(__file__).with_name("cells.json").write_text(text + "\n")
