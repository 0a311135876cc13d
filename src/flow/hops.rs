//! Hop orders: how often did the gradient cross a recurrent matrix on its way from T to t?
//!
//! ```text
//! δ_t = Σ_k δ_t^(k)
//! ```
//!
//! The parts are swept back side by side, each through the same step as the whole. What a path
//! brings to the step before stays in its order, or goes up by one where the path crosses a
//! recurrent matrix ([`Cell::crossings`]), and by two where it crosses two:
//!
//! ```text
//! δ_{t-1}^(k) = Δ_{t-1} (k = 0) + what stays of δ_t^(k) + what crosses of δ_t^(k-1)
//! ```
//!
//! k = 0 is the pure carousel (for a GRU the leak; with peepholes their loops, too); the large k are
//! the paths that explode. Everything above order K is one remainder, so that memory stays at
//! K + 2 vectors whatever T. Orders lie thousands of decades apart: each has its own exponent.
//! Where what comes to the remainder cancels, it is taken as the difference of the whole and the orders
//! instead, which then has more digits.

use super::backward::{Ended, GoOn};
use super::loss::Loss;
use crate::cell::exact::LEAST;
use crate::cell::{At, Carried, Cell, PathSet, Tape};
use crate::num::Wide;
use crate::num::hadamard::add;
use crate::num::number::{Number, larger};
use crate::num::scaled::Scaled;
use crate::num::simd::{self, Kernel};

/// What comes to the remainder cancels where it is so many times as large as the whole and the orders.
const CANCELS: f64 = 8.0;

/// The norms of all orders over a window.
#[derive(Clone, Debug)]
pub struct Hops {
    /// K: orders 0 to K stand by themselves.
    pub orders: usize,
    /// |δh_t^(k)|.
    pub grad_h: HopNorms,
    /// |δc_t^(k)|, for a cell with c.
    pub grad_c: Option<HopNorms>,
    /// T rows of K + 2: what each order, and the remainder, is of δ_t.
    parts: Vec<f64>,
    /// `[t - 1]`: |Σ orders + remainder − δ_t| over the largest of them; the proof that they add up.
    pub residual: Vec<f64>,
}

/// The norms of the parts of δh_t or δc_t.
#[derive(Clone, Debug)]
pub struct HopNorms {
    orders: usize,
    /// T rows of K + 1.
    parts: Vec<Wide>,
    /// `[t - 1]`: the norm of the sum of all orders above K.
    pub rest: Vec<Wide>,
}

impl HopNorms {
    fn zeros(orders: usize, steps: usize) -> Self {
        let parts = vec![Wide::ZERO; steps * (orders + 1)];
        Self {
            orders,
            parts,
            rest: vec![Wide::ZERO; steps],
        }
    }

    /// K.
    pub fn orders(&self) -> usize {
        self.orders
    }

    /// The norms of the orders 0 … K at step t ≥ 1.
    pub fn at(&self, t: usize) -> &[Wide] {
        &self.parts[(t - 1) * (self.orders + 1)..][..=self.orders]
    }

    /// Order K + 1 is the remainder.
    fn set(&mut self, t: usize, order: usize, norm: Wide) {
        if order > self.orders {
            self.rest[t - 1] = norm;
        } else {
            self.parts[(t - 1) * (self.orders + 1) + order] = norm;
        }
    }
}

/// Splits the gradient of the window on `tape` into the orders 0 to `orders` and the remainder.
/// Paths in `cuts` are cut in all of them; clipping has no part in it. `None` when the caller
/// ended it. Costs at most as much as `orders` + 3 backward passes.
pub fn hops<C: Cell>(
    cell: &C,
    tape: &Tape,
    loss: Loss,
    cuts: PathSet,
    orders: usize,
    go_on: GoOn,
) -> Option<Hops> {
    if tape.wide.is_none() {
        let split = Split {
            cell,
            tape,
            loss,
            cuts,
            orders,
            go_on: &mut *go_on,
        };
        match simd::run(split) {
            Ok(hops) => return Some(hops),
            Err(Ended::Cancelled) => return None,
            Err(Ended::Lost) => (),
        }
    }
    let split = Split {
        cell,
        tape: &tape.exact(),
        loss,
        cuts,
        orders,
        go_on,
    };
    split.run::<false>().ok()
}

