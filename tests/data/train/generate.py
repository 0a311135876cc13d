"""Optimisers, clipping and a batch's gradients by PyTorch, for the tests of training.

Writes train.json beside itself: 100 updates of every optimiser in float64 on a fixed sequence of
gradients, what clip_grad_norm_ makes of gradients in float32 and float64, and for every cell the loss
and the gradients of a small batch in float64.
"""
import json
import pathlib

import torch

torch.set_default_dtype(torch.float64)
OPTIMISERS = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.03),
    "sgd_decay": lambda p: torch.optim.SGD(p, lr=0.03, weight_decay=0.1),
    "momentum": lambda p: torch.optim.SGD(p, lr=0.03, momentum=0.9),
    "rmsprop": lambda p: torch.optim.RMSprop(p, lr=0.003),
    "adam": lambda p: torch.optim.Adam(p, lr=0.01),
    "adam_decay": lambda p: torch.optim.Adam(p, lr=0.01, weight_decay=0.1),
    "adamw": lambda p: torch.optim.AdamW(p, lr=0.01),
}
START = [0.5, -1.25, 2.0]


def optimise(make):
    p = torch.nn.Parameter(torch.tensor(START))
    optimiser = make([p])
    for k in range(100):
        # A gradient that depends on the parameter and on the update.
        p.grad = p.detach() * torch.tensor([1.0, 0.1, 10.0]) + torch.tensor([((k * 7) % 5 - 2.0), 0.3, (k % 3) * 1e-3])
        optimiser.step()
    return p.tolist()


def clip(dtype, gradients, threshold):
    ps = [torch.nn.Parameter(torch.zeros(len(g), dtype=dtype)) for g in gradients]
    for p, g in zip(ps, gradients):
        p.grad = torch.tensor(g, dtype=dtype)
    norm = torch.nn.utils.clip_grad_norm_(ps, threshold)
    return dict(dtype=str(dtype)[6:], gradients=gradients, threshold=threshold, norm=str(norm.item()), clipped=[p.grad.tolist() for p in ps])


def omega(net, x, out, value, weight):
    """Pascanu's term, and its gradient by R with everything else held."""
    states = [h.detach().requires_grad_() for h in out]
    r = net.weight_hh_l0.detach().clone().requires_grad_()
    grads = torch.autograd.grad(value, net.kept, retain_graph=True)
    total = 0.0
    slope = (lambda h: (h > 0).double()) if net.nonlinearity == "relu" else (lambda h: 1 - h * h)
    for t in range(1, len(states)):
        delta = grads[t].detach()
        carried = (delta @ r) * slope(states[t - 1]).detach()
        m, n = delta.norm(dim=1), carried.norm(dim=1)
        there = (m > 0) & (n > 0)
        total = total + ((n[there] / m[there] - 1) ** 2).sum() / x.shape[1]
    total = weight * total
    return total.item(), torch.autograd.grad(total, r)[0]


def floss(r, out, relu, weight, count):
    """Gradient flossing: the mean square of the leading Lyapunov exponents, by differentiable QR."""
    H = r.shape[0]
    i, j = torch.arange(count)[None, :], torch.arange(H)[:, None]
    start = torch.cos(torch.pi * i * (j + 0.5) / H) * torch.sqrt(torch.where(i == 0, 1.0, 2.0) / H)
    total = 0.0
    for n in range(out[0].shape[0]):
        q, logs = start, []
        for h in out:
            h = h[n]
            y = ((h > 0).double() if relu else 1 - h * h)[:, None] * (r @ q)
            if torch.linalg.matrix_rank(y.detach()) < count:
                break
            q, u = torch.linalg.qr(y)
            signs = torch.sign(torch.diagonal(u)).detach()
            q, u = q * signs, u * signs[:, None]
            logs.append(torch.log(torch.diagonal(u)))
        else:
            total = total + weight * (torch.stack(logs).mean(dim=0) ** 2).mean() / out[0].shape[0]
    return total


