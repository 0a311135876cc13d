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


def batch(kind, loss, truncate=0):
    T, N, D, H, O = 7, 18, 3, 5, 4
    g = torch.Generator().manual_seed(3)
    draw = lambda *s: torch.randn(*s, generator=g)
    net = {"rnn": torch.nn.RNN, "irnn": lambda d, h: torch.nn.RNN(d, h, nonlinearity="relu"), "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[kind](D, H)
    head = torch.nn.Linear(H, O)
    named = [("rnn." + n, p) for n, p in net.named_parameters()] + [("head." + n, p) for n, p in head.named_parameters()]
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
)
(pathlib.Path(__file__).parent / "train.json").write_text(json.dumps(out) + "\n")
