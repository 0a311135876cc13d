//! What can be done on the screen.

use crate::app::screen::{Own, Screen};
use crate::flow::Path;
use crate::sim::Side;

/// One thing the user does. Every key, mouse event and test goes through these.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Action {
    /// End the program.
    Quit,
    /// One thing back: a popup, the cut that was begun, the zoom, another screen; at last, quit.
    Back,
    /// Suspend the process (Ctrl-Z).
    Suspend,
    /// Write theme, marker, colours, mouse and speed down for the next start.
    SaveSettings,
    /// Look for an action or a preset by a part of its words.
    OpenPalette,
    /// Show or hide the keys.
    ToggleHelp,
    /// Searches the page that is shown over the screen.
    SearchPage,
    /// Go to a screen.
    Show(Screen),
    /// Run or pause.
    TogglePause,
    /// One step forward; pauses.
    StepForward,
    /// One step back; pauses.
    StepBack,
    /// Back to the first window.
    Rewind,
    /// Faster (+1) or slower (-1).
    Speed(i32),
    /// Select a control and change it by so many fine steps.
    Change(Control, i32),
    /// Change the selected control (or list row) by so many fine steps; coarse is ten.
    Adjust(i32),
    /// Select the next (+1) or previous control or list row.
    Select(i32),
    /// Put the selected control back to the preset's value.
    ResetSelected,
    /// Put the whole preset back.
    ResetAll,
    /// Tune the selected value until r is 1.
    FindEdge,
    /// Undo the last change.
    Undo,
    /// Redo.
    Redo,
    /// Move the cursor by so many steps of t.
    MoveCursor(i64),
    /// Move the cursor by so many tenths of the window.
    CursorTenths(i32),
    /// Put the cursor at t, as far as there is one.
    CursorTo(usize),
    /// The next key names a path to cut or restore.
    BeginCut,
    /// Cut or restore a path.
    ToggleCut(Path),
    /// Cut these paths together, or restore them when all of them are cut.
    ToggleCuts(&'static [Path]),
    /// Restore all paths.
    ClearCuts,
    /// Next of share, alone, without.
    NextQuestion,
    /// Focus the other cell.
    NextCell,
    /// Put the next kind of cell on a side.
    NextKind(Side),
    /// Fix the log axis, or let it follow.
    ToggleAxis,
    /// Next marker: braille, block, ascii.
    NextMarker,
    /// Next theme: dark, light, high contrast, mono, the user's own.
    NextTheme,
    /// Mouse on or off.
    ToggleMouse,
    /// Choose the row of the list (Enter).
    Choose,
    /// Type a value for the selected control.
    BeginInput,
    /// One character typed into the input line, and its editing keys.
    Input(Edit),
    /// Scroll a text popup or the page by lines.
    Scroll(i32),
    /// What can be done on one screen only.
    Own(Own),
    /// Draw everything anew (Ctrl-L).
    Redraw,
}

/// Editing of the input line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edit {
    /// A character.
    Insert(char),
    /// Delete before the cursor.
    Backspace,
    /// Delete under the cursor.
    Delete,
    /// Move the cursor.
    Move(i32),
    /// To the start (-1) or end (+1).
    End(i32),
    /// Empty the line.
    Clear,
}

/// The three controls of the main screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Control {
    /// The forget gate: its bias, or its pinned value.
    Forget,
    /// The spectral radius of all recurrent matrices.
    Radius,
    /// The clipping threshold θ.
    Threshold,
}
