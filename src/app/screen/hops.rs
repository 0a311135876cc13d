//! How often the gradient crossed a recurrent matrix: the hop orders over the window, and at the
//! cursor as a spectrum.
//!
//! ```text
//! ╭ lstm hop orders  log10 |δc_t^(k)|/|δc_T| ──── Σ + rest = δc ✓ ─╮╭ at t 140 ───────── peak k 9 ─╮
//! │ k > 40  the rest                                               ││ k > 40                  zero │
//! │     40 ▒▒▒░░                                                   ││     40 ▌               -6.21 │
//! │        ████▓▓▓▓▒▒▒▒░░░░                                        ││        ██████▌         -1.02 │
//! │    k 0 ████████████████████████████████████████████████████████││    k 0 ████████        -0.26 │
//! ╰ - + K 40, at most 199 ───────────────────────── -8 ▒▓█ 0 █▓▒ +8╯╰──────────────────────────────╯
//! ```

pub mod state;

use std::ops::Range;

use ratatui::layout::Constraint::{Fill, Length};
use ratatui::layout::{Layout, Rect};
use ratatui::text::Line;

use crate::app::effect::{Effect, changed};
use crate::app::entry::{Entry, Typed};
use crate::app::layout::{Plan, controls, timed};
use crate::app::panel::heat;
use crate::app::panel::{Panel, framed_plot};
use crate::app::room::Room;
use crate::app::size::MEDIUM;
use crate::app::state::App;
use crate::app::steps;
use crate::app::view::View;
use crate::flow::hops::HopNorms;
use crate::flow::{Hops, Path};
use crate::num::Wide;
use crate::sim::StudyRequest;
use crate::ui::pen::{Look, Pen};
use crate::ui::span::Span;
use crate::ui::theme::Role;
use crate::ui::widget::bars::Bar;
use crate::ui::widget::heat::step;
use crate::ui::widget::map::{Map, per_line, sign};
use crate::ui::widget::scale::nice;
use crate::words::short;
use crate::words::short::Level;

use state::State;

/// The screen.
pub static ROOM: Room = Room {
    plan,
    study: |app| {
        Some(StudyRequest::Hops {
            side: app.focus.side,
            orders: app.orders(),
        })
    },
    adjust: |app, n| {
        let by = isize::try_from(n).unwrap_or(0);
        app.set_orders(app.orders().saturating_add_signed(by))
    },
    reset: |app| {
        if app.orders() == State::ORDERS.min(app.most_orders()) {
            app.say("hop orders K is as it was at the start")
        } else {
            app.set_orders(State::ORDERS)
        }
    },
    entry: |app| {
        Some(Entry {
            name: ORDERS,
            range: range(app),
            value: app.orders().to_string(),
            closed: None,
            check,
        })
    },
    ..Room::CHART
};

/// What is typed here.
const ORDERS: &str = "hop orders K";

fn range(app: &App) -> String {
    format!("a whole number from 0 to {}", app.most_orders())
}

fn check(app: &App, text: &str) -> Result<Typed, String> {
    let most = app.most_orders();
    let typed = text.trim().parse().ok().filter(|k| *k <= most);
    let orders: usize = typed.ok_or_else(|| steps::refusal(ORDERS, &range(app), text.trim()))?;
    Ok(Box::new(move |app| app.set_orders(orders)))
}

fn plan(_: &App, plan: &mut Plan, body: Rect) {
    plan.gutter = 8;
    let framed = plan.area.height >= MEDIUM.1;
    let mut body = controls(plan, body, framed);
    if body.width >= 70 {
        let width = 26 + (body.width - 70) / 8;
        let side;
        [body, side] = Layout::horizontal([Fill(1), Length(width)]).areas(body);
        // Its lines stand beside those of the map, which has the time axis below it.
        let [orders, _] = Layout::vertical([Fill(1), Length(1)]).areas(side);
        plan.put(orders, AtCursor);
    }
    timed(plan, body, Orders);
}

