"""Models of every format, each beside its twin: the same weights in a .safetensors file with PyTorch's names.

For Keras and ONNX the twin is run by PyTorch and the file by its own program, on the same input, and both
must give the same states: so a twin is right before anything here reads it. Sizes are odd on purpose, so that
no two dimensions agree. Needs torch, keras (on torch), h5py, onnx, onnxruntime, safetensors, numpy.

    KERAS_BACKEND=torch python make.py
"""
import collections
import json
import os
import pathlib

os.environ.setdefault("KERAS_BACKEND", "torch")
import h5py
import keras
import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn

here = pathlib.Path(__file__).parent
H, D, T = 3, 5, 7


def twin(name, modules):
    """The weights of modules by name, an empty one for the model itself."""
    tensors = {}
    for module_name, module in modules.items():
        for key, value in module.state_dict().items():
            full = f"{module_name}.{key}" if module_name else key
            tensors[full] = value.detach().clone().contiguous()
    save_file(tensors, here / f"{name}.twin.safetensors")


# ------------------------------------------------------------------------------------------ PyTorch


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(4, D)
        self.encoder = nn.LSTM(D, H, 2, bidirectional=True)
        self.relu = nn.RNN(D, H, nonlinearity="relu")
        self.head = nn.Linear(H, 2)


def pytorch():
    torch.manual_seed(1)
    model = Model()
    save = torch.save
    optimizer = torch.optim.Adam(model.parameters())
    out, _ = model.encoder(torch.zeros(2, 1, D))
    (out.sum() + model.relu(torch.zeros(2, 1, D))[0].sum()).backward()
    optimizer.step()
    state = model.state_dict()
    twin("pytorch", {"encoder": model.encoder, "relu": model.relu})
    save(state, here / "state_dict.pt")
    save(state, here / "legacy.pt", _use_new_zipfile_serialization=False)
    # Not in the older format, which copies the source of each class into the file.
    fresh = Model()
    fresh.load_state_dict(state)
    save(fresh, here / "whole.pt")
    checkpoint = {
        "epoch": 3,
        "state_dict": {f"model.{k}": v for k, v in state.items()},
        "optimizer_states": [optimizer.state_dict()],
        "hyper_parameters": {"lr": 0.1, "names": ["a", None, True]},
    }
    save(checkpoint, here / "lightning.ckpt")
    parallel = {"module._orig_mod." + k: v for k, v in state.items()}
    save({"model": parallel, "optimizer": optimizer.state_dict()}, here / "parallel.pt")
    gru = nn.GRU(D, H)
    twin("gru", {"": gru})
    weights = gru.state_dict()
    # Column by column, and all in one storage.
    turned = {k: (v.t().contiguous().t() if v.dim() == 2 else v) for k, v in weights.items()}
    save(turned, here / "strides.pt")
    flat = torch.cat([torch.zeros(2)] + [v.reshape(-1) for v in weights.values()])
    shared, at = collections.OrderedDict(), 2
    for key, value in weights.items():
        shared[key] = flat[at : at + value.numel()].view(value.shape)
        at += value.numel()
    save(shared, here / "shared.pt")
    save({k: nn.Parameter(v.double()) for k, v in weights.items()}, here / "float64.pt")
    half = {k: v.bfloat16() for k, v in weights.items()}
    save(half, here / "bfloat16.pt")
    save_file(half, here / "bfloat16.twin.safetensors")
    torch.jit.script(gru).save(here / "script.pt")


# -------------------------------------------------------------------------------------------- Keras


def from_keras(kind, weights, after=True):
    """A PyTorch module of one layer with the weights of a Keras layer."""
    kernel, recurrent, *bias = [torch.tensor(np.asarray(w)) for w in weights]
    h, d = recurrent.shape[0], kernel.shape[0]
    module = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}[kind](d, h)
    order = {"lstm": [0, 1, 2, 3], "gru": [1, 0, 2], "rnn": [0]}[kind]

    def rows(matrix):
        blocks = matrix.t().reshape(len(order), h, -1)
        return blocks[order].reshape(len(order) * h, -1)

    def vector(v):
        return v.reshape(len(order), h)[order].reshape(-1)

    both = [bias[0], torch.zeros_like(bias[0])] if bias[0].dim() == 1 else list(bias[0])
    state = {
        "weight_ih_l0": rows(kernel),
        "weight_hh_l0": rows(recurrent),
        "bias_ih_l0": vector(both[0]),
        "bias_hh_l0": vector(both[1]),
    }
    module.load_state_dict(state)
    return module


def randomise(layer, seed):
    rng = np.random.default_rng(seed)
    layer.set_weights([rng.normal(size=w.shape, scale=0.6).astype("float32") for w in layer.get_weights()])


