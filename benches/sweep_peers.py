"""The map of benches/sweep.rs by others, float64, one thread each: points per second of wall time and of processor time.

    python benches/sweep_peers.py torch       a loop over the points, by autograd
    python benches/sweep_peers.py jax         vmap over 51 points and jit: grad, jacfwd
    python benches/sweep_peers.py jax-hand    the same, with the ways back and the product of Jacobians written by hand
    python benches/sweep_peers.py jax-lanczos the same by hand, with six rounds of Lanczos in the place of the product

Each does what a sweep does at a point, the window of an LSTM with H = 32, D = 8, T = 200 on white noise: the factor per
step of |δc_t|, with it log10 of the growth; which paths make it so, by cuts of the way back; and the largest Lyapunov
exponent, from the largest singular value of ∂(h_T, c_T)/∂(h_0, c_0). The forget gate is a constant, so that three paths can be
cut. PyTorch cuts what the search asks for, two to three sets at most points, as rnntop does. Under vmap all points go the
same way: JAX cuts all eight sets, and makes as many rounds as the slowest point of this map takes. A second number of threads, such as `jax 2`, starts as many processes with a part of the points each.
"""

import os
import subprocess
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
BATCH = 51
ROUNDS = 6
START = rng.normal(size=2 * H)
START /= np.linalg.norm(START)
# The gates whose paths can be cut: block input, input gate, output gate (1, 2 and 4 of a set).
OPEN = (0, 1, 3)
SETS = np.array([[0.0 if s & (1 << k) else 1.0 for k in range(3)] for s in range(8)])
END = -(-T // 25)


def factor(norms):
    """r of |δc_1| … |δc_T|: the slope of its logarithm between the means of its two ends."""
    log = np.log(np.maximum(norms, 1e-300))
    return np.exp((log[..., :END].mean(-1) - log[..., -END:].mean(-1)) / (T - END))


def cause(r_of):
    """r, and the smallest set of paths without which the verdict is another one; 0 for the carousel itself."""
    verdict = lambda r: np.sign(np.log(r)) * (abs(np.log(r)) * T > np.log(2))
    r = r_of(0)
    if verdict(r) == 0 or verdict(r_of(7)) == verdict(r):
        return r, 0
    for sets in ((1, 2, 4), (3, 5, 6)):
        other = [s for s in sets if verdict(r_of(s)) != verdict(r)]
        if other:
            return r, (min if verdict(r) > 0 else max)(other, key=r_of)
    return r, 7


def with_torch(points):
    import torch

    torch.set_num_threads(1)
    w, r, x, v = (torch.tensor(a) for a in (W, R, X, V))

    def window(rho, f, h, c, taps, cut):
        inputs = torch.matmul(w, x.T)
        for t in range(T):
            if cut:
                paths = torch.stack([h if k not in OPEN or not cut & 1 << OPEN.index(k) else h.detach() for k in range(4)])
                a = inputs[:, :, t] + torch.matmul(rho * r, paths[:, :, None])[:, :, 0]
            else:
                a = inputs[:, :, t] + torch.matmul(rho * r, h)
            c = torch.sigmoid(a[1]) * torch.tanh(a[0]) + f * c + taps[t]
            h = torch.sigmoid(a[3]) * torch.tanh(c)
        return h, c

    zero, none = torch.zeros(H, dtype=torch.float64), torch.zeros(T, H, dtype=torch.float64)

    def point(rho, f):
        def r_of(cut):
            taps = torch.zeros(T, H, dtype=torch.float64, requires_grad=True)
            last, _ = window(rho, f, zero, zero, taps, cut)
            return factor(torch.autograd.grad(last @ v, taps)[0].norm(dim=1).numpy())

        known = {}
        r, paths = cause(lambda cut: known.setdefault(cut, r_of(cut)) if cut not in known else known[cut])
        start = torch.zeros(2 * H, dtype=torch.float64, requires_grad=True)
        end = torch.cat(window(rho, f, start[:H], start[H:], none, 0))
        rows = torch.autograd.grad(end, start, torch.eye(2 * H, dtype=torch.float64), is_grads_batched=True)[0]
        return r, paths, torch.log(torch.linalg.matrix_norm(rows, 2)).item() / T

    return [point(rho, f) for rho, f in points]


def with_jax(how):
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    v, sets = jnp.asarray(V), jnp.asarray(SETS)
    r = jnp.asarray(R[list(OPEN)])
    inputs = jnp.asarray(np.einsum("ghd,td->tgh", W[list(OPEN)], X))
    zero, taps = (jnp.zeros(H), jnp.zeros(H)), jnp.zeros((T, H))

    def by_autodiff(rho, f):
        def window(start, taps, keep):
            def step(state, at):
                h, c = state
                paths = [h * k + jax.lax.stop_gradient(h * (1 - k)) for k in keep] if keep is not None else [h, h, h]
                a = at[0] + rho * jnp.einsum("ghk,gk->gh", r, jnp.stack(paths))
                c = jax.nn.sigmoid(a[1]) * jnp.tanh(a[0]) + f * c + at[1]
                return (jax.nn.sigmoid(a[2]) * jnp.tanh(c), c), None

            return jax.lax.scan(step, start, (inputs, taps))[0]

        delta = lambda keep: jax.grad(lambda taps: window(zero, taps, keep)[0] @ v)(taps)
        whole = lambda s: jnp.concatenate(window((s[:H], s[H:]), taps, None))
        product = jax.jacfwd(whole)(jnp.zeros(2 * H))
        return jnp.linalg.norm(jax.vmap(delta)(sets), axis=-1), jnp.log(jnp.linalg.norm(product, 2))

    def written(rho, f):
        def forth(state, x):
            h, c = state
            a = x + rho * jnp.einsum("ghk,k->gh", r, h)
            z, i, o = jnp.tanh(a[0]), jax.nn.sigmoid(a[1]), jax.nn.sigmoid(a[2])
            c = i * z + f * c
            s = jnp.tanh(c)
            factors = rho * i * (1 - z * z), rho * z * i * (1 - i), rho * s * o * (1 - o), o * (1 - s * s)
            return (o * s, c), factors

        tape = jax.lax.scan(forth, zero, inputs)[1]

        def norms(keep):
            def back(state, at):
                h, c = state
                of_z, of_i, of_o, gain = at
                c = c + gain * h
                d = jnp.stack([keep[0] * of_z * c, keep[1] * of_i * c, keep[2] * of_o * h])
                return (jnp.einsum("ghk,gh->k", r, d), f * c), jnp.sqrt(jnp.sum(c * c))

            return jax.lax.scan(back, (v, jnp.zeros(H)), tape, reverse=True)[1]

        def times(state, at):
            h, c = state
            of_z, of_i, of_o, gain = (x[:, None] for x in at)
            p = jnp.einsum("ghk,kn->ghn", r, h)
            c = f * c + of_z * p[0] + of_i * p[1]
            return (of_o * p[2] + gain * c, c), None

        # σ² leaves float64 at many points: every step brings the vector to length 1.
        def near_one(h, c, log):
            size = jnp.sqrt(jnp.sum(h * h) + jnp.sum(c * c))
            return h / size, c / size, log + jnp.log(size)

        def once(state, at):
            h, c, log = state
            of_z, of_i, of_o, gain = at
            p = jnp.einsum("ghk,k->gh", r, h)
            c = f * c + of_z * p[0] + of_i * p[1]
            return near_one(of_o * p[2] + gain * c, c, log), None

        def back(state, at):
            h, c, log = state
            of_z, of_i, of_o, gain = at
            c = c + gain * h
            h = jnp.einsum("ghk,gh->k", r, jnp.stack([of_z * c, of_i * c, of_o * h]))
            return near_one(h, f * c, log), None

        def lanczos():
            basis, diagonal, beside, base = [jnp.asarray(START)], [], [], 0.0
            for k in range(ROUNDS):
                state = jax.lax.scan(once, (basis[-1][:H], basis[-1][H:], -base), tape)[0]
                h, c, log = jax.lax.scan(back, state, tape, reverse=True)[0]
                if k == 0:
                    base, log = log, 0.0
                x = jnp.concatenate([h, c]) * jnp.exp(log)
                diagonal.append(x @ basis[-1])
                for v in basis[::-1] + basis[::-1]:
                    x = x - (x @ v) * v
                beside.append(jnp.linalg.norm(x))
                basis.append(x / jnp.maximum(beside[-1], 1e-300))
            off = jnp.diag(jnp.stack(beside[:-1]), 1)
            return (base + jnp.log(jnp.linalg.eigvalsh(jnp.diag(jnp.stack(diagonal)) + off + off.T)[-1])) / 2

        if how == "jax-lanczos":
            return jax.vmap(norms)(sets), lanczos()
        eye = jnp.eye(2 * H)
        product = jnp.concatenate(jax.lax.scan(times, (eye[:H], eye[H:]), tape)[0])
        return jax.vmap(norms)(sets), jnp.log(jnp.linalg.norm(product, 2))

    many = jax.jit(jax.vmap(by_autodiff if how == "jax" else written))

    def run(points):
        found = []
        for k in range(0, len(points), BATCH):
            rho, f = np.array(points[k : k + BATCH]).T
            norms, largest = (np.asarray(a) for a in many(rho, f))
            r = factor(norms)
            found += [(*cause(r[n].__getitem__), largest[n] / T) for n in range(len(rho))]
        return found

    return run


name = sys.argv[1]
if len(sys.argv) > 2:
    parts = [subprocess.Popen([sys.executable, __file__, name]) for _ in range(int(sys.argv[2]))]
    sys.exit(max(part.wait() for part in parts))
peer = with_torch if name == "torch" else with_jax(name)
# Spread over the whole map; in whole rows, and twice, for JAX, which compiles at the first.
points = POINTS[::257] if name == "torch" else POINTS[::12][:408]
peer(points[: 1 if name == "torch" else BATCH])
wall, cpu = time.perf_counter(), time.process_time()
found = peer(points)
wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
count = len(points)
print(f"{name}: {count} points, {count / wall:.1f}/s of wall time, {count / cpu:.1f}/s of processor time")
r, paths, exponent = (np.array(a) for a in zip(*found))
print(f"mean of r {r.mean():.6f}, of λ {exponent.mean():.6f}, by paths {np.bincount(paths, minlength=8).tolist()}")
