//! What happens while it runs: loss, the gradient's norm over the last steps, clipping, progress.

use crate::app::action::Action;
use crate::app::panel::Panel;
use crate::app::state::App;
use ratatui::layout::{Margin, Rect};
use ratatui::text::Line;
use ratatui::widgets::{Sparkline, Widget};

use crate::app::view::View;
use crate::sim::Side;
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
            &look.span(state, Role::Text).into(),
            &look.span(keys, Role::Key).into(),
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
            let width = pen.text(
                inner.x,
                inner.y,
                inner.width,
                &label,
                look.style(Role::Strong),
            ) + 1;
            let gauge = Rect::new(
                inner.x + width,
                inner.y,
                inner.width.saturating_sub(width),
                1,
            );
            Gauge { fraction: progress }.render(pen, gauge, look.style(Role::Text));
        } else {
            let text = format!(
                "step {}  loss {}",
                snapshot.now,
                wide(snapshot.flow(Side::Left).loss)
            );
            pen.text(inner.x, inner.y, inner.width, &text, look.style(Role::Text));
        }
        if inner.height > 1 {
            let row = Rect {
                y: inner.y + 1,
                height: inner.height - 1,
                ..inner
            };
            history(pen, row, view);
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
fn history(pen: &mut Pen, area: Rect, view: &View) {
    let look = view.look;
    let Some(snapshot) = view.snapshot else {
        return;
    };
    let norms: Vec<f64> = snapshot
        .norm_history
        .iter()
        .map(|[left, _]| *left)
        .collect();
    let last = norms.last().copied().unwrap_or(0.0);
    let head = Line::from(vec![
        look.span(format!("{} ‖g‖ ", view.name(Side::Left)), Role::Quiet),
        look.span(format!("{:<9}", number(last)), Role::Text),
    ]);
    let x = pen.line(area.x, area.y, area.width, &head);
    let row = Rect {
        x,
        width: area.right().saturating_sub(x),
        ..area
    };
    let shown = norms.len().saturating_sub(usize::from(row.width));
    let norms = &norms[shown..];
    let top = norms
        .iter()
        .copied()
        .filter(|v| v.is_finite())
        .fold(f64::MIN_POSITIVE, f64::max);
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
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let data: Vec<u64> = norms
        .iter()
        .map(|v| {
            if v.is_finite() {
                (v / top * 800.0) as u64
            } else {
                800
            }
        })
        .collect();
    Sparkline::default()
        .data(&data)
        .max(800)
        .style(look.style(Role::Text))
        .render(row, pen.buf);
}