impl App {
    /// The largest K for the window: its steps, or where the norms of all orders would be too many
    /// to keep (16 MB for two million).
    pub fn most_orders(&self) -> usize {
        let steps = self.sim.settings.steps.max(1);
        steps.min(2_000_000 / steps)
    }

    /// K of the hop orders for the window.
    pub fn orders(&self) -> usize {
        self.screens.hops.orders.min(self.most_orders())
    }

    /// Sets K of the hop orders, as far as the window has room for it.
    fn set_orders(&mut self, orders: usize) -> Effect {
        let orders = orders.min(self.most_orders());
        if orders == self.screens.hops.orders {
            let most = self.most_orders();
            return self.say(&format!("hop orders K: the range is 0 to {most}"));
        }
        changed(&mut self.screens.hops.orders, orders)
    }
}

/// The least that the colours reach, and the deepest that they follow small orders, in decades.
const REACH: (f64, f64) = (1.0, 8.0);

/// The orders as they are drawn.
struct Picture<'a> {
    hops: &'a Hops,
    /// Of δc where there is a c, of δh otherwise.
    norms: &'a HopNorms,
    /// log10 of |δ_T|, which is all of order 0 at T.
    reference: f64,
    /// The level of the outermost colour.
    reach: f64,
    /// Orders of each line of the map from the top; with half blocks two bands a line.
    lines: Vec<Vec<Range<usize>>>,
}

impl<'a> Picture<'a> {
    fn new(hops: &'a Hops, look: Look, height: u16) -> Self {
        let norms = hops.grad_c.as_ref().unwrap_or(&hops.grad_h);
        let steps = hops.residual.len();
        let last = norms.at(steps.max(1)).first().filter(|w| !w.is_zero());
        let reference = last.map_or(0.0, |w| w.log10());
        let (mut low, mut high) = (Wide::ONE.shifted(i64::MAX / 2), Wide::ZERO);
        for t in 1..=steps {
            for &w in norms.at(t).iter().chain([&norms.rest[t - 1]]) {
                high = if w > high { w } else { high };
                low = if w < low && !w.is_zero() { w } else { low };
            }
        }
        let (least, deepest) = REACH;
        let reach = if high.is_zero() {
            least
        } else {
            let below = (reference - low.log10()).min(deepest);
            nice((high.log10() - reference).max(below).max(least))
        };
        Self {
            hops,
            norms,
            reference,
            reach,
            lines: lines(hops.orders, height, per_line(look)),
        }
    }

    fn level(&self, w: Wide) -> Level {
        (!w.is_zero()).then(|| w.log10() - self.reference)
    }

    /// The largest order of a band at step t.
    fn largest(&self, band: Range<usize>, t: usize) -> Wide {
        let orders = self.norms.at(t).get(band).unwrap_or_default();
        orders.iter().copied().fold(Wide::ZERO, larger)
    }

    /// The map's rows over so many columns, and that of the remainder.
    fn rows(&self, span: Span, width: u16) -> (Vec<Vec<Level>>, Vec<Level>) {
        let over = |of: &dyn Fn(usize) -> Wide| -> Vec<Level> {
            let columns = (0..usize::from(width)).map(|x| {
                let steps = span.indices(x).map(|i| of(i + 1));
                self.level(steps.fold(Wide::ZERO, larger))
            });
            columns.collect()
        };
        let bands = self.lines.iter().flatten();
        let rows = bands.map(|band| over(&|t| self.largest(band.clone(), t)));
        (rows.collect(), over(&|t| self.norms.rest[t - 1]))
    }

