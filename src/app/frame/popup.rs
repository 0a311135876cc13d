//! What lies over the screen: the keys, the line for a typed value, the command palette.

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthChar;

use crate::app::screen::presets;
use crate::app::scroll::Scroll;
use crate::app::view::View;
use crate::app::{input, keys};
use crate::ui::pen::Pen;
use crate::ui::theme::Role;
use crate::words::fit::fit;
use crate::words::glossary::GLOSSARY;

/// A place in the middle of the screen.
pub(super) fn centred(area: Rect, width: u16, height: u16) -> Rect {
    let (width, height) = (width.min(area.width), height.min(area.height));
    Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height,
    }
}

/// All keys by their groups, in at most `room` columns.
fn help_lines(view: &View, room: usize) -> Vec<Line<'static>> {
    let (look, keymap) = (view.look, &view.app.keymap);
    let mut lines = Vec::new();
    let groups = keys::help(view.app);
    let bindings = groups.iter().flat_map(|(_, bindings)| bindings);
    let width = bindings
        .map(|b| usize::from(look.width(&keymap.shown(b))))
        .max()
        .unwrap_or(0)
        + 2;
    // Where keys and words do not fit beside each other, long keys get a line of their own.
    let widest = groups.iter().flat_map(|(_, bindings)| bindings);
    let words = widest.map(|b| usize::from(look.width(b.help))).max();
    let fits = 2 + width + words.unwrap_or(0) <= room;
    let width = if fits { width } else { width.min(room / 4) };
    for (group, bindings) in groups {
        if !lines.is_empty() {
            lines.push(Line::default());
        }
        let heading = look.style(Role::Strong).add_modifier(Modifier::UNDERLINED);
        lines.push(Span::styled(group, heading).into());
        for b in bindings {
            let keys = keymap.shown(b);
            let mut head = format!("  {keys}");
            let taken = usize::from(look.width(&keys));
            if taken < width {
                head.push_str(&" ".repeat(width - taken));
            } else {
                lines.push(look.span(head, Role::Key).into());
                head = " ".repeat(2 + width);
            }
            for text in look.wrap(b.help, room.saturating_sub(2 + width).max(8)) {
                let words = look.span(text, Role::Text);
                lines.push(Line::from(vec![look.span(head, Role::Key), words]));
                head = " ".repeat(2 + width);
            }
        }
    }
    lines
}

/// The keys: those of the screen first, in two columns where they fit.
pub(super) fn help(pen: &mut Pen, area: Rect, view: &View, scroll: &Scroll) {
    let room = usize::from(area.width.saturating_sub(4));
    let lines = if area.width >= TWO_COLUMNS {
        let column = (room - GAP) / 2;
        beside(view, help_lines(view, column), column)
    } else {
        help_lines(view, room)
    };
    page(pen, area, view, "keys", &lines, scroll);
}

/// From so many columns on the keys stand in two columns.
const TWO_COLUMNS: u16 = 140;
/// Between them.
const GAP: usize = 3;

