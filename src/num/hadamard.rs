//! The elementwise product ⊙ over slices, as the formulas of the cells use it.

/// x ← x + y.
#[inline(always)]
pub fn add(x: &mut [f64], y: &[f64]) {
    x.iter_mut().zip(y).for_each(|(x, y)| *x += y);
}

/// x ← x + scale y.
#[inline(always)]
pub fn add_scaled(x: &mut [f64], scale: f64, y: &[f64]) {
    x.iter_mut().zip(y).for_each(|(x, y)| *x += scale * y);
}

/// x ← x + a ⊙ b.
#[inline(always)]
pub fn add_product(x: &mut [f64], a: &[f64], b: &[f64]) {
    x.iter_mut()
        .zip(a)
        .zip(b)
        .for_each(|((x, a), b)| *x += a * b);
}

/// x ← x ⊙ a.
#[inline(always)]
pub fn multiply(x: &mut [f64], a: &[f64]) {
    x.iter_mut().zip(a).for_each(|(x, a)| *x *= a);
}

/// x ← a ⊙ b.
#[inline(always)]
pub fn product(x: &mut [f64], a: &[f64], b: &[f64]) {
    x.iter_mut()
        .zip(a)
        .zip(b)
        .for_each(|((x, a), b)| *x = a * b);
}

/// x ← a ⊙ b ⊙ c.
#[inline(always)]
pub fn product3(x: &mut [f64], a: &[f64], b: &[f64], c: &[f64]) {
    x.iter_mut()
        .zip(a)
        .zip(b)
        .zip(c)
        .for_each(|(((x, a), b), c)| *x = a * b * c);
}
