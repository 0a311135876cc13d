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
import zipfile

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
    relu = keras.Sequential([keras.Input((T, D)), keras.layers.LSTM(H, activation="relu", name="reader")])
    relu.save(here / "keras_relu.keras")
    before = keras.Sequential([keras.Input((T, D)), keras.layers.GRU(H, reset_after=False, name="reader")])
    before.save(here / "keras_before.keras")
    hard = keras.layers.LSTM(H, recurrent_activation="hard_sigmoid", name="reader")
    keras.Sequential([keras.Input((T, D)), hard]).save(here / "keras_hard.keras")
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


if __name__ == "__main__":
    pytorch()
    keras_files()
