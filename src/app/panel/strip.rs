//! ` carousel 0.990 + block 0.020 = 1.010 a step → ×7.32 over 200 ▲  without block 0.134 ▼  x b`
//!
//! The law of the chosen cell's window in one line under the title: what adds up to the step's
//! factor, what that makes of T steps, and what one cut would change.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::action::Action;
use crate::app::panel::Panel;
use crate::app::view::View;
use crate::cell::CellKind;
use crate::flow::{Cause, Flow, Law, Path, Standing, Verdict};
use crate::num::Wide;
use crate::ui::pen::{Look, Pen};
use crate::ui::theme::Role;
use crate::words::cause::{self, Term};

/// The law of the chosen cell's window.
#[derive(Clone, Copy, Debug)]
pub struct Strip;

impl Panel for Strip {
    fn render(&self, pen: &mut Pen, area: Rect, view: &View) {
        let line = line(view, area.width.saturating_sub(2));
        pen.line(area.x + 1, area.y, area.width.saturating_sub(1), &line);
    }

    fn wheel(&self, _: Rect, _: u16, _: i32) -> Option<Action> {
        None
    }
}

/// What the line says, as much of it as fits, from what matters most to what matters least.
pub fn line(view: &View, width: u16) -> Line<'static> {
    let look = view.look;
    let side = view.app.focus.side;
    let found = view
        .flow(side)
        .and_then(|flow| Some((flow, flow.law.as_ref()?)));
    let Some((flow, law)) = found else {
        return look.span(view.missing_briefly(), Role::Quiet).into();
    };
    if law.factor.is_none() {
        let text = format!("{}: no gradient enters the window at T", view.name(side));
        return look.span(text, Role::Strong).into();
    }
    // What another input than the data does to the gradient is no verdict on a model.
    let judged = view.app.judges(side);
    let (cut, key) = if judged {
        (after_a_cut(view, flow, law), key(view, law))
    } else {
        (Vec::new(), Vec::new())
    };
    // How many terms there are changes from step to step; on a narrow screen three are room enough.
    let terms = if width < WIDE { 3 } else { usize::MAX };
    let sum = |form: Form| {
        let mut sum = sum(look, law, form, terms);
        if !judged {
            // The mark stands last.
            sum.pop();
        }
        sum
    };
    let cell = vec![look.span(view.name(side), Role::Strong)];
    let detached = cause::detached(law).filter(|_| judged);
    let detached = detached.map_or(Vec::new(), |text| vec![look.span(text, Role::Strong)]);
    let mut parts = Parts::default();
    parts[SUM] = sum(Form::Number);
    if view.app.owns_one() {
        // Whose cell it is is said whatever else has no room.
        parts[CELL].clone_from(&cell);
    }
    // Each of these is taken when it fits beside those that were taken before it.
    for (place, part) in [
        (DETACHED, detached),
        (SUM, sum(Form::Letters)),
        (CUT, cut),
        (SUM, sum(Form::Names)),
        (KEY, key),
        (SUM, sum(Form::AStep)),
        (SUM, sum(Form::Whole)),
        (CELL, cell),
        (FORMULA, formula(flow, law, look)),
    ] {
        let mut more = parts.clone();
        more[place] = part;
        if look.line_width(&joined(&more)) <= width {
            parts = more;
        }
    }
    joined(&parts)
}

/// The parts of the line; what is empty is not there.
type Parts = [Vec<Span<'static>>; 6];

// Their places in it.
const CELL: usize = 0;
const SUM: usize = 1;
const DETACHED: usize = 2;
const CUT: usize = 3;
const KEY: usize = 4;
const FORMULA: usize = 5;

fn joined(parts: &Parts) -> Line<'static> {
    let mut line = Line::default();
    for part in parts.iter().filter(|part| !part.is_empty()) {
        if !line.spans.is_empty() {
            line.push_span("  ");
        }
        line.extend(part.iter().cloned());
    }
    line
}

/// How much of the sum is written; each form has what those before it have.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Form {
    /// Only what the terms add up to.
    Number,
    /// The terms by their letters.
    Letters,
    /// By their names.
    Names,
    /// That it is the factor of a step.
    AStep,
    /// Over how many steps.
    Whole,
}

