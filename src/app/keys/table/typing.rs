//! Keys of texts that are typed, of popups and of the program.

use crate::app::action::Action::{
    self, Back, Choose, OpenPalette, Quit, SaveSettings, Scroll, SearchPage, Select, Suspend, ToggleHelp,
};
use crate::app::action::Edit;
use crate::app::has::Has;
use crate::app::keys::key::Key::{
    Backspace, Char, Ctrl, Delete, Down, End, Enter, Esc, Home, Left, PageDown, PageUp, Right, Tab,
    Up,
};
use crate::app::keys::row::{Binding, FAR, act, one, row};

/// In the order in which they are listed.
pub(super) static KEYS: &[Binding] = &[
    row("typed value", "set", "set what was typed", Has::INPUT, (1, 1), &[one("set_value", &[Enter], Choose)]),
    row("typed value", "cancel", "leave the value as it is", Has::INPUT, (2, 2), &[one("cancel_value", &[Esc], Back)]),
    row("command palette", "do it", "do the selected action, load the selected preset", Has::PALETTE, (1, 1), &[one("palette_choose", &[Enter], Choose)]),
    row("command palette", "select", "select the one above, below", Has::PALETTE, (2, 2), &[
        act("palette_up", "select the one above", &[Up, Ctrl('p')], Select(-1)),
        act("palette_down", "select the one below", &[Down, Ctrl('n'), Tab], Select(1)),
    ]),
    row("command palette", "page", "ten rows up, down", Has::PALETTE, (0, 0), &[
        act("palette_page_up", "ten rows up", &[PageUp], Select(-10)),
        act("palette_page_down", "ten rows down", &[PageDown], Select(10)),
    ]),
    row("command palette", "close", "close it", Has::PALETTE, (3, 3), &[one("palette_close", &[Esc], Back)]),
    row("typed text", "move", "move in the line", Has::TEXT, (4, 0), &[
        act("text_left", "move left in the line", &[Left], Action::Input(Edit::Move(-1))),
        act("text_right", "move right in the line", &[Right], Action::Input(Edit::Move(1))),
    ]),
    row("typed text", "start", "to its start", Has::TEXT, (0, 0), &[one("text_start", &[Home, Ctrl('a')], Action::Input(Edit::End(-1)))]),
    row("typed text", "end", "to its end", Has::TEXT, (0, 0), &[one("text_end", &[End, Ctrl('e')], Action::Input(Edit::End(1)))]),
    row("typed text", "delete", "delete before, under the cursor", Has::TEXT, (0, 0), &[
        act("text_backspace", "delete before the cursor", &[Backspace], Action::Input(Edit::Backspace)),
        act("text_delete", "delete under the cursor", &[Delete], Action::Input(Edit::Delete)),
    ]),
    row("typed text", "clear", "empty the line", Has::TEXT, (5, 5), &[one("text_clear", &[Ctrl('u')], Action::Input(Edit::Clear))]),
    row("program", "keys", "show these keys", Has::SCREEN, (4, 10), &[act("help", "show all keys", &[Char('?')], ToggleHelp)]),
    row("program", "find", "find an action, a preset or a setting by typing a part of it", Has::SCREEN, (7, 10), &[
        one("palette", &[Char(':'), Ctrl('p'), Char('/')], OpenPalette),
    ]),
    row("program", "save", "save theme, marker, colours, mouse and speed for the next start", Has::SCREEN, (31, 14), &[
        one("save_settings", &[Ctrl('s')], SaveSettings),
    ]),
    row("program", "back", "leave the zoom, then the screen, then the program", Has::SCREEN, (30, 8), &[one("back", &[Esc], Back)]),
    row("program", "quit", "quit", Has::SCREEN, (5, 11), &[one("quit", &[Char('q')], Quit)]),
    row("program", "quit", "quit from anywhere", Has::ANYTHING, (0, 0), &[one("quit_at_once", &[Ctrl('c')], Quit)]),
    row("program", "suspend", "suspend: fg comes back", Has::ANYTHING, (0, 0), &[one("suspend", &[Ctrl('z')], Suspend)]),
    row("edge finder", "leave", "leave the search; while it goes on, cancel it", Has::EDGE, (1, 1), &[
        one("edge_leave", &[Esc, Enter, Char('q'), Char('E')], Back),
    ]),
    row("large window", "compute", "compute a window that takes much memory or time", Has::HEAVY, (1, 1), &[one("heavy_compute", &[Enter], Choose)]),
    row("large window", "keep", "keep the last window", Has::HEAVY, (2, 2), &[one("heavy_keep", &[Esc, Char('q')], Back)]),
    row("this page", "scroll", "a line up, down", Has::PAGE, (2, 2), &[
        act("help_up", "a line up", &[Up, Char('k')], Scroll(-1)),
        act("help_down", "a line down", &[Down, Char('j')], Scroll(1)),
    ]),
    row("this page", "page", "ten lines up, down", Has::PAGE, (0, 0), &[
        act("help_page_up", "ten lines up", &[PageUp], Scroll(-10)),
        act("help_page_down", "ten lines down", &[PageDown, Char(' ')], Scroll(10)),
    ]),
    row("this page", "search", "show the lines that have what is typed", Has::PAGE, (3, 3), &[one("help_search", &[Char('/')], SearchPage)]),
    row("search", "scroll", "a line up, down", Has::SEARCH, (2, 2), &[
        act("search_up", "a line up", &[Up], Scroll(-1)),
        act("search_down", "a line down", &[Down], Scroll(1)),
    ]),
    row("search", "page", "ten lines up, down", Has::SEARCH, (0, 0), &[
        act("search_page_up", "ten lines up", &[PageUp], Scroll(-10)),
        act("search_page_down", "ten lines down", &[PageDown], Scroll(10)),
    ]),
    row("search", "all", "show the whole page again", Has::SEARCH, (1, 1), &[one("search_close", &[Esc, Enter], Back)]),
    row("this page", "top", "to the top", Has::PAGE, (0, 0), &[one("help_top", &[Home, Char('g')], Scroll(-FAR))]),
    row("this page", "bottom", "to the bottom", Has::PAGE, (0, 0), &[one("help_bottom", &[End, Char('G')], Scroll(FAR))]),
    row("this page", "close", "close", Has::PAGE, (1, 1), &[one("help_close", &[Esc, Char('q'), Char('?'), Enter], Back)]),
];
