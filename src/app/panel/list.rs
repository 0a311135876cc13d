//! Lists that are longer than their place.

/// The first row shown, so that the selected one is in sight.
pub fn first(selected: usize, rows: usize, room: usize) -> usize {
    if room == 0 || rows <= room {
        return 0;
    }
    selected.saturating_sub(room / 2).min(rows - room)
}
