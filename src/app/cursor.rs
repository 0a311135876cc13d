//! The cursor's step t, and the window that it is in.

use crate::app::effect::{Effect, changed};
use crate::app::state::App;

impl App {
    /// The T of the window that is shown: the snapshot's, or that of the settings before the first
    /// one has come; on a screen with a time axis of its own, that one's. The cursor is always within
    /// it.
    pub fn window(&self) -> usize {
        let live = self.sim.snapshot.as_ref().map(|s| s.steps());
        let shown = (self.screen.room().window)(self).or(live);
        shown.unwrap_or(self.sim.settings.steps).max(1)
    }

    pub(super) fn put_cursor(&mut self, t: usize) -> Effect {
        let t = t.clamp(1, self.window());
        self.focus.anchor = (t, self.window());
        changed(&mut self.focus.cursor, t)
    }

    /// Puts the cursor where the user had it in a window that may have another T.
    pub(super) fn place_cursor(&mut self) {
        let (t, of) = self.focus.anchor;
        let (steps, window) = (of.max(2) - 1, self.window());
        // (t − 1) / (T − 1) of the new window, rounded to the nearest step.
        let moved = (t.saturating_sub(1) * (window - 1) * 2 + steps) / (steps * 2);
        self.focus.cursor = (1 + moved).clamp(1, window);
    }
}
