//! Hours of use, without the waiting: random keys, sizes, presets and steps through the real state,
//! the real worker and the real drawing.
//!
//! Nothing may panic; memory must stay flat; what a terminal shows must be what was drawn; and the
//! numbers must not drift: a window that was reached step by step, under the eyes of a user who
//! looks at everything, equals one that a fresh simulation computes, to the last bit.
//!
//! Some seconds here are thousands of steps. `RNNTOP_SOAK_SECONDS=3600` soaks for an hour.

// The helpers of tests are tests, too.
#![allow(clippy::unwrap_used)]

use std::cell::RefCell;
use std::io::{self, Write};
use std::num::NonZeroU16;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use ratatui::backend::{Backend, CrosstermBackend, TestBackend};
use ratatui::layout::Rect;
use ratatui::{Terminal, TerminalOptions, Viewport};
use rnntop::app;
use rnntop::app::keys::{self, Key};
use rnntop::app::popup::Popup;
use rnntop::app::{Action, App, Effect};
use rnntop::flow::{Flow, Question};
use rnntop::num::Wide;
use rnntop::sim::{Ask, Command, Data, Settings, Side, Simulation, Snapshot};
use rnntop::ui::look::Depth;

#[allow(dead_code, reason = "other tests use the rest")]
#[path = "all/common/live.rs"]
mod live;

use live::Live;

/// How long to soak when nothing is said.
const SECONDS: u64 = 6;
/// So many windows are compared at least.
const ENOUGH: usize = 3;
/// Memory may differ by this much between the middle and the end.
const SLACK: usize = 24 << 20;
/// A window of more work than this is left for one of a preset: the soak is about many windows.
const LARGEST: usize = 400 * 64 * 64;

#[test]
fn hours_of_use_leave_no_trace() {
    let seconds = std::env::var("RNNTOP_SOAK_SECONDS").ok();
    let seconds = seconds.map_or(SECONDS, |s| s.parse().expect("a number of seconds"));
    let (begin, length) = (Instant::now(), Duration::from_secs(seconds));
    let mut user = User::new();
    let mut middle = None;
    // A machine that does other things too is given the time that it needs.
    while begin.elapsed() < length || user.compared < ENOUGH {
        user.plays();
        user.watches();
        if begin.elapsed() > length / 2 && middle.is_none() {
            middle = resident();
        }
    }
    println!(
        "{} steps, {} pictures, {} windows compared, {:?} bytes resident",
        user.steps,
        user.pictures,
        user.compared,
        resident()
    );
    if let (Some(middle), Some(end)) = (middle, resident()) {
        let grown = end.saturating_sub(middle);
        assert!(
            grown < SLACK,
            "{grown} bytes more after {} steps",
            user.steps
        );
    }
}

/// Somebody at the keyboard, and what is before them.
struct User {
    rng: StdRng,
    live: Live,
    canvas: Terminal<TestBackend>,
    glass: Glass,
    terminal: Terminal<CrosstermBackend<Glass>>,
    /// Whether the run that is being watched is still the one that was begun.
    undisturbed: bool,
    steps: usize,
    pictures: usize,
    compared: usize,
}

impl User {
    fn new() -> Self {
        let (glass, terminal) = glass(120, 40);
        Self {
            rng: StdRng::seed_from_u64(11),
            live: Live::new("why", Depth::Rgb),
            canvas: Terminal::new(TestBackend::new(120, 40)).unwrap(),
            glass,
            terminal,
            undisturbed: false,
            steps: 0,
            pictures: 0,
            compared: 0,
        }
    }

    /// Presses anything, with steps and sizes in between.
    fn plays(&mut self) {
        for _ in 0..40 {
            for _ in 0..self.rng.random_range(0..8) {
                let key = any_key(&self.live.app, &mut self.rng);
                self.press(key);
            }
            if self.live.app.sim.running {
                self.steps_forward();
            }
            if self.rng.random_bool(0.1) {
                self.resizes();
            }
            self.looks();
        }
    }

    /// Starts a run and follows it, looking at everything and changing nothing; then compares.
    fn watches(&mut self) {
        self.begins_anew();
        for _ in 0..self.rng.random_range(1..60) {
            self.steps_forward();
            if self.rng.random_bool(0.3) {
                let key = any_key(&self.live.app, &mut self.rng);
                self.press(key);
            }
            self.looks();
            if !self.undisturbed {
                return;
            }
        }
        compare(&self.live.snapshot());
        self.compared += 1;
    }

    fn begins_anew(&mut self) {
        // Nothing is typed or read over.
        for _ in 0..3 {
            self.act(Action::Back);
        }
        self.live.tell(self.live.app.start_command());
        self.live.tell(Command::Rewind);
        let first = self.live.snapshot();
        self.undisturbed = first.settings == self.live.app.sim.settings
            && first.now == first.settings.steps as u64;
    }

    fn steps_forward(&mut self) {
        self.live.step();
        self.steps += 1;
    }

    fn press(&mut self, key: Key) {
        if let Some(action) = keys::action(&self.live.app, key) {
            self.act(action);
        }
    }

    /// What the loop does with an action, except that nothing waits for a clock.
    fn act(&mut self, action: Action) {
        // Leaving would end the soak.
        if matches!(action, Action::Back | Action::Quit) && self.live.app.popup.is_none() {
            return;
        }
        match self.live.app.update(action) {
            Effect::Send(command) => self.send(command),
            Effect::SendAll(commands) => {
                for command in commands {
                    self.send(command);
                }
            }
            Effect::Redraw => self.takes_terminal(),
            _ => {}
        }
    }

