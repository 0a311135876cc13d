//! A program in a pseudo-terminal: what it writes, what its screen shows, what it left behind.

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::{self, JoinHandle, sleep};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};
use vt100::{MouseProtocolMode, Parser};

/// Far more than anything takes on a machine that is merely busy.
const PATIENCE: Duration = Duration::from_secs(30);

/// Bits of `c_lflag` on Linux.
const ICANON: u32 = 0o2;
const ECHO: u32 = 0o10;

/// What to start, where.
pub struct Launch {
    command: CommandBuilder,
    columns: u16,
    rows: u16,
}

impl Launch {
    /// rnntop itself, in an 80x24 xterm on the local machine whose background is known.
    pub fn rnntop() -> Self {
        Self::program(PROGRAM)
    }

    /// A shell that runs this script, with `$RNNTOP` for rnntop. The shell leads the session and
    /// rnntop is its child.
    pub fn shell(script: &str) -> Self {
        let mut launch = Self::program("/bin/sh");
        launch.command.args(["-c", script]);
        launch.env("RNNTOP", PROGRAM)
    }

    /// rnntop as the job of a shell with job control, as people start it: in a process group of its
    /// own, which is not the one that leads the session. When it has stopped, Enter is `fg`.
    pub fn job(arguments: &str) -> Self {
        Self::shell(&format!(
            "set -m; \"$RNNTOP\" {arguments}; s=$?
             while [ $s -gt 128 ]; do read line; fg > /dev/null; s=$?; done; exit $s"
        ))
    }

    /// Another program.
    pub fn program(name: &str) -> Self {
        let mut command = CommandBuilder::new(name);
        command.env_clear();
        command.cwd(env!("CARGO_TARGET_TMPDIR"));
        for (name, value) in [
            ("PATH", "/usr/local/bin:/usr/bin:/bin"),
            ("TERM", "xterm-256color"),
            ("LANG", "C.UTF-8"),
            ("COLORFGBG", "15;0"),
            // Whoever runs the tests may have keys and settings of their own.
            ("XDG_CONFIG_HOME", "/nonexistent"),
        ] {
            command.env(name, value);
        }
        Self {
            command,
            columns: 80,
            rows: 24,
        }
    }

    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    pub fn args(mut self, arguments: &[&str]) -> Self {
        self.command.args(arguments);
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    pub fn size(mut self, columns: u16, rows: u16) -> Self {
        (self.columns, self.rows) = (columns, rows);
        self
    }

    pub fn start(self) -> Session {
        let pair = native_pty_system()
            .openpty(size(self.columns, self.rows))
            .unwrap();
        let child = pair.slave.spawn_command(self.command).unwrap();
        let watched = child.process_id().unwrap();
        let heard = Arc::new(Mutex::new(Heard {
            bytes: Vec::new(),
            parser: Parser::new(emulated(self.rows), emulated(self.columns), 0),
        }));
        let deaf = Arc::new(AtomicBool::new(false));
        let reader = listen(
            pair.master.try_clone_reader().unwrap(),
            Arc::clone(&heard),
            Arc::clone(&deaf),
        );
        Session {
            keyboard: Some(pair.master.take_writer().unwrap()),
            master: Some(pair.master),
            child,
            watched,
            heard,
            deaf,
            reader: Some(reader),
        }
    }
}

const PROGRAM: &str = env!("CARGO_BIN_EXE_rnntop");

fn size(columns: u16, rows: u16) -> PtySize {
    PtySize {
        rows,
        cols: columns,
        pixel_width: 0,
        pixel_height: 0,
    }
}

/// The emulator is no larger than a screen, whatever the program is told.
fn emulated(n: u16) -> NonZeroU16 {
    NonZeroU16::new(n.min(500)).unwrap_or(NonZeroU16::MIN)
}

/// Reads the terminal's side until the program's side is closed or nobody wants to hear more.
fn listen(
    mut reader: Box<dyn Read + Send>,
    heard: Arc<Mutex<Heard>>,
    deaf: Arc<AtomicBool>,
) -> JoinHandle<()> {
    thread::spawn(move || {
        let mut chunk = vec![0; 1 << 16];
        while let Ok(length @ 1..) = reader.read(&mut chunk) {
            let mut heard = heard.lock().unwrap();
            heard.bytes.extend_from_slice(&chunk[..length]);
            heard.parser.process(&chunk[..length]);
            if deaf.load(Ordering::SeqCst) {
                return;
            }
        }
    })
}

/// What has come out of the program so far.
pub struct Heard {
    bytes: Vec<u8>,
    parser: Parser,
}

impl Heard {
    /// Everything, as it came.
    pub fn stream(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    pub fn length(&self) -> usize {
        self.bytes.len()
    }

    pub fn screen(&self) -> &vt100::Screen {
        self.parser.screen()
    }

    pub fn shows(&self, text: &str) -> bool {
        self.screen().contents().contains(text)
    }
}

/// A running program and its terminal.
pub struct Session {
    master: Option<Box<dyn MasterPty + Send>>,
    keyboard: Option<Box<dyn Write + Send>>,
    child: Box<dyn Child + Send + Sync>,
    /// The process that is looked at and gets signals: the child, or the job that it started.
    watched: u32,
    heard: Arc<Mutex<Heard>>,
    deaf: Arc<AtomicBool>,
    reader: Option<JoinHandle<()>>,
}

impl Session {
    pub fn heard(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().unwrap()
    }

