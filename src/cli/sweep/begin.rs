//! From a file and options to what is swept.

use std::env;
use std::ffi::OsString;
use std::path::Path;
use std::sync::Arc;

use crate::cell::CellKind;
use crate::cli::args::SweepRunArgs;
use crate::cli::provenance::Origin;
use crate::cli::{Failure, failure, text_file};
use crate::sim::CellChoice;
use crate::sim::preset::limits::{self, Wrong};
use crate::sweep::shard::SLURM;
use crate::sweep::{Draft, Shard, Spec, draft};

/// What is swept, and by whom.
pub struct Plan {
    pub spec: Arc<Spec>,
    pub quantiles: Vec<f64>,
    pub shard: Option<Shard>,
    /// What the command was given.
    pub origin: Origin,
}

impl Plan {
    /// Whether a window is to be computed here.
    pub fn has(&self, window: usize) -> bool {
        self.shard.is_none_or(|shard| shard.has(&self.spec, window))
    }

    /// The file that computes it again.
    pub fn text(&self) -> String {
        draft::write(&self.spec, &self.quantiles, self.shard)
    }
}

/// Sweeps that are part of the program.
const FILES: [(&str, &str); 1] = [("larger", include_str!("../../../sweeps/larger.toml"))];

/// Puts the file's sweep and the options together.
pub fn plan(args: &SweepRunArgs, given: &[OsString]) -> Result<Plan, Failure> {
    let mut draft = args
        .spec
        .as_deref()
        .map(load)
        .transpose()?
        .unwrap_or_default();
    if args.settings.has("cells") {
        let wrong = Wrong::new("--cell, since a sweep is of one cell", "--cells");
        return Err(Failure::input(wrong));
    }
    args.settings.apply(&mut draft.settings);
    let mut cell = draft.cell.unwrap_or(draft.settings.cells[0]);
    if let Some(kind) = args.cell.or(args.variant.map(|_| CellKind::Lstm)) {
        cell = CellChoice::from(kind);
    }
    if let Some(variant) = args.variant {
        if !cell.kind.spec().has_variants {
            return Err(Failure::wrong(
                "--variant",
                "an lstm, the only cell with variants",
                cell.name(),
            ));
        }
        cell.variant = variant;
    }
    draft.cell = Some(cell);
    draft.x = args.x.clone().or(draft.x);
    draft.y = args.y.clone().or(draft.y);
    draft.no_lyapunov |= args.no_lyapunov;
    draft.seeds = args.seeds.or(draft.seeds);
    let quantiles = args.quantiles.as_ref().map(|quantiles| quantiles.0.clone());
    let spec = draft.spec().map_err(Failure::input)?;
    let shard = args
        .shard
        .as_deref()
        .map(shard)
        .transpose()?
        .or(draft.shard);
    let points = spec.width() * spec.height();
    if let Some(shard) = shard.filter(|shard| shard.count > points) {
        let allowed = format!("at most {points} parts, one for each point");
        return Err(Failure::wrong("--shard", allowed, shard.count));
    }
    Ok(Plan {
        spec: Arc::new(spec),
        quantiles: quantiles.unwrap_or(draft.quantiles),
        shard,
        origin: {
            let file = args.spec.as_deref().map(Path::new);
            Origin::new(
                "sweep",
                given,
                &[("SPEC", file.filter(|file| file.exists()))],
            )
        },
    })
}

/// A sweep by its name or from a file.
fn load(name: &str) -> Result<Draft, Failure> {
    if let Some((name, text)) = FILES.iter().find(|(own, _)| *own == name) {
        return Draft::parse(name, text).map_err(Failure::failed);
    }
    let path = Path::new(name);
    if path.extension().is_none() && !path.exists() {
        let names = limits::either(FILES.iter().map(|(name, _)| *name));
        return Err(Failure::wrong(
            "sweep",
            format!("{names} or a .toml file"),
            limits::quoted(name),
        ));
    }
    let text = text_file::read(path, "a sweep")?;
    Draft::parse(&super::name(path), &text).map_err(Failure::input)
}

/// Reads `I/N`, `slurm` or `slurm/N`, the last two from the environment.
///
/// # Errors
/// One sentence.
fn shard(text: &str) -> Result<Shard, Failure> {
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
