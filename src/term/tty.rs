//! The loop's surroundings in earnest: a real terminal and a real worker.

use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::Sender;

use crossterm::style::force_color_output;
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::layout::{Position, Rect, Size};
use ratatui::{Frame, Terminal, TerminalOptions, Viewport};

use crate::app::App;
use crate::app::screen::phase::state::Order;
use crate::flow::Question;
use crate::io::{OutputError, write_new};
use crate::sim::{Command, Data, Worker};
use crate::sweep::Pool;
use crate::term::Save;
use crate::term::clipboard;
use crate::term::event_loop::{Message, Surroundings};
use crate::term::guard::{Guard, Screen};
use crate::term::mailbox::Mailbox;
use crate::term::panic::Fault;
use crate::term::suspend::suspend;
use crate::term::sweeping;
use crate::term::writer::{Cost, FrameWriter};
use crate::train::live;
use crate::words::sanitise_path;

/// Nothing is drawn beyond this many columns and rows: the size of a terminal is what the other end of the
/// line says, and every cell takes memory twice.
const LARGEST: Size = Size {
    width: 500,
    height: 200,
};

/// As much of the terminal as is drawn on.
fn drawable(backend: &impl Backend<Error = io::Error>) -> io::Result<Rect> {
    let screen = Rect::from((Position::ORIGIN, backend.size()?));
    Ok(screen.intersection((Position::ORIGIN, LARGEST).into()))
}

/// Fields are dropped in this order: the terminal is given back before the worker is waited for.
pub(super) struct Tty {
    guard: Guard,
    writer: FrameWriter<Screen>,
    fault: Fault,
    worker: Worker,
    /// The thread of the training, from the first command on.
    training: Option<live::Worker>,
    sweep: Option<Pool>,
    outbox: Sender<Message>,
    save: Option<Save>,
}

impl Tty {
    /// Starts the worker on what the state shows.
    pub(super) fn new(
        guard: Guard,
        app: &App,
        data: Arc<Data>,
        outbox: Sender<Message>,
        fault: Fault,
        save: Option<Save>,
    ) -> Self {
        let mailbox = Mailbox::default();
        let to_loop = outbox.clone();
        let worker = Worker::spawn(app.sim.settings.clone(), data, move |report| {
            fault.strike(Fault::Worker);
            mailbox.deliver(report, &outbox, Message::Reports);
        });
        if !app.sim.cuts.is_empty() || app.sim.question != Question::default() {
            worker.send(Command::Set {
                settings: Box::new(app.sim.settings.clone()),
                cuts: app.sim.cuts,
                question: app.sim.question,
            });
        }
        worker.send(Command::Pace(app.sim.pace));
        worker.send(Command::Run(app.sim.running));
        let mut tty = Self {
            guard,
            writer: FrameWriter::new(Screen),
            fault,
            worker,
            training: None,
            sweep: None,
            outbox: to_loop,
            save,
        };
        // What takes much is asked for first.
        if let (Some(order), None) = (&app.screens.train.order, &app.popup) {
            tty.train(live::Command::Begin(order.clone()));
        }
        tty
    }
}

impl Surroundings for Tty {
    type Backend = CrosstermBackend<FrameWriter<Screen>>;

    fn terminal(&mut self) -> io::Result<Terminal<Self::Backend>> {
        // The palette decides about colours. crossterm under NO_COLOR would send an empty style in
        // the place of a colour, which takes back bold and reverse as well.
        force_color_output(true);
        // Waits in the buffer and goes out with the next frame, so that nothing flickers.
        let mut backend = CrosstermBackend::new(self.writer.clone());
        backend.clear()?;
        let viewport = Viewport::Fixed(drawable(&backend)?);
        Terminal::with_options(backend, TerminalOptions { viewport })
    }

    fn draw(
        &mut self,
        terminal: &mut Terminal<Self::Backend>,
        render: &mut dyn FnMut(&mut Frame),
    ) -> io::Result<Cost> {
        let frame = self.writer.frame();
        let area = drawable(terminal.backend())?;
        if area != terminal.get_frame().area() {
            terminal.resize(area)?;
        }
        terminal.draw(|canvas| {
            self.fault.strike(Fault::Draw);
            render(canvas);
        })?;
        frame.finish()
    }

    fn set_mouse(&mut self, on: bool) -> io::Result<()> {
        self.guard.set_mouse(on)
    }

    fn suspend(&mut self) -> io::Result<()> {
        suspend(&self.guard)
    }

    fn resume(&mut self) -> io::Result<()> {
        self.guard.resume()
    }

    fn save(&mut self, app: &App) -> Result<String, String> {
        match &mut self.save {
            Some(save) => save(app),
            None => Err("there is no place to save to".to_owned()),
        }
    }

    fn copy(&mut self, text: &str) -> io::Result<bool> {
        let Some(sequence) = clipboard::sequence(text) else {
            return Ok(false);
        };
        // Goes out with the next frame, which says that it did.
        self.writer.write_all(&sequence)?;
        Ok(true)
    }

    fn write(&mut self, name: &str, text: &str) -> Result<String, String> {
        let path = Path::new(name);
        write_new(path, text.as_bytes(), false).map_err(|error| match error {
            OutputError::Exists { file } => {
                format!("{file}: there is such a file already; choose another name")
            }
            failed @ OutputError::Failed { .. } => failed.to_string(),
        })?;
        Ok(format!("written to {}", sanitise_path(path)))
    }

    fn send(&mut self, command: Command) {
        self.worker.send(command);
    }

    fn train(&mut self, command: live::Command) {
        let thread = self.training.get_or_insert_with(|| {
            let (mailbox, outbox) = (Mailbox::default(), self.outbox.clone());
            live::Worker::spawn(move |report| mailbox.deliver(report, &outbox, Message::Trainings))
        });
        thread.send(command);
    }

    fn sweep(&mut self, order: Option<Order>) {
        // What is computed now ends first.
        self.sweep = None;
        self.sweep = order.and_then(|order| sweeping::start(order, self.outbox.clone()));
    }
}
