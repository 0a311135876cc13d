//! A cell's |δ_t| over the window as a ladder, with the answer in the border.

use crate::app::panel::{Over, Panel, charted};
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

use crate::app::action::Control;
use crate::app::view::{View, is_relative};
use crate::flow::{ClipMode, Flow, PathFlow, Question, Standing, factor};
use crate::sim::Side;
use crate::ui::pen::{Look, Pen};
use crate::ui::theme::Role;
use crate::ui::widget::chart::CLIPPED;
use crate::ui::widget::ladder::Ladder;
use crate::words::{cause, functions, short};

/// `lstm  log10 |δc_t| / |δc_T|`: which cell, what is shown, and its unit.
pub fn title(view: &View, side: Side, focused: bool) -> Line<'static> {
    let look = view.look;
    let s = view.symbol(side);
    let relative = view.flow(side).is_none_or(is_relative);
    let unit = if relative {
        format!("  log10 |{s}_t|/|{s}_T|")
    } else {
        format!("  log10 |{s}_t|")
    };
    let mut name = look.span(view.name(side), Role::Strong);
    if focused {
        name.style = name.style.add_modifier(Modifier::UNDERLINED);
    }
    let settings = view.snapshot.map(|snapshot| &snapshot.settings);
    let functions = settings.and_then(|s| {
        let kind = view.kind(side);
        functions::unusual(kind, s.semantics(kind), s.forget_offset)
    });
    let functions = functions.map(|words| look.span(format!(" {words}"), Role::Text));
    let unit = look.span(unit, Role::Quiet);
    [Some(name), functions, Some(unit)]
        .into_iter()
        .flatten()
        .collect()
}

/// The answer in the border of a ladder so wide: without the rate by itself where that leaves room for
/// the unit in the title, which a ladder has no other place for.
fn answer_beside(view: &View, side: Side, title: &Line, width: u16) -> Line<'static> {
    let whole = answer(view, side, beside_name(view, side, width));
    let room = width.saturating_sub(view.look.line_width(title) + FRAME);
    if view.look.line_width(&whole) <= room {
        return whole;
    }
    let short = answer(view, side, room);
    let says_more = short.spans.len() > 1 && view.look.line_width(&short) <= room;
    if says_more { short } else { whole }
}

/// Whether the title of a chart so wide has room for the unit beside the whole answer.
pub fn names_its_unit(view: &View, side: Side, width: u16) -> bool {
    let title = title(view, side, false);
    let answer = answer(view, side, beside_name(view, side, width));
    let look = view.look;
    look.line_width(&title) + look.line_width(&answer) + FRAME <= width
}

/// The columns that the cell's name leaves for the answer in a border so wide.
pub fn beside_name(view: &View, side: Side, width: u16) -> u16 {
    let name = view.look.width(&view.name(side));
    width.saturating_sub((name + FRAME).max(12))
}

/// Corners, and what stands between title and answer.
const FRAME: u16 = 6;

/// `r 0.990 → 0.990²⁰⁰ = 0.134  vanishing ▼`, as much of it as fits into `width` columns.
pub fn answer(view: &View, side: Side, width: u16) -> Line<'static> {
    let look: Look = view.look;
    let Some(flow) = view.flow(side) else {
        return look.span(view.missing_briefly(), Role::Quiet).into();
    };
    let found = match &flow.law {
        Some(law) => short::headline_of(law),
        None => short::headline(flow.factor_per_step(), flow.steps)
            .map(|(text, verdict)| (text, verdict.into())),
    };
    match found {
        Some((text, standing)) => {
            let standing = Some(standing).filter(|_| view.app.judges(side));
            rate(look, &text, standing, width)
        }
        None => look
            .span("|δ_T| is exactly zero: no rate", Role::Strong)
            .into(),
    }
}

