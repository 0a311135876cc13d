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

use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::app::action::Action as Any;
use crate::app::effect::{Effect, changed};
use crate::app::entry::Entry;
use crate::app::has::Has;
use crate::app::panel::Panel;
use crate::app::popup::{Asked, Popup};
use crate::app::room::Room;
use crate::app::size;
use crate::app::state::{App, Notice};
use crate::app::view::View;
use crate::sim::Command as Live;
use crate::train::checkpoint::Files;
use crate::train::live::{Command, Difference, Order, Picture, Report, Trained, of_run};
use crate::train::surface::PAIRS;
use crate::train::{Clip, Settings};
use crate::ui::pen::Pen;
use crate::ui::theme::Role;
use crate::words::sanitise_path;

use keys::KEYS;
use state::Action;
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
            Any::Own(crate::app::screen::Own::Train(
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

/// Does what can be done here only.
pub fn act(app: &mut App, action: Action) -> Effect {
    match action {
        Action::Demonstrate => {
            app.screens.train.difference = None;
            let order = Order::demonstration(app.screens.train.threads.max(1));
            app.screens.train.order = Some(Box::new(order));
            app.begin_training(Some(true))
        }
        Action::Differ => app.differ(),
        Action::Again => app.begin_training(Some(true)),
        Action::Surface => {
            let shown = &mut app.screens.train.surface;
            *shown = match shown {
                Some(_) => None,
                None => Some(Surface::default()),
            };
            Effect::None
        }
        Action::Pair => match &mut app.screens.train.surface {
            Some(shown) => {
                shown.pair = (shown.pair + 1) % PAIRS.len();
                Effect::None
            }
            None => app.say("the error surface has parameters to choose: e shows it"),
        },
        Action::Rate(by) if app.screens.train.surface.is_some() => {
            app.change_surface(|shown| shown.rate = next_third(shown.rate, by))
        }
        Action::Threshold(by) if app.screens.train.surface.is_some() => {
            app.change_surface(|shown| shown.threshold = next_third(shown.threshold, by))
        }
        Action::Extend if app.may.budget.seconds.is_some() => {
            app.say("a run is no longer here than it was begun (--limit-work)")
        }
        _ if app.screens.train.picture.is_none() => {
            app.say("nothing is being trained: the space bar begins, d shows the demonstration")
        }
        Action::Extend => app.train_longer(),
        Action::Other => {
            let train = &mut app.screens.train;
            let runs = train
                .picture
                .as_ref()
                .map_or(1, |picture| picture.runs.len());
            let next = (train.run + 1) % runs.max(1);
            changed(&mut train.run, next)
        }
        Action::Rate(by) => {
            app.change_training(|s| s.learning_rate = next_third(s.learning_rate, by))
        }
        Action::Threshold(by) => app.change_training(|s| {
            s.clip = match s.clip {
                Clip::Off => Clip::Norm(1.0),
                Clip::Norm(x) => Clip::Norm(next_third(x, by)),
                Clip::Value(x) => Clip::Value(next_third(x, by)),
            };
        }),
        Action::Clipping => app.change_training(|s| {
            s.clip = match s.clip {
                Clip::Off => Clip::Norm(1.0),
                Clip::Norm(x) => Clip::Value(x),
                Clip::Value(_) => Clip::Off,
            };
        }),
        Action::Undo => match app.screens.train.past.pop() {
            Some((run, rate, clip)) => Effect::Train(Command::Change {
                run,
                rate,
                clip,
                undo: true,
            }),
            None => app.say("nothing to undo"),
        },
        Action::Look => Effect::Train(Command::Look(app.screens.train.run)),
        Action::Save => {
            if !app.may.write {
                return app.say("writing is off here: no file is written");
            }
            let picture = app.screens.train.picture.as_ref();
            if picture.is_some_and(|picture| picture.files.is_some()) {
                return Effect::Train(Command::Save(None));
            }
            app.begin_input()
        }
        Action::Cursor(by) => {
            let train = &mut app.screens.train;
            let columns = train.picture.as_ref().map_or(0, |p| columns(p));
            let last = columns.saturating_sub(1);
            let by = isize::try_from(by).unwrap_or(0);
            let to = train
                .cursor
                .unwrap_or(last)
                .saturating_add_signed(by)
                .min(last);
            changed(&mut train.cursor, (to < last).then_some(to))
        }
    }
}

/// So many thirds of a decade further, to two digits: 0.01, 0.022, 0.046, 0.1.
fn next_third(x: f64, by: i32) -> f64 {
    let thirds = (x.max(1e-9).log10() * 3.0).round() + f64::from(by);
    let next = 10f64.powf(thirds / 3.0).clamp(1e-9, 1000.0);
    format!("{next:.1e}").parse().unwrap_or(x)
}

/// The columns that have begun.
fn columns(picture: &Picture) -> usize {
    let runs = picture.runs.iter();
    runs.map(|run| run.history.columns.len()).max().unwrap_or(0)
}

impl App {
    fn change_surface(&mut self, change: impl Fn(&mut Surface)) -> Effect {
        if let Some(shown) = &mut self.screens.train.surface {
            change(shown);
        }
        Effect::None
    }

    /// Begins what was asked for last, or the default; the runs go on at once or wait.
    fn begin_training(&mut self, running: Option<bool>) -> Effect {
        let train = &mut self.screens.train;
        let threads = train.threads.max(1);
        let order = train.order.get_or_insert_with(|| {
            let settings = Settings {
                forget_bias: Some(1.0),
                learning_rate: 0.01,
                clip: Clip::Norm(1.0),
                length: 50,
                ..Settings::default()
            };
            Box::new(Order::new(
                settings,
                crate::train::Task::Adding,
                threads,
                1500,
            ))
        });
        order.running = running.unwrap_or(true);
        train.past.clear();
        train.cursor = None;
        train.run = train.run.min(order.runs.len() - 1);
        if train.picture.is_some() {
            // What is begun a second time begins from the first weights, and those that there are stay
            // where they are saved.
            order.resume = false;
            order.files = None;
        }
        let (cost, agreed) = (order.cost(), train.agreed);
        if let Err(why) = self.may.budget.admit("this training", cost) {
            return self.say(&why);
        }
        if cost.is_heavy_beside(agreed) {
            self.popup = Some(Popup::Heavy(cost, Asked::Training));
            return Effect::None;
        }
        self.train()
    }

    /// Begins the training, whatever it takes.
    pub(in crate::app) fn train(&mut self) -> Effect {
        let train = &mut self.screens.train;
        let Some(order) = &train.order else {
            return Effect::Unchanged;
        };
        train.agreed = order.cost();
        Effect::Train(Command::Begin(order.clone()))
    }

    /// Two runs that differ in the next thing; after the last, one again.
    fn differ(&mut self) -> Effect {
        let train = &mut self.screens.train;
        let next = train.difference.map_or(0, |place| place + 1);
        train.difference = (next < Difference::ALL.len()).then_some(next);
        let difference = train.difference.map(|place| Difference::ALL[place]);
        if train.order.is_none() {
            // What would be begun.
            _ = self.begin_training(None);
        }
        let train = &mut self.screens.train;
        if let Some(order) = &mut train.order {
            let like = order.runs[0].clone();
            order.runs = match difference {
                Some(difference) => difference.pair(&like).into(),
                None => vec![like],
            };
        }
        self.begin_training(Some(true))
    }

    fn train_longer(&mut self) -> Effect {
        let Some(order) = &mut self.screens.train.order else {
            return Effect::Unchanged;
        };
        order.updates = order.updates.saturating_mul(2).min(1_000_000_000);
        Effect::Train(Command::Extend(order.updates))
    }

    /// Changes η or clipping of the run that the keys are for.
    fn change_training(&mut self, change: impl Fn(&mut Settings)) -> Effect {
        let train = &mut self.screens.train;
        let run = train.run;
        let Some(trained) = train.picture.as_ref().and_then(|p| p.runs.get(run)) else {
            return Effect::Unchanged;
        };
        let now = &trained.settings;
        let mut next = now.clone();
        change(&mut next);
        if next == *now {
            return Effect::Unchanged;
        }
        train.past.push((run, now.learning_rate, now.clip));
        Effect::Train(Command::Change {
            run,
            rate: next.learning_rate,
            clip: next.clip,
            undo: false,
        })
    }

    /// Takes what the training says: whether the picture changed, and what the live cells are told.
    pub fn trained(&mut self, report: Report) -> (bool, Vec<Live>) {
        match report {
            Report::Picture(picture) => {
                self.screens.train.picture = Some(picture);
                (self.screen == crate::app::screen::Screen::Train, Vec::new())
            }
            Report::Said(Ok(text)) => {
                self.notice = Some(Notice { text, error: false });
                (true, Vec::new())
            }
            Report::Said(Err(text)) => {
                self.notice = Some(Notice { text, error: true });
                (true, Vec::new())
            }
            Report::Look(look) => (true, self.look_inside(*look)),
        }
    }
}

/// A part of the screen, of one of the runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Part {
    /// The loss, with chance as a line.
    Loss(usize),
    /// The norm of the gradient before and after clipping, with the threshold as a line.
    Norm(usize),
    /// |δ_t| over steps and updates.
    Waterfall(usize),
    /// ρ, the forget gate and r.
    Radius(usize),
    /// How far an update moves the weights.
    Ratio(usize),
    /// The part of the updates that are clipped.
    Clipped(usize),
    /// The numbers at the cursor and what they say, in a frame.
    Numbers(usize),
    /// The numbers at the cursor in so many lines, without a frame.
    Lines(usize),
    /// The error surface of one unit.
    Surface(Surface),
    /// What is said where nothing is trained.
    Nothing,
}

impl Panel for Part {
    fn render(&self, pen: &mut Pen, area: Rect, view: &View) {
        let train = &view.app.screens.train;
        let run = match *self {
            Self::Loss(run)
            | Self::Norm(run)
            | Self::Waterfall(run)
            | Self::Radius(run)
            | Self::Ratio(run)
            | Self::Clipped(run)
            | Self::Numbers(run)
            | Self::Lines(run) => run,
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
        match self {
            Self::Loss(_) => charts::render(pen, area, &subject, charts::loss),
            Self::Norm(_) => charts::render(pen, area, &subject, charts::norm),
            Self::Radius(_) => charts::render(pen, area, &subject, charts::radius),
            Self::Ratio(_) => charts::render(pen, area, &subject, charts::ratio),
            Self::Clipped(_) => charts::render(pen, area, &subject, charts::clipped),
            Self::Waterfall(_) => waterfall::render(pen, area, &subject),
            Self::Numbers(_) => numbers::framed(pen, area, &subject),
            Self::Lines(_) => numbers::lines(pen, area, &subject),
            Self::Surface(_) | Self::Nothing => {}
        }
    }

    fn wheel(&self, _: Rect, _: u16, turns: i32) -> Option<Any> {
        Some(Any::Own(crate::app::screen::Own::Train(Action::Cursor(
            turns,
        ))))
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
        let mut parts = Vec::new();
        if self.picture.runs.len() > 1 {
            let role = if self.run == self.chosen {
                Role::Focus
            } else {
                Role::Strong
            };
            let letter = if self.run == 0 { "A " } else { "B " };
            parts.push(pen.look.span(letter, role));
        }
        parts.push(pen.look.span(name.to_owned(), Role::Strong));
        parts.push(pen.look.span(format!("  {unit}"), Role::Quiet));
        Line::from(parts)
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
    let inner = pen.frame(area, &title.into(), &Line::default());
    let width = usize::from(inner.width.saturating_sub(4).min(90)).max(1);
    let lines = NOTHING.iter().flat_map(|text| {
        let mut lines = look.wrap(text, width);
        lines.push(String::new());
        lines
    });
    let lines: Vec<String> = lines.collect();
    let above = usize::from(inner.height).saturating_sub(lines.len()) / 2;
    let first = inner.y + u16::try_from(above).unwrap_or(0);
    for (y, text) in (first..inner.bottom()).zip(lines) {
        pen.text(
            inner.x + 2,
            y,
            inner.width.saturating_sub(2),
            &text,
            look.style(Role::Text),
        );
    }
}