    /// Waits until the first picture stands.
    pub fn ready(self) -> Self {
        self.until("the first picture", |s| {
            let heard = s.heard();
            heard.screen().alternate_screen() && heard.shows("rnntop")
        });
        self
    }

    /// Waits for something, and fails the test when it does not come.
    pub fn until(&self, what: &str, happened: impl Fn(&Self) -> bool) {
        let start = Instant::now();
        while !happened(self) {
            let screen = self.heard().screen().contents();
            assert!(
                start.elapsed() < PATIENCE && self.process().0 != 'Z',
                "waited in vain for {what}; the screen shows:\n{screen}"
            );
            sleep(Duration::from_millis(1));
        }
    }

    /// Waits until nothing has been written for a second; how much had been by then.
    pub fn quiet(&self) -> usize {
        let start = Instant::now();
        let mut length = self.heard().length();
        loop {
            sleep(Duration::from_secs(1));
            let now = self.heard().length();
            if now == length {
                return now;
            }
            length = now;
            assert!(start.elapsed() < PATIENCE, "it never stops writing");
        }
    }

    /// Another writer of keys, for a thread of its own.
    pub fn keyboard(&mut self) -> Box<dyn Write + Send> {
        self.keyboard.take().unwrap()
    }

    pub fn types(&mut self, keys: &str) {
        let keyboard = self.keyboard.as_mut().unwrap();
        keyboard.write_all(keys.as_bytes()).unwrap();
        keyboard.flush().unwrap();
    }

    /// Types keys and leaves the program the time to tell a lone Escape from the beginning of a sequence.
    pub fn types_slowly(&mut self, keys: &str) {
        self.types(keys);
        sleep(Duration::from_millis(20));
    }

    pub fn resize(&self, columns: u16, rows: u16) {
        let master = self.master.as_ref().unwrap();
        // A screen of a single cell is too small for the emulator, not for the program.
        let (height, width) = (emulated(rows.max(10)), emulated(columns.max(20)));
        self.heard().parser.screen_mut().set_size(height, width);
        master.resize(size(columns, rows)).unwrap();
    }

    pub fn id(&self) -> u32 {
        self.watched
    }

    /// From now on looks at the one process that the child started.
    pub fn watch_job(mut self) -> Self {
        let id = self.watched;
        let list = format!("/proc/{id}/task/{id}/children");
        let children = std::fs::read_to_string(list).unwrap();
        self.watched = children.trim().parse().unwrap();
        self
    }

