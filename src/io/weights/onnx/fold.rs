//! What initializers become through operators that move numbers only.

use std::collections::{HashMap, HashSet};

use super::graph::Node;
use crate::io::decode::{Element, shape_name};
use crate::io::error::Mistake;
use crate::io::tensor::{Buffers, Dtype, Tensor, View, field};
use crate::words::sanitise::quote;

/// More dimensions than any constant comes to have.
const DIMENSIONS: usize = 16;

/// Constants by their names, on the way through a graph.
pub(super) struct Folder<'a> {
    buffers: &'a mut Buffers,
    all: &'a [u8],
    constants: HashMap<String, Tensor>,
    /// The operators of what is no constant.
    computed: HashMap<String, String>,
    /// Bytes that may still be copied.
    left: usize,
    /// Views that constants may still be made of.
    views: usize,
}

impl<'a> Folder<'a> {
    pub(super) fn new(buffers: &'a mut Buffers, all: &'a [u8]) -> Self {
        Self {
            buffers,
            all,
            constants: HashMap::new(),
            computed: HashMap::new(),
            left: all.len().saturating_mul(3),
            views: all.len() / 16 + 4096,
        }
    }

    /// Adds the initializers of a graph. Names are one for the whole model: that of a graph within hides
    /// none of the graph around it.
    pub(super) fn enter(&mut self, initializers: Vec<Tensor>) -> Result<(), Mistake> {
        let mut names = HashSet::new();
        for tensor in initializers {
            if !names.insert(tensor.name.clone()) {
                let why = "the graph has this initializer twice";
                return Err(Mistake::refused(field(&tensor.name), why));
            }
            self.constants.insert(tensor.name.clone(), tensor);
        }
        Ok(())
    }

    /// Those of floating-point numbers, for embeddings and for models without recurrent nodes.
    pub(super) fn initializers(&self) -> Vec<Tensor> {
        let constants = self.constants.values();
        let floats = constants.filter(|tensor| tensor.dtype.float().is_some());
        let mut all: Vec<Tensor> = floats.cloned().collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        all
    }

    /// The constant that a node reads at a place.
    pub(super) fn input(&self, node: &Node, place: usize) -> Option<&Tensor> {
        let name = node.inputs.get(place).filter(|name| !name.is_empty())?;
        self.constants.get(std::str::from_utf8(name).ok()?)
    }

    /// What a node reads at a place that is no constant.
    pub(super) fn found(&self, node: &Node, place: usize) -> String {
        let name = node.inputs.get(place).copied().unwrap_or_default();
        let operator = std::str::from_utf8(name)
            .ok()
            .and_then(|name| self.computed.get(name));
        operator.map_or("something that is computed".to_owned(), |operator| {
            format!("the result of {}", quote(operator))
        })
    }

    /// A constant as one view, rows after rows.
    pub(super) fn rows(&mut self, tensor: &Tensor, shape: Vec<usize>) -> Result<View, Mistake> {
        if let Some(view) = tensor.view().and_then(|view| view.reshaped(shape.clone())) {
            return Ok(view);
        }
        let too_much = |left: usize| {
            let expected = format!("at most {left} bytes to be moved");
            Mistake::new(field(&tensor.name), expected, shape_name(&tensor.shape))
        };
        let size = tensor.dtype.size();
        let bytes = tensor.len().checked_mul(size);
        let left = bytes.and_then(|bytes| self.left.checked_sub(bytes));
        self.left = left.ok_or_else(|| too_much(self.left))?;
        let mut bytes = Vec::new();
        for view in &tensor.views {
            let buffer = match view.buffer {
                // The file itself is not among the buffers while it is read.
                Some(0) => self.all,
                _ => self.buffers.of(view),
            };
            let gathered = view.gather(buffer, size, &mut bytes);
            gathered.ok_or_else(|| too_much(0))?;
        }
        let buffer = self.buffers.add(bytes);
        Ok(View::rows(buffer, 0, shape))
    }

    /// Whole numbers of a constant, or of an attribute in older versions.
    fn ints(&self, node: &Node, place: usize, name: &str) -> Option<Vec<i64>> {
        if let Some(ints) = node.ints(name) {
            return Some(ints);
        }
        let tensor = self.input(node, place)?;
        let view = tensor.view()?;
        if tensor.dtype != Dtype::Known(Element::I64) || tensor.len() > 16 {
            return None;
        }
        let mut bytes = Vec::new();
        view.gather(self.all, 8, &mut bytes)?;
        let (numbers, _) = bytes.as_chunks::<8>();
        Some(numbers.iter().map(|&n| i64::from_le_bytes(n)).collect())
    }

    /// Takes in the result of a node that moves constants.
    pub(super) fn fold(&mut self, node: &Node) -> Result<(), Mistake> {
        let Some(&output) = node.outputs.first() else {
            return Ok(());
        };
        let result = match node.operator {
            b"Constant" => node.constant(self.all).transpose()?,
            b"Concat" => self.concat(node)?,
            b"Identity" => self.input(node, 0).cloned(),
            b"Cast" => self.cast(node),
            b"Squeeze" | b"Unsqueeze" => self.reshaped(node),
            _ => self.moved(node),
        };
        let Ok(name) = std::str::from_utf8(output) else {
            return Ok(());
        };
        if result.is_none() {
            let operator = String::from_utf8_lossy(node.operator).into_owned();
            self.computed.insert(name.to_owned(), operator);
        }
        if let Some(mut tensor) = result {
            // What is too much is not folded, and then not found.
            let Some(views) = self.views.checked_sub(tensor.views.len()) else {
                return Ok(());
            };
            self.views = views;
            let own = std::mem::replace(&mut tensor.name, name.to_owned());
            tensor.origin.get_or_insert(own);
            self.constants.insert(name.to_owned(), tensor);
        }
        Ok(())
    }

