"""Further models, each beside its twin with PyTorch's names: types, tags and nodes that make.py has not.

    KERAS_BACKEND=torch python more.py
"""
import json
import os
import pathlib
import zipfile

os.environ.setdefault("KERAS_BACKEND", "torch")
import keras
import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from safetensors.torch import load_file, save_file

here = pathlib.Path(__file__).parent
H, D = 3, 5


def pytorch():
    weights = load_file(here / "gru.twin.safetensors")
    half = {key: value.half() for key, value in weights.items()}
    torch.save(half, here / "half.pt")
    save_file(half, here / "half.twin.safetensors")
    # As a machine with a GPU tags it; the numbers stand where they stood.
    torch.save(weights, here / "cuda.pt")
    with zipfile.ZipFile(here / "cuda.pt") as archive:
        files = [(info.filename, archive.read(info)) for info in archive.infolist()]
    tags = b"X\x03\x00\x00\x00cpu", b"X\x06\x00\x00\x00cuda:0"
    with zipfile.ZipFile(here / "cuda.pt", "w") as archive:
        for name, content in files:
            archive.writestr(name, content.replace(*tags) if name.endswith("data.pkl") else content)
    nested = {"state_dict": {f"rec.{key}": value.tolist() for key, value in weights.items()}}
    (here / "nested.json").write_text(json.dumps(nested))


def nodes():
    rng = np.random.default_rng(8)
    shapes = {"W": (1, 4 * H, D), "R": (1, 4 * H, H), "B": (1, 8 * H), "P": (1, 3 * H)}
    arrays = {name: rng.normal(size=shape).astype("float32") for name, shape in shapes.items()}
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, None)

    def node(name, inputs="x W R B", **attributes):
        return helper.make_node("LSTM", inputs.split(), [f"y_{name}"], name, hidden_size=H, **attributes)

    def output(name):
        return helper.make_tensor_value_info(f"y_{name}", TensorProto.FLOAT, None)

    def save(file, node, names, inputs=(), **options):
        given = [numpy_helper.from_array(arrays[name], name) for name in names]
        y = helper.make_tensor_value_info(node.output[0], TensorProto.FLOAT, None)
        graph = helper.make_graph([node], "graph", [x, *inputs], [y], given)
        onnx.save(helper.make_model(graph), here / f"{file}.onnx", **options)

    peepholes = node("reader")
    peepholes.input.extend(["", "", "", "P"])
    save("onnx_peepholes", peepholes, "WRBP")
    save("onnx_layout", node("reader", layout=1), "WRB")
    elsewhere = {"save_as_external_data": True, "size_threshold": 0, "location": "elsewhere.data"}
    save("onnx_external", node("reader"), "WRB", **elsewhere)
    (here / "elsewhere.data").unlink()
    # Two ways through the same cell.
    ways = [helper.make_graph([node(name)], name, [], [output(name)]) for name in ["first", "second"]]
    choice = helper.make_tensor_value_info("choice", TensorProto.BOOL, [])
    branches = helper.make_node("If", ["choice"], ["y"], then_branch=ways[0], else_branch=ways[1])
    save("onnx_branches", branches, "WRB", [choice])

    def rows(matrix):
        i, o, f, c = np.split(matrix, 4)
        return torch.tensor(np.concatenate([i, f, c, o]))

    biases = np.split(arrays["B"][0], 2)
    state = {"weight_ih_l0": rows(arrays["W"][0]), "weight_hh_l0": rows(arrays["R"][0])}
    state |= {"bias_ih_l0": rows(biases[0]), "bias_hh_l0": rows(biases[1])}
    save_file(state, here / "onnx_plain.twin.safetensors")
    i, o, f = np.split(arrays["P"][0], 3)
    for name, p in [("i", i), ("f", f), ("o", o)]:
        state[f"weight_peephole_{name}_l0"] = torch.tensor(p)
    save_file(state, here / "onnx_peepholes.twin.safetensors")


