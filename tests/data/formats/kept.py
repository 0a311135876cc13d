"""Weights that a file keeps in parts, each file beside its twin with the weights that the module computes with, and
modules whose weights are not read.

    KERAS_BACKEND=torch python kept.py    # writes kept_* beside this file
"""
import os
import pathlib
import warnings

os.environ.setdefault("KERAS_BACKEND", "torch")
import keras
import torch
from safetensors.torch import save_file
from torch.nn.utils import parametrizations, prune, spectral_norm

warnings.filterwarnings("ignore")
here = pathlib.Path(__file__).parent
H, D = 3, 5
WEIGHTS = ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"]


class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.rec = torch.nn.LSTM(D, H)


def kept(name, change):
    torch.manual_seed(5)
    model = Model()
    change(model.rec)
    model.rec(torch.randn(4, 1, D))  # in training, a step of the power method
    model.eval()
    model.rec(torch.randn(4, 1, D))
    torch.save(model.state_dict(), here / f"kept_{name}.pt")
    used = {f"rec.{weight}": getattr(model.rec, weight).detach().clone() for weight in WEIGHTS}
    save_file(used, here / f"kept_{name}.twin.safetensors")


def pruned(rec):
    for weight in WEIGHTS[:3]:
        prune.l1_unstructured(rec, weight, 0.3)


def pytorch():
    kept("pruned", pruned)
    kept("spectral", lambda rec: spectral_norm(rec, "weight_hh_l0"))
    kept("spectral_new", lambda rec: parametrizations.spectral_norm(rec, "weight_hh_l0"))
    torch.manual_seed(5)
    orthogonal = Model()
    parametrizations.orthogonal(orthogonal.rec, "weight_hh_l0")
    torch.save(orthogonal.state_dict(), here / "kept_orthogonal.pt")
    quantised = torch.ao.quantization.quantize_dynamic(Model(), {torch.nn.LSTM})
    torch.save(quantised.state_dict(), here / "kept_quantised.pt")
    torch.save({"cell_list.0.conv.weight": torch.zeros(8, 3, 3, 3)}, here / "kept_convolution.pt")


def with_keras():
    for dtype in ["float16", "bfloat16"]:
        keras.utils.set_random_seed(5)
        keras.mixed_precision.set_global_policy(dtype)
        layer = keras.layers.LSTM(H, recurrent_initializer="glorot_uniform", name="reader")
        model = keras.Sequential([keras.Input((4, D)), layer])
        model.save(here / f"kept_{dtype}.keras")
        kernel, recurrent, bias = (weight.value.detach().float() for weight in layer.weights)
        names = dict(zip(WEIGHTS, [kernel.T, recurrent.T, bias, torch.zeros_like(bias)]))
        save_file({f"reader.{name}": w.contiguous() for name, w in names.items()}, here / f"kept_{dtype}.twin.safetensors")
    keras.mixed_precision.set_global_policy("float32")
    model = keras.Sequential([keras.Input((3, 2, 2, 1)), keras.layers.ConvLSTM2D(1, 1, name="sky")])
    model.save(here / "kept_convolution.keras")


if __name__ == "__main__":
    pytorch()
    with_keras()