/// From so many columns on all terms are written.
const WIDE: u16 = 140;

/// `carousel 0.990 + block 0.020 = 1.010 a step → ×7.32 over 200 ▲`.
/// In so many terms at most; the small ones are added up.
fn sum(look: Look, law: &Law, form: Form, terms: usize) -> Vec<Span<'static>> {
    let Some(r) = law.factor else {
        return Vec::new();
    };
    let terms = match form {
        Form::Number => Vec::new(),
        _ => cause::terms(law, terms),
    };
    let mut spans = Vec::new();
    for (place, term) in terms.iter().enumerate() {
        let sign = term.sign(place == 0);
        if !sign.is_empty() {
            spans.push(look.span(sign, Role::Text));
        }
        spans.push(written(look, *term, form >= Form::Names));
    }
    let a_step = form >= Form::AStep;
    let shown = if a_step {
        cause::factor_of(law)
    } else {
        cause::factor(r)
    };
    let is = match terms.as_slice() {
        // One term is the factor itself.
        [_] => String::new(),
        [] => shown,
        _ => format!(" = {shown}"),
    };
    spans.push(look.span(is, Role::Strong));
    if a_step {
        spans.push(look.span(" a step", Role::Quiet));
    }
    spans.push(look.span(" → ", Role::Quiet));
    let growth = format!("×{}", cause::growth_of(law));
    spans.push(look.span(growth, Role::Strong));
    if form == Form::Whole {
        spans.push(look.span(format!(" over {}", law.steps), Role::Quiet));
    }
    if let Some(standing) = law.standing() {
        spans.push(look.span(format!(" {}", standing.mark()), standing.into()));
    }
    spans
}

fn written(look: Look, term: Term, names: bool) -> Span<'static> {
    let name = if names { term.name() } else { term.letter() };
    let text = format!("{name} {}", term.size());
    match term.path {
        Some(path) => Span::styled(text, look.theme.path(path)),
        None => look.span(text, Role::Text),
    }
}

/// What a cut would change: `without block 0.134 ▼`; what is cut already; or how long a decay takes.
fn after_a_cut(view: &View, flow: &Flow, law: &Law) -> Vec<Span<'static>> {
    let look = view.look;
    if law.standing() == Some(Standing::NearEdge) {
        // What a cut changes is another thing at every step there.
        return vec![look.span("near the edge", Role::Stable)];
    }
    let then = |what: String, r| {
        let verdict = Verdict::of(Wide::log10(r), law.steps);
        vec![
            look.span(what, Role::Text),
            look.span(format!(" {}", cause::growth(r, law.steps)), Role::Strong),
            look.span(format!(" {}", verdict.mark()), verdict.into()),
        ]
    };
    match &law.cause {
        Cause::Grows { paths, without } | Cause::TakesAway { paths, without } => {
            return then(format!("without {}", cause::joined(paths, "+")), *without);
        }
        Cause::KeepsTooMuch { path, alone } => {
            return then(format!("{} alone", path.name()), *alone);
        }
        Cause::Nothing | Cause::KeepsTooLittle { .. } => {}
    }
    let cut = cut(view, flow);
    if !cut.is_empty() {
        return vec![look.span(format!("✂ {} cut", cause::joined(&cut, "+")), Role::Strong)];
    }
    let half = -std::f64::consts::LN_2 / law.factor.map_or(0.0, Wide::ln);
    if matches!(law.cause, Cause::KeepsTooLittle { .. }) && half > 0.0 {
        let text = format!("r leaves half after {}", cause::half_life(half));
        return vec![look.span(text, Role::Quiet)];
    }
    Vec::new()
}

/// The paths of the cell that are cut.
fn cut(view: &View, flow: &Flow) -> Vec<Path> {
    let paths = flow.paths.iter().map(|flow| flow.path);
    paths.filter(|path| view.is_cut(*path)).collect()
}

