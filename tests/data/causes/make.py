"""Models whose gradient explodes or vanishes for a known reason, one file each.

    python make.py [NAME…]    # needs torch and safetensors; writes *.safetensors beside this file

`padding` has its input, too: padding.npy.

Every model is a recurrent module of PyTorch with its default weights, of which one thing was changed
(see the function of its name); `adding` and `copy` are trained. The names of the files are the names of
the functions. `rnntop inspect` must name the cause of each.
"""

import pathlib
import sys

import numpy
import torch
from safetensors.torch import save_file

HERE = pathlib.Path(__file__).parent
H, D = 16, 4


def lstm(forget_bias=1.0, hidden=H, inputs=D):
    model = torch.nn.LSTM(inputs, hidden, batch_first=True)
    with torch.no_grad():
        model.bias_ih_l0[hidden : 2 * hidden] = forget_bias
        model.bias_hh_l0[hidden : 2 * hidden] = 0.0
    return model


def scaled(model, gate, by):
    """Scales one H x H block of weight_hh: 0 i, 1 f, 2 g, 3 o; of a GRU 0 r, 1 z, 2 n."""
    n = model.hidden_size
    with torch.no_grad():
        model.weight_hh_l0[gate * n : (gate + 1) * n] *= by
    return model


def alternating(model, size):
    """Biases of the block input that drive the units up and down in turn, so that their state is large."""
    n = model.hidden_size
    with torch.no_grad():
        model.bias_ih_l0[2 * n : 3 * n] = size * torch.tensor([1.0, -1.0]).repeat(n // 2)
    return model


def block():
    """R_z alone is large: the block input's path makes it grow."""
    return scaled(lstm(4.0), 2, 2.0)


def forget():
    """R_f alone is large: the forget gate's path makes it grow."""
    return alternating(scaled(lstm(3.0, 2 * H), 1, 80.0), 0.3)


def output():
    """R_o alone is large: the output gate's path makes it grow."""
    return alternating(scaled(lstm(4.0, 2 * H), 3, 10.0), 2.5)


def candidate():
    """A GRU whose R_n is large, with small inputs and an update gate that keeps (in PyTorch z means keep)."""
    model = scaled(torch.nn.GRU(D, 2 * H, batch_first=True), 2, 6.0)
    with torch.no_grad():
        model.bias_ih_l0[2 * H : 4 * H] = 3.0
        model.weight_ih_l0 *= 0.1
    return model


def relu():
    """A relu RNN whose matrix is too large."""
    model = torch.nn.RNN(D, H, nonlinearity="relu", batch_first=True)
    with torch.no_grad():
        model.weight_hh_l0 *= 5.0
        model.bias_ih_l0[:] = 0.3
    return model


def small_matrix():
    """A tanh RNN with small inputs whose matrix is too small."""
    model = torch.nn.RNN(D, H, batch_first=True)
    with torch.no_grad():
        model.weight_ih_l0 *= 0.05
    return model


def saturated():
    """A tanh RNN with an orthogonal matrix and inputs so large that its slopes are nearly 0."""
    model = torch.nn.RNN(D, H, batch_first=True)
    with torch.no_grad():
        torch.nn.init.orthogonal_(model.weight_hh_l0)
        model.weight_ih_l0 *= 20.0
    return model


def saturated_gates():
    """Inputs so large that the forget gates stand at 0 or 1."""
    model = lstm(0.0)
    with torch.no_grad():
        model.weight_ih_l0 *= 40.0
    return model


def forget_bias_minus_2():
    """Forget gates that are nearly shut."""
    return lstm(-2.0)


def forget_bias_5():
    """Forget gates that are nearly open: little is lost, and the block input's path adds to it."""
    return lstm(5.0)


def padding():
    """Nothing is wrong with the model, but 30 of the 50 steps of its input are padding."""
    x = torch.randn(3, 50, D)
    x[:, 20:] = 0.0
    numpy.save(HERE / "padding.npy", x.numpy())
    return lstm(1.0)


def keras():
    """As Keras initialises an LSTM: glorot uniform, orthogonal over all gates, forget bias 1."""
    model = lstm(1.0)
    with torch.no_grad():
        torch.nn.init.xavier_uniform_(model.weight_ih_l0)
        torch.nn.init.orthogonal_(model.weight_hh_l0)
        for name in ("bias_ih_l0", "bias_hh_l0"):
            getattr(model, name).zero_()
        model.bias_ih_l0[H : 2 * H] = 1.0
    return model


def peephole():
    """A peephole to the forget gate: the larger c is, the more of it is kept."""
    weights = lstm(1.0).state_dict()
    weights["bias_ih_l0"][2 * H : 3 * H] = 0.8
    weights["weight_peephole_f_l0"] = torch.full((H,), 1.5)
    for gate in "io":
        weights[f"weight_peephole_{gate}_l0"] = torch.zeros(H)
    return weights


class Readout(torch.nn.Module):
    """A recurrent module and a linear map of its last, or of all, outputs."""

    def __init__(self, rnn, outputs):
        super().__init__()
        self.rnn, self.linear = rnn, torch.nn.Linear(rnn.hidden_size, outputs)

    def forward(self, x):
        return self.linear(self.rnn(x)[0])


def adding():
    """Trained on the adding problem over 20 steps (Hochreiter and Schmidhuber 1997)."""
    steps, model = 20, Readout(lstm(1.0, inputs=2), 1)
    adam = torch.optim.Adam(model.parameters(), 5e-3)
    for _ in range(500):
        values, marks = torch.rand(32, steps), torch.zeros(32, steps)
        for row in marks:
            row[torch.randint(0, steps // 2, ())] = 1
            row[torch.randint(steps // 2, steps, ())] = 1
        loss = (model(torch.stack([values, marks], 2))[:, -1, 0] - (values * marks).sum(1)).square().mean()
        adam.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        adam.step()
    print("adding: loss", float(loss.detach()))
    return model.rnn


def copy():
    """Trained to repeat three symbols after a delay of 8 steps (Hochreiter and Schmidhuber 1997)."""
    symbols, length, delay = 3, 3, 8
    model = Readout(lstm(2.0, inputs=symbols + 1), symbols)
    adam = torch.optim.Adam(model.parameters(), 5e-3)
    for _ in range(500):
        said = torch.randint(0, symbols, (32, length))
        x = torch.zeros(32, delay + 2 * length, symbols + 1)
        x[:, :length, :symbols] = torch.nn.functional.one_hot(said, symbols).float()
        x[:, delay + length - 1, symbols] = 1
        logits = model(x)[:, -length:].reshape(-1, symbols)
        loss = torch.nn.functional.cross_entropy(logits, said.reshape(-1))
        adam.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        adam.step()
    print("copy: loss", float(loss.detach()))
    return model.rnn


def main():
    every = (
        block, forget, output, candidate, relu, small_matrix, saturated, saturated_gates,
        forget_bias_minus_2, forget_bias_5, padding, keras, peephole, adding, copy,
    )
    wanted = sys.argv[1:]
    for make in every:
        if wanted and make.__name__ not in wanted:
            continue
        torch.manual_seed(7)
        made = make()
        weights = made if isinstance(made, dict) else made.state_dict()
        weights = {name: tensor.detach().clone() for name, tensor in weights.items()}
        save_file(weights, HERE / f"{make.__name__}.safetensors")


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
