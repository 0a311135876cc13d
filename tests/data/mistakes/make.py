"""Files with one mistake each, for `tests/all/mistakes.rs`: FORMAT.MISTAKE.ENDING.

    python make.py        # numpy 2, torch 2, h5py 3, onnx 1, safetensors

A model is an RNN of two units with one input, `rnn.weight_ih_l0` (2 x 1) and `rnn.weight_hh_l0` (2 x 2), or in Keras a layer
`rnn`. What the formats cannot have is absent: cycles in .npz, .json and .safetensors, a name twice in HDF5. Files that end
too soon are cut by the test.
"""

import io
import json
import pickle
import struct
import zipfile
from pathlib import Path

import h5py
import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

HERE = Path(__file__).parent
HOSTILE = "\x1b]0;owned\x07\u202e"
IH, HH = "rnn.weight_ih_l0", "rnn.weight_hh_l0"
W, R = np.full((2, 1), 0.5, "f4"), np.array([[0.5, 0.1], [0.2, 0.4]], "f4")
R_NAN = np.array([[0.5, np.nan], [0.2, 0.4]], "f4")
R_SHAPE = np.full((2, 3), 0.5, "f4")


def write(name, data):
    (HERE / name).write_bytes(data)


def zipped(files, kind=zipfile.ZIP_STORED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", kind) as archive:
        for name, data in files:
            # The same date in every archive.
            info = zipfile.ZipInfo(name)
            info.compress_type = kind
            archive.writestr(info, data)
    return buffer.getvalue()


# PyTorch, both containers.

def state(r=R, name=HH):
    return {IH: torch.from_numpy(W), name: torch.from_numpy(r)}


def cycle():
    found = {IH: torch.from_numpy(W)}
    found["again"] = found
    return found


def saved(what, zip_):
    buffer = io.BytesIO()
    torch.save(what, buffer, _use_new_zipfile_serialization=zip_)
    data = buffer.getvalue()
    if not zip_:
        # The keys of storages are addresses, other ones every time.
        keys = pickle.loads(data[data.rindex(b"\x80\x02]") :])
        for k, key in enumerate(sorted(keys, key=lambda key: data.index(key.encode()))):
            data = data.replace(key.encode(), str(k).rjust(len(key), "0").encode())
    return data


def same_date(data):
    """A torch archive as a plain zip."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [(info.filename, archive.read(info)) for info in archive.infolist()]


for name, zip_ in [("zip", True), ("legacy", False)]:
    models = {
        "bomb": {IH: torch.from_numpy(W), HH: torch.zeros(1).expand(40000, 40000)},
        "cycle": cycle(),
        "shape": state(R_SHAPE),
        "nan": state(R_NAN),
        "hostile": {IH: torch.from_numpy(W), f"rnn{HOSTILE}.weight_hh_l0": torch.from_numpy(R)},
    }
    for mistake, model in models.items():
        data = saved(model, zip_)
        data = zipped(same_date(data)) if zip_ else data
        write(f"{name}.{mistake}.pt", data)
files = same_date(saved(state(), True))
write("zip.twice.pt", zipped(files + [file for file in files if file[0].endswith("data/0")]))
write("zip.deflated.pt", zipped([(n, b"\0" * 80_000_000 if n.endswith("data/0") else d) for n, d in files], zipfile.ZIP_DEFLATED))
write("sound.pt", saved(state(), False))
# A dictionary with one key twice.
write("legacy.twice.pt", saved(state(), False).replace(b"weight_ih_l0", b"weight_hh_l0"))
keys_twice = [(n, d.replace(b"weight_ih_l0", b"weight_hh_l0")) for n, d in files]
write("zip.key_twice.pt", zipped(keys_twice))


# HDF5 and Keras 3.

CONFIG = {
    "class_name": "Sequential",
    "config": {
        "name": "model",
        "layers": [{
            "class_name": "SimpleRNN",
            "config": {"name": "rnn", "units": 2, "activation": "tanh", "use_bias": False, "go_backwards": False},
        }],
    },
}


def h5(group, r=R, dataset=None, cycle=False, config=None):
    buffer = io.BytesIO()
    with h5py.File(buffer, "w", track_order=False) as file:
        if config:
            file.attrs["model_config"] = json.dumps(config)
        cell = file.create_group(group)
        cell.create_dataset("kernel:0" if config else "0", data=W.T)
        if dataset:
            dataset(cell, "recurrent_kernel:0" if config else "1")
        else:
            cell.create_dataset("recurrent_kernel:0" if config else "1", data=r)
        if cycle:
            cell["again"] = file["/"]
    return buffer.getvalue()


def promised(cell, name):
    """A dataset that takes no room in the file."""
    cell.create_dataset(name, (40000, 40000), "f4")


def deflated(cell, name):
    """Zeros, packed to a thousandth."""
    cell.create_dataset(name, data=np.zeros((2, 8_000_000), "f4"), chunks=(2, 8_000_000), compression=9)


def named(name):
    config = json.loads(json.dumps(CONFIG))
    config["config"]["layers"][0]["config"]["name"] = name
    return config


MISTAKES = {
    "bomb": {"dataset": promised},
    "deflated": {"dataset": deflated},
    "cycle": {"cycle": True},
    "shape": {"r": R_SHAPE},
    "nan": {"r": R_NAN},
}
for mistake, how in MISTAKES.items():
    if mistake != "deflated":
        write(f"h5.{mistake}.h5", h5("model_weights/rnn/rnn", config=CONFIG, **how))
    weights = h5("layers/simple_rnn/cell/vars", **how)
    write(f"keras.{mistake}.keras", zipped([("config.json", json.dumps(CONFIG)), ("model.weights.h5", weights)], zipfile.ZIP_DEFLATED))
name = "rnn" + HOSTILE
write("h5.hostile.h5", h5(f"model_weights/{name}/{name}", r=R_SHAPE, config=named(name)))
hostile = [("config.json", json.dumps(named(name))), ("model.weights.h5", h5("layers/simple_rnn/cell/vars", r=R_SHAPE))]
write("keras.hostile.keras", zipped(hostile, zipfile.ZIP_DEFLATED))
plain = [("config.json", json.dumps(CONFIG)), ("model.weights.h5", h5("layers/simple_rnn/cell/vars"))]
write("keras.twice.keras", zipped(plain + plain[1:], zipfile.ZIP_DEFLATED))


# ONNX.

def model(initializers, nodes=(), name="rnn"):
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["T", 1, 1])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    rnn = helper.make_node("RNN", ["x", "W", "R"], ["y"], name=name, hidden_size=2)
    graph = helper.make_graph([*nodes, rnn], "graph", [x], [y], initializers)
    return helper.make_model(graph, producer_name="make.py").SerializeToString()


def array(name, values):
    return numpy_helper.from_array(values[None], name)


huge = TensorProto(name="R", data_type=TensorProto.FLOAT, dims=[1, 1 << 40, 1 << 40], raw_data=b"\0" * 16)
around = [helper.make_node("Identity", ["a"], ["R"]), helper.make_node("Identity", ["R"], ["a"])]


def field(number, data):
    """A field of protobuf whose length is a varint."""
    length, n = b"", len(data)
    while n >= 0x80:
        length, n = length + bytes([n & 0x7F | 0x80]), n >> 7
    return bytes([number << 3 | 2]) + length + bytes([n]) + data


# Deeper than the library builds: graph (a model's field 7) > node (1) > attribute (5) > graph (6) > …
deep = b""
for _ in range(300):
    deep = field(1, field(5, field(1, b"then_branch") + field(6, deep)))
write("onnx.bomb.onnx", model([array("W", W), huge]))
write("onnx.cycle.onnx", model([array("W", W)], around))
write("onnx.deep.onnx", b"\x08\x08" + field(7, deep))
write("onnx.shape.onnx", model([array("W", W), array("R", R_SHAPE)]))
write("onnx.nan.onnx", model([array("W", W), array("R", R_NAN)]))
write("onnx.twice.onnx", model([array("W", W), array("R", R), array("R", R_NAN)]))
write("onnx.hostile.onnx", model([array("W", W), array("R", R_SHAPE)], name="rnn" + HOSTILE))
# Of quantize_dynamic of onnxruntime.
quantised = helper.make_node("DynamicQuantizeLSTM", [*"xWRB", "", "", "", "", "s", "z"], ["y"], name="rnn", domain="com.microsoft")
ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in "xy"]
graph = helper.make_graph([quantised], "graph", ends[:1], ends[1:], [array("W", W), array("R", R)])
write("onnx.quantised.onnx", helper.make_model(graph, producer_name="make.py").SerializeToString())


# NumPy.

def npy(values, header=None):
    buffer = io.BytesIO()
    np.save(buffer, values)
    data = buffer.getvalue()
    if header:
        text = header.encode().ljust(117) + b"\n"
        data = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + values.tobytes()
    return data


HUGE = "{'descr': '<f4', 'fortran_order': False, 'shape': (40000, 40000), }"
arrays = lambda r, name=HH: [(IH + ".npy", npy(W)), (name + ".npy", r if isinstance(r, bytes) else npy(r))]
write("npz.bomb.npz", zipped(arrays(npy(R, HUGE))))
write("npz.shape.npz", zipped(arrays(R_SHAPE)))
write("npz.nan.npz", zipped(arrays(R_NAN)))
write("npz.twice.npz", zipped(arrays(R) + arrays(R_NAN)[1:]))
write("npz.hostile.npz", zipped(arrays(R_SHAPE, f"rnn{HOSTILE}.weight_hh_l0")))
write("npy.bomb.npy", npy(R, HUGE))
write("npy.shape.npy", npy(np.zeros((2, 2, 2), "f4")))
write("npy.nan.npy", npy(R_NAN))
write("npy.hostile.npy", npy(R, "{'descr': '<f4" + HOSTILE.replace("\u202e", "") + "', 'fortran_order': False, 'shape': (2, 2), }"))


# JSON and safetensors.

def text(r, name=HH):
    return json.dumps({"state_dict": {IH: W.tolist(), name: r}}).encode()


write("json.bomb.json", b'{"a":' + b"[" * 100_000)
write("json.shape.json", text([[0.5, 0.1], [0.2]]))
write("json.nan.json", text(R_NAN.tolist()))
write("json.huge.json", text([[0.5, 1.0], [0.2, 0.4]]).replace(b"1.0]", b"1e999]"))
write("json.twice.json", text(R.tolist()).replace(b"}}", b', "rnn.weight_hh_l0": [[0.1, 0.1], [0.1, 0.1]]}}'))
write("json.hostile.json", text(R_SHAPE.tolist(), f"rnn{HOSTILE}.weight_hh_l0"))


def tensors(entries, twice=""):
    at, header, data = 0, [], b""
    for name, values, shape in entries:
        raw = values.tobytes()
        entry = {"dtype": "F32", "shape": shape or list(values.shape), "data_offsets": [at, at + len(raw)]}
        header.append(json.dumps(name) + ": " + json.dumps(entry))
        at, data = at + len(raw), data + raw
    head = ("{" + ", ".join(header) + twice + "}").encode()
    return struct.pack("<Q", len(head)) + head + data


pair = lambda r, name=HH, shape=None: [(IH, W, None), (name, r, shape)]
write("safetensors.bomb.safetensors", tensors(pair(R, shape=[40000, 40000])))
write("safetensors.shape.safetensors", tensors(pair(R_SHAPE)))
write("safetensors.nan.safetensors", tensors(pair(R_NAN)))
write("safetensors.twice.safetensors", tensors(pair(R) + pair(R)[1:]))
write("safetensors.hostile.safetensors", tensors(pair(R_SHAPE, f"rnn{HOSTILE}.weight_hh_l0")))
