//! The table of what smaller number formats make of the gradient of each layer, and of what arrives at its
//! initial state.

use super::text::{optional, row, say};
use crate::flow::lens::Written;
use crate::num::Wide;

/// What arrives of the gradient of one layer in one direction.
pub struct Arriving<'a> {
    /// The layer.
    pub name: String,
    /// In each format.
    pub written: &'a [Written],
    /// |dL/dh_0|.
    pub grad_h0: Wide,
    /// |dL/dc_0|, for an LSTM.
    pub grad_c0: Option<Wide>,
}

/// The table, for a gradient that is called `symbol`.
pub fn render(text: &mut String, symbol: &str, rows: &[Arriving]) {
    let formats = rows.first().map_or(&[][..], |row| row.written);
    let names = formats.iter().map(|written| written.format.name);
    let ends = format!("{:>12}{:>12}", "into h_0", "into c_0");
    text.push('\n');
    row(text, "written in", 15, names, &ends);
    for of in rows {
        let (h, c) = (optional(Some(of.grad_h0)), optional(of.grad_c0));
        let cells = of.written.iter().map(Written::ends);
        row(text, &of.name, 15, cells, &format!("{h:>12}{c:>12}"));
    }
    let clipped = formats.iter().map(|written| written.clip.word());
    row(text, "|g| clipped", 15, clipped, "");
    say(
        text,
        &format!(
            "from how many steps back on {symbol} is 0 or infinite in a format; into h_0, c_0: |dL/dh_0| and \
             |dL/dc_0|, for states carried on; |g| clipped: what clip_grad_norm_ leaves of the parameters' \
             gradient: finite numbers, nothing (all are 0), zero (the norm is inf) or nan (a gradient is inf)"
        ),
    );
}
