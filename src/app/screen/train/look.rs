//! From a run to the live screens: its weights of this moment, and a sequence of its task.

use std::sync::Arc;

use crate::app::history::History;
use crate::app::screen::Screen;
use crate::app::state::App;
use crate::io::Named;
use crate::sim::settings::Signal;
use crate::sim::{Command, Data, Settings};
use crate::train::Look;

/// The longest window of a live screen that is begun here.
const STEPS: usize = 500;

impl App {
    /// Shows the weights on the live screens, paused at the end of the sequence; what the worker is told.
    pub(super) fn look_inside(&mut self, look: Look) -> Vec<Command> {
        let source = format!("training, update {}", look.updates);
        let kind = look.parameters.kind;
        let named = |what: &str| format!("{source}: {what}");
        let steps = look.sequence.nrows().min(STEPS);
        let mut settings = Settings {
            steps,
            signal: Signal::File,
            ..Settings::default()
        };
        settings.cells[0] = kind.into();
        settings.follow(&look.parameters);
        settings.activation = look.activation;
        let data = Data {
            parameters: Some(Named {
                source: named("weights"),
                value: look.parameters,
            }),
            sequence: Some(Named {
                source: named("sequence"),
                value: look.sequence.into(),
            }),
            loss_vector: Some(Named {
                source: named("readout"),
                value: look.readout,
            }),
            ..Data::default()
        };
        let data = Arc::new(data);
        self.sim.data = Arc::clone(&data);
        self.sim.settings = settings.clone();
        self.sim.preset = settings.clone();
        self.sim.title = source;
        self.sim.history = History::default();
        self.sim.trained = Some(kind);
        self.sim.has_sequence = true;
        // A sequence of the task is what this network is trained on.
        self.sim.on_data = true;
        self.sim.running = false;
        self.sim.snapshot = None;
        self.sim.stopped = None;
        self.screen = Screen::Flow;
        self.place_cursor();
        vec![
            Command::Run(false),
            Command::Load {
                settings: Box::new(settings),
                data,
            },
        ]
    }
}
