//! What the place has that the user is in, a screen or a popup, each thing with keys of its own.

use crate::app::action::Action;
use crate::app::screen::{Own, Screen, explain};
use crate::app::state::App;

/// A set of what there may be in a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Has(u64);

impl Has {
    /// The live cells and their settings.
    pub const CELLS: Self = Self(1);
    /// Something that is selected: a control, a path, a layer, a row.
    pub const SELECTION: Self = Self(1 << 1);
    /// A selected value that can be changed.
    pub const VALUE: Self = Self(1 << 2);
    /// Changes that can be taken back.
    pub const UNDO: Self = Self(1 << 3);
    /// Keys for the cursor's step t.
    pub const CURSOR: Self = Self(1 << 4);
    /// Keys for the ends of the time axis.
    pub const ENDS: Self = Self(1 << 5);
    /// Keys of charts: tenths of the window, matrices, zoom, axis.
    pub const CHART: Self = Self(1 << 6);
    /// Keys for the paths of a live cell.
    pub const PATHS: Self = Self(1 << 7);
    /// A list's keys, and its order of hints.
    pub const ROWS: Self = Self(1 << 8);
    /// A key that leads to the presets.
    pub const TO_PRESETS: Self = Self(1 << 9);
    /// Something of the step t at the cursor.
    pub const TIME: Self = Self(1 << 10);
    /// A gradient that cuts change, and not the forward pass or the whole Jacobian.
    pub const CUTS: Self = Self(1 << 11);
    /// The logarithmic axis of the totals.
    pub const AXIS: Self = Self(1 << 12);
    /// An answer to share, alone and without.
    pub const QUESTION: Self = Self(1 << 13);
    /// One cell alone: what the other one does is no reason to make it small.
    pub const ONE_CELL: Self = Self(1 << 14);
    /// The order of hints of a list, without its keys.
    pub const LIST_HINTS: Self = Self(1 << 15);

    /// Steps of the live cells that come by themselves, one after the other.
    pub const STEPS: Self = Self(1 << 16);

    /// A screen with nothing over it.
    pub const SCREEN: Self = Self(1 << 17);
    /// A path's letter that is expected, after `x`.
    pub const CUTTING: Self = Self(1 << 18);
    /// A page of the keys or the words.
    pub const PAGE: Self = Self(1 << 19);
    /// A page that is searched.
    pub const SEARCH: Self = Self(1 << 20);
    /// A value that is being typed.
    pub const INPUT: Self = Self(1 << 21);
    /// An action that is being looked for.
    pub const PALETTE: Self = Self(1 << 22);
    /// The search for the edge.
    pub const EDGE: Self = Self(1 << 23);
    /// A window that takes much, and is asked for.
    pub const HEAVY: Self = Self(1 << 24);

    /// A line in which characters are text.
    pub const TEXT: Self = Self::INPUT.and(Self::PALETTE).and(Self::SEARCH);

    /// What one of is wherever the user is.
    pub const ANYTHING: Self = Self::SCREEN
        .and(Self::CUTTING)
        .and(Self::PAGE)
        .and(Self::TEXT)
        .and(Self::EDGE)
        .and(Self::HEAVY);

    /// What one screen alone has: itself.
    pub const fn only(screen: Screen) -> Self {
        Self(1 << (32 + screen as u32))
    }

    /// What a chart of the live cells has, with the controls below it.
    pub const CHARTED: Self = Self::CELLS
        .and(Self::STEPS)
        .and(Self::SELECTION)
        .and(Self::VALUE)
        .and(Self::UNDO)
        .and(Self::CURSOR)
        .and(Self::ENDS)
        .and(Self::CHART)
        .and(Self::PATHS)
        .and(Self::TO_PRESETS)
        .and(Self::TIME)
        .and(Self::CUTS);

    /// What a list of rows has.
    pub const LISTED: Self = Self::CELLS
        .and(Self::STEPS)
        .and(Self::SELECTION)
        .and(Self::UNDO)
        .and(Self::ROWS)
        .and(Self::LIST_HINTS)
        .and(Self::TIME)
        .and(Self::CUTS);

    /// Both together.
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The one without the other.
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether all of the other is in it.
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether something of the other is in it.
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

impl App {
    /// A screen that has what the action is about, when the present one does not, and the sentence
    /// that says so.
    pub fn elsewhere(&self, action: Action) -> Option<(Screen, &'static str)> {
        let (needs, why) = match action {
            Action::Own(own) if own.screen() == self.screen => return None,
            Action::Own(own) => return Some((own.screen(), own.screen().room().only)),
            Action::ToggleAxis => (Has::AXIS, "this axis is that of the screens flow and paths"),
            Action::NextQuestion => (
                Has::QUESTION,
                "share, alone and without are asked on flow, paths and explain",
            ),
            Action::MoveCursor(_) | Action::CursorTenths(_) | Action::CursorTo(_) => (
                Has::TIME,
                "this screen is of the whole window: it has no cursor",
            ),
            _ => return None,
        };
        (!self.has(needs)).then(|| (Screen::default(), why))
    }

    /// Whether the screen has something.
    pub fn has(&self, what: Has) -> bool {
        self.screen.room().has.has(what)
    }

    /// Whether an action is open to the user of this program at all.
    pub const fn permits(&self, action: Action) -> bool {
        match action {
            Action::Suspend => self.may.suspend,
            Action::SaveSettings => self.may.save,
            Action::Own(Own::Explain(explain::state::Action::Write)) => self.may.write,
            _ => true,
        }
    }
}
