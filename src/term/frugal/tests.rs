//! The screen is the same as with crossterm's backend, for fewer bytes.

use std::cell::RefCell;
use std::num::NonZeroU16;
use std::rc::Rc;

use ratatui::backend::CrosstermBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style as CellStyle};
use ratatui::{Terminal, TerminalOptions, Viewport};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::*;

const WIDTH: u16 = 23;
const HEIGHT: u16 = 7;

/// A terminal's screen, fed by a backend.
#[derive(Clone)]
struct Glass(Rc<RefCell<(vt100::Parser, usize)>>);

impl Glass {
    fn new() -> Self {
        let size = |n| NonZeroU16::new(n).unwrap();
        let parser = vt100::Parser::new(size(HEIGHT), size(WIDTH), 0);
        Self(Rc::new(RefCell::new((parser, 0))))
    }

    /// Text and style of each cell; of a cell in which nothing is written, only what is seen.
    fn cells(&self) -> Vec<String> {
        let inner = self.0.borrow();
        let screen = inner.0.screen();
        let positions = (0..HEIGHT).flat_map(|y| (0..WIDTH).map(move |x| (x, y)));
        positions
            .map(|(x, y)| {
                let cell = screen.cell(y, x).unwrap();
                let seen = format!(
                    "{} {} {}",
                    colour(cell.bgcolor()),
                    cell.inverse(),
                    cell.underline()
                );
                let text = cell.contents();
                if text.trim().is_empty() && !cell.inverse() && !cell.underline() {
                    return format!("{x},{y}   {seen} {}", cell.is_wide_continuation());
                }
                format!(
                    "{x},{y} {text} {seen} {} {} {} {} {}",
                    colour(cell.fgcolor()),
                    cell.bold(),
                    cell.dim(),
                    cell.italic(),
                    cell.is_wide()
                )
            })
            .collect()
    }

    fn bytes(&self) -> usize {
        self.0.borrow().1
    }
}

impl Write for Glass {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut inner = self.0.borrow_mut();
        inner.0.process(bytes);
        inner.1 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A colour's name; the one in use that is said in two ways has one.
fn colour(colour: vt100::Color) -> String {
    match colour {
        vt100::Color::Idx(75) => "Rgb(95, 175, 255)".to_owned(),
        other => format!("{other:?}"),
    }
}

fn fixed<B: Backend<Error = io::Error>>(backend: B) -> Terminal<B> {
    let viewport = Viewport::Fixed(Rect::new(0, 0, WIDTH, HEIGHT));
    Terminal::with_options(backend, TerminalOptions { viewport }).unwrap()
}

/// A terminal that draws everything again, on a cleared screen.
fn renewed<B: Backend<Error = io::Error>>(mut old: Terminal<B>, spare: B) -> Terminal<B> {
    old.backend_mut().clear().unwrap();
    fixed(std::mem::replace(old.backend_mut(), spare))
}

/// Changes some cells, as a program might: words, single signs, colours, blanks, wide characters.
fn scribble(buffer: &mut Buffer, rng: &mut StdRng, wide: bool) {
    let colours = [
        Color::Reset,
        Color::LightBlue,
        Color::Red,
        Color::Indexed(208),
        Color::Rgb(95, 175, 255),
        Color::Rgb(14, 26, 64),
    ];
    let modifiers = [
        Modifier::empty(),
        Modifier::BOLD,
        Modifier::DIM,
        Modifier::BOLD | Modifier::REVERSED,
        Modifier::UNDERLINED,
        Modifier::ITALIC | Modifier::DIM,
    ];
    let mut texts = vec!["step 12", " ", "    ", "⣀⠒", "█", "x", "+0.55 "];
    if wide {
        texts.extend(["長い", "e\u{301}"]);
    }
    // Part of a row that moves to the left.
    while rng.random_bool(0.5) {
        let y = rng.random_range(0..HEIGHT);
        let from = rng.random_range(0..WIDTH - 8);
        for x in from..rng.random_range(from + 7..WIDTH) {
            buffer[(x, y)] = buffer[(x + 1, y)].clone();
        }
    }
    for _ in 0..rng.random_range(0..14) {
        let mut style = CellStyle::new()
            .fg(colours[rng.random_range(0..colours.len())])
            .add_modifier(modifiers[rng.random_range(0..modifiers.len())]);
        if rng.random_bool(0.3) {
            style = style.bg(colours[rng.random_range(0..colours.len())]);
        }
        let (x, y) = (rng.random_range(0..WIDTH), rng.random_range(0..HEIGHT));
        let text = texts[rng.random_range(0..texts.len())];
        // Bold over dim would be both, which this terminal does not know.
        for column in x..WIDTH.min(x + 8) {
            buffer[(column, y)].reset();
        }
        buffer.set_string(x, y, text, style);
    }
}

fn compare(wide: bool) -> (usize, usize) {
    let mut rng = StdRng::seed_from_u64(3);
    let (plain, frugal) = (Glass::new(), Glass::new());
    let mut theirs = fixed(CrosstermBackend::new(plain.clone()));
    let mut ours = fixed(FrugalBackend::new(frugal.clone()));
    crossterm::style::force_color_output(true);
    let mut picture = Buffer::empty(Rect::new(0, 0, WIDTH, HEIGHT));
    for frame in 0..600 {
        if frame % 97 == 50 {
            theirs = renewed(theirs, CrosstermBackend::new(Glass::new()));
            ours = renewed(ours, FrugalBackend::new(Glass::new()));
        }
        scribble(&mut picture, &mut rng, wide);
        let cursor = rng.random_bool(0.3).then_some((3, 2));
        let draw = |canvas: &mut ratatui::Frame| {
            *canvas.buffer_mut() = picture.clone();
            if let Some(cursor) = cursor {
                canvas.set_cursor_position(cursor);
            }
        };
        theirs.draw(draw).unwrap();
        ours.draw(draw).unwrap();
        for (ours, theirs) in frugal.cells().iter().zip(plain.cells()) {
            assert_eq!(*ours, theirs, "frame {frame}");
        }
        let (a, b) = (frugal.0.borrow(), plain.0.borrow());
        let (a, b) = (a.0.screen(), b.0.screen());
        assert_eq!(a.hide_cursor(), b.hide_cursor(), "frame {frame}");
        if cursor.is_some() {
            assert_eq!(a.cursor_position(), b.cursor_position(), "frame {frame}");
        }
    }
    (frugal.bytes(), plain.bytes())
}

#[test]
fn the_screen_is_that_of_crossterms_backend_for_fewer_bytes() {
    let (ours, theirs) = compare(false);
    assert!(5 * ours < 3 * theirs, "{ours} and {theirs} bytes");
}

#[test]
fn so_it_is_with_characters_of_other_widths() {
    let (ours, theirs) = compare(true);
    assert!(ours < theirs, "{ours} and {theirs} bytes");
}

#[test]
fn an_unchanged_picture_takes_no_bytes() {
    let glass = Glass::new();
    let mut terminal = fixed(FrugalBackend::new(glass.clone()));
    terminal
        .draw(|f| f.render_widget("text", f.area()))
        .unwrap();
    let before = glass.bytes();
    terminal
        .draw(|f| f.render_widget("text", f.area()))
        .unwrap();
    assert_eq!(glass.bytes(), before);
}
