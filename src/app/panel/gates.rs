//! Activations over the window: mean over the units as a line, the middle half of them as a band, and
//! the units by their means. What keeps the state is drawn as what it loses, 1 − f, on a log axis: there
//! 0.99 and 0.999 are as far apart as their half-lives.

use ratatui::layout::Constraint::{Fill, Length};
use ratatui::layout::{Layout, Rect};
use ratatui::style::{Modifier, Style};
use unicode_width::UnicodeWidthStr;

use crate::app::panel::{Over, Panel, framed_plot};
use crate::app::view::View;
use crate::cell::Activation;
use crate::flow::{Flow, GateTrack, Path};
use crate::sim::Side;
use crate::ui::pen::{Pen, row_of};
use crate::ui::theme::Role;
use crate::ui::widget::chart::{Band, Chart, Series};
use crate::words::short::{Level, number};

/// The letter and the colour of a gate, and the lower end of its range.
fn identity(view: &View, side: Side, name: &str) -> (char, Style, f64) {
    let spec = view.kind(side).spec();
    let gate = spec.gates.iter().find(|gate| gate.name == name);
    let settings = view.snapshot.map(|s| &s.settings);
    let relu = settings.is_some_and(|s| s.activation == Activation::Relu);
    let closes = gate.is_some_and(|gate| gate.closes);
    let positive = closes || relu && spec.has_activation;
    let path = Path::ALL.into_iter().find(|path| path.name() == name);
    (
        gate.map_or('h', |gate| gate.letter),
        view.look.theme.path(path.unwrap_or(Path::Recurrent)),
        if positive { 0.0 } else { -1.0 },
    )
}

/// Whether it is gates that are shown, or the state of a cell that has none.
fn what(view: &View, side: Side) -> &'static str {
    if view.kind(side).spec().gates.iter().any(|gate| gate.closes) {
        "gates"
    } else {
        "state h"
    }
}

/// The word under the symbol.
fn title_of(name: &str) -> &str {
    if name == "recurrent" { "state" } else { name }
}

/// Gates of a cell over the window.
#[derive(Clone, Copy, Debug)]
pub struct Gates(pub Side);

impl Panel for Gates {
    fn render(&self, pen: &mut Pen, area: Rect, view: &View) {
        let side = self.0;
        let look = view.look;
        let name = format!("{} {} over t", view.name(side), what(view, side));
        let title = look.title(name, "  mean of the units and their middle half");
        let inner = pen.frame(area, title, "");
        let (Some(flow), Some(plot)) = (view.flow(side), framed_plot(area, view.gutter)) else {
            return;
        };
        let tracks = flow.gates.iter().map(|gate| Track::new(view, side, gate));
        for (track, row) in tracks.zip(rows(inner, flow)) {
            let [names, axis, _] =
                Layout::horizontal([Length(plot.x - 1 - row.x), Length(plot.width + 1), Fill(1)])
                    .areas(row);
            track.names(pen, names, view.cursor());
            let [low, high] = track.band();
            let band = Band {
                low: &low,
                high: &high,
                style: track.style.add_modifier(Modifier::DIM),
            };
            let levels = track.levels(&track.gate.mean);
            track.chart(pen, axis, view, levels, Some(band));
        }
    }

    fn over_time(&self) -> Over {
        Over::Frame
    }
}

/// The rows of the gates, all of one height.
fn rows(inner: Rect, flow: &Flow) -> Vec<Rect> {
    let tracks = u16::try_from(flow.gates.len().max(1)).unwrap_or(1);
    let each = (inner.height / tracks).max(1);
    Layout::vertical(vec![Length(each); flow.gates.len()])
        .split(inner)
        .iter()
        .copied()
        .filter(|row| row.height == each)
        .collect()
}

/// The units of each gate, sorted by their means over the window.
#[derive(Clone, Copy, Debug)]
pub struct Units(pub Side);

impl Panel for Units {
    fn render(&self, pen: &mut Pen, area: Rect, view: &View) {
        let side = self.0;
        let title = view.look.span("units by mean", Role::Strong);
        let flow = view.flow(side);
        let count = flow.map_or_else(String::new, |flow| format!("H {}", flow.hidden));
        // What the axis is comes before how many they are, which the title line says, too.
        let room = area
            .width
            .saturating_sub(view.look.width(&title.content) + FRAME);
        let count = view.look.fitting(room, count.as_str(), "");
        let inner = pen.frame(area, title, view.look.span(count, Role::Quiet));
        let Some(flow) = flow else { return };
        for (gate, row) in flow.gates.iter().zip(rows(inner, flow)) {
            let mut units = gate.units.clone();
            units.sort_by(f64::total_cmp);
            let track = Track::new(view, side, gate);
            let levels = track.levels(&units);
            track.chart(pen, row, view, levels, None);
        }
        let [left, right] = ["lowest", "highest"].map(|end| view.look.span(end, Role::Quiet));
        pen.lower(area, left, right);
    }
}

