//! A model is judged on the user's data alone: on anything else the first line says so, and nothing says that
//! it vanishes or explodes.

use std::path::{Path, PathBuf};
use std::process::Command;

use ndarray::Array2;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use rnntop::app::screen::Screen;
use rnntop::app::screen::phase::state::Measure;
use rnntop::app::{self, Action, App};
use rnntop::cell::CellKind;
use rnntop::flow::Question;
use rnntop::sim::Side;
use rnntop::sim::settings::Signal;
use serde_json::Value;

fn data(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    folder.join(name)
}

fn printed(arguments: &[&str]) -> String {
    let mut program = Command::new(env!("CARGO_BIN_EXE_rnntop"));
    let output = program.args(arguments).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// What is said of a model's gradient only where it is judged.
fn judges(text: &str) -> bool {
    let words = [
        "vanishing",
        "exploding",
        "▼",
        "▲",
        "because",
        "keeps too little",
        "verdict\":\"",
    ];
    words.iter().any(|word| text.contains(word))
}

/// Whether the input is the user's, verdict and cause.
fn told(whole: &Value, cell: &Value) -> Value {
    serde_json::json!([whole["on_data"], cell["verdict"], cell["cause"]])
}

#[test]
fn trace_gives_no_verdict_on_noise() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("input.npy");
    let rows = Array2::from_shape_fn((30, 5), |(t, i)| ((t * 5 + i) as f64).sin());
    ndarray_npy::write_npy(&input, &rows).unwrap();
    let model = data("formats/gru.twin.safetensors");
    let weights = ["trace", "--weights", model.to_str().unwrap()];
    let with = |options: &[&str]| printed(&[&weights[..], options].concat());
    let own = ["--input", input.to_str().unwrap()];
    let caution = "on noise N(0,1), not on your data; --input FILE gives verdict and cause\n";
    let noise = with(&[]);
    assert!(noise.starts_with(caution), "{noise}");
    assert!(!judges(&noise), "{noise}");
    let judged = with(&own);
    assert!(judged.starts_with("gru "), "{judged}");
    assert!(
        judged.contains("vanishing ▼") && judged.contains("keeps too little"),
        "{judged}"
    );
    // Noise of another size is another input.
    let louder = with(&["--amplitude", "2"]);
    assert!(louder.starts_with("on noise, not on your data"), "{louder}");
    let zero = with(&["--signal", "zero"]);
    assert!(zero.starts_with("on zero, not on your data"), "{zero}");
    for (options, on_data) in [(&[][..], false), (&own, true)] {
        let options = [options, &["--format", "json"]].concat();
        let found: Value = serde_json::from_str(&with(&options)).unwrap();
        let verdict = on_data.then_some("vanishing");
        let cause: &[&str] = if on_data { &["leak"] } else { &[] };
        let expected = serde_json::json!([on_data, verdict, cause]);
        assert_eq!(expected, told(&found, &found));
        // A live line says no other thing.
        let follow = ["--follow", "--follow-steps", "1", "--speed", "60"];
        let line = with(&[&options[..], &follow].concat());
        let found: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(expected, told(&found, &found["gru"]));
        // Nor does the page of one path.
        let explain = [&["explain"], &weights[1..], &options[..options.len() - 2]].concat();
        let page = printed(&explain);
        assert_eq!(judges(&page), on_data, "{page}");
        let said = page.contains("On noise N(0,1), not on your data: over the window");
        assert_eq!(said, !on_data, "{page}");
    }
    let followed = with(&["--follow", "--follow-steps", "1", "--speed", "60"]);
    assert!(
        followed.starts_with("on noise N(0,1), not on your data: no verdict\n"),
        "{followed}"
    );
    assert!(!judges(&followed), "{followed}");
    // A cell that the program draws is judged on noise: it was made for nothing else.
    assert!(judges(&printed(&[
        "trace", "--cell", "lstm", "--steps", "50"
    ])));
}

