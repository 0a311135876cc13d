//! Threads whose stack does not depend on the environment.

use std::thread::{Builder, JoinHandle, Scope, ScopedJoinHandle};

/// Enough for every decomposition, whatever RUST_MIN_STACK says.
const STACK: usize = 4 << 20;

/// A thread to be spawned, with its name.
pub fn named(name: &str) -> Builder {
    Builder::new().name(name.to_owned()).stack_size(STACK)
}

/// As [`std::thread::spawn`].
///
/// # Panics
/// When the system refuses a thread.
pub fn spawn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    let spawned = named("share").spawn(work);
    spawned.unwrap_or_else(|error| panic!("no thread to compute on: {error}"))
}

/// As [`Scope::spawn`].
///
/// # Panics
/// When the system refuses a thread.
pub fn spawn_in<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    work: impl FnOnce() -> T + Send + 'scope,
) -> ScopedJoinHandle<'scope, T> {
    let spawned = named("share").spawn_scoped(scope, work);
    spawned.unwrap_or_else(|error| panic!("no thread to compute on: {error}"))
}
