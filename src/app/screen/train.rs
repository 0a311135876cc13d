//! A network that learns, or two that differ in one setting: what becomes of the gradients meanwhile.
//!
//! ```text
//! one run, 80 columns              two runs
//! ┌───────────────┬──────────────┐ ┌───────────────┬──────────────┐
//! │ loss          │ waterfall    │ │ A loss        │ B loss       │
//! │ gradient norm │ ρ, f, r      │ │ A norm        │ B norm       │
//! │ numbers in three lines       │ │ A waterfall   │ B waterfall  │
//! └──────────────────────────────┘ └───────────────┴──────────────┘
//! ```

mod act;
mod charts;
#[rustfmt::skip]
mod keys;
mod look;
mod numbers;
mod plan;
pub mod state;
pub mod surface;
mod waterfall;

use std::path::Path;

use ratatui::layout::{Margin, Rect};
use ratatui::text::Line;

use crate::app::action::Action as Any;
use crate::app::effect::Effect;
use crate::app::entry::Entry;
use crate::app::has::Has;
use crate::app::panel::Panel;
use crate::app::room::Room;
use crate::app::screen::Own;
use crate::app::size;
use crate::app::view::View;
use crate::train::checkpoint::Files;
use crate::train::live::{Command, Picture, Trained, of_run};
use crate::ui::pen::Pen;
use crate::ui::theme::Role;
use crate::words::sanitise_path;

pub use act::act;
use keys::KEYS;
pub use state::{Action, State};
use surface::Surface;

/// The screen.
pub static ROOM: Room = Room {
    has: Has::LIST_HINTS,
    keys: KEYS,
    only: "networks are trained on the screen train",
    least: size::SMALL,
    plan: plan::place,
    pause: |app| match &app.screens.train.picture {
        None => app.begin_training(None),
        Some(picture) if picture.is_over() => {
            app.say("all updates are done: + goes on, B begins anew")
        }
        Some(picture) => Effect::Train(Command::Run(!picture.running)),
    },
    step: |app| match &app.screens.train.picture {
        None => app.begin_training(Some(false)),
        Some(picture) if picture.is_over() => app.say("all updates are done: + goes on"),
        Some(_) => Effect::Train(Command::Step),
    },
    runs: |app| {
        let picture = &app.screens.train.picture;
        picture.as_ref().is_some_and(|picture| picture.running)
    },
    state: numbers::state,
    entry: |app| {
        Some(Entry {
            name: "save the weights to a file",
            range: "a file's name that ends in .safetensors; never over a file that is there"
                .to_owned(),
            value: String::new(),
            closed: (!app.may.write).then_some("writing is off here: no file is written"),
            check: |_, name| {
                let files = fresh_files(name.trim())?;
                Ok(Box::new(|_| Effect::Train(Command::Save(Some(files)))))
            },
        })
    },
    hinted: |app, action| {
        let begun = app.screens.train.picture.is_some();
        let begins = matches!(
            action,
            Any::Own(Own::Train(
                Action::Demonstrate | Action::Differ | Action::Surface
            ))
        );
        begun || begins || !matches!(action, Any::Own(_))
    },
    leave: |app| app.screens.train.surface.take().is_some(),
    adjust: |_, _| Effect::Unchanged,
    select: |_, _| Effect::Unchanged,
    reset: |_| Effect::Unchanged,
    knob: |_| None,
    ..Room::CHART
};

/// The files of a name of which there are none yet.
fn fresh_files(name: &str) -> Result<Files, String> {
    let path = Path::new(name);
    if path.extension().is_none_or(|end| end != "safetensors") {
        return Err(format!(
            "expected a name that ends in .safetensors, found '{name}'"
        ));
    }
    let files = Files::of(path);
    let both = [0, 1].map(|run| of_run(&files, run));
    if let Some(there) = both.iter().find_map(|files| files.there().next()) {
        let there = sanitise_path(there);
        return Err(format!(
            "{there}: there is such a file already; choose another name"
        ));
    }
    Ok(files)
}

/// A part of the screen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Part {
    /// What is shown of one of the runs.
    Of(usize, Shown),
    /// The error surface of one unit.
    Surface(Surface),
    /// What is said where nothing is trained.
    Nothing,
}