    /// The numbers of a node's input as float32 or float64; in less their digits would be others.
    fn cast(&self, node: &Node) -> Option<Tensor> {
        const WIDE: [i64; 2] = [1, 11];
        let tensor = self.input(node, 0)?;
        let float = tensor.dtype.float();
        (float.is_some() && WIDE.contains(&node.int("to")?)).then(|| tensor.clone())
    }

    /// The numbers of a node's input in another shape.
    fn reshaped(&self, node: &Node) -> Option<Tensor> {
        let tensor = self.input(node, 0)?;
        let rank = tensor.shape.len();
        let axes = self.ints(node, 1, "axes").unwrap_or_default();
        let mut shape = tensor.shape.clone();
        if node.operator == b"Unsqueeze" {
            let full = rank + axes.len();
            (full <= DIMENSIONS).then_some(())?;
            let mut axes: Vec<usize> =
                axes.iter().map(|&a| axis(a, full)).collect::<Option<_>>()?;
            axes.sort_unstable();
            for place in axes {
                (place <= shape.len()).then(|| shape.insert(place, 1))?;
            }
        } else {
            let axes: Vec<usize> = axes.iter().map(|&a| axis(a, rank)).collect::<Option<_>>()?;
            let kept = |(place, &n): (usize, &usize)| {
                let goes = n == 1 && (axes.is_empty() || axes.contains(&place));
                (!goes).then_some(n)
            };
            shape = shape.iter().enumerate().filter_map(kept).collect();
        }
        Some(Tensor {
            shape,
            ..tensor.clone()
        })
    }

    /// One view of the same numbers.
    fn moved(&self, node: &Node) -> Option<Tensor> {
        let tensor = self.input(node, 0)?;
        let (view, size) = (tensor.view()?, tensor.dtype.float()?.size());
        let rank = tensor.shape.len();
        let moved = match node.operator {
            b"Transpose" => {
                let order = node.ints("perm");
                match (order.as_deref(), tensor.shape.as_slice()) {
                    (None | Some([1, 0]), [_, _]) => view.transposed(),
                    (Some([0, 2, 1]), &[1, rows, columns]) => {
                        return Some(Tensor {
                            shape: vec![1, columns, rows],
                            views: vec![view.reshaped(vec![rows, columns])?.transposed()],
                            ..tensor.clone()
                        });
                    }
                    _ => return None,
                }
            }
            b"Slice" => {
                let starts = self.ints(node, 1, "starts")?;
                let ends = self.ints(node, 2, "ends")?;
                let axes = self.ints(node, 3, "axes");
                let steps = self.ints(node, 4, "steps").unwrap_or_default();
                if steps.iter().any(|&step| step != 1) || view.shape != tensor.shape {
                    return None;
                }
                let mut view = view;
                for (i, (&start, &end)) in starts.iter().zip(&ends).enumerate() {
                    let place = axes.as_ref().map_or(Some(i as i64), |a| a.get(i).copied());
                    let place = axis(place?, rank)?;
                    let length = view.shape[place] as i64;
                    let within = |n: i64| (if n < 0 { n + length } else { n }).clamp(0, length);
                    let (start, end) = (within(start), within(end).max(within(start)));
                    view = view.narrow(place, start as usize, (end - start) as usize, size);
                }
                view
            }
            _ => return None,
        };
        Some(Tensor {
            shape: moved.shape.clone(),
            views: vec![moved],
            ..tensor.clone()
        })
    }

    /// Constants one after the other, along the first dimension that is not 1.
    fn concat(&self, node: &Node) -> Result<Option<Tensor>, Mistake> {
        let parts: Option<Vec<&Tensor>> = (0..node.inputs.len())
            .map(|i| self.input(node, i))
            .collect();
        let Some([first, rest @ ..]) = parts.as_deref() else {
            return Ok(None);
        };
        let place = node.int("axis").and_then(|at| axis(at, first.shape.len()));
        let ones = |place: &usize| first.shape[..*place].iter().all(|&n| n == 1);
        let Some(place) = place.filter(ones) else {
            return Ok(None);
        };
        let fits = |part: &&Tensor| {
            let mut shape = part.shape.clone();
            if let Some(size) = shape.get_mut(place) {
                *size = first.shape[place];
            }
            part.dtype == first.dtype && shape == first.shape
        };
        if !rest.iter().all(fits) {
            return Ok(None);
        }
        let mut all = (*first).clone();
        for part in rest {
            all.shape[place] = all.shape[place].saturating_add(part.shape[place]);
            all.views.extend(part.views.iter().cloned());
            if all.views.len() > 4096 {
                let why = "more than 4096 constants are put together";
                let place = quote(&String::from_utf8_lossy(node.name));
                return Err(Mistake::refused(place, why));
            }
        }
        Ok(Some(all))
    }
}

/// An axis of so many, counted from the end where it is negative.
fn axis(axis: i64, rank: usize) -> Option<usize> {
    let axis = if axis < 0 { axis + rank as i64 } else { axis };
    usize::try_from(axis).ok().filter(|&axis| axis < rank)
}
