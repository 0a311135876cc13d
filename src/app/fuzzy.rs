//! Finding a text by parts of it: the letters of the query in their order, with gaps.

/// For a letter that is found.
const FOUND: i32 = 16;
/// For a letter at the beginning of a word.
const BEGINNING: i32 = 8;
/// For a letter right after the one before it.
const NEXT: i32 = 12;
/// No place yet; far below every score.
const NEVER: i32 = i32::MIN / 2;

/// How well a query is found in a text, and where each of its letters is (in characters of the
/// text, ascending). The words of the query may stand in any order; all must be found. `None` when
/// one is not. The better of two texts has the higher score.
pub fn find(query: &str, text: &str) -> Option<(i32, Vec<usize>)> {
    let text: Vec<char> = text.chars().map(fold).collect();
    let (mut score, mut places) = (0, Vec::new());
    for word in query.split_whitespace() {
        let word: Vec<char> = word.chars().map(fold).collect();
        let (points, found) = align(&word, &text)?;
        score += points;
        places.extend(found);
    }
    places.sort_unstable();
    places.dedup();
    Some((score, places))
}

/// Capitals and small letters are one.
fn fold(c: char) -> char {
    c.to_lowercase().next().unwrap_or(c)
}

/// The best places for a word's letters. Row by row of a table with a letter of the word in each:
/// the best score when this letter is found at a place, and where the letter before it was then.
fn align(word: &[char], text: &[char]) -> Option<(i32, Vec<usize>)> {
    let mut before = vec![0; text.len()];
    let mut came_from: Vec<Vec<usize>> = Vec::new();
    for (row, letter) in word.iter().enumerate() {
        let mut here = vec![NEVER; text.len()];
        let mut from = vec![0; text.len()];
        // The best of the row before, two places back or more, each place of the gap costing one.
        let (mut far, mut far_at) = (NEVER, 0);
        for at in 0..text.len() {
            if row > 0 && at >= 2 {
                far -= 1;
                if before[at - 2] > far {
                    (far, far_at) = (before[at - 2], at - 2);
                }
            }
            if text[at] != *letter {
                continue;
            }
            let begins = at == 0 || !text[at - 1].is_alphanumeric();
            let own = FOUND + if begins { BEGINNING } else { 0 };
            let near = if row > 0 && at >= 1 {
                before[at - 1] + NEXT
            } else {
                NEVER
            };
            let (best, place) = match row {
                0 => (0, 0),
                _ if near >= far => (near, at.saturating_sub(1)),
                _ => (far, far_at),
            };
            if best > NEVER / 2 {
                (here[at], from[at]) = (best + own, place);
            }
        }
        before = here;
        came_from.push(from);
    }
    // Of equal ends the first.
    let (mut at, score) = before
        .iter()
        .copied()
        .enumerate()
        .rev()
        .max_by_key(|(_, score)| *score)
        .filter(|(_, score)| *score > NEVER / 2)?;
    let mut places = vec![at];
    for from in came_from.iter().skip(1).rev() {
        at = from[at];
        places.push(at);
    }
    places.reverse();
    Some((score, places))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn places(query: &str, text: &str) -> Option<Vec<usize>> {
        find(query, text).map(|(_, places)| places)
    }

    fn better(query: &str, good: &str, poor: &str) {
        let score = |text| find(query, text).map(|(score, _)| score);
        assert!(score(good) > score(poor), "{query}: {good} before {poor}");
    }

    #[test]
    fn letters_in_their_order_with_gaps() {
        assert_eq!(
            places("rsr", "raise the spectral radius"),
            Some(vec![0, 10, 19])
        );
        assert_eq!(places("RAISE", "raise"), Some(vec![0, 1, 2, 3, 4]));
        assert_eq!(places("esiar", "raise"), None);
        assert_eq!(places("", "raise"), Some(vec![]));
        assert_eq!(places("x", ""), None);
        assert_eq!(
            places("radius raise", "raise radius").map(|p| p.len()),
            Some(11)
        );
        assert_eq!(places("radius zoom", "raise radius"), None);
        assert_eq!(places("ΡΟ", "the ρο"), Some(vec![4, 5]));
    }

    #[test]
    fn whole_words_and_beginnings_go_first() {
        better("undo", "undo the last change", "run down to the floor");
        better("cut", "cut or restore", "focus the other");
        better("tt", "the theme", "butter");
        better("pau", "pause, run", "put back as it was");
        // The gap is as short as it can be.
        assert_eq!(places("ab", "a a ab"), Some(vec![4, 5]));
    }

    proptest! {
        #[test]
        fn what_is_found_is_there(query in "[a-c ]{0,6}", text in "[a-c ]{0,20}") {
            if let Some((_, places)) = find(&query, &text) {
                prop_assert!(places.windows(2).all(|w| w[0] < w[1]));
                let text: Vec<char> = text.chars().collect();
                let mut found: Vec<char> = places.iter().map(|&at| text[at]).collect();
                for word in query.split_whitespace() {
                    // Each word is a subsequence of what is marked.
                    let mut marked = found.iter();
                    prop_assert!(word.chars().all(|c| marked.any(|m| *m == c)));
                }
                found.sort_unstable();
            }
        }
    }
}
