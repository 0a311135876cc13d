//! LSTM and GRU with the functions of other frameworks, the LSTM's variants, minGRU, minLSTM, LRU and IndRNN against PyTorch's float64 autograd over their
//! equations (`tests/data/cells/generate.py`).

use ndarray::{Array1, Array2};
use rnntop::cell::forward::forward;
use rnntop::cell::{
    Activation, Cell, CellKind, Diagonal, ForgetGate, Gru, IndRnn, Lru, Lstm, MinGru, MinLstm,
    Options, Parameters, PathSet, Reset, Semantics, Variant,
};
use rnntop::flow::{self, ClipMode, Loss, Request, Scratch};
use rnntop::num::wide::scale_by_power_of_two;
use serde_json::Value;

struct Case<'a> {
    json: &'a Value,
    hidden: usize,
    inputs: usize,
    steps: usize,
}

fn list(value: &Value) -> Vec<f64> {
    let numbers = value.as_array().unwrap().iter();
    numbers.map(|x| x.as_f64().unwrap()).collect()
}

impl Case<'_> {
    fn name(&self) -> &str {
        self.json["name"].as_str().unwrap()
    }

    fn tensor(&self, name: &str) -> Option<Vec<f64>> {
        self.json["parameters"].get(name).map(list)
    }

    fn vector(&self, name: &str) -> Option<Array1<f64>> {
        self.tensor(name).map(Array1::from)
    }

    fn matrix(&self, name: &str, columns: usize) -> Option<Array2<f64>> {
        let flat = self.tensor(name)?;
        let shape = (flat.len() / columns, columns);
        Some(Array2::from_shape_vec(shape, flat).unwrap())
    }

    fn parameters(&self) -> Parameters {
        let kinds = CellKind::ALL.into_iter();
        let kind = kinds
            .into_iter()
            .find(|kind| kind.name() == self.json["cell"].as_str().unwrap());
        let none = || Array2::zeros((0, self.hidden));
        let peephole = |gate| self.vector(&format!("weight_peephole_{gate}"));
        Parameters {
            kind: kind.unwrap(),
            w: self.matrix("weight_ih", self.inputs).unwrap(),
            r: self.matrix("weight_hh", self.hidden).unwrap_or_else(none),
            biases: self.vector("bias_ih").map(|b| {
                let other = self.vector("bias_hh");
                [b, other.unwrap_or_default()]
            }),
            peepholes: peephole("i").map(|p| [p, peephole("f").unwrap(), peephole("o").unwrap()]),
            gates_r: self.matrix("weight_gates", 3 * self.hidden),
            diagonal: self.vector("lambda_modulus").map(|modulus| Diagonal {
                modulus,
                angle: self.vector("lambda_angle").unwrap(),
                gamma: self.vector("gamma").unwrap(),
            }),
        }
    }

    fn semantics(&self) -> Semantics {
        let word = |key: &str| self.json[key].as_str();
        let function = |key, default| {
            let mut words = Activation::WORDS.iter();
            let known = word(key).map(|name| words.find(|(word, _)| *word == name).unwrap().1);
            known.unwrap_or(default)
        };
        Semantics {
            activation: function("activation", Activation::Tanh),
            state: function("state", Activation::Tanh),
            gate: function("gate", Activation::Sigmoid),
            reset: match word("reset") {
                Some("before") => Reset::Before,
                _ => Reset::After,
            },
        }
    }

    fn check<C: Cell>(&self, cell: &C) {
        let name = self.name();
        let close = |what: &str, got: f64, want: f64, size: f64| {
            assert!(
                (got - want).abs() <= 1e-12 * size.max(1e-3),
                "{name}: {what}: {got:e} for {want:e}"
            );
        };
        let n = self.hidden;
        let inputs = list(&self.json["input"]);
        let inputs = Array2::from_shape_vec((self.steps, self.inputs), inputs).unwrap();
        let mut tape = cell.tape(self.steps);
        tape.h[..n].copy_from_slice(&list(&self.json["h0"]));
        if !tape.c.is_empty() {
            tape.c[..n].copy_from_slice(&list(&self.json["c0"]));
        }
        forward(cell, inputs.view(), &mut tape, &mut |_| true).unwrap();
        for (got, want) in tape.h(self.steps).iter().zip(list(&self.json["h"])) {
            close("h_T", *got, want, want.abs());
        }
        let v = list(&self.json["v"]);
        let request = Request {
            loss: Loss::Last(&v),
            cuts: PathSet::EMPTY,
            alone: false,
            without: false,
            clip: (ClipMode::Off, 1.0),
        };
        let mut scratch = Scratch::default();
        let flow = flow::analyse(
            cell,
            &tape,
            inputs.view(),
            &request,
            Vec::new(),
            &mut scratch,
            &mut |_| true,
        )
        .unwrap();
        for (what, curve) in [
            ("grad_h", &flow.totals.grad_h),
            ("grad_c", &flow.totals.grad_c),
        ] {
            let wanted = list(&self.json[what]);
            assert_eq!(curve.len(), wanted.len(), "{name}: {what}");
            for (got, want) in curve.iter().zip(wanted) {
                close(what, got.to_f64().unwrap(), want, want);
            }
        }
        let want = self.json["grad_h0"].as_f64().unwrap();
        close("grad_h0", flow.grad_h0.to_f64().unwrap(), want, want);
        let gradients =
            flow::parameter_gradients(cell, &tape, inputs.view(), request.loss, &mut |_| true)
                .unwrap();
        for gradient in gradients {
            let wanted = list(&self.json["gradients"][gradient.name]);
            let size = wanted.iter().fold(0.0f64, |top, x| top.max(x.abs()));
            assert_eq!(gradient.mantissas.len(), wanted.len());
            for (got, want) in gradient.mantissas.iter().zip(wanted) {
                let got = scale_by_power_of_two(*got, gradient.exponent);
                close(gradient.name, got, want, size);
            }
        }
    }
}

#[test]
fn every_cell_without_a_layer_in_pytorch() {
    let text = include_str!("../data/cells/cells.json");
    let all: Value = serde_json::from_str(text).unwrap();
    let size = |name: &str| usize::try_from(all[name].as_u64().unwrap()).unwrap();
    let cases = all["cases"].as_array().unwrap();
    assert_eq!(cases.len(), Variant::ALL.len() + 4 + 6 + 8);
    for json in cases {
        let case = Case {
            json,
            hidden: size("hidden"),
            inputs: size("inputs"),
            steps: size("steps"),
        };
        let (parameters, semantics) = (case.parameters(), case.semantics());
        match parameters.kind {
            CellKind::MinGru => case.check(&MinGru::new(parameters)),
            CellKind::MinLstm => case.check(&MinLstm::new(parameters)),
            CellKind::Lru => case.check(&Lru::new(parameters)),
            CellKind::IndRnn => case.check(&IndRnn::new(parameters, Activation::Relu)),
            CellKind::Gru => case.check(&Gru::with(parameters, semantics)),
            _ => {
                let variants = Variant::ALL.into_iter();
                let variant = variants
                    .into_iter()
                    .find(|variant| variant.name() == case.name());
                let options = Options {
                    semantics,
                    forget: ForgetGate::Learned(None),
                    variant: variant.unwrap(),
                };
                case.check(&Lstm::build(parameters, options));
            }
        }
    }
}
