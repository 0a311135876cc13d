//! The weights of layer 0 of the one recurrent module in a file.

use std::path::Path;

use rnntop::cell::{CellKind, LayerId, Parameters};
use rnntop::io::{InputError, ModelFile, Named};

/// Those of a file; `cell` is the cell that they must be of.
pub fn load_parameters(
    path: &Path,
    cell: Option<CellKind>,
) -> Result<Named<Parameters>, InputError> {
    let file = ModelFile::open(path)?;
    let value = file.layer(None, LayerId::default(), cell)?;
    let source = file.source().to_owned();
    Ok(Named { source, value })
}

/// Those of the bytes of a file that is called `source` in messages.
pub fn parse_parameters(
    bytes: &[u8],
    source: &str,
    cell: Option<CellKind>,
) -> Result<Parameters, InputError> {
    ModelFile::new(bytes.to_vec(), source)?.layer(None, LayerId::default(), cell)
}
