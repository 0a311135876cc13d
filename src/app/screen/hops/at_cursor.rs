//! What each hop order is of the gradient at the cursor.

use ratatui::layout::Constraint::{Fill, Length};
use ratatui::layout::{Layout, Rect};

use super::picture::{Picture, places, room};
use crate::app::panel::Panel;
use crate::app::view::View;
use crate::ui::pen::{Pen, row_of};
use crate::ui::theme::Role;
use crate::ui::widget::bars::{Bar, Stem};
use crate::words::short;

/// Columns of the orders, of a part and of the sum up to it.
const ORDERS: u16 = 8;
const PART: u16 = 7;
const SUM: u16 = 6;

/// What each hop order is of the gradient at the cursor: its signed part, which all add up to 1, and
/// the sum of the parts from order 0 up to it.
#[derive(Clone, Copy, Debug)]
pub struct AtCursor;

impl Panel for AtCursor {
    fn render(&self, pen: &mut Pen, area: Rect, view: &View) {
        let look = view.look;
        let t = view.cursor();
        let symbol = view.symbol(view.app.focus.side);
        let title = look.title(format!("at t {t}"), format!("  part of {symbol}_t"));
        let Some(hops) = view.hops().filter(|h| t <= h.residual.len()) else {
            pen.frame(area, title, "");
            return;
        };
        let parts = hops.parts(t);
        let answer = look.span(most(parts).unwrap_or_default(), Role::Strong);
        let inner = pen.frame(area, title, answer);
        if inner.width < ORDERS + PART || inner.height < 2 {
            return;
        }
        let picture = Picture::new(hops, look, room(inner));
        let rows = rows(&picture, parts);
        let (top, first) = places(inner, picture.lines.len());
        // The remainder is the last, above all others.
        let lines = (first..inner.bottom()).rev().take(rows.len() - 1);
        let sums = if inner.width >= ORDERS + PART + SUM + 6 {
            SUM
        } else {
            0
        };
        let high = rows.iter().map(|row| row.each).fold(1e-9, f64::max);
        let low = rows.iter().map(|row| row.each).fold(0.0, f64::min);
        for (row, y) in rows.iter().zip(lines.chain([top])) {
            if row.name.is_empty() {
                continue;
            }
            let line = row_of(inner, y);
            let columns = [ORDERS - 1, 1].map(Length).into_iter();
            let columns = columns.chain([Fill(1)]).chain([PART, sums, 1].map(Length));
            let [name, _, bar, part, sum, _] = Layout::horizontal(columns).areas(line);
            let strong = row.first == 0;
            let role = if strong { Role::Strong } else { Role::Quiet };
            pen.write_right(name, &row.name, role);
            let value = row.each;
            let small = value.abs() < 5e-4;
            let role = if small { Role::Quiet } else { Role::Text };
            Bar { value, low, high }.render(pen, bar, look.style(Role::Text));
            pen.write_right(part, &short::part(value), role);
            if sums > 0 {
                pen.write_right(sum, &format!("{:.2}", row.sum), Role::Quiet);
                let x = bar.x + Stem::column(row.sum, low.min(0.0), 1.0, bar.width);
                pen.put(x, y, '●', look.style(Role::Key));
            }
        }
        if sums > 0 {
            let grouped = rows.iter().any(|row| row.name.contains('-'));
            let [left, right] = if grouped {
                ["several k: mean", "● Σ, to 1"]
            } else {
                ["bars: part", "● Σ from k 0, to 1"]
            };
            let left = look.span(left, Role::Quiet);
            let right = look.span(right, Role::Quiet);
            pen.lower(area, left, right);
        }
    }
}

/// The orders of a line.
struct Row {
    /// The lowest of them.
    first: usize,
    /// Empty where they have another line already.
    name: String,
    /// The part of each of them, in the mean: what stands beside single orders is as large as one.
    each: f64,
    /// The part of all orders up to these.
    sum: f64,
}

