//! What needs a server of its own, and is counted as ignored where there is none.

#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

#[cfg(target_os = "linux")]
mod cluster;
#[cfg(target_os = "linux")]
mod demo;
#[cfg(target_os = "linux")]
#[allow(dead_code, reason = "shared with the tests of the terminal")]
#[path = "../pty/session.rs"]
mod session;

fn main() {
    #[cfg(target_os = "linux")]
    {
        // One after the other: a port that is free for one server is free for the next one, too.
        let arguments = libtest_mimic::Arguments {
            test_threads: Some(1),
            ..libtest_mimic::Arguments::from_args()
        };
        let trials = demo::trials().into_iter().chain(cluster::trials());
        libtest_mimic::run(&arguments, trials.collect()).exit();
    }
}
