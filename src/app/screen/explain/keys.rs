//! The keys of the page.

use super::state::Action::{self, Copy, NextPath, Units, Write};
use crate::app::action::Action::{Own, Scroll};
use crate::app::has::Has;
use crate::app::keys::key::Key::{Char, Ctrl, Down, End, Home, PageDown, PageUp, Up};
use crate::app::keys::row::{Binding, FAR, act, one, row};
use crate::app::screen;
use crate::app::screen::Screen;
use crate::words::explain::Form;

const HERE: Has = Has::only(Screen::Explain);

const fn own(action: Action) -> crate::app::action::Action {
    Own(screen::Own::Explain(action))
}

/// In the order in which they are listed.
pub static KEYS: &[Binding] = &[
    row("explain", "path", "explain the previous, the next path", HERE, (1, 1), &[
        act("page_path_back", "explain the previous path", &[Char('[')], own(NextPath(-1))),
        act("page_path_on", "explain the next path", &[Char(']')], own(NextPath(1))),
    ]),
    row("explain", "units", "show the numbers of fewer, of more units: 1 to 4", HERE, (3, 3), &[
        act("page_units_fewer", "show the numbers of fewer units", &[Char('-')], own(Units(-1))),
        act("page_units_more", "show the numbers of more units", &[Char('+')], own(Units(1))),
    ]),
    row("explain", "scroll", "a line up, down", HERE, (2, 2), &[
        act("page_line_up", "the page a line up", &[Up, Char('k')], Scroll(-1)),
        act("page_line_down", "the page a line down", &[Down, Char('j')], Scroll(1)),
    ]),
    row("explain", "page", "ten lines up, down", HERE, (0, 0), &[
        act("page_lines_up", "the page ten lines up", &[PageUp], Scroll(-10)),
        act("page_lines_down", "the page ten lines down", &[PageDown], Scroll(10)),
    ]),
    row("explain", "top", "to the top of the page, to its end", HERE, (0, 0), &[
        act("page_top", "to the top of the page", &[Home, Char('g')], Scroll(-FAR)),
        act("page_end", "to the end of the page", &[End, Char('G')], Scroll(FAR)),
    ]),
    row("explain", "copy", "copy the page to the terminal's clipboard: text, Markdown, LaTeX (tmux: set-clipboard on)", HERE, (9, 9), &[
        act("copy_text", "copy the page as text to the terminal's clipboard", &[Char('y')], own(Copy(Form::Text))),
        act("copy_markdown", "copy the page as Markdown to the terminal's clipboard", &[Char('Y')], own(Copy(Form::Markdown))),
        act("copy_latex", "copy the page as LaTeX to the terminal's clipboard", &[Ctrl('y')], own(Copy(Form::Latex))),
    ]),
    row("explain", "to a file", "write the page to a file: text, Markdown (.md) or LaTeX (.tex)", HERE, (10, 10), &[
        one("write_page", &[Char('s')], own(Write)),
    ]),
];
