//! The table of what smaller number formats make of the gradient of each layer, and of what arrives at its
//! initial state.

use std::fmt::Write as _;

use super::text::{NAME, optional, wrap};
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
    let _ = write!(text, "\n{:NAME$}", "written in");
    for written in formats {
        let _ = write!(text, "{:>15}", written.format.name);
    }
    let _ = writeln!(text, "{:>12}{:>12}", "into h_0", "into c_0");
    for row in rows {
        let _ = write!(text, "{:NAME$}", row.name);
        for written in row.written {
            let _ = write!(text, "{:>15}", written.ends());
        }
        let (h, c) = (optional(Some(row.grad_h0)), optional(row.grad_c0));
        let _ = writeln!(text, "{h:>12}{c:>12}");
    }
    let _ = write!(text, "{:NAME$}", "|g| clipped");
    for written in formats {
        let _ = write!(text, "{:>15}", written.clip.word());
    }
    text.push('\n');
    wrap(
        text,
        &format!(
            "from how many steps back on {symbol} is 0 or infinite in a format; into h_0, c_0: |dL/dh_0| and \
             |dL/dc_0|, for states carried on; |g| clipped: what clip_grad_norm_ leaves of the parameters' \
             gradient: finite numbers, nothing (all are 0), zero (the norm is inf) or nan (a gradient is inf)"
        ),
        0,
    );
}
