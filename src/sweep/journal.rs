//! The windows that are done, in a file that only grows, so that a sweep that was interrupted goes on.
//!
//! The file begins with what is swept ([`draft::write`](super::draft::write)), each line behind a `#`.
//! Then every window has a line, in the order in which they were done:
//!
//! ```text
//! WINDOW FACTOR LOG10_GROWTH LYAPUNOV CAUSE CHECKSUM
//! ```
//!
//! A power cut may leave half a line, or garbage: from the first line that its checksum does not vouch for,
//! the file is cut off, and what stood there is computed again.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read as _, Seek as _, SeekFrom, Write};
use std::path::Path;

use super::{Done, Point};

/// No line is longer.
const LONGEST: u64 = 1000;

/// The file, open for more.
#[derive(Debug)]
pub struct Journal {
    file: File,
}

/// Why a file cannot be gone on with.
#[derive(Debug)]
pub enum Refusal {
    /// It is of another sweep: a line that is expected, and what stands there.
    Other(String, String),
    /// It cannot be read or written.
    Failed(io::Error),
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        Self::Failed(error)
    }
}

impl Journal {
    /// Begins a file, over an existing one.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn begin(path: &Path, text: &str) -> io::Result<Self> {
        let mut file = File::create(path)?;
        file.write_all(header(text).as_bytes())?;
        Ok(Self { file })
    }

    /// Goes on with a file, `done` being told of the windows that it has; begins one where there is none.
    ///
    /// # Errors
    /// It is of another sweep, or cannot be read or written.
    pub fn resume(path: &Path, text: &str, done: &mut dyn FnMut(Done)) -> Result<Self, Refusal> {
        let opened = OpenOptions::new().read(true).write(true).open(path);
        let mut file = match opened {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Self::begin(path, text)?);
            }
            opened => opened?,
        };
        let header = header(text);
        let mut there = Vec::new();
        (&mut file)
            .take(header.len() as u64)
            .read_to_end(&mut there)?;
        if there != header.as_bytes() {
            // A header that was torn is that of a sweep that had not begun.
            if header.as_bytes().starts_with(&there) {
                drop(file);
                return Ok(Self::begin(path, text)?);
            }
            let there = String::from_utf8_lossy(&there).into_owned();
            let mut lines = header.lines().zip(there.lines());
            let (expected, found) = lines.find(|(a, b)| a != b).unwrap_or_default();
            let plain = |line: &str| line.trim_start_matches(['#', ' ']).to_owned();
            return Err(Refusal::Other(plain(expected), plain(found)));
        }
        let mut good = header.len() as u64;
        let mut reader = BufReader::new(&mut file);
        let mut line = Vec::new();
        loop {
            line.clear();
            (&mut reader).take(LONGEST).read_until(b'\n', &mut line)?;
            let Some(found) = parse(&line) else { break };
            done(found);
            good += line.len() as u64;
        }
        file.set_len(good)?;
        file.seek(SeekFrom::Start(good))?;
        Ok(Self { file })
    }

    /// Adds windows.
    ///
    /// # Errors
    /// They cannot be written.
    pub fn add(&mut self, done: &[Done]) -> io::Result<()> {
        let lines: String = done.iter().map(line).collect();
        self.file.write_all(lines.as_bytes())
    }
}

fn header(text: &str) -> String {
    let lines = text.lines().map(|line| format!("# {line}\n"));
    lines.collect::<String>() + "\n"
}

/// A line with its checksum.
fn line(done: &Done) -> String {
    let words = format!("{} {}", done.window, done.point.texts().join(" "));
    format!("{words} {:08x}\n", crc32fast::hash(words.as_bytes()))
}

/// Reads a line; `None` when it is not whole.
fn parse(line: &[u8]) -> Option<Done> {
    let text = std::str::from_utf8(line).ok()?.strip_suffix('\n')?;
    let (words, sum) = text.rsplit_once(' ')?;
    if u32::from_str_radix(sum, 16).ok()? != crc32fast::hash(words.as_bytes()) {
        return None;
    }
    let parts: Vec<&str> = words.split(' ').collect();
    let [window, r, growth, exponent, why] = *parts.as_slice() else {
        return None;
    };
    Some(Done {
        window: window.parse().ok()?,
        point: Point::parse([r, growth, exponent, why])?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::{Path as Way, PathSet};
    use crate::sweep::Why;

    fn done(window: usize, r: f64) -> Done {
        let point = Point {
            factor_per_step: r,
            log10_growth: f64::NEG_INFINITY,
            lyapunov_max: -1.5e-300,
            why: Why::Paths(PathSet::of(&[Way::Block, Way::Input])),
        };
        Done { window, point }
    }

    /// Whatever the file was cut to, or had behind it, the whole lines are kept and what is added next is
    /// read.
    #[test]
    fn a_torn_line_is_dropped_and_the_rest_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.part");
        let text = "x = \"rho=1\"\ny = 2\n";
        let mut journal = Journal::begin(&path, text).unwrap();
        let all = [
            done(3, 0.1),
            done(0, f64::MIN_POSITIVE),
            done(12, 1.0 / 3.0),
        ];
        for done in [&all[..1], &all[1..]] {
            journal.add(done).unwrap();
        }
        let whole = std::fs::read(&path).unwrap();
        let ends: Vec<usize> = (0..whole.len()).filter(|&k| whole[k] == b'\n').collect();
        let head = header(text).len();
        for length in 0..=whole.len() {
            for garbage in [&b""[..], b"\0\0\0", b"7 0.5 0.1 0.1 none 12345678\n3 "] {
                let mut bytes = whole[..length].to_vec();
                if length >= head {
                    bytes.extend(garbage);
                }
                std::fs::write(&path, &bytes).unwrap();
                let mut found = Vec::new();
                let journal = Journal::resume(&path, text, &mut |done| found.push(done));
                let kept = ends
                    .iter()
                    .filter(|end| **end >= head && **end < length)
                    .count();
                assert_eq!(found, all[..kept], "{length} {garbage:?}");
                journal.unwrap().add(&[done(5, 7.0)]).unwrap();
                found.clear();
                Journal::resume(&path, text, &mut |done| found.push(done)).unwrap();
                assert_eq!(found.last(), Some(&done(5, 7.0)));
                assert_eq!(found.len(), kept + 1);
            }
        }
    }

    #[test]
    fn a_file_of_another_sweep_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.part");
        Journal::begin(&path, "a = 1\nb = 2\n").unwrap();
        let before = std::fs::read(&path).unwrap();
        match Journal::resume(&path, "a = 1\nb = 3\n", &mut |_| {}) {
            Err(Refusal::Other(expected, found)) => {
                assert_eq!((expected.as_str(), found.as_str()), ("b = 3", "b = 2"));
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(std::fs::read(&path).unwrap(), before);
    }
}