/// A headline with its verdict, where there is one, as much of it as fits.
pub fn rate(look: Look, text: &str, standing: Option<Standing>, width: u16) -> Line<'static> {
    let word = standing.map(|standing| look.span(format!("  {standing}"), standing.into()));
    // Then without the rate by itself, which the power repeats.
    let power = text.split_once("→ ").map_or(text, |(_, power)| power);
    for text in [text, power] {
        let mut line = vec![look.span(text.to_owned(), Role::Strong)];
        line.extend(word.clone());
        let line = Line::from(line);
        if look.line_width(&line) <= width {
            return line;
        }
    }
    standing.map_or_else(Line::default, |standing| {
        look.span(standing.to_string(), standing.into()).into()
    })
}

/// The path that goes past every matrix, alone (|∏ f ⊙ δc_T| of the carousel), while that is
/// computed and the path is not cut.
fn highway<'a>(view: &View<'a>, side: Side) -> Option<&'a PathFlow> {
    let paths = &view.flow(side)?.paths;
    let path = paths.iter().find(|p| p.path.is_highway())?;
    let shown = view.question() == Question::Alone && !view.is_cut(path.path);
    (shown && !path.alone.is_empty()).then_some(path)
}

/// Writes what the panel says besides the answer into its lower border: what the carousel (or the
/// leak of a GRU) alone does, what clipping does, and the size at the cursor; the last two as
/// `numbers` where no panel of numbers is beside it. What does not fit is left out, the least
/// important first.
pub fn below(pen: &mut Pen, area: Rect, view: &View, side: Side, numbers: bool) {
    let look = view.look;
    let Some(flow) = view.flow(side) else { return };
    let alone = highway(view, side).and_then(|path| {
        let rate = factor(&path.alone, 1)?;
        let (text, verdict) = short::headline(Some(rate), flow.steps)?;
        let power = if flow.law.as_ref().is_some_and(|law| law.moves().is_some()) {
            // The digits of r that would give rᵀ are others in the next window.
            let growth = cause::power(rate, flow.steps, 2);
            format!("×{growth} over {}", flow.steps)
        } else {
            let power = text.split_once("→ ").map_or("", |(_, power)| power);
            power.to_owned()
        };
        let style = look.theme.path(path.path);
        let short = vec![
            Span::styled(format!("─ {} alone ", path.path.name()), style),
            look.span(power, Role::Strong),
        ];
        let mut full = short.clone();
        if view.app.judges(side) {
            full.push(look.span(format!("  {verdict}"), verdict.into()));
        }
        Some([full, short].map(Line::from))
    });
    let clips = clipping(view, flow, numbers);
    let size = if numbers { at_cursor(view, flow) } else { None };
    let both = clips.iter().zip(&size).next().map(|(clips, size)| {
        let mut line = size.clone();
        line.push_span("  ");
        line.extend(clips.iter().cloned());
        line
    });
    // What the user handles goes first.
    let clips_first = view.app.focus.control == Control::Threshold || !numbers;
    let single = if clips_first {
        [clips, size]
    } else {
        [size, clips]
    };
    let fits = |left: &Line, right: &Line| {
        let gap = |line: &Line| match look.line_width(line) {
            0 => 0,
            width => width + 3,
        };
        gap(left) + gap(right) < area.width
    };
    let lefts = [both].into_iter().chain(single).flatten();
    let lefts: Vec<Line> = lefts.chain([Line::default()]).collect();
    let rights = alone.map_or_else(|| vec![Line::default()], Vec::from);
    let pairs = lefts
        .iter()
        .flat_map(|left| rights.iter().map(move |right| (left, right)));
    let pair = pairs.into_iter().find(|(left, right)| fits(left, right));
    let only = Line::default();
    let (left, right) = match (pair, lefts.first()) {
        // Clipping is being changed: what it does is worth more than the carousel.
        (Some((left, _)), _) if clips_first && numbers && left.spans.is_empty() => {
            let fitting = lefts.iter().find(|left| fits(left, &only));
            (fitting.unwrap_or(&only), &only)
        }
        (Some(pair), _) => pair,
        (None, _) => (&only, &rights[0]),
    };
    pen.lower(area, left.clone(), right.clone());
}