/// The keys of that cut, or those that take it back.
fn key(view: &View, law: &Law) -> Vec<Span<'static>> {
    let (look, keymap) = (view.look, &view.app.keymap);
    if law.standing() == Some(Standing::NearEdge) {
        return Vec::new();
    }
    let first = keymap.first("cut");
    let second = match &law.cause {
        Cause::Grows { paths, .. } | Cause::TakesAway { paths, .. } => match paths.as_slice() {
            [path] => keymap.first(&format!("cut_{}", path.name())),
            _ => return Vec::new(),
        },
        Cause::KeepsTooMuch { .. } => return Vec::new(),
        Cause::Nothing | Cause::KeepsTooLittle { .. } if view.app.sim.cuts.is_empty() => {
            return Vec::new();
        }
        Cause::Nothing | Cause::KeepsTooLittle { .. } => keymap.first("restore_paths"),
    };
    if first.is_empty() || second.is_empty() {
        return Vec::new();
    }
    vec![look.span(format!("{first} {second}"), Role::Key)]
}

/// r of a cell at rest as a formula of its gates and its matrix, where that is what was measured.
fn formula(flow: &Flow, law: &Law, look: Look) -> Vec<Span<'static>> {
    at_rest(flow, law).map_or_else(Vec::new, |text| {
        vec![look.span(format!("r = {text}"), Role::Quiet)]
    })
}

/// The formula for r of gates that do not move, when it gives the r that was measured to three places.
pub fn at_rest(flow: &Flow, law: &Law) -> Option<&'static str> {
    let mean = |name: &str| {
        let gate = flow.gates.iter().find(|gate| gate.name == name)?;
        let low = gate.low.iter().copied().fold(f64::INFINITY, f64::min);
        let high = gate.high.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        (high - low <= CONSTANT).then_some(f64::midpoint(low, high))
    };
    let radius = |name: &str| {
        let matrix = flow.matrices.iter().find(|matrix| matrix.name == name);
        matrix.map(|matrix| matrix.spectral_radius)
    };
    let (r, text) = match flow.cell {
        CellKind::Lstm => (
            mean("forget")? + mean("input")? * mean("output")? * radius("block")?,
            "f + i·o·ρ(R_z)",
        ),
        CellKind::Gru => {
            let z = mean("update")?;
            let through = mean("reset")? * radius("candidate")?;
            (z + (1.0 - z) * through, "z + (1−z)·r·ρ(R_n)")
        }
        CellKind::Rnn => (radius("recurrent")?, "ρ(R)"),
        _ => return None,
    };
    ((r - law.factor?.saturating_f64()).abs() < 5e-4).then_some(text)
}