impl Hops {
    /// ⟨δ_t^(k), δ_t⟩ / |δ_t|² of the orders 0 … K at step t ≥ 1, and last of the remainder: the
    /// signed parts of δ_t (of δc_t where there is a c), which add up to 1. All are 0 where δ_t is.
    pub fn parts(&self, t: usize) -> &[f64] {
        let row = self.orders + 2;
        &self.parts[(t - 1) * row..t * row]
    }

    fn set_part(&mut self, t: usize, order: usize, product: Wide, square: Wide) {
        self.parts[(t - 1) * (self.orders + 2) + order] = product.over(square).saturating_f64();
    }

    fn zeros(orders: usize, steps: usize, with_c: bool) -> Self {
        Self {
            orders,
            grad_h: HopNorms::zeros(orders, steps),
            grad_c: with_c.then(|| HopNorms::zeros(orders, steps)),
            parts: vec![0.0; steps * (orders + 2)],
            residual: vec![0.0; steps],
        }
    }
}

struct Split<'a, 'b, N: Number, C> {
    cell: &'a C,
    tape: &'a Tape<N>,
    loss: Loss<'a>,
    cuts: PathSet,
    orders: usize,
    go_on: GoOn<'b>,
}

impl<N: Number, C: Cell> Kernel for Split<'_, '_, N, C> {
    type Output = Result<Hops, Ended>;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> Result<Hops, Ended> {
        let Self {
            cell,
            tape,
            loss,
            cuts,
            orders,
            go_on,
        } = self;
        let (n, steps) = (tape.hidden, tape.steps);
        let state = tape.parts().max(2) * n;
        let with_c = !tape.c.is_empty();
        let mut out = Hops::zeros(orders, steps, with_c);
        // What has come to the state of the present step, [h, c] and perhaps the gates, by order; the last is the
        // remainder.
        let mut brought = vec![Scaled::zeros(state); orders + 2];
        let mut whole = Scaled::zeros(state);
        // What comes to the present order from those below it, and what will come to the next.
        let mut risen = Scaled::zeros(state);
        let mut above = Scaled::zeros(state);
        let mut sum = Scaled::zeros(n);
        let mut total = Scaled::zeros(n);
        let mut injected = vec![N::default(); state];
        let mut step = Step::new(cell, tape, cuts);
        let watch = cell.mixes() && !N::EXACT;
        // How large what comes to the remainder is: of h, of c and of each gate, or of every number by itself.
        let width = if N::EXACT { 1 } else { n };
        let mut sizes = vec![Wide::ZERO; state / width];

        for t in (1..=steps).rev() {
            if let Some(exponent) = loss.inject(tape, t, &mut injected[..n]) {
                together(&mut brought[0], &injected, exponent, watch)?;
                together(&mut whole, &injected, exponent, watch)?;
            }
            sum.clear();
            total.clear();
            risen.clear();
            above.clear();
            if !whole.is_zero() {
                let exponent = whole.exponent();
                step.back::<FMA>(t, whole.mantissas());
                let main = if with_c { &step.grad_c } else { &step.grad_h };
                total.add(main, exponent);
                whole.clear();
                together(&mut whole, &step.stays, exponent, watch)?;
                for crosses in &step.crosses {
                    together(&mut whole, crosses, exponent, watch)?;
                }
            }
            let mut largest = total.norm::<FMA>();
            let square = largest.times(largest);
            for (order, part) in brought.iter_mut().enumerate() {
                if part.is_zero() {
                    // What crosses from the orders below is all that this one has at t − 1.
                    std::mem::swap(part, &mut risen);
                    std::mem::swap(&mut risen, &mut above);
                    above.clear();
                    continue;
                }
                let exponent = part.exponent();
                step.back::<FMA>(t, part.mantissas());
                out.grad_h
                    .set(t, order, N::norm::<FMA>(&step.grad_h).widened(exponent));
                if let Some(grad_c) = &mut out.grad_c {
                    grad_c.set(t, order, N::norm::<FMA>(&step.grad_c).widened(exponent));
                }
                let main = if with_c { &step.grad_c } else { &step.grad_h };
                sum.add(main, exponent);
                largest = larger(largest, N::norm::<FMA>(main).widened(exponent));
                let product = N::dot::<FMA>(main, total.mantissas());
                let product = product.widened(exponent + total.exponent());
                out.set_part(t, order, product, square);

                if order > orders {
                    for (block, size) in sizes.iter_mut().enumerate() {
                        let of = block * width..(block + 1) * width;
                        let from_it = [&step.stays, &step.crosses[0], &step.crosses[1]];
                        let from_it = from_it.map(|y| y.get(of.clone()).map(N::largest));
                        let from_it = from_it.into_iter().flatten().fold(N::default(), larger);
                        let below = N::largest(&risen.mantissas()[of]).widened(risen.exponent());
                        *size = larger(from_it.widened(exponent), below);
                    }
                }
                part.clear();
                together(part, &step.stays, exponent, watch)?;
                together(part, risen.mantissas(), risen.exponent(), watch)?;
                risen.clear();
                std::mem::swap(&mut risen, &mut above);
                // Nothing is above the remainder: what crosses from it stays in it.
                let next = if order > orders { part } else { &mut risen };
                together(next, &step.crosses[0], exponent, watch)?;
                if !step.crosses[1].is_empty() {
                    let next = if order < orders { &mut above } else { next };
                    together(next, &step.crosses[1], exponent, watch)?;
                }
            }
            let (below, rest) = brought.split_at_mut(orders + 1);
            sharpen(&mut rest[0], &whole, below, &mut sizes);
            sum.subtract(&total);
            let residual = sum.norm::<FMA>().ratio(largest);
            out.residual[t - 1] = residual.map_or(0.0, Wide::saturating_f64);
            if t % 8 == 0 && !go_on((steps - t) as f64 / steps as f64) {
                return Err(Ended::Cancelled);
            }
        }
        Ok(out)
    }
}

