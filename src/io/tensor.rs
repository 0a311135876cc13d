//! Tensors of files, as every format gives them: a name, a shape, a type, and where the numbers stand.
//!
//! Nothing is copied before it is asked for. A tensor is a list of views, one under the other along
//! its first dimension, and a view is a box of numbers with strides over one of the file's buffers:
//! so a transposed matrix, gates in another order and one storage under two tensors all stay what
//! they are in the file.

use std::fmt::Display;

use crate::io::decode::{Element, byte_count, first_beyond, shape_name};
use crate::io::error::Mistake;
use crate::words::sanitise::quote;

/// The largest weight: ρ and σ_max of two thousand units of such are numbers still.
const LARGEST: f64 = 1e300;

/// What tensors are views of: the file's bytes, and what was unpacked from them.
#[derive(Debug, Default)]
pub(super) struct Buffers(pub(super) Vec<Vec<u8>>);

impl Buffers {
    /// Adds a buffer; its place.
    pub(super) fn add(&mut self, bytes: Vec<u8>) -> usize {
        self.0.push(bytes);
        self.0.len() - 1
    }

    /// The bytes of a buffer; none of one that is not there.
    pub(super) fn get(&self, place: usize) -> &[u8] {
        self.0.get(place).map_or(&[], Vec::as_slice)
    }

    /// The first buffer, for a reader that needs it as its own.
    pub(super) fn take_first(&mut self) -> Vec<u8> {
        self.0.first_mut().map(std::mem::take).unwrap_or_default()
    }

    /// The buffer of a view.
    pub(super) fn of(&self, view: &View) -> &[u8] {
        view.buffer.map_or(&[], |place| self.get(place))
    }

    /// All bytes together.
    pub(super) fn bytes(&self) -> usize {
        self.0.iter().map(Vec::len).sum()
    }
}

/// The type of a tensor's numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Dtype {
    /// One that can be read.
    Known(Element),
    /// Any other, as the file names it.
    Other(String),
}

impl Dtype {
    /// The type, where it can be read.
    pub(super) const fn element(&self) -> Option<Element> {
        match self {
            Self::Known(element) => Some(*element),
            Self::Other(_) => None,
        }
    }

    /// The type, where it is one that weights have.
    pub(super) fn float(&self) -> Option<Element> {
        self.element().filter(|element| element.is_float())
    }

    /// Bytes of a number; of one that cannot be read, at least so many.
    pub(super) fn size(&self) -> usize {
        self.element().map_or(1, Element::size)
    }

    /// Its name in a few letters, `float32`.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Known(element) => element.name(),
            Self::Other(name) => name,
        }
    }
}

/// A box of numbers in a buffer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct View {
    /// The buffer; `None` for zeros, which stand in no file.
    pub(super) buffer: Option<usize>,
    /// The first number's first byte.
    pub(super) offset: usize,
    /// Its dimensions.
    pub(super) shape: Vec<usize>,
    /// For each dimension, how many numbers lie between neighbours; empty where rows follow rows.
    pub(super) strides: Vec<usize>,
    /// Whether the most significant byte comes first.
    pub(super) big_endian: bool,
}

/// A tensor of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tensor {
    /// The full name, with the module's prefix.
    pub(super) name: String,
    /// What the file calls it, where that is another name.
    pub(super) origin: Option<String>,
    /// Its dimensions.
    pub(super) shape: Vec<usize>,
    /// The type of its numbers.
    pub(super) dtype: Dtype,
    /// The type of those that they were computed of, where that is another.
    pub(super) saved: Option<Dtype>,
    /// Where they stand, one view under the other.
    pub(super) views: Vec<View>,
}

impl View {
    /// Rows after rows from a byte on.
    pub(super) const fn rows(buffer: usize, offset: usize, shape: Vec<usize>) -> Self {
        Self {
            buffer: Some(buffer),
            offset,
            shape,
            strides: Vec::new(),
            big_endian: false,
        }
    }

    /// So many zeros.
    pub(super) fn zeros(shape: Vec<usize>) -> Self {
        Self {
            buffer: None,
            ..Self::rows(0, 0, shape)
        }
    }

    fn len(&self) -> usize {
        byte_count(&self.shape, 1).unwrap_or(usize::MAX)
    }

    /// The strides, written out.
    fn strides(&self) -> Vec<usize> {
        if !self.strides.is_empty() {
            return self.strides.clone();
        }
        let mut strides = vec![1; self.shape.len()];
        for i in (1..self.shape.len()).rev() {
            strides[i - 1] = usize::saturating_mul(strides[i], self.shape[i]);
        }
        strides
    }

    /// The same numbers with both indices exchanged.
    pub(super) fn transposed(mut self) -> Self {
        self.strides = self.strides();
        self.strides.reverse();
        self.shape.reverse();
        self
    }

