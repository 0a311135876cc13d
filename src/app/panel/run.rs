//! What happens while it runs: loss, the gradient's norm over the last steps, clipping, progress.

use crate::app::action::Action;
use crate::app::panel::Panel;
use crate::app::state::App;
use ratatui::layout::Constraint::{Fill, Length};
use ratatui::layout::{Layout, Margin, Rect};
use ratatui::text::Line;
use ratatui::widgets::{Sparkline, Widget};

use crate::app::view::View;
use crate::sim::{Side, Snapshot};
use crate::ui::look::Marker;
use crate::ui::pen::Pen;
use crate::ui::theme::Role;
use crate::ui::widget::bars::Gauge;
use crate::words::short::{number, wide};

/// Loss, gradient norm and clipping while running.
#[derive(Clone, Copy, Debug)]
pub struct Run;

impl Panel for Run {
    fn render(&self, pen: &mut Pen, area: Rect, view: &View) {
        let look = view.look;
        let key = |name| view.app.keymap.first(name);
        let (state, keys) = if view.app.sim.stopped.is_some() {
            ("‖ stopped", String::new())
        } else if view.app.sim.running {
            ("▶ running", key("pause"))
        } else {
            let keys = format!("{} {}", key("pause"), key("step_forward"));
            ("‖ paused", keys.trim().to_owned())
        };
        let inner = pen.frame(
            area,
            look.span(state, Role::Text),
            look.span(keys, Role::Key),
        );
        let inner = inner.inner(Margin::new(1, 0));
        let Some(snapshot) = view.snapshot else {
            return;
        };
        if inner.is_empty() {
            return;
        }
        if let Some(progress) = view.app.sim.progress.filter(|p| p.is_finite()) {
            let label = format!("{:3.0} %", progress.clamp(0.0, 1.0) * 100.0);
            let taken = pen.write(inner, &label, Role::Strong) + 1;
            let [_, gauge] = Layout::horizontal([Length(taken), Fill(1)]).areas(inner);
            Gauge { fraction: progress }.render(pen, gauge, look.style(Role::Text));
        } else {
            let loss = wide(snapshot.flow(Side::Left).loss);
            let text = format!("step {}  loss {loss}", snapshot.now);
            pen.write(inner, &text, Role::Text);
        }
        if inner.height > 1 {
            let [_, below] = Layout::vertical([Length(1), Fill(1)]).areas(inner);
            history(pen, below, view, snapshot);
        }
    }

    fn press(&self, _: &App, _: Rect, _: u16, _: u16) -> Option<Action> {
        Some(Action::TogglePause)
    }

    fn wheel(&self, _: Rect, _: u16, turns: i32) -> Option<Action> {
        Some(Action::Speed(turns))
    }
}

/// ‖g‖ of the left cell at the last steps, from zero upwards.
fn history(pen: &mut Pen, area: Rect, view: &View, snapshot: &Snapshot) {
    let look = view.look;
    let norms = snapshot.norm_history.iter();
    let norms: Vec<f64> = norms.map(|[left, _]| *left).collect();
    let last = norms.last().copied().unwrap_or(0.0);
    let head = Line::from(vec![
        look.span(format!("{} ‖g‖ ", view.name(Side::Left)), Role::Quiet),
        look.span(format!("{:<9}", number(last)), Role::Text),
    ]);
    let x = pen.line(area.x, area.y, area.width, &head);
    let [_, row] = Layout::horizontal([Length(x - area.x), Fill(1)]).areas(area);
    let shown = norms.len().saturating_sub(usize::from(row.width));
    let norms = &norms[shown..];
    let finite = norms.iter().copied().filter(|v| v.is_finite());
    let top = finite.fold(f64::MIN_POSITIVE, f64::max);
    if look.marker == Marker::Ascii {
        for (x, v) in (row.left()..row.right()).zip(norms) {
            let c = match v / top {
                p if p > 0.66 => '#',
                p if p > 0.33 => ':',
                _ => '.',
            };
            pen.put(x, row.y, c, look.style(Role::Text));
        }
        return;
    }
    let height = |v: &f64| {
        if v.is_finite() {
            (v / top * 800.0) as u64
        } else {
            800
        }
    };
    let data: Vec<u64> = norms.iter().map(height).collect();
    Sparkline::default()
        .data(&data)
        .max(800)
        .style(look.style(Role::Text))
        .render(row, pen.buf);
}