/// Takes what cancels in the remainder as the difference of the whole and the orders, which has more digits.
/// `sizes` is how large what came to each block of the remainder was; it is 0 afterwards.
fn sharpen<N: Number>(
    rest: &mut Scaled<N>,
    whole: &Scaled<N>,
    below: &[Scaled<N>],
    sizes: &mut [Wide],
) {
    let width = whole.mantissas().len() / sizes.len().max(1);
    let cancels = |(block, size): (usize, &Wide)| {
        let of = block * width..(block + 1) * width;
        let largest = |x: &Scaled<N>| N::largest(&x.mantissas()[of.clone()]).widened(x.exponent());
        let of_difference = below.iter().map(largest).fold(largest(whole), larger);
        of_difference.times(Wide::from_f64(CANCELS)) < *size
    };
    let cancelled: Vec<bool> = sizes.iter().enumerate().map(cancels).collect();
    sizes.fill(Wide::ZERO);
    if !cancelled.contains(&true) {
        return;
    }
    let mut difference = whole.clone();
    for part in below {
        difference.subtract(part);
    }
    rest.keep(|k| !cancelled[k / width]);
    difference.keep(|k| cancelled[k / width]);
    rest.add(difference.mantissas(), difference.exponent());
}

/// sum ← sum + y · 2^exponent; watched, unless a number is lost by it.
#[inline(always)]
fn together<N: Number>(
    sum: &mut Scaled<N>,
    y: &[N],
    exponent: i64,
    watch: bool,
) -> Result<(), Ended> {
    let lost = watch && (N::smallest(y) < LEAST || sum.loses(y, exponent, LEAST));
    sum.add(y, exponent);
    if lost || watch && N::smallest(sum.mantissas()) < LEAST {
        return Err(Ended::Lost);
    }
    Ok(())
}

