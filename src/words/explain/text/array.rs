//! Products in numbers: arrays with brackets, their names above them, signs between them.

use unicode_width::UnicodeWidthStr;

use super::{Layout, Line, Role};
use crate::flow::explain::Numbers;
use crate::words::explain::document::{Item, Sign};
use crate::words::explain::notation::rows;

/// Columns that later lines of a product are indented by.
const INDENT: usize = 4;

/// A part of a product: as many rows as the others, all as wide as each other.
struct Drawn {
    /// The name above it.
    name: String,
    /// Its rows, in parts.
    rows: Vec<Line>,
    width: usize,
    /// Whether a line may begin with it.
    begins: bool,
}

impl Layout {
    /// A product, in as many lines of arrays as it needs.
    pub(super) fn equation(self, items: &[Item]) -> Vec<Line> {
        let height = items.iter().map(height).max().unwrap_or(1);
        let (mut after_open, mut after_array) = (false, false);
        let mut drawn = Vec::new();
        for item in items {
            let array = matches!(item, Item::Array(..));
            let mut part = match item {
                Item::Array(name, numbers) => {
                    if after_array {
                        drawn.push(gap(height));
                    }
                    self.array(self.formula(name).trim().to_owned(), numbers, height)
                }
                Item::Sign(sign) => self.tall(*sign, height),
            };
            part.begins |= array && (after_open || after_array);
            after_array = array;
            after_open = matches!(item, Item::Sign(Sign::Open));
            drawn.push(part);
        }
        // What cannot begin a line stays with what is before it.
        let mut groups: Vec<Vec<Drawn>> = Vec::new();
        for part in drawn {
            match groups.last_mut() {
                Some(group) if !part.begins => group.push(part),
                _ => groups.push(vec![part]),
            }
        }
        let mut lines = Vec::new();
        let mut row: Vec<Drawn> = Vec::new();
        let mut used = 2;
        for group in groups {
            let width: usize = group.iter().map(|part| part.width).sum();
            if !row.is_empty() && used + width > self.width {
                flush(&mut lines, &mut row, height);
                used = INDENT;
            }
            used += width;
            row.extend(group);
        }
        flush(&mut lines, &mut row, height);
        lines
    }

    fn array(self, name: String, numbers: &Numbers, height: usize) -> Drawn {
        let (factor, rows) = self.notation().array(numbers);
        let width = |column: usize| rows.iter().map(|row| row[column].width()).max();
        let widths: Vec<usize> = (0..rows.first().map_or(0, Vec::len))
            .map(|column| width(column).unwrap_or(0))
            .collect();
        let dots = rows.len() - usize::from(numbers.more);
        let cell = |k: usize, text: &str, w: usize| {
            if k < dots {
                format!("{text:>w$}")
            } else {
                format!("{text:^w$}")
            }
        };
        let line = |(k, row): (usize, &Vec<String>)| {
            let cells = row.iter().zip(&widths);
            let cells: Vec<String> = cells.map(|(text, w)| cell(k, text, *w)).collect();
            cells.join("  ")
        };
        let texts: Vec<String> = rows.iter().enumerate().map(line).collect();
        let inner = texts.iter().map(|text| text.width()).max().unwrap_or(0);
        let middle = texts.len() / 2;
        let own = factor.width() + inner + 4;
        let width = own.max(name.width());
        let left = (width - own) / 2;
        let count = texts.len();
        let mut lines: Vec<Line> = texts
            .into_iter()
            .enumerate()
            .map(|(k, text)| {
                let (open, close) = self.bracket(k, count, false);
                let factor = if k == middle {
                    factor.clone()
                } else {
                    " ".repeat(factor.width())
                };
                let gap = inner - text.width();
                vec![
                    (Role::Sign, format!("{}{factor}{open} ", " ".repeat(left))),
                    (Role::Number, format!("{text}{}", " ".repeat(gap))),
                    (
                        Role::Sign,
                        format!(" {close}{}", " ".repeat(width - own - left)),
                    ),
                ]
            })
            .collect();
        while lines.len() < height {
            lines.push(vec![(Role::Sign, " ".repeat(width))]);
        }
        Drawn {
            name: centred(&name, width),
            rows: lines,
            width,
            begins: false,
        }
    }

    /// A sign as high as the arrays, or in their middle.
    fn tall(self, sign: Sign, height: usize) -> Drawn {
        let row = |k: usize| match sign {
            Sign::Open => format!(" {} ", self.bracket(k, height, true).0),
            Sign::Close => format!(" {}", self.bracket(k, height, true).1),
            _ if k != height / 2 => "   ".to_owned(),
            Sign::Plus => " + ".to_owned(),
            Sign::Times if self.ascii => " * ".to_owned(),
            Sign::Times => " ⊙ ".to_owned(),
            _ => " = ".to_owned(),
        };
        let rows: Vec<Line> = (0..height).map(|k| vec![(Role::Sign, row(k))]).collect();
        let width = if sign == Sign::Close { 2 } else { 3 };
        Drawn {
            name: " ".repeat(width),
            rows,
            width,
            begins: matches!(sign, Sign::Times | Sign::Plus | Sign::Equals),
        }
    }

    /// Row `k` of a pair of brackets of so many rows.
    fn bracket(self, k: usize, rows: usize, round: bool) -> (char, char) {
        if self.ascii || rows == 1 {
            return if round { ('(', ')') } else { ('[', ']') };
        }
        match (k, round) {
            (0, false) => ('⎡', '⎤'),
            (0, true) => ('⎛', '⎞'),
            (k, false) if k + 1 == rows => ('⎣', '⎦'),
            (k, true) if k + 1 == rows => ('⎝', '⎠'),
            (_, false) => ('⎢', '⎥'),
            (_, true) => ('⎜', '⎟'),
        }
    }
}

fn height(item: &Item) -> usize {
    match item {
        Item::Array(_, numbers) => rows(numbers),
        Item::Sign(_) => 1,
    }
}

/// What stands between a matrix and what it multiplies.
fn gap(height: usize) -> Drawn {
    Drawn {
        name: " ".to_owned(),
        rows: vec![vec![(Role::Sign, " ".to_owned())]; height],
        width: 1,
        begins: false,
    }
}

fn centred(text: &str, width: usize) -> String {
    let gap = width.saturating_sub(text.width());
    format!("{}{text}{}", " ".repeat(gap / 2), " ".repeat(gap - gap / 2))
}

/// Joins what stands beside each other to lines.
fn flush(lines: &mut Vec<Line>, row: &mut Vec<Drawn>, height: usize) {
    if row.is_empty() {
        return;
    }
    let margin = " ".repeat(if lines.is_empty() { 2 } else { INDENT });
    let names: String = row.iter().map(|part| part.name.as_str()).collect();
    let mut rows = Vec::new();
    if !names.trim().is_empty() {
        rows.push(vec![(Role::Label, format!("{margin}{names}"))]);
    }
    for k in 0..height {
        let mut line = vec![(Role::Sign, margin.clone())];
        for part in row.iter_mut() {
            line.append(&mut part.rows[k]);
        }
        rows.push(line);
    }
    lines.append(&mut rows);
    row.clear();
}
