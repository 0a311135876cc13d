//! What a frame shows, worked out once: curves relative to |δ_T|, the common axis, the cursor.

use crate::app::App;
use crate::cell::CellKind;
use crate::flow::{Flow, Path, PathFlow, Question};
use crate::num::Wide;
use crate::sim::Snapshot;
use crate::ui::format::Level;
use crate::ui::pen::Look;
use crate::ui::widget::scale::nice;

/// A frame's numbers.
pub struct View<'a> {
    /// The state.
    pub app: &'a App,
    /// The window, once there is one.
    pub snapshot: Option<&'a Snapshot>,
    /// Colours and characters.
    pub look: Look,
    /// The common log axis of totals and paths: its lower end, below 0.
    pub low: f64,
    /// Its upper end, above 0.
    pub high: f64,
    /// The common log axis of the totals alone, which ladders use: from and to.
    pub totals: (f64, f64),
}

impl<'a> View<'a> {
    /// Works a frame out.
    #[must_use]
    pub fn new(app: &'a App) -> Self {
        let snapshot = app.snapshot.as_deref();
        let mut view = Self {
            app,
            snapshot,
            look: Look::of(app),
            low: -4.0,
            high: 4.0,
            totals: (-4.0, 4.0),
        };
        match app.axis {
            Some((low, high)) if low.is_finite() && high.is_finite() => {
                (view.low, view.high) = (low.min(-0.1), high.max(0.1));
                view.totals = (view.low, view.high);
            }
            _ => view.follow(),
        }
        view
    }

    /// The window of a cell; the screen has an LSTM and an RNN.
    #[must_use]
    pub fn flow(&self, cell: CellKind) -> Option<&'a Flow> {
        self.snapshot.and_then(|s| match cell {
            CellKind::Lstm => Some(&s.lstm),
            CellKind::Rnn => Some(&s.rnn),
            CellKind::Gru => None,
        })
    }

    /// Steps T of the window that is shown.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.snapshot
            .map_or(self.app.settings.steps, |s| s.lstm.steps)
    }

    /// The number of the window's last step since the start.
    #[must_use]
    pub fn last(&self) -> Option<u64> {
        self.snapshot.map(|s| s.now)
    }

    /// The cursor's step, within the window.
    #[must_use]
    pub fn cursor(&self) -> usize {
        self.app.cursor.clamp(1, self.steps().max(1))
    }

    /// Whether a question's curves are there; until they are, shares are shown.
    #[must_use]
    pub fn question(&self) -> Question {
        let asked = self.app.question;
        let there = self.snapshot.is_some_and(|s| {
            s.lstm.paths.iter().any(|p| match asked {
                Question::Share => true,
                Question::Alone => !p.alone.is_empty(),
                Question::Without => p.without.is_some(),
            })
        });
        if there { asked } else { Question::Share }
    }

    /// Whether the numbers of the question asked are still being computed.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.snapshot.is_some() && self.question() != self.app.question
    }

    /// |δ_t| relative to |δ_T|, as log10.
    #[must_use]
    pub fn total(&self, cell: CellKind) -> Vec<Level> {
        self.flow(cell)
            .map_or_else(Vec::new, |f| relative(f.main(), reference(f)))
    }

    /// The curve of a path under the question shown, relative to |δ_T| of the total.
    #[must_use]
    pub fn path(&self, cell: CellKind, path: &PathFlow) -> Vec<Level> {
        self.flow(cell).map_or_else(Vec::new, |f| {
            relative(curve(path, self.question()), reference(f))
        })
    }

    /// A path's level at the cursor under the question shown; the outer `None` when there is none.
    #[must_use]
    pub fn path_at_cursor(&self, flow: &Flow, path: &PathFlow) -> Option<Level> {
        let w = curve(path, self.question()).get(self.cursor() - 1)?;
        Some(relative(&[*w], reference(flow))[0])
    }

    /// Whether a path is cut.
    #[must_use]
    pub fn is_cut(&self, path: Path) -> bool {
        self.app.cuts.contains(path)
    }

    /// An axis that holds both totals, and paths as far as they help: what is far below the
    /// totals leaves it, what is above does not. Where one cell moves and the other one vanishes
    /// by many more decades, the second leaves the axis too, or the first could not be seen.
    fn follow(&mut self) {
        let [lstm, rnn] = [CellKind::Lstm, CellKind::Rnn].map(|cell| {
            let levels = self.total(cell);
            let levels = levels.iter().flatten().copied();
            levels.fold((0.0f64, 0.0f64), |(low, high), v| (low.min(v), high.max(v)))
        });
        let high = lstm.1.max(rnn.1).max(1.0);
        let mut low = lstm.0.min(rnn.0).min(-1.0);
        let extent = |(low, high): (f64, f64)| high.max(-low);
        let smaller = extent(lstm).min(extent(rnn));
        if smaller > 0.5 {
            low = low.max(-(3.0 * smaller).max(2.0 * high).max(8.0));
        }
        self.totals = (-bound(-low), bound(high));
        let mut top = high;
        let mut deepest = low;
        if let Some(flow) = self.flow(CellKind::Lstm) {
            for path in &flow.paths {
                for v in self.path(CellKind::Lstm, path).into_iter().flatten() {
                    top = top.max(v);
                    deepest = deepest.min(v);
                }
            }
        }
        low = low.min(deepest.max(-4.0));
        (self.low, self.high) = (-bound(-low), bound(top));
    }
}

/// An axis bound that stays where it is while the curve moves a little.
fn bound(v: f64) -> f64 {
    if v <= 1.0 {
        return 1.0;
    }
    // An explosion at the edge must not be drawn on the border itself.
    nice(v * 1.02)
}

/// log10 of |δ_T|; 0 when δ_T is zero, so that the curve is then absolute.
#[must_use]
pub fn reference(flow: &Flow) -> f64 {
    flow.main()
        .last()
        .filter(|w| !w.is_zero())
        .map_or(0.0, |w| w.log10())
}

/// Whether curves are relative to |δ_T|.
#[must_use]
pub fn is_relative(flow: &Flow) -> bool {
    flow.main().last().is_some_and(|w| !w.is_zero())
}

fn relative(curve: &[Wide], reference: f64) -> Vec<Level> {
    curve
        .iter()
        .map(|w| (!w.is_zero()).then(|| w.log10() - reference))
        .collect()
}

/// The curve that a question asks of a path, or its share when it was not computed.
#[must_use]
pub fn curve(path: &PathFlow, question: Question) -> &[Wide] {
    match question {
        Question::Share => &path.share,
        Question::Alone => &path.alone,
        Question::Without => path.without.as_ref().map_or(&[], |t| t.main()),
    }
}

/// A path's name in at most nine columns.
#[must_use]
pub fn short_name(path: Path) -> &'static str {
    match path {
        Path::PeepholeInput => "peep i",
        Path::PeepholeForget => "peep f",
        Path::PeepholeOutput => "peep o",
        Path::Recurrent => "recurrent",
        other => other.name(),
    }
}

/// The symbol of a cell's main curve.
#[must_use]
pub fn symbol(cell: CellKind) -> &'static str {
    match cell {
        CellKind::Lstm => "δc",
        CellKind::Rnn | CellKind::Gru => "δh",
    }
}

/// The word of a question.
#[must_use]
pub fn question_name(question: Question) -> &'static str {
    match question {
        Question::Share => "share",
        Question::Alone => "alone",
        Question::Without => "without",
    }
}
