//! What the numbers say, in words.

use crate::app::panel::Panel;
use ratatui::layout::{Margin, Rect};
use ratatui::text::Line;

use crate::app::screen::flow::words::why;
use crate::app::view::View;
use crate::ui::pen::Pen;
use crate::ui::theme::Role;

/// What the numbers say, in words.
#[derive(Clone, Copy, Debug)]
pub struct Why;

impl Panel for Why {
    fn render(&self, pen: &mut Pen, area: Rect, view: &View) {
        let look = view.look;
        let inner = pen.frame(area, look.span("why", Role::Strong), "");
        let width = usize::from(inner.width.saturating_sub(2));
        if width < 8 {
            return;
        }
        let room = usize::from(inner.height);
        let blocks: Vec<(Vec<String>, Role)> = why(view)
            .into_iter()
            .map(|s| (look.wrap(&s.text, width), s.role))
            .collect();
        let all: usize = blocks.iter().map(|(lines, _)| lines.len()).sum();
        let gap = usize::from(all + blocks.len().saturating_sub(1) <= room);
        let mut lines: Vec<Line> = Vec::new();
        for (block, role) in blocks {
            if lines.len() + block.len() > room {
                continue;
            }
            for (k, text) in block.into_iter().enumerate() {
                // The sign of a verdict has its colour, the words are plain text.
                let mut chars = text.chars();
                let sign = chars.next().filter(|c| k == 0 && "▲▼◆◇✂".contains(*c));
                lines.push(match sign {
                    Some(sign) => Line::from(vec![
                        look.span(sign.to_string(), role),
                        look.span(chars.as_str(), Role::Text),
                    ]),
                    None if k == 0 || role == Role::Quiet => look.span(text, role).into(),
                    None => look.span(text, Role::Text).into(),
                });
            }
            lines.extend((0..gap).map(|_| Line::default()));
        }
        pen.lines(inner.inner(Margin::new(1, 0)), &lines);
    }
}