/// The lines in two columns of a width, parted at the heading nearest to the middle.
fn beside(view: &View, mut lines: Vec<Line<'static>>, width: usize) -> Vec<Line<'static>> {
    let middle = lines.len() / 2;
    let gaps = (0..lines.len()).filter(|at| lines[*at].spans.is_empty());
    let Some(at) = gaps.min_by_key(|at| at.abs_diff(middle)) else {
        return lines;
    };
    let right = lines.split_off(at + 1);
    lines.pop();
    lines.resize(lines.len().max(right.len()), Line::default());
    for (left, right) in lines.iter_mut().zip(right) {
        let taken = usize::from(view.look.line_width(left));
        left.push_span(" ".repeat((width + GAP).saturating_sub(taken)));
        left.extend(right.spans);
    }
    lines
}

/// What the words of the screens mean.
pub(super) fn words(pen: &mut Pen, area: Rect, view: &View, scroll: &Scroll) {
    let look = view.look;
    let room = usize::from(area.width.saturating_sub(4));
    let mut lines: Vec<Line> = Vec::new();
    for (word, meaning) in GLOSSARY {
        let pad = WORD.saturating_sub(usize::from(look.width(word)));
        let mut head = look.span(format!("{word}{}", " ".repeat(pad)), Role::Key);
        for text in look.wrap(meaning, room.saturating_sub(WORD).max(8)) {
            lines.push(Line::from(vec![head, look.span(text, Role::Text)]));
            head = " ".repeat(WORD).into();
        }
    }
    page(pen, area, view, "words", &lines, scroll);
}

/// Columns of the longest word and the gap behind it.
const WORD: usize = 15;

/// A page of lines over the screen, as far as it is scrolled.
fn page(pen: &mut Pen, area: Rect, view: &View, title: &str, lines: &[Line], scroll: &Scroll) {
    let look = view.look;
    let width = lines.iter().map(|l| look.line_width(l)).max().unwrap_or(0) + 4;
    let height = u16::try_from(lines.len() + 2).unwrap_or(u16::MAX);
    let place = centred(area, width, height);
    pen.clear(place);
    let room = usize::from(place.height.saturating_sub(2));
    // The last line stays at the lower edge, however far the user scrolls.
    let first = scroll.drawn(lines.len(), room);
    let key = |name| view.app.keymap.first(name);
    let answer = if lines.len() > room {
        let (up, down) = (key("help_up"), key("help_down"));
        let place = format!("{}-{} of {}", first + 1, first + room, lines.len());
        look.span(
            format!("{up} {down}  {place}").trim_start().to_owned(),
            Role::Quiet,
        )
    } else {
        look.span(key("help_close"), Role::Key)
    };
    let title = look.span(title.to_owned(), Role::Strong);
    let inner = pen.frame(place, &title.into(), &answer.into());
    pen.lines(
        Rect {
            x: inner.x + 1,
            width: inner.width.saturating_sub(2),
            ..inner
        },
        lines.get(first..).unwrap_or_default(),
    );
}

/// What the preset says is to be pressed, until the first key.
pub(super) fn lesson(pen: &mut Pen, area: Rect, view: &View) {
    let (look, app) = (view.look, view.app);
    let Some(preset) = presets::shown(app).filter(|preset| !app.told && !preset.press.is_empty())
    else {
        return;
    };
    let width = area.width.min(LESSON_WIDTH);
    let lines = look.wrap(&preset.press, usize::from(width.saturating_sub(4)).max(1));
    let height = u16::try_from(lines.len())
        .unwrap_or(u16::MAX)
        .saturating_add(2);
    let place = at_the_edge(area, width, height);
    pen.clear(place);
    let title = look.span("press", Role::Strong);
    let room = usize::from(place.width.saturating_sub(14));
    let answer = look.span(fit(&preset.title, room).into_owned(), Role::Quiet);
    let inner = pen.frame(place, &title.into(), &answer.into());
    let lines = lines
        .into_iter()
        .map(|line| look.span(line, Role::Strong).into());
    let lines: Vec<Line> = lines.collect();
    pen.lines(
        Rect {
            x: inner.x + 1,
            width: inner.width.saturating_sub(2),
            ..inner
        },
        &lines,
    );
}

/// Words are read in lines no longer than this.
const LESSON_WIDTH: u16 = 90;

/// A place at the lower edge, above the hints: the curves stay in sight.
fn at_the_edge(area: Rect, width: u16, height: u16) -> Rect {
    let middle = centred(area, width, height);
    Rect {
        y: (area.bottom().saturating_sub(1 + middle.height)).max(area.y),
        ..middle
    }
}

/// The widest box for a typed value: the longest range fits it in one line.
const INPUT_WIDTH: u16 = 76;

/// The line for a typed value, with what is allowed, or what is wrong so far, below it.
pub(super) fn input(
    pen: &mut Pen,
    area: Rect,
    view: &View,
    (text, cursor, fresh): (&str, usize, bool),
) {
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
    let title = look
        .span(fit(prompt.name, room).into_owned(), Role::Strong)
        .into();
    let key = |name| view.app.keymap.first(name);
    let keys = format!("{} {}", key("set_value"), key("cancel_value"));
    let inner = pen.frame(place, &title, &look.span(keys.trim(), Role::Key).into());
    typed(pen, inner, "=", text, cursor);
    if fresh {
        // The whole value is selected: what is typed takes its place.
        let end = look.width(text).min(inner.width.saturating_sub(3));
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
pub(super) fn typed(pen: &mut Pen, inner: Rect, sign: &str, text: &str, cursor: usize) {
    let look = pen.look;
    let width = inner.width.saturating_sub(2);
    if width < 4 || inner.height == 0 {
        return;
    }
    let before: Vec<char> = text.chars().take(cursor).collect();
    let mut used = 0;
    let mut start = before.len();
    while start > 0 && used + before[start - 1].width().unwrap_or(0) < usize::from(width) - 3 {
        start -= 1;
        used += before[start].width().unwrap_or(0);
    }
    let shown: String = text.chars().skip(start).collect();
    pen.text(inner.x + 1, inner.y, 2, sign, look.style(Role::Quiet));
    let x = inner.x + 3;
    pen.text(x, inner.y, width - 2, &shown, look.style(Role::Strong));
    let at = x + u16::try_from(used).unwrap_or(0);
    if let Some(cell) = pen.buf.cell_mut((at, inner.y)) {
        cell.set_style(Style::new().add_modifier(Modifier::REVERSED));
    }
}
