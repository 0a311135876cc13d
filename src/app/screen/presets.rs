//! The presets, and what the selected one is about.

use ratatui::layout::Constraint::{Fill, Length};
use ratatui::layout::{Layout, Margin, Rect};
use ratatui::text::Line;

use crate::app::App;
use crate::app::action::Action;
use crate::app::effect::{Effect, changed, redraw_if};
use crate::app::history::Moment;
use crate::app::panel::Panel;
use crate::app::panel::list::List;
use crate::app::parameters::Next;
use crate::app::room::Room;
use crate::app::screen::Screen;
use crate::app::scroll::Scroll;
use crate::app::selection::moved;
use crate::app::view::View;
use crate::flow::PathSet;
use crate::sim::Pace;
use crate::sim::Preset;
use crate::ui::pen::{Look, Pen};
use crate::ui::theme::Role;
use crate::words::fit::fit;

/// What the screen keeps.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// The selected row.
    pub row: usize,
    /// The text on it.
    pub text: Scroll,
}

/// The screen.
pub static ROOM: Room = Room {
    plan: |_, plan, body| {
        let [list, text] = if body.width >= 110 {
            // The names and titles come first.
            let width = body.width.saturating_sub(80).clamp(40, 58);
            Layout::horizontal([Fill(1), Length(width)]).areas(body)
        } else {
            let height = (body.height * 3 / 5).min(14);
            Layout::vertical([Fill(1), Length(height)]).areas(body)
        };
        plan.put(list, Titles);
        plan.put(text, Text);
    },
    scroll: |app| Some(&mut app.screens.presets.text),
    select: |app, by| {
        let state = &mut app.screens.presets;
        let to = moved(state.row, by, app.presets.len());
        if to != state.row {
            state.text = Scroll::default();
        }
        changed(&mut state.row, to)
    },
    adjust: |_, _| Effect::Unchanged,
    reset: |_| Effect::Unchanged,
    choose: |app| load(app, app.screens.presets.row),
    entry: |_| None,
    ..Room::LIST
};

/// Loads the preset of a row and shows it.
pub fn load(app: &mut App, row: usize) -> Effect {
    app.screens.presets.row = row;
    let Some(entry) = app.presets.get(row) else {
        return Effect::Unchanged;
    };
    let next = Moment {
        settings: app.fitted(entry.settings.clone()),
        preset: entry.settings.clone(),
        title: entry.name.clone(),
        cuts: PathSet::EMPTY,
    };
    let pace = entry.speed.map(|speed| Next::Pace(Pace { speed }));
    app.screen = Screen::default();
    app.screens.presets.text = Scroll::default();
    let pace = pace.map(|pace| app.take(pace));
    let effect = match (app.change(next), pace) {
        (Effect::Send(set), Some(Effect::Send(pace))) => Effect::SendAll(vec![set, pace]),
        (Effect::Unchanged | Effect::None, Some(pace)) => pace,
        (set, _) => set,
    };
    app.told = false;
    redraw_if(true, effect)
}

/// Rows that the frame takes.
const FRAME: u16 = 2;

/// The presets.
#[derive(Clone, Copy, Debug)]
pub struct Titles;

impl Panel for Titles {
    fn render(&self, pen: &mut Pen, area: Rect, view: &View) {
        let look = view.look;
        let presets = &view.app.presets;
        let selected = view.app.screens.presets.row;
        let selected = selected.min(presets.len().saturating_sub(1));
        let title = look.span("presets", Role::Strong);
        let inner = pen.list(area, title, selected, presets.len());
        let names = presets.iter().map(|p| look.width(&p.name));
        let name_width = names.max().unwrap_or(0).min(22) + 2;
        for (line, row, here) in list(view.app, area).lines() {
            let preset = &presets[row];
            let style = pen.item(line, here);
            let mut x = line.x + 2;
            if inner.width > name_width + 24 {
                let quiet = if here { style } else { look.style(Role::Quiet) };
                let name = fit(&preset.name, usize::from(name_width - 1));
                pen.text(x, line.y, name_width, &name, quiet);
                x += name_width;
            }
            let room = line.right().saturating_sub(x);
            let title = fit(&preset.title, usize::from(room));
            pen.text(x, line.y, room, &title, style);
        }
    }

