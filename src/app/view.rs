//! What a frame shows, worked out once: curves relative to |δ_T|, the common axis, the cursor.

use std::borrow::Cow;

use ratatui::style::{Modifier, Style};

use crate::app::App;
use crate::app::extents::Axis;
use crate::cell::CellKind;
use crate::flow::{Detached, Flow, Hops, Path, PathFlow, Question, Spectrum};
use crate::num::Wide;
use crate::sim::{CellChoice, Finding, Side, Snapshot, StudyRequest};
use crate::ui::pen::Look;
use crate::words::short::Level;
use crate::words::symbol;

/// Columns left of the time plots, unless a screen needs more.
pub const GUTTER: u16 = 6;

/// A frame's numbers.
pub struct View<'a> {
    /// The state.
    pub app: &'a App,
    /// The window, once there is one.
    pub snapshot: Option<&'a Snapshot>,
    /// Colours and characters.
    pub look: Look,
    /// The common log axis: its lower end, below 0.
    pub low: f64,
    /// Its upper end, above 0.
    pub high: f64,
    /// Columns left of every time plot.
    pub gutter: u16,
}

impl<'a> View<'a> {
    /// Works a frame out.
    pub fn new(app: &'a App) -> Self {
        let snapshot = app.sim.snapshot.as_deref();
        let Axis { low, high } = app.drawn_axis();
        Self {
            app,
            snapshot,
            look: app.look(),
            low,
            high,
            gutter: GUTTER,
        }
    }

    /// This view, with so many columns left of every time plot.
    pub const fn with_gutter(self, gutter: u16) -> Self {
        Self { gutter, ..self }
    }

