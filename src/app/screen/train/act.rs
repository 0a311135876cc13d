//! What its keys do.

use super::state::Action;
use super::surface::Surface;
use crate::app::effect::{Effect, changed};
use crate::app::popup::{Asked, Popup};
use crate::app::screen::Screen;
use crate::app::state::{App, Notice};
use crate::sim::Command as Live;
use crate::train::lesson;
use crate::train::live::{Command, Difference, Order, Picture, Report};
use crate::train::surface::PAIRS;
use crate::train::{Clip, Settings, Task};

/// Does what can be done here only.
pub fn act(app: &mut App, action: Action) -> Effect {
    match action {
        Action::Demonstrate => {
            app.screens.train.difference = None;
            let lesson = lesson::find(lesson::DEMONSTRATION);
            let threads = app.screens.train.threads.max(1);
            let order = lesson.as_ref().map(|lesson| lesson.order(threads));
            match order {
                Some(Ok(order)) => {
                    app.screens.train.lesson = lesson;
                    app.screens.train.order = Some(Box::new(order));
                    app.begin_training(Some(true))
                }
                Some(Err(why)) => app.say(&why),
                None => Effect::Unchanged,
            }
        }
        Action::Differ => app.differ(),
        Action::Again => app.begin_training(Some(true)),
        Action::Surface => {
            let shown = &mut app.screens.train.surface;
            *shown = shown.is_none().then(Surface::default);
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
            let runs = train.picture.as_ref().map_or(1, |p| p.runs.len());
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
            let from = train.cursor.unwrap_or(last);
            let to = from.saturating_add_signed(by).min(last);
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
    pub(super) fn begin_training(&mut self, running: Option<bool>) -> Effect {
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
            Box::new(Order::new(settings, Task::Adding, threads, 1500))
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
        train.lesson = None;
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
                (self.screen == Screen::Train, Vec::new())
            }
            Report::Said(said) => {
                let error = said.is_err();
                let (Ok(text) | Err(text)) = said;
                self.notice = Some(Notice { text, error });
                (true, Vec::new())
            }
            Report::Look(look) => (true, self.look_inside(*look)),
        }
    }
}
