//! The live screen without a terminal: the real state, the real worker, one step at a time, and a
//! backend that counts.

use std::cell::Cell;
use std::io::{self, Write};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::layout::Rect;
use ratatui::{Terminal, TerminalOptions, Viewport};
use rnntop::app;
use rnntop::app::App;
use rnntop::app::screen::Screen;
use rnntop::sim::Preset;
use rnntop::sim::preset::embedded;
use rnntop::sim::{Command, Data, Report, Snapshot, Worker};
use rnntop::ui::look::{Depth, Marker, ThemeName};

/// A window takes less on any machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running simulation and what is shown of it.
pub struct Live {
    pub app: App,
    worker: Worker,
    reports: Receiver<Report>,
}

impl Live {
    /// A preset on its first window, as it is shown on a terminal with these colours.
    pub fn new(preset: &str, depth: Depth) -> Self {
        let read = |file: &embedded::File| file.read().expect("a preset");
        let entries: Vec<Preset> = embedded::FILES.iter().map(read).collect();
        let settings = entries
            .iter()
            .find(|entry| entry.name == preset)
            .map(|entry| entry.settings.clone())
            .expect("a preset of this name");
        let app = App::new(
            settings.clone(),
            settings.clone(),
            preset.to_owned(),
            entries,
            depth,
            ThemeName::Dark,
            Marker::Braille,
        );
        let (outbox, reports) = channel();
        let worker = Worker::spawn(settings, Arc::new(Data::default()), move |report| {
            let _ = outbox.send(report);
        });
        let mut live = Self {
            app,
            worker,
            reports,
        };
        live.settle();
        live.app.sim.running = true;
        live
    }

    /// One step forward.
    pub fn step(&mut self) {
        self.tell(Command::Forward);
    }

    /// Tells the worker something, and waits for the window if that asks for one. At the beginning
    /// of history a step back is answered by nothing.
    pub fn tell(&mut self, command: Command) {
        let nothing = match command {
            Command::Back => self.snapshot().now <= self.snapshot().settings.steps as u64,
            Command::Study(_) | Command::FindEdge(_) | Command::Pace(_) => true,
            _ => false,
        };
        self.worker.send(command);
        if !nothing {
            self.settle();
        }
    }

    /// Waits for the next window, or the sentence that there is none, and shows it to the state.
    fn settle(&mut self) {
        while let Ok(report) = self.reports.recv_timeout(PATIENCE) {
            let last = !matches!(
                report,
                Report::Progress(_)
                    | Report::StudyProgress(..)
                    | Report::Study(_)
                    | Report::Edge(_)
            );
            self.app.report(report);
            if last {
                return;
            }
        }
    }

    /// The window that is shown.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(self.app.sim.snapshot.as_ref().expect("a window"))
    }
}

/// Counts bytes.
#[derive(Clone, Default)]
pub struct Counter(Rc<Cell<usize>>);

impl Counter {
    /// Bytes since the last time it was asked.
    pub fn take(&self) -> usize {
        self.0.take()
    }
}

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.set(self.0.get() + bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A terminal of this size that counts what it is sent.
pub fn terminal(width: u16, height: u16) -> (Counter, Terminal<CrosstermBackend<Counter>>) {
    let counter = Counter::default();
    let viewport = Viewport::Fixed(Rect::new(0, 0, width, height));
    let mut backend = CrosstermBackend::new(counter.clone());
    backend.clear().expect("counts");
    let terminal = Terminal::with_options(backend, TerminalOptions { viewport });
    (counter, terminal.expect("a size"))
}

/// Bytes of the first frame, and of each further step on average, without the 16 that open and
/// close a frame.
pub fn bytes(live: &mut Live, screen: Screen, steps: usize) -> (usize, f64) {
    let (counter, mut terminal) = terminal(120, 40);
    live.app.screen = screen;
    let mut draw = |app: &App| {
        terminal.draw(|frame| app::draw(frame, app)).expect("draws");
        counter.take()
    };
    let first = draw(&live.app);
    let mut sum = 0;
    for _ in 0..steps {
        live.step();
        sum += draw(&live.app);
    }
    (first, sum as f64 / steps as f64)
}