    /// What stands left of a line: its highest order, at the ends and every few lines.
    fn label(&self, line: usize) -> Option<String> {
        let last = self.lines.len().checked_sub(1)?;
        let highest = self.lines[line]
            .iter()
            .map(|b| b.end)
            .max()?
            .checked_sub(1)?;
        let new = line == last || !self.lines[line + 1].iter().any(|b| b.contains(&highest));
        match line {
            _ if line == last => Some("k 0".to_owned()),
            0 => Some(highest.to_string()),
            _ if new && line >= 2 && (last - line).is_multiple_of(4) && last - line >= 2 => {
                Some(highest.to_string())
            }
            _ => None,
        }
    }
}

fn larger(a: Wide, b: Wide) -> Wide {
    if b > a { b } else { a }
}

/// The orders of each of so many lines from the top, `per` bands in a line. Order 0 has a line of
/// its own, at the bottom; where there are more orders than bands, several share one.
fn lines(orders: usize, height: u16, per: u16) -> Vec<Vec<Range<usize>>> {
    let (height, per) = (usize::from(height), usize::from(per.max(1)));
    let Some(above) = height.checked_sub(1) else {
        return Vec::new();
    };
    // With room enough every order has the same number of whole lines; two in a line only where
    // they must.
    let (per, rows) = match orders {
        0 => (1, 0),
        _ if orders <= above => (1, above / orders * orders),
        _ => (per, above * per),
    };
    let band = |row: usize| {
        let first = |row| 1 + row * orders / rows;
        first(row)..first(row + 1).max(first(row) + 1)
    };
    let bands: Vec<Range<usize>> = (0..rows).rev().map(band).collect();
    let mut lines: Vec<Vec<Range<usize>>> = bands.chunks(per).map(<[_]>::to_vec).collect();
    lines.push(vec![0..1; per]);
    lines
}

/// The rows of a panel: the remainder, an empty one, the map at the bottom.
fn places(inner: Rect, lines: usize) -> (u16, u16) {
    let lines = u16::try_from(lines).unwrap_or(u16::MAX);
    (inner.y, inner.bottom().saturating_sub(lines).max(inner.y))
}

/// The height that is left for the map: the remainder stands apart from it where there is room.
fn room(inner: Rect) -> u16 {
    let gap = u16::from(inner.height >= 12);
    inner.height.saturating_sub(1 + gap)
}

/// Hop orders over the window.
#[derive(Clone, Copy, Debug)]
pub struct Orders;

impl Panel for Orders {
    fn render(&self, pen: &mut Pen, area: Rect, view: &View) {
        let gutter = view.gutter;
        let look = view.look;
        let side = view.app.focus.side;
        let s = view.symbol(side);
        let name = look.span(format!("{} hop orders", view.name(side)), Role::Strong);
        let unit = look.span(format!("  log10 |{s}_t^(k)|/|{s}_T|"), Role::Quiet);
        let cut = look.span(cuts(view), Role::Strong);
        // Which gradient it is matters more than the rounding error.
        let most = area
            .width
            .saturating_sub(look.width(&name.content) + look.width(&cut.content) + 6);
        let mut title = Line::from(vec![name, cut, unit]);
        let state = view.study_state();
        let Some(hops) = view.hops() else {
            let answer = look.span(state.unwrap_or_default(), Role::Quiet);
            pen.frame(area, &title, &answer.into());
            return;
        };
        if let Some(state) = state {
            title.push_span(look.span(format!("  {state}"), Role::Quiet));
        }
        let left = area.width.saturating_sub(look.line_width(&title) + 8);
        let inner = pen.frame(area, &title, &proof(view, hops, s, [left, most]));
        let picture = Picture::new(hops, look, room(inner));
        let Some(plot) = framed_plot(area, gutter).filter(|_| inner.height > 1) else {
            return;
        };
        let steps = hops.residual.len();
        let span = Span::new(steps, plot.width);
        let (rows, rest) = picture.rows(span, plot.width);
        let (top, first) = places(inner, picture.lines.len());
        let cursor = Some(span.column(view.cursor()));
        let rest_row = Rect {
            y: top,
            height: 1,
            ..plot
        };
        let map = |rows| Map {
            rows,
            reach: picture.reach,
            cursor,
        };
        let rest = [rest];
        map(&rest).render(pen, rest_row, 1);
        let per = picture.lines.first().map_or(1, Vec::len);
        let place = Rect {
            y: first,
            height: inner.bottom() - first,
            ..plot
        };
        map(&rows).render(pen, place, u16::try_from(per).unwrap_or(1));
        labels(pen, inner, plot.x.saturating_sub(1), &picture);
        below(pen, area, view, &picture);
    }

