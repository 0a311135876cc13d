//! The paths on which a gradient comes back, by name, and sets of them.

/// One way on which the gradient comes back from the next step (`gradients.md` calls them the
/// five paths; a vanilla RNN has one, a GRU four, a cell whose gates see the input only has the one
/// that crosses no matrix, and the loss injects directly in all).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Path {
    /// f_{t+1} ⊙ δc_{t+1}: the constant error carousel. f'_{t+1} ⊙ δh_{t+1} of the minLSTM.
    Carousel,
    /// Through R_z, the block input.
    Block,
    /// Through R_i.
    Input,
    /// Through R_f.
    Forget,
    /// Through R_o.
    Output,
    /// p_i ⊙ δī_{t+1}.
    PeepholeInput,
    /// p_f ⊙ δf̄_{t+1}.
    PeepholeForget,
    /// p_o ⊙ δō_t, of the same step.
    PeepholeOutput,
    /// Rᵀ(φ' ⊙ δh_{t+1}) of the vanilla RNN; u ⊙ φ' ⊙ δh_{t+1} of the IndRNN.
    Recurrent,
    /// z_{t+1} ⊙ δh_{t+1} of the GRU and the minGRU; the conjugate of λ ⊙ δh_{t+1} of the LRU.
    Leak,
    /// Through R_z of the GRU.
    Update,
    /// Through R_r of the GRU.
    Reset,
    /// Through R_n of the GRU.
    Candidate,
    /// What lands on i_t itself: R_iiᵀ δī_{t+1} + R_ifᵀ δf̄_{t+1} + R_ioᵀ δō_{t+1}, where the gates see
    /// each other (R_ab takes a of the step before to gate b).
    GateInput,
    /// What lands on f_t itself, where the gates see each other.
    GateForget,
    /// What lands on o_t itself, where the gates see each other.
    GateOutput,
    /// What the loss injects at this step.
    Loss,
    /// What comes down at this step from the layer above, in a stack.
    Above,
}

/// What is said of a path.
struct Row {
    path: Path,
    name: &'static str,
    letter: char,
    crosses: bool,
}

/// A path that goes through a recurrent matrix.
const fn through(path: Path, name: &'static str, letter: char) -> Row {
    Row {
        path,
        name,
        letter,
        crosses: true,
    }
}

/// A path that does not.
const fn past(path: Path, name: &'static str, letter: char) -> Row {
    Row {
        crosses: false,
        ..through(path, name, letter)
    }
}

/// Every path in the order of [`Path`], with its name and its letter.
const TABLE: [Row; 18] = [
    past(Path::Carousel, "carousel", 'c'),
    through(Path::Block, "block", 'b'),
    through(Path::Input, "input", 'i'),
    through(Path::Forget, "forget", 'f'),
    through(Path::Output, "output", 'o'),
    past(Path::PeepholeInput, "peephole_input", 'p'),
    past(Path::PeepholeForget, "peephole_forget", 'p'),
    past(Path::PeepholeOutput, "peephole_output", 'p'),
    // h, by which it goes: r is the factor per step.
    through(Path::Recurrent, "recurrent", 'h'),
    past(Path::Leak, "leak", 'k'),
    through(Path::Update, "update", 'u'),
    through(Path::Reset, "reset", 's'),
    through(Path::Candidate, "candidate", 'n'),
    through(Path::GateInput, "gate_input", 'e'),
    through(Path::GateForget, "gate_forget", 'e'),
    through(Path::GateOutput, "gate_output", 'e'),
    past(Path::Loss, "loss", 'l'),
    past(Path::Above, "above", 'a'),
];

impl Path {
    /// All of them.
    pub const ALL: [Self; TABLE.len()] = {
        let mut all = [Self::Loss; TABLE.len()];
        let mut k = 0;
        while k < all.len() {
            all[k] = TABLE[k].path;
            k += 1;
        }
        all
    };

    const fn row(self) -> &'static Row {
        &TABLE[self as usize]
    }

    /// The name in exports and on screen.
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// Whether it goes through a recurrent matrix, which raises the hop order by one.
    pub const fn crosses(self) -> bool {
        self.row().crosses
    }

    /// Whether it goes past every matrix and activation: the carousel, and the leak of a GRU.
    pub const fn is_highway(self) -> bool {
        matches!(self, Self::Carousel | Self::Leak)
    }

    /// The key and mark of the path on screen.
    pub const fn letter(self) -> char {
        self.row().letter
    }
}

/// A set of paths, for cutting them in the backward pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct PathSet(u32);

impl PathSet {
    /// No path.
    pub const EMPTY: Self = Self(0);

    /// The set of the given paths.
    pub fn of(paths: &[Path]) -> Self {
        Self::EMPTY.with_all(paths)
    }
    /// This set and these paths.
    pub fn with_all(self, paths: &[Path]) -> Self {
        paths.iter().fold(self, |set, &path| set.with(path))
    }
    /// This set and one path more.
    pub fn with(self, path: Path) -> Self {
        Self(self.0 | 1 << path as u32)
    }
    /// This set with the path put in or taken out.
    pub fn toggled(self, path: Path) -> Self {
        Self(self.0 ^ 1 << path as u32)
    }
    /// Whether the path is in the set.
    pub fn contains(self, path: Path) -> bool {
        self.0 & (1 << path as u32) != 0
    }
    /// The paths in the set.
    pub fn paths(self) -> impl Iterator<Item = Path> {
        Path::ALL
            .into_iter()
            .filter(move |path| self.contains(*path))
    }
    /// Whether no path is in the set.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_has_its_row() {
        for (k, row) in TABLE.iter().enumerate() {
            assert_eq!(row.path as usize, k, "{}", row.name);
        }
    }
}
