"""Writes frameworks.json: what PyTorch and Keras draw for a new layer.

For each framework, layer and H (with D = 8): mean and standard deviation, over many layers, of the spectral
radius of each gate's own H x H recurrent block; the mean square of input and recurrent weights; the bias of
each gate (mean and mean square over units and layers, summed over the two biases that a framework has).

    KERAS_BACKEND=torch python frameworks.py > frameworks.json
"""

import json

import keras
import numpy as np
import torch

INPUTS = 8
GATES = {"rnn": 1, "lstm": 4, "gru": 3}
# Keras' order of the blocks in that of PyTorch: i f z o for the LSTM, r z n for the GRU.
KERAS_ORDER = {"rnn": [0], "lstm": [0, 1, 2, 3], "gru": [1, 0, 2]}


def pytorch(kind, hidden):
    layer = getattr(torch.nn, kind.upper())(INPUTS, hidden).double()
    w = layer.weight_ih_l0.detach().numpy()
    r = layer.weight_hh_l0.detach().numpy()
    b = layer.bias_ih_l0.detach().numpy() + layer.bias_hh_l0.detach().numpy()
    return w, r, b


def keras_layer(kind, hidden):
    layer = {"rnn": keras.layers.SimpleRNN, "lstm": keras.layers.LSTM, "gru": keras.layers.GRU}[kind](hidden)
    layer.build((None, None, INPUTS))
    kernel, recurrent, bias = [np.asarray(v, dtype=np.float64) for v in layer.get_weights()]
    bias = bias.reshape(-1, bias.shape[-1]).sum(0)

    def blocks(a):
        parts = np.split(a, GATES[kind], axis=-1)
        return np.concatenate([parts[k].T for k in KERAS_ORDER[kind]])

    return blocks(kernel), blocks(recurrent), blocks(bias[None])[:, 0]


def statistics(draw, kind, hidden, count):
    radii, w2, r2, bias = [], [], [], []
    for _ in range(count):
        w, r, b = draw(kind, hidden)
        radii.append([np.abs(np.linalg.eigvals(block)).max() for block in np.split(r, GATES[kind])])
        w2.append((w**2).mean())
        r2.append((r**2).mean())
        bias.append(np.split(b, GATES[kind]))
    radii, bias = np.array(radii), np.array(bias)
    return {
        "radius_mean": radii.mean(),
        "radius_std": radii.std(),
        "w_mean_square": np.mean(w2),
        "r_mean_square": np.mean(r2),
        "bias_mean": bias.mean(axis=(0, 2)).tolist(),
        "bias_mean_square": (bias**2).mean(axis=(0, 2)).tolist(),
    }


torch.manual_seed(1)
torch.set_num_threads(1)
keras.utils.set_random_seed(1)
found = {}
for name, draw in [("pytorch", pytorch), ("keras", keras_layer)]:
    for kind in GATES:
        for hidden, count in [(32, 200), (128, 40)]:
            found[f"{name} {kind} {hidden}"] = statistics(draw, kind, hidden, count)
print(json.dumps(found, indent=1))