/// One step back of one part, with its memory.
struct Step<'a, N: Number, C> {
    cell: &'a C,
    tape: &'a Tape<N>,
    cuts: PathSet,
    carried: &'static [Carried],
    grad_h: Vec<N>,
    grad_c: Vec<N>,
    delta: Vec<N>,
    carry: Vec<N>,
    /// What arrives at the state of the step before with as many crossings, and with one or two more;
    /// of a cell that never crosses two the last is empty.
    stays: Vec<N>,
    crosses: [Vec<N>; 2],
}

impl<'a, N: Number, C: Cell> Step<'a, N, C> {
    fn new(cell: &'a C, tape: &'a Tape<N>, cuts: PathSet) -> Self {
        let (n, carried) = (tape.hidden, cell.carried());
        let state = tape.parts().max(2) * n;
        let twice = carried.iter().any(|c| cell.crossings(c.path) > 1);
        let zeros = |len: usize| vec![N::default(); len];
        Self {
            cell,
            tape,
            cuts,
            carried,
            grad_h: zeros(n),
            grad_c: zeros(if tape.c.is_empty() { 0 } else { n }),
            delta: zeros(tape.gates * n),
            carry: zeros(carried.len() * n),
            stays: zeros(state),
            crosses: [zeros(state), zeros(if twice { state } else { 0 })],
        }
    }

