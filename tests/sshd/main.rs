//! What needs a server of its own, and is counted as ignored where there is none.

#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

#[cfg(target_os = "linux")]
mod demo;
#[cfg(target_os = "linux")]
#[allow(dead_code, reason = "shared with the tests of the terminal")]
#[path = "../pty/session.rs"]
mod session;

fn main() {
    #[cfg(target_os = "linux")]
    demo::run();
}
