//! Both cells in numbers, beside each other.

use crate::app::panel::Panel;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::app::view::View;
use crate::flow::Flow;
use crate::sim::Side;
use crate::sim::settings::PerGate;
use crate::ui::pen::Pen;
use crate::ui::theme::Role;
use crate::words::cause;
use crate::words::short::{number, short_factor, wide};

/// One line of the table: what, and the value of each cell.
struct Entry {
    name: &'static str,
    values: [String; 2],
    strong: bool,
}

/// The largest of a size of the recurrent matrices, which decides for the LSTM's four.
fn largest(flow: &Flow, size: impl Fn(&crate::flow::MatrixSize) -> f64) -> String {
    let top = flow
        .matrices
        .iter()
        .map(size)
        .fold(f64::NEG_INFINITY, f64::max);
    if top > f64::NEG_INFINITY && top < 1000.0 {
        format!("{top:.3}")
    } else {
        number(top)
    }
}

/// r in the digits that are true of it, as the headline has them.
fn rate(flow: &Flow) -> String {
    let law = flow.law.as_ref();
    let moving = law.and_then(|law| Some((law.factor?, law.moves()?)));
    match moving {
        Some((r, spread)) if (0.1..100.0).contains(&r.saturating_f64()) => {
            cause::rounded(r, spread).0
        }
        _ => short_factor(flow.factor_per_step()),
    }
}

fn entries(view: &View) -> Vec<Entry> {
    let Some(snapshot) = view.snapshot else {
        return Vec::new();
    };
    let [left, right] = &snapshot.flows;
    let t = view.cursor();
    let both = |name, strong, f: &dyn Fn(&Flow) -> String| Entry {
        name,
        values: [f(left), f(right)],
        strong,
    };
    let of = snapshot.live_steps;
    // The control beside it says ρ before the gates' scales: the product is another number.
    let scaled = snapshot.settings.gate_scale != PerGate::all(1.0);
    let [radius, norm] = if scaled {
        ["ρ × gate scale", "σ × gate scale"]
    } else {
        ["max ρ(R)", "max σ(R)"]
    };
    vec![
        both("r per step", true, &rate),
        both("|δ_1|", false, &|f| {
            f.main().first().map_or_else(String::new, |w| wide(*w))
        }),
        both("|δ_t| at t", false, &|f| {
            f.main().get(t - 1).map_or_else(String::new, |w| wide(*w))
        }),
        both("|δ_T|", false, &|f| {
            f.main().last().map_or_else(String::new, |w| wide(*w))
        }),
        both(radius, false, &|f| largest(f, |m| m.spectral_radius)),
        both(norm, false, &|f| largest(f, |m| m.norm)),
        both("‖g‖", false, &|f| wide(f.clipping.before)),
        both("‖g‖ clipped", false, &|f| wide(f.clipping.after)),
        Entry {
            name: "clip steps",
            values: snapshot
                .clipped_steps
                .map(|clipped| format!("{clipped}/{of}")),
            strong: false,
        },
        both("clip angle", false, &|f| {
            let angle = f.clipping.angle_deg;
            angle.map_or_else(|| "-".to_owned(), |angle| format!("{angle:.1}°"))
        }),
        both("loss L", false, &|f| wide(f.loss)),
        both("|dL/dh_0|", false, &|f| wide(f.grad_h0)),
        both("|dL/dc_0|", false, &|f| {
            f.grad_c0.map_or_else(|| "-".to_owned(), wide)
        }),
    ]
}

/// Both cells in numbers.
#[derive(Clone, Copy, Debug)]
pub struct Numbers;

impl Panel for Numbers {
    fn render(&self, pen: &mut Pen, area: Rect, view: &View) {
        let look = view.look;
        let inner = pen.frame(
            area,
            &look.span("numbers", Role::Strong).into(),
            &Line::default(),
        );
        let width = if inner.width >= 34 { 10 } else { 9 };
        let right = inner.right().saturating_sub(1);
        let middle = right.saturating_sub(width);
        let column = |pen: &mut Pen, end: u16, y: u16, text: &str, role: Role| {
            let start = end.saturating_sub(width - 1).max(inner.x);
            pen.text_right(start, end.max(start), y, text, look.style(role));
        };
        if inner.width < 12 {
            return;
        }
        // The heads stand in the border, above their columns.
        let ends = [middle, right];
        for (side, end) in Side::BOTH.into_iter().zip(ends) {
            let name = view.name(side);
            // A column has no room for both words of `your lstm`.
            let whose = name.split(' ').next().filter(|_| view.app.owns_one());
            let text = format!(" {} ", whose.unwrap_or(&name));
            pen.text_right(
                inner.x,
                (end + 1).min(area.right()),
                area.y,
                &text,
                look.style(Role::Strong),
            );
        }
        for (y, entry) in (inner.top()..inner.bottom()).zip(entries(view)) {
            pen.text(
                inner.x + 1,
                y,
                inner.width.saturating_sub(2 * width + 2),
                entry.name,
                look.style(Role::Quiet),
            );
            let role = if entry.strong {
                Role::Strong
            } else {
                Role::Text
            };
            for (value, end) in entry.values.iter().zip(ends) {
                column(pen, end, y, value, role);
            }
        }
    }
}
