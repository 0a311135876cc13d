//! One recurrent node: its weights in PyTorch's order, and what its attributes say.

use super::fold::Folder;
use super::graph::Node;
use crate::cell::CellKind;
use crate::io::error::Mistake;
use crate::io::tensor::Tensor;
use crate::io::weights::contents::Told;
use crate::words::sanitise::quote;

/// A recurrent node.
#[derive(Debug)]
pub(super) struct Recurrent {
    kind: CellKind,
    hidden: usize,
    inputs: usize,
    directions: usize,
    /// The last part of each tensor's name without layer, the direction, and the tensor.
    parts: Vec<(&'static str, bool, Tensor)>,
    pub(super) told: Told,
}

impl Recurrent {
    pub(super) fn read(node: &Node, folder: &mut Folder) -> Result<Self, Mistake> {
        let kind = match node.operator {
            b"LSTM" => CellKind::Lstm,
            b"GRU" => CellKind::Gru,
            _ => CellKind::Rnn,
        };
        // Blocks in PyTorch's order, by their place in ONNX.
        let order: &[usize] = match kind {
            CellKind::Lstm => &[0, 2, 3, 1],
            CellKind::Gru => &[1, 0, 2],
            _ => &[0],
        };
        let place = || format!("node {}", quote(&String::from_utf8_lossy(node.name)));
        let constant = |folder: &Folder, what: &str, at: usize| {
            folder.input(node, at).cloned().ok_or_else(|| {
                let expected =
                    format!("{what} among the initializers, or made of them by moving numbers");
                Mistake::new(place(), expected, folder.found(node, at))
            })
        };
        let r = constant(folder, "R", 2)?;
        let w = constant(folder, "W", 1)?;
        let gates = order.len();
        let &[directions, rows, hidden] = r.shape.as_slice() else {
            return Err(r.wrong_shape(format!("directions x {gates}H x H")));
        };
        if !(1..=2).contains(&directions) || Some(rows) != hidden.checked_mul(gates) {
            return Err(r.wrong_shape(format!("1 or 2 x {gates}H x H")));
        }
        let inputs = match *w.shape.as_slice() {
            [first, second, inputs] if (first, second) == (directions, rows) => inputs,
            _ => return Err(w.wrong_shape(format!("{directions} x {rows} x D"))),
        };
        let mut read = Self {
            kind,
            hidden,
            inputs,
            directions,
            parts: Vec::new(),
            told: told(node, kind),
        };
        read.blocks(folder, &w, "weight_ih", gates, order)?;
        read.blocks(folder, &r, "weight_hh", gates, order)?;
        if node.inputs.get(3).is_some_and(|name| !name.is_empty()) {
            let bias = constant(folder, "B", 3)?;
            if bias.shape != [directions, 2 * rows] {
                return Err(bias.wrong_shape(format!("{directions} x {}", 2 * rows)));
            }
            let second: Vec<usize> = order.iter().map(|gate| gates + gate).collect();
            read.blocks(folder, &bias, "bias_ih", 2 * gates, order)?;
            read.blocks(folder, &bias, "bias_hh", 2 * gates, &second)?;
        }
        let peepholes = folder.input(node, 7).cloned();
        if let Some(peepholes) = peepholes.filter(|_| kind == CellKind::Lstm) {
            if peepholes.shape != [directions, 3 * hidden] {
                return Err(peepholes.wrong_shape(format!("{directions} x {}", 3 * hidden)));
            }
            read.blocks(folder, &peepholes, "weight_peephole_i", 3, &[0])?;
            read.blocks(folder, &peepholes, "weight_peephole_o", 3, &[1])?;
            read.blocks(folder, &peepholes, "weight_peephole_f", 3, &[2])?;
        }
        Ok(read)
    }

    /// Adds some of the blocks that a tensor has `each` of for each direction, in this order.
    fn blocks(
        &mut self,
        folder: &mut Folder,
        tensor: &Tensor,
        name: &'static str,
        each: usize,
        order: &[usize],
    ) -> Result<(), Mistake> {
        let wrong = || tensor.wrong("floating-point numbers", quote(tensor.dtype_name()));
        tensor.dtype.element().ok_or_else(wrong)?;
        let [directions, rows, rest @ ..] = tensor.shape.as_slice() else {
            return Err(wrong());
        };
        let shape = [&[directions.saturating_mul(*rows)], rest].concat();
        let view = folder.rows(tensor, shape.clone())?;
        let all = tensor.derived(String::new(), shape, vec![view]);
        for direction in 0..self.directions {
            let order: Vec<usize> = order.iter().map(|gate| direction * each + gate).collect();
            let part = all.row_blocks(String::new(), self.directions * each, &order);
            let part = part.ok_or_else(wrong)?;
            self.parts.push((name, direction == 1, part));
        }
        Ok(())
    }

