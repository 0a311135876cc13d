//! Several names in a sentence.

use super::sanitise::quote;

/// `a, b or c`.
pub fn either<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let words: Vec<&str> = words.into_iter().collect();
    match words.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [most @ .., last] => format!("{} or {last}", most.join(", ")),
    }
}

/// `1 layer`, `2 layers`.
pub fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

/// The first few names, in quotes: `'a', 'b', 'c' and 2 more`; what is said of none where there is
/// none.
pub fn few(names: &[&str], none: &str) -> String {
    const SHOWN: usize = 3;
    if names.is_empty() {
        return none.to_owned();
    }
    let mut shown: Vec<String> = names.iter().take(SHOWN).map(|n| quote(n)).collect();
    if names.len() > SHOWN {
        shown.push(format!("{} more", names.len() - SHOWN));
    }
    match shown.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => shown.concat(),
    }
}

/// The name closest to a misspelt one: at most one slip (a letter too many, too few, wrong, or two
/// swapped) for every three letters.
pub fn nearest<'a>(text: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // No name is so long, and the distance takes the product of both lengths in time.
    const LONGEST: usize = 64;
    let letters = text.chars().take(LONGEST + 1).count();
    if letters > LONGEST {
        return None;
    }
    names
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(text, name), name))
        .filter(|(distance, _)| *distance <= (letters / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// A sentence with a capital first letter.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_short() {
        assert_eq!(few(&[], "no tensor"), "no tensor");
        assert_eq!(few(&["a"], ""), "'a'");
        assert_eq!(few(&["a", "b"], ""), "'a' and 'b'");
        assert_eq!(
            few(&["a", "b", "c", "d", "e"], ""),
            "'a', 'b', 'c' and 2 more"
        );
        assert_eq!(either(["a", "b", "c"]), "a, b or c");
    }

    #[test]
    fn a_slip_is_forgiven_and_a_book_is_not_compared() {
        assert_eq!(nearest("lsmt", ["rnn", "lstm"]), Some("lstm"));
        assert_eq!(nearest("gaussian", ["rnn", "lstm"]), None);
        assert_eq!(nearest(&"lstm".repeat(1 << 20), ["lstm"]), None);
    }
}
