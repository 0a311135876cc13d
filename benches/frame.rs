//! One frame of the live screen at 120x40: drawing it, and saying it in bytes.
//!
//! `render` turns a window into cells; `encode` turns the cells that changed by one step into
//! bytes; `first` does the same for a whole screen; `frame` is all that the loop does for a step.

#![allow(clippy::unwrap_used)]

use std::hint::black_box;
use std::io::sink;

use criterion::{Criterion, criterion_group, criterion_main};
use ratatui::backend::{Backend, CrosstermBackend, TestBackend};
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::{Terminal, TerminalOptions, Viewport};
use rnntop::app;
use rnntop::app::App;
use rnntop::ui::look::Depth;

#[allow(dead_code, reason = "other benches use the rest")]
#[path = "../tests/all/common/live.rs"]
mod live;

const AREA: Rect = Rect::new(0, 0, 120, 40);

fn frames(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("frame");
    let mut live = live::Live::new("noise", Depth::Rgb);
    let before = picture(&live.app);
    let app = {
        live.step();
        &live.app
    };
    let after = picture(app);

    let mut canvas = Terminal::new(TestBackend::new(AREA.width, AREA.height)).expect("a terminal");
    group.bench_function("render", |b| {
        b.iter(|| {
            let mut frame = canvas.get_frame();
            app::draw(&mut frame, black_box(app));
        });
    });

    let there: Vec<_> = before.diff(&after);
    let back: Vec<_> = after.diff(&before);
    let mut backend = CrosstermBackend::new(sink());
    backend.clear().expect("a sink");
    draw(&mut backend, &Buffer::empty(AREA).diff(&before));
    group.bench_function("encode", |b| {
        b.iter(|| {
            draw(&mut backend, black_box(&there));
            draw(&mut backend, black_box(&back));
        });
    });
    let all: Vec<_> = Buffer::empty(AREA).diff(&after);
    group.bench_function("first", |b| {
        b.iter(|| {
            let mut backend = CrosstermBackend::new(sink());
            backend.clear().expect("a sink");
            draw(&mut backend, black_box(&all));
        });
    });

    let viewport = Viewport::Fixed(AREA);
    let options = TerminalOptions { viewport };
    let mut terminal =
        Terminal::with_options(CrosstermBackend::new(sink()), options).expect("a terminal");
    let mut other = live::Live::new("noise", Depth::Rgb);
    for _ in 0..2 {
        other.step();
    }
    group.bench_function("frame", |b| {
        b.iter(|| {
            for app in [app, &other.app] {
                let drawn = terminal.draw(|frame| app::draw(frame, black_box(app)));
                drawn.expect("a sink");
            }
        });
    });
    group.finish();
}

fn picture(app: &App) -> Buffer {
    let mut terminal =
        Terminal::new(TestBackend::new(AREA.width, AREA.height)).expect("a terminal");
    terminal.draw(|frame| app::draw(frame, app)).expect("draws");
    terminal.backend().buffer().clone()
}

fn draw(backend: &mut CrosstermBackend<std::io::Sink>, changes: &[(u16, u16, &Cell)]) {
    let changes = changes.iter().copied();
    backend.draw(changes).expect("a sink");
}

criterion_group!(benches, frames);
criterion_main!(benches);
