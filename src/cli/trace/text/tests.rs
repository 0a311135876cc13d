use super::*;
use crate::cli::provenance::Origin;
use crate::cli::trace::example;
use crate::cli::trace::extras::Extras;
use crate::sim::{Data, Settings};

fn rendered(flow: &Flow) -> String {
    example::traced(flow, &Settings::default(), render)
}

#[test]
fn the_answer_comes_first() {
    let text = rendered(&example::rnn(200));
    let mut lines = text.lines();
    assert_eq!(
        lines.next(),
        Some("rnn   why   H 1   D 8   T 200   loss last")
    );
    assert_eq!(
        lines.next(),
        Some("r = 1.0100 → 1.0100²⁰⁰ = 7.316   exploding ▲   (|δh_1| 7.24, |δh_T| 1.00)")
    );
}

#[test]
fn every_line_fits_80_columns() {
    let mut longest = Settings {
        threshold: 123_456.789,
        ..Settings::default()
    };
    longest.seed = i64::MAX as u64;
    for flow in [
        example::lstm(200, true, true),
        example::lstm(20_000, false, false),
        example::rnn(24),
    ] {
        let title = "a-file-with-a-very-long-name-indeed.safetensors";
        let text = render(Trace {
            flow: &flow,
            settings: &longest,
            extras: &Extras::default(),
            title,
            preset: Some(title),
            data: &Data::default(),
            origin: &Origin::default(),
        });
        for line in text.lines() {
            assert!(
                line.chars().count() <= WIDTH,
                "{} {line}",
                line.chars().count()
            );
        }
    }
}

#[test]
fn r_and_its_power_stand_apart_however_small_they_are() {
    let mut text = String::new();
    let curve: Vec<Wide> = (0..200)
        .map(|t| Wide::new(1.0, 20_000 * (t - 200)))
        .collect();
    curve_line(&mut text, "block", &curve, true);
    let fields: Vec<&str> = text.split_whitespace().collect();
    assert_eq!(fields.len(), 5, "{text}");
    assert!(
        fields[1].contains("e-6021") && fields[2].contains("e-12041"),
        "{text}"
    );
    assert_eq!(text.lines().count(), 1);
}

#[test]
fn long_windows_are_sampled_from_end_to_end_and_say_so() {
    assert_eq!(rows(3), [1, 2, 3]);
    for steps in [22, 200, 20_000] {
        let rows = rows(steps);
        assert_eq!((rows.len(), rows[0], rows[ROWS - 1]), (ROWS, 1, steps));
        assert!(rows.windows(2).all(|pair| pair[0] < pair[1]), "{rows:?}");
    }
    assert!(rendered(&example::rnn(200)).contains("21 of 200 steps"));
    assert!(!rendered(&example::rnn(21)).contains("steps;"));
}

#[test]
fn zeros_and_numbers_beyond_float64_are_words_and_exponents() {
    let text = rendered(&example::lstm(4, false, true));
    assert!(text.contains("-1505.15 "), "{text}");
    assert!(text.contains("zero"), "{text}");
    assert!(text.contains("→ 5.000"), "{text}");
    assert!(!text.contains("NaN") && !text.contains("inf"), "{text}");
}
