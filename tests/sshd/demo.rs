//! A public demo behind a real sshd on the loopback: `ForceCommand rnntop --read-only`.
//!
//! The server has a port, a host key and a configuration of its own in a temporary folder; the
//! system's are not touched. Where `sshd`, `ssh` or `ssh-keygen` is missing, these tests are counted
//! as ignored, and the gate lets none be ignored.

use std::fmt::Write as _;
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::session::{Launch, Session};
use libtest_mimic::Trial;

/// A server and what a client needs for it.
struct Server {
    process: Child,
    port: u16,
    folder: tempfile::TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The path of a program, where there is one.
pub fn program(name: &str) -> Option<PathBuf> {
    let folders = ["/usr/sbin", "/usr/local/sbin", "/usr/bin", "/usr/local/bin"];
    let mut paths = folders.iter().map(|folder| Path::new(folder).join(name));
    paths.find(|path| path.is_file())
}

/// Makes a pair of keys.
fn key(path: &Path) {
    let made = Command::new(program("ssh-keygen").unwrap())
        .args(["-q", "-t", "ed25519", "-N", "", "-f"])
        .arg(path)
        .status();
    assert!(made.unwrap().success());
}

/// Starts a server that answers with this command only.
fn server(command: &str) -> Server {
    let root = rustix::process::getuid().is_root();
    if root && !Path::new("/run/sshd").is_dir() {
        // An empty folder for the separation of privileges, which init scripts make at each start.
        fs::create_dir_all("/run/sshd").unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    key(&place("host"));
    key(&place("user"));
    fs::copy(place("user.pub"), place("authorized")).unwrap();
    // Given free by the system; whoever takes it meanwhile makes the server end, which is noticed.
    let port = {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        free.local_addr().unwrap().port()
    };
    let mut config = String::new();
    for (name, value) in [
        ("Port", port.to_string()),
        ("ListenAddress", "127.0.0.1".to_owned()),
        ("HostKey", place("host").display().to_string()),
        (
            "AuthorizedKeysFile",
            place("authorized").display().to_string(),
        ),
        ("PidFile", "none".to_owned()),
        ("StrictModes", "no".to_owned()),
        ("UsePAM", "no".to_owned()),
        ("PasswordAuthentication", "no".to_owned()),
        ("KbdInteractiveAuthentication", "no".to_owned()),
        ("PermitRootLogin", "prohibit-password".to_owned()),
        ("PrintMotd", "no".to_owned()),
        ("PrintLastLog", "no".to_owned()),
        // From here on as in the README.
        ("ForceCommand", command.to_owned()),
        ("PermitTTY", "yes".to_owned()),
        ("PermitUserRC", "no".to_owned()),
        ("DisableForwarding", "yes".to_owned()),
        ("MaxSessions", "1".to_owned()),
    ] {
        writeln!(config, "{name} {value}").unwrap();
    }
    fs::write(place("config"), config).unwrap();
    let mut process = Command::new(program("sshd").unwrap())
        .args(["-D", "-e", "-f"])
        .arg(place("config"))
        .stdin(Stdio::null())
        .stderr(fs::File::create(place("log")).unwrap())
        .spawn()
        .unwrap();
    let start = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        if process.try_wait().unwrap().is_some() {
            let log = fs::read_to_string(place("log")).unwrap();
            panic!("sshd does not start: {}", log.trim());
        }
        assert!(start.elapsed() < Duration::from_secs(30), "sshd listens");
        sleep(Duration::from_millis(20));
    }
    Server {
        process,
        port,
        folder,
    }
}

impl Server {
    /// A client in a terminal, which asks for this command.
    fn client(&self, command: &str) -> Session {
        self.client_of(command, 80, 24)
    }

    /// A client that says how large its terminal is.
    fn client_of(&self, command: &str, columns: u16, rows: u16) -> Session {
        let user = self.folder.path().join("user");
        fs::set_permissions(&user, fs::Permissions::from_mode(0o600)).unwrap();
        let (user, port) = (user.display().to_string(), self.port.to_string());
        let name = rustix::process::getuid();
        let name = fs::read_to_string("/etc/passwd")
            .unwrap()
            .lines()
            .find_map(|line| {
                let mut fields = line.split(':');
                let user = fields.next()?.to_owned();
                (fields.nth(1)? == name.as_raw().to_string()).then_some(user)
            });
        let mut arguments = vec!["-tt", "-F", "none", "-i", &user, "-p", &port];
        for option in [
            "StrictHostKeyChecking=no",
            "UserKnownHostsFile=/dev/null",
            "IdentitiesOnly=yes",
            "LogLevel=ERROR",
        ] {
            arguments.extend(["-o", option]);
        }
        let address = format!("{}@127.0.0.1", name.unwrap());
        arguments.push(&address);
        if !command.is_empty() {
            arguments.push(command);
        }
        Launch::program(program("ssh").unwrap().to_str().unwrap())
            .args(&arguments)
            .size(columns, rows)
            .start()
    }

