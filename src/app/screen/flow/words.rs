//! What the numbers say, in sentences. Nothing here is said that the window does not show.

use crate::app::view::View;
use crate::cell::CellKind;
use crate::cell::lstm::STEEPEST_FORGET;
use crate::flow::{Cause, Flow, MatrixSize, Path, Standing, Verdict};
use crate::sim::settings::{ClipMode, LossKind};
use crate::sim::{Side, Snapshot};
use crate::ui::theme::Role;
use crate::words::cause;
use crate::words::short;
use crate::words::short::{factor, power_of_ten, wide};
use crate::words::superscript;
use crate::words::symbol;

/// A sentence and how it is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Sentence {
    /// The words.
    pub text: String,
    /// Whether it is the answer, a warning, or an explanation.
    pub role: Role,
}

fn say(role: Role, text: String) -> Sentence {
    Sentence { text, role }
}

/// All sentences for this window and cursor, most important first.
pub fn why(view: &View) -> Vec<Sentence> {
    let Some(snapshot) = view.snapshot else {
        return vec![match &view.app.sim.stopped {
            Some(reason) => say(Role::Error, reason.text.clone()),
            None => say(Role::Quiet, "The first window is being computed.".into()),
        }];
    };
    let each = |say: fn(&View, Side) -> Option<Sentence>| {
        Side::BOTH
            .into_iter()
            .filter_map(move |side| say(view, side))
    };
    let mut out = Vec::new();
    if let Some(signal) = view.app.not_on_data() {
        out.push(say(Role::Strong, format!("On {signal}, not on your data.")));
    }
    out.extend(each(carousel_grows));
    out.extend(each(law));
    out.extend(cuts(view, snapshot));
    out.extend(injected(snapshot));
    out.extend(at_cursor(view, snapshot.flow(view.app.detailed())));
    out.extend(each(window));
    out.extend(each(matrices).next());
    out.extend(clipping(view, snapshot));
    out
}

fn cuts(view: &View, snapshot: &Snapshot) -> Option<Sentence> {
    let mut names: Vec<&str> = Vec::new();
    for path in snapshot.flows.iter().flat_map(|f| &f.paths) {
        let name = path.path.name();
        if view.is_cut(path.path) && !names.contains(&name) {
            names.push(name);
        }
    }
    let paths = names.join(", ");
    let text = format!("✂ Cut on the way back: {paths}. The forward pass is unchanged.");
    (!names.is_empty()).then(|| say(Role::Strong, text))
}

/// What r is of, under a loss that injects at every step: what piles up is no growth.
fn injected(snapshot: &Snapshot) -> Option<Sentence> {
    let text = match snapshot.settings.loss {
        LossKind::Last | LossKind::Out => return None,
        LossKind::Mean => "mean",
        LossKind::Max => "max",
        LossKind::Sum => "Σ",
        LossKind::Mse => "mse",
    };
    let text = format!(
        "The loss ({text}) injects at every step, and the curve shows all of it; r measures what carries the \
         gradient of T back, not what is injected."
    );
    Some(say(Role::Text, text))
}

/// Which path carries the gradient at the cursor, and what it multiplies by in this step.
fn at_cursor(view: &View, flow: &Flow) -> Option<Sentence> {
    let t = view.cursor();
    let i = t - 1;
    let s = symbol(flow.cell);
    if t == flow.steps {
        let text = format!("At t = T the loss injects {s}; nothing has flowed back yet.");
        return Some(say(Role::Text, text));
    }
    let paths = flow.paths.iter().filter(|p| p.path != Path::Loss);
    let parts = paths.filter_map(|p| Some((p, *p.contribution.get(i)?)));
    let parts = parts.filter(|(_, part)| part.is_finite());
    let (top, share) = parts.max_by(|(_, a), (_, b)| a.abs().total_cmp(&b.abs()))?;
    if top.share.get(i)?.is_zero() {
        let text = format!("At t {t} no path brings anything back: {s} is exactly zero.");
        return Some(say(Role::Text, text));
    }
    let gain = top.share.get(i)?.ratio(*flow.main().get(i + 1)?);
    let gain = gain.map_or_else(String::new, |g| {
        format!(", ×{} in this step", factor(g.root(1), 1))
    });
    let how = flow.cell.spec().path(top.path).map_or("", |way| way.by);
    let (name, percent) = (top.path.name().replace('_', " "), share * 100.0);
    let text = format!("At t {t} the {name} path brings back {percent:.0} % of {s}, {how}{gain}.");
    Some(say(Role::Text, text))
}

