//! The loop on screens that are no terminals.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;
use std::sync::mpsc::{Sender, channel};

use ratatui::backend::{CrosstermBackend, TestBackend};
use ratatui::{Frame, TerminalOptions, Viewport};

use super::time::TRAVEL;
use super::*;
use crate::sim::{Command, Settings};
use crate::term::writer::{BEGIN, Cost, FrameWriter};
use crate::ui::look::{Depth, Marker, ThemeName};

fn app() -> App {
    let settings = Settings::default();
    App::new(
        settings.clone(),
        settings,
        "test".into(),
        Vec::new(),
        Depth::Ansi16,
        ThemeName::Dark,
        Marker::Braille,
    )
}

/// What was done to the surroundings, in order.
#[derive(Default)]
struct Log(Vec<&'static str>);

/// A screen in memory.
#[derive(Default)]
struct Memory {
    log: Log,
    refuses_to_stop: bool,
    /// How much later it is than the clock of the machine says.
    late: Rc<std::cell::Cell<Duration>>,
    /// The moment at which the clock of the machine stands still.
    stopped: Option<Instant>,
}

impl Surroundings for Memory {
    type Backend = TestBackend;

    fn now(&self) -> Instant {
        self.stopped.unwrap_or_else(Instant::now) + self.late.get()
    }

    fn terminal(&mut self) -> io::Result<Terminal<TestBackend>> {
        self.log.0.push("terminal");
        Ok(Terminal::new(TestBackend::new(80, 24)).unwrap())
    }

    fn draw(
        &mut self,
        terminal: &mut Terminal<TestBackend>,
        render: &mut dyn FnMut(&mut Frame),
    ) -> io::Result<Cost> {
        self.log.0.push("draw");
        terminal.draw(render).unwrap();
        Ok(Cost::default())
    }

    fn set_mouse(&mut self, on: bool) -> io::Result<()> {
        self.log.0.push(if on { "mouse on" } else { "mouse off" });
        Ok(())
    }

    fn suspend(&mut self) -> io::Result<()> {
        self.log.0.push("suspend");
        if self.refuses_to_stop {
            Err(io::ErrorKind::PermissionDenied.into())
        } else {
            Ok(())
        }
    }

    fn resume(&mut self) -> io::Result<()> {
        self.log.0.push("resume");
        Ok(())
    }

    fn save(&mut self, app: &App) -> Result<String, String> {
        self.log.0.push("save");
        assert!(app.may.save);
        Ok("saved".to_owned())
    }

    fn send(&mut self, _: Command) {
        self.log.0.push("send");
    }
}

/// A loop that may draw as often as it likes, and that has drawn its first frame.
fn started(memory: Memory) -> (EventLoop<Memory>, Sender<Message>) {
    let (outbox, inbox) = channel();
    let mut turning = EventLoop::new(app(), memory, inbox, Pace::new(u32::MAX)).unwrap();
    assert!(turning.turn().unwrap().is_none());
    assert_eq!(turning.surroundings.log.0, ["terminal", "draw"]);
    turning.surroundings.log.0.clear();
    (turning, outbox)
}

/// What happens when these messages have come: how it ended, and what was done.
fn after(messages: Vec<Message>) -> (Option<Ending>, Vec<&'static str>) {
    let (mut turning, outbox) = started(Memory::default());
    for message in messages {
        outbox.send(message).unwrap();
    }
    let ending = turning.turn().unwrap();
    (ending, turning.surroundings.log.0)
}

#[test]
fn many_messages_make_one_frame() {
    let storm = (0..40).map(|_| Message::Resize).collect();
    assert_eq!(after(storm), (None, vec!["draw"]));
}

#[test]
fn what_changes_nothing_draws_nothing() {
    let paste = Message::Paste("rrr".into());
    assert_eq!(
        after(vec![paste]),
        (None, vec![]),
        "text outside the input line"
    );
}

#[test]
fn endings() {
    for (message, ending) in [
        (Message::Signal(15), Ending::Signal(15)),
        (Message::Panicked, Ending::Panicked),
        (Message::Key(Key::Char('q')), Ending::Quit),
    ] {
        assert_eq!(
            after(vec![Message::Resize, message]),
            (Some(ending), vec![])
        );
    }
    let (mut turning, outbox) = started(Memory::default());
    drop(outbox);
    assert_eq!(turning.turn().unwrap(), Some(Ending::Quit));
}

#[test]
fn statuses() {
    let all = [
        Ending::Quit,
        Ending::Signal(15),
        Ending::Signal(2),
        Ending::Signal(1),
    ];
    assert_eq!(all.map(Ending::status), [0, 143, 130, 129]);
    assert_eq!(
        [Ending::HungUp, Ending::Panicked].map(Ending::status),
        [129, 101]
    );
    assert_eq!(TermError::NotATerminal("standard output").status(), 2);
    assert_eq!(failed("draw")(io::ErrorKind::Other.into()).status(), 1);
}

#[test]
fn while_suspended_nothing_is_drawn() {
    let (mut turning, outbox) = started(Memory::default());
    outbox.send(Message::Key(Key::Ctrl('z'))).unwrap();
    outbox.send(Message::Resize).unwrap();
    assert!(turning.turn().unwrap().is_none());
    assert_eq!(turning.surroundings.log.0, ["suspend"]);
    outbox.send(Message::Continue).unwrap();
    assert!(turning.turn().unwrap().is_none());
    assert_eq!(
        turning.surroundings.log.0,
        ["suspend", "resume", "terminal", "draw"]
    );
}

#[test]
fn what_cannot_be_stopped_goes_on() {
    let (mut turning, outbox) = started(Memory {
        refuses_to_stop: true,
        ..Memory::default()
    });
    outbox.send(Message::Suspend).unwrap();
    assert!(turning.turn().unwrap().is_none());
    assert_eq!(
        turning.surroundings.log.0,
        ["suspend", "resume", "terminal", "draw"]
    );
}

#[test]
fn continuing_without_having_been_suspended_draws_everything() {
    // As after SIGSTOP, which cannot be caught.
    let log = vec!["resume", "terminal", "draw"];
    assert_eq!(after(vec![Message::Continue]), (None, log));
}

#[test]
fn frames_keep_the_pace() {
    let (outbox, inbox) = channel();
    let mut turning = EventLoop::new(app(), Memory::default(), inbox, Pace::new(1)).unwrap();
    turning.turn().unwrap();
    outbox.send(Message::Resize).unwrap();
    turning.turn().unwrap();
    let draws = |t: &EventLoop<Memory>| {
        t.surroundings
            .log
            .0
            .iter()
            .filter(|w| **w == "draw")
            .count()
    };
    assert_eq!(draws(&turning), 1, "the second frame has to wait");
    // The wait ends by itself, without another message.
    turning.turn().unwrap();
    assert_eq!(draws(&turning), 2);
}

#[test]
fn lost_input_is_an_error() {
    let (mut turning, outbox) = started(Memory::default());
    let gone = io::Error::other("gone");
    outbox.send(Message::InputLost(gone)).unwrap();
    let sentence = turning.turn().unwrap_err().to_string();
    assert_eq!(sentence, "cannot read the terminal: gone");
}

#[test]
fn what_nobody_could_continue_is_not_suspended() {
    for message in [Message::Key(Key::Ctrl('z')), Message::Suspend] {
        let (mut turning, outbox) = started(Memory::default());
        turning.app.may.suspend = false;
        outbox.send(message).unwrap();
        outbox.send(Message::Resize).unwrap();
        assert!(turning.turn().unwrap().is_none());
        assert_eq!(turning.surroundings.log.0, ["draw"]);
    }
}

#[test]
fn settings_are_saved_when_the_user_says_so_and_it_is_told() {
    let (mut turning, outbox) = started(Memory::default());
    outbox.send(Message::Key(Key::Ctrl('s'))).unwrap();
    turning.turn().unwrap();
    assert_eq!(turning.surroundings.log.0, ["save", "draw"]);
    let notice = turning.app.notice.as_ref().unwrap();
    assert_eq!((notice.text.as_str(), notice.error), ("saved", false));
}

#[test]
fn pasted_text_goes_into_the_palette() {
    let (mut turning, outbox) = started(Memory::default());
    outbox.send(Message::Key(Key::Char(':'))).unwrap();
    outbox.send(Message::Paste("ra\u{1b}dius".into())).unwrap();
    turning.turn().unwrap();
    assert!(matches!(&turning.app.popup,
        Some(crate::app::popup::Popup::Palette { line, .. }) if line.text == "radius"));
}

#[test]
fn after_idling_it_ends_and_a_key_begins_anew() {
    let (outbox, inbox) = channel();
    let idle = Duration::from_secs(400);
    let memory = Memory::default();
    let clock = Rc::clone(&memory.late);
    let turning = EventLoop::new(app(), memory, inbox, Pace::new(u32::MAX)).unwrap();
    let mut turning = turning.ending_after(Some(idle));
    let mut after = |passed: Duration, message: Message| {
        clock.set(clock.get() + passed);
        outbox.send(message).unwrap();
        turning.turn().unwrap()
    };
    for _ in 0..4 {
        assert_eq!(after(idle / 2, Message::Key(Key::Left)), None);
    }
    // Windows and sizes are no keys.
    assert_eq!(after(idle / 2, Message::Resize), None);
    let ending = after(idle / 2, Message::Resize).unwrap();
    assert_eq!((ending, ending.status()), (Ending::Idle, 0));
}

/// A terminal's byte stream in memory.
struct Stream {
    writer: FrameWriter<Bytes>,
}

#[derive(Clone, Default)]
struct Bytes(Rc<RefCell<Vec<u8>>>);

impl Write for Bytes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Surroundings for Stream {
    type Backend = CrosstermBackend<FrameWriter<Bytes>>;

    fn terminal(&mut self) -> io::Result<Terminal<Self::Backend>> {
        let viewport = Viewport::Fixed(Rect::new(0, 0, 120, 40));
        let backend = CrosstermBackend::new(self.writer.clone());
        Terminal::with_options(backend, TerminalOptions { viewport })
    }

    fn draw(
        &mut self,
        terminal: &mut Terminal<Self::Backend>,
        render: &mut dyn FnMut(&mut Frame),
    ) -> io::Result<Cost> {
        let frame = self.writer.frame();
        terminal.draw(render)?;
        frame.finish()
    }

    fn set_mouse(&mut self, _: bool) -> io::Result<()> {
        Ok(())
    }

    fn suspend(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn resume(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn send(&mut self, _: Command) {}
}

#[test]
fn a_resize_storm_costs_less_than_two_frames() {
    let bytes = Bytes::default();
    let writer = FrameWriter::new(bytes.clone());
    let stream = Stream { writer };
    let (outbox, inbox) = channel();
    let mut turning = EventLoop::new(app(), stream, inbox, Pace::new(u32::MAX)).unwrap();
    turning.turn().unwrap();
    let first = bytes.0.borrow().len();
    assert!(first > 0);
    for _ in 0..40 {
        outbox.send(Message::Resize).unwrap();
    }
    turning.turn().unwrap();
    // Forty of them are one frame, and nothing in it is news but the reset of the style.
    let written = bytes.0.borrow();
    let frames = written.windows(BEGIN.len()).filter(|part| *part == BEGIN);
    assert_eq!(frames.count(), 2);
    assert!(written.len() < first + 64);
}

/// A window of these settings, as the worker reports it.
fn window(settings: &Settings) -> Message {
    Message::Report(Report::Snapshot(crate::app::fixture::snapshot(
        settings, 0.9,
    )))
}

#[test]
fn the_gradient_is_seen_to_travel_back_at_the_start_and_after_a_change() {
    let memory = Memory::default();
    let late = memory.late.clone();
    let (mut turning, outbox) = started(memory);
    turning.surroundings.stopped = Some(Instant::now());
    let tell = |turning: &mut EventLoop<Memory>, message| {
        outbox.send(message).unwrap();
        turning.turn().unwrap();
        turning.app.look.front
    };
    let mut settings = Settings::default();
    assert_eq!(tell(&mut turning, window(&settings)), Some(0.0));
    // Nothing but time is needed for it to come further, a stage at a time, and to arrive.
    let mut fronts = vec![0.0];
    while let Some(front) = turning.app.look.front {
        late.set(late.get() + TRAVEL / 10);
        turning.turn().unwrap();
        assert!(front >= fronts[fronts.len() - 1], "{fronts:?}");
        fronts.push(front);
        assert!(fronts.len() < 20, "{fronts:?}");
    }
    assert_eq!(fronts.len(), 11, "{fronts:?}");
    assert_eq!(turning.next_stage(), None);
    // The next window of a running simulation is no change.
    assert_eq!(tell(&mut turning, window(&settings)), None);
    settings.rho = Some(0.5);
    assert_eq!(tell(&mut turning, window(&settings)), Some(0.0));
    // A change soon after the last one is drawn at once, as is everything when it pauses.
    settings.rho = Some(0.6);
    assert_eq!(tell(&mut turning, window(&settings)), None);
    late.set(late.get() + 2 * TRAVEL);
    settings.rho = Some(0.7);
    assert_eq!(tell(&mut turning, window(&settings)), Some(0.0));
    assert_eq!(tell(&mut turning, Message::Key(Key::Char(' '))), None);
    late.set(late.get() + 2 * TRAVEL);
    settings.rho = Some(0.8);
    assert_eq!(tell(&mut turning, window(&settings)), None);
}

#[test]
fn with_still_the_curve_is_drawn_at_once() {
    let (mut turning, outbox) = started(Memory::default());
    turning.app.look.still = true;
    outbox.send(window(&Settings::default())).unwrap();
    turning.turn().unwrap();
    assert_eq!(turning.app.look.front, None);
}