/// Gates that differ by no more than this, over units and steps, are said to be at rest.
const CONSTANT: f64 = 0.02;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::App;
    use crate::app::fixture;
    use crate::cell::ForgetGate;
    use crate::flow::PathSet;
    use crate::sim::preset::embedded;
    use crate::sim::{Ask, Settings, Side, Simulation, Snapshot};
    use std::sync::Arc;

    /// The screen on a window of these settings with these cuts.
    fn screen(settings: Settings, cuts: PathSet) -> App {
        let ask = Ask {
            cuts,
            ..Ask::default()
        };
        let mut simulation = Simulation::new(settings.clone(), Arc::default()).expect("they fit");
        let mut flow = |side| {
            let flow = simulation.flow_with_law(side, ask, &mut |_| true);
            flow.expect("it runs")
        };
        let flows = [flow(Side::Left), flow(Side::Right)];
        let mut app = fixture::app();
        app.sim.cuts = cuts;
        app.sim.snapshot = Some(Arc::new(Snapshot {
            cuts,
            flows,
            ..(*fixture::snapshot(&settings, 1.0)).clone()
        }));
        app.sim.settings = settings;
        app
    }

    fn says(app: &App, width: u16) -> String {
        let line = line(&View::new(app), width);
        assert!(app.look().line_width(&line) <= width, "{line}");
        line.to_string()
    }

    fn preset(name: &str) -> Settings {
        let file = embedded::FILES.iter().find(|file| file.name == name);
        file.expect(name).read().expect(name).settings
    }

    #[test]
    fn the_opening_at_every_width() {
        let mut app = screen(preset("why"), PathSet::EMPTY);
        assert_eq!(
            says(&app, 200),
            "lstm  carousel 0.990 + block 0.020 = 1.010 a step → ×7.32 over 200 ▲  \
             without block 0.134 ▼  x b  r = f + i·o·ρ(R_z)"
        );
        assert_eq!(
            says(&app, 78),
            "carousel 0.990 + block 0.020 = 1.010 → ×7.32 ▲  without block 0.134 ▼  x b"
        );
        assert_eq!(
            says(&app, 58),
            "c 0.990 + b 0.020 = 1.010 → ×7.32 ▲  without block 0.134 ▼"
        );
        assert_eq!(says(&app, 17), "1.010 → ×7.32 ▲");
        // The chosen cell's, and no other's.
        app.focus.side = Side::Right;
        assert!(
            says(&app, 118).starts_with("rnn  recurrent "),
            "{}",
            says(&app, 118)
        );
    }

    #[test]
    fn a_cut_is_told_and_how_it_is_taken_back() {
        let app = screen(preset("why"), PathSet::of(&[Path::Block]));
        assert_eq!(
            says(&app, 78),
            "lstm  carousel 0.990 a step → ×0.134 over 200 ▼  ✂ block cut  x x"
        );
        let app = screen(preset("why"), PathSet::of(&[Path::Carousel]));
        let text = says(&app, 78);
        assert!(
            text.contains("✂ carousel cut") && !text.contains("without"),
            "{text}"
        );
    }

    #[test]
    fn a_decay_tells_its_half_life_and_a_growth_of_its_own_no_culprit() {
        let with = |forget| {
            let settings = Settings {
                forget,
                ..preset("why")
            };
            says(&screen(settings, PathSet::EMPTY), 90)
        };
        // 0.95 + 0.02: half is gone after ln ½ / ln 0.97 steps.
        let text = with(ForgetGate::Pinned(0.95));
        assert!(text.ends_with("r leaves half after 22.8 steps"), "{text}");
        let text = with(ForgetGate::Pinned(1.01));
        assert!(text.contains("carousel alone 7.32 ▲"), "{text}");
        assert!(!text.contains("without"), "{text}");
    }

    /// Whatever is written, with whatever terms together, adds up to the r that is written.
    #[test]
    fn what_is_written_adds_up_on_every_preset() {
        let mut lumped = 0;
        for file in embedded::FILES {
            let settings = file.read().expect("a preset").settings;
            let app = screen(
                Settings {
                    steps: 30,
                    hidden: settings.hidden.min(8),
                    ..settings
                },
                PathSet::EMPTY,
            );
            for width in (30..130).step_by(3) {
                let text = says(&app, width);
                lumped += usize::from(text.contains("others"));
                let found = text.split_once(" = ");
                let Some((sum, rest)) = found.filter(|(_, rest)| rest.contains('→')) else {
                    continue;
                };
                let total: f64 = rest
                    .split(' ')
                    .next()
                    .and_then(|r| r.parse().ok())
                    .expect("r");
                let mut sign = 1.0;
                let mut found = 0.0;
                for word in sum.split(' ') {
                    match (word, word.trim_start_matches('−').parse::<f64>()) {
                        ("−", _) => sign = -1.0,
                        ("+", _) => sign = 1.0,
                        (_, Ok(value)) => found += sign * value,
                        _ => sign = if word.starts_with('−') { -1.0 } else { sign },
                    }
                }
                assert!((found - total).abs() < 5e-7, "{}: {text}", file.name);
            }
        }
        assert!(lumped > 0, "no line was too narrow for its terms");
    }

    #[test]
    fn the_formula_stands_where_the_gates_rest_and_give_that_r() {
        let formula = |settings| {
            let app = screen(settings, PathSet::EMPTY);
            let flow = app.focused_flow().expect("a window");
            at_rest(flow, flow.law.as_ref().expect("its law"))
        };
        assert_eq!(formula(preset("block-input")), Some("f + i·o·ρ(R_z)"));
        // Moving gates, and a matrix that is not normal.
        assert_eq!(formula(preset("noise")), None);
        let drawn = Settings {
            hidden: 16,
            steps: 60,
            ..preset("hydrology")
        };
        assert_eq!(formula(drawn), None);
        // With the block path cut r is f.
        let app = screen(preset("why"), PathSet::of(&[Path::Block]));
        let flow = app.focused_flow().expect("a window");
        assert_eq!(at_rest(flow, flow.law.as_ref().expect("its law")), None);
    }
}