/// Corners, and what stands beside title and answer in a border.
const FRAME: u16 = 6;

/// A gate as it is drawn.
struct Track<'a> {
    gate: &'a GateTrack,
    symbol: char,
    style: Style,
    low: f64,
    high: f64,
    /// Whether log10 of 1 − f is drawn.
    loses: bool,
}

impl<'a> Track<'a> {
    fn new(view: &View, side: Side, gate: &'a GateTrack) -> Self {
        let (symbol, style, least) = identity(view, side, gate.name);
        let keeper = view.kind(side).spec().keeper();
        let keeps = keeper.is_some_and(|(keeper, _)| keeper.name == gate.name);
        // A gate that is pinned above 1 gains.
        let loses = keeps && gate.high.iter().all(|f| *f <= 1.0);
        let (low, high) = if loses {
            (deepest(gate), 0.0)
        } else {
            range(gate, least)
        };
        Self {
            gate,
            symbol,
            style,
            low,
            high,
            loses,
        }
    }

    /// Where activations are drawn.
    fn levels(&self, activations: &[f64]) -> Vec<Level> {
        let level = |&v: &f64| {
            let level = if self.loses { (1.0 - v).log10() } else { v };
            level.is_finite().then_some(level)
        };
        activations.iter().map(level).collect()
    }

    /// The middle half of the units, the lower edge first.
    fn band(&self) -> [Vec<f64>; 2] {
        let [first, third] = &self.gate.quartiles;
        let edges = if self.loses {
            [third, first]
        } else {
            [first, third]
        };
        edges.map(|edge| edge_of(self.levels(edge)))
    }

    /// A curve on its axis, which is the first column of the area.
    fn chart(
        &self,
        pen: &mut Pen,
        area: Rect,
        view: &View,
        levels: Vec<Level>,
        band: Option<Band>,
    ) {
        let over_time = band.is_some();
        let steps = levels.len();
        let series = [Series {
            levels,
            style: self.style.add_modifier(Modifier::BOLD),
            letter: '*',
            ..Series::default()
        }];
        Chart {
            series: &series,
            band,
            steps,
            low: self.low,
            high: self.high,
            zero: f64::INFINITY,
            last: view.last().filter(|_| over_time),
            cursor: over_time.then(|| view.cursor()),
            gutter: 1,
            ..Chart::default()
        }
        .render(pen, area);
    }

    /// An end of the axis, of a state that grows without bound as a power of ten.
    fn end(&self, v: f64) -> String {
        match v {
            v if self.loses && v > -3.0 => format!("{}", 10f64.powf(v)),
            v if self.loses => format!("1e{v:.0}"),
            v if v.abs() < 1e4 => format!("{v:.0}"),
            v => format!("{v:.0e}"),
        }
    }

    /// Name and values at the cursor, left of the plot, in the room that the ends of the axis leave.
    fn names(&self, pen: &mut Pen, area: Rect, t: usize) {
        let ends = [(area.y, self.high), (area.bottom() - 1, self.low)];
        let ends = if area.height > 1 { &ends[..] } else { &[] };
        for (y, v) in ends {
            pen.write_right(row_of(area, *y), &self.end(*v), Role::Quiet);
        }
        let look = pen.look;
        let room = |y: u16| {
            let end = ends.iter().find(|(at, _)| *at == y);
            let taken = end.map_or(0, |(_, v)| look.width(&self.end(*v)));
            area.width.saturating_sub(taken + 1)
        };
        let at = |track: &[f64]| track.get(t - 1).copied().unwrap_or(f64::NAN);
        let [first, third] = &self.gate.quartiles;
        let axis = if self.loses {
            format!("1−{}", self.symbol)
        } else {
            title_of(self.gate.name).to_owned()
        };
        let symbol = self.symbol.to_string();
        let values = [
            Ok((symbol.as_str(), at(&self.gate.mean))),
            Err(axis),
            Ok(("q3", at(third))),
            Ok(("q1", at(first))),
        ];
        let mut style = self.style.add_modifier(Modifier::BOLD);
        for (y, value) in (area.top()..area.bottom()).zip(values) {
            let room = room(y);
            let text = match value {
                Ok((mark, v)) => numbered(mark, v, usize::from(room)),
                Err(name) => name,
            };
            pen.text(area.x, y, room, &text, style);
            style = look.style(Role::Quiet);
        }
    }
}

