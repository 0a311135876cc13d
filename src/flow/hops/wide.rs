//! The orders where factors leave `f64`, with an exponent for every number.

use super::{CANCELS, Hops, larger};
use crate::cell::{Cell, PathSet, Tape};
use crate::flow::backward::GoOn;
use crate::flow::backward::wide::{Back, State};
use crate::flow::loss::Loss;
use crate::num::Wide;
use crate::num::wides::{add, norm};

/// As [`super::hops`].
pub(super) fn hops<C: Cell>(
    cell: &C,
    tape: &Tape,
    loss: Loss,
    cuts: PathSet,
    orders: usize,
    go_on: GoOn,
) -> Option<Hops> {
    let steps = tape.steps;
    let back = Back { cell, tape, cuts };
    let with_c = !tape.c.is_empty();
    let mut out = Hops::zeros(orders, steps, with_c);
    // What has landed on the present step, by order; `None` for nothing. The last is the remainder.
    let mut landed: Vec<Option<State>> = (0..orders + 2).map(|_| None).collect();
    let mut whole = back.empty();
    for t in (1..=steps).rev() {
        if let Some(injected) = loss.inject_wide(tape, t) {
            add(&mut whole.h, &injected);
            let first = landed[0].get_or_insert_with(|| back.empty());
            add(&mut first.h, &injected);
        }
        let total = back.inside(t, whole);
        let [stays, once, twice] = split(&back, t, &total);
        whole = stays;
        whole.join(&once);
        whole.join(&twice);
        let total = if with_c { &total.c } else { &total.h };
        let mut sum = vec![Wide::ZERO; tape.hidden];
        let mut largest = norm(total);
        let square = largest.times(largest);
        let (mut risen, mut above): (Option<State>, Option<State>) = (None, None);
        let mut sizes = Vec::new();
        for (order, part) in landed.iter_mut().enumerate() {
            let mut next = risen.take();
            risen = above.take();
            if let Some(part) = part.take() {
                let at = back.inside(t, part);
                out.grad_h.set(t, order, norm(&at.h));
                if let Some(grad_c) = &mut out.grad_c {
                    grad_c.set(t, order, norm(&at.c));
                }
                let main = if with_c { &at.c } else { &at.h };
                add(&mut sum, main);
                largest = larger(largest, norm(main));
                let products = main.iter().zip(total).map(|(x, y)| x.times(*y));
                out.set_part(t, order, products.fold(Wide::ZERO, Wide::plus), square);
                let [stays, once, twice] = split(&back, t, &at);
                let all = next.get_or_insert_with(|| back.empty());
                if order > orders {
                    sizes = sizes_of(&[all, &stays, &once, &twice]);
                }
                all.join(&stays);
                // Nothing is above the remainder: what crosses from it stays in it.
                if order > orders {
                    all.join(&once);
                    all.join(&twice);
                } else {
                    risen.get_or_insert_with(|| back.empty()).join(&once);
                    let to = if order < orders {
                        &mut above
                    } else {
                        &mut risen
                    };
                    to.get_or_insert_with(|| back.empty()).join(&twice);
                }
            }
            *part = next;
        }
        let (below, rest) = landed.split_at_mut(orders + 1);
        if let Some(rest) = &mut rest[0] {
            sharpen(rest, &whole, below, &sizes);
        }
        let negated: Vec<Wide> = total.iter().map(|x| x.negated()).collect();
        add(&mut sum, &negated);
        out.residual[t - 1] = norm(&sum).over(largest).saturating_f64();
        if t % 8 == 0 && !go_on((steps - t) as f64 / steps as f64) {
            return None;
        }
    }
    Some(out)
}

/// How large, without signs, the largest is of the numbers at each place of several states.
fn sizes_of(states: &[&State]) -> Vec<Wide> {
    let mut sizes = Vec::new();
    for state in states {
        let numbers = state
            .numbers()
            .map(|x| if x < Wide::ZERO { x.negated() } else { x });
        for (k, number) in numbers.enumerate() {
            match sizes.get_mut(k) {
                Some(size) => *size = larger(*size, number),
                None => sizes.push(number),
            }
        }
    }
    sizes
}

/// As [`super::sharpen`], number by number; `sizes` is how large what came to each of the remainder was.
fn sharpen(rest: &mut State, whole: &State, below: &[Option<State>], sizes: &[Wide]) {
    let below: Vec<&State> = below.iter().flatten().collect();
    let parts: Vec<&State> = below.iter().copied().chain([whole]).collect();
    let mut difference = whole.clone();
    for part in below {
        difference.subtract(part);
    }
    let ours = rest.numbers_mut().zip(difference.numbers());
    for ((rest, difference), (size, part)) in ours.zip(sizes.iter().zip(sizes_of(&parts))) {
        if part.times(Wide::from_f64(CANCELS)) < *size {
            *rest = difference;
        }
    }
}

/// What lands on t − 1 in the same order, in the next, and in that after it.
fn split<C: Cell>(back: &Back<C>, t: usize, at: &State) -> [State; 3] {
    let mut orders = [back.empty(), back.empty(), back.empty()];
    let (brought, _) = back.out_of(t, at, true);
    for (path, block) in back.cell.carried().iter().zip(&brought) {
        if back.cuts.contains(path.path) {
            continue;
        }
        orders[back.cell.crossings(path.path)].take(path.lands, block);
    }
    orders
}
