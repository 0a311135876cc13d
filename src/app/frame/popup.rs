//! What lies over the screen: the line for a typed value, and what a preset says is to be pressed.

use ratatui::layout::{Margin, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::Line;
use unicode_width::UnicodeWidthChar;

use crate::app::input::{self, TextLine};
use crate::app::popup::Asked;
use crate::app::screen::{Screen, presets};
use crate::app::view::View;
use crate::sim::budget::Cost;
use crate::ui::pen::Pen;
use crate::ui::theme::Role;
use crate::words::fit::fit;

/// A place in the middle of the screen.
pub(super) fn centred(area: Rect, width: u16, height: u16) -> Rect {
    let (width, height) = (width.min(area.width), height.min(area.height));
    Rect::new(
        area.x + (area.width - width) / 2,
        area.y + (area.height - height) / 2,
        width,
        height,
    )
}

/// What the preset says is to be pressed, until the first key.
pub(super) fn lesson(pen: &mut Pen, area: Rect, view: &View) {
    let app = view.app;
    let of_training = app.screens.train.lesson.as_ref();
    let of_training = of_training.filter(|_| app.screen == Screen::Train);
    let of_training = of_training.map(|lesson| (&lesson.title, lesson.said()));
    let [name, title, said] = match (&of_training, presets::shown(app)) {
        _ if app.told => return,
        (Some((title, said)), _) => ["training", title, said],
        (None, Some(preset)) if !preset.press.is_empty() => ["press", &preset.title, &preset.press],
        _ => return,
    };
    let answer = fit(
        title,
        usize::from(area.width).saturating_sub(name.len() + 9),
    );
    note(pen, area, view, [name, &answer, said]);
}

/// What that takes which is asked for.
pub(super) fn heavy(pen: &mut Pen, area: Rect, view: &View, cost: Cost, asked: &Asked) {
    let [compute, keep] = ["heavy_compute", "heavy_keep"].map(|name| view.app.keymap.first(name));
    let (title, text) = match asked {
        Asked::Step(_) => (
            "a large window",
            format!("{cost}: {compute} computes, {keep} keeps the last"),
        ),
        Asked::Training => (
            "a large training",
            format!("{cost} for each update: {compute} begins, {keep} does not"),
        ),
    };
    note(pen, area, view, [title, "", &text]);
}

/// A text over the whole lower edge, with its title and what stands at the right of that: of the panels
/// below, no half is left.
fn note(pen: &mut Pen, area: Rect, view: &View, [title, answer, text]: [&str; 3]) {
    let look = view.look;
    let within = area.width.min(LESSON_WIDTH).saturating_sub(4).max(1);
    let lines = text.lines().flat_map(|text| look.wrap(text, within.into()));
    let lines: Vec<String> = lines.collect();
    let height = u16::try_from(lines.len())
        .unwrap_or(u16::MAX)
        .saturating_add(2);
    let place = at_the_edge(area, area.width, height);
    pen.clear(place);
    let title = look.span(title.to_owned(), Role::Strong);
    let answer = look.span(answer.to_owned(), Role::Quiet);
    let inner = pen.frame(place, title, answer);
    let lines = lines
        .into_iter()
        .map(|line| look.span(line, Role::Strong).into());
    let lines: Vec<Line> = lines.collect();
    pen.lines(inner.inner(Margin::new(1, 0)), &lines);
}

/// Words are read in lines no longer than this.
const LESSON_WIDTH: u16 = 90;

/// A place at the lower edge, above the hints: the curves stay in sight.
pub(super) fn at_the_edge(area: Rect, width: u16, height: u16) -> Rect {
    let middle = centred(area, width, height);
    Rect {
        y: (area.bottom().saturating_sub(1 + middle.height)).max(area.y),
        ..middle
    }
}

/// The widest box for a typed value: the longest range fits it in one line.
const INPUT_WIDTH: u16 = 76;

/// The line for a typed value, with what is allowed, or what is wrong so far, below it.
pub(super) fn input(pen: &mut Pen, area: Rect, view: &View, line: &TextLine, fresh: bool) {
    let look = view.look;
    let Some(prompt) = input::prompt(view.app) else {
        return;
    };
    let (below, role) = match &prompt.error {
        Some(error) => (format!("! {error}"), Role::Error),
        None => (format!("allowed: {}", prompt.range), Role::Quiet),
    };
    let width = INPUT_WIDTH.min(area.width);
    let lines = look.wrap(&below, usize::from(width.saturating_sub(4)).max(1));
    // Two lines of words at least, so that the box keeps its place while one types.
    let words = u16::try_from(lines.len()).unwrap_or(u16::MAX).max(2);
    let place = at_the_edge(area, width, words.saturating_add(3));
    pen.clear(place);
    let room = usize::from(place.width.saturating_sub(20));
    let title = look.span(fit(prompt.name, room), Role::Strong);
    let key = |name| view.app.keymap.first(name);
    let keys = format!("{} {}", key("set_value"), key("cancel_value"));
    let inner = pen.frame(place, title, look.span(keys.trim(), Role::Key));
    typed(pen, inner, "=", line);
    if fresh {
        // The whole value is selected: what is typed takes its place.
        let end = look.width(&line.text).min(inner.width.saturating_sub(3));
        let selected = Rect::new(inner.x + 3, inner.y, end, 1);
        pen.buf.set_style(
            selected.intersection(pen.buf.area),
            look.style(Role::Selected),
        );
    }
    let style = look.style(role);
    for (y, line) in (inner.y + 1..inner.bottom()).zip(lines) {
        let width = inner.width.saturating_sub(2);
        pen.text(inner.x + 1, y, width, &line, style);
    }
}

/// The first line of a box with what is typed behind a sign, and the cursor. It scrolls so that the
/// cursor stays inside.
pub(super) fn typed(pen: &mut Pen, inner: Rect, sign: &str, line: &TextLine) {
    let look = pen.look;
    let width = inner.width.saturating_sub(2);
    if width < 4 || inner.height == 0 {
        return;
    }
    let before: Vec<char> = line.text.chars().take(line.cursor).collect();
    let mut used = 0;
    let mut start = before.len();
    while start > 0 && used + before[start - 1].width().unwrap_or(0) < usize::from(width) - 3 {
        start -= 1;
        used += before[start].width().unwrap_or(0);
    }
    let shown: String = line.text.chars().skip(start).collect();
    pen.text(inner.x + 1, inner.y, 2, sign, look.style(Role::Quiet));
    let x = inner.x + 3;
    pen.text(x, inner.y, width - 2, &shown, look.style(Role::Strong));
    let at = x + u16::try_from(used).unwrap_or(0);
    if let Some(cell) = pen.buf.cell_mut((at, inner.y)) {
        cell.set_style(Style::new().add_modifier(Modifier::REVERSED));
    }
}
