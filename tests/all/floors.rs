//! The map in `src/lib.rs` is true: each floor knows only those below it.

use std::fs;
use std::path::Path;

/// The floors from the lowest to the highest, in the order of the map.
const FLOORS: [&str; 12] = [
    "num", "cell", "flow", "words", "io", "sim", "train", "sweep", "ui", "app", "term", "cli",
];

/// The files of a floor with their text.
fn files(path: &Path, found: &mut Vec<(String, String)>) {
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            files(&entry.unwrap().path(), found);
        }
    } else if path.exists() {
        let text = fs::read_to_string(path).unwrap();
        found.push((path.display().to_string(), text));
    }
}

#[test]
fn each_floor_knows_only_those_below_it() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for (height, floor) in FLOORS.iter().enumerate() {
        let mut found = Vec::new();
        files(&source.join(floor), &mut found);
        files(&source.join(format!("{floor}.rs")), &mut found);
        assert!(!found.is_empty(), "there is no floor {floor}");
        for (file, text) in found {
            // Comments may point upwards: a reader wants to know who uses a thing.
            let code = text.lines().filter(|line| !line.trim().starts_with("//"));
            for (number, line) in code.enumerate() {
                for above in &FLOORS[height + 1..] {
                    let path = format!("crate::{above}");
                    let knows = line
                        .match_indices(&path)
                        .any(|(at, _)| !line[at + path.len()..].starts_with(char::is_alphanumeric));
                    assert!(!knows, "{file}: line {number} of code: {line}");
                }
            }
        }
    }
}

#[test]
fn the_map_lists_the_floors_in_their_order() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let map = fs::read_to_string(source.join("lib.rs")).unwrap();
    let rows = map.lines().filter_map(|line| {
        let (name, _) = line.strip_prefix("//! | [`")?.split_once("`]")?;
        Some(name.to_owned())
    });
    assert_eq!(rows.collect::<Vec<_>>(), FLOORS);
    // Every module of the crate is a floor.
    for line in map.lines() {
        if let Some(name) = line.strip_prefix("pub mod ") {
            assert!(FLOORS.contains(&name.trim_end_matches(';')), "{name}");
        }
    }
}