    fn send(&mut self, command: Command) {
        match &command {
            // Steps are taken here, as fast as they come.
            Command::Run(_) => return,
            Command::Set { settings, .. } => {
                self.undisturbed &= **settings == self.live.snapshot().settings;
                if work(settings) > LARGEST {
                    let presets = &self.live.app.presets;
                    let entry = self.rng.random_range(0..presets.len());
                    self.live.app.sim.settings = presets[entry].settings.clone();
                    return self.live.tell(self.live.app.start_command());
                }
            }
            // A study changes nothing of the window.
            Command::Study(_) => {}
            _ => self.undisturbed = false,
        }
        self.live.tell(command);
    }

    fn resizes(&mut self) {
        let sizes = [(40, 12), (60, 16), (80, 24), (120, 40), (200, 60)];
        let (width, height) = if self.rng.random_bool(0.5) {
            sizes[self.rng.random_range(0..sizes.len())]
        } else {
            (self.rng.random_range(1..220), self.rng.random_range(1..70))
        };
        self.canvas = Terminal::new(TestBackend::new(width, height)).unwrap();
        self.takes_terminal();
    }

    fn takes_terminal(&mut self) {
        let area = self.canvas.backend().buffer().area;
        (self.glass, self.terminal) = glass(area.width, area.height);
    }

    /// Draws, and compares the text that a terminal shows with what was drawn.
    fn looks(&mut self) {
        self.pictures += 1;
        let app = &self.live.app;
        self.canvas.draw(|frame| app::draw(frame, app)).unwrap();
        self.terminal.draw(|frame| app::draw(frame, app)).unwrap();
        let drawn = self.canvas.backend().buffer();
        let shown = self.glass.0.borrow();
        for position in drawn.area.positions() {
            let cell = shown.screen().cell(position.y, position.x).unwrap();
            let text = match cell.contents() {
                "" => " ",
                text => text,
            };
            assert_eq!(text, drawn[position].symbol(), "at {position}");
        }
    }
}

/// Any key of the table, and plausible values where one is typed.
fn any_key(app: &App, rng: &mut StdRng) -> Key {
    if matches!(app.popup, Some(Popup::Input { .. })) && rng.random_bool(0.6) {
        let typed = ['0', '1', '2', '9', '.', '-', 'e', ':', 'n', 'o', 'f', ' '];
        return Key::Char(typed[rng.random_range(0..typed.len())]);
    }
    let rows = keys::table().count();
    let binding = keys::table().nth(rng.random_range(0..rows)).unwrap();
    let act = &binding.acts[rng.random_range(0..binding.acts.len())];
    let default = act.keys.first().copied();
    default.unwrap_or(Key::Esc)
}

fn work(settings: &Settings) -> usize {
    settings.steps * settings.hidden * (settings.hidden + settings.inputs)
}

/// The same window from a simulation that knows nothing of what came before.
fn compare(shown: &Snapshot) {
    let mut fresh = Simulation::new(shown.settings.clone(), Arc::new(Data::default())).unwrap();
    while fresh.now() < shown.now {
        assert!(fresh.forward().unwrap());
    }
    let ask = Ask {
        cuts: shown.cuts,
        alone: shown.question == Question::Alone,
        without: shown.question == Question::Without,
    };
    for side in Side::BOTH {
        let flow = shown.flow(side);
        let computed = fresh.flow(side, ask, &mut |_| true).unwrap();
        assert!(
            bits(&computed) == bits(flow),
            "the {} drifted by step {} under {:?}",
            flow.cell.name(),
            shown.now,
            shown.settings
        );
    }
}

/// Every curve of a flow, as log10, to the last bit.
fn bits(flow: &Flow) -> Vec<u64> {
    let logs = |curve: &[Wide]| -> Vec<u64> { curve.iter().map(|w| w.log10().to_bits()).collect() };
    let mut all = [logs(&flow.totals.grad_h), logs(&flow.totals.grad_c)].concat();
    for path in &flow.paths {
        all.extend(logs(&path.share));
        all.extend(logs(&path.alone));
        all.extend(path.contribution.iter().map(|x| x.to_bits()));
        let without = path.without.as_ref();
        all.extend(without.map_or_else(Vec::new, |totals| logs(totals.main())));
    }
    for gate in &flow.gates {
        all.extend(gate.mean.iter().map(|x| x.to_bits()));
    }
    all.extend(logs(&[flow.loss, flow.clipping.before]));
    all
}

/// A terminal's screen.
#[derive(Clone)]
struct Glass(Rc<RefCell<vt100::Parser>>);

impl Write for Glass {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().process(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn glass(width: u16, height: u16) -> (Glass, Terminal<CrosstermBackend<Glass>>) {
    let size = |n| NonZeroU16::new(n).unwrap();
    let parser = vt100::Parser::new(size(height), size(width), 0);
    let glass = Glass(Rc::new(RefCell::new(parser)));
    let mut backend = CrosstermBackend::new(glass.clone());
    backend.clear().unwrap();
    let viewport = Viewport::Fixed(Rect::new(0, 0, width, height));
    let terminal = Terminal::with_options(backend, TerminalOptions { viewport });
    (glass, terminal.unwrap())
}

/// Bytes of resident memory, where the system tells.
fn resident() -> Option<usize> {
    let pages = std::fs::read_to_string("/proc/self/statm").ok()?;
    let resident: usize = pages.split(' ').nth(1)?.parse().ok()?;
    Some(resident * 4096)
}