def keras_layers():
    """Two layers of different H with a Dropout between, whole, written by Keras itself."""
    keras.utils.set_random_seed(2)
    layers = [keras.layers.LSTM(4, return_sequences=True, name="a"), keras.layers.LSTM(H, name="b")]
    parts = [keras.Input((7, D)), layers[0], keras.layers.Dropout(0.1), layers[1], keras.layers.Dense(1)]
    model = keras.Sequential(parts)
    model.save(here / "keras_two.keras")
    model.save(here / "keras_two.h5")
    state = {}
    for layer in layers:
        kernel, recurrent, bias = [torch.tensor(np.asarray(w)) for w in layer.get_weights()]
        state[f"{layer.name}.weight_ih_l0"] = kernel.t().contiguous()
        state[f"{layer.name}.weight_hh_l0"] = recurrent.t().contiguous()
        state[f"{layer.name}.bias_ih_l0"] = bias
        state[f"{layer.name}.bias_hh_l0"] = torch.zeros_like(bias)
    save_file(state, here / "keras_two.twin.safetensors")


def moved():
    """Weights that are put together along the rows of their direction, and written in another type."""
    rng = np.random.default_rng(9)
    w, r, b = [rng.normal(size=s).astype("float16") for s in [(1, 4 * H, D), (1, 4 * H, H), (1, 8 * H)]]
    given = {"top": w[:, : 2 * H].astype("float32"), "rest": w[:, 2 * H :].astype("float32")}
    given |= {"wide": r.astype("float64"), "narrow": b}
    before = [
        helper.make_node("Concat", ["top", "rest"], ["W"], axis=1),
        helper.make_node("Cast", ["wide"], ["R"], to=TensorProto.FLOAT),
        helper.make_node("Cast", ["narrow"], ["B"], to=TensorProto.FLOAT),
    ]
    cell = helper.make_node("LSTM", ["x", "W", "R", "B"], ["y"], "reader", hidden_size=H)
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in "xy"]
    constants = [numpy_helper.from_array(value, name) for name, value in given.items()]
    graph = helper.make_graph([*before, cell], "graph", ends[:1], ends[1:], constants)
    onnx.save(helper.make_model(graph), here / "onnx_moved.onnx")

    def rows(matrix):
        i, o, f, c = np.split(matrix.astype("float32"), 4)
        return torch.tensor(np.concatenate([i, f, c, o]))

    biases = np.split(b[0], 2)
    state = {"weight_ih_l0": rows(w[0]), "weight_hh_l0": rows(r[0])}
    state |= {"bias_ih_l0": rows(biases[0]), "bias_hh_l0": rows(biases[1])}
    save_file(state, here / "onnx_moved.twin.safetensors")


def refused():
    """A gate of another slope, and a layer of Keras with several cells."""
    rng = np.random.default_rng(10)
    shapes = {"W": (1, 4 * H, D), "R": (1, 4 * H, H)}
    constants = [numpy_helper.from_array(rng.normal(size=s).astype("float32"), n) for n, s in shapes.items()]
    slope = {"activations": ["HardSigmoid", "Tanh", "Tanh"], "activation_alpha": [0.25], "activation_beta": [0.5]}
    cell = helper.make_node("LSTM", ["x", "W", "R"], ["y"], "reader", hidden_size=H, **slope)
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in "xy"]
    graph = helper.make_graph([cell], "graph", ends[:1], ends[1:], constants)
    onnx.save(helper.make_model(graph), here / "onnx_quarter.onnx")
    small = {"small": np.ones(shapes["W"], "int8"), "scale": np.float32(0.01)}
    constants = [constants[1], *(numpy_helper.from_array(np.asarray(v), n) for n, v in small.items())]
    restored = helper.make_node("DequantizeLinear", ["small", "scale"], ["W"])
    cell = helper.make_node("LSTM", ["x", "W", "R"], ["y"], "reader", hidden_size=H)
    graph = helper.make_graph([restored, cell], "graph", ends[:1], ends[1:], constants)
    onnx.save(helper.make_model(graph), here / "onnx_quantised.onnx")
    keras.utils.set_random_seed(3)
    cells = [keras.layers.LSTMCell(4), keras.layers.LSTMCell(H)]
    parts = [keras.Input((7, D)), keras.layers.RNN(cells, name="reader")]
    keras.Sequential(parts).save(here / "keras_stacked.keras")


pytorch()
nodes()
keras_layers()
moved()
refused()