    /// Some of the indices of one dimension.
    pub(super) fn narrow(
        mut self,
        dimension: usize,
        from: usize,
        count: usize,
        size: usize,
    ) -> Self {
        self.strides = self.strides();
        let stride = self.strides.get(dimension).copied().unwrap_or(0);
        let bytes = from.saturating_mul(stride).saturating_mul(size);
        self.offset = self.offset.saturating_add(bytes);
        if let Some(length) = self.shape.get_mut(dimension) {
            *length = count;
        }
        self
    }

    /// The same numbers, rows after rows, in a box of another shape; `None` where they do not lie so.
    pub(super) fn reshaped(mut self, shape: Vec<usize>) -> Option<Self> {
        if byte_count(&shape, 1) != Some(self.len()) {
            return None;
        }
        let standard = Self::rows(0, 0, self.shape.clone()).strides();
        if self.buffer.is_some() && self.len() > 1 && self.strides() != standard {
            return None;
        }
        self.strides = Vec::new();
        self.shape = shape;
        Some(self)
    }

    /// Its numbers' bytes, rows after rows, appended; `None` where the buffer ends before the view.
    pub(super) fn gather(&self, buffer: &[u8], size: usize, into: &mut Vec<u8>) -> Option<()> {
        let bytes = byte_count(&self.shape, size)?;
        if bytes == 0 {
            return Some(());
        }
        if self.buffer.is_none() {
            into.resize(into.len() + bytes, 0);
            return Some(());
        }
        if self.strides.is_empty() {
            into.extend_from_slice(buffer.get(self.offset..self.offset.checked_add(bytes)?)?);
            return Some(());
        }
        let strides = &self.strides;
        let (&inner, outer) = self.shape.split_last()?;
        let (&step, outer_strides) = strides.split_last()?;
        let mut index = vec![0; outer.len()];
        loop {
            let row = index
                .iter()
                .zip(outer_strides)
                .try_fold(0_usize, |sum, (&i, &s)| {
                    sum.checked_add(usize::checked_mul(i, s)?)
                })?;
            for j in 0..inner {
                let number = row.checked_add(j.checked_mul(step)?)?;
                let at = number.checked_mul(size)?.checked_add(self.offset)?;
                into.extend_from_slice(buffer.get(at..at.checked_add(size)?)?);
            }
            // The next index, the last running fastest.
            let Some(turned) = (0..outer.len()).rev().find(|&i| index[i] + 1 < outer[i]) else {
                return Some(());
            };
            index[turned] += 1;
            index[turned + 1..].fill(0);
        }
    }
}

impl Tensor {
    /// A tensor of one view.
    pub(super) fn new(name: String, dtype: Dtype, view: View) -> Self {
        Self {
            name,
            origin: None,
            shape: view.shape.clone(),
            dtype,
            saved: None,
            views: vec![view],
        }
    }

    /// Numbers of this tensor under another name: where they stand now, and in which shape.
    pub(super) fn derived(&self, name: String, shape: Vec<usize>, views: Vec<View>) -> Self {
        Self {
            name,
            origin: Some(self.label().to_owned()),
            shape,
            dtype: self.dtype.clone(),
            saved: self.saved.clone(),
            views,
        }
    }

    /// Where all its numbers stand, if one view has them.
    pub(super) fn view(&self) -> Option<View> {
        match self.views.as_slice() {
            [view] => Some(view.clone()),
            _ => None,
        }
    }

    /// The matrix with both indices exchanged; `None` where it is none.
    pub(super) fn transposed(&self) -> Option<Self> {
        let view = self.view().filter(|_| self.shape.len() == 2)?;
        let mut tensor = self.clone();
        tensor.views = vec![view.transposed()];
        tensor.shape.reverse();
        Some(tensor)
    }

    /// Some of the equally high blocks of rows, one for each gate, under another name and in this order.
    /// `None` where the rows are not `blocks` such blocks.
    pub(super) fn row_blocks(&self, name: String, blocks: usize, order: &[usize]) -> Option<Self> {
        let (view, size) = (self.view()?, self.dtype.element()?.size());
        let mut shape = self.shape.clone();
        let rows = shape.first_mut()?;
        let height = *rows / blocks;
        if height * blocks != *rows {
            return None;
        }
        *rows = height * order.len();
        let block = |&gate: &usize| {
            let from = gate * height;
            view.clone().narrow(0, from, height, size)
        };
        Some(self.derived(name, shape, order.iter().map(block).collect()))
    }

    /// Something in it that is not what it must be.
    pub(super) fn wrong(&self, expected: impl Display, found: impl Display) -> Mistake {
        Mistake::new(field(self.label()), expected, found)
    }

    /// A shape that is not what it must be.
    pub(super) fn wrong_shape(&self, expected: impl Display) -> Mistake {
        self.wrong(expected, shape_name(&self.shape))
    }

    /// The file's own name of it.
    pub(super) fn label(&self) -> &str {
        self.origin.as_deref().unwrap_or(&self.name)
    }

