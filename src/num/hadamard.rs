//! The elementwise product ⊙ over slices, as the formulas of the cells use it. One factor may be weights, which
//! are `f64` whatever the numbers are.

use super::Number;

/// x ← x + y.
#[inline(always)]
pub fn add<N: Number, A: Copy + Into<N>>(x: &mut [N], y: &[A]) {
    x.iter_mut().zip(y).for_each(|(x, &y)| *x += y.into());
}

/// x ← x + scale y.
#[inline(always)]
pub fn add_scaled<N: Number>(x: &mut [N], scale: N, y: &[N]) {
    x.iter_mut().zip(y).for_each(|(x, &y)| *x += scale * y);
}

/// x ← x + a ⊙ b.
#[inline(always)]
pub fn add_product<N: Number, A: Copy + Into<N>>(x: &mut [N], a: &[A], b: &[N]) {
    x.iter_mut()
        .zip(a)
        .zip(b)
        .for_each(|((x, &a), &b)| *x += a.into() * b);
}

/// x ← x ⊙ a.
#[inline(always)]
pub fn multiply<N: Number, A: Copy + Into<N>>(x: &mut [N], a: &[A]) {
    x.iter_mut().zip(a).for_each(|(x, &a)| *x *= a.into());
}

/// x ← a ⊙ b.
#[inline(always)]
pub fn product<N: Number, A: Copy + Into<N>>(x: &mut [N], a: &[A], b: &[N]) {
    x.iter_mut()
        .zip(a)
        .zip(b)
        .for_each(|((x, &a), &b)| *x = a.into() * b);
}

/// x ← a ⊙ b ⊙ c.
#[inline(always)]
pub fn product3<N: Number>(x: &mut [N], a: &[N], b: &[N], c: &[N]) {
    x.iter_mut()
        .zip(a)
        .zip(b)
        .zip(c)
        .for_each(|(((x, &a), &b), &c)| *x = a * b * c);
}