    /// From what has come to the state of step t to what comes to the state of t − 1.
    #[inline(always)]
    fn back<const FMA: bool>(&mut self, t: usize, brought: &[N]) {
        let Self {
            cell, tape, cuts, ..
        } = *self;
        let n = tape.hidden;
        let (to_h, behind) = brought.split_at(n);
        self.grad_h.copy_from_slice(to_h);
        let at = At {
            tape,
            t,
            cuts,
            grad_h: to_h,
            from_next: behind,
        };
        cell.backward::<_, FMA>(at, &mut self.grad_c, &mut self.delta);
        cell.carry::<_, FMA>(at, &self.grad_c, &self.delta, &mut self.carry);
        self.stays.fill(N::default());
        self.crosses
            .iter_mut()
            .for_each(|crosses| crosses.fill(N::default()));
        for (path, block) in self.carried.iter().zip(self.carry.chunks_exact(n)) {
            if cuts.contains(path.path) {
                continue;
            }
            let sum = match cell.crossings(path.path) {
                0 => &mut self.stays,
                n => &mut self.crosses[n - 1],
            };
            let first = path.lands.part() * n;
            add(&mut sum[first..], block);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::forward::forward;
    use crate::cell::{Activation, CellKind, ForgetGate, Init, Lstm, Rnn, init};
    use ndarray::Array2;

    #[test]
    fn an_rnn_has_one_order_at_every_step() {
        let (parameters, _) = init::draw(CellKind::Rnn, 3, 1, Init::Orthogonal, false, 1).unwrap();
        let cell = Rnn::new(parameters, Activation::Linear);
        let mut tape = cell.tape(6);
        forward(&cell, Array2::zeros((6, 1)).view(), &mut tape, &mut |_| {
            true
        })
        .unwrap();
        let hops = hops(
            &cell,
            &tape,
            Loss::Last(&[1.0, 0.0, 0.0]),
            PathSet::EMPTY,
            3,
            &mut |_| true,
        )
        .unwrap();
        for t in 1..=6 {
            for (k, norm) in hops.grad_h.at(t).iter().enumerate() {
                let want = f64::from(u8::from(k == 6 - t));
                assert!((norm.saturating_f64() - want).abs() < 1e-14);
            }
            let want = f64::from(u8::from(6 - t > 3));
            assert!((hops.grad_h.rest[t - 1].saturating_f64() - want).abs() < 1e-14);
        }
        assert!(hops.grad_c.is_none());
    }

    /// Where what comes to the remainder cancels, it keeps its digits, since it is then the difference of the whole and
    /// the orders: with f = ½ and ½·½·R_z = −0.1 the total is 0.4ᵗ, and everything that reaches h has crossed R_z.
    #[test]
    fn a_remainder_keeps_its_digits_where_orders_cancel() {
        let (mut parameters, _) = init::draw(CellKind::Lstm, 1, 1, Init::Scalar, false, 1).unwrap();
        parameters.r.fill(0.0);
        parameters.r[[2, 0]] = -0.4;
        let cell = Lstm::new(parameters, ForgetGate::Pinned(0.5));
        let steps = 200;
        let mut tape = cell.tape(steps);
        forward(
            &cell,
            Array2::zeros((steps, 1)).view(),
            &mut tape,
            &mut |_| true,
        )
        .unwrap();
        let loss = Loss::Last(&[1.0]);
        let each = Tape {
            wide: Some(Box::new(tape.exact().into_owned())),
            ..tape.clone()
        };
        for tape in [tape, each] {
            let found = hops(&cell, &tape, loss, PathSet::EMPTY, 0, &mut |_| true).unwrap();
            for t in 1..steps {
                // δh_t = −0.2 δc_{t+1}, and δc_t = 0.4 δc_{t+1}, ½ at T.
                let want = 0.1 * 0.4f64.powi((steps - 1 - t) as i32);
                let rest = found.grad_h.rest[t - 1].saturating_f64();
                assert!(
                    (rest - want).abs() < 1e-13 * want,
                    "t {t}: {rest} for {want}"
                );
            }
        }
    }

    #[test]
    fn orders_lie_thousands_of_decades_apart_and_long_work_ends_when_asked() {
        let (mut parameters, _) =
            init::draw(CellKind::Lstm, 4, 1, Init::Orthogonal, false, 1).unwrap();
        parameters.r *= 8.0;
        let cell = Lstm::new(parameters, ForgetGate::Pinned(0.05));
        let steps = 3000;
        let mut tape = cell.tape(steps);
        let inputs = Array2::from_elem((steps, 1), 0.001);
        forward(&cell, inputs.view(), &mut tape, &mut |_| true).unwrap();
        let v = [0.5; 4];
        let split = |go_on: GoOn| hops(&cell, &tape, Loss::Last(&v), PathSet::EMPTY, 4, go_on);
        let whole = split(&mut |_| true).unwrap();
        let carousel = whole.grad_c.as_ref().unwrap().at(1)[0];
        let want = 0.05f64.log10() * (steps - 1) as f64;
        assert!(
            (carousel.log10() - want).abs() < 2.0,
            "{} for {want}",
            carousel.log10()
        );
        assert!(whole.grad_c.as_ref().unwrap().rest[0].log10() > want + 1000.0);
        assert!(whole.residual.iter().all(|&r| r < 1e-12));
        for t in [1, steps / 2, steps - 1, steps] {
            let parts = whole.parts(t);
            let sum: f64 = parts.iter().sum();
            assert!((sum - 1.0).abs() < 1e-12, "t {t}: {sum}");
            // At T nothing has crossed yet; far back all of it has, more than K times.
            let whose = if t == steps { 0 } else { parts.len() - 1 };
            assert!(
                t == steps - 1 || (parts[whose] - 1.0).abs() < 1e-12,
                "t {t}"
            );
        }
        assert!(split(&mut |done| done < 0.5).is_none());
    }
}
