//! Where names stand beside the ends of curves, one in a row.

/// The rows of names that want to be in `wanted`, from the top and in this order, among `rows`
/// rows: as near as they can be without two in one row. There must not be more names than rows.
pub fn spread(wanted: &[i32], rows: u16) -> Vec<u16> {
    let mut places: Vec<i32> = Vec::with_capacity(wanted.len());
    // Those that crowd share their distances: each group lies around the middle of its wishes.
    let mut groups: Vec<(f64, usize)> = Vec::new();
    let rows = i32::from(rows);
    for &want in wanted {
        groups.push((f64::from(want.clamp(0, (rows - 1).max(0))), 1));
        while let [.., (above, n), (below, m)] = groups[..] {
            let (n_rows, m_rows) = (n as f64, m as f64);
            if above + (n_rows - 1.0) / 2.0 + 1.0 <= below - (m_rows - 1.0) / 2.0 {
                break;
            }
            groups.truncate(groups.len() - 2);
            groups.push(((above * n_rows + below * m_rows) / (n_rows + m_rows), n + m));
        }
    }
    for (middle, n) in groups {
        let first = (middle - (n as f64 - 1.0) / 2.0).round() as i32;
        places.extend((first..).take(n));
    }
    // Within the rows, and still one below the other.
    let mut least = 0;
    for place in &mut places {
        *place = (*place).max(least);
        least = *place + 1;
    }
    let mut most = rows - 1;
    for place in places.iter_mut().rev() {
        *place = (*place).min(most);
        most = *place - 1;
    }
    let places = places.into_iter();
    places.map(|y| u16::try_from(y).unwrap_or(0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_stand_where_their_curves_end_or_around() {
        assert_eq!(spread(&[1, 5], 9), [1, 5]);
        assert_eq!(spread(&[4, 4], 9), [4, 5]);
        assert_eq!(spread(&[4, 4, 4], 9), [3, 4, 5]);
        assert_eq!(spread(&[0, 0, 0], 9), [0, 1, 2]);
        assert_eq!(spread(&[8, 8, 8], 9), [6, 7, 8]);
        assert_eq!(spread(&[0, 8, 8], 3), [0, 1, 2]);
        assert_eq!(spread(&[], 3), [0u16; 0]);
    }

    proptest! {
        #[test]
        fn no_two_are_in_one_row(mut wanted in prop::collection::vec(-3i32..30, 0..9), more in 0u16..20) {
            wanted.sort_unstable();
            let rows = u16::try_from(wanted.len()).unwrap() + more;
            let places = spread(&wanted, rows);
            prop_assert_eq!(places.len(), wanted.len());
            prop_assert!(places.windows(2).all(|w| w[0] < w[1]));
            prop_assert!(places.iter().all(|&y| y < rows));
        }
    }
}