    fn plot(&self, area: Rect, gutter: u16) -> Option<Rect> {
        framed_plot(area, gutter)
    }
}

/// ` ✂ bo`: the letters of the paths that the gradient is shown without.
fn cuts(view: &View) -> String {
    let paths = view.flow(view.app.focus.side).map_or(&[][..], |f| &f.paths);
    let cut = paths.iter().map(|p| p.path).filter(|p| view.is_cut(*p));
    let mut letters: Vec<char> = cut.map(Path::letter).collect();
    // The peepholes share one.
    letters.dedup();
    if letters.is_empty() {
        String::new()
    } else {
        format!(" ✂ {}", letters.iter().collect::<String>())
    }
}

/// `Σ orders + rest = δc ✓  error 2e-16`: the proof that the orders add up, the worst of the window;
/// in fewer words where there is less room than the first, without the error below the second.
fn proof(view: &View, hops: &Hops, symbol: &str, [room, most]: [u16; 2]) -> Line<'static> {
    let look = view.look;
    let worst = hops.residual.iter().copied().fold(0.0, f64::max);
    let (mark, role) = if worst < 1e-9 {
        ("✓", Role::Strong)
    } else {
        ("≠", Role::Error)
    };
    let error = if worst == 0.0 {
        "exact".to_owned()
    } else {
        format!("error {worst:.0e}")
    };
    let words = |sum: &str| {
        Line::from(vec![
            look.span(format!("{sum} = {symbol} {mark}"), role),
            look.span(format!("  {error}"), Role::Quiet),
        ])
    };
    let long = words("Σ orders + rest");
    if look.line_width(&long) <= room {
        return long;
    }
    let mut short = words("Σ + rest");
    if look.line_width(&short) > most {
        short.spans.truncate(1);
    }
    short
}

/// The orders left of the lines, and the remainder's name.
fn labels(pen: &mut Pen, inner: Rect, end: u16, picture: &Picture) {
    let quiet = pen.look.style(Role::Quiet);
    let (top, first) = places(inner, picture.lines.len());
    let rest = format!("k > {}", picture.hops.orders);
    pen.text_right(inner.x, end, top, &rest, quiet);
    for (line, y) in (0..picture.lines.len()).zip(first..inner.bottom()) {
        if let Some(label) = picture.label(line) {
            let style = if line + 1 == picture.lines.len() {
                pen.look.style(Role::Strong)
            } else {
                quiet
            };
            pen.text_right(inner.x, end, y, &label, style);
        }
    }
}

/// How to choose K, and what the colours mean.
fn below(pen: &mut Pen, area: Rect, view: &View, picture: &Picture) {
    let look = view.look;
    let left = Line::from(vec![
        look.span("- +", Role::Key),
        look.span(format!(" K {}", view.app.orders()), Role::Text),
        look.span(format!(", at most {}", view.app.most_orders()), Role::Quiet),
    ]);
    pen.lower(area, &left, &Line::default());
    let taken = look.line_width(&left);
    let y = area.bottom().saturating_sub(1);
    heat::scale(pen, area, y, taken, picture.reach, sign);
}

/// Hop orders at the cursor.
#[derive(Clone, Copy, Debug)]
pub struct AtCursor;