/// The rows from order 0 upwards, the remainder at the end.
fn rows(picture: &Picture, parts: &[f64]) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    let (mut sum, mut said) = (0.0, 0);
    for line in picture.lines.iter().rev() {
        // An order on several lines is said once.
        let first = line.iter().map(|band| band.start).min().unwrap_or(0);
        let first = first.max(said);
        let end = line.iter().map(|band| band.end).max().unwrap_or(0);
        said = said.max(end);
        let part: f64 = parts.get(first..end).unwrap_or_default().iter().sum();
        sum += part;
        let name = match end.saturating_sub(first) {
            0 => String::new(),
            1 => first.to_string(),
            _ => format!("{first}-{}", end - 1),
        };
        rows.push(Row {
            first,
            name,
            each: part / end.saturating_sub(first).max(1) as f64,
            sum,
        });
    }
    let orders = picture.hops.orders;
    let rest = parts.last().copied().unwrap_or(0.0);
    rows.push(Row {
        first: orders + 1,
        name: format!("k > {orders}"),
        each: rest,
        sum: sum + rest,
    });
    rows
}

/// `most k 5`: the order that is the largest part; that it is the remainder where it is, since the
/// largest order that stands by itself is only where the counting ends.
fn most(parts: &[f64]) -> Option<String> {
    let last = parts.len().checked_sub(1)?;
    let top = (0..=last).max_by(|&a, &b| parts[a].abs().total_cmp(&parts[b].abs()))?;
    match top {
        _ if parts[top] == 0.0 => None,
        top if top == last => Some(format!("most k > {}", last - 1)),
        top => Some(format!("most k {top}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of a small cell over thirty steps.
    fn hops(orders: usize) -> crate::flow::Hops {
        use crate::cell::{CellKind, Init, PathSet, init};
        use crate::flow::{self, Loss};
        let (parameters, _) = init::draw(CellKind::Lstm, 4, 1, Init::Orthogonal, false, 1).unwrap();
        let cell = crate::cell::Lstm::new(parameters, crate::cell::ForgetGate::Pinned(0.9));
        let mut tape = crate::cell::Cell::tape(&cell, 30);
        let inputs = ndarray::Array2::from_elem((30, 1), 0.3);
        crate::cell::forward::forward(&cell, inputs.view(), &mut tape, &mut |_| true).unwrap();
        let (v, cuts) = ([0.5; 4], PathSet::EMPTY);
        flow::hops::hops(&cell, &tape, Loss::Last(&v), cuts, orders, &mut |_| true).unwrap()
    }

    #[test]
    fn every_order_is_in_one_row() {
        for orders in [0, 1, 5, 12, 29] {
            let hops = hops(orders);
            for height in 2..40 {
                let picture = Picture::new(&hops, crate::ui::pen::Look::default(), height);
                for t in [1, 17, 30] {
                    let rows = rows(&picture, hops.parts(t));
                    let sum = rows.last().map_or(0.0, |row| row.sum);
                    assert!((sum - 1.0).abs() < 1e-9, "{orders} {height} {t}: {sum}");
                }
            }
        }
    }

    /// Orders that each bring as much are bars of one length, whichever of them share a row.
    #[test]
    fn a_row_of_two_orders_is_no_peak() {
        let hops = hops(9);
        let parts = [0.1; 11];
        let picture = Picture::new(&hops, crate::ui::pen::Look::default(), 8);
        let rows = rows(&picture, &parts);
        assert!(rows.iter().any(|row| row.name.contains('-')));
        let said = rows.iter().filter(|row| !row.name.is_empty());
        for row in said {
            assert!((row.each - 0.1).abs() < 1e-12, "{}: {}", row.name, row.each);
        }
        assert!((rows.last().map_or(0.0, |row| row.sum) - 1.1).abs() < 1e-12);
    }

    #[test]
    fn the_cap_is_not_the_peak() {
        assert_eq!(most(&[0.1, 0.7, 0.2, 0.0]).as_deref(), Some("most k 1"));
        assert_eq!(most(&[0.0, 0.1, 0.2, 0.7]).as_deref(), Some("most k > 2"));
        assert_eq!(most(&[0.4, -1.2, 1.8, 0.0]).as_deref(), Some("most k 2"));
        assert_eq!(most(&[0.0; 4]), None);
    }
}