    /// Whether another node can be the next layer of its module.
    pub(super) fn is_below(&self, next: &Self) -> bool {
        (self.kind, self.directions) == (next.kind, next.directions)
            && next.inputs == self.hidden * self.directions
            && self.told == next.told
    }

    /// Its tensors as those of a layer of a module.
    pub(super) fn tensors(&self, module: &str, layer: usize) -> Vec<Tensor> {
        let named = |(name, reverse, tensor): &(&str, bool, Tensor)| {
            let reverse = if *reverse { "_reverse" } else { "" };
            Tensor {
                name: format!("{module}.{name}_l{layer}{reverse}"),
                ..tensor.clone()
            }
        };
        self.parts.iter().map(named).collect()
    }
}

/// The names of the activations, with the slope and the offset of those that take one: of a hard sigmoid x/6
/// + 0.5 is another function than the usual one.
fn activations(node: &Node) -> Vec<String> {
    let mut slopes = node.floats("activation_alpha").into_iter();
    let mut offsets = node.floats("activation_beta").into_iter();
    let about = |x: f32, y: f32| (x - y).abs() < 1e-4;
    let named = |name: String| match name.to_lowercase().as_str() {
        "hardsigmoid" => {
            let alpha = slopes.next().unwrap_or(0.2);
            let beta = offsets.next().unwrap_or(0.5);
            match (about(alpha, 0.2), about(alpha, 1.0 / 6.0), about(beta, 0.5)) {
                (true, _, true) => name,
                (_, true, true) => "hard_sigmoid_6".to_owned(),
                _ => format!("{name} {alpha} x + {beta}"),
            }
        }
        "elu" | "leakyrelu" | "thresholdedrelu" => match slopes.next() {
            Some(alpha) if !about(alpha, 1.0) => format!("{name} {alpha}"),
            _ => name,
        },
        "affine" | "scaledtanh" => {
            let alpha = slopes.next().unwrap_or(1.0);
            let beta = offsets.next().unwrap_or(0.0);
            format!("{name} {alpha}, {beta}")
        }
        _ => name,
    };
    node.strings("activations").into_iter().map(named).collect()
}

/// What the attributes say; what they leave out has ONNX's own defaults.
fn told(node: &Node, kind: CellKind) -> Told {
    let activations = activations(node);
    let named = |place: usize, default: &str| {
        activations
            .get(place)
            .cloned()
            .unwrap_or(default.to_owned())
    };
    let (gate, activation) = match kind {
        CellKind::Rnn => (None, named(0, "Tanh")),
        _ => (Some(named(0, "Sigmoid")), named(1, "Tanh")),
    };
    let state = (kind == CellKind::Lstm).then(|| named(2, "Tanh"));
    // The second direction has its own, which must be the first one's.
    let each = match kind {
        CellKind::Lstm => 3,
        CellKind::Gru => 2,
        _ => 1,
    };
    let twins = activations.len() <= each
        || activations
            .chunks(each)
            .all(|chunk| chunk == &activations[..each]);
    let coupled = node.int("input_forget").unwrap_or(0) != 0;
    let refused = if node.string("direction") == Some(b"reverse") {
        Some(
            "the layer reads from the end (direction = reverse), which is not supported".to_owned(),
        )
    } else if node.has("clip") {
        Some("its cell clips its pre-activations (clip), which is not computed".to_owned())
    } else if coupled {
        Some(
            "its input and forget gates are coupled (input_forget), which is not computed"
                .to_owned(),
        )
    } else if !twins {
        Some("its two directions have different activations, which is not computed".to_owned())
    } else {
        None
    };
    Told {
        class: Some(format!("ONNX {}", String::from_utf8_lossy(node.operator))),
        source: "the node's attributes".to_owned(),
        activation: Some(activation),
        state,
        gate,
        assumed: false,
        reset_before: (kind == CellKind::Gru)
            .then(|| node.int("linear_before_reset").unwrap_or(0) == 0),
        refused,
        ..Told::default()
    }
}