/// The edge of a filled range: an exact zero is below every axis.
pub fn edge_of(levels: Vec<Level>) -> Vec<f64> {
    let levels = levels.into_iter();
    levels.map(|level| level.unwrap_or(f64::MIN)).collect()
}

/// The lower end of the axis of what a gate loses: a whole decade below all but what is exactly kept.
fn deepest(gate: &GateTrack) -> f64 {
    let [_, third] = &gate.quartiles;
    let kept = gate.mean.iter().chain(third).chain(&gate.units);
    let lost = kept
        .map(|f| (1.0 - f).log10())
        .filter(|log| log.is_finite());
    (lost.fold(0.0, f64::min) - 0.01).floor().clamp(-16.0, -1.0)
}

/// The range that is drawn: the activation's own, wider where the values leave it (a linear RNN),
/// and then with room, so that it does not change with every step. Its ends are written as whole
/// numbers, and are.
fn range(gate: &GateTrack, least: f64) -> (f64, f64) {
    let finite = |v: &&f64| v.is_finite();
    let [first, third] = &gate.quartiles;
    let means = || gate.mean.iter().chain(&gate.units).filter(finite);
    let top = means().chain(third.iter().filter(finite));
    let top = top.fold(1.0f64, |a, &b| a.max(b));
    let low = means().chain(first.iter().filter(finite));
    let low = low.fold(least, |a, &b| a.min(b));
    let roomy = |edge: f64| {
        if edge.abs() > 1.0 {
            let unit = 10f64.powf(edge.abs().log10().floor());
            let mut units = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0].into_iter();
            let reached = |n: &f64| n * unit >= edge.abs() * (1.0 - 1e-9);
            (units.find(reached).unwrap_or(10.0) * unit).copysign(edge)
        } else {
            edge
        }
    };
    (roomy(low), roomy(top))
}

/// A value behind its mark, with three decimals, or fewer where there is no room for them; the mark
/// alone where the value would be cut.
fn numbered(mark: &str, v: f64, room: usize) -> String {
    let texts = if !v.is_finite() || v.abs() >= 100.0 {
        vec![number(v), format!("{v:.0e}")]
    } else {
        let decimals = [3, 2, 1].into_iter();
        decimals.map(|decimals| format!("{v:.decimals$}")).collect()
    };
    let mut texts = texts.into_iter().map(|text| format!("{mark} {text}"));
    let fitting = texts.find(|text| text.width() <= room);
    fitting.unwrap_or_else(|| mark.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_large_is_written_short_and_never_cut() {
        assert_eq!(numbered("h", 0.98765, 9), "h 0.988");
        assert_eq!(numbered("h", 0.98765, 6), "h 0.99");
        assert_eq!(numbered("h", 9e73, 9), "h 9.0e+73");
        assert_eq!(numbered("h", 9e73, 7), "h 9e73");
        assert_eq!(numbered("h", 9e73, 4), "h");
    }

    #[test]
    fn the_range_is_near_the_values_and_ends_in_whole_numbers() {
        let ends = |low, high, least| {
            let gate = GateTrack {
                name: "recurrent",
                mean: Vec::new(),
                low: Vec::new(),
                high: Vec::new(),
                quartiles: [vec![low], vec![high]],
                units: Vec::new(),
            };
            range(&gate, least)
        };
        for ((low, high, least), expected) in [
            ((0.0, 0.3, 0.0), [0.0, 1.0]),
            ((0.0, 5.2, 0.0), [0.0, 6.0]),
            ((-2.1, 1.0, -1.0), [-3.0, 1.0]),
            ((-1.0, 70.0, -1.0), [-1.0, 80.0]),
            ((-9.0, 100.0, -1.0), [-10.0, 100.0]),
            ((0.0, 101.0, 0.0), [0.0, 200.0]),
        ] {
            let (low, high) = ends(low, high, least);
            for (end, expected) in [low, high].into_iter().zip(expected) {
                assert!((end - expected).abs() < 1e-9, "{end} {expected}");
            }
        }
    }

    #[test]
    fn what_is_lost_has_whole_decades() {
        let gate = |f: f64| GateTrack {
            name: "forget",
            mean: vec![f],
            low: vec![f],
            high: vec![f],
            quartiles: [vec![f], vec![f]],
            units: vec![f],
        };
        for (f, end) in [(0.5, -1.0), (0.95, -2.0), (0.99, -3.0), (1.0, -1.0)] {
            assert!((deepest(&gate(f)) - end).abs() < 1e-12, "{f}");
        }
    }
}
