//! Whether there is memory, asked before it is needed: where the system refuses it (`ulimit -v`) that is a
//! sentence, while an allocation in the midst of a computation would end the program.

use std::hint::black_box;
use std::thread;

/// A thread beside the first gets so many addresses at a time from the allocator of glibc, whether it uses
/// them or not, and a limit of memory counts them all.
const OF_A_THREAD: f64 = 67_108_864.0;

/// Whether so many bytes can be had now, by this thread.
pub fn is_there(bytes: f64) -> bool {
    let first = thread::current().name() == Some("main");
    let bytes = bytes + if first { 0.0 } else { OF_A_THREAD };
    let mut memory: Vec<u8> = Vec::new();
    // More than there are addresses becomes the largest number, which is refused.
    let taken = memory.try_reserve_exact(bytes as usize).is_ok();
    // It is asked for, although nothing is ever written to it.
    black_box(&memory);
    taken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_little_is_there_and_more_than_all_addresses_is_not() {
        assert!(is_there(1e6) && !is_there(1e19) && !is_there(f64::INFINITY));
    }
}
