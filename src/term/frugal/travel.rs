//! The shortest way for the cursor.

use std::io::Write;

use ratatui::layout::Position;

/// Appends what takes the cursor to a position, from where it is, if that is known.
pub(super) fn travel(from: Option<Position>, to: Position, out: &mut Vec<u8>) {
    if from == Some(to) {
        return;
    }
    let start = out.len();
    jump(to, out);
    let Some(from) = from else {
        return;
    };
    for column in [Some(from.x), (to.x < from.x).then_some(0)] {
        let Some(column) = column else { continue };
        let mut way = Vec::with_capacity(8);
        if column != from.x {
            way.push(b'\r');
        }
        down(from.y, to.y, &mut way);
        across(column, to.x, &mut way);
        if way.len() < out.len() - start {
            out.truncate(start);
            out.extend_from_slice(&way);
        }
    }
}

/// By row and column.
fn jump(to: Position, out: &mut Vec<u8>) {
    // Writing to a vector does not fail.
    let _ = match (to.x, to.y) {
        (0, 0) => write!(out, "\x1b[H"),
        (0, y) => write!(out, "\x1b[{}H", y + 1),
        (x, y) => write!(out, "\x1b[{};{}H", y + 1, x + 1),
    };
}

/// To another row. A line feed keeps the column, because raw mode translates nothing.
fn down(from: u16, to: u16, out: &mut Vec<u8>) {
    if to < from {
        steps(from - to, b'A', out);
    } else if to - from <= 3 {
        out.extend(std::iter::repeat_n(b'\n', usize::from(to - from)));
    } else {
        steps(to - from, b'B', out);
    }
}

/// To another column.
fn across(from: u16, to: u16, out: &mut Vec<u8>) {
    if to > from {
        steps(to - from, b'C', out);
    } else if from - to <= 3 {
        out.extend(std::iter::repeat_n(b'\x08', usize::from(from - to)));
    } else {
        steps(from - to, b'D', out);
    }
}

fn steps(n: u16, letter: u8, out: &mut Vec<u8>) {
    let _ = match n {
        0 => return,
        1 => write!(out, "\x1b["),
        n => write!(out, "\x1b[{n}"),
    };
    out.push(letter);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(from: Option<(u16, u16)>, to: (u16, u16)) -> String {
        let mut out = Vec::new();
        travel(from.map(Position::from), to.into(), &mut out);
        String::from_utf8(out)
            .unwrap()
            .replace('\x1b', "^")
            .replace('\x08', "<")
    }

    #[test]
    fn the_shortest_way_is_taken() {
        assert_eq!(way(None, (0, 0)), "^[H");
        assert_eq!(way(None, (0, 7)), "^[8H");
        assert_eq!(way(None, (11, 7)), "^[8;12H");
        assert_eq!(way(Some((11, 7)), (11, 7)), "");
        assert_eq!(way(Some((9, 7)), (10, 7)), "^[C");
        assert_eq!(way(Some((9, 7)), (30, 7)), "^[21C");
        assert_eq!(way(Some((9, 7)), (7, 7)), "<<");
        assert_eq!(way(Some((90, 7)), (80, 7)), "^[10D");
        assert_eq!(way(Some((90, 7)), (1, 8)), "\r\n^[C");
        assert_eq!(way(Some((10, 7)), (10, 8)), "\n");
        assert_eq!(way(Some((10, 7)), (8, 9)), "\n\n<<");
        assert_eq!(way(Some((10, 7)), (10, 6)), "^[A");
        assert_eq!(way(Some((90, 30)), (9, 2)), "^[3;10H");
    }
}
