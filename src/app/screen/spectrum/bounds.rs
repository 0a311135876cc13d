//! ρ, σ (the norm σ_max) and γσ of every recurrent matrix, and what follows from them for its path:
//! alone it cannot grow with γσ < 1, and may with γσ > 1. What keeps the state stands beside them,
//! and what all can do together.

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::Line;

use super::plane::{NEAR, decimals};
use super::{Drawn, matrices};
use crate::app::view::View;
use crate::flow::spectrum::Together;
use crate::flow::{MatrixSpectrum, Spectrum};
use crate::ui::pen::{Pen, row_of};
use crate::ui::theme::Role;
use crate::ui::widget::bars::Stem;

/// Columns of a name, and of a number.
const NAME: u16 = 10;
const NUMBER: u16 = 7;
/// Columns of the longest verdict.
const WORD: u16 = 13;
/// Columns that a gauge needs.
const GAUGE: u16 = 7;

/// What follows from what a path, or all of them, multiplies by at most; nothing for a model that is not on
/// the data that it is judged on.
fn verdict(bound: f64, judged: bool) -> (&'static str, Role) {
    match bound {
        _ if !judged => ("", Role::Text),
        0.0 => ("no path", Role::Quiet),
        b if b < 1.0 - NEAR => ("cannot grow ▼", Role::Vanish),
        b if b > 1.0 + NEAR => ("may grow ▲", Role::Explode),
        _ => ("at most 1 ◆", Role::Stable),
    }
}

/// Whether a path dies out in the long run and may grow before: a matrix that is not normal may do more in a
/// step than its radius, but no more than γσ.
fn grows_first(matrix: &MatrixSpectrum) -> bool {
    matrix.radius() < 1.0 && matrix.bound() > 1.0 + NEAR
}

/// A row of the table.
struct Row {
    name: &'static str,
    style: Style,
    /// ρ and σ, of a matrix.
    sizes: Option<[f64; 2]>,
    bound: f64,
}

/// What keeps the state, every matrix, and all together.
fn rows(view: &View, drawn: &[Drawn], together: Option<Together>) -> Vec<Row> {
    let matrices = drawn.iter().map(|d| Row {
        name: d.matrix.name,
        style: d.style,
        sizes: Some([d.matrix.radius(), d.matrix.norm]),
        bound: d.matrix.bound(),
    });
    let Some(Together { kept, sum }) = together else {
        return matrices.collect();
    };
    let keeper = view.kind(view.app.focus.side).spec().keeper();
    let keeper = keeper.map(|(_, path)| Row {
        name: path.name(),
        style: view.look.theme.path(path),
        sizes: None,
        bound: kept,
    });
    let all = Row {
        name: "together",
        style: view.look.style(Role::Strong),
        sizes: None,
        bound: sum,
    };
    keeper.into_iter().chain(matrices).chain([all]).collect()
}

/// `together at most 0.990 + 0.080 = 1.070: may grow ▲`, without the paths that are none.
fn sum(drawn: &[Drawn], Together { kept, sum }: Together, judged: bool) -> (String, Role) {
    let bounds = drawn.iter().map(|d| d.matrix.bound());
    let terms = [kept].into_iter().chain(bounds).filter(|b| *b > 0.0);
    let terms: Vec<String> = terms.map(decimals).collect();
    let (word, role) = verdict(sum, judged);
    let text = format!("together at most {} = {}", terms.join(" + "), decimals(sum));
    (with(text, word), role)
}

/// A number with its verdict, where there is one.
fn with(number: String, word: &str) -> String {
    if word.is_empty() {
        number
    } else {
        format!("{number}: {word}")
    }
}

/// The conditions in words, as far as they matter for what is shown.
fn words(drawn: &[Drawn], together: Option<Together>, judged: bool) -> String {
    let mut text = match together {
        _ if drawn.len() == 1 => {
            "γσ < 1 is sufficient to vanish, γσ > 1 necessary to explode, not sufficient."
                .to_owned()
        }
        Some(together) => format!(
            "γσ bounds a step of this window on each path alone, {}.",
            sum(drawn, together, judged).0
        ),
        None => "γσ bounds one step of this window on each path alone: below 1 alone it cannot grow, above 1 it may; \
                 together they may do more."
            .to_owned(),
    };
    if let Some(d) = drawn.iter().find(|d| grows_first(d.matrix)) {
        let name = d.matrix.name;
        text = format!("{text} {name}: ρ < 1 < γσ, not normal: can grow at first.");
    }
    text
}

