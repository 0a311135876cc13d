//! The messages between the worker and the screen.

use std::sync::Arc;

use crate::flow::{Flow, PathSet, Question};
use crate::sim::{Data, Pace, Settings, Side, Study, StudyRequest, edge};

/// What the screen tells the worker. Newer settings make older, unfinished work stale: it is
/// dropped.
#[derive(Clone, Debug)]
pub enum Command {
    /// Compute the window under these settings and cuts; `question` says which curves are drawn.
    Set {
        /// The settings.
        settings: Box<Settings>,
        /// Paths cut in the backward pass.
        cuts: PathSet,
        /// What is asked of the paths now.
        question: Question,
    },
    /// Compute the window of these settings and data, in the place of all that there was.
    Load {
        /// The settings.
        settings: Box<Settings>,
        /// The data.
        data: Arc<Data>,
    },
    /// Study every window from now on, on a thread of its own; or no longer.
    Study(Option<StudyRequest>),
    /// Step by itself, or stop.
    Run(bool),
    /// Step so fast.
    Pace(Pace),
    /// One step forward.
    Forward,
    /// One step back, as far as history reaches.
    Back,
    /// Back to the first window.
    Rewind,
    /// Tune a setting until r is 1. Newer settings cancel it.
    FindEdge(edge::Request),
    /// End the thread.
    Quit,
}

/// What the worker tells the screen.
#[derive(Clone, Debug)]
pub enum Report {
    /// A finished window.
    Snapshot(Arc<Snapshot>),
    /// Long work goes on: done so far, 0 to 1.
    Progress(f64),
    /// This study goes on: done so far, 0 to 1.
    StudyProgress(StudyRequest, f64),
    /// A finished study.
    Study(Arc<Study>),
    /// Something could not be computed; one sentence.
    Failed(String),
    /// The user's own sequence is at its end; stepping stopped.
    EndOfInput,
    /// How far the search for the edge is. At its end, the settings have the value that it found.
    Edge(Arc<edge::Search>),
}

/// One window, computed.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The settings it was computed under.
    pub settings: Settings,
    /// The cuts it was computed under.
    pub cuts: PathSet,
    /// Which question's curves it has (`Share` is always there).
    pub question: Question,
    /// The number of the window's last step since the start; the first window ends at T.
    pub now: u64,
    /// The gradients of the cells, left and right.
    pub flows: [Flow; 2],
    /// Norm of the parameter gradient at the last live steps, left and right, oldest first; at most
    /// 120 of them.
    pub norm_history: Vec<[f64; 2]>,
    /// How many live steps were clipped, left and right.
    pub clipped_steps: [u64; 2],
    /// Of how many.
    pub live_steps: u64,
}

impl Snapshot {
    /// The gradients of the cell on a side.
    pub const fn flow(&self, side: Side) -> &Flow {
        &self.flows[side.index()]
    }

    /// Steps T of the window.
    pub const fn steps(&self) -> usize {
        self.flow(Side::Left).steps
    }
}