def agree(layer, module, x):
    ours = module(torch.tensor(x)[:, None])[0][-1, 0].detach().numpy()
    theirs = np.asarray(keras.ops.convert_to_numpy(layer(x[None])))[0]
    np.testing.assert_allclose(ours, theirs[-1] if theirs.ndim == 2 else theirs, atol=2e-6)


def keras_files():
    x = np.random.default_rng(5).normal(size=(T, D)).astype("float32")
    for kind, layer in [
        ("lstm", keras.layers.LSTM(H, name="reader")),
        ("gru", keras.layers.GRU(H, name="reader")),
        ("rnn", keras.layers.SimpleRNN(H, name="reader")),
    ]:
        model = keras.Sequential([keras.Input((T, D)), layer, keras.layers.Dense(2)])
        randomise(layer, 11)
        module = from_keras(kind, layer.get_weights())
        agree(layer, module, x)
        model.save(here / f"keras_{kind}.keras")
        twin(f"keras_{kind}", {"reader": module})
    backwards = keras.layers.LSTM(H, go_backwards=True, name="reader")
    keras.Sequential([keras.Input((T, D)), backwards]).save(here / "keras_backwards.keras")
    # Both directions, and the older HDF5 with the configuration in it.
    both = keras.layers.Bidirectional(keras.layers.LSTM(H, return_sequences=True), name="both")
    model = keras.Sequential([keras.Input((T, D)), both])
    randomise(both, 13)
    weights = both.get_weights()
    module = nn.LSTM(D, H, bidirectional=True)
    forward, backward = from_keras("lstm", weights[:3]), from_keras("lstm", weights[3:])
    state = forward.state_dict() | {f"{k}_reverse": v for k, v in backward.state_dict().items()}
    module.load_state_dict(state)
    ours = module(torch.tensor(x)[:, None])[0][:, 0].detach().numpy()
    np.testing.assert_allclose(ours, np.asarray(keras.ops.convert_to_numpy(both(x[None])))[0], atol=2e-6)
    model.save(here / "keras_both.keras")
    model.save(here / "keras_both.h5")
    twin("keras_both", {"both": module})
    old_weights(x)


def old_weights(x):
    """Files of weights alone as Keras 2 wrote them, and a layer of cuDNN."""
    rng = np.random.default_rng(17)
    draw = lambda *shape: rng.normal(size=shape, scale=0.6).astype("float32")
    kernel, recurrent, bias = draw(D, 4 * H), draw(H, 4 * H), draw(4 * H)
    module = from_keras("lstm", [kernel, recurrent, bias])
    twin("keras_weights", {"lstm_1": module})
    for version, name in [("2.4.0", "keras_weights"), ("2.2.0", "keras_old")]:
        with h5py.File(here / f"{name}.h5", "w") as file:
            file.attrs["keras_version"] = version
            group = file.create_group("lstm_1/lstm_1")
            for key, value in [("kernel:0", kernel), ("recurrent_kernel:0", recurrent), ("bias:0", bias)]:
                group[key] = value
    # keras.src.legacy.saving converts a CuDNNLSTM's weights so:
    #   kernel block = k.T.reshape(k.shape, order="F"), recurrent block = k.T, biases add up.
    kernel, recurrent, bias = draw(D, 4 * H), draw(H, 4 * H), draw(8 * H)
    blocks = lambda matrix, change: np.hstack([change(k) for k in np.hsplit(matrix, 4)])
    plain = [
        blocks(kernel, lambda k: k.T.reshape(k.shape, order="F")),
        blocks(recurrent, lambda k: k.T),
        bias.reshape(2, -1).sum(0),
    ]
    module = from_keras("lstm", plain)
    layer = keras.layers.LSTM(H)
    keras.Sequential([keras.Input((T, D)), layer])
    layer.set_weights(plain)
    agree(layer, module, x)
    state = module.state_dict()
    halves = torch.tensor(bias.reshape(2, -1))
    state["bias_ih_l0"], state["bias_hh_l0"] = halves[0].clone(), halves[1].clone()
    module.load_state_dict(state)
    twin("keras_cudnn", {"cu_dnnlstm_1": module})
    with h5py.File(here / "keras_cudnn.h5", "w") as file:
        file.attrs["keras_version"] = "2.4.0"
        group = file.create_group("model_weights/cu_dnnlstm_1/cu_dnnlstm_1")
        for key, value in [("kernel:0", kernel), ("recurrent_kernel:0", recurrent), ("bias:0", bias)]:
            group[key] = value
        file.create_group("optimizer_weights")["kernel:0"] = kernel


