//! What the worker is told and has not begun yet.

use std::collections::VecDeque;
use std::mem::discriminant;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::sim::Command;

/// So many commands wait; of what is older than that only the newest of each kind.
const WAITING: usize = 64;

/// Commands in their order. Sending never waits, and whatever is sent, only so many lie here.
#[derive(Debug, Default)]
pub struct Queue {
    commands: Mutex<VecDeque<Command>>,
    sent: Condvar,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, VecDeque<Command>> {
        self.commands.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a command behind the others. Newer settings replace those that nothing has been done with,
    /// and quitting replaces everything.
    pub fn send(&self, command: Command) {
        let mut commands = self.lock();
        let same = |other: &Command| discriminant(other) == discriminant(&command);
        match command {
            Command::Quit => commands.clear(),
            // Steps count one by one.
            Command::Forward | Command::Back => {}
            _ if commands.back().is_some_and(same) => {
                commands.pop_back();
            }
            _ => {}
        }
        if commands.len() >= WAITING {
            // Of steps beyond these nobody knows any more how many they were.
            let older = commands.iter().position(same);
            older.and_then(|older| commands.remove(older));
        }
        commands.push_back(command);
        self.sent.notify_one();
    }

    /// The next command, if there is one.
    pub fn next(&self) -> Option<Command> {
        self.lock().pop_front()
    }

    /// Waits for the next command.
    pub fn wait(&self) -> Command {
        let mut commands = self.lock();
        loop {
            if let Some(command) = commands.pop_front() {
                return command;
            }
            let woken = self.sent.wait(commands);
            commands = woken.unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Waits for the next command until then.
    pub fn wait_until(&self, then: Instant) -> Option<Command> {
        let patience = then.saturating_duration_since(Instant::now());
        let waited = self
            .sent
            .wait_timeout_while(self.lock(), patience, |commands| commands.is_empty());
        waited.unwrap_or_else(PoisonError::into_inner).0.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::{PathSet, Question};
    use crate::sim::Settings;

    fn set(seed: u64) -> Command {
        Command::Set {
            settings: Box::new(Settings {
                seed,
                ..Settings::default()
            }),
            cuts: PathSet::EMPTY,
            question: Question::Share,
        }
    }

    #[test]
    fn however_much_is_typed_little_waits_and_the_newest_is_among_it() {
        let queue = Queue::default();
        for seed in 0..100_000 {
            queue.send(set(seed));
        }
        assert!(
            matches!(queue.next(), Some(Command::Set { settings, .. }) if settings.seed == 99_999)
        );
        assert!(queue.next().is_none());
        for seed in 0..100_000 {
            queue.send(set(seed));
            queue.send(Command::Forward);
            queue.send(Command::Study(None));
        }
        assert!(queue.lock().len() <= WAITING);
        let newest = std::iter::from_fn(|| queue.next()).filter_map(|command| match command {
            Command::Set { settings, .. } => Some(settings.seed),
            _ => None,
        });
        assert_eq!(newest.last(), Some(99_999));
        queue.send(set(0));
        queue.send(Command::Quit);
        assert!(matches!(queue.wait(), Command::Quit));
    }
}
