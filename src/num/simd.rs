//! Running a whole computation under the best instruction set of the machine.
//!
//! Loops over slices vectorise by themselves; what they need is that the function they end up in
//! is compiled for AVX2 and FMA, or for AVX-512. [`run`] chooses at run time, once for a whole
//! window.

use pulp::{Arch, Simd, WithSimd};

/// A computation compiled once for each instruction set. Everything that it calls on its hot path
/// is `#[inline(always)]`, so that it is compiled with it.
pub trait Kernel {
    /// What it computes.
    type Output;
    /// The computation; `FMA` says whether a fused multiply-add is one instruction.
    fn run<const FMA: bool>(self) -> Self::Output;
}

struct Vectorised<K>(K);

impl<K: Kernel> WithSimd for Vectorised<K> {
    type Output = K::Output;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> K::Output {
        if S::IS_SCALAR {
            self.0.run::<false>()
        } else {
            self.0.run::<true>()
        }
    }
}

/// Runs `kernel` under the best instruction set. Last bits differ between instruction sets, never
/// between two runs on one machine.
pub fn run<K: Kernel>(kernel: K) -> K::Output {
    Arch::new().dispatch(Vectorised(kernel))
}

/// Whether there are 32 registers of eight numbers each (AVX-512).
pub fn wide() -> bool {
    #[cfg(target_arch = "x86_64")]
    let wide = pulp::x86::V4::try_new().is_some();
    #[cfg(not(target_arch = "x86_64"))]
    let wide = false;
    wide
}

/// a·b + c, fused where that is one instruction (in software it would be a slow call).
#[inline(always)]
pub fn mul_add<const FMA: bool>(a: f64, b: f64, c: f64) -> f64 {
    if FMA { a.mul_add(b, c) } else { a * b + c }
}
