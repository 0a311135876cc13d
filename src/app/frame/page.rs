//! Pages over the screen: the keys and the words, whole or the lines that have what was typed.

use ratatui::layout::Constraint::{Fill, Length};
use ratatui::layout::{Layout, Margin, Rect};
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

use crate::app::frame::popup::{centred, typed};
use crate::app::keys;
use crate::app::popup::Page;
use crate::app::view::View;
use crate::ui::pen::Pen;
use crate::ui::theme::Role;
use crate::words::glossary::GLOSSARY;

/// Whether a line has every word that was typed, in whatever letters.
fn has(query: &str, line: &str) -> bool {
    let line = line.to_lowercase();
    let query = query.to_lowercase();
    query.split_whitespace().all(|word| line.contains(word))
}

/// All keys that are looked for by their groups, and the words below them, in at most `room` columns.
fn key_lines(view: &View, room: usize, query: &str) -> Vec<Line<'static>> {
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
    for (group, mut bindings) in groups {
        bindings.retain(|b| has(query, &format!("{group} {} {}", keymap.shown(b), b.help)));
        if bindings.is_empty() {
            continue;
        }
        heading(view, &mut lines, group);
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
    let words = word_lines(view, room.saturating_sub(2), query);
    if !words.is_empty() {
        heading(view, &mut lines, "words");
        lines.extend(words.into_iter().map(|mut line| {
            line.spans.insert(0, "  ".into());
            line
        }));
    }
    lines
}

/// The name of a group, with a gap above it.
fn heading(view: &View, lines: &mut Vec<Line<'static>>, group: &'static str) {
    if !lines.is_empty() {
        lines.push(Line::default());
    }
    let style = view.look.style(Role::Strong);
    lines.push(Span::styled(group, style.add_modifier(Modifier::UNDERLINED)).into());
}

/// The words that are looked for, with what they mean.
fn word_lines(view: &View, room: usize, query: &str) -> Vec<Line<'static>> {
    let look = view.look;
    let mut lines = Vec::new();
    let found = GLOSSARY.into_iter();
    for (word, meaning) in found.filter(|(word, is)| has(query, &format!("{word} {is}"))) {
        let pad = WORD.saturating_sub(usize::from(look.width(word)));
        let mut head = look.span(format!("{word}{}", " ".repeat(pad)), Role::Key);
        for text in look.wrap(meaning, room.saturating_sub(WORD).max(8)) {
            lines.push(Line::from(vec![head, look.span(text, Role::Text)]));
            head = " ".repeat(WORD).into();
        }
    }
    lines
}

/// From so many columns on the keys stand in two columns.
const TWO_COLUMNS: usize = 140;
/// Between them.
const GAP: usize = 3;

/// The lines in two columns of a width, parted at the heading nearest to the middle.
fn in_columns(view: &View, mut lines: Vec<Line<'static>>, width: usize) -> Vec<Line<'static>> {
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

/// Columns of the longest word and the gap behind it.
const WORD: usize = 15;

/// The lines of a page that have what was typed. Of the keys, those of the screen come first, in two
/// columns where they fit.
fn lines(view: &View, room: usize, words: bool, query: &str) -> Vec<Line<'static>> {
    if words {
        word_lines(view, room, query)
    } else if room + 4 >= TWO_COLUMNS {
        let column = (room - GAP) / 2;
        in_columns(view, key_lines(view, column, query), column)
    } else {
        key_lines(view, room, query)
    }
}

/// A page of lines over the screen, as far as it is scrolled. It keeps its place while it is searched.
pub(super) fn render(pen: &mut Pen, area: Rect, view: &View, page: &Page) {
    let look = view.look;
    let room = usize::from(area.width.saturating_sub(4));
    let whole = lines(view, room, page.words, "");
    let width = whole.iter().map(|l| look.line_width(l)).max().unwrap_or(0) + 4;
    let height = u16::try_from(whole.len() + 2).unwrap_or(u16::MAX);
    let place = centred(area, width, height);
    pen.clear(place);
    let line_of_query = u16::from(page.search.is_some());
    let room_below = usize::from(place.height.saturating_sub(2 + line_of_query));
    let lines = match &page.search {
        Some(query) => lines(view, room, page.words, &query.text),
        None => whole,
    };
    // The last line stays at the lower edge, however far the user scrolls.
    let (shown, part) = page.scroll.shown(lines.len(), room_below);
    let key = |name| view.app.keymap.first(name);
    let answer = if lines.is_empty() {
        look.span("nothing found", Role::Strong)
    } else if !part.is_empty() {
        let text = format!("{} {}  {part}", key("help_up"), key("help_down"));
        look.span(text.trim_start(), Role::Quiet)
    } else {
        let close = if page.search.is_some() {
            "search_close"
        } else {
            "help_close"
        };
        look.span(key(close), Role::Key)
    };
    let title = look.span(if page.words { "words" } else { "keys" }, Role::Strong);
    let inner = pen.frame(place, title, answer);
    if let Some(query) = &page.search {
        typed(pen, inner, "/", query);
    }
    let [_, body] = Layout::vertical([Length(line_of_query), Fill(1)]).areas(inner);
    pen.lines(body.inner(Margin::new(1, 0)), &lines[shown]);
}
