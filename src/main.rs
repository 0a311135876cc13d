//! gradtop: top for gradients.

use std::process::ExitCode;

fn main() -> ExitCode {
    gradtop::cli::main()
}