/// The alarm of peepholes: with them a carousel can grow although f is at most 1.
fn carousel_grows(view: &View, side: Side) -> Option<Sentence> {
    let flow = view.flow(side).filter(|_| view.app.judges(side))?;
    let (gain, steps) = view.carousel_grows(flow)?;
    let text = format!(
        "▲ {}: f ≤ 1, yet with its peepholes a carousel grows, by up to ×{gain:.2}, in {steps} of {} steps.",
        view.name(side),
        flow.steps
    );
    Some(say(Role::Explode, text))
}

/// What makes the gradient grow or die out, and the key that shows it; before it what each path adds
/// to r, where the strip does not say that already.
fn law(view: &View, side: Side) -> Option<Sentence> {
    let flow = view.flow(side)?;
    let law = flow.law.as_ref()?;
    let standing = law.standing()?;
    if !view.app.judges(side) {
        // What another input does to the gradient is no verdict on the model.
        let text = format!("{}: {}.", view.name(side), cause::product(law));
        return Some(say(Role::Text, text));
    }
    if let (Standing::NearEdge, Some(spread)) = (standing, law.spread) {
        let text = format!(
            "{}: {}. Near the edge: the last {} windows have no verdict in common.",
            view.name(side),
            cause::product(law),
            spread.windows
        );
        return Some(say(standing.into(), text));
    }
    let key = match law.cause {
        Cause::Grows { ref paths, .. } | Cause::TakesAway { ref paths, .. } => {
            let letters = paths.iter().map(|path| format!(" x {}", path.letter()));
            format!(" (cut it:{})", letters.collect::<String>())
        }
        _ => String::new(),
    };
    let because = cause::because(law, flow.cell);
    let sum = if side == view.app.focus.side {
        String::new()
    } else {
        format!("{}: ", cause::sum(law))
    };
    let detached = cause::detached(law).map_or(String::new(), |text| format!("; {text}"));
    let text = format!("{}: {sum}{because}{key}{detached}.", view.name(side));
    Some(say(standing.into(), text))
}

/// What the whole window multiplies by, where no more is known.
fn window(view: &View, side: Side) -> Option<Sentence> {
    let (flow, name) = (view.flow(side)?, view.name(side));
    if flow.law.is_some() {
        return None;
    }
    let r = flow.factor_per_step()?;
    let steps = flow.steps;
    let power = power_of_ten(r.log10() * steps as f64);
    let verdict = Verdict::of(r.log10(), steps);
    let s = symbol(flow.cell);
    let (sign, does) = match verdict {
        Verdict::Vanishing => ('▼', "vanishes"),
        Verdict::Stable => ('◆', "stays as large"),
        Verdict::Exploding => ('▲', "explodes"),
    };
    let shown = factor(r, steps);
    let text = format!(
        "{sign} {name}: ×{shown} a step back; {shown}{} = {power}: {s} {does}.",
        superscript(steps)
    );
    Some(say(verdict.into(), text))
}

/// The most that the path through a matrix multiplies by in one step beside the matrix itself; 0 where that
/// is not known.
fn steepest(matrix: &str) -> f64 {
    match matrix {
        "recurrent" | "block" | "candidate" => 1.0,
        "input" | "output" => 0.25,
        "forget" => STEEPEST_FORGET,
        _ => 0.0,
    }
}

/// Whether what goes through a matrix dies out in the long run and may grow before.
fn grows_first(matrix: &MatrixSize) -> bool {
    matrix.spectral_radius < 1.0
        && steepest(matrix.name) * matrix.norm > 1.0
        && matrix.norm.is_finite()
}