    pub fn kill(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.id()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    /// The path of the terminal, for `stty`.
    pub fn tty(&self) -> PathBuf {
        self.master.as_ref().unwrap().tty_name().unwrap()
    }

    /// Whether the terminal edits lines and echoes, as a shell needs it.
    pub fn is_cooked(&self) -> bool {
        let modes = self.master.as_ref().unwrap().get_termios().unwrap();
        let local = modes.local_flags.bits();
        local & ICANON != 0 && local & ECHO != 0
    }

    pub fn is_raw(&self) -> bool {
        let modes = self.master.as_ref().unwrap().get_termios().unwrap();
        modes.local_flags.bits() & (ICANON | ECHO) == 0
    }

    /// The process's state and its time on the processor in ticks, from `/proc`.
    pub fn process(&self) -> (char, u64) {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.id())).unwrap();
        let after_name = &stat[stat.rfind(')').unwrap() + 2..];
        let fields: Vec<&str> = after_name.split(' ').collect();
        let ticks = |i: usize| fields[i].parse::<u64>().unwrap();
        (fields[0].chars().next().unwrap(), ticks(11) + ticks(12))
    }

    /// A line of the process's memory from `/proc`, in bytes: `VmRSS` for what it has, `VmHWM` for the most that
    /// it has had.
    pub fn memory(&self, name: &str) -> usize {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with(name));
        let kilobytes = line.unwrap().split_whitespace().nth(1).unwrap();
        kilobytes.parse::<usize>().unwrap() << 10
    }

    pub fn is_alive(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits for the end and for the last of the output.
    pub fn end(&mut self) -> ExitStatus {
        let start = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            let screen = self.heard().screen().contents();
            assert!(
                start.elapsed() < PATIENCE,
                "it does not end; the screen shows:\n{screen}"
            );
            sleep(Duration::from_millis(10));
        };
        if let Some(reader) = self
            .reader
            .take()
            .filter(|_| !self.deaf.load(Ordering::SeqCst))
        {
            reader.join().unwrap();
        }
        status
    }

    /// Waits for the end, which must come with this exit status and not by a signal.
    pub fn ends_with(&mut self, code: u32) {
        let status = self.end();
        let screen = self.heard().screen().contents();
        assert_eq!(status.signal(), None, "{screen}");
        assert_eq!(status.exit_code(), code, "{screen}");
    }

    /// Asserts that the terminal is as a shell expects it.
    pub fn assert_restored(&self) {
        assert!(self.is_cooked(), "raw mode is still on");
        let heard = self.heard();
        let screen = heard.screen();
        assert!(
            !screen.alternate_screen(),
            "the alternate screen is still on"
        );
        assert!(!screen.hide_cursor(), "the cursor is still hidden");
        assert!(!screen.bracketed_paste(), "bracketed paste is still on");
        assert_eq!(screen.mouse_protocol_mode(), MouseProtocolMode::None);
        let stream = heard.stream();
        let last = |sequence| stream.rfind(sequence);
        assert!(
            last("\x1b[?2026h") < last("\x1b[?2026l"),
            "a frame is still open"
        );
    }

    /// Stops reading, so that the terminal accepts nothing any more once its buffer is full. The
    /// reader may take one more piece.
    pub fn falls_silent(&mut self) {
        self.deaf.store(true, Ordering::SeqCst);
    }

    /// The connection is lost: the terminal's side of the pair is closed.
    pub fn hang_up(&mut self) {
        self.deaf.store(true, Ordering::SeqCst);
        // The reader holds the pair open until it has read something more.
        let mut columns = 90;
        while self.reader.as_ref().is_some_and(|r| !r.is_finished()) {
            columns = if columns == 90 { 91 } else { 90 };
            self.resize(columns, 30);
            sleep(Duration::from_millis(50));
        }
        // What it draws upon that must not be what meets the closed terminal.
        sleep(Duration::from_millis(500));
        self.keyboard = None;
        self.master = None;
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}
