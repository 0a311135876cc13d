//! The last line, the keys that work now, and above it a message while there is one.

use crate::app::action::Action;
use crate::app::panel::Panel;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::app::App;
use crate::app::has::Has;
use crate::app::keys::hints;
use crate::app::size::at_least;
use crate::app::state::Notice;
use crate::app::view::{View, short_name};
use crate::flow::Path;
use crate::ui::pen::Pen;
use crate::ui::theme::Role;
use crate::ui::widget::bars::Gauge;
use crate::words::fit::{fit_sentences, fit_words};

/// What can be pressed now.
#[derive(Clone, Copy, Debug)]
pub struct Hints;

impl Panel for Hints {
    fn render(&self, pen: &mut Pen, area: Rect, view: &View) {
        let look = view.look;
        let app = view.app;
        let room = area.width.saturating_sub(2);
        let x = area.x + 1;
        if app.cutting {
            return cutting(pen, area, view);
        }
        let mut end = x + room;
        if let Some(progress) = app
            .sim
            .progress
            .or(app.study.progress)
            .filter(|p| p.is_finite() && room > 40)
        {
            let label = format!("computing {:3.0} % ", progress.clamp(0.0, 1.0) * 100.0);
            let start = pen.text_right(x, end, area.y, &label, look.style(Role::Strong));
            Gauge { fraction: progress }.render(
                pen,
                Rect::new(start - 12, area.y, 11, 1),
                look.style(Role::Text),
            );
            end = start - 14;
        }
        keys(pen, x, end, area.y, view);
    }

    fn wheel(&self, _: Rect, _: u16, _: i32) -> Option<Action> {
        None
    }
}

/// What there is to say: of the last key, or else why nothing can be computed, unless something else is
/// being computed meanwhile.
pub(super) fn notice(app: &App) -> Option<&Notice> {
    let stopped = app.sim.stopped.as_ref();
    let stopped = stopped.filter(|_| app.sim.progress.is_none());
    app.notice.as_ref().or(stopped)
}

/// What there is to say, in one line.
#[derive(Clone, Copy, Debug)]
pub struct Message;

impl Panel for Message {
    fn render(&self, pen: &mut Pen, area: Rect, view: &View) {
        let look = view.look;
        let Some(notice) = notice(view.app) else {
            return;
        };
        let (mark, role) = if notice.error {
            ("! ", Role::Error)
        } else {
            ("", Role::Strong)
        };
        let text = format!("{mark}{}", notice.text);
        let text = look.drawn(&text);
        let fit = if notice.error {
            fit_words
        } else {
            fit_sentences
        };
        let room = area.width.saturating_sub(2);
        let text = fit(&text, usize::from(room));
        pen.text(area.x + 1, area.y, room, &text, look.style(role));
    }

    fn wheel(&self, _: Rect, _: u16, _: i32) -> Option<Action> {
        None
    }
}

/// As many keys as fit, most important first.
fn keys(pen: &mut Pen, mut x: u16, end: u16, y: u16, view: &View) {
    let (app, look) = (view.app, view.look);
    let room = app.screen.room();
    let drawn = at_least(pen.buf.area, room.least);
    for hint in hints(app) {
        let mut actions = hint.acts.iter().map(|act| act.action);
        // Where a screen has no room, its own actions have none either.
        let own = actions.clone().any(|a| matches!(a, Action::Own(_)));
        // The controls show their own keys.
        let controls = actions.clone().all(|a| matches!(a, Action::Change(..)));
        if own && !drawn || controls && !app.has(Has::ROWS) {
            continue;
        }
        let keys = app.keymap.shown(hint);
        let pauses = actions.any(|a| a == Action::TogglePause);
        let label = if pauses && !(room.runs)(app) {
            "run"
        } else {
            hint.label
        };
        let width = look.width(&keys) + 1 + look.width(label);
        if x + width > end {
            continue;
        }
        x += pen.text(x, y, end - x, &keys, look.style(Role::Key)) + 1;
        x += pen.text(x, y, end - x, label, look.style(Role::Quiet)) + 2;
    }
}

/// Which letters cut which paths.
fn cutting(pen: &mut Pen, area: Rect, view: &View) {
    let look = view.look;
    let keymap = &view.app.keymap;
    let end = area.right().saturating_sub(1);
    let mut x = area.x + 1;
    x += pen.text(
        x,
        area.y,
        end.saturating_sub(x),
        "✂ cut or restore:",
        look.style(Role::Strong),
    ) + 2;
    // What leads out of here has its place in any case.
    let leave = keymap.first("cut_nothing");
    let end = end.saturating_sub(look.width(&leave));
    let mut paths: Vec<Path> = Vec::new();
    let flows = view.snapshot.iter().flat_map(|s| &s.flows);
    for path in flows.flat_map(|f| &f.paths).map(|p| p.path) {
        // The peepholes share a letter.
        let known = paths.iter().any(|p| p.letter() == path.letter());
        if path != Path::Loss && !known {
            paths.push(path);
        }
    }
    let mut entries: Vec<(String, String, Style)> = Vec::new();
    for path in paths.iter().copied() {
        let (action, name, style) = if path.letter() == 'p' {
            ("peepholes", "peepholes", look.style(Role::Text))
        } else {
            (path.name(), short_name(path), look.theme.path(path))
        };
        let key = keymap.first(&format!("cut_{action}"));
        let mark = if view.is_cut(path) { "✂" } else { "" };
        entries.push((key, format!(" {name}{mark}"), style));
    }
    let quiet = look.style(Role::Quiet);
    let gated = |path: &&Path| !path.is_highway() && **path != Path::Recurrent;
    if paths.iter().filter(gated).count() > 1 {
        entries.push((keymap.first("cut_gates"), " all gated".to_owned(), quiet));
    }
    if !view.app.sim.cuts.is_empty() {
        let key = keymap.first("restore_paths");
        // What leads back comes before the names.
        entries.insert(0, (key, " restore all".to_owned(), quiet));
    }
    let count = entries.len();
    for (k, (key, name, style)) in entries.into_iter().enumerate() {
        // Where there is no room for all names, the keys of the last ones stand alone.
        let after = 3 * u16::try_from(count - 1 - k).unwrap_or(0);
        let named = x + look.width(&key) + look.width(&name) + 2 + after <= end;
        if x + look.width(&key) + 2 > end {
            break;
        }
        x += pen.text(x, area.y, end - x, &key, look.style(Role::Key));
        if named {
            x += pen.text(x, area.y, end - x, &name, style);
        }
        x += 2;
    }
    pen.text(
        x,
        area.y,
        area.right().saturating_sub(x),
        &leave,
        look.style(Role::Key),
    );
}
