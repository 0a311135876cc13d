//! ` rnntop ▸ carousel   1 flow  2 paths  …            ▶ 10/s  step 1240  T 200  seed 7`

use crate::app::action::Action;
use crate::app::panel::Panel;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::app::App;
use crate::app::screen::Screen;
use crate::app::view::View;
use crate::ui::pen::{Look, Pen};
use crate::ui::theme::Role;
use crate::words::fit;

/// A part of the line: where it starts, what it says, and the screen that a click on it shows.
struct Piece {
    x: u16,
    text: String,
    role: Role,
    screen: Option<Screen>,
}

/// What the simulation does, longest version first; each fits where the one before does not.
pub fn states(app: &App) -> Vec<String> {
    let s = &app.sim.settings;
    let run = if app.sim.stopped.is_some() {
        "‖ stopped".to_owned()
    } else if app.sim.running {
        format!("▶ {}/s", app.sim.pace.speed)
    } else {
        "‖ paused".to_owned()
    };
    let snapshot = app.sim.snapshot.as_ref();
    let step = snapshot.map_or_else(String::new, |s| format!("  step {}", s.now));
    vec![
        format!(
            "{run}{step}  T {}  H {}  seed {}",
            s.steps, s.hidden, s.seed
        ),
        format!("{run}{step}  T {}", s.steps),
        format!("{run}{step}"),
        run,
    ]
}

/// The line's parts on an area.
fn parts(app: &App, look: Look, area: Rect) -> Vec<Piece> {
    let end = area.right().saturating_sub(1);
    let room = end.saturating_sub(area.x + 1);
    let count = u16::try_from(Screen::ALL.len()).unwrap_or(0);
    let names: u16 = Screen::ALL.iter().map(|s| look.width(s.name()) + 4).sum();
    let identity = look.width("rnntop ▸ ");
    // The screens' names stay as long as they fit beside the program's name and the run state.
    let digits_only = room < identity + names + 10;
    let tabs = if digits_only {
        3 * count + look.width(app.screen.name()) + 1
    } else {
        names
    };
    let title = match app.not_on_data() {
        _ if app.screen == Screen::Train => app.screens.train.title().to_owned(),
        Some(signal) => format!("on {signal}: {}", app.sim.title),
        None => app.sim.title.clone(),
    };
    let title_room = |tabs: u16| room.saturating_sub(identity + tabs + 11).min(40);
    // Wide gaps between them, unless the title would be cut for that.
    let wanted = look.width(&title).min(16);
    let (gap, tabs) = if title_room(tabs) < wanted {
        (1, tabs - count)
    } else {
        (2, tabs)
    };
    let title_room = title_room(tabs);
    let title = fit::fit(&title, usize::from(title_room)).into_owned();
    let mut parts = Vec::new();
    let mut x = area.x + 1;
    let mut push = |gap: u16, text: String, role, screen| {
        let start = x + gap;
        x = start.saturating_add(look.width(&text));
        parts.push(Piece {
            x: start,
            text,
            role,
            screen,
        });
    };
    push(0, "rnntop".to_owned(), Role::Focus, None);
    if title_room >= 6 && !title.is_empty() {
        push(0, " ▸ ".to_owned(), Role::Quiet, None);
        push(0, title, Role::Text, None);
    }
    for (k, screen) in Screen::ALL.iter().copied().enumerate() {
        let here = screen == app.screen;
        let text = if digits_only && !here {
            screen.key().to_string()
        } else {
            format!("{} {}", screen.key(), screen.name())
        };
        let role = if here { Role::Selected } else { Role::Text };
        push(gap + u16::from(k == 0), text, role, Some(screen));
    }
    let states = (app.screen.room().state)(app);
    let left = end.saturating_sub(x + 2);
    if let Some(text) = states.into_iter().find(|text| look.width(text) <= left) {
        parts.push(Piece {
            x: end - look.width(&text),
            text,
            role: Role::Text,
            screen: None,
        });
    }
    parts
}

/// Program, screens, run state.
#[derive(Clone, Copy, Debug)]
pub struct Title;

impl Panel for Title {
    fn render(&self, pen: &mut Pen, area: Rect, view: &View) {
        for part in parts(view.app, view.look, area) {
            let style = match (part.role, part.screen) {
                (Role::Text, Some(_)) => Style::new(),
                (role, _) => view.look.style(role),
            };
            let room = area.right().saturating_sub(part.x);
            let end = part.x + pen.text(part.x, area.y, room, &part.text, style);
            if part.role == Role::Selected {
                pen.put(part.x - 1, area.y, ' ', style);
                pen.put(end, area.y, ' ', style);
            }
        }
    }

    fn press(&self, app: &App, area: Rect, column: u16, _: u16) -> Option<Action> {
        let look = app.look();
        let shown = |part: &Piece| part.x..part.x.saturating_add(look.width(&part.text));
        let mut parts = parts(app, look, area).into_iter();
        let part = parts.find(|part| shown(part).contains(&column))?;
        part.screen.map(Action::Show)
    }

    fn wheel(&self, _: Rect, _: u16, _: i32) -> Option<Action> {
        None
    }
}