def regularised(kind, loss, term):
    """The batch of the same name, step by step, with Ω, with flossing or with h detached at some steps."""
    case = batch(kind, loss)
    T, N, D, H, O = 7, 18, 3, 5, 4
    p = {n: torch.tensor(v, requires_grad=True) for n, v in case["parameters"].items()}
    g = H * (4 if kind == "lstm" else 1)
    w, r = p["rnn.weight_ih_l0"].reshape(g, D), p["rnn.weight_hh_l0"].reshape(g, H)
    b = p["rnn.bias_ih_l0"] + p["rnn.bias_hh_l0"]
    x = torch.tensor(case["x"]).reshape(T, N, D)
    h, c, out, pre = torch.zeros(N, H), torch.zeros(N, H), [], []
    mask = [False, True, False, False, True, True, False] if term == "detach" else []
    for t in range(T):
        before = h.detach() if mask and mask[t] else h
        a = x[t] @ w.T + before @ r.T + b
        pre.append(a)
        if kind == "lstm":
            i, f, z, o = a.chunk(4, dim=1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(z)
            h = torch.sigmoid(o) * torch.tanh(c)
        else:
            h = torch.tanh(a) if kind == "rnn" else torch.relu(a)
        out.append(h)
    y = torch.stack(out) @ p["head.weight"].reshape(O, H).T + p["head.bias"]
    if loss == "numbers":
        value = torch.nn.functional.mse_loss(y[-1], torch.tensor(case["targets"]).reshape(N, O))
    else:
        value = torch.nn.functional.cross_entropy(y.reshape(T * N, O), torch.tensor(case["targets"]).long())
    penalty = 0.0
    grads = dict(zip(p, torch.autograd.grad(value, list(p.values()), retain_graph=True)))
    if term == "omega":
        net = type("Net", (), dict(weight_hh_l0=r, kept=pre, nonlinearity="relu" if kind == "irnn" else "tanh"))
        penalty, by_r = omega(net, x, out, value, 0.75)
        grads["rnn.weight_hh_l0"] = grads["rnn.weight_hh_l0"] + by_r.reshape(-1)
    if term == "floss":
        total = floss(r, out, kind == "irnn", 0.75, 2)
        penalty = total.item()
        assert penalty > 0
        grads = dict(zip(p, torch.autograd.grad(value + total, list(p.values()))))
    case.update(term=term, mask=mask, penalty=penalty, value=value.item(), gradients={n: v.reshape(-1).tolist() for n, v in grads.items()})
    return case


def module(kind, inputs, hidden, outputs):
    """A recurrent layer and a readout, with the names that rnntop writes."""
    layer = {"rnn": torch.nn.RNN, "irnn": lambda d, h: torch.nn.RNN(d, h, nonlinearity="relu"), "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[kind]
    return torch.nn.ModuleDict(dict(rnn=layer(inputs, hidden), head=torch.nn.Linear(hidden, outputs)))


def batch(kind, loss, truncate=0):
    T, N, D, H, O = 7, 18, 3, 5, 4
    g = torch.Generator().manual_seed(3)
    draw = lambda *s: torch.randn(*s, generator=g)
    both = module(kind, D, H, O)
    net, head, named = both["rnn"], both["head"], list(both.named_parameters())
    with torch.no_grad():
        for _, p in named:
            p.copy_(0.5 * draw(*p.shape))
    x = draw(T, N, D)
    if truncate:
        state, outs = None, []
        for k in range(0, T, truncate):
            out, state = net(x[k:k + truncate], state)
            state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
            outs.append(out)
        out = torch.cat(outs)
    else:
        out, _ = net(x)
    if loss == "numbers":
        targets = draw(N, O)
        value = torch.nn.functional.mse_loss(head(out[-1]), targets)
    else:
        targets = torch.randint(0, O, (T, N), generator=g)
        value = torch.nn.functional.cross_entropy(head(out).reshape(T * N, O), targets.reshape(-1))
    value.backward()
    flat = lambda t: t.reshape(-1).tolist()
    return dict(kind=kind, loss=loss, truncate=truncate, steps=T, count=N, inputs=D, hidden=H, outputs=O, x=flat(x), targets=flat(targets), value=value.item(), parameters={n: flat(p.detach()) for n, p in named}, gradients={n: flat(p.grad) for n, p in named})


def main():
    out = dict(
        start=START,
        optimisers={name: optimise(make) for name, make in OPTIMISERS.items()},
        clips=[
            clip(dtype, gradients, threshold)
            for dtype in (torch.float64, torch.float32)
            for gradients in ([[3.0, 4.0], [12.0]], [[0.3], [0.4]], [[1e-9, 0.0], [0.0]], [[1e18, 1.0], [-1e18]], [[2e19, 1.0], [-2e19]])
            for threshold in (1.0, 5.0)
        ],
        batches=[batch(kind, loss) for kind in ("rnn", "irnn", "lstm", "gru") for loss in ("numbers", "classes")]
        + [batch("lstm", "classes", 3), batch("gru", "classes", 2)],
        regularised=[regularised(kind, loss, term) for term in ("omega", "floss") for kind in ("rnn", "irnn") for loss in ("numbers", "classes")]
        + [regularised("lstm", loss, "detach") for loss in ("numbers", "classes")],
    )
    out["state_dicts"] = {kind: {n: list(p.shape) for n, p in module(kind, 2, 5, 1).state_dict().items()} for kind in ("rnn", "irnn", "lstm", "gru")}
    (pathlib.Path(__file__).parent / "train.json").write_text(json.dumps(out) + "\n")


if __name__ == "__main__":
    main()