/// What is shown of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// The loss, with chance as a line.
    Loss,
    /// The norm of the gradient before and after clipping, with the threshold as a line.
    Norm,
    /// |δ_t| over steps and updates.
    Waterfall,
    /// ρ, the forget gate and r.
    Radius,
    /// How far an update moves the weights.
    Ratio,
    /// The part of the updates that are clipped.
    Clipped,
    /// The numbers at the cursor and what they say, in a frame.
    Numbers,
    /// The numbers at the cursor in so many lines, without a frame.
    Lines,
}

impl Panel for Part {
    fn render(&self, pen: &mut Pen, area: Rect, view: &View) {
        let train = &view.app.screens.train;
        let (run, shown) = match *self {
            Self::Of(run, shown) => (run, shown),
            Self::Surface(shown) => return surface::render(pen, area, shown),
            Self::Nothing => return nothing(pen, area),
        };
        let Some(picture) = &train.picture else {
            return;
        };
        let Some(trained) = picture.runs.get(run) else {
            return;
        };
        let subject = Subject {
            picture,
            trained,
            run,
            cursor: train.cursor,
            chosen: train.run,
        };
        let chart = match shown {
            Shown::Loss => charts::loss,
            Shown::Norm => charts::norm,
            Shown::Radius => charts::radius,
            Shown::Ratio => charts::ratio,
            Shown::Clipped => charts::clipped,
            Shown::Waterfall => return waterfall::render(pen, area, &subject),
            Shown::Numbers => return numbers::framed(pen, area, &subject),
            Shown::Lines => return numbers::lines(pen, area, &subject),
        };
        charts::render(pen, area, &subject, chart);
    }

    fn wheel(&self, _: Rect, _: u16, turns: i32) -> Option<Any> {
        Some(Any::Own(Own::Train(Action::Cursor(turns))))
    }
}

/// What a panel is about.
#[derive(Clone, Copy)]
struct Subject<'a> {
    picture: &'a Picture,
    trained: &'a Trained,
    /// Which of the runs.
    run: usize,
    /// The column that is read off.
    cursor: Option<usize>,
    /// The run that the keys change.
    chosen: usize,
}

impl Subject<'_> {
    /// All runs that there are, this one included: what is compared has one range.
    fn all(&self) -> impl Iterator<Item = Self> {
        let this = *self;
        let runs = this.picture.runs.iter().enumerate();
        runs.map(move |(run, trained)| Self {
            trained,
            run,
            ..this
        })
    }

    /// The columns of the whole run, those to come included.
    fn width(&self) -> usize {
        let history = &self.trained.history;
        let updates = self.picture.total.saturating_sub(history.first);
        updates.div_ceil(history.per).max(1) as usize
    }

    /// The title of a panel; of two runs, which one, in bold where the keys change it.
    fn title(&self, pen: &Pen, name: &str, unit: &str) -> Line<'static> {
        let role = if self.run == self.chosen {
            Role::Focus
        } else {
            Role::Strong
        };
        let letter = ["A ", "B "][self.run.min(1)];
        let several = self.picture.runs.len() > 1;
        let which = several.then(|| pen.look.span(letter, role));
        let name = pen.look.span(name, Role::Strong);
        let unit = pen.look.span(format!("  {unit}"), Role::Quiet);
        which.into_iter().chain([name, unit]).collect()
    }
}

/// What can be done where nothing is trained yet.
const NOTHING: [&str; 4] = [
    "Nothing is being trained.",
    "d  the demonstration: a tanh RNN with 1.5 × orthogonal recurrent weights on the adding problem, T 100: \
     one run without clipping, and beside it one with norm:1",
    "space  an LSTM on the adding problem, T 50. rnntop train TASK … --screen begins any other run.",
    "e  the error surface of one unit over 50 steps: Pascanu's wall, the step that it throws off, and the clipped one.",
];

fn nothing(pen: &mut Pen, area: Rect) {
    let look = pen.look;
    let title = look.span("train", Role::Strong);
    let inner = pen.frame(area, title, "");
    let width = usize::from(inner.width.saturating_sub(4).min(90)).max(1);
    let lines = NOTHING.iter().flat_map(|text| {
        let mut lines = look.wrap(text, width);
        lines.push(String::new());
        lines
    });
    let lines: Vec<String> = lines.collect();
    let above = usize::from(inner.height).saturating_sub(lines.len()) / 2;
    let rows = inner.inner(Margin::new(2, 0)).rows().skip(above);
    for (row, text) in rows.zip(lines) {
        pen.write(row, &text, Role::Text);
    }
}
