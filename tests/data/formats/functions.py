"""Keras and ONNX files of cells whose functions are not PyTorch's, and what they compute.

Writes them and functions.json beside itself: the input, and for each file the last state and the norms of
dL/ds_t (s = c of an LSTM, h of a GRU) of L = sum(h_T), by PyTorch's autograd in float64 over the equations. The
file's own program must give the same last state first. The recurrent weights of the LSTM with relu are scaled
until its gradient explodes 512-fold on the way back. Needs torch, keras (on torch), onnx, onnxruntime, numpy.

    KERAS_BACKEND=torch python functions.py
"""
import json
import os
import pathlib

os.environ.setdefault("KERAS_BACKEND", "torch")
import keras
import numpy as np
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper, save

here = pathlib.Path(__file__).parent
H, D, T = 3, 5, 30
hard = lambda x: torch.clamp(0.2 * x + 0.5, 0, 1)
hard_6 = lambda x: torch.clamp(x / 6 + 0.5, 0, 1)
x = np.random.default_rng(5).normal(size=(T, D), scale=0.5).astype("float32")


def run(kind, weights, phi, gate, before=False):
    """Blocks in Keras' order: i, f, c, o and z, r, h. The last h, and |dL/ds_t|."""
    kernel, recurrent, bias = [torch.tensor(w, dtype=torch.float64) for w in weights]
    n = 4 if kind == "lstm" else 3
    W, R = [w.T.reshape(n, H, -1) for w in (kernel, recurrent)]
    b = bias.reshape(-1, n, H)
    h, c = torch.zeros(H, dtype=torch.float64), torch.zeros(H, dtype=torch.float64)
    kept = []
    for row in torch.tensor(x, dtype=torch.float64):
        a = [W[k] @ row + b[0][k] for k in range(n)]
        if kind == "lstm":
            i, f, z, o = [g(a[k] + R[k] @ h) for k, g in enumerate([gate, gate, phi, gate])]
            c = f * c + i * z if kept else i * z
            c.requires_grad_()
            c.retain_grad()
            h = o * phi(c)
            kept.append(c)
        else:
            z, r = [gate(a[k] + R[k] @ h + (b[1][k] if len(b) > 1 else 0)) for k in range(2)]
            second = b[1][2] if len(b) > 1 else 0
            of_h = R[2] @ (r * h) + second if before else r * (R[2] @ h + second)
            h = z * h + (1 - z) * phi(a[2] + of_h)
            h.requires_grad_()
            h.retain_grad()
            kept.append(h)
    h.sum().backward()
    return h.detach().numpy(), [s.grad.norm().item() for s in kept]


def keras_weights(layer, seed, scale=1.0):
    rng = np.random.default_rng(seed)
    layer.build((None, T, D))
    weights = [rng.normal(size=w.shape, scale=0.4).astype("float32") for w in layer.get_weights()]
    if scale != 1:
        weights[1] = np.abs(weights[1] * scale).astype("float32")
    # The gate that keeps is open: f of an LSTM, z of a GRU. Units of relu are alive.
    keeps = slice(H, 2 * H) if isinstance(layer, keras.layers.LSTM) else slice(0, H)
    weights[2].reshape(-1)[keeps] += 2
    layer.set_weights(weights)
    return weights


facts = {}


def note(name, theirs, ours):
    h, norms = ours
    np.testing.assert_allclose(theirs, h, rtol=1e-4, atol=1e-5)
    facts[name] = {"h": h.tolist(), "grad": norms}


def keras_file(name, kind, layer, phi, gate, seed, before=False, scale=1.0):
    weights = keras_weights(layer, seed, scale)
    model = keras.Sequential([keras.Input((T, D)), layer])
    model.save(here / name)
    theirs = np.asarray(keras.ops.convert_to_numpy(layer(x[None])))[0]
    note(name, theirs, run(kind, weights, phi, gate, before))


def onnx_file(name, kind, phi, gate, seed, **attributes):
    rng = np.random.default_rng(seed)
    n = 4 if kind == "LSTM" else 3
    blocks = [rng.normal(size=(n, H, k), scale=0.4).astype("float32") for k in (D, H)]
    b = rng.normal(size=(2, n, H), scale=0.4).astype("float32")
    w, r = [block.reshape(1, n * H, -1) for block in blocks]
    values = {"w": w, "r": r, "b": b.reshape(1, -1)}
    node = helper.make_node(kind, ["x", "w", "r", "b"], ["", "h"], f"/reader/{kind}", hidden_size=H, **attributes)
    graph = helper.make_graph(
        [node],
        "model",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [T, 1, D])],
        [helper.make_tensor_value_info("h", TensorProto.FLOAT, ["a", "b", "c"])],
        [numpy_helper.from_array(v, k) for k, v in values.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    save(model, here / name)
    theirs = onnxruntime.InferenceSession(model.SerializeToString()).run(["h"], {"x": x[:, None]})[0][0, 0]
    # ONNX has i, o, f, c and z, r, h.
    order = [0, 2, 3, 1] if kind == "LSTM" else [0, 1, 2]
    columns = lambda block: block[order].reshape(n * H, -1).T
    bias = b[:, order]
    if kind == "LSTM":
        bias = bias.astype("float64").sum(0)
    weights = [columns(blocks[0]), columns(blocks[1]), bias]
    before = kind == "GRU" and not attributes.get("linear_before_reset")
    note(name, theirs, run(kind.lower(), weights, phi, gate, before))


def exploding():
    """The scale of the recurrent weights at which the gradient of the relu LSTM grows 512-fold."""
    low, high = 0.1, 4.0
    for _ in range(60):
        middle = (low + high) / 2
        weights = keras_weights(keras.layers.LSTM(H), 4, middle)
        norms = run("lstm", weights, torch.relu, torch.sigmoid)[1]
        low, high = (low, middle) if norms[0] / norms[-1] > 512 else (middle, high)
    return (low + high) / 2


Lstm, Gru = keras.layers.LSTM, keras.layers.GRU
keras_file("keras_relu.keras", "lstm", Lstm(H, activation="relu", name="reader"), torch.relu, torch.sigmoid, 4, scale=exploding())
keras_file("keras_before.keras", "gru", Gru(H, activation="relu", reset_after=False, name="reader"), torch.relu, torch.sigmoid, 3, True)
keras_file("keras_hard.keras", "lstm", Lstm(H, recurrent_activation="hard_sigmoid", name="reader"), torch.tanh, hard_6, 5)
onnx_file("onnx_before.onnx", "GRU", torch.tanh, torch.sigmoid, 6)
onnx_file("onnx_hard.onnx", "LSTM", torch.tanh, hard, 7, activations=["HardSigmoid", "Tanh", "Tanh"])
# alpha and beta are in the order of the activations that take them.
onnx_file("onnx_hard_6.onnx", "GRU", torch.nn.functional.softsign, hard_6, 8, activations=["HardSigmoid", "Softsign"],
          activation_alpha=[1 / 6], activation_beta=[0.5], linear_before_reset=1)
(here / "functions.json").write_text(json.dumps({"input": x.tolist(), "files": facts}, separators=(",", ":")) + "\n")
for name, fact in facts.items():
    print(name, fact["grad"][0] / fact["grad"][-1])