    /// The processes below the server's own.
    fn descendants(&self) -> Vec<u32> {
        let mut found = vec![self.process.id()];
        let mut at = 0;
        while at < found.len() {
            let id = found[at];
            let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children"));
            let children = children.unwrap_or_default();
            found.extend(
                children
                    .split_whitespace()
                    .filter_map(|c| c.parse::<u32>().ok()),
            );
            at += 1;
        }
        found
    }

    /// Those of them that are rnntop.
    fn rnntops(&self) -> Vec<u32> {
        let program = Path::new(env!("CARGO_BIN_EXE_rnntop"));
        let is_ours =
            |id: &u32| fs::read_link(format!("/proc/{id}/exe")).is_ok_and(|p| p == program);
        self.descendants().into_iter().filter(is_ours).collect()
    }
}

fn command(options: &str) -> String {
    format!("{} --read-only {options}", env!("CARGO_BIN_EXE_rnntop"))
}

fn a_demo_shows_the_screen_whatever_was_asked_for_and_gives_no_shell() {
    let server = server(&command(""));
    // The server starts what it is told to start, not what the client asks for.
    let mut session = server.client("sh -c 'echo a shell'").ready();
    assert!(!session.heard().shows("a shell"));
    session.until("the process", |_| server.rnntops().len() == 1);
    let id = server.rnntops()[0];

    // Ctrl-Z must not stop it, because nothing could continue it.
    session.types("\x1a");
    session.until("a sentence", |s| s.heard().shows("suspending is off here"));
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap();
    assert!(!stat.contains(") T "), "{stat}");
    session.types("\x13");
    session.until("a sentence", |s| s.heard().shows("saving is off here"));

    // Resizing comes through, and it works by keys.
    session.resize(120, 40);
    session.until("the larger screen", |s| s.heard().shows("numbers"));
    session.types(":orthogonal\r");
    session.until("the preset", |s| s.heard().shows("rnntop ▸ orthogonal"));
    session.types("q");
    session.ends_with(0);
    session.assert_restored();
}

fn a_demo_ends_when_idle_and_tells_the_user() {
    let server = server(&command("--idle-timeout 2"));
    let mut session = server.client("").ready();
    session.ends_with(0);
    session.assert_restored();
    assert!(session.heard().stream().contains("no key for 2 s"));
}

fn a_lost_client_leaves_no_process_behind() {
    let server = server(&command(""));
    let mut session = server.client("").ready();
    session.until("the process", |_| server.rnntops().len() == 1);
    session.kill(rustix::process::Signal::KILL);
    session.end();
    assert!(gone(&server), "it is still there");
}

/// The most memory that a process has had so far, in kilobytes.
fn peak(id: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let number = line.unwrap().split_whitespace().nth(1).unwrap();
    number.parse().unwrap()
}

fn a_demo_bears_any_size_and_any_flood() {
    let server = server(&command(""));
    let mut session = server.client_of("", 20_000, 20_000);
    session.until("a picture", |s| s.heard().stream().contains("\x1b[?2026l"));
    session.until("the process", |_| server.rnntops().len() == 1);
    let id = server.rnntops()[0];
    session.resize(65_000, 65_000);
    for flood in ["rR".repeat(2_000), "\x1b[1;".repeat(100_000)] {
        session.types(&flood);
    }
    assert!(peak(id) < 300_000, "{} kB", peak(id));
    session.resize(80, 24);
    session.types("\x03");
    session.ends_with(0);
    assert!(gone(&server));
}

fn gone(server: &Server) -> bool {
    let start = Instant::now();
    while !server.rnntops().is_empty() {
        if start.elapsed() > Duration::from_secs(30) {
            return false;
        }
        sleep(Duration::from_millis(20));
    }
    true
}

fn a_client_that_is_stopped_does_not_hold_its_session() {
    let server = server(&command("--idle-timeout 3 --limit-time 20"));
    let session = server.client("").ready();
    session.until("the process", |_| server.rnntops().len() == 1);
    session.kill(rustix::process::Signal::STOP);
    assert!(gone(&server), "it is still there");
}

pub fn trials() -> Vec<Trial> {
    let missing = ["sshd", "ssh", "ssh-keygen"].map(|name| program(name).is_none());
    let missing = missing.contains(&true);
    let tests: [(&str, fn()); 5] = [
        (
            "a_demo_bears_any_size_and_any_flood",
            a_demo_bears_any_size_and_any_flood,
        ),
        (
            "a_client_that_is_stopped_does_not_hold_its_session",
            a_client_that_is_stopped_does_not_hold_its_session,
        ),
        (
            "a_demo_shows_the_screen_whatever_was_asked_for_and_gives_no_shell",
            a_demo_shows_the_screen_whatever_was_asked_for_and_gives_no_shell,
        ),
        (
            "a_demo_ends_when_idle_and_tells_the_user",
            a_demo_ends_when_idle_and_tells_the_user,
        ),
        (
            "a_lost_client_leaves_no_process_behind",
            a_lost_client_leaves_no_process_behind,
        ),
    ];
    let trials = tests.map(|(name, test)| {
        let run = move || {
            test();
            Ok(())
        };
        Trial::test(name, run).with_ignored_flag(missing)
    });
    trials.into()
}
