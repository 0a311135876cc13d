//! What the loop waits for: the next frame, the gradient on its way through the window, the end of a
//! session that is idle or over.

use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use super::{EventLoop, Message, Surroundings};
use crate::sim::Snapshot;

/// The first frame waits so long for the first window, so that no empty picture flashes up.
const FIRST_WINDOW: Duration = Duration::from_millis(25);
/// The gradient takes so long to travel back through the window, where it is seen to.
pub(super) const TRAVEL: Duration = Duration::from_secs(1);
/// It is drawn so often on its way.
const STAGES: u32 = 12;

impl<S: Surroundings> EventLoop<S> {
    /// How long the next frame has to wait.
    pub(super) fn patience(&self) -> Duration {
        let now = self.surroundings.now();
        if self.app.sim.snapshot.is_none() {
            let first = FIRST_WINDOW.saturating_sub(now - self.begin);
            return first.max(self.pace.wait(now));
        }
        self.pace.wait(now)
    }

    /// How long until nobody has done anything for too long; `None` when that is allowed.
    pub(super) fn idleness(&self) -> Option<Duration> {
        let idle = self.idle.filter(|_| !self.suspended)?;
        Some(idle.saturating_sub(self.surroundings.now() - self.touched))
    }

    /// How long until the gradient has come a stage further, while it travels.
    pub(super) fn next_stage(&self) -> Option<Duration> {
        let begun = self.set_out.filter(|_| !self.suspended)?;
        let gone = self.surroundings.now() - begun;
        let next = TRAVEL / STAGES * (stage(gone) + 1);
        Some(next.saturating_sub(gone))
    }

    /// Lets the gradient come as far as it is by now.
    pub(super) fn travel(&mut self) {
        let Some(begun) = self.set_out else {
            return;
        };
        let stage = stage(self.surroundings.now() - begun);
        let arrived = stage >= STAGES || !self.app.sim.running || self.app.look.still;
        let front = (!arrived).then(|| f64::from(stage) / f64::from(STAGES));
        if arrived {
            self.set_out = None;
        }
        self.dirty |= self.app.look.front != front;
        self.app.look.front = front;
    }

    /// Lets the gradient set out when the window is one of other settings or cuts than the one
    /// before. Changes that follow each other quickly, as those of a key that is held down, are
    /// drawn at once.
    pub(super) fn begin_to_travel(&mut self, before: Option<&Snapshot>) {
        let Some(snapshot) = self.app.sim.snapshot.as_deref() else {
            return;
        };
        let same = |before: &Snapshot| {
            before.settings == snapshot.settings && before.cuts == snapshot.cuts
        };
        if before.is_some_and(same) {
            return;
        }
        let now = self.surroundings.now();
        let last = self.changed.replace(now);
        let quick = last.is_some_and(|last| now - last < TRAVEL);
        let travels = !quick && self.app.sim.running && !self.app.look.still;
        self.set_out = travels.then_some(now);
        self.app.look.front = travels.then_some(0.0);
    }

    /// How much of the session is left.
    pub(super) fn remaining(&self) -> Option<Duration> {
        let over = self.over?;
        Some(over.saturating_duration_since(self.surroundings.now()))
    }

    /// Blocks for ever when there is nothing to draw, otherwise until the next frame is due; never
    /// longer than the user may be idle.
    pub(super) fn wait(&mut self) -> Next {
        let frame = self.wants_frame().then(|| self.patience());
        let next = [frame, self.next_stage(), self.idleness(), self.remaining()];
        let Some(patience) = next.into_iter().flatten().min() else {
            return self.inbox.recv().map_or(Next::Silence, Next::Message);
        };
        match self.inbox.recv_timeout(patience) {
            Ok(message) => Next::Message(message),
            Err(RecvTimeoutError::Timeout) => Next::Nothing,
            Err(RecvTimeoutError::Disconnected) => Next::Silence,
        }
    }
}

/// How many stages of its way the gradient has behind it after so long.
fn stage(gone: Duration) -> u32 {
    let stages = gone.as_secs_f64() / TRAVEL.as_secs_f64() * f64::from(STAGES);
    (stages + 1e-9).floor().min(f64::from(STAGES)) as u32
}

/// What came out of waiting.
pub(super) enum Next {
    Message(Message),
    Nothing,
    Silence,
}
