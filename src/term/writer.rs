//! One frame, one write.
//!
//! A backend writes a frame in pieces and flushes several times. Everything is gathered here and goes out at once, between the two sequences that ask the
//! terminal to show it at once (synchronised output; terminals that do not know them ignore them).

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;
use std::time::{Duration, Instant};

/// Begins synchronised output.
pub const BEGIN: &[u8] = b"\x1b[?2026h";
/// Ends it.
pub const END: &[u8] = b"\x1b[?2026l";

/// A writer for a [`CrosstermBackend`](ratatui::backend::CrosstermBackend). Clones share one buffer: the backend keeps one, the loop
/// another, with which it opens and closes frames. Outside a frame bytes wait for the next one, and
/// flushing does nothing, so that it cannot fail in a destructor either.
#[derive(Debug)]
pub struct FrameWriter<W>(Rc<RefCell<Shared<W>>>);

#[derive(Debug)]
struct Shared<W> {
    sink: W,
    /// Always starts with [`BEGIN`].
    buffer: Vec<u8>,
}

/// What a frame cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Bytes that went out; 0 when there was no news.
    pub bytes: usize,
    /// How long the terminal took to accept them.
    pub time: Duration,
}

impl<W> Clone for FrameWriter<W> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

impl<W: Write> FrameWriter<W> {
    /// A writer with an empty frame.
    pub fn new(sink: W) -> Self {
        let mut buffer = Vec::with_capacity(1 << 16);
        buffer.extend_from_slice(BEGIN);
        Self(Rc::new(RefCell::new(Shared { sink, buffer })))
    }

    /// Opens a frame. Dropped without [`finish`](OpenFrame::finish), as in a panic, it leaves no
    /// trace on the terminal.
    pub fn frame(&self) -> OpenFrame<W> {
        OpenFrame(self.clone())
    }
}

impl<W: Write> Write for FrameWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().buffer.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A frame that is being gathered.
#[derive(Debug)]
pub struct OpenFrame<W: Write>(FrameWriter<W>);

impl<W: Write> OpenFrame<W> {
    /// Writes the frame if there is anything new in it.
    ///
    /// # Errors
    /// When the sink refuses it.
    pub fn finish(self) -> io::Result<Cost> {
        let shared = &mut *self.0.0.borrow_mut();
        if shared.buffer.len() == BEGIN.len() {
            return Ok(Cost::default());
        }
        shared.buffer.extend_from_slice(END);
        let start = Instant::now();
        shared.sink.write_all(&shared.buffer)?;
        shared.sink.flush()?;
        Ok(Cost {
            bytes: shared.buffer.len(),
            time: start.elapsed(),
        })
    }
}

impl<W: Write> Drop for OpenFrame<W> {
    fn drop(&mut self) {
        if let Ok(mut shared) = self.0.0.try_borrow_mut() {
            shared.buffer.truncate(BEGIN.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::backend::CrosstermBackend;
    use ratatui::layout::Rect;
    use ratatui::style::{Modifier, Style};
    use ratatui::{Terminal, TerminalOptions, Viewport};

    /// Counts writes and keeps their bytes.
    #[derive(Clone, Default)]
    struct Sink(Rc<RefCell<Vec<Vec<u8>>>>);

    impl Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.borrow_mut().push(bytes.to_vec());
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn terminal(
        sink: &Sink,
    ) -> (
        FrameWriter<Sink>,
        Terminal<CrosstermBackend<FrameWriter<Sink>>>,
    ) {
        let writer = FrameWriter::new(sink.clone());
        let viewport = Viewport::Fixed(Rect::new(0, 0, 40, 10));
        let backend = CrosstermBackend::new(writer.clone());
        let terminal = Terminal::with_options(backend, TerminalOptions { viewport }).unwrap();
        (writer, terminal)
    }

    #[test]
    fn a_frame_is_one_synchronised_write() {
        let sink = Sink::default();
        let (writer, mut terminal) = terminal(&sink);
        for text in ["one", "two"] {
            let frame = writer.frame();
            terminal.draw(|f| f.render_widget(text, f.area())).unwrap();
            frame.finish().unwrap();
        }
        let writes = sink.0.borrow();
        assert_eq!(writes.len(), 2);
        for write in writes.iter() {
            assert!(write.starts_with(BEGIN) && write.ends_with(END));
        }
    }

    #[test]
    fn an_abandoned_frame_leaves_no_trace() {
        let sink = Sink::default();
        let (writer, mut terminal) = terminal(&sink);
        let frame = writer.frame();
        terminal.draw(|f| f.render_widget("x", f.area())).unwrap();
        drop(frame);
        assert!(sink.0.borrow().is_empty());
        assert_eq!(writer.frame().finish().unwrap(), Cost::default());
    }

    #[test]
    fn without_colours_the_stream_has_modifiers_only() {
        let sink = Sink::default();
        let (writer, mut terminal) = terminal(&sink);
        let frame = writer.frame();
        terminal
            .draw(|f| {
                let reversed = Style::new().add_modifier(Modifier::REVERSED | Modifier::BOLD);
                f.buffer_mut().set_string(0, 0, "exploding", reversed);
                f.buffer_mut().set_string(0, 1, "stable", Style::new());
            })
            .unwrap();
        frame.finish().unwrap();
        let stream = String::from_utf8(sink.0.borrow().concat()).unwrap();
        let styles = styles(&stream);
        assert!(!styles.is_empty());
        // An empty one ends what was begun.
        for style in styles.iter().filter(|style| !style.is_empty()) {
            for parameter in style.split(';') {
                let number: u32 = parameter.parse().unwrap();
                let colour = matches!(number, 30..=38 | 40..=48 | 58 | 90..=107);
                assert!(!colour, "colour {style} in a stream without colours");
            }
        }
        let (before, _) = stream.split_once("exploding").unwrap();
        let modifiers = self::styles(before);
        assert_eq!(modifiers[modifiers.len() - 2..], ["7", "1"], "{stream:?}");
    }

    /// The parameters of every style sequence in a stream.
    fn styles(stream: &str) -> Vec<&str> {
        let sequences = stream.split("\x1b[").skip(1);
        sequences
            .filter_map(|s| {
                let end = s.find(|c: char| c.is_ascii_alphabetic())?;
                s[end..].starts_with('m').then(|| &s[..end])
            })
            .collect()
    }
}
