//! The panels, one file each: `render` draws one from the view, and nothing else.

pub mod bars;
pub mod chart;
pub mod controls;
pub mod edge;
pub mod explain;
pub mod gates;
pub mod heat;
pub mod hints;
pub mod hops;
pub mod ladder;
pub mod layers;
pub mod numbers;
pub mod palette;
pub mod parts;
pub mod paths;
pub mod popup;
pub mod presets;
pub mod run;
pub mod settings;
pub mod spectrum;
pub mod time;
pub mod title;
pub mod too_small;
pub mod why;

use ratatui::layout::Rect;

use crate::ui::layout::Panel;
use crate::ui::pen::Pen;
use crate::ui::view::View;

/// Draws one panel. `gutter` is the plan's, for the panels with a time plot.
pub fn render(pen: &mut Pen, area: Rect, view: &View, panel: Panel, gutter: u16) {
    let area = area.intersection(pen.buf.area);
    if area.is_empty() {
        return;
    }
    pen.within(area, |pen| draw(pen, area, view, panel, gutter));
}

fn draw(pen: &mut Pen, area: Rect, view: &View, panel: Panel, gutter: u16) {
    match panel {
        Panel::Title => title::render(pen, area, view),
        Panel::Ladder(side) => ladder::render(pen, area, view, side, gutter),
        Panel::Tiny(side) => ladder::render_tiny(pen, area, view, side, gutter),
        Panel::Chart(side) => chart::render(pen, area, view, side, gutter),
        Panel::Time => time::render(pen, area, view, gutter),
        Panel::Bars(side) => bars::render(pen, area, view, side),
        Panel::Readout(side) => bars::render_readout(pen, area, view, side),
        Panel::Heat(side) => heat::render(pen, area, view, side, gutter),
        Panel::Numbers => numbers::render(pen, area, view),
        Panel::Why => why::render(pen, area, view),
        Panel::Control(control) => controls::render(pen, area, view, control),
        Panel::Controls => controls::render_line(pen, area, view),
        Panel::Run => run::render(pen, area, view),
        Panel::Paths => paths::render(pen, area, view, gutter),
        Panel::Hops => hops::render(pen, area, view, gutter),
        Panel::Orders => hops::render_at_cursor(pen, area, view),
        Panel::Parts => parts::render(pen, area, view),
        Panel::Gates(side) => gates::render(pen, area, view, side, gutter),
        Panel::Spectrum(part) => spectrum::render(pen, area, view, part),
        Panel::Layers(part) => layers::render(pen, area, view, part, gutter),
        Panel::Parameters => settings::render(pen, area, view),
        Panel::Explain => explain::render(pen, area, view),
        Panel::Presets => presets::render(pen, area, view),
        Panel::Preset => presets::render_text(pen, area, view),
        Panel::About => presets::render_about(pen, area, view),
        Panel::Hints => hints::render(pen, area, view),
        Panel::Instead => too_small::render_instead(pen, area, view),
        Panel::TooSmall => too_small::render(pen, area),
    }
}
