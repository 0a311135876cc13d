//! What was found of the selected layer, and what would help the model: words that scroll.

use ratatui::layout::{Margin, Rect};

use super::Picture;
use crate::app::App;
use crate::ui::pen::{Look, Pen};
use crate::ui::theme::Role;
use crate::words::list::capital;

/// Longer lines are hard to read.
const WIDEST: u16 = 100;
/// Rows that the frame takes.
const FRAME: u16 = 2;

/// The lines on a panel of this width.
fn lines(app: &App, look: Look, width: u16) -> Vec<(String, Role)> {
    let (Some(found), Some(layer)) = (app.diagnosis(), app.selected_layer()) else {
        return Vec::new();
    };
    let width = usize::from(width.saturating_sub(4).clamp(1, WIDEST));
    let mut lines = Vec::new();
    let mut say = |text: &str, role: Role, indent: usize| {
        let wrapped = look.wrap(text, width.saturating_sub(indent).max(1));
        let indented = |line| format!("{}{line}", " ".repeat(indent));
        lines.extend(wrapped.into_iter().map(|line| (indented(line), role)));
    };
    for (index, sentence) in found.findings_of(layer).iter().enumerate() {
        let role = if index == 0 { Role::Strong } else { Role::Text };
        say(sentence, role, 0);
    }
    for sentence in found.of_sequence() {
        say(&sentence, Role::Text, 0);
    }
    if let Some(caution) = found.caution() {
        let why = format!("{caution}: no verdict and no remedy.");
        say(&capital(&why), Role::Text, 0);
    }
    if let Some(why) = found.unadvised() {
        say(why, Role::Text, 0);
    }
    for advice in &found.advice {
        say(&format!("▸ {}", advice.remedy), Role::Text, 0);
        if let Some(outcome) = advice.outcome() {
            say(&outcome, Role::Quiet, 2);
        }
        say(&format!("because {}", advice.cause), Role::Quiet, 2);
        say(advice.source, Role::Quiet, 2);
    }
    say(&layer.of_formats(), Role::Quiet, 0);
    if let Some(fresh) = found.freshness() {
        say(&fresh, Role::Text, 0);
    }
    lines
}

pub(super) fn render(pen: &mut Pen, area: Rect, app: &App, picture: &Picture) {
    let look = pen.look;
    let lines = lines(app, look, area.width);
    let room = usize::from(area.height.saturating_sub(FRAME));
    let (shown, place) = app.screens.layers.words.shown(lines.len(), room);
    let name = picture.name(&picture.rows[picture.selected]);
    // They judge what a layer carries by itself, whatever is drawn.
    let alone = app.screens.layers.whole && picture.rows.len() > 1;
    let alone = if alone { " alone," } else { "" };
    let title = look.span(format!("{name}{alone} in words"), Role::Strong);
    let inner = pen.frame(area, title, look.span(place, Role::Quiet));
    let rows = inner.inner(Margin::new(1, 0)).rows();
    for (row, (text, role)) in rows.zip(&lines[shown]) {
        pen.write(row, text, *role);
    }
}