impl Panel for AtCursor {
    fn render(&self, pen: &mut Pen, area: Rect, view: &View) {
        let look = view.look;
        let t = view.cursor();
        let title = look.span(format!("at t {t}"), Role::Strong);
        let Some(hops) = view.hops().filter(|h| t <= h.residual.len()) else {
            pen.frame(area, &title.into(), &Line::default());
            return;
        };
        let orders = hops.grad_c.as_ref().unwrap_or(&hops.grad_h).at(t);
        let peak = (0..orders.len()).reduce(|a, b| if orders[b] > orders[a] { b } else { a });
        let answer = match peak.filter(|&k| !orders[k].is_zero()) {
            Some(k) => look.span(format!("peak k {k}"), Role::Strong).into(),
            None => Line::default(),
        };
        let inner = pen.frame(area, &title.into(), &answer);
        if inner.width < 12 || inner.height < 2 {
            return;
        }
        let picture = Picture::new(hops, look, room(inner));
        let (top, first) = places(inner, picture.lines.len());
        let names = 8;
        labels(pen, inner, inner.x + names - 1, &picture);
        let row = |pen: &mut Pen, y: u16, w: Wide| {
            let level = picture.level(w);
            let end = inner.right() - 1;
            let bar = Rect {
                x: inner.x + names,
                y,
                width: inner.width.saturating_sub(names + 9),
                height: 1,
            };
            if let Some(v) = level {
                let colour = step(level, picture.reach).unwrap_or_default();
                Bar {
                    value: (v + picture.reach).max(0.0),
                    low: 0.0,
                    high: 2.0 * picture.reach,
                }
                .render(pen, bar, look.theme.heat(colour));
            }
            let role = if level.is_some() {
                Role::Text
            } else {
                Role::Quiet
            };
            pen.text_right(bar.right(), end, y, &short::level(level), look.style(role));
        };
        let norms = hops.grad_c.as_ref().unwrap_or(&hops.grad_h);
        row(pen, top, norms.rest[t - 1]);
        let mut before = None;
        for (line, y) in picture.lines.iter().zip(first..inner.bottom()) {
            // An order on several lines is said once.
            if before == Some(line) {
                continue;
            }
            let largest = line.iter().map(|band| picture.largest(band.clone(), t));
            row(pen, y, largest.fold(Wide::ZERO, larger));
            before = Some(line);
        }
    }
}

#[cfg(test)]
#[allow(
    clippy::single_range_in_vec_init,
    reason = "a line may hold one band of orders"
)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
    #[test]
    fn every_order_has_its_place_and_order_0_the_bottom(
    orders in 0usize..300, height in 2u16..60, per in 1u16..3,
    ) {
    let lines = lines(orders, height, per);
    prop_assert!(lines.len() <= usize::from(height));
    prop_assert!(lines.last().unwrap().iter().all(|band| *band == (0..1)));
    let mut seen = vec![false; orders + 1];
    let mut above = usize::MAX;
    for band in lines.iter().flatten() {
    for k in band.clone() {
    seen[k] = true;
    }
    prop_assert!(band.start <= above, "lower orders are below");
    above = band.start;
    }
    prop_assert!(seen.into_iter().all(|s| s));
    }
    }

    #[test]
    fn few_orders_have_whole_lines() {
        assert_eq!(
            lines(2, 7, 2),
            [
                vec![2..3],
                vec![2..3],
                vec![2..3],
                vec![1..2],
                vec![1..2],
                vec![1..2],
                vec![0..1]
            ]
        );
        assert_eq!(
            lines(9, 4, 2),
            [
                vec![8..10, 7..8],
                vec![5..7, 4..5],
                vec![2..4, 1..2],
                vec![0..1, 0..1]
            ]
        );
        assert_eq!(
            lines(9, 4, 1),
            [vec![7..10], vec![4..7], vec![1..4], vec![0..1]]
        );
        assert_eq!(lines(4, 0, 1), Vec::<Vec<Range<usize>>>::new());
    }
}