#[test]
fn trace_of_several_layers_gives_no_verdict_on_noise() {
    let model = data("chains/lstm.safetensors");
    let weights = ["trace", "--weights", model.to_str().unwrap()];
    let noise = printed(&weights);
    assert!(
        noise.starts_with("on noise N(0,1), not on your data;"),
        "{noise}"
    );
    assert!(!judges(&noise), "{noise}");
    let input = data("chains/input.npy");
    let own = ["--input", input.to_str().unwrap()];
    let judged = printed(&[&weights[..], &own].concat());
    assert!(
        judged.contains("layer 1\nr = ") && judges(&judged),
        "{judged}"
    );
    for (options, on_data) in [(&[][..], false), (&own, true)] {
        let all = [&weights[..], options, &["--format", "json"]].concat();
        let found: Value = serde_json::from_str(&printed(&all)).unwrap();
        assert_eq!(found["on_data"], on_data);
    }
}

#[test]
fn the_users_chart_gives_no_verdict_on_noise() {
    let rows = |app: &App| -> Vec<String> {
        let mut terminal = Terminal::new(TestBackend::new(120, 40)).unwrap();
        terminal.draw(|frame| app::draw(frame, app)).unwrap();
        let buffer = terminal.backend().buffer();
        let row = |y| (0..120).map(|x| buffer[(x, y)].symbol()).collect();
        (0..40).map(row).collect()
    };
    let mut app = crate::common::synthetic::app();
    app.sim.trained = Some(CellKind::Lstm);
    app.sim.settings.signal = Signal::Noise;
    app.sim.question = Question::Alone;
    let said = |app: &App, name: &str| {
        let rows = rows(app);
        let begins = rows
            .iter()
            .position(|row| row.contains(&format!("╭ {name}")))
            .unwrap();
        let ends = begins
            + rows[begins..]
                .iter()
                .position(|row| row.starts_with('╰'))
                .unwrap();
        (rows[begins].clone(), rows[ends].clone())
    };
    let word = |line: &str| {
        ["vanishing", "exploding", "stable"]
            .iter()
            .any(|w| line.contains(w))
    };
    let (title, end) = said(&app, "your lstm");
    assert!(!word(&title) && !word(&end), "{title}\n{end}");
    assert!(end.contains("carousel alone"), "{end}");
    let (title, _) = said(&app, "fresh rnn");
    assert!(word(&title), "{title}");
    // On the user's data there is one, and both are labelled all the same.
    app.sim.settings.signal = Signal::File;
    app.sim.on_data = true;
    let (title, end) = said(&app, "your lstm");
    assert!(word(&title) && word(&end), "{title}\n{end}");
    // Rows of an embedding are no file of the user's either, and no noise.
    app.sim.on_data = false;
    for (drawn, name) in [(true, "embedding rows"), (false, "noise")] {
        std::sync::Arc::make_mut(&mut app.sim.data).drawn = drawn;
        assert_eq!(app.not_on_data(), Some(name));
    }
}

/// Spectrum and phase diagram of a user's model judge it on its data alone.
#[test]
fn bounds_and_map_give_no_verdict_on_noise() {
    let said = |app: &App| {
        let mut terminal = Terminal::new(TestBackend::new(160, 50)).unwrap();
        terminal.draw(|frame| app::draw(frame, app)).unwrap();
        terminal.backend().to_string()
    };
    let words = [
        "vanish",
        "explod",
        "may grow",
        "cannot grow",
        "▲",
        "▼",
        "keeps too",
        " by block",
    ];
    let spectrum = crate::screens::on_spectrum(Side::Left);
    let phase = |measure| {
        let mut app = crate::common::synthetic::app();
        app.update(Action::Show(Screen::Phase));
        app.screens.phase.measure = measure;
        app
    };
    let maps = [Measure::Window, Measure::Paths].map(phase);
    for mut app in maps.into_iter().chain([spectrum]) {
        let judged = said(&app);
        assert!(words.iter().any(|word| judged.contains(word)), "{judged}");
        let focused = app.sim.settings.cell(app.focus.side).kind;
        app.sim.trained = Some(focused);
        app.sim.settings.signal = Signal::Noise;
        let noise = said(&app);
        let found = words.iter().find(|word| noise.contains(**word));
        assert_eq!(found, None, "{noise}");
    }
}

