//! The spectrum of one cell: what its matrices can do in one step, and what the window does with
//! every disturbance of the state.
//!
//! ```text
//! ╭ eigenvalues ──────────╮╭ one step ───────────────────╮
//! │         ⢀⣀⣀⡀          ││          ρ    σ_max  γσ_max │
//! │      ⡠⠊⠁  ┊  ⠈⠑⢄      ││ block  1.000  1.000  1.000  │
//! │     ⢰     ┊     ⡆     │╰─────────────────────────────╯
//! │ ┈┈┈┈⢸┈┈┈┈┈┊┈┈┈┈┈⡇┈┈┈┈ │╭ window: singular values ────╮
//! │     ⠈⡄    ┊    ⢠⠁     │╰─────────────────────────────╯
//! │      ⠈⠢⢄⣀ ┊ ⣀⡠⠔⠁      │╭ window: exponents ──────────╮
//! ╰───────────────────────╯╰─────────────────────────────╯
//! ```

mod bounds;
mod exponents;
mod plane;
mod product;

use ratatui::layout::Constraint::{Fill, Length};
use ratatui::layout::{Layout, Rect};
use ratatui::style::Style;

use crate::app::action::Action as Any;
use crate::app::effect::{Effect, advance};
use crate::app::has::Has;
use crate::app::layout::{Plan, controls};
use crate::app::panel::Panel;
use crate::app::room::Room;
use crate::app::size::MEDIUM;
use crate::app::state::App;
use crate::app::view::View;
use crate::flow::{MatrixSpectrum, Path, Spectrum};
use crate::sim::StudyRequest;
use crate::ui::pen::Pen;
use crate::ui::theme::Role;

/// What the screen keeps.
#[derive(Clone, Copy, Debug, Default)]
pub struct State {
    /// Which recurrent matrix is shown: a counter that goes round, from all to each.
    pub matrix: usize,
}

/// What can be done here only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Show the next recurrent matrix, or all.
    NextMatrix,
}

/// The screen.
pub static ROOM: Room = Room {
    has: Room::CHART.has.without(Has::TIME).without(Has::CUTS),
    only: "the matrices are told apart on the screen spectrum",
    plan,
    study: |app| {
        let side = app.focus.side;
        Some(StudyRequest::Spectrum { side })
    },
    hinted: |app, action| !matches!(action, Any::Own(_)) || app.has_matrices(),
    ..Room::CHART
};

/// Does what can be done here only.
pub fn act(app: &mut App, action: Action) -> Effect {
    match action {
        Action::NextMatrix if !app.has_matrices() => {
            app.say("this cell has one recurrent matrix at most: there is none to choose")
        }
        Action::NextMatrix => advance(&mut app.screens.spectrum.matrix, |k| k.wrapping_add(1)),
    }
}

/// The plane at the left, as wide as its circle is round; beside it what one step can do, and what
/// the window does.
fn plan(app: &App, plan: &mut Plan, body: Rect) {
    let framed = plan.area.height >= MEDIUM.1;
    let body = controls(plan, body, framed);
    let round = (2 * body.height.saturating_sub(2)).saturating_add(2);
    let least = if body.width >= 100 { 56 } else { 36 };
    let beside = body.width.saturating_sub(round).clamp(least, 120);
    let [plane, side] = Layout::horizontal([Fill(1), Length(beside.min(body.width))]).areas(body);
    // Its head and a row for each matrix, for what keeps the state and for all together; words where
    // they leave room for the rest.
    let flow = app.sim.snapshot.as_deref().map(|s| s.flow(app.focus.side));
    let rows = flow.map_or(6, |flow| match flow.matrices.len() {
        matrices @ 2.. => matrices + 2,
        _ => 1,
    });
    let words = if side.height >= 24 { 3 } else { 0 };
    let height = u16::try_from(rows).unwrap_or(4) + 3 + words;
    let rest = side.height.saturating_sub(height);
    let half = if rest >= 8 { rest / 2 } else { 0 };
    let [bounds, product, exponents] =
        Layout::vertical([Length(height), Length(half), Fill(1)]).areas(side);
    plan.put(plane, Part::Plane);
    plan.put(bounds, Part::Bounds);
    if half > 0 {
        plan.put(product, Part::Product);
    }
    plan.put(exponents, Part::Exponents);
}

/// A panel of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// Eigenvalues in the complex plane.
    Plane,
    /// ρ, σ_max and Pascanu's conditions.
    Bounds,
    /// Singular values of the product of Jacobians.
    Product,
    /// Lyapunov exponents.
    Exponents,
}

