//! dev
#[path = "../tests/common/live.rs"]
#[allow(dead_code)]
mod live;
use gradtop::app::state::{Depth, Screen};
use gradtop::ui;
use gradtop::ui::layout::plan;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::collections::BTreeMap;
fn main() {
    for preset in ["why", "noise", "carousel", "power-law", "forget-bias"] {
        for depth in [Depth::Rgb, Depth::Ansi256, Depth::Ansi16, Depth::Mono] {
            let mut l = live::Live::new(preset, depth);
            print!("{preset:12} {depth:?}");
            for screen in Screen::ALL {
                let (first, per) = live::bytes(&mut l, screen, 30);
                print!("  {} {first} {per:.0}", screen.name());
            }
            println!();
        }
    }
    // by panel
    for depth in [Depth::Rgb, Depth::Ansi16] {
        let mut l = live::Live::new("noise", depth);
        let area = Rect::new(0, 0, 120, 40);
        let mut t = Terminal::new(TestBackend::new(120, 40)).unwrap();
        let plan = plan(&l.app, area);
        let mut old: Option<Buffer> = None;
        let mut count: BTreeMap<String, (usize, usize)> = BTreeMap::new();
        let n = 30;
        // bytes with only this panel's changes
        let mut terms: BTreeMap<String, _> = BTreeMap::new();
        for _ in 0..=n {
            t.draw(|f| ui::draw(f, &l.app)).unwrap();
            let new = t.backend().buffer().clone();
            let first = old.is_none();
            for (panel, place) in &plan.places {
                let e = count.entry(format!("{panel:?}")).or_default();
                let (c, term) = terms
                    .entry(format!("{panel:?}"))
                    .or_insert_with(|| live::terminal(120, 40));
                term.draw(|f| {
                    for p in place.positions() {
                        f.buffer_mut()[p] = new[p].clone();
                    }
                })
                .unwrap();
                let b = c.take();
                if !first {
                    e.1 += b;
                }
                if let Some(old) = &old {
                    e.0 += place.positions().filter(|p| old[*p] != new[*p]).count();
                }
            }
            old = Some(new);
            l.step();
        }
        for (k, v) in count {
            println!(
                "{depth:?} {k:20} cells {:6.1} bytes {:6.1}",
                v.0 as f64 / n as f64,
                v.1 as f64 / n as f64
            );
        }
    }
}