#[test]
fn a_model_is_compared_with_another_module_of_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let model = data("chains/lstm.safetensors");
    let model = model.to_str().unwrap();
    let titles = |first: &str, other: &str| -> Vec<String> {
        let arguments = ["inspect", model, "--module", first, "--against", other];
        let all = printed(&[&arguments[..], &["--steps", "20", "--format", "json"]].concat());
        let all: Value = serde_json::from_str(&all).unwrap();
        let models = all["models"].as_array().unwrap().iter();
        models
            .map(|model| model["model"].as_str().unwrap().to_owned())
            .collect()
    };
    let [lower, upper] = ["rec.lstm_1", "rec.lstm_2"];
    let named = |module: &str| format!("{model}, {module}");
    assert_eq!(
        titles(lower, &format!("{model}:{upper}")),
        [named(lower), named(upper)]
    );
    // Without a name it is the module of --module.
    assert_eq!(titles(lower, model), [named(lower), named(lower)]);
    // A file may have a colon in its name.
    let odd = folder.path().join("a:b");
    std::fs::copy(model, &odd).unwrap();
    let odd = odd.to_str().unwrap();
    assert_eq!(titles(lower, odd)[1], format!("{odd}, {lower}"));
    assert_eq!(
        titles(lower, &format!("{odd}:{upper}"))[1],
        format!("{odd}, {upper}")
    );
}

/// A model with an embedding is driven by its rows where the user gives nothing, in `trace` as in `inspect`; noise
/// is what --signal asks for.
#[test]
fn rows_of_the_embedding_drive_trace_as_they_drive_inspect() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let one = r#""embed.weight": [[0.5, -2.0], [3.0, 0.25], [-1.0, 1.5]],
        "rnn.weight_ih_l0": [[0.2, -0.3], [0.4, 0.1]], "rnn.weight_hh_l0": [[0.5, -0.6], [0.3, 0.4]]"#;
    let two = r#", "rnn.weight_ih_l1": [[0.2, -0.3], [0.4, 0.1]], "rnn.weight_hh_l1": [[0.1, -0.6], [0.3, 0.4]]"#;
    for (name, text, layers) in [
        ("one.json", format!("{{{one}}}"), 1),
        ("two.json", format!("{{{one}{two}}}"), 2),
    ] {
        let model = path(name);
        std::fs::write(&model, text).unwrap();
        let json = ["--format", "json", "--steps", "30"];
        let found = printed(&[&["inspect", &model], &json[..]].concat());
        let found: Value = serde_json::from_str(&found).unwrap();
        let found = &found["models"][0]["layers"];
        let weights = ["trace", "--weights", &model];
        let traced: Value =
            serde_json::from_str(&printed(&[&weights[..], &json].concat())).unwrap();
        assert_eq!(traced["on_data"], false);
        // Of a whole model the input has a name of its own, of one cell it is a setting.
        let input = match layers {
            1 => &traced["settings"]["signal"],
            _ => &traced["input"],
        };
        assert_eq!(input, "rows of embed.weight at random");
        let steps = traced["steps"].as_array().unwrap();
        assert_eq!(steps.len(), 30 * layers);
        for (k, step) in steps.iter().enumerate() {
            let want = &found[k / 30]["grad_h"]["log10_median"][k % 30];
            let [got, want] = [&step["log10_grad_h"], want].map(|x| x.as_f64().unwrap());
            assert!(
                (got - want).abs() < 1e-12,
                "{name}, {k}: {got} and not {want}"
            );
        }
        let text = printed(&weights);
        let caution = "on rows of embed.weight at random, not on your data;";
        assert!(text.starts_with(caution), "{text}");
        let noise = printed(&[&weights[..], &["--signal", "noise"]].concat());
        assert!(
            noise.starts_with("on noise N(0,1), not on your data;"),
            "{noise}"
        );
        // Whatever drove it, a result is computed again from itself.
        for options in [&[][..], &["--signal", "noise"]] {
            let first = printed(&[&weights[..], &json, options].concat());
            let result = path("result.json");
            std::fs::write(&result, &first).unwrap();
            assert!(
                printed(&["trace", "--from", &result]) == first,
                "{name}, {options:?}"
            );
        }
    }
}
