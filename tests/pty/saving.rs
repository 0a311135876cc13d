//! The files that the screen writes (settings, and the weights of a training) where the disk is full, where nothing
//! can be written, and where the program is killed: the old file or the new one, never half of one.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::session::{Launch, Session};

/// A file of the screen: what is started, what is typed to write it, and where it stands.
struct Kind {
    arguments: &'static str,
    /// Said when a run is over, before which nothing is typed.
    ready: &'static str,
    /// Changes what is written, and writes it.
    keys: &'static str,
    file: &'static str,
    /// Too little for it, in halves of a kilobyte. The settings of a training, its first file, fit.
    blocks: u32,
}

const KINDS: [Kind; 2] = [
    Kind {
        arguments: "noise",
        ready: "rnntop",
        keys: "m\x13",
        file: "rnntop/config.toml",
        blocks: 0,
    },
    Kind {
        arguments: "train adding --length 5 --hidden 24 --updates 2 --save w.safetensors --force --screen",
        ready: "done 2 of 2",
        keys: "s",
        file: "w.safetensors",
        blocks: 4,
    },
];

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

impl Kind {
    /// The program in a folder, and ready to write.
    fn start(&self, folder: &Path) -> Session {
        let session = self.start_after(":", folder);
        session.until(self.ready, |s| s.heard().shows(self.ready));
        session
    }

    /// The program in a folder, which is the home of its settings, too. `before` is done in the shell.
    fn start_after(&self, before: &str, folder: &Path) -> Session {
        let home = folder.display();
        let arguments = self.arguments;
        let script = format!("cd '{home}'; {before}; exec \"$RNNTOP\" {arguments}");
        let launch = Launch::shell(&script).env("XDG_CONFIG_HOME", &home.to_string());
        launch.size(200, 40).start().ready()
    }

    fn names(&self, folder: &Path) -> Vec<String> {
        let file = folder.join(self.file);
        let entries = fs::read_dir(file.parent().unwrap()).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// Writes the file for the first time; its content.
    fn write(&self, folder: &Path) -> Vec<u8> {
        let mut session = self.start(folder);
        let file = folder.join(self.file);
        let _ = fs::remove_file(&file);
        session.types(self.keys);
        session.until("the file", |_| file.exists());
        session.types("q");
        session.ends_with(0);
        fs::read(&file).unwrap()
    }

    fn is_whole(&self, content: &[u8]) -> bool {
        if self.file == "w.safetensors" {
            return safetensors::SafeTensors::deserialize(content).is_ok();
        }
        let text = String::from_utf8_lossy(content);
        text.ends_with('\n')
            && toml::from_str::<toml::Table>(&text).is_ok_and(|settings| settings.len() == 6)
    }
}

#[test]
fn a_full_disk_leaves_what_the_screen_had_written() {
    for kind in KINDS {
        let folder = folder("saving-full");
        let before = kind.write(&folder);
        let names = kind.names(&folder);
        let full = format!("trap '' XFSZ; ulimit -f {}", kind.blocks);
        let mut session = kind.start_after(&full, &folder);
        session.types(kind.keys);
        session.until("a sentence", |s| s.heard().shows("cannot be written"));
        session.types("\x03");
        session.end();
        session.assert_restored();
        assert_eq!(fs::read(folder.join(kind.file)).unwrap(), before);
        assert_eq!(kind.names(&folder), names, "something was left");
    }
}

/// A page that is explained is never written over another file.
#[test]
fn a_page_is_written_whole_or_not_at_all() {
    let folder = folder("saving-page");
    let file = folder.join("page.tex");
    let start = |before: &str| {
        let home = folder.display();
        let script = format!("cd '{home}'; {before}; exec \"$RNNTOP\" noise");
        let mut session = Launch::shell(&script).size(200, 40).start().ready();
        session.types("8");
        session.until("a page", |s| s.heard().shows("the chain over"));
        session.types("spage.tex\r");
        session
    };
    let mut session = start("trap '' XFSZ; ulimit -f 0");
    session.until("a sentence", |s| s.heard().shows("cannot be written"));
    session.types("\x03");
    session.end();
    session.assert_restored();
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
    let is_whole = || {
        fs::read_to_string(&file)
            .unwrap()
            .ends_with("\\end{document}\n")
    };
    let mut session = start(":");
    while fs::read_dir(&folder).unwrap().count() == 0 {}
    session.kill(Signal::KILL);
    session.end();
    assert!(!file.exists() || is_whole());
    let _ = fs::remove_file(&file);
    let mut session = start(":");
    session.until("the page", |_| file.exists());
    session.types("q");
    session.ends_with(0);
    assert!(is_whole());
}

/// Nobody, not even root, can make a folder in this one.
#[test]
fn settings_for_which_no_folder_can_be_made_are_a_sentence() {
    let launch = Launch::rnntop().env("XDG_CONFIG_HOME", "/proc");
    let mut session = launch.size(200, 40).start().ready();
    session.types("\x13");
    session.until("a sentence", |s| {
        s.heard().shows("/proc/rnntop: cannot be written")
    });
    session.types("q");
    session.ends_with(0);
    session.assert_restored();
}

/// Killed while it writes one file after the other, a little later each time.
#[test]
fn kill_leaves_what_the_screen_writes_old_or_whole() {
    for kind in KINDS {
        let folder = folder("saving-killed");
        kind.write(&folder);
        let file = folder.join(kind.file);
        for turns in 0..6 {
            let mut session = kind.start(&folder);
            let old = fs::read(&file).unwrap();
            let stamp = || fs::metadata(&file).unwrap().modified().unwrap();
            let begun = stamp();
            session.types(&kind.keys.repeat(40));
            let start = Instant::now();
            while stamp() == begun && start.elapsed() < Duration::from_secs(30) {}
            assert_ne!(stamp(), begun, "nothing is written");
            for _ in 0..turns * 40 {
                std::thread::yield_now();
            }
            session.kill(Signal::KILL);
            session.end();
            let content = fs::read(&file).unwrap();
            assert!(content == old || kind.is_whole(&content), "half of a file");
        }
    }
}
