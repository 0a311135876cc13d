//! Completions and manual pages, made from the commands themselves.

use clap::CommandFactory as _;

use crate::cli::Failure;
use crate::cli::args::Cli;
use crate::cli::deliver::print;

/// Prints the completions of a shell.
pub fn completions(shell: clap_complete::Shell) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "rnntop", &mut script);
    print(script)
}

/// Prints the manual page of the program, or of one of its commands.
pub fn man(name: Option<&str>) -> Result<(), Failure> {
    let mut command = Cli::command();
    command.build();
    let command = match name {
        None => command,
        Some(name) => command.find_subcommand(name).cloned().ok_or_else(|| {
            let known = command.get_subcommands().map(clap::Command::get_name);
            let known = crate::sim::preset::limits::either(known);
            Failure::wrong("man", known, format!("'{name}'"))
        })?,
    };
    let mut page = Vec::new();
    clap_mangen::Man::new(command)
        .render(&mut page)
        .map_err(Failure::failed)?;
    print(page)
}
