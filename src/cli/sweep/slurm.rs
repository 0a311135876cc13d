//! Which part of a sweep this process computes.

use std::env;

use crate::cli::failure::{self, Failure};
use crate::sim::preset::limits;
use crate::sweep::Shard;
use crate::sweep::shard::SLURM;

/// Reads `I/N`, `slurm` or `slurm/N`, the last two from the environment.
///
/// # Errors
/// One sentence.
pub fn shard(text: &str) -> Result<Shard, Failure> {
    let Some(rest) = text.strip_prefix("slurm") else {
        let shard = Shard::parse(text);
        return shard.map_err(|wrong| Failure::input(format!("--shard: {wrong}")));
    };
    let number = rest.strip_prefix('/').and_then(|n| n.parse().ok());
    let count: Option<usize> = number.filter(|count| *count > 0);
    if count.is_none() && !rest.is_empty() {
        return Err(Failure::wrong(
            "--shard",
            "slurm or slurm/N with N from 1",
            limits::quoted(text),
        ));
    }
    let found = SLURM.map(|name| env::var(name).ok());
    let shard = Shard::of_slurm(found.each_ref().map(Option::as_deref), count);
    let shard = shard.map_err(Failure::input)?;
    if shard.count == 1 {
        failure::note(
            "--shard slurm: this array has one task, which computes the whole sweep; a task of a \
             larger array that is submitted again needs --shard slurm/N",
        );
    }
    Ok(shard)
}
