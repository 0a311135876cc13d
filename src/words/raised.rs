//! Superscript and subscript digits.

const RAISED: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
const LOWERED: [char; 10] = ['₀', '₁', '₂', '₃', '₄', '₅', '₆', '₇', '₈', '₉'];

/// A whole number in superscript digits: `²⁰⁰`, `⁻⁶¹`.
pub fn superscript(n: impl ToString) -> String {
    in_digits(&n.to_string(), RAISED, '⁻')
}

/// A whole number in subscript digits: `₁₅₁`.
pub fn subscript(n: impl ToString) -> String {
    in_digits(&n.to_string(), LOWERED, '₋')
}

/// The value of a superscript digit; nothing of any other character.
pub fn raised_digit(c: char) -> Option<usize> {
    RAISED.iter().position(|&raised| raised == c)
}

fn in_digits(number: &str, digits: [char; 10], minus: char) -> String {
    let sign = |c: char| c.to_digit(10).map_or(minus, |d| digits[d as usize]);
    number.chars().map(sign).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_and_signs_are_raised_and_lowered() {
        assert_eq!(superscript(200), "²⁰⁰");
        assert_eq!(superscript(-61), "⁻⁶¹");
        assert_eq!(subscript(1_234_567_890), "₁₂₃₄₅₆₇₈₉₀");
        assert_eq!("ᵀ¹²³".chars().filter_map(raised_digit).sum::<usize>(), 6);
    }
}
