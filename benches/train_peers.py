"""The update of benches/train.rs by others: the adding problem, T = 100, batch 32, Adam, norm clipped to 1.

    python benches/train_peers.py torch THREADS [CELL [H]]
    python benches/train_peers.py jax THREADS [CELL [H]]

The batch is made in the step, as in the bench. A line for each cell, size and kind of number: milliseconds of wall
time, the median and the best of three seconds, after twenty updates that are not counted (and JAX's compilation).
"""

import json
import os
import statistics
import sys
import time

PEER, THREADS = sys.argv[1], int(sys.argv[2])
CELLS = sys.argv[3:4] or ["lstm", "rnn", "gru"]
SIZES = [int(h) for h in sys.argv[4:5]] or [32, 64, 128]
os.environ["OMP_NUM_THREADS"] = str(THREADS)
os.environ["JAX_ENABLE_X64"] = "1"
if THREADS == 1:
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
import numpy as np

T, B = 100, 32


def torch_step(cell, hidden, dtype):
    import torch

    torch.set_num_threads(THREADS)
    torch.manual_seed(1)
    dtype = getattr(torch, dtype)
    net = {"lstm": torch.nn.LSTM, "rnn": torch.nn.RNN, "gru": torch.nn.GRU}[cell](2, hidden).to(dtype)
    head = torch.nn.Linear(hidden, 1).to(dtype)
    parameters = [*net.parameters(), *head.parameters()]
    adam = torch.optim.Adam(parameters, lr=1e-3)
    row = torch.arange(B)

    def step():
        x = torch.rand(T, B, 2, dtype=dtype)
        x[..., 1] = 0
        first, second = torch.randint(0, T // 2, (B,)), torch.randint(T // 2, T, (B,))
        x[first, row, 1] = x[second, row, 1] = 1
        y = (x[first, row, 0] + x[second, row, 0]).unsqueeze(1)
        loss = torch.nn.functional.mse_loss(head(net(x)[0][-1]), y)
        adam.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        adam.step()

    return step


def jax_step(cell, hidden, dtype):
    import jax
    import jax.numpy as jnp
    from jax import lax, nn

    rng = np.random.default_rng(1)
    gates = {"lstm": 4, "rnn": 1, "gru": 3}[cell]
    draw = lambda *shape: jnp.asarray(rng.uniform(-1, 1, shape) / hidden**0.5, dtype)
    weights = {
        "w": draw(gates * hidden, 2),
        "r": draw(gates * hidden, hidden),
        "b": draw(gates * hidden),
        "bn": draw(gates * hidden),
        "head": draw(hidden),
        "bias": draw(),
    }

    def advance(p, state, x):
        h, c = state
        inputs, back = p["w"] @ x.T, p["r"] @ h
        if cell == "rnn":
            return (jnp.tanh(inputs + back + (p["b"] + p["bn"])[:, None]), c), None
        if cell == "gru":
            a, u = inputs + p["b"][:, None], back + p["bn"][:, None]
            r, z = nn.sigmoid(a[:hidden] + u[:hidden]), nn.sigmoid(a[hidden : 2 * hidden] + u[hidden : 2 * hidden])
            n = jnp.tanh(a[2 * hidden :] + r * u[2 * hidden :])
            return ((1 - z) * n + z * h, c), None
        i, f, g, o = jnp.split(inputs + back + (p["b"] + p["bn"])[:, None], 4)
        c = nn.sigmoid(f) * c + nn.sigmoid(i) * jnp.tanh(g)
        return (nn.sigmoid(o) * jnp.tanh(c), c), None

    def loss(p, x, y):
        zero = jnp.zeros((hidden, B), dtype)
        (h, _), _ = lax.scan(lambda s, v: advance(p, s, v), (zero, zero), x)
        return jnp.mean((p["head"] @ h + p["bias"] - y) ** 2)

    @jax.jit
    def update(p, m, v, n, key):
        values, first, second = jax.random.split(key, 3)
        row = jnp.arange(B)
        first, second = jax.random.randint(first, (B,), 0, T // 2), jax.random.randint(second, (B,), T // 2, T)
        x = jax.random.uniform(values, (T, B), dtype)
        marks = jnp.zeros((T, B), dtype).at[first, row].set(1).at[second, row].set(1)
        g = jax.grad(loss)(p, jnp.stack([x, marks], -1), x[first, row] + x[second, row])
        norm = jnp.sqrt(sum(jnp.sum(a * a) for a in jax.tree_util.tree_leaves(g)))
        scale = jnp.minimum(1.0, 1.0 / (norm + 1e-6))
        over = jax.tree_util.tree_map
        g = over(lambda a: a * scale, g)
        m, v = over(lambda a, b: 0.9 * a + 0.1 * b, m, g), over(lambda a, b: 0.999 * a + 0.001 * b * b, v, g)
        p = over(lambda a, b, c: a - 1e-3 * (b / (1 - 0.9**n)) / (jnp.sqrt(c / (1 - 0.999**n)) + 1e-8), p, m, v)
        return over(lambda a: a.astype(dtype), (p, m, v))

    zeros = jax.tree_util.tree_map(jnp.zeros_like, weights)
    state, count, keys = [(weights, zeros, zeros)], [0], jax.random.PRNGKey(1)

    def step():
        count[0] += 1
        state[0] = update(*state[0], count[0], jax.random.fold_in(keys, count[0]))
        jax.block_until_ready(state[0])

    return step


for name in CELLS:
    for size in SIZES:
        for kind in ("float32", "float64"):
            step = {"torch": torch_step, "jax": jax_step}[PEER](name, size, kind)
            for _ in range(20):
                step()
            times, end = [], time.perf_counter() + 3
            while time.perf_counter() < end:
                begin = time.perf_counter()
                step()
                times.append((time.perf_counter() - begin) * 1e3)
            line = {"peer": PEER, "cell": name, "hidden": size, "dtype": kind, "threads": THREADS}
            line |= {"wall_med_ms": round(statistics.median(times), 2), "wall_min_ms": round(min(times), 2), "n": len(times)}
            print(json.dumps(line), flush=True)
