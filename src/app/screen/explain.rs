//! A path at the cursor, in formulas and numbers: the page that scrolls, below the paths to choose
//! from.
//!
//! ```text
//! ╭ explain  lstm output at t 140  alone ─────────────────────── 1-17 of 58 ╮
//! │ carousel  block  input  forget  output  loss                            │
//! │                                                                         │
//! │ Alone: the chain over two steps                                         │
//! ```

#[rustfmt::skip]
mod keys;
mod page;
pub mod state;

use ratatui::layout::Constraint::{Fill, Length};
use ratatui::layout::{Layout, Margin, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::Span;

use crate::app::action::Action as Any;
use crate::app::effect::Effect;
use crate::app::entry::Entry;
use crate::app::has::Has;
use crate::app::panel::Panel;
use crate::app::room::Room;
use crate::app::size;
use crate::app::state::App;
use crate::app::view::{View, question_name, short_name};
use crate::cell::Path;
use crate::sim::StudyRequest;
use crate::ui::pen::{Look, Pen};
use crate::ui::theme::Role;
use crate::words::explain::text;

use keys::KEYS;
pub use state::{Action, State};

/// The screen.
pub static ROOM: Room = Room {
    has: Has::CELLS
        .and(Has::STEPS)
        .and(Has::CURSOR)
        .and(Has::PATHS)
        .and(Has::QUESTION)
        .and(Has::TIME)
        .and(Has::CUTS),
    keys: KEYS,
    only: "a path is explained on the screen explain",
    least: size::TINY,
    plan: |_, plan, body| plan.put(body, Explained),
    study: |app| {
        Some(StudyRequest::Explain {
            side: app.focus.side,
            path: app.focus.path.path(),
            t: app.focus.cursor,
            units: app.screens.explain.units,
        })
    },
    scroll: |app| Some(&mut app.screens.explain.page),
    entry: |app| {
        Some(Entry {
            name: "write the page to a file",
            range: FILE.to_owned(),
            value: String::new(),
            closed: (!app.may.write).then_some("writing is off here: no file is written"),
            // Any name may be one; what is wrong with it shows when the file is written.
            check: |_, name| {
                let name = name.trim().to_owned();
                Ok(Box::new(move |app| app.write_page(name)))
            },
        })
    },
    ..Room::CHART
};

/// What may be typed for a file.
const FILE: &str = "a file's name; .md makes Markdown, .tex LaTeX, any other text; never over a file that is there";

/// Does what can be done here only.
pub fn act(app: &mut App, action: Action) -> Effect {
    match action {
        Action::NextPath(by) => app.next_path(by),
        Action::Units(by) => app.more_units(by),
        Action::Copy(form) => app.copy_page(form),
        Action::Write => app.begin_input(),
    }
}

/// Longer lines are hard to read.
const WIDEST: u16 = 110;
/// Rows that are taken by the frame, by the paths and by the line below them.
const TAKEN: u16 = 4;

/// The lines of the page on a panel of this width; the title is in the frame.
fn lines(app: &App, look: Look, width: u16) -> Vec<text::Line> {
    let width = usize::from(width.saturating_sub(4).min(WIDEST));
    let page = app.document();
    page.map_or_else(Vec::new, |page| {
        let lines = text::lines(&page, width, look.is_ascii());
        lines.into_iter().skip(2).collect()
    })
}

/// A path explained.
#[derive(Clone, Copy, Debug)]
pub struct Explained;

impl Panel for Explained {
    fn render(&self, pen: &mut Pen, area: Rect, view: &View) {
        let (look, app) = (view.look, view.app);
        let lines = lines(app, look, area.width);
        let room = usize::from(area.height.saturating_sub(TAKEN));
        let (shown, place) = app.screens.explain.page.shown(lines.len(), room);
        let explained = app.explained();
        let mut title = vec![look.span("explain", Role::Strong)];
        if let Some(explained) = explained {
            let subject = explained.subject;
            let name = format!("  {} {}", view.name(app.focus.side), subject.path.name());
            title.push(look.span(name, Role::Strong));
            let asked = question_name(app.sim.question);
            title.push(look.span(format!(" at t {}  {asked}", subject.t), Role::Quiet));
        }
        let inner = pen.frame(area, title, look.span(place, Role::Quiet));
        paths(pen, inner, app);
        let page = Layout::vertical([Length(2), Fill(1)]);
        let [_, page] = page.areas(inner.inner(Margin::new(1, 0)));
        let Some(explained) = explained else {
            return pen.wrapped(page, view.missing_study(), Role::Quiet);
        };
        let path = explained.subject.path;
        for (row, line) in page.rows().zip(&lines[shown]) {
            let parts = line.iter();
            let line = parts.map(|(role, part)| Span::styled(part, style(look, *role, path)));
            pen.line(row.x, row.y, row.width, &line.collect());
        }
    }

    fn wheel(&self, _: Rect, _: u16, turns: i32) -> Option<Any> {
        Some(Any::Scroll(-3 * turns))
    }
}

/// The paths of the cell, the chosen one marked.
fn paths(pen: &mut Pen, inner: Rect, app: &App) {
    let look = pen.look;
    let chosen = app.page_path();
    let end = inner.right().saturating_sub(1);
    let mut x = inner.x + 1;
    for path in app.page_paths() {
        let here = Some(path) == chosen;
        let name = short_name(path);
        if x + look.width(name) > end {
            break;
        }
        x += if here {
            // The mark goes one column beyond the name on either side.
            let style = look.style(Role::Selected);
            pen.text(x - 1, inner.y, end + 2 - x, &format!(" {name} "), style)
        } else {
            2 + pen.text(x, inner.y, end - x, name, look.theme.path(path))
        };
    }
}

fn style(look: Look, role: text::Role, path: Path) -> Style {
    match role {
        text::Role::Title | text::Role::Heading => {
            look.style(Role::Strong).add_modifier(Modifier::UNDERLINED)
        }
        text::Role::Words | text::Role::Number => look.style(Role::Text),
        text::Role::Formula => look.theme.path(path),
        text::Role::Label | text::Role::Sign => look.style(Role::Quiet),
        text::Role::Result => look.style(Role::Strong),
    }
}