impl Part {
    fn title(self) -> (&'static str, &'static str) {
        match self {
            Self::Plane => ("eigenvalues", ""),
            Self::Bounds => ("one step", " at most"),
            Self::Product => ("window", " log10 σ of ∂s_T/∂s_0"),
            Self::Exponents => ("exponents", " λ of steps 1..t"),
        }
    }
}

impl Panel for Part {
    fn render(&self, pen: &mut Pen, area: Rect, view: &View) {
        let part = *self;
        let look = view.look;
        let (title, more) = part.title();
        let mut title = look.title(title, more);
        if part == Self::Plane {
            let name = format!("{} ", view.name(view.app.focus.side));
            title.spans.insert(0, look.span(name, Role::Strong));
        }
        if view.outdated() {
            title.push_span(look.span("  of the settings before", Role::Strong));
        }
        let spectrum = match view.spectrum() {
            Some(Ok(spectrum)) => spectrum,
            other => {
                let text = other.and_then(Result::err).unwrap_or(view.missing());
                let inner = pen.frame(area, title, "");
                let lines = look.wrap(text, usize::from(inner.width.max(1)));
                for (y, text) in (inner.y + inner.height / 2..inner.bottom()).zip(lines) {
                    let x = inner.x + inner.width.saturating_sub(look.width(&text)) / 2;
                    pen.text(x, y, inner.width, &text, look.style(Role::Quiet));
                }
                return;
            }
        };
        match part {
            Self::Plane => plane::render(pen, area, view, spectrum, &title),
            Self::Bounds => bounds::render(pen, area, view, spectrum, &title),
            Self::Product => product::render(pen, area, view, spectrum, &title),
            Self::Exponents => exponents::render(pen, area, view, spectrum, &title),
        }
    }
}

/// A matrix as it is drawn.
struct Drawn<'a> {
    matrix: &'a MatrixSpectrum,
    style: Style,
    letter: char,
    /// Whether it is among those that are shown: all, or the one that was chosen.
    shown: bool,
}

/// The matrices in the order of their paths, each with its path's colour and letter.
fn matrices<'a>(view: &View, spectrum: &'a Spectrum) -> Vec<Drawn<'a>> {
    let paths = view.flow(view.app.focus.side).map_or(&[][..], |f| &f.paths);
    let of = |matrix: &MatrixSpectrum| paths.iter().position(|p| p.path.name() == matrix.name);
    let mut matrices: Vec<_> = spectrum.matrices.iter().collect();
    matrices.sort_by_key(|matrix| of(matrix).unwrap_or(usize::MAX));
    let chosen = chosen(view.app.screens.spectrum.matrix, matrices.len());
    let drawn = matrices.into_iter().enumerate().map(|(k, matrix)| {
        let path = of(matrix).map(|k| paths[k].path);
        Drawn {
            matrix,
            style: path.map_or_else(Style::new, |p| view.look.theme.path(p)),
            letter: path.map_or('*', Path::letter),
            shown: chosen.is_none_or(|chosen| chosen == k),
        }
    });
    drawn.collect()
}

/// Which of so many matrices the counter of the key stands for; `None` is all.
fn chosen(counter: usize, count: usize) -> Option<usize> {
    if count < 2 {
        return None;
    }
    (counter % (count + 1)).checked_sub(1)
}

/// An exponent with its sign, in at most seven columns; at −∞, nothing is left of its disturbance.
fn signed(x: f64) -> String {
    match x.abs() {
        _ if x == f64::NEG_INFINITY => "gone".to_owned(),
        a if a < 5e-5 => "0.0000".to_owned(),
        a if a < 10.0 => format!("{x:+.4}"),
        a if a < 1000.0 => format!("{x:+.2}"),
        _ => format!("{x:+.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_goes_through_all_and_each() {
        let seen: Vec<_> = (0..6).map(|k| chosen(k, 4)).collect();
        assert_eq!(seen, [None, Some(0), Some(1), Some(2), Some(3), None]);
        assert_eq!(chosen(1, 1), None);
        assert_eq!(chosen(3, 0), None);
    }

    #[test]
    fn exponents_have_their_sign() {
        assert_eq!(signed(0.0198), "+0.0198");
        assert_eq!(signed(-0.1234), "-0.1234");
        assert_eq!(signed(-1e-16), "0.0000");
        assert_eq!(signed(f64::NEG_INFINITY), "gone");
    }
}
