//! Every preset claims what is true, and every mistake in one has its sentence.

// The helpers of tests are tests, too.
use std::collections::BTreeSet;
use std::fs;

use rnntop::sim::Preset;
use rnntop::sim::claim;
use rnntop::sim::preset::embedded;
use rnntop::words::decimal;

#[test]
fn every_claim_holds() {
    for file in embedded::FILES {
        let preset = file.read().unwrap();
        assert!(!preset.claims.is_empty(), "{} claims nothing", file.name);
        for checked in claim::check(&preset.claims, &mut |_| true) {
            let claim = checked.claim;
            let measured = checked
                .measured
                .as_ref()
                .map(|&number| decimal::text(number, 12));
            assert!(
                checked.passed(),
                "{}: {} with {}: expected {}, measured {measured:?}",
                file.name,
                claim.quantity,
                claim.with,
                claim.expectation
            );
        }
    }
}

#[test]
fn every_file_is_embedded_once() {
    let listed: Vec<String> = embedded::FILES
        .iter()
        .map(|file| file.name.to_owned())
        .collect();
    let there: BTreeSet<String> = fs::read_dir("presets")
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    assert_eq!(listed.iter().cloned().collect::<BTreeSet<_>>(), there);
    assert_eq!(listed.len(), there.len());
}

#[test]
fn every_preset_can_be_read_aloud() {
    for file in embedded::FILES {
        let preset = file.read().unwrap();
        let texts = [
            &preset.title,
            &preset.idea,
            &preset.press,
            &preset.watch,
            &preset.source,
        ];
        for text in texts {
            assert!(
                !text.contains("  ") && !text.contains('\n'),
                "{}: {text}",
                file.name
            );
        }
        assert!(
            preset.title.chars().count() <= 66,
            "{}: a title is one line",
            file.name
        );
        let sentences = preset.idea.matches(". ").count() + 1;
        assert_eq!(
            sentences, 2,
            "{}: the idea is two sentences: {}",
            file.name, preset.idea
        );
        assert!(
            preset.idea.ends_with('.') && preset.source.ends_with('.'),
            "{}",
            file.name
        );
        assert_eq!(preset.settings.check(), Ok(()), "{}", file.name);
    }
}

/// The first line of each file is a comment with the sentence (its beginning, where TOML's own
/// words follow).
#[test]
fn every_mistake_has_its_sentence() {
    let mut seen = 0;
    for entry in fs::read_dir("tests/invalid_presets").unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let expected = text.lines().next().unwrap().trim_start_matches("# ");
        let file = path.file_name().unwrap().to_string_lossy();
        let said = match Preset::parse("invalid", &file, &text) {
            Ok(_) => panic!("{file} was accepted"),
            Err(error) => error.to_string(),
        };
        let separator = if expected.starts_with("line") {
            ", "
        } else {
            ": "
        };
        let expected = format!("{file}{separator}{expected}");
        if expected.contains("not TOML") {
            assert!(
                said.starts_with(expected.trim_end()),
                "\n{said}\n{expected}"
            );
        } else {
            assert_eq!(said, expected);
        }
        assert_eq!(said.lines().count(), 1, "{said}");
        seen += 1;
    }
    assert!(seen >= 30, "only {seen} files were read");
}

#[test]
fn a_preset_is_read_wherever_its_settings_stand() {
    let text = r#"
        title = "T"
        idea = """
        One line \
        and another."""
        press = "P"
        watch = "W"
        source = "S"
        [[claims]]
        quantity = "rnn.growth"
        expected = "1e-5000"
        with = { rho = 0.5, clip = "value", gate_scale = { output = 3 } }
        [settings]
        rho = 1
        hidden = 4
        clip = "norm:2.5"
        gate_scale = { block = 2.0 }
    "#;
    let preset = Preset::parse("t", "t.toml", text).unwrap();
    assert_eq!(preset.idea, "One line and another.");
    assert_eq!(
        (preset.settings.hidden, preset.settings.threshold),
        (4, 2.5)
    );
    let claim = &preset.claims[0];
    assert_eq!(
        claim.with,
        "rho = 0.5, clip = \"value\", gate_scale = { output = 3 }"
    );
    assert_eq!((claim.settings.hidden, claim.settings.rho), (4, Some(0.5)));
    let threshold = (claim.settings.threshold, claim.settings.hidden);
    assert_eq!(threshold, (2.5, 4), "a clip mode alone keeps the threshold");
    assert_eq!(
        (
            claim.settings.gate_scale.block,
            claim.settings.gate_scale.output
        ),
        (2.0, 3.0)
    );
}
