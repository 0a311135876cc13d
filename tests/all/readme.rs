//! What the README says of the program is what the program says of itself.

use rnntop::app::keys;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
const BEGIN: &str = "<!-- keys -->\n";
const END: &str = "<!-- /keys -->";

/// `UPDATE_README=1 cargo test --test all readme` writes the table anew.
#[test]
fn the_table_of_keys_is_the_programs() {
    let text = std::fs::read_to_string(PATH).unwrap();
    let begin = text.find(BEGIN).unwrap() + BEGIN.len();
    let end = text.find(END).unwrap();
    let table = keys::markdown();
    if std::env::var_os("UPDATE_README").is_some() {
        std::fs::write(PATH, [&text[..begin], &table, &text[end..]].concat()).unwrap();
    } else {
        assert_eq!(
            &text[begin..end],
            table,
            "the table of keys in README.md is not the program's"
        );
    }
}

#[test]
fn every_preset_is_listed() {
    let text = std::fs::read_to_string(PATH).unwrap();
    for file in rnntop::sim::preset::embedded::FILES {
        assert!(
            text.contains(&format!("| `{}` |", file.name)),
            "README.md does not list {}",
            file.name
        );
    }
}

#[test]
fn the_pictures_are_there() {
    let text = std::fs::read_to_string(PATH).unwrap();
    for link in text
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
    {
        if !link.starts_with("http") {
            let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(link);
            assert!(path.exists(), "README.md links to {link}");
        }
    }
}