/// `‖g‖ 12.3 → 5.00`: the norm of the gradient of all parameters, before and after clipping; of
/// clipping by steps, how often it bit.
fn clipping(view: &View, flow: &Flow, numbers: bool) -> Option<Line<'static>> {
    let look = view.look;
    let bites = flow.clipping.clipped.iter().filter(|&&b| b).count();
    if bites > 0 {
        return Some(Line::from(vec![
            look.span(CLIPPED.to_string(), Role::Explode),
            look.span(format!(" clipped at {bites} of {}", flow.steps), Role::Text),
        ]));
    }
    let mode = view.snapshot?.settings.clip;
    if !numbers || !matches!(mode, ClipMode::Norm | ClipMode::Value) {
        return None;
    }
    let before = short::wide(flow.clipping.before);
    let mut line = Line::from(vec![
        look.span("‖g‖ ", Role::Quiet),
        look.span(before, Role::Text),
    ]);
    if flow.clipping.clipped() {
        let after = format!(" → {}", short::wide(flow.clipping.after));
        line.push_span(look.span(after, Role::Strong));
    }
    Some(line)
}

/// `t 140 ×0.389`: how large |δ_t| is at the cursor, as a multiple of |δ_T|.
fn at_cursor(view: &View, flow: &Flow) -> Option<Line<'static>> {
    let look = view.look;
    let t = view.cursor();
    let size = flow.main().get(t - 1).filter(|_| is_relative(flow))?;
    let size = short::power_of_ten(size.log10() - flow.reference());
    Some(Line::from(vec![
        look.span(format!("t {t} "), Role::Cursor),
        look.span(format!("×{size}"), Role::Text),
    ]))
}

/// A cell's total as a ladder in a frame.
#[derive(Clone, Copy, Debug)]
pub struct Total(pub Side);

impl Panel for Total {
    fn render(&self, pen: &mut Pen, area: Rect, view: &View) {
        let side = self.0;
        let title = title(view, side, view.app.focus.side == side);
        let answer = answer_beside(view, side, &title, area.width);
        let inner = pen.frame(area, title, answer);
        below(pen, area, view, side, true);
        ladder(pen, charted(inner), view, side);
    }

    fn over_time(&self) -> Over {
        Over::Curves
    }
}

/// A ladder without a frame, with the answer above it.
#[derive(Clone, Copy, Debug)]
pub struct Tiny(pub Side);

impl Panel for Tiny {
    fn render(&self, pen: &mut Pen, area: Rect, view: &View) {
        let side = self.0;
        let name = view
            .look
            .span(format!("{:<4} ", view.name(side)), Role::Strong);
        let name = Line::from(name);
        let taken = view.look.line_width(&name);
        pen.line(area.x, area.y, area.width, &name);
        let room = area.width.saturating_sub(taken);
        pen.line(area.x + taken, area.y, room, &answer(view, side, room));
        let below = Rect::new(
            area.x,
            area.y + 1,
            area.width.saturating_sub(1),
            area.height - 1,
        );
        ladder(pen, below, view, side);
    }

    fn over_time(&self) -> Over {
        Over::Bare
    }
}

/// `[t - 1]`: where clipping by mode `step` bit.
pub fn clipped<'a>(view: &View<'a>, side: Side) -> &'a [bool] {
    view.flow(side).map_or(&[], |f| &f.clipping.clipped)
}

fn ladder(pen: &mut Pen, area: Rect, view: &View, side: Side) {
    let levels = view.total(side);
    let highway = highway(view, side).map(|p| (view.path(side, p), view.look.theme.path(p.path)));
    let beside: Vec<_> = highway
        .as_ref()
        .map(|(levels, style)| (levels.as_slice(), *style))
        .into_iter()
        .collect();
    Ladder {
        levels: &levels,
        low: view.low,
        high: view.high,
        cursor: view.snapshot.map(|_| view.cursor()),
        gutter: view.gutter,
        beside: &beside,
        clipped: clipped(view, side),
        ..Ladder::default()
    }
    .render(pen, area);
}