# --------------------------------------------------------------------------------------------- ONNX


def to_onnx(module, kind):
    """W, R and B of a torch module of one layer in ONNX's order of gates."""
    order = {"LSTM": [0, 3, 1, 2], "GRU": [1, 0, 2], "RNN": [0]}[kind]

    def rows(tensor):
        tensor = tensor.detach().numpy()
        return np.concatenate([np.split(tensor, len(order))[g] for g in order])

    def direction(suffix):
        get = lambda name: rows(getattr(module, f"{name}_l0{suffix}"))
        return get("weight_ih"), get("weight_hh"), np.concatenate([get("bias_ih"), get("bias_hh")])

    suffixes = ["", "_reverse"] if module.bidirectional else [""]
    return [np.stack(part) for part in zip(*map(direction, suffixes))]


def run_onnx(nodes, initializers, name, outputs, x=None):
    from onnx import TensorProto, checker, helper, numpy_helper, save

    tensors = [numpy_helper.from_array(np.ascontiguousarray(v), k) for k, v in initializers.items()]
    graph = helper.make_graph(
        nodes,
        "model",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [T, 1, D])],
        [helper.make_tensor_value_info(outputs, TensorProto.FLOAT, ["a", "b", "c"])],
        tensors,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    checker.check_model(model)
    save(model, here / f"{name}.onnx")
    if x is not None:
        import onnxruntime

        session = onnxruntime.InferenceSession(model.SerializeToString())
        return session.run([outputs], {"x": x[:, None]})[0]


def onnx_files():
    from onnx import helper

    torch.manual_seed(3)
    x = np.random.default_rng(5).normal(size=(T, D)).astype("float32")
    for kind, module, extra in [
        ("LSTM", nn.LSTM(D, H, bidirectional=True), {"direction": "bidirectional"}),
        ("GRU", nn.GRU(D, H), {"linear_before_reset": 1}),
        ("RNN", nn.RNN(D, H), {}),
    ]:
        w, r, b = to_onnx(module, kind)
        node = helper.make_node(kind, ["x", "w", "r", "b"], ["", "h"], f"/reader/{kind}", hidden_size=H, **extra)
        got = run_onnx([node], {"w": w, "r": r, "b": b}, f"onnx_{kind.lower()}", "h", x)
        last = module(torch.tensor(x)[:, None])[1]
        last = last[0] if kind == "LSTM" else last
        np.testing.assert_allclose(got, last.detach().numpy(), atol=2e-6)
        twin(f"onnx_{kind.lower()}", {"reader": module})
    lstm = to_onnx(nn.LSTM(D, H), "LSTM")
    for name, extra in [
        ("clip", {"clip": 3.0}),
        ("coupled", {"input_forget": 1}),
        ("backwards", {"direction": "reverse"}),
    ]:
        node = helper.make_node("LSTM", ["x", "w", "r", "b"], ["", "h"], "/reader/LSTM", hidden_size=H, **extra)
        run_onnx([node], dict(zip("wrb", lstm)), f"onnx_{name}", "h")
    # Two layers, the weights moved about before they are read: cut out of a larger matrix, transposed, put together.
    stack = nn.LSTM(D, H, 2)
    first, second = nn.LSTM(D, H), nn.LSTM(H, H)
    first.load_state_dict({k: v for k, v in stack.state_dict().items() if k.endswith("l0")})
    second.load_state_dict({k[:-1] + "0": v for k, v in stack.state_dict().items() if k.endswith("l1")})
    (w0, r0, b0), (w1, r1, b1) = to_onnx(first, "LSTM"), to_onnx(second, "LSTM")
    nodes = [
        helper.make_node("Transpose", ["w0t"], ["w0f"], perm=[1, 0]),
        helper.make_node("Unsqueeze", ["w0f", "axis"], ["w0"]),
        helper.make_node("Slice", ["both", "zero", "end", "rows"], ["r0f"]),
        helper.make_node("Unsqueeze", ["r0f", "axis"], ["r0"]),
        helper.make_node("Concat", ["b0a", "b0b"], ["b0f"], axis=0),
        helper.make_node("Unsqueeze", ["b0f", "axis"], ["b0"]),
        helper.make_node("LSTM", ["x", "w0", "r0", "b0"], ["y0"], "/deep/LSTM", hidden_size=H),
        helper.make_node("Squeeze", ["y0", "one"], ["y0f"]),
        helper.make_node("LSTM", ["y0f", "w1", "r1", "b1"], ["", "h"], "/deep/LSTM_1", hidden_size=H),
    ]
    constants = {
        "w0t": w0[0].T,
        "both": np.concatenate([r0[0], np.ones_like(r0[0])]),
        "b0a": b0[0][: 4 * H],
        "b0b": b0[0][4 * H :],
        "w1": w1,
        "r1": r1,
        "b1": b1,
        "axis": np.array([0]),
        "one": np.array([1]),
        "zero": np.array([0]),
        "end": np.array([4 * H]),
        "rows": np.array([0]),
    }
    got = run_onnx(nodes, constants, "onnx_deep", "h", x)
    last = stack(torch.tensor(x)[:, None])[1][0][-1:]
    np.testing.assert_allclose(got, last.detach().numpy(), atol=2e-6)
    twin("onnx_deep", {"deep": stack})