    /// The window of the cell on a side.
    pub fn flow(&self, side: Side) -> Option<&'a Flow> {
        self.snapshot.map(|s| s.flow(side))
    }

    /// The cells as they were chosen for what is shown.
    fn choices(&self) -> [CellChoice; 2] {
        let settings = self
            .snapshot
            .map_or(&self.app.sim.settings, |s| &s.settings);
        settings.cells
    }

    /// Which cell is on a side.
    pub fn kind(&self, side: Side) -> CellKind {
        self.choices()[side.index()].kind
    }

    /// What the cell on a side is called; two of a name are numbered, and the user's own is told from one
    /// that is drawn.
    pub fn name(&self, side: Side) -> Cow<'static, str> {
        let name = self.choices()[side.index()].name();
        if self.app.owns_one() {
            let against = self.app.sim.data.against.as_ref();
            let whose = match (self.app.owns(side), against) {
                (false, _) => "fresh",
                (true, None) => "your",
                (true, Some(against)) => &against.labels[side.index()],
            };
            return Cow::Owned(format!("{whose} {name}"));
        }
        if self.choices()[side.other().index()].name() == name {
            Cow::Owned(format!("{name} {}", side.index() + 1))
        } else {
            Cow::Borrowed(name)
        }
    }

    /// The symbol of the main curve of the cell on a side.
    pub fn symbol(&self, side: Side) -> &'static str {
        symbol(self.kind(side))
    }

    /// The newest study of the spectrum of the cell in focus, or why there is none. It may be of
    /// earlier settings ([`View::outdated`]): until the next one comes, it is better than nothing.
    pub fn spectrum(&self) -> Option<Result<&'a Spectrum, &'a str>> {
        let study = self.app.study.found.as_deref()?;
        let side = self.app.focus.side;
        let same = study.settings.cell(side) == self.choices()[side.index()];
        if study.request != (StudyRequest::Spectrum { side }) || !same {
            return None;
        }
        match &study.finding {
            Ok(Finding::Spectrum(spectrum)) => Some(Ok(spectrum)),
            Ok(_) => None,
            Err(why) => Some(Err(why)),
        }
    }

    /// Whether the study that is there was made under other settings than the window.
    pub fn outdated(&self) -> bool {
        match (&self.app.study.found, self.snapshot) {
            (Some(study), Some(snapshot)) => study.settings != snapshot.settings,
            _ => false,
        }
    }

    /// What stands where a window or a study of one is missing: that it is being computed, or why it
    /// cannot be.
    pub fn missing(&self) -> &'a str {
        self.app
            .sim
            .stopped
            .as_ref()
            .map_or("computing", |why| &why.text)
    }

    /// What stands where a study is missing: why there is none, or what [`View::missing`] says.
    pub fn missing_study(&self) -> &'a str {
        match self.finding() {
            Some(Err(why)) => why,
            _ => self.missing(),
        }
    }

    /// [`View::missing`] in a word or two, for a border.
    pub const fn missing_briefly(&self) -> &'static str {
        if self.app.sim.stopped.is_some() {
            "no window"
        } else {
            "computing"
        }
    }

    /// Steps T of the window that is shown.
    pub fn steps(&self) -> usize {
        self.app.window()
    }

    /// The number of the window's last step since the start.
    pub fn last(&self) -> Option<u64> {
        self.snapshot.map(|s| s.now)
    }

    /// The cursor's step, within the window.
    pub fn cursor(&self) -> usize {
        self.app.focus.cursor.clamp(1, self.steps().max(1))
    }

    /// Whether a question's curves are there; until they are, shares are shown.
    pub fn question(&self) -> Question {
        self.app.shown_question()
    }

    /// Whether the numbers of the question asked are still being computed.
    pub fn waits(&self) -> bool {
        self.snapshot.is_some() && self.question() != self.app.sim.question
    }

    /// |δ_t| relative to |δ_T|, as log10.
    pub fn total(&self, side: Side) -> Vec<Level> {
        self.flow(side)
            .map_or_else(Vec::new, |f| relative(f.main(), f.reference()))
    }

    /// The curve of a path under the question shown, relative to |δ_T| of the total.
    pub fn path(&self, side: Side, path: &PathFlow) -> Vec<Level> {
        self.flow(side).map_or_else(Vec::new, |f| {
            relative(path.curve(self.question()), f.reference())
        })
    }

    /// What the map of paths shows of a path: what is drawn of it, where that is a change.
    pub fn heat(&self, side: Side, path: &PathFlow) -> Vec<Level> {
        let mut levels = self.drawn(side, path);
        if self.changes() {
            for level in &mut levels {
                *level = level.filter(|by| by.abs() > UNCHANGED);
            }
        }
        levels
    }

    /// What is drawn of a path by itself: alone its curve; otherwise its share, |term|/|δ_t|, or what
    /// cutting it makes of |δ_t| ([`View::changes`]), each as log10.
    pub fn drawn(&self, side: Side, path: &PathFlow) -> Vec<Level> {
        match (self.flow(side), self.question()) {
            (Some(flow), asked @ (Question::Share | Question::Without)) => {
                over_total(path.curve(asked), flow)
            }
            _ => self.path(side, path),
        }
    }

    /// Which |δ| that is relative to: of this step, or of the last one.
    pub fn relative_to(&self) -> char {
        if self.question() == Question::Alone {
            'T'
        } else {
            't'
        }
    }

    /// The curve of a path beside the total: without it, where that is another one.
    pub fn beside_total(&self, side: Side, path: &PathFlow) -> Vec<Level> {
        let mut levels = self.path(side, path);
        if self.changes() {
            for (level, change) in levels.iter_mut().zip(self.drawn(side, path)) {
                *level = level.filter(|_| change.is_none_or(|by| by.abs() > UNCHANGED));
            }
        }
        levels
    }

    /// Whether a path is drawn as what the gradient without it is relative to the whole one: a cut
    /// that changes nothing is nothing to see.
    pub fn changes(&self) -> bool {
        self.question() == Question::Without
    }

    /// The axis of [`View::drawn`].
    pub fn drawn_axis(&self) -> Axis {
        let (low, high) = if self.changes() {
            (self.low - self.high, self.high - self.low)
        } else {
            (self.low, self.high)
        };
        Axis { low, high }
    }

    /// What a path is called in at most nine columns, ten where it is taken away: `−block`.
    pub fn path_name(&self, path: Path) -> Cow<'static, str> {
        let name = short_name(path);
        if self.changes() && path != Path::Loss {
            Cow::Owned(format!("−{name}"))
        } else {
            Cow::Borrowed(name)
        }
    }

    /// What is drawn of a path at the cursor; the outer `None` when there is nothing.
    pub fn path_at_cursor(&self, side: Side, path: &PathFlow) -> Option<Level> {
        self.drawn(side, path).get(self.cursor() - 1).copied()
    }

    /// The hop orders of the cell in focus, once they are there.
    pub fn hops(&self) -> Option<&'a Hops> {
        match self.finding()? {
            Ok(Finding::Hops(hops)) => Some(hops),
            _ => None,
        }
    }

    /// What was found about the cell in focus, of whatever was asked last.
    fn finding(&self) -> Option<&'a Result<Finding, String>> {
        let study = self.app.study.found.as_deref()?;
        let side = study.request.side();
        (side == Some(self.app.focus.side)).then_some(&study.finding)
    }

    /// What there is to say of the study: why there is none, how far it has come, or that it is of
    /// an earlier window by more than the step or two that a quick study follows behind.
    pub fn study_state(&self) -> Option<String> {
        let percent = |done: f64| format!("{:.0} %", 100.0 * done);
        let progress = self.app.study.progress;
        match (self.app.study.found.as_deref(), self.finding()) {
            (_, Some(Err(why))) => Some(why.clone()),
            (Some(study), Some(Ok(_)))
                if self.last().is_some_and(|now| now.abs_diff(study.now) > 2) =>
            {
                let next = progress.map_or_else(String::new, |done| format!(", {}", percent(done)));
                Some(format!("of step {}{next}", study.now))
            }
            (_, Some(Ok(_))) => progress.map(percent),
            (_, None) => Some(match progress {
                Some(done) => format!("computing, {}", percent(done)),
                None => self.missing_briefly().to_owned(),
            }),
        }
    }

    /// The draws of h-detach of the cell in focus, once they are there.
    pub fn detached(&self) -> Option<&'a Detached> {
        match self.finding()? {
            Ok(Finding::Detached(detached)) if detached.mean.len() == self.steps() => {
                Some(detached)
            }
            _ => None,
        }
    }

    /// The paths of a cell that have curves: all but the loss.
    pub fn shown_paths<'f>(&self, flow: &'f Flow) -> Vec<&'f PathFlow> {
        let paths = flow.paths.iter();
        paths.filter(|p| p.path != Path::Loss).collect()
    }

    /// The path that the user has selected; `None` when it is the total.
    pub fn selected_path<'f>(&self, flow: &'f Flow) -> Option<&'f PathFlow> {
        let paths = self.shown_paths(flow);
        let row = self.app.path_row().min(paths.len());
        row.checked_sub(1).map(|row| paths[row])
    }

    /// How far the peepholes take the carousel's gain above 1 in the window although no gate is
    /// above it, and at how many steps; not when the carousel or a peephole is cut.
    pub fn carousel_grows(&self, flow: &Flow) -> Option<(f64, usize)> {
        let parts = [
            Path::Carousel,
            Path::PeepholeInput,
            Path::PeepholeForget,
            Path::PeepholeOutput,
        ];
        let cut = parts.into_iter().any(|path| self.is_cut(path));
        flow.carousel_grows().filter(|_| !cut)
    }

    /// How the name of a path is drawn: in its colour, struck through where it is cut.
    pub fn name_style(&self, path: Path) -> Style {
        let style = self.look.theme.path(path);
        if self.is_cut(path) {
            style.add_modifier(Modifier::CROSSED_OUT | Modifier::DIM)
        } else {
            style
        }
    }

    /// Whether a path is cut.
    pub fn is_cut(&self, path: Path) -> bool {
        self.app.sim.cuts.contains(path)
    }
}