/// `R_z` of the block input's matrix, `R` of a cell's only one: the factor per step is r.
fn symbol_of(cell: CellKind, matrix: &str) -> String {
    let spec = cell.spec();
    let known = spec.matrices.iter().find(|(name, _)| *name == matrix);
    match known.filter(|_| spec.matrices.len() > 1) {
        Some((_, gate)) => format!("R_{}", spec.gates[*gate].letter),
        None => "R".to_owned(),
    }
}

/// Non-normal matrices, which grow before they shrink.
fn matrices(view: &View, side: Side) -> Option<Sentence> {
    let flow = view.flow(side)?;
    let m = flow.matrices.iter().find(|m| grows_first(m))?;
    let (rho, most) = (m.spectral_radius, steepest(m.name) * m.norm);
    let name = symbol_of(flow.cell, m.name);
    let cell = view.name(side);
    let text = format!(
        "{cell} {name}: ρ = {rho:.2} < 1 but a step may multiply by {most:.2}, it is not normal: on this path the gradient may grow first."
    );
    Some(say(Role::Text, text))
}

fn clipping(view: &View, snapshot: &Snapshot) -> Option<Sentence> {
    let theta = short::number(snapshot.settings.threshold);
    let clipped = |f: &Flow| f.clipping.clipped.iter().filter(|&&b| b).count();
    let text = match snapshot.settings.clip {
        ClipMode::Off => return None,
        ClipMode::Step => {
            let [a, b] = Side::BOTH.map(|side| clipped(snapshot.flow(side)));
            let [left, right] = Side::BOTH.map(|side| view.name(side));
            format!(
                "Clipping each δ to θ = {theta} bit at {a} steps of {left} and {b} of {right}; it bends the curve itself."
            )
        }
        mode => {
            let side = [Side::Right, Side::Left].into_iter().find(|side| {
                let clipping = &snapshot.flow(*side).clipping;
                clipping.before > clipping.after
            })?;
            let flow = snapshot.flow(side);
            let (before, after) = (wide(flow.clipping.before), wide(flow.clipping.after));
            let way = if mode == ClipMode::Norm {
                "its direction is kept".to_owned()
            } else {
                let angle = flow.clipping.angle_deg.unwrap_or(0.0);
                format!("its direction turns by {angle:.0}°")
            };
            let cell = view.name(side);
            format!(
                "Clipping shortens the gradient of {cell}, ‖g‖ {before} → {after}; {way}, and the curve above does not change."
            )
        }
    };
    Some(say(Role::Text, text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::fixture;
    use crate::sim::Settings;

    /// γσ decides, not σ: the slope of a gate is at most ¼.
    #[test]
    fn what_may_grow_first_needs_the_slope_too() {
        let first = |name, spectral_radius, norm| {
            grows_first(&MatrixSize {
                name,
                spectral_radius,
                norm,
            })
        };
        assert!(first("block", 0.9, 1.2) && first("input", 0.9, 4.1) && first("forget", 0.9, 0.84));
        assert!(!first("input", 0.9, 3.9) && !first("output", 0.9, 2.0));
        assert!(!first("forget", 0.8, 0.83) && !first("block", 1.0, 1.2));
    }

    #[test]
    fn a_matrix_is_told_from_r() {
        let lstm = ["block", "input", "forget", "output"].map(|m| symbol_of(CellKind::Lstm, m));
        assert_eq!(lstm, ["R_z", "R_i", "R_f", "R_o"]);
        assert_eq!(symbol_of(CellKind::Gru, "candidate"), "R_n");
        assert_eq!(symbol_of(CellKind::Rnn, "recurrent"), "R");
    }

    #[test]
    fn what_r_is_of_is_said_where_the_loss_injects_at_every_step() {
        for (loss, said) in [
            (LossKind::Last, false),
            (LossKind::Out, false),
            (LossKind::Mean, true),
            (LossKind::Max, true),
            (LossKind::Sum, true),
            (LossKind::Mse, true),
        ] {
            let mut app = fixture::app();
            let settings = Settings {
                loss,
                ..Settings::default()
            };
            app.sim.snapshot = Some(fixture::snapshot(&settings, 0.9));
            let says = why(&View::new(&app));
            let found = says.iter().any(|s| s.text.contains("not what is injected"));
            assert_eq!(found, said, "{loss:?}");
        }
    }
}
