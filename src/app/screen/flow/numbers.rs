//! Both cells in numbers, beside each other.

use crate::app::panel::Panel;
use ratatui::layout::Constraint::{Fill, Length};
use ratatui::layout::{Layout, Rect};

use crate::app::view::View;
use crate::flow::{Flow, MatrixSize};
use crate::num::Wide;
use crate::sim::Side;
use crate::sim::settings::PerGate;
use crate::ui::pen::{Pen, row_of};
use crate::ui::theme::Role;
use crate::words::cause;
use crate::words::short::{number, short_factor, wide};

/// One line of the table: what, and the value of each cell.
struct Entry {
    name: &'static str,
    values: [String; 2],
}

/// The largest of a size of the recurrent matrices, which decides for the LSTM's four.
fn largest(flow: &Flow, size: impl Fn(&MatrixSize) -> f64) -> String {
    let sizes = flow.matrices.iter().map(size);
    let top = sizes.fold(f64::NEG_INFINITY, f64::max);
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
    let both = |name, f: &dyn Fn(&Flow) -> String| Entry {
        name,
        values: [f(left), f(right)],
    };
    let size = |w: Option<&Wide>| w.map_or_else(String::new, |w| wide(*w));
    let dash = || "-".to_owned();
    let of = snapshot.live_steps;
    // The control beside it says ρ before the gates' scales: the product is another number.
    let scaled = snapshot.settings.gate_scale != PerGate::all(1.0);
    let [radius, norm] = if scaled {
        ["ρ × gate scale", "σ × gate scale"]
    } else {
        ["max ρ(R)", "max σ(R)"]
    };
    vec![
        both("r per step", &rate),
        both("|δ_1|", &|f| size(f.main().first())),
        both("|δ_t| at t", &|f| size(f.main().get(t - 1))),
        both("|δ_T|", &|f| size(f.main().last())),
        both(radius, &|f| largest(f, |m| m.spectral_radius)),
        both(norm, &|f| largest(f, |m| m.norm)),
        both("‖g‖", &|f| wide(f.clipping.before)),
        both("‖g‖ clipped", &|f| wide(f.clipping.after)),
        Entry {
            name: "clip steps",
            values: snapshot
                .clipped_steps
                .map(|clipped| format!("{clipped}/{of}")),
        },
        both("clip angle", &|f| {
            let angle = f.clipping.angle_deg;
            angle.map_or_else(dash, |angle| format!("{angle:.1}°"))
        }),
        both("loss L", &|f| wide(f.loss)),
        both("|dL/dh_0|", &|f| wide(f.grad_h0)),
        both("|dL/dc_0|", &|f| f.grad_c0.map_or_else(dash, wide)),
    ]
}

/// Both cells in numbers.
#[derive(Clone, Copy, Debug)]
pub struct Numbers;

impl Panel for Numbers {
    fn render(&self, pen: &mut Pen, area: Rect, view: &View) {
        let look = view.look;
        let inner = pen.frame(area, look.span("numbers", Role::Strong), "");
        if inner.width < 12 {
            return;
        }
        let value = if inner.width >= 34 { 9 } else { 8 };
        let columns = [Length(0), Fill(1), Length(value), Length(value), Length(0)];
        let [_, names, left, right, _] = Layout::horizontal(columns).spacing(1).areas(inner);
        // The heads stand in the border, above their columns.
        for (side, column) in Side::BOTH.into_iter().zip([left, right]) {
            let name = view.name(side);
            // A column has no room for both words of `your lstm`.
            let whose = name.split(' ').next().filter(|_| view.app.owns_one());
            let text = format!(" {} ", whose.unwrap_or(&name));
            let style = look.style(Role::Strong);
            pen.text_right(inner.x, column.right() + 1, area.y, &text, style);
        }
        for (k, (y, entry)) in (inner.top()..inner.bottom()).zip(entries(view)).enumerate() {
            pen.write(row_of(names, y), entry.name, Role::Quiet);
            // The rate is what the others come to.
            let role = if k == 0 { Role::Strong } else { Role::Text };
            for (value, column) in entry.values.iter().zip([left, right]) {
                pen.write_right(row_of(column, y), value, role);
            }
        }
    }
}
