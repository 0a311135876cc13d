//! What the numbers say, in sentences. Nothing here is said that the window does not show.

use crate::cell::CellKind;
use crate::flow::{Flow, Path, PathFlow, Verdict};
use crate::sim::settings::ClipMode;
use crate::ui::format::{self, factor, power_of_ten, superscript, wide};
use crate::ui::theme::Role;
use crate::ui::view::{View, symbol};

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
#[must_use]
pub fn why(view: &View) -> Vec<Sentence> {
    let (Some(lstm), Some(rnn)) = (view.flow(CellKind::Lstm), view.flow(CellKind::Rnn)) else {
        return vec![say(
            Role::Quiet,
            "The first window is being computed.".into(),
        )];
    };
    let mut out = Vec::new();
    out.extend(cuts(view));
    out.extend(at_cursor(view, lstm));
    out.extend(window(lstm));
    out.extend(window(rnn));
    out.extend(matrices(lstm).or_else(|| matrices(rnn)));
    out.extend(clipping(view, lstm, rnn));
    out
}

fn cuts(view: &View) -> Option<Sentence> {
    let cells = [CellKind::Lstm, CellKind::Rnn];
    let paths = cells
        .into_iter()
        .filter_map(|c| view.flow(c))
        .flat_map(|f| &f.paths);
    let mut names: Vec<_> = paths
        .map(|p| p.path)
        .filter(|&p| view.is_cut(p))
        .map(Path::name)
        .collect();
    names.dedup();
    (!names.is_empty()).then(|| {
        let paths = names.join(", ");
        say(
            Role::Strong,
            format!("✂ Cut on the way back: {paths}. The forward pass is unchanged."),
        )
    })
}

/// Which path carries the gradient at the cursor, and what it multiplies by in this step.
fn at_cursor(view: &View, flow: &Flow) -> Option<Sentence> {
    let t = view.cursor();
    let i = t - 1;
    let s = symbol(flow.cell);
    if t == flow.steps {
        return Some(say(
            Role::Text,
            format!("At t = T the loss injects {s}; nothing has flowed back yet."),
        ));
    }
    let part = |p: &PathFlow| p.contribution.get(i).copied().filter(|c| c.is_finite());
    let top = flow
        .paths
        .iter()
        .filter(|p| p.path != Path::Loss && part(p).is_some())
        .max_by(|a, b| {
            part(a)
                .map(f64::abs)
                .partial_cmp(&part(b).map(f64::abs))
                .unwrap_or(std::cmp::Ordering::Equal)
        })?;
    let share = part(top)?;
    if top.share.get(i)?.is_zero() {
        return Some(say(
            Role::Text,
            format!("At t {t} no path brings anything back: {s} is exactly zero."),
        ));
    }
    let gain = top.share.get(i)?.ratio(*flow.main().get(i + 1)?);
    let gain = gain.map_or_else(String::new, |g| {
        format!(", ×{} in this step", factor(g.root(1), 1))
    });
    let how = match top.path {
        Path::Carousel => "by f alone",
        Path::PeepholeInput | Path::PeepholeForget | Path::PeepholeOutput => "by a peephole",
        _ => "through its matrix R",
    };
    let (name, percent) = (top.path.name().replace('_', " "), share * 100.0);
    Some(say(
        Role::Text,
        format!("At t {t} the {name} path brings back {percent:.0} % of {s}, {how}{gain}."),
    ))
}

/// What the whole window multiplies by.
fn window(flow: &Flow) -> Option<Sentence> {
    let name = flow.cell.name();
    let r = flow.factor_per_step()?;
    let steps = flow.steps;
    let power = if r == 0.0 {
        "0".into()
    } else {
        power_of_ten(r.log10() * steps as f64)
    };
    let verdict = Verdict::of(r, steps);
    let s = symbol(flow.cell);
    let (sign, tail) = match verdict {
        Verdict::Vanishing => ('▼', format!(" of {s} is left")),
        Verdict::Stable => ('◆', format!(": {s} stays as large")),
        Verdict::Exploding => ('▲', format!(" times {s}")),
    };
    let shown = factor(r, steps);
    let text = format!(
        "{sign} {name}: ×{shown} a step back; {shown}{} = {power}{tail}.",
        superscript(steps)
    );
    Some(say(verdict.into(), text))
}

/// Non-normal matrices, which grow before they shrink.
fn matrices(flow: &Flow) -> Option<Sentence> {
    let m = flow
        .matrices
        .iter()
        .find(|m| m.spectral_radius < 1.0 && m.norm > 1.0 && m.norm.is_finite())?;
    let (name, rho, sigma) = (m.name, m.spectral_radius, m.norm);
    Some(say(
        Role::Text,
        format!(
            "{} R ({name}): ρ = {rho:.2} < 1 but σ_max = {sigma:.2} > 1, it is not normal: the gradient may grow first.",
            flow.cell.name()
        ),
    ))
}

fn clipping(view: &View, lstm: &Flow, rnn: &Flow) -> Option<Sentence> {
    let theta = format::number(view.snapshot?.settings.threshold);
    let bitten = |f: &Flow| f.clipping.bitten.iter().filter(|&&b| b).count();
    match view.snapshot?.settings.clip {
        ClipMode::Off => None,
        ClipMode::Step => {
            let (a, b) = (bitten(lstm), bitten(rnn));
            Some(say(
                Role::Text,
                format!(
                    "Clipping each δ to θ = {theta} bit at {a} steps of the lstm and {b} of the rnn; it bends the curve itself."
                ),
            ))
        }
        mode => {
            let flow = [rnn, lstm]
                .into_iter()
                .find(|f| f.clipping.before > f.clipping.after)?;
            let (before, after) = (wide(flow.clipping.before), wide(flow.clipping.after));
            let way = if mode == ClipMode::Norm {
                "its direction is kept".to_owned()
            } else {
                format!("its direction turns by {:.0}°", flow.clipping.angle_deg)
            };
            Some(say(
                Role::Text,
                format!(
                    "Clipping shortens the {} gradient ‖g‖ {before} → {after}; {way}, and the curve above does not change.",
                    flow.cell.name()
                ),
            ))
        }
    }
}