    fn press(&self, app: &App, area: Rect, _: u16, row: u16) -> Option<Action> {
        list(app, area).press(row)
    }

    fn wheel(&self, _: Rect, _: u16, turns: i32) -> Option<Action> {
        Some(Action::Select(-turns))
    }
}

/// The list within its frame.
fn list(app: &App, area: Rect) -> List {
    List {
        area: area.inner(Margin::new(1, 1)),
        selected: app.screens.presets.row,
        rows: app.presets.len(),
    }
}

/// The preset that is shown.
pub fn shown(app: &App) -> Option<&Preset> {
    app.presets
        .iter()
        .find(|p| p.title == app.sim.title || p.name == app.sim.title)
}

/// The idea of the selected preset.
#[derive(Clone, Copy, Debug)]
pub struct Text;

impl Panel for Text {
    fn render(&self, pen: &mut Pen, area: Rect, view: &View) {
        let key = view.app.keymap.first("load_preset");
        let answer = if key.is_empty() {
            Line::default()
        } else {
            view.look.span(format!("{key} loads"), Role::Key).into()
        };
        let state = &view.app.screens.presets;
        text(
            pen,
            area,
            view.app.presets.get(state.row),
            answer,
            &state.text,
        );
    }

    fn wheel(&self, _: Rect, _: u16, turns: i32) -> Option<Action> {
        Some(Action::Scroll(-3 * turns))
    }
}

/// The idea of the preset that is shown, with what to press and watch.
#[derive(Clone, Copy, Debug)]
pub struct About;

impl Panel for About {
    fn render(&self, pen: &mut Pen, area: Rect, view: &View) {
        let preset = shown(view.app);
        text(pen, area, preset, Line::default(), &Scroll::default());
    }
}

fn text(pen: &mut Pen, area: Rect, preset: Option<&Preset>, mut answer: Line, scroll: &Scroll) {
    let look = pen.look;
    let Some(preset) = preset else {
        pen.frame(area, "", "");
        return;
    };
    let rows = area.height.saturating_sub(FRAME);
    let lines = lines(look, preset, area.width, rows);
    let (shown, mut place) = scroll.shown(lines.len(), usize::from(rows));
    if !place.is_empty() && rows > 0 {
        if !answer.spans.is_empty() {
            place += "  ";
        }
        answer.spans.insert(0, look.span(place, Role::Quiet));
    }
    let room = usize::from(area.width.saturating_sub(6 + look.line_width(&answer)));
    let title = look.span(fit(&preset.title, room), Role::Strong);
    let inner = pen.frame(area, title, answer);
    pen.lines(inner.inner(Margin::new(1, 0)), &lines[shown]);
}

/// The text on a panel of this width: the idea, what to press, what to watch, the source.
fn lines(look: Look, preset: &Preset, width: u16, rows: u16) -> Vec<Line<'static>> {
    let width = usize::from(width.saturating_sub(4));
    let mut lines: Vec<Line> = Vec::new();
    if width < 12 {
        return lines;
    }
    for (head, text) in [
        ("", &preset.idea),
        ("press", &preset.press),
        ("watch", &preset.watch),
        ("source", &preset.source),
    ] {
        if text.is_empty() {
            continue;
        }
        if head == "press" && rows > 12 {
            lines.push(Line::default());
        }
        let indent = if head.is_empty() { 0 } else { 8 };
        let role = if head == "source" {
            Role::Quiet
        } else {
            Role::Text
        };
        for (k, part) in look.wrap(text, width - indent).into_iter().enumerate() {
            let head = if k == 0 { head } else { "" };
            let head = look.span(format!("{head:<indent$}"), Role::Key);
            lines.push(Line::from(vec![head, look.span(part, role)]));
        }
    }
    lines
}
