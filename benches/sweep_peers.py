"""The map of benches/sweep.rs by others, float64, one thread each: points per second of wall time and of processor time.

    python benches/sweep_peers.py torch     a loop over the points
    python benches/sweep_peers.py jax       vmap over 51 points, jit

Of each point: the window of an LSTM with H = 32, D = 8, T = 200 on white noise, |δc_t| at every step, and the largest
singular value of ∂(h_T, c_T)/∂(h_0, c_0). The causes, which rnntop finds by cutting paths, are left out.
"""

import os
import sys
import time

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["OMP_NUM_THREADS"] = "1"
import numpy as np

T, D, H = 200, 8, 32
rng = np.random.default_rng(7)
W = rng.normal(size=(4, H, D)) / D**0.5
R = np.stack([np.linalg.qr(rng.normal(size=(H, H)))[0] for _ in range(4)])
X = rng.normal(size=(T, D))
V = rng.normal(size=H)
V /= np.linalg.norm(V)
POINTS = [(rho, f) for rho in np.linspace(0.5, 2, 101) for f in np.linspace(0, 1, 51)]


def with_torch(points):
    import torch

    torch.set_num_threads(1)
    w, r, x, v = (torch.tensor(a) for a in (W, R, X, V))

    def window(rho, f, h, c, taps):
        for t in range(T):
            a = torch.matmul(w, x[t]) + torch.matmul(rho * r, h)
            c = torch.sigmoid(a[1]) * torch.tanh(a[0]) + f * c + taps[t]
            h = torch.sigmoid(a[3]) * torch.tanh(c)
        return h, c

    def point(rho, f):
        h, c = torch.zeros(H, dtype=torch.float64), torch.zeros(H, dtype=torch.float64)
        taps = torch.zeros(T, H, dtype=torch.float64, requires_grad=True)
        last, _ = window(rho, f, h, c, taps)
        delta = torch.autograd.grad(last @ v, taps)[0].norm(dim=1)
        start = torch.zeros(2 * H, dtype=torch.float64, requires_grad=True)
        none = torch.zeros(T, H, dtype=torch.float64)
        end = torch.cat(window(rho, f, start[:H], start[H:], none))
        rows = torch.autograd.grad(end, start, torch.eye(2 * H, dtype=torch.float64), is_grads_batched=True)[0]
        return delta, torch.linalg.matrix_norm(rows, 2)

    for rho, f in points:
        point(rho, f)


def with_jax(points):
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    w, r, v = (jnp.asarray(a) for a in (W, R, V))
    inputs = jnp.asarray(np.einsum("ghd,td->tgh", W, X))

    def window(rho, f, start, taps):
        def step(state, at):
            h, c = state
            a = at[0] + jnp.einsum("ghk,k->gh", rho * r, h)
            c = jax.nn.sigmoid(a[1]) * jnp.tanh(a[0]) + f * c + at[1]
            return (jax.nn.sigmoid(a[3]) * jnp.tanh(c), c), None

        return jax.lax.scan(step, start, (inputs, taps))[0]

    def point(rho, f):
        zero, taps = (jnp.zeros(H), jnp.zeros(H)), jnp.zeros((T, H))
        delta = jax.grad(lambda taps: window(rho, f, zero, taps)[0] @ v)(taps)
        whole = lambda s: jnp.concatenate(window(rho, f, (s[:H], s[H:]), taps))
        product = jax.jacfwd(whole)(jnp.zeros(2 * H))
        return jnp.linalg.norm(delta, axis=1), jnp.linalg.norm(product, 2)

    many = jax.jit(jax.vmap(point))
    if not hasattr(with_jax, "warm"):
        with_jax.warm = many
    for k in range(0, len(points), 51):
        rho, f = np.array(points[k : k + 51]).T
        jax.block_until_ready(with_jax.warm(rho, f))


peer, count = {"torch": (with_torch, 20), "jax": (with_jax, 408)}[sys.argv[1]]
peer(POINTS[:51] if sys.argv[1] == "jax" else POINTS[:1])
wall, cpu = time.perf_counter(), time.process_time()
peer(POINTS[-count:])
wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
print(f"{sys.argv[1]}: {count} points, {count / wall:.1f}/s of wall time, {count / cpu:.1f}/s of processor time")
