//! What a step of the live screen may cost on the line, for every screen and colour depth.
//!
//! The worker, the state, the drawing and the backend are the real ones; only the terminal is a
//! counter. Preset and seed are fixed, so that the same cells change in every run.

use crate::common::live::Live;
use rnntop::app::screen::Screen;
use rnntop::ui::look::Depth;

#[allow(dead_code, reason = "other tests use the rest")]
const STEPS: usize = 40;

/// Bytes of a first picture, on any screen.
const FIRST: usize = 24_000;

/// Bytes of a frame in which nothing changed: it resets the style and hides the cursor.
const UNCHANGED: f64 = 40.0;

/// Bytes per step.
fn ceiling(preset: &str, screen: Screen) -> f64 {
    match (preset, screen) {
        // The signal is next to nothing: only numbers change.
        ("why", Screen::Flow | Screen::Paths | Screen::Hops) => 400.0,
        ("why", Screen::Gates) => 1000.0,
        // The signal is noise: every curve is another one after every step.
        (_, Screen::Flow | Screen::Paths) => 4000.0,
        (_, Screen::Gates) => 8000.0,
        (_, Screen::Spectrum) => 6000.0,
        // No study runs here and no map is filled: only the strip under the title changes, or r of the live window.
        (_, Screen::Hops | Screen::Phase | Screen::Settings | Screen::Explain) => 600.0,
        (_, Screen::Presets | Screen::Layers | Screen::Train) => UNCHANGED,
    }
}

#[test]
fn no_screen_costs_more_than_its_ceiling() {
    let mut above = Vec::new();
    for preset in ["why", "noise"] {
        for depth in [Depth::Rgb, Depth::Ansi256, Depth::Ansi16, Depth::Mono] {
            let mut live = Live::new(preset, depth);
            for screen in Screen::ALL.iter().copied() {
                let (first, step) = crate::common::live::bytes(&mut live, screen, STEPS);
                let most = ceiling(preset, screen);
                let at = format!("{preset}, {}, {depth:?}", screen.name());
                if first > FIRST {
                    above.push(format!("{at}: {first} bytes at first"));
                }
                if step > most {
                    above.push(format!("{at}: {step:.0} bytes per step, {most} allowed"));
                }
            }
        }
    }
    assert!(above.is_empty(), "{above:#?}");
}

/// The goals for the screen and preset that the program opens with, at 10 steps per second.
#[test]
fn the_first_screen_keeps_to_its_goals() {
    for (depth, kilobytes) in [(Depth::Rgb, 12.0), (Depth::Ansi16, 6.0)] {
        let mut live = Live::new("why", depth);
        let (_, step) = crate::common::live::bytes(&mut live, Screen::Flow, STEPS);
        assert!(
            10.0 * (step + 16.0) < kilobytes * 1e3,
            "{depth:?}: {step:.0}"
        );
    }
}

#[test]
fn a_window_that_stands_still_costs_next_to_nothing() {
    let mut live = Live::new("noise", Depth::Rgb);
    let (counter, mut terminal) = crate::common::live::terminal(120, 40);
    for draw in 0..3 {
        terminal
            .draw(|frame| rnntop::app::draw(frame, &live.app))
            .unwrap();
        let bytes = counter.take();
        let unchanged = (bytes as f64) < UNCHANGED;
        assert_eq!(unchanged, draw > 0, "draw {draw}: {bytes} bytes");
    }
    live.step();
    terminal
        .draw(|frame| rnntop::app::draw(frame, &live.app))
        .unwrap();
    assert!(counter.take() as f64 > UNCHANGED);
}