pub(super) fn render(pen: &mut Pen, area: Rect, view: &View, spectrum: &Spectrum, title: &Line) {
    let look = view.look;
    let drawn = matrices(view, spectrum);
    let side = view.app.focus.side;
    let (flow, judged) = (view.flow(side), view.app.judges(side));
    let together = flow.and_then(|flow| Together::of(flow, &spectrum.matrices));
    let answer = match (drawn.as_slice(), together) {
        ([], _) => Line::from(look.span("no recurrent matrix", Role::Strong)),
        (_, Some(together)) => {
            let (text, role) = sum(&drawn, together, judged);
            let (word, _) = verdict(together.sum, judged);
            let short = with(format!("together {}", decimals(together.sum)), word);
            let room = area.width.saturating_sub(look.line_width(title) + 8);
            look.span(look.fitting(room, text, short), role).into()
        }
        ([one], _) => {
            let (word, role) = verdict(one.matrix.bound(), judged);
            let bound = decimals(one.matrix.bound());
            look.span(with(format!("γσ {bound}"), word), role).into()
        }
        _ if !judged => Line::default(),
        (all, _) => {
            let grow = all.iter().filter(|d| d.matrix.bound() > 1.0 + NEAR).count();
            let role = match grow {
                0 => Role::Vanish,
                _ => Role::Explode,
            };
            let text = format!("{grow} of {} may grow", all.len());
            look.span(text, role).into()
        }
    };
    let inner = pen.frame(area, title.clone(), answer);
    if inner.width < NAME + 3 * NUMBER || inner.height == 0 {
        return;
    }
    let columns = [NAME, NUMBER, NUMBER, NUMBER];
    let left: u16 = columns.iter().sum();
    let rest = inner.width - left;
    let word = if rest > WORD { WORD } else { 2.min(rest) };
    let width = rest.saturating_sub(word + 3);
    let gauge = Rect::new(inner.x + left + 2, inner.y, width, 1);
    let gauge = (gauge.width >= GAUGE).then_some(gauge);
    let quiet = look.style(Role::Quiet);
    for (k, text) in ["ρ", "σ", "γσ"].into_iter().enumerate() {
        let end = inner.x + columns[..k + 2].iter().sum::<u16>();
        pen.text_right(inner.x, end, inner.y, text, quiet);
    }
    if let Some(gauge) = gauge {
        let one = Stem::column(0.0, -1.0, 1.0, gauge.width);
        pen.text(gauge.x + one, inner.y, 1, "1", quiet);
        if gauge.width >= 11 {
            pen.write(gauge, "0.1", Role::Quiet);
            pen.write_right(gauge, "10", Role::Quiet);
        }
    }
    let mut y = inner.y + 1;
    for d in &rows(view, &drawn, together) {
        if y >= inner.bottom() {
            return;
        }
        row(pen, row_of(inner, y), d, gauge, (word, judged));
        y += 1;
    }
    let text = words(&drawn, together, judged);
    let text = look.wrap(&text, usize::from(inner.width.saturating_sub(2)));
    // A sentence without its end says something else.
    if text.len() <= usize::from(inner.bottom().saturating_sub(y)) {
        for (y, text) in (y..inner.bottom()).zip(text) {
            pen.text(inner.x + 1, y, inner.width, &text, quiet);
        }
    }
}

fn row(pen: &mut Pen, row: Rect, d: &Row, gauge: Option<Rect>, (word, judged): (u16, bool)) {
    let look = pen.look;
    let (verdict, role) = verdict(d.bound, judged);
    let style = d.style.add_modifier(Modifier::BOLD);
    pen.text(row.x + 1, row.y, NAME - 1, d.name, style);
    let mut end = row.x + NAME;
    let sizes = d.sizes.map_or([None; 2], |sizes| sizes.map(Some));
    let numbers = sizes.map(|size| (size, Role::Text));
    for (x, role) in numbers.into_iter().chain([(Some(d.bound), role)]) {
        end += NUMBER;
        let text = x.map_or_else(String::new, decimals);
        pen.text_right(end - NUMBER, end, row.y, &text, look.style(role));
    }
    if let Some(gauge) = gauge {
        let level = (d.bound > 0.0).then(|| d.bound.log10());
        Stem {
            level,
            low: -1.0,
            high: 1.0,
            from: -1.0,
        }
        .render(pen, Rect { y: row.y, ..gauge }, look.style(role));
    }
    if word >= WORD {
        pen.text(row.right() - WORD, row.y, WORD, verdict, look.style(role));
    } else if let Some(sign) = verdict.chars().last().filter(|c| !c.is_ascii()) {
        pen.put(row.right() - 1, row.y, sign, look.style(role));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::matrix::Complex;

    /// With σ = 2 the slope of a gate, at most ¼, keeps a step below 1: nothing grows first.
    #[test]
    fn what_may_grow_first_needs_the_slope_too() {
        let matrix = |radius: f64, slope| MatrixSpectrum {
            name: "input",
            eigenvalues: vec![Complex {
                re: radius,
                im: 0.0,
            }],
            norm: 2.0,
            slope,
        };
        assert!(grows_first(&matrix(0.9, 1.0)));
        assert!(!grows_first(&matrix(0.9, 0.25)));
        assert!(!grows_first(&matrix(1.1, 1.0)));
    }
}