    /// How many numbers it has.
    pub(super) fn len(&self) -> usize {
        byte_count(&self.shape, 1).unwrap_or(usize::MAX)
    }

    /// Its type in a few letters, `float32`.
    pub(super) fn dtype_name(&self) -> &str {
        self.saved.as_ref().unwrap_or(&self.dtype).name()
    }

    /// The elements, row-major.
    ///
    /// # Errors
    /// The type is none of the four that weights have, an element is not finite, there are more of
    /// them than the file has bytes, or the file ends before they do.
    pub(super) fn values(&self, buffers: &Buffers) -> Result<Vec<f64>, Mistake> {
        let Some(element) = self.dtype.float() else {
            let found = quote(self.dtype.name());
            return Err(self.wrong("F64, F32, F16 or BF16", found));
        };
        let all = buffers.bytes();
        if self.len() > all {
            let expected = format!("at most as many numbers as the file has bytes, {all}");
            return Err(self.wrong_shape(expected));
        }
        let mut values = Vec::new();
        let mut bytes = Vec::new();
        for view in &self.views {
            bytes.clear();
            let buffer = buffers.of(view);
            view.gather(buffer, element.size(), &mut bytes)
                .ok_or_else(|| {
                    let shape = shape_name(&self.shape);
                    let expected = format!("{shape} of {}", element.name());
                    self.wrong(expected, format!("{} bytes of it", buffer.len()))
                })?;
            values.extend(element.decode(&bytes, view.big_endian));
        }
        if let Some((value, index)) = first_beyond(LARGEST, &values, &self.shape, false) {
            let expected = if value.is_finite() {
                format!("numbers of at most {LARGEST:e}")
            } else {
                "finite numbers".to_owned()
            };
            return Err(self.wrong(expected, format!("{value:e} at {index}")));
        }
        Ok(values)
    }
}

/// Sorts tensors by their names, and finds one that two of them have.
pub(super) fn sort_by_name(tensors: &mut [Tensor]) -> Option<&str> {
    tensors.sort_by(|a, b| a.name.cmp(&b.name));
    let mut pairs = tensors.windows(2);
    let twice = pairs.find(|pair| pair[0].name == pair[1].name);
    twice.map(|pair| pair[0].name.as_str())
}

/// A tensor as a place in messages.
pub(super) fn field(name: &str) -> String {
    format!("tensor {}", quote(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(n: u8) -> Buffers {
        let values = (0..n).flat_map(|i| f64::from(i).to_le_bytes());
        Buffers(vec![values.collect()])
    }

    fn values(view: View, buffers: &Buffers) -> Result<Vec<f64>, String> {
        let tensor = Tensor::new("x".to_owned(), Dtype::Known(Element::F64), view);
        tensor.values(buffers).map_err(|e| e.of("f").to_string())
    }

    #[test]
    fn views_are_what_numpy_calls_them() {
        let buffers = numbers(6);
        // np.arange(6).reshape(2, 3)
        let view = View::rows(0, 0, vec![2, 3]);
        assert_eq!(
            values(view.clone(), &buffers).unwrap(),
            [0., 1., 2., 3., 4., 5.]
        );
        let turned = view.clone().transposed();
        assert_eq!(
            values(turned.clone(), &buffers).unwrap(),
            [0., 3., 1., 4., 2., 5.]
        );
        let columns = view.clone().narrow(1, 1, 2, 8);
        assert_eq!(values(columns.clone(), &buffers).unwrap(), [1., 2., 4., 5.]);
        assert_eq!(
            values(columns.transposed(), &buffers).unwrap(),
            [1., 4., 2., 5.]
        );
        assert_eq!(
            values(turned.narrow(0, 1, 1, 8), &buffers).unwrap(),
            [1., 4.]
        );
        assert_eq!(
            values(view.reshaped(vec![6]).unwrap(), &buffers).unwrap()[5],
            5.0
        );
        assert_eq!(values(View::zeros(vec![2]), &buffers).unwrap(), [0., 0.]);
    }

    #[test]
    fn views_end_with_their_buffer_and_cannot_outnumber_it() {
        let buffers = numbers(6);
        let beyond = View::rows(0, 8, vec![2, 3]);
        let sentence = "f, tensor 'x': expected 2 x 3 of float64, found 48 bytes of it";
        assert_eq!(values(beyond, &buffers).unwrap_err(), sentence);
        let again = View {
            strides: vec![0],
            ..View::rows(0, 0, vec![1 << 40])
        };
        let sentence = "f, tensor 'x': expected at most as many numbers as the file has bytes, 48, \
                        found a vector of 1099511627776";
        assert_eq!(values(again, &buffers).unwrap_err(), sentence);
        for (offset, stride) in [(usize::MAX, 1), (0, usize::MAX), (8, usize::MAX / 8)] {
            let wild = View {
                strides: vec![stride, stride],
                offset,
                ..View::rows(0, 0, vec![2, 2])
            };
            assert!(values(wild, &buffers).is_err());
        }
    }
}
