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

impl Path {
    /// All of them.
    pub const ALL: [Self; 18] = [
        Self::Carousel,
        Self::Block,
        Self::Input,
        Self::Forget,
        Self::Output,
        Self::PeepholeInput,
        Self::PeepholeForget,
        Self::PeepholeOutput,
        Self::Recurrent,
        Self::Leak,
        Self::Update,
        Self::Reset,
        Self::Candidate,
        Self::GateInput,
        Self::GateForget,
        Self::GateOutput,
        Self::Loss,
        Self::Above,
    ];

    /// The name in exports and on screen.
    pub fn name(self) -> &'static str {
        match self {
            Self::Carousel => "carousel",
            Self::Block => "block",
            Self::Input => "input",
            Self::Forget => "forget",
            Self::Output => "output",
            Self::PeepholeInput => "peephole_input",
            Self::PeepholeForget => "peephole_forget",
            Self::PeepholeOutput => "peephole_output",
            Self::Recurrent => "recurrent",
            Self::Leak => "leak",
            Self::Update => "update",
            Self::Reset => "reset",
            Self::Candidate => "candidate",
            Self::GateInput => "gate_input",
            Self::GateForget => "gate_forget",
            Self::GateOutput => "gate_output",
            Self::Loss => "loss",
            Self::Above => "above",
        }
    }

    /// Whether it goes through a recurrent matrix, which raises the hop order by one.
    pub const fn crosses(self) -> bool {
        match self {
            Self::Block
            | Self::Input
            | Self::Forget
            | Self::Output
            | Self::Recurrent
            | Self::Update
            | Self::Reset
            | Self::Candidate
            | Self::GateInput
            | Self::GateForget
            | Self::GateOutput => true,
            Self::Carousel
            | Self::Leak
            | Self::PeepholeInput
            | Self::PeepholeForget
            | Self::PeepholeOutput
            | Self::Loss
            | Self::Above => false,
        }
    }

    /// Whether it goes past every matrix and activation: the carousel, and the leak of a GRU.
    pub const fn is_highway(self) -> bool {
        matches!(self, Self::Carousel | Self::Leak)
    }

    /// The key and mark of the path on screen.
    pub fn letter(self) -> char {
        match self {
            Self::Carousel => 'c',
            Self::Block => 'b',
            Self::Input => 'i',
            Self::Forget => 'f',
            Self::Output => 'o',
            Self::PeepholeInput | Self::PeepholeForget | Self::PeepholeOutput => 'p',
            // h, by which it goes: r is the factor per step.
            Self::Recurrent => 'h',
            Self::Leak => 'k',
            Self::Update => 'u',
            Self::Reset => 's',
            Self::Candidate => 'n',
            Self::GateInput | Self::GateForget | Self::GateOutput => 'e',
            Self::Loss => 'l',
            Self::Above => 'a',
        }
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
        paths.iter().fold(Self::EMPTY, |s, &p| s.with(p))
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
