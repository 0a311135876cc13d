//! The singular values of ∂s_T/∂s_0, sorted: what became of a sphere of small disturbances. The
//! exponents are drawn across them, as what they make of T steps.

use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::app::axis::bound;
use crate::app::view::View;
use crate::flow::Spectrum;
use crate::ui::pen::Pen;
use crate::ui::theme::Role;
use crate::ui::widget::ladder::{BAND, Ladder};
use crate::words::short::{Level, wide};

/// Columns left of the bars.
const GUTTER: u16 = 6;

pub(super) fn render(pen: &mut Pen, area: Rect, view: &View, spectrum: &Spectrum, title: &Line) {
    let look = view.look;
    let top = spectrum.product.first();
    let answer = top.map_or_else(Line::default, |&top| {
        let role = match top.log10() {
            log if log > BAND => Role::Explode,
            log if log < -BAND => Role::Vanish,
            _ => Role::Stable,
        };
        look.span(format!("σ_1 {}", wide(top)), role).into()
    });
    let inner = pen.frame(area, title.clone(), answer);
    let size = spectrum.product.len();
    let measured = spectrum.measured();
    let values = spectrum.product.iter().take(measured);
    let levels = values.map(|s| (!s.is_zero()).then(|| s.log10()));
    let levels: Vec<Level> = levels.collect();
    let decades = view.steps() as f64 / std::f64::consts::LN_10;
    let sorted = spectrum.lyapunov.sorted().into_iter().take(measured);
    let exponents = sorted.map(|x| x.is_finite().then_some(x * decades));
    let exponents: Vec<Level> = exponents.collect();
    let known = || levels.iter().chain(&exponents).flatten().copied();
    let high = bound(known().fold(0.0, f64::max));
    let low = -bound(-known().fold(0.0, f64::min));
    Ladder {
        levels: &levels,
        low,
        high,
        gutter: GUTTER,
        beside: &[(&exponents, look.style(Role::Strong))],
        ..Ladder::default()
    }
    .render(pen, inner);
    let noise = size - measured;
    let below = if noise > 0 {
        format!("{noise} of {size} below rounding")
    } else {
        format!("{size} values")
    };
    pen.lower(
        area,
        look.span("line: λ T in decades", Role::Quiet),
        look.span(below, Role::Quiet),
    );
}