# --------------------------------------------------------------------- other names for the same weights


def other_names():
    torch.manual_seed(4)
    lstm, gru, rnn = nn.LSTM(D, H), nn.GRU(D, H), nn.RNN(D, H)
    # One bias, where a program has only one; the GRU's candidate has a second.
    lstm.bias_hh_l0.data.zero_()
    rnn.bias_hh_l0.data.zero_()
    gru.bias_hh_l0.data[: 2 * H] = 0
    for name, module in [("lstm", lstm), ("gru", gru), ("rnn", rnn)]:
        twin(f"names_{name}", {"net.rec": module})
    w, r = lstm.weight_ih_l0.detach(), lstm.weight_hh_l0.detach()
    gw, gr = gru.weight_ih_l0.detach(), gru.weight_hh_l0.detach()
    gb, gn = gru.bias_ih_l0.detach(), gru.bias_hh_l0.detach()[2 * H :]
    b = lstm.bias_ih_l0.detach()

    def save(name, tensors):
        tensors = {f"net.rec.{k}": v.contiguous().clone() for k, v in tensors.items()}
        save_file(tensors, here / f"names_{name}.safetensors")

    save("equinox_lstm", {"weight_ih": w, "weight_hh": r, "bias": b})
    save("equinox_gru", {"weight_ih": gw, "weight_hh": gr, "bias": gb, "bias_n": gn})
    save("mlx_lstm", {"Wx": w, "Wh": r, "bias": b})
    save("mlx_gru", {"Wx": gw, "Wh": gr, "b": gb, "bhn": gn})
    weights = rnn.state_dict()
    save("mlx_rnn", {"Wxh": weights["weight_ih_l0"], "Whh": weights["weight_hh_l0"], "bias": weights["bias_ih_l0"]})
    flax, burn = {}, {}
    for g, (gate, long) in enumerate(zip("ifgo", ["input_gate", "forget_gate", "cell_gate", "output_gate"])):
        at = slice(g * H, (g + 1) * H)
        flax |= {f"i{gate}.kernel": w[at].t(), f"h{gate}.kernel": r[at].t(), f"h{gate}.bias": b[at]}
        burn |= {
            f"{long}.input_transform.weight": w[at].t(),
            f"{long}.input_transform.bias": b[at],
            f"{long}.hidden_transform.weight": r[at].t(),
            f"{long}.hidden_transform.bias": torch.zeros(H),
        }
    save("flax_lstm", flax)
    save("burn_lstm", burn)
    flax = {}
    for g, gate in enumerate("rzn"):
        at = slice(g * H, (g + 1) * H)
        flax |= {f"i{gate}.kernel": gw[at].t(), f"h{gate}.kernel": gr[at].t(), f"i{gate}.bias": gb[at]}
    save("flax_gru", flax | {"hn.bias": gn})
    save("keras_lstm", {"kernel": w.t(), "recurrent_kernel": r.t(), "bias": b})
    # A weight's norm apart from its direction, in both of PyTorch's ways.
    with_norm = nn.LSTM(D, H)
    twin("names_norm", {"net.rec": with_norm})
    for name, function in [("old", nn.utils.weight_norm), ("new", nn.utils.parametrizations.weight_norm)]:
        copy = nn.LSTM(D, H)
        copy.load_state_dict(with_norm.state_dict())
        save(f"norm_{name}", function(copy, "weight_hh_l0").state_dict())
    state = {f"net.rec.{k}": v.numpy() for k, v in lstm.state_dict().items()}
    np.savez(here / "names_plain.npz", **state)
    columns = {k: np.asfortranarray(v) for k, v in state.items()}
    np.savez_compressed(here / "names_packed.npz", **columns)
    text = {"epoch": 3, "note": "x", "state_dict": {k: v.astype(float).tolist() for k, v in state.items()}}
    (here / "names.json").write_text(json.dumps(text))


if __name__ == "__main__":
    pytorch()
    keras_files()
    onnx_files()
    other_names()
