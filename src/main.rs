//! rnntop: top for gradients.

use std::process::ExitCode;

fn main() -> ExitCode {
    rnntop::cli::main()
}