/// Changes below this many decades are none: a thousandth of the size.
const UNCHANGED: f64 = 5e-4;

/// log10 of every size of a curve relative to |δ_t|.
fn over_total(curve: &[Wide], flow: &Flow) -> Vec<Level> {
    let levels = curve.iter().zip(flow.main()).map(|(size, total)| {
        let there = !size.is_zero() && !total.is_zero();
        there.then(|| size.log10() - total.log10())
    });
    levels.collect()
}

/// Whether curves are relative to |δ_T|.
pub fn is_relative(flow: &Flow) -> bool {
    flow.main().last().is_some_and(|w| !w.is_zero())
}

/// log10 of every size relative to a reference, itself log10.
pub fn relative(curve: &[Wide], reference: f64) -> Vec<Level> {
    curve
        .iter()
        .map(|w| (!w.is_zero()).then(|| w.log10() - reference))
        .collect()
}

/// A path's name in at most nine columns.
pub fn short_name(path: Path) -> &'static str {
    match path {
        Path::PeepholeInput => "peep i",
        Path::PeepholeForget => "peep f",
        Path::PeepholeOutput => "peep o",
        Path::GateInput => "gate i",
        Path::GateForget => "gate f",
        Path::GateOutput => "gate o",
        Path::Recurrent => "recurrent",
        other => other.name(),
    }
}

/// The word of a question.
pub fn question_name(question: Question) -> &'static str {
    match question {
        Question::Share => "share",
        Question::Alone => "alone",
        Question::Without => "without",
    }
}
