//! Whole screens: pictures with their styles, every size, and what the mouse finds on them.

use std::fmt::Write as _;
use std::sync::Arc;

use proptest::prelude::*;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use rnntop::app;
use rnntop::app::action::{Control, Edit};
use rnntop::app::extents::Axis;
use rnntop::app::frame::plan;
use rnntop::app::input;
use rnntop::app::input::TextLine;
use rnntop::app::keys::{Keymap, Mouse, MouseKind};
use rnntop::app::layout::Place;
use rnntop::app::panel;
use rnntop::app::parameters::Parameter;
use rnntop::app::popup::Edge;
use rnntop::app::popup::{Page, Popup};
use rnntop::app::screen::layers::state::State as Layers;
use rnntop::app::screen::train::surface::Surface;
use rnntop::app::screen::{Own, Screen, explain, layers};
use rnntop::app::scroll::Scroll;
use rnntop::app::state::Notice;
use rnntop::app::view::View;
use rnntop::app::{Action, App, Effect};
use rnntop::cell::{CellKind, ForgetGate, LayerId, Semantics, Variant};
use rnntop::flow::lyapunov::{Estimate, Singular};
use rnntop::flow::{Lyapunov, MatrixSpectrum, Path, PathSet, Question, Spectrum, Spread};
use rnntop::io::{ModelFile, Wanted, load_batch};
use rnntop::num::Wide;
use rnntop::num::matrix::Complex;
use rnntop::sim::edge::{self, Knob, Outcome, Search, Trial};
use rnntop::sim::inspect::{Drive, Input, LayerDiagnosis, Model, diagnose};
use rnntop::sim::{
    Ask, Explained, Finding, Report, Settings, Side, Simulation, Snapshot, Study, StudyRequest,
    Window,
};
use rnntop::train::lesson;
use rnntop::train::live::{self};
use rnntop::ui::look::{Depth, Marker, ThemeName};
use rnntop::ui::pen::Pen;
use rnntop::ui::theme::file;
use rnntop::words::explain::Form;

fn picture(app: &App, width: u16, height: u16) -> Buffer {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| app::draw(frame, app)).unwrap();
    terminal.backend().buffer().clone()
}

fn text(buffer: &Buffer) -> Vec<String> {
    let area = buffer.area;
    (area.top()..area.bottom())
        .map(|y| {
            let mut row = String::new();
            let mut hidden = 0;
            for x in area.left()..area.right() {
                let symbol = buffer[(x, y)].symbol();
                if hidden == 0 {
                    row.push_str(symbol);
                    hidden = unicode_width::UnicodeWidthStr::width(symbol).max(1);
                }
                hidden -= 1;
            }
            row
        })
        .collect()
}

/// A style in a few letters: the colour, after a slash the background's, and b(old) d(im)
/// u(nderlined) r(eversed) x(crossed out).
fn style_name(style: Style) -> String {
    let mut name = match style.fg {
        None | Some(ratatui::style::Color::Reset) => "-".to_owned(),
        Some(colour) => colour.to_string(),
    };
    if let Some(colour) = style.bg.filter(|c| *c != ratatui::style::Color::Reset) {
        let _ = write!(name, "/{colour}");
    }
    for (modifier, letter) in [
        (Modifier::BOLD, "b"),
        (Modifier::DIM, "d"),
        (Modifier::UNDERLINED, "u"),
        (Modifier::REVERSED, "r"),
        (Modifier::CROSSED_OUT, "x"),
    ] {
        if style.add_modifier.contains(modifier) {
            let _ = write!(name, "+{letter}");
        }
    }
    name
}

/// The picture, and below it the styles of every row as runs `from-to style`.
fn with_styles(buffer: &Buffer) -> String {
    let area = buffer.area;
    let mut out = text(buffer).join("\n");
    out.push_str("\n\nstyles\n");
    for y in area.top()..area.bottom() {
        let styles: Vec<Style> = (area.left()..area.right())
            .map(|x| buffer[(x, y)].style())
            .collect();
        let mut row = String::new();
        let mut start = 0;
        for end in 1..=styles.len() {
            if end == styles.len() || styles[end] != styles[start] {
                let name = style_name(styles[start]);
                if name != "-" {
                    let _ = write!(row, " {start}-{} {name}", end - 1);
                }
                start = end;
            }
        }
        if !row.is_empty() {
            let _ = writeln!(out, "{y:>2}:{row}");
        }
    }
    out
}

macro_rules! snapshot {
    ($name:literal, $app:expr, $width:literal, $height:literal) => {
        insta::assert_snapshot!($name, with_styles(&picture(&$app, $width, $height)))
    };
}

#[test]
fn dark_in_three_sizes() {
    let app = crate::common::synthetic::app();
    snapshot!("dark_80x24", app, 80, 24);
    snapshot!("dark_120x40", app, 120, 40);
    snapshot!("dark_200x60", app, 200, 60);
}

#[test]
fn the_phase_diagram_in_three_sizes() {
    let mut app = crate::phase::filled();
    snapshot!("phase_60x16", app, 60, 16);
    snapshot!("phase_80x24", app, 80, 24);
    snapshot!("phase_120x40", app, 120, 40);
    app.look.marker = Marker::Ascii;
    app.look.theme = ThemeName::Mono;
    snapshot!("phase_ascii_80x24", app, 80, 24);
}

#[test]
fn the_settings_in_two_sizes() {
    let mut app = crate::common::synthetic::app();
    app.update(Action::Show(Screen::Settings));
    snapshot!("settings_80x24", app, 80, 24);
    snapshot!("settings_120x40", app, 120, 40);
}

#[test]
fn smallest_sizes() {
    let app = crate::common::synthetic::app();
    snapshot!("dark_60x16", app, 60, 16);
    snapshot!("dark_40x12", app, 40, 12);
    snapshot!("dark_30x6", app, 30, 6);
}

#[test]
fn light_and_sixteen_colours() {
    let app = crate::common::synthetic::app().with(|app| {
        app.look.theme = ThemeName::Light;
    });
    snapshot!("light_80x24", app, 80, 24);
    let app = crate::common::synthetic::app().with(|app| {
        app.look.depth = Depth::Ansi16;
        app.sim.question = Question::Alone;
    });
    snapshot!("sixteen_120x40", app, 120, 40);
}

#[test]
fn mono_and_ascii() {
    let app = crate::common::synthetic::app().with(|app| {
        app.look.theme = ThemeName::Mono;
        app.sim.question = Question::Alone;
    });
    snapshot!("mono_120x40", app, 120, 40);
    let app = crate::common::synthetic::app().with(|app| {
        app.look.theme = ThemeName::Mono;
        app.look.marker = Marker::Ascii;
    });
    snapshot!("ascii_80x24", app, 80, 24);
}

#[test]
fn other_screens() {
    let app = crate::common::synthetic::app().with(|app| {
        app.screen = Screen::Paths;
        app.sim.question = Question::Alone;
    });
    snapshot!("paths_80x24", app, 80, 24);
    snapshot!("paths_120x40", app, 120, 40);
    snapshot!("paths_200x60", app, 200, 60);
    let app = App {
        screen: Screen::Gates,
        ..crate::common::synthetic::app()
    };
    snapshot!("gates_80x24", app, 80, 24);
    snapshot!("gates_120x40", app, 120, 40);
    snapshot!("gates_200x60", app, 200, 60);
    let app = App {
        screen: Screen::Presets,
        ..crate::common::synthetic::app()
    };
    snapshot!("presets_80x24", app, 80, 24);
}

/// The words and places of the screens that have no picture with styles at these sizes.
#[test]
fn every_screen_has_three_sizes() {
    let on = |screen| {
        crate::common::synthetic::app().with(|app| {
            app.screen = screen;
        })
    };
    let sizes = [(80, 24), (120, 40), (200, 60)];
    for (name, app, sizes) in [
        ("presets", on(Screen::Presets), &sizes[1..]),
        ("settings", on(Screen::Settings), &sizes[2..]),
        ("explain", studied(Screen::Explain), &sizes[..]),
        ("layers", trained(), &sizes[2..]),
        ("phase", crate::phase::filled(), &sizes[2..]),
        ("train", demonstration(60, false), &sizes[2..]),
    ] {
        for &(width, height) in sizes {
            let rows = text(&picture(&app, width, height));
            let rows: Vec<&str> = rows.iter().map(|row| row.trim_end()).collect();
            insta::assert_snapshot!(format!("text_{name}_{width}x{height}"), rows.join("\n"));
        }
    }
}

/// A screen with its study, of a small window that is really computed. Its last digits belong to
/// the machine, so that the errors are replaced.
fn studied(screen: Screen) -> App {
    let settings = Settings {
        hidden: 4,
        steps: 60,
        detach: if screen == Screen::Paths { 0.25 } else { 0.0 },
        forget: ForgetGate::Pinned(0.99),
        rho: Some(2.0),
        ..Settings::default()
    };
    let mut simulation = Simulation::new(settings.clone(), Arc::default()).unwrap();
    let ask = Ask {
        alone: true,
        ..Ask::default()
    };
    let flows = Side::BOTH.map(|side| simulation.flow(side, ask, &mut |_| true).unwrap());
    let window = simulation.window(Side::Left, &mut |_| true).unwrap();
    let mut app = crate::common::synthetic::app().with(|app| {
        app.screen = screen;
        app.sim.question = Question::Alone;
        app.screens.hops.orders = 40;
        app.sim.settings = settings.clone();
    });
    let request = app.wanted_study().expect("the screen wants a study");
    let finding = match request {
        StudyRequest::Hops { orders, .. } => {
            let mut hops = window.hops(PathSet::EMPTY, orders, &mut |_| true).unwrap();
            hops.residual.fill(2e-16);
            Finding::Hops(Arc::new(hops))
        }
        StudyRequest::Explain { t, units, .. } => {
            let t = t.min(settings.steps * 2 / 3);
            let rnn = simulation.window(Side::Right, &mut |_| true).unwrap();
            let example = |window: &Window, path| {
                let example =
                    window.explain_or_largest(PathSet::EMPTY, path, t, units, &mut |_| true);
                example.unwrap()
            };
            Finding::Explain(Box::new(Explained {
                example: example(&window, None),
                beside: Some(example(&rnn, Some(Path::Recurrent))),
            }))
        }
        StudyRequest::Detach { .. } => {
            Finding::Detached(window.detached(PathSet::EMPTY, &mut |_| true).unwrap())
        }
        StudyRequest::Layers => unreachable!("it is of no window"),
        StudyRequest::Spectrum { .. } => {
            let spectrum = window.spectrum(None, &mut |_| true).unwrap();
            Finding::Spectrum(Arc::new(spectrum))
        }
    };
    let mut snapshot = Snapshot {
        settings: settings.clone(),
        cuts: PathSet::EMPTY,
        question: Question::Alone,
        now: 60,
        flows,
        norm_history: Vec::new(),
        clipped_steps: [0, 0],
        live_steps: 0,
    };
    for flow in &mut snapshot.flows {
        flow.residual.fill(2e-16);
    }
    app.study.asked = Some(request);
    app.report(Report::Snapshot(Arc::new(snapshot)));
    app.report(Report::Study(Arc::new(Study {
        request,
        settings,
        now: 60,
        finding: Ok(finding),
    })));
    app.update(Action::CursorTo(40));
    app
}

#[test]
fn hop_orders_and_draws() {
    snapshot!("hops_80x24", studied(Screen::Hops), 80, 24);
    let mono = studied(Screen::Hops).with(|app| {
        app.look.theme = ThemeName::Mono;
        app.look.marker = Marker::Ascii;
    });
    snapshot!("hops_ascii_80x24", mono, 80, 24);
    snapshot!("detach_80x24", studied(Screen::Paths), 80, 24);
    snapshot!("hops_120x40", studied(Screen::Hops), 120, 40);
    snapshot!("hops_200x60", studied(Screen::Hops), 200, 60);
    // What is still being computed says so.
    let mut waiting = studied(Screen::Hops);
    waiting.study.found = None;
    waiting.study.progress = Some(0.25);
    let rows = text(&picture(&waiting, 80, 24)).join("\n");
    assert!(rows.contains("computing, 25 %"), "{rows}");
}

/// The screen of layers with the diagnosis of a model in `tests/data`, on noise or on its batch.
fn layered(weights: &str, batch: Option<&str>) -> App {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let file = ModelFile::open(&folder.join(weights)).unwrap();
    let model = Model {
        title: weights.to_owned(),
        parameters: file.stack(None).unwrap().value,
        semantics: Semantics::default(),
        taken: String::new(),
    };
    let inputs = model.parameters.inputs();
    let drive = match batch {
        Some(name) => {
            let wanted = Wanted {
                steps: None,
                inputs,
                array: None,
                embedding: None,
            };
            Drive {
                source: name.to_owned(),
                input: Input::Own,
                sequences: load_batch(&folder.join(name), &wanted).unwrap().value,
                ..Drive::default()
            }
        }
        None => Drive::noise(1, 200, inputs, 7),
    };
    let found = diagnose(&model, &drive, 7, &mut |_| true).unwrap();
    let mut app = App {
        screen: Screen::Layers,
        ..crate::common::synthetic::app()
    };
    app.screens.layers.steps = Some(drive.steps());
    app.update(Action::CursorTo(drive.steps() * 7 / 10));
    app.report(Report::Study(Arc::new(Study {
        request: StudyRequest::Layers,
        settings: app.sim.settings.clone(),
        now: 0,
        finding: Ok(Finding::Layers(Arc::new(found))),
    })));
    app
}

const BIDIRECTIONAL: &str = "stacks/bidirectional_lstm/weights.safetensors";

fn trained() -> App {
    layered("trained/model.safetensors", Some("trained/batch.npy"))
}

#[test]
fn layers_of_a_model() {
    snapshot!("layers_80x24", trained(), 80, 24);
    snapshot!("layers_120x40", trained(), 120, 40);
    snapshot!("layers_160x50", trained(), 160, 50);
    snapshot!("layers_60x16", trained(), 60, 16);
    let both = layered(BIDIRECTIONAL, None);
    snapshot!("layers_both_80x24", both, 80, 24);
    snapshot!("layers_both_120x40", both, 120, 40);
    snapshot!("layers_both_60x16", both, 60, 16);
    snapshot!("layers_both_40x12", both, 40, 12);
    let mut mono = trained().with(|app| {
        app.look.theme = ThemeName::Mono;
    });
    mono.update(Action::Own(Own::Layers(layers::state::Action::Whole)));
    mono.update(Action::Select(1));
    snapshot!("layers_mono_160x50", mono, 160, 50);
    let ascii = layered(BIDIRECTIONAL, None).with(|app| {
        app.look.theme = ThemeName::Mono;
        app.look.marker = Marker::Ascii;
    });
    snapshot!("layers_ascii_80x24", ascii, 80, 24);
}

/// The screen opens on the layer that is live, and says which one that is.
#[test]
fn layers_with_the_live_one() {
    let mut app = layered(BIDIRECTIONAL, None);
    let directions = app.diagnosis().unwrap().layers.len();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let file = ModelFile::open(&folder.join(BIDIRECTIONAL)).unwrap();
    let model = file.stack(None).unwrap().value;
    for reverse in [false, true] {
        let live = LayerId { layer: 0, reverse };
        app.screens.layers = Layers::of(&model, 200, Some(live));
        assert_eq!(
            app.screens.layers.row,
            directions - 2 + usize::from(reverse)
        );
        assert_eq!(app.selected_layer().map(LayerDiagnosis::id), Some(live));
        for (width, height) in [(60, 16), (80, 24), (120, 40)] {
            app.screens.layers.row = directions - 2 + usize::from(reverse);
            let said = |app: &App| text(&picture(app, width, height)).join(" ");
            assert!(said(&app).contains("live"), "{width}x{height}");
            app.screens.layers.row = 0;
            assert!(!said(&app).contains("live"), "{width}x{height}");
        }
    }
}

/// The words judge what a layer carries by itself, and say so where more is drawn.
#[test]
fn layers_in_words_say_of_which_gradient() {
    let mut app = trained();
    let name = app.selected_layer().unwrap().id().to_string();
    let page = |app: &App| text(&picture(app, 160, 50)).join("\n");
    assert!(page(&app).contains(&format!("{name} in words")));
    app.update(Action::Own(Own::Layers(layers::state::Action::Whole)));
    assert!(page(&app).contains(&format!("{name} alone, in words")));
}

/// The numbers in two lines are of the gradient that is drawn, and a title is never cut.
#[test]
fn layers_in_short() {
    let mut app = layered(BIDIRECTIONAL, None);
    // Of a lower layer, which is fed from above.
    app.screens.layers.row = 2;
    let horizon = |app: &App| {
        let said = text(&picture(app, 80, 24)).join(" ");
        let (_, after) = said.split_once("horizon ").unwrap();
        after.split_once("  main path").unwrap().0.to_owned()
    };
    let layer = app.selected_layer().unwrap().clone();
    let of = |back: Option<usize>| match back {
        Some(back) => format!("{back} of 200 steps"),
        None => "beyond 199 steps".to_owned(),
    };
    assert_ne!(layer.horizon, layer.whole_horizon);
    assert_eq!(horizon(&app), of(layer.horizon));
    app.update(Action::Own(Own::Layers(layers::state::Action::Whole)));
    assert_eq!(horizon(&app), of(layer.whole_horizon));

    let mut found = (**app.diagnosis().unwrap()).clone();
    found.input = Input::Own;
    for layer in &mut found.layers {
        layer.law.factor = Some(Wide::ONE);
        layer.whole_horizon = None;
        layer.alone.median[0] = Wide::new(1.0, -1500);
    }
    app.report(Report::Study(Arc::new(Study {
        request: StudyRequest::Layers,
        settings: app.sim.settings.clone(),
        now: 0,
        finding: Ok(Finding::Layers(Arc::new(found))),
    })));
    let wide = text(&picture(&app, 80, 24)).join(" ");
    assert!(!wide.contains("not on your data"), "{wide}");
    assert!(wide.contains("no layer vanishes or explodes ◆"), "{wide}");
    let narrow = text(&picture(&app, 40, 12)).join(" ");
    assert!(narrow.contains("all stable ◆"), "{narrow}");
    // A rate makes way for the direction of its layer.
    app.update(Action::Own(Own::Layers(layers::state::Action::Whole)));
    let narrow = text(&picture(&app, 60, 16)).join("\n");
    assert!(narrow.contains("╭ layer 0 → ─"), "{narrow}");
}

#[test]
fn layers_without_a_model_or_a_diagnosis() {
    let mut app = App {
        screen: Screen::Layers,
        ..crate::common::synthetic::app()
    };
    let said = |app: &App| text(&picture(app, 100, 24)).join(" ");
    assert!(said(&app).contains("No trained model is open"));
    app.screens.layers.steps = Some(40);
    app.study.progress = Some(0.25);
    assert!(said(&app).contains("computing, 25 %"));
}

#[test]
fn layers_by_the_mouse() {
    let mut app = layered(BIDIRECTIONAL, None);
    let noise = text(&picture(&app, 120, 40)).join(" ");
    assert!(
        noise.contains("on noise N(0,1), not on your data"),
        "{noise}"
    );
    assert!(!noise.contains("vanishing"), "{noise}");
    // As on data, where there is more to say.
    let mut found = (**app.diagnosis().unwrap()).clone();
    found.input = Input::Own;
    app.report(Report::Study(Arc::new(Study {
        request: StudyRequest::Layers,
        settings: app.sim.settings.clone(),
        now: 0,
        finding: Ok(Finding::Layers(Arc::new(found))),
    })));
    let area = Rect::new(0, 0, 80, 24);
    let at = |app: &App, kind, x, y| app::mouse(app, area, event(kind, x, y));
    assert_eq!(at(&app, MouseKind::Press, 3, 4), Some(Action::Select(2)));
    assert!(matches!(
        at(&app, MouseKind::Press, 40, 4),
        Some(Action::CursorTo(80..120))
    ));
    // The wheel turns the words, as far as they go.
    assert_eq!(
        at(&app, MouseKind::Wheel(-1), 9, 18),
        Some(Action::Scroll(3))
    );
    picture(&app, 80, 24);
    app.update(Action::Scroll(1000));
    let far = app.screens.layers.words.top();
    assert!(matches!(far, 1..40), "{far}");
    app.update(Action::Scroll(1));
    assert_eq!(app.screens.layers.words.top(), far);
}

#[test]
fn a_path_is_explained_beside_the_numbers_of_the_rnn() {
    let app = studied(Screen::Explain);
    let page = text(&picture(&app, 120, 120)).join("\n");
    let (_, rnn) = page
        .split_once("The same two steps of the vanilla RNN")
        .expect(&page);
    assert!(rnn.contains("in the chart: the same number"), "{page}");
    // It is copied with them.
    let mut app = app;
    let Effect::Copy(copied) = app.update(Action::Own(Own::Explain(explain::state::Action::Copy(
        Form::Markdown,
    )))) else {
        panic!("nothing is copied");
    };
    assert!(copied.contains("## The same two steps of the vanilla RNN"));
}

/// An LSTM with peepholes, really computed.
fn many_paths(variant: Variant) -> App {
    let mut settings = Settings {
        hidden: 4,
        steps: 60,
        peepholes: true,
        ..Settings::default()
    };
    settings.cells[0].variant = variant;
    let mut simulation = Simulation::new(settings.clone(), Arc::default()).unwrap();
    let ask = Ask {
        alone: true,
        ..Ask::default()
    };
    let flows = Side::BOTH.map(|side| simulation.flow(side, ask, &mut |_| true).unwrap());
    let mut app = crate::common::synthetic::app().with(|app| {
        app.sim.question = Question::Alone;
        app.sim.settings = settings.clone();
    });
    app.report(Report::Snapshot(Arc::new(Snapshot {
        settings,
        cuts: PathSet::EMPTY,
        question: Question::Alone,
        now: 60,
        flows,
        norm_history: Vec::new(),
        clipped_steps: [0, 0],
        live_steps: 0,
    })));
    app
}

#[test]
fn every_path_is_shown_or_counted() {
    let rows = |app: &App, width, height| text(&picture(app, width, height)).join("\n");
    let mut app = many_paths(Variant::Plain);
    let main = rows(&app, 80, 25);
    for name in ["peep i", "peep f", "peep o", "+1 zero"] {
        assert!(main.contains(name), "{name}\n{main}");
    }
    let line = rows(&app, 60, 16);
    assert!(line.contains("+4\n") || line.contains("+4 "), "{line}");
    app.screen = Screen::Paths;
    let paths = rows(&app, 80, 25);
    for name in ["total", "carousel", "peep i", "peep f", "peep o"] {
        assert!(paths.contains(name), "{name}\n{paths}");
    }
    assert!(!paths.contains(" below"), "{paths}");
    for part in ["│ c +", " pi ", " pf ", " po "] {
        assert!(paths.contains(part), "{part}\n{paths}");
    }

    let mut app = many_paths(Variant::Fgr);
    assert!(rows(&app, 80, 25).contains("+4 more"));
    app.screen = Screen::Paths;
    let upper = rows(&app, 80, 25);
    assert!(
        upper.contains("▸carousel") && upper.contains("1 more below"),
        "{upper}"
    );
    for _ in 0..20 {
        app.update(Action::Select(1));
    }
    let lower = rows(&app, 80, 25);
    assert!(
        lower.contains("▸peep o") && lower.contains("1 more above"),
        "{lower}"
    );
    // What is drawn is what the mouse finds.
    let row = lower.lines().position(|line| line.starts_with("│ peep f"));
    let y = u16::try_from(row.unwrap()).unwrap();
    let area = Rect::new(0, 0, 80, 25);
    let pressed = app::mouse(&app, area, event(MouseKind::Press, 3, y));
    assert_eq!(pressed, Some(Action::Select(-1)));
}

#[test]
fn a_path_is_selected_by_the_mouse() {
    let app = App {
        screen: Screen::Paths,
        ..crate::common::synthetic::app()
    };
    let area = Rect::new(0, 0, 80, 24);
    let rows = text(&picture(&app, 80, 24));
    // The ladder's name, not the one at the end of the large curve.
    let row = rows
        .iter()
        .position(|row| row.starts_with("│ output"))
        .unwrap();
    let at = |x| {
        app::mouse(
            &app,
            area,
            event(MouseKind::Press, x, u16::try_from(row).unwrap()),
        )
    };
    assert_eq!(at(3), Some(Action::Select(4)), "four below the carousel");
    assert!(matches!(at(40), Some(Action::CursorTo(_))));
}

#[test]
fn the_path_chosen_on_one_screen_is_the_one_on_the_other() {
    let mut app = App {
        screen: Screen::Paths,
        ..crate::common::synthetic::app()
    };
    assert_eq!(app.path_row(), 1);
    app.update(Action::Select(2));
    assert_eq!(
        (app.path_row(), app.focus.path.path()),
        (3, Some(Path::Input))
    );
    app.update(Action::Show(Screen::Explain));
    let Some(StudyRequest::Explain { path, .. }) = app.wanted_study() else {
        panic!("the page should be asked for");
    };
    assert_eq!(path, Some(Path::Input));

    let mut app = studied(Screen::Explain);
    app.update(Action::Own(Own::Explain(explain::state::Action::NextPath(
        -1,
    ))));
    let explained = app.page_path().unwrap();
    assert_eq!(app.focus.path.path(), Some(explained));
    app.update(Action::Show(Screen::Paths));
    let rows = text(&picture(&app, 80, 24));
    let name = format!("▸{}", explained.name());
    assert!(rows.iter().any(|row| row.contains(&name)), "{rows:#?}");
    // The other cell has no such path, and shows its own.
    app.update(Action::NextCell);
    assert_eq!(app.path_row(), 1);
    app.update(Action::NextCell);
    app.update(Action::Show(Screen::Explain));
    assert_eq!(app.focus.path.path(), Some(explained));
}

#[test]
fn titles_keep_their_numbers() {
    let app = App {
        screen: Screen::Paths,
        ..crate::common::synthetic::app()
    };
    let rows = text(&picture(&app, 60, 16));
    let title = rows.iter().find(|row| row.starts_with("╭ parts")).unwrap();
    assert!(title.contains("parts of δc_t at t 137 "), "{title}");
}

#[test]
fn a_gradient_of_zero_has_no_parts() {
    for screen in [Screen::Flow, Screen::Paths] {
        let app = App { screen, ..zeros() };
        let page = text(&picture(&app, 80, 24)).join("\n");
        assert!(page.contains("δ_t is 0: no parts"), "{page}");
        assert!(!page.contains("Σ"), "{page}");
    }
}

#[test]
fn a_carousel_that_grows_is_said_until_it_is_cut() {
    let mut lstm = crate::common::synthetic::lstm(200, 0.99);
    lstm.carousel_gain = vec![1.04; 200];
    for gate in &mut lstm.gates {
        gate.high = vec![1.0; 200];
    }
    let mut app =
        crate::common::synthetic::app_with(lstm, crate::common::synthetic::rnn(200, 1.02));
    let page = |app: &App| text(&picture(app, 120, 40)).join("\n");
    assert!(
        text(&picture(&app, 80, 24))
            .join("\n")
            .contains("carousel up to ×1.04")
    );
    assert!(page(&app).contains("a carousel grows"), "{}", page(&app));
    for path in [Path::Carousel, Path::PeepholeForget] {
        app.sim.cuts = PathSet::of(&[path]);
        assert!(!page(&app).contains("×1.04"), "{path:?}");
        assert!(!text(&picture(&app, 80, 24)).join("\n").contains("×1.04"));
    }
}

#[test]
fn ladders_say_what_clipping_does_and_the_size_at_the_cursor() {
    let mut app = crate::common::synthetic::app();
    let rows = text(&picture(&app, 80, 24));
    let below = |rows: &[String]| -> Vec<String> {
        let lower = rows.iter().filter(|row| row.starts_with("╰ t 137 ×"));
        lower.cloned().collect()
    };
    let lower = below(&rows);
    assert_eq!(lower.len(), 2, "{rows:#?}");
    assert!(lower[0].contains("‖g‖ 0.820 ─"), "{lower:?}");
    assert!(lower[1].contains(" → 5.00 ─"), "{lower:?}");
    // The panel of numbers says the same.
    assert!(below(&text(&picture(&app, 120, 40))).is_empty());
    app.screens.flow.zoom = true;
    assert_eq!(below(&text(&picture(&app, 120, 40))).len(), 1);
}

/// What is compared has one scale: as many rows in one panel as in the other, whatever the size.
#[test]
fn both_cells_have_as_many_rows() {
    let app = crate::common::synthetic::app();
    for width in (60..240).step_by(20) {
        for height in 16..70 {
            let places = plan(&app, Rect::new(0, 0, width, height)).places;
            let totals = places.iter().filter(|place| {
                let name = format!("{:?}", place.panel);
                name.starts_with("Curves(") || name.starts_with("Total(")
            });
            let rows: Vec<u16> = totals.map(|place| place.area.height).collect();
            assert_eq!(rows.len(), 2, "{width}x{height}");
            assert_eq!(rows[0], rows[1], "{width}x{height}");
        }
    }
}

/// Without a path that brings nothing back, nothing is another one; its name says what is taken away.
#[test]
fn a_cut_without_effect_is_nothing_to_see() {
    let mut app = crate::common::synthetic::app().with(|app| {
        app.sim.question = Question::Without;
    });
    let mut snapshot = (**app.sim.snapshot.as_ref().unwrap()).clone();
    let lstm = &mut snapshot.flows[0];
    let total = lstm.totals.clone();
    for path in &mut lstm.paths {
        path.without = Some(total.clone());
        if path.path == Path::Block {
            let half = |size: &mut Wide| *size = size.times(Wide::new(1.0, -1));
            path.without
                .iter_mut()
                .for_each(|w| w.grad_c.iter_mut().for_each(half));
        }
    }
    app.sim.snapshot = Some(Arc::new(snapshot));
    let view = View::new(&app);
    let flow = view.flow(Side::Left).unwrap();
    for path in view.shown_paths(flow) {
        let drawn = view.beside_total(Side::Left, path);
        let seen = drawn.iter().flatten().count();
        let changed = path.path == Path::Block;
        assert_eq!(
            seen,
            if changed { flow.steps } else { 0 },
            "{:?}",
            path.path
        );
        let change = view.drawn(Side::Left, path)[0].unwrap();
        let expected = if changed {
            -std::f64::consts::LOG10_2
        } else {
            0.0
        };
        assert!(
            (change - expected).abs() < 1e-12,
            "{:?}: {change}",
            path.path
        );
    }
    let rows = text(&picture(&app, 120, 40)).join("\n");
    assert!(rows.contains("│ −block "), "{rows}");
    assert!(!rows.contains("│ −input ×"), "{rows}");
}

#[test]
fn a_fixed_axis_is_called_so() {
    let mut app = crate::common::synthetic::app();
    for (width, height) in [(60, 16), (80, 24), (120, 40), (200, 60)] {
        app.look.axis = None;
        let follows = text(&picture(&app, width, height)).join("\n");
        app.update(Action::ToggleAxis);
        let fixed = text(&picture(&app, width, height)).join("\n");
        assert!(!follows.contains("fixed") && fixed.contains("fixed"));
        // And nothing else moves.
        assert_eq!(fixed.replace("fixed", "     "), follows);
    }
}

#[test]
fn a_screen_without_a_window_says_why() {
    let why = "the lstm leaves the range of numbers at step 14529: lower f, ρ, T or input";
    // The layers are of a model, and a training has a state of its own.
    let of_cells = |s: &Screen| !matches!(s, Screen::Layers | Screen::Train);
    for screen in Screen::ALL.iter().copied().filter(of_cells) {
        let mut app = crate::common::synthetic::app().with(|app| {
            app.screen = screen;
            app.sim.snapshot = None;
        });
        app.report(Report::Failed(why.to_owned()));
        let page = text(&picture(&app, 80, 24)).join("\n");
        assert!(page.contains(&format!("! {why}")), "{page}");
        assert!(page.contains("‖ stopped"), "{page}");
        // The map of other settings is computed all the same.
        assert!(
            screen == Screen::Phase || !page.contains("computing"),
            "{page}"
        );
        let large = text(&picture(&app, 120, 40)).join("\n");
        assert!(!large.contains("being computed"), "{large}");
    }
}

#[test]
fn a_study_that_cannot_be_says_why() {
    let why = "no such study: every |c| > 300";
    for screen in [Screen::Hops, Screen::Spectrum, Screen::Explain] {
        let mut app = studied(screen);
        let study = app.study.found.as_deref().unwrap().clone();
        app.study.found = Some(Arc::new(Study {
            finding: Err(why.to_owned()),
            ..study
        }));
        let page = text(&picture(&app, 120, 40)).join("\n");
        assert!(page.contains(why), "{page}");
    }
}

/// Nor does it show those of the settings before, which would pass for the present ones'.
#[test]
fn a_window_of_earlier_settings_is_given_up() {
    for screen in Screen::ALL.iter().copied().filter(|s| *s != Screen::Layers) {
        let fail = |app: &mut App| {
            app.screen = screen;
            app.report(Report::Failed("no numbers: lower T".to_owned()));
            text(&picture(app, 80, 24)).join("\n")
        };
        let mut app = crate::common::synthetic::app();
        fail(&mut app);
        assert!(
            app.sim.snapshot.is_some(),
            "it is of the settings that failed"
        );
        app.sim.pace.speed += 1;
        fail(&mut app);
        assert!(app.sim.snapshot.is_some(), "the speed changes no curve");

        app.study.found = Some(spectrum(app.focus.side));
        app.sim.settings.steps = 20_000;
        let page = fail(&mut app);
        assert!(app.sim.snapshot.is_none() && app.study.found.is_none());
        for trace in ["200 = T", "t 137"] {
            assert!(!page.contains(trace), "{trace} on {screen:?}:\n{page}");
        }
        assert!(!app.report(Report::Study(spectrum(app.focus.side))));
    }
}

#[test]
fn the_cell_in_focus_is_underlined() {
    let mut app = crate::common::synthetic::app();
    for name in ["lstm", "rnn"] {
        for (width, height) in [(80, 24), (120, 40)] {
            let buffer = picture(&app, width, height);
            let cells = buffer.content.iter();
            let marked = cells.filter(|c| c.modifier.contains(Modifier::UNDERLINED));
            assert_eq!(marked.map(Cell::symbol).collect::<String>(), name);
        }
        app.update(Action::NextCell);
    }
}

#[test]
fn the_pause_key_runs_what_is_paused() {
    let mut app = crate::common::synthetic::app();
    for (running, label) in [(true, "Space pause"), (false, "Space run")] {
        app.sim.running = running;
        let rows = text(&picture(&app, 80, 24));
        assert!(rows[23].contains(label), "{}", rows[23]);
    }
}

#[test]
fn hop_orders_say_what_is_cut() {
    let mut app = studied(Screen::Hops);
    app.sim.cuts = PathSet::of(&[Path::Block, Path::Output]);
    for (width, height) in [(60, 16), (80, 24), (120, 40)] {
        let page = text(&picture(&app, width, height)).join("\n");
        assert!(page.contains("lstm hop orders ✂ bo "), "{page}");
    }
}

#[test]
fn a_control_without_effect_is_marked() {
    let mut app = crate::common::synthetic::app();
    app.sim.settings.cells = [CellKind::Rnn, CellKind::Gru].map(Into::into);
    app.sim.settings.forget = ForgetGate::Learned(Some(1.0));
    for (width, height, text_of) in [(80, 24, "bias 1.0 !"), (120, 40, "bias 1.0  no effect ")] {
        let page = text(&picture(&app, width, height)).join("\n");
        assert!(page.contains(text_of), "{page}");
    }
}

#[test]
fn numbers_leave_room_for_names_and_axes() {
    // A name is not cut for the decimals of its number.
    let mut app = crate::common::synthetic::app().with(|app| {
        app.screen = Screen::Paths;
        app.sim.question = Question::Alone;
    });
    let mut snapshot = (**app.sim.snapshot.as_ref().unwrap()).clone();
    let carousel = &mut snapshot.flows[0].paths[0];
    carousel.alone.fill(Wide::new(1.0, -500));
    app.sim.snapshot = Some(Arc::new(snapshot));
    let page = text(&picture(&app, 80, 24)).join("\n");
    assert!(page.contains("▸carousel  -151 "), "{page}");

    // Nor does a value touch the axis.
    let mut app = App {
        screen: Screen::Gates,
        ..crate::common::synthetic::app()
    };
    let mut snapshot = (**app.sim.snapshot.as_ref().unwrap()).clone();
    for gate in &mut snapshot.flows[0].gates {
        gate.quartiles[0].fill(-0.985);
    }
    app.sim.snapshot = Some(Arc::new(snapshot));
    let page = text(&picture(&app, 80, 24)).join("\n");
    assert!(page.contains("q1 -1.0 -1"), "{page}");
}

#[test]
fn the_text_on_a_preset_is_read_to_its_end() {
    for (width, height) in [(80, 24), (60, 16), (40, 12)] {
        let mut app = App {
            screen: Screen::Presets,
            ..crate::common::synthetic::app()
        };
        let mut read = text(&picture(&app, width, height)).join("\n");
        for _ in 0..30 {
            app.update(Action::Scroll(1));
            read += &text(&picture(&app, width, height)).join("\n");
        }
        for word in ["press", "watch", "source", "Hochreiter", "2000"] {
            assert!(read.contains(word), "{word} at {width}x{height}");
        }
        let (top, preset) = (app.screens.presets.text.top(), app.screens.presets.row);
        app.update(Action::Scroll(1));
        assert_eq!(app.screens.presets.text.top(), top, "the end");
        app.update(Action::Select(1));
        assert_eq!(
            (app.screens.presets.text.top(), app.screens.presets.row),
            (0, preset + 1)
        );
    }
}

#[test]
fn a_small_screen_says_that_it_shows_another_one() {
    for screen in [Screen::Paths, Screen::Gates, Screen::Hops, Screen::Spectrum] {
        let app = App {
            screen,
            ..crate::common::synthetic::app()
        };
        let page = text(&picture(&app, 50, 14)).join("\n");
        let says = format!("{} from 60x16 on; here is flow", screen.name());
        assert!(page.contains(&says), "{page}");
        assert!(!page.contains("matrix"), "{page}");
    }
}

/// The search of a page shows the lines that have every word, in the place of the page.
#[test]
fn pages_are_searched() {
    let search = |words, typed: &str| {
        let app = App {
            popup: Some(Popup::Page(Page {
                words,
                search: Some(TextLine::of(typed.to_owned())),
                ..Page::default()
            })),
            ..crate::common::synthetic::app()
        };
        text(&picture(&app, 120, 40)).join("\n")
    };
    let found = search(false, "UNDO");
    assert!(
        found.contains("/ UNDO") && found.contains("undo the last change"),
        "{found}"
    );
    assert!(!found.contains("raise, lower"), "{found}");
    // Whoever looks for a word among the keys finds what it means.
    let found = search(false, "horizon");
    assert!(found.contains("falls below 1 %"), "{found}");
    let none = search(false, "zzzz");
    assert!(none.contains("nothing found"), "{none}");
    let found = search(true, "matrix largest");
    assert!(
        found.contains("its largest singular value") && !found.contains("half-life "),
        "{found}"
    );
}

#[test]
fn the_letters_after_x() {
    let mut app = App {
        cutting: true,
        ..crate::common::synthetic::app()
    };
    let last = |app: &App| text(&picture(app, 120, 24)).pop().unwrap();
    assert!(last(&app).contains("g all gated  Esc"), "{}", last(&app));
    assert!(!last(&app).contains("restore all"));
    app.sim.cuts = PathSet::of(&[Path::Carousel]);
    assert!(last(&app).contains("x restore all"), "{}", last(&app));
}

#[test]
fn the_edge_is_offered_where_there_is_one() {
    let mut app = crate::common::synthetic::app();
    for (control, offered) in [(Control::Radius, true), (Control::Threshold, false)] {
        app.focus.control = control;
        let last = text(&picture(&app, 160, 24)).pop().unwrap();
        assert_eq!(last.contains("E edge"), offered, "{last}");
    }
}

#[test]
fn the_palette() {
    let app = App {
        popup: Some(Popup::Palette {
            line: TextLine::of("rad".to_owned()),
            row: 1,
        }),
        ..crate::common::synthetic::app()
    };
    snapshot!("palette_80x24", app, 80, 24);
}

/// Every row of the list and every control can be typed on the usual screen: what is allowed is
/// there in full, and what is wrong too.
#[test]
fn every_value_is_typed_with_its_range_in_sight() {
    let mut apps = Vec::new();
    for parameter in 0..Parameter::all().len() {
        apps.push(crate::common::synthetic::app().with(|app| {
            app.screen = Screen::Settings;
            app.screens.settings.row = parameter;
        }));
        // Only an LSTM has variants.
        if let Some(app) = apps.last_mut() {
            app.sim.settings.cells = [CellKind::Lstm.into(); 2];
        }
    }
    for selected in Control::ALL {
        apps.push(crate::common::synthetic::app().with(|app| {
            app.focus.control = selected;
        }));
    }
    // Words may be broken over lines anywhere; beside the box, the screen goes on.
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let inside = |app: &App| {
        let rows = text(&picture(app, 80, 24));
        let rows = rows.iter().map(|row| row.chars().skip(3).take(74));
        let rows: Vec<String> = rows.map(Iterator::collect).collect();
        words(&rows.join(" "))
    };
    for mut app in apps {
        app.update(Action::BeginInput);
        let prompt = input::prompt(&app).expect("the line is open");
        assert!(inside(&app).contains(&words(&prompt.range)), "{prompt:?}");
        app.update(Action::Input(Edit::Insert('?')));
        let prompt = input::prompt(&app).expect("the line is open");
        let error = prompt.error.expect("it is no value");
        assert!(inside(&app).contains(&words(&error)), "{error}");
    }
}

#[test]
fn hints_show_the_users_keys() {
    let mut app = crate::common::synthetic::app();
    let file = "forget_down = \"d\"\nforget_up = \"e\"\npause = \"f5\"";
    app.keymap = Keymap::parse("keys.toml", file).unwrap();
    let rows = text(&picture(&app, 80, 24)).join("\n");
    assert!(
        rows.contains("d e forget") && !rows.contains("f F forget"),
        "{rows}"
    );
    assert!(rows.contains("F5 pause"), "{rows}");
    app.popup = Some(Popup::Page(Page::default()));
    let rows = text(&picture(&app, 120, 100)).join("\n");
    assert!(rows.contains("d e  ") && rows.contains("F5 "), "{rows}");
}

#[test]
fn a_theme_of_the_users_colours_the_screen() {
    let colours = file::parse("mine.toml", "vanish = \"#010203\"\nborder = 99").unwrap();
    let app = crate::common::synthetic::app().with(|app| {
        app.look.colours = Some(Box::leak(Box::new(colours)));
        app.look.theme = ThemeName::Own;
    });
    let buffer = picture(&app, 80, 24);
    let has = |colour| buffer.content.iter().any(|cell| cell.fg == colour);
    assert!(has(Color::Rgb(1, 2, 3)) && has(Color::Indexed(99)));
}

#[test]
fn a_title_of_wide_characters() {
    let mut app = crate::common::synthetic::app();
    app.sim.title = "循环神经网络中的梯度消失与爆炸".into();
    app.presets[1].title = app.sim.title.clone();
    snapshot!("wide_80x24", app, 80, 24);
    app.screen = Screen::Presets;
    snapshot!("wide_presets_80x24", app, 80, 24);
}

#[test]
fn cut_paths_are_drawn_as_cut() {
    let app = crate::common::synthetic::app().with(|app| {
        app.sim.cuts = PathSet::of(&[Path::Output]);
    });
    for (width, height) in [(80, 24), (120, 40), (60, 16)] {
        let rows = text(&picture(&app, width, height)).join("\n");
        assert!(rows.contains("cut"), "{width}x{height}");
    }
    let buffer = picture(&app, 80, 24);
    let crossed = buffer
        .content
        .iter()
        .filter(|c| c.modifier.contains(Modifier::CROSSED_OUT))
        .count();
    assert_eq!(crossed, "output".len());
}

#[test]
fn the_answer_is_on_every_size() {
    let app = crate::common::synthetic::app();
    for (width, height) in [
        (40, 12),
        (60, 16),
        (80, 24),
        (120, 24),
        (100, 30),
        (120, 40),
        (160, 45),
        (200, 60),
        (80, 60),
    ] {
        let rows = text(&picture(&app, width, height)).join("\n");
        for part in [
            "0.990²⁰⁰ = 0.134",
            "vanishing ▼",
            "1.020²⁰⁰ = 52.5",
            "exploding ▲",
        ] {
            assert!(rows.contains(part), "{part} at {width}x{height}");
        }
    }
}

/// A finished study of the spectrum of the cell on a side, of plain numbers: eigenvalues on spirals,
/// exponents that settle, two of them at −∞, and singular values that end in rounding noise.
fn spectrum(side: Side) -> Arc<Study> {
    let matrix = |name, radius: f64, slope| MatrixSpectrum {
        name,
        eigenvalues: (0..24)
            .map(|k| {
                let (sin, cos) = (f64::from(k) * 2.4).sin_cos();
                let r = radius * (1.0 - f64::from(k) / 40.0);
                Complex {
                    re: r * cos,
                    im: r * sin,
                }
            })
            .collect(),
        norm: 1.2 * radius,
        slope,
    };
    let matrices = match side {
        Side::Left => vec![
            matrix("input", 0.8, 0.25),
            matrix("forget", 0.6, 0.0),
            matrix("block", 1.1, 1.0),
            matrix("output", 1.0 / 1.2, 1.0),
        ],
        Side::Right => vec![matrix("recurrent", 0.95, 1.0)],
    };
    let exponents = |t: usize| {
        let settling = 0.4 / t as f64;
        let all = (0..22).map(|k| 0.01 - 0.02 * f64::from(k) - settling);
        all.chain([f64::NEG_INFINITY; 2]).collect::<Vec<_>>()
    };
    let course = (1..=50).map(|k| Estimate {
        steps: 4 * k,
        largest: 0.012 - 0.1 / (4 * k) as f64,
        exponents: exponents(4 * k),
    });
    let spectrum = Spectrum {
        matrices,
        product: (0..24).map(|k| Wide::new(1.0, 6 - 3 * k)).collect(),
        lyapunov: Lyapunov {
            exponents: exponents(200),
            rounding: vec![1e-15; 24],
            singular: (side == Side::Left).then_some(Singular {
                step: 1,
                span: (0.0, 1.0),
            }),
            course: course.collect(),
        },
        factor: Some(Wide::from_f64(0.997)),
    };
    Arc::new(Study {
        request: StudyRequest::Spectrum { side },
        settings: crate::common::synthetic::app()
            .sim
            .snapshot
            .unwrap()
            .settings
            .clone(),
        now: 200,
        finding: Ok(Finding::Spectrum(Arc::new(spectrum))),
    })
}

pub(crate) fn on_spectrum(side: Side) -> App {
    crate::common::synthetic::app().with(|app| {
        app.screen = Screen::Spectrum;
        app.focus.side = side;
        app.study.found = Some(spectrum(side));
    })
}

/// A search for the edge with two trials and this end.
fn searching(outcome: Option<Outcome>) -> Popup {
    let trial = |value: f64| Trial {
        value,
        log_r: (value < 2.0).then(|| value.ln()),
    };
    let (low, high) = (trial(0.93), trial(1.023_5));
    let request = edge::Request {
        knob: Knob::Radius,
        start: 0.93,
        side: Side::Right,
        cuts: PathSet::EMPTY,
    };
    Popup::Edge(Edge {
        request,
        asked: Box::new(Settings {
            rho: Some(0.93),
            ..Settings::default()
        }),
        search: Some(Arc::new(Search {
            knob: request.knob,
            trials: vec![low, trial(3.0), high],
            bracket: Some((low, high)),
            outcome,
            spread: None,
            ends: None,
        })),
    })
}

/// Without colours the matrices' letters mark their eigenvalues, and a key says whose they are.
#[test]
fn eigenvalues_are_told_apart_without_colours() {
    let app = on_spectrum(Side::Left).with(|app| {
        app.look.theme = ThemeName::Mono;
    });
    for (width, height) in [(80, 25), (120, 40)] {
        let area = Rect::new(0, 0, width, height);
        let plan = plan(&app, area);
        let plane = |place: &&Place| format!("{:?}", place.panel) == "Plane";
        let place = plan.places.iter().find(plane).unwrap().area;
        let rows = text(&picture(&app, width, height));
        let (left, right) = (usize::from(place.left()), usize::from(place.right()));
        let rows = &rows[usize::from(place.top())..usize::from(place.bottom())];
        let rows = rows.iter().map(|row| -> String {
            let cells = row.chars().skip(left + 1);
            cells.take(right - left - 2).collect()
        });
        let rows: Vec<String> = rows.collect();
        let (key, inner) = rows.split_last().unwrap();
        for name in ["block", "input", "forget", "output"] {
            let letter = &name[..1];
            assert!(key.contains(name), "{key}");
            assert!(
                inner[1..].iter().any(|row| row.contains(letter)),
                "{rows:#?}"
            );
        }
    }
    snapshot!("spectrum_mono_80x24", app, 80, 24);
}

#[test]
fn the_spectrum_in_three_sizes() {
    snapshot!("spectrum_80x24", on_spectrum(Side::Left), 80, 24);
    snapshot!("spectrum_120x40", on_spectrum(Side::Right), 120, 40);
    snapshot!("spectrum_200x60", on_spectrum(Side::Left), 200, 60);
}

#[test]
fn the_search_for_the_edge() {
    let one = Trial {
        value: 1.0,
        log_r: Some(0.0),
    };
    let app = App {
        popup: Some(searching(Some(Outcome::Found(one)))),
        ..crate::common::synthetic::app()
    };
    snapshot!("edge_80x24", app, 80, 24);
}

/// Where windows differ, the edge has no more digits than they have in common, and a curve that falls at
/// r = 1 is called a transient.
#[test]
fn an_edge_has_the_digits_that_are_true() {
    let edge = |spread, ends: Option<[f64; 2]>| {
        let Popup::Edge(mut edge) = searching(Some(Outcome::Found(Trial {
            value: 1.0,
            log_r: Some(0.0),
        }))) else {
            unreachable!("a search is a popup")
        };
        let found = Arc::make_mut(edge.search.as_mut().unwrap());
        found.spread = spread;
        found.ends = ends.map(|ends| ends.map(Wide::from_f64));
        let app = App {
            popup: Some(Popup::Edge(edge)),
            ..crate::common::synthetic::app()
        };
        let rows = text(&picture(&app, 80, 24)).join(" ");
        let words = rows.split_whitespace().filter(|word| !word.contains('│'));
        words.collect::<Vec<_>>().join(" ")
    };
    let spread = edge::Spread {
        windows: 9,
        mean: 0.503,
        deviation: 0.123,
    };
    let shown = edge(Some(spread), Some([2.9, 0.4]));
    for words in [
        "r = 1 at 0.50 ± 0.12 ◆",
        "At spectral radius ρ 1.00 the gradient of this window has r = 1; at 0.93 r was 0.930.",
        "Over 9 windows in a row the edge is at 0.50 ± 0.12.",
        "|δ| goes from 2.90 at T to 0.400 at t = 1 all the same: a transient",
    ] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    let still = edge(None, Some([2.9, 2.8]));
    assert!(still.contains("r = 1 at 1.00 ◆"), "{still}");
    assert!(
        !still.contains("transient") && !still.contains('±'),
        "{still}"
    );
}

/// A window whose neighbours have other verdicts has none: the title, the line under it and the words say so,
/// and the line offers no cut.
#[test]
fn near_the_edge_there_is_no_verdict() {
    let near = |near_edge| {
        crate::common::synthetic::app().with(|app| {
            let snapshot = Arc::make_mut(app.sim.snapshot.as_mut().unwrap());
            for flow in &mut snapshot.flows {
                flow.law.as_mut().unwrap().spread = Some(Spread {
                    windows: 50,
                    log_deviation: 0.004,
                    near_edge,
                });
            }
        })
    };
    // The name of the variant is what is to be told apart, and stays.
    let variant = near(true).with(|app| {
        let snapshot = Arc::make_mut(app.sim.snapshot.as_mut().unwrap());
        snapshot.settings.cells[0].variant = rnntop::cell::Variant::Nfg;
        app.sim.settings.cells = snapshot.settings.cells;
    });
    for (width, height) in [(80, 24), (120, 40), (160, 50), (200, 60)] {
        let rows = text(&picture(&variant, width, height));
        assert!(rows[2].contains("lstm-nfg"), "{}", rows[2]);
    }
    for (width, height) in [(80, 24), (120, 40), (200, 60)] {
        let rows = text(&picture(&near(true), width, height));
        assert!(
            rows[1].contains('◇') && !rows[1].contains("without"),
            "{}",
            rows[1]
        );
        assert!(
            rows[2].contains("± 0.004") && rows[2].contains("near the edge ◇"),
            "{}",
            rows[2]
        );
        let rows = text(&picture(&near(false), width, height));
        assert!(
            rows[2].contains("± 0.004") && !rows.join("").contains("near the edge"),
            "{rows:#?}"
        );
    }
}

/// The spectrum of both cells, and a search for the edge in every state.
fn spectra_and_edges() -> Vec<App> {
    let mut apps = Vec::new();
    for side in Side::BOTH {
        apps.push(on_spectrum(side));
        apps.push(on_spectrum(side).with(|app| {
            app.look.marker = Marker::Ascii;
            app.screens.spectrum.matrix = 2;
        }));
    }
    let (low, high) = (
        Trial {
            value: 0.0,
            log_r: Some(f64::NEG_INFINITY),
        },
        Trial {
            value: 100.0,
            log_r: Some(-0.25),
        },
    );
    let ends = [
        Outcome::Jump(low, high),
        Outcome::NoCrossing(low, high),
        Outcome::NoBeginning,
        Outcome::Found(high),
    ];
    for end in ends.map(Some).into_iter().chain([None]) {
        for marker in [Marker::Braille, Marker::Ascii] {
            apps.push(crate::common::synthetic::app().with(|app| {
                app.popup = Some(searching(end));
                app.look.marker = marker;
            }));
        }
    }
    apps
}

/// Models on the screen of layers.
fn models() -> Vec<App> {
    let mut apps = vec![trained()];
    for marker in [Marker::Braille, Marker::Ascii] {
        for row in [0, 3] {
            let mut app = layered(BIDIRECTIONAL, None);
            (app.look.marker, app.screens.layers.row) = (marker, row);
            apps.push(app);
        }
    }
    apps
}

/// States that differ in what is drawn.
fn states() -> Vec<App> {
    let mut apps = spectra_and_edges();
    apps.extend(models());
    for screen in Screen::ALL.iter().copied() {
        for marker in [
            Marker::Octant,
            Marker::Braille,
            Marker::Block,
            Marker::Ascii,
        ] {
            apps.push(crate::common::synthetic::app().with(|app| {
                app.screen = screen;
                app.look.marker = marker;
            }));
        }
        apps.push(crate::common::synthetic::app().with(|app| {
            app.screen = screen;
            app.focus.side = Side::Right;
            app.look.theme = ThemeName::Mono;
        }));
    }
    for question in [Question::Alone, Question::Without] {
        apps.push(crate::common::synthetic::app().with(|app| {
            app.sim.question = question;
        }));
    }
    let line = |text, cursor| TextLine { text, cursor };
    let popups = [
        Popup::Page(Page::default()),
        Popup::Page(Page {
            scroll: Scroll::at(999),
            ..Page::default()
        }),
        Popup::Input {
            line: line("1.01".repeat(30), 99),
            fresh: false,
        },
        Popup::Palette {
            line: line("radius".repeat(20), 99),
            row: 99,
        },
        Popup::Palette {
            line: line("r".to_owned(), 1),
            row: 9,
        },
    ];
    apps.extend(popups.map(|p| App {
        popup: Some(p),
        ..crate::common::synthetic::app()
    }));
    apps.push(crate::common::synthetic::app().with(|app| {
        app.screens.flow.zoom = true;
        app.look.axis = Some(axis(-8.0, 8.0));
    }));
    apps.push(crate::common::synthetic::app().with(|app| {
        app.look.axis = Some(axis(3.0, f64::NAN));
        app.sim.progress = Some(f64::NAN);
    }));
    apps.push(crate::common::synthetic::app().with(|app| {
        app.cutting = true;
        app.sim.cuts = PathSet::of(&[Path::Carousel, Path::Block]);
    }));
    apps.push(crate::common::synthetic::app().with(|app| {
        app.sim.snapshot = None;
    }));
    apps.push(crate::common::synthetic::app().with(|app| {
        app.focus.cursor = usize::MAX;
        app.screens.presets.row = 99;
        app.screens.settings.row = 999;
    }));
    let notice = Notice {
        text: "something long went wrong ".repeat(9),
        error: true,
    };
    apps.push(crate::common::synthetic::app().with(|app| {
        app.notice = Some(notice);
        app.sim.progress = Some(0.4);
    }));
    apps.push(crate::common::synthetic::app_with(
        crate::common::synthetic::lstm(2, 0.5),
        crate::common::synthetic::rnn(2, 2.0),
    ));
    apps.push(crate::common::synthetic::app_with(
        crate::common::synthetic::lstm(3000, 0.1),
        crate::common::synthetic::rnn(3000, 15.0),
    ));
    apps.push(zeros());
    apps
}

fn axis(low: f64, high: f64) -> Axis {
    Axis { low, high }
}

/// Everything that is exactly zero or no number.
fn zeros() -> App {
    let (mut lstm, mut rnn) = (
        crate::common::synthetic::lstm(9, 1.0),
        crate::common::synthetic::rnn(9, 1.0),
    );
    for flow in [&mut lstm, &mut rnn] {
        let zero = vec![rnntop::num::Wide::ZERO; 9];
        flow.totals.grad_h.clone_from(&zero);
        flow.totals.grad_c = if flow.totals.grad_c.is_empty() {
            Vec::new()
        } else {
            zero.clone()
        };
        for path in &mut flow.paths {
            path.share.clone_from(&zero);
            path.contribution = vec![f64::NAN; 9];
        }
        flow.residual = vec![f64::NAN; 9];
        for gate in &mut flow.gates {
            gate.mean = vec![f64::NAN; 9];
            gate.high = vec![f64::INFINITY; 9];
        }
        for matrix in &mut flow.matrices {
            matrix.norm = f64::INFINITY;
        }
    }
    crate::common::synthetic::app_with(lstm, rnn)
}

#[test]
fn every_small_size_draws() {
    for app in states() {
        for width in 0..=20 {
            for height in 0..=8 {
                picture(&app, width, height);
            }
        }
    }
}

#[test]
fn very_large_sizes_draw() {
    for app in states() {
        for (width, height) in [(500, 150), (1_000, 20), (60, 1_000)] {
            let rows = text(&picture(&app, width, height));
            assert!(rows[0].contains("rnntop"), "{width}x{height}: {}", rows[0]);
        }
    }
}

#[test]
fn blocks_need_no_braille() {
    for app in states() {
        if matches!(app.look.marker, Marker::Braille | Marker::Octant) {
            continue;
        }
        for (width, height) in [(60, 16), (80, 24), (160, 45)] {
            let rows = text(&picture(&app, width, height)).join("\n");
            let braille = rows.chars().find(|c| ('\u{2800}'..='\u{28ff}').contains(c));
            assert_eq!(braille, None, "{:?} at {width}x{height}", app.look.marker);
        }
    }
}

#[test]
fn every_panel_at_every_small_size() {
    for app in states() {
        let view = View::new(&app);
        // Every kind of panel that the state has on a screen of some size.
        let mut kinds = std::collections::BTreeMap::new();
        for (width, height) in [
            (30, 10),
            (50, 14),
            (80, 24),
            (130, 24),
            (120, 40),
            (200, 60),
        ] {
            for place in plan(&app, Rect::new(0, 0, width, height)).places {
                kinds.insert(format!("{:?}", place.panel), place.panel);
            }
        }
        assert!(kinds.len() > 3);
        for panel in kinds.values() {
            for width in 0..=20 {
                for height in 0..=8 {
                    let area = Rect::new(2, 1, width, height);
                    let mut buf = Buffer::empty(Rect::new(0, 0, width + 3, height + 2));
                    panel::render(&**panel, &mut Pen::new(&mut buf, app.look()), area, &view);
                    // A panel keeps within its place.
                    for (position, cell) in buf.area.positions().zip(&buf.content) {
                        assert!(
                            area.contains(position) || cell.symbol() == " ",
                            "{panel:?} in {area:?} at {position:?}"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn no_number_is_ever_nan_or_infinite() {
    for app in states() {
        for (width, height) in [(60, 16), (80, 24), (120, 40), (200, 60)] {
            for row in text(&picture(&app, width, height)) {
                assert!(!row.contains("NaN"), "{row}");
                assert!(
                    !row.split(|c: char| !c.is_alphabetic()).any(|w| w == "inf"),
                    "{row}"
                );
            }
        }
    }
}

#[test]
fn ascii_is_ascii_everywhere() {
    for mut app in states() {
        app.look.marker = Marker::Ascii;
        app.sim.title = "循环 ρ".into();
        for (width, height) in [(30, 6), (40, 12), (60, 16), (80, 24), (120, 40), (200, 60)] {
            for row in text(&picture(&app, width, height)) {
                assert!(row.is_ascii(), "{:?} {width}x{height}: {row}", app.screen);
                assert!(!row.replace("循环", "").contains("???"), "{row}");
            }
        }
    }
}

#[test]
fn every_glyph_is_one_column_wide() {
    for app in states() {
        for cell in &picture(&app, 200, 60).content {
            assert!(
                unicode_width::UnicodeWidthStr::width(cell.symbol()) <= 1,
                "{:?}",
                cell.symbol()
            );
        }
    }
}

#[test]
fn panels_do_not_overlap_and_stay_inside() {
    for app in states() {
        for width in (0..240).step_by(7) {
            for height in (0..80).step_by(3) {
                let area = Rect::new(0, 0, width, height);
                let places = plan(&app, area).places;
                for (k, place) in places.iter().enumerate() {
                    let (panel, a) = (&place.panel, place.area);
                    assert_eq!(a.intersection(area), a, "{panel:?} at {width}x{height}");
                    for other in &places[..k] {
                        let (other, b) = (&other.panel, other.area);
                        assert!(!a.intersects(b), "{panel:?} {other:?} at {width}x{height}");
                    }
                }
            }
        }
    }
}

#[test]
fn time_plots_share_their_columns() {
    let app = crate::common::synthetic::app();
    for (width, height) in [(60, 16), (80, 24), (120, 40)] {
        let plan = plan(&app, Rect::new(0, 0, width, height));
        let columns: Vec<_> = plan
            .places
            .iter()
            .filter_map(|place| place.panel.over_time().plot(place.area, plan.gutter))
            .map(|r| (r.left(), r.right()))
            .collect();
        assert!(columns.len() >= 3);
        assert!(
            columns.windows(2).all(|w| w[0] == w[1]),
            "{width}x{height}: {columns:?}"
        );
    }
}

fn event(kind: MouseKind, column: u16, row: u16) -> Mouse {
    Mouse { kind, column, row }
}

#[test]
fn the_mouse_finds_what_is_drawn() {
    let app = crate::common::synthetic::app();
    let area = Rect::new(0, 0, 80, 24);
    let rows = text(&picture(&app, 80, 24));
    let column = |row: usize, needle: &str| {
        let at = rows[row].find(needle).unwrap();
        u16::try_from(rows[row][..at].chars().count()).unwrap()
    };
    let press = |x, y| app::mouse(&app, area, event(MouseKind::Press, x, y));
    assert_eq!(
        press(column(0, " 2 ") + 1, 0),
        Some(Action::Show(Screen::Paths))
    );
    assert_eq!(
        press(column(0, " 5 ") + 1, 0),
        Some(Action::Show(Screen::Presets))
    );
    // The cursor's own column leads back to the cursor.
    let cursor = column(2 + 1, "┊");
    assert_eq!(press(cursor, 3), Some(Action::CursorTo(137)));
    assert_eq!(
        app::mouse(&app, area, event(MouseKind::Drag, 79, 3)),
        Some(Action::CursorTo(200))
    );
    assert_eq!(press(0, 3), Some(Action::CursorTo(1)));
    assert_eq!(
        app::mouse(&app, area, event(MouseKind::Wheel(1), 40, 3)),
        Some(Action::MoveCursor(1))
    );
    let controls = 22;
    assert_eq!(press(2, controls), Some(Action::Change(Control::Forget, 0)));
    let wheel = app::mouse(
        &app,
        area,
        event(MouseKind::Wheel(-1), column(22, "r R"), controls),
    );
    assert_eq!(wheel, Some(Action::Change(Control::Radius, -1)));
    // On larger screens the wheel over what runs changes how fast.
    let area = Rect::new(0, 0, 120, 40);
    let rows = text(&picture(&app, 120, 40));
    let row = rows.iter().position(|row| row.contains("running")).unwrap();
    let y = u16::try_from(row).unwrap() + 1;
    let wheel = app::mouse(&app, area, event(MouseKind::Wheel(1), 110, y));
    assert_eq!(wheel, Some(Action::Speed(1)));
}

#[test]
fn the_mouse_in_lists_and_popups() {
    let area = Rect::new(0, 0, 80, 24);
    let app = App {
        screen: Screen::Presets,
        ..crate::common::synthetic::app()
    };
    assert_eq!(
        app::mouse(&app, area, event(MouseKind::Press, 10, 2 + 3)),
        Some(Action::Select(2))
    );
    assert_eq!(
        app::mouse(&app, area, event(MouseKind::Wheel(1), 10, 4)),
        Some(Action::Select(-1))
    );
    let app = App {
        popup: Some(Popup::Page(Page::default())),
        ..app
    };
    assert_eq!(
        app::mouse(&app, area, event(MouseKind::Wheel(-1), 10, 4)),
        Some(Action::Scroll(1))
    );
    assert_eq!(app::mouse(&app, area, event(MouseKind::Press, 10, 4)), None);

    let mut app = crate::common::synthetic::app();
    app.update(Action::OpenPalette);
    let at = |needle: &str| {
        let rows = text(&picture(&app, 80, 24));
        let row = rows.iter().position(|row| row.contains(needle)).unwrap();
        app::mouse(
            &app,
            area,
            event(MouseKind::Press, 30, u16::try_from(row).unwrap()),
        )
    };
    assert_eq!(at("lower the forget gate"), Some(Action::Choose));
    assert_eq!(at("lower the spectral radius"), Some(Action::Select(2)));
    assert_eq!(
        app::mouse(&app, area, event(MouseKind::Wheel(-1), 30, 10)),
        Some(Action::Select(1))
    );
    assert_eq!(app::mouse(&app, area, event(MouseKind::Press, 30, 0)), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_size_draws_and_takes_the_mouse(width in 0u16..400, height in 0u16..200, k in 0usize..64, x in 0u16..400, y in 0u16..200) {
        let states = states();
        let app = &states[k % states.len()];
        picture(app, width, height);
        for kind in [MouseKind::Press, MouseKind::Drag, MouseKind::Wheel(1)] {
            if let Some(Action::CursorTo(t)) = app::mouse(app, Rect::new(0, 0, width, height), event(kind, x, y)) {
                let steps = app.sim.snapshot.as_ref().map_or(0, |s| s.steps());
                prop_assert!((1..=steps).contains(&t));
            }
        }
    }
}

/// While the gradient travels, nothing of its curves and maps is left of its front, and all of it is right of it.
#[test]
fn the_gradient_is_drawn_as_far_as_it_has_come() {
    let mut app = crate::common::synthetic::app();
    for (screen, width, height, marker, panels) in [
        (Screen::Flow, 44, 13, Marker::Block, 2),
        (Screen::Flow, 80, 24, Marker::Braille, 2),
        (Screen::Flow, 80, 24, Marker::Ascii, 2),
        // Two curves and a map.
        (Screen::Flow, 120, 40, Marker::Braille, 3),
        (Screen::Paths, 80, 24, Marker::Braille, 1),
    ] {
        app.screen = screen;
        app.look.marker = marker;
        app.look.front = None;
        let whole = picture(&app, width, height);
        app.look.front = Some(0.4);
        let part = picture(&app, width, height);
        let planned = plan(&app, Rect::new(0, 0, width, height));
        let curves = planned.places.iter().filter_map(|place| {
            let curves = place.panel.over_time().curves(place.area, planned.gutter)?;
            (!curves.is_empty()).then_some(curves)
        });
        let mut found = 0;
        for curves in curves {
            found += 1;
            let front = (curves.left()..curves.right())
                .find(|x| {
                    part[(*x, curves.y)].symbol() == if app.look().is_ascii() { "|" } else { "▏" }
                        && (curves.top()..curves.bottom())
                            .all(|y| part[(*x, y)].symbol() == part[(*x, curves.y)].symbol())
                })
                .expect("a front");
            let share = f64::from(curves.right() - 1 - front) / f64::from(curves.width - 1);
            assert!((share - 0.4).abs() < 0.02, "{share}");
            for y in curves.top()..curves.bottom() {
                for x in front + 1..curves.right() {
                    assert_eq!(part[(x, y)], whole[(x, y)]);
                }
                for x in curves.left()..front {
                    let cell = &part[(x, y)];
                    let symbol = cell.symbol();
                    assert!([" ", "┈", "┊", "|", "←", "<"].contains(&symbol), "{symbol}");
                    assert!(
                        symbol != " " || cell.bg == Color::Reset,
                        "the colour of a map"
                    );
                }
            }
        }
        assert_eq!(found, panels, "{screen:?} {width}x{height}");
    }
}

/// What to press stands on the screen from its start until the first key, in full.
#[test]
fn a_lesson_says_what_to_press() {
    let mut app = crate::common::synthetic::app();
    for (width, height) in [(60, 16), (80, 24), (120, 40)] {
        app.told = false;
        let rows = text(&picture(&app, width, height)).join("\n");
        let words = rows.replace(['│', '\n', ' '], "");
        assert!(
            words.contains("Ftoraisethegateto1,ftoloweritagain"),
            "{rows}"
        );
        app.update(Action::MoveCursor(-1));
        let rows = text(&picture(&app, width, height)).join("\n");
        assert!(!rows.contains("raise the gate to 1"), "{rows}");
    }
}

/// With the controls in their line, the keys that fit 80 columns begin with those that matter.
#[test]
fn cutting_is_among_the_first_hints() {
    let app = crate::common::synthetic::app();
    let rows = text(&picture(&app, 80, 24));
    let hints = rows[23].split_whitespace().collect::<Vec<_>>();
    let at = hints.windows(2).position(|pair| pair == ["x", "cut"]);
    assert!(at.is_some_and(|at| at < 10), "{hints:?}");
}

/// The demonstration after so many of its updates, small enough for a test.
fn demonstration(updates: u32, single: bool) -> App {
    let mut app = crate::common::synthetic::app();
    let lesson = lesson::find(lesson::DEMONSTRATION).unwrap();
    let mut order = lesson.order(1).unwrap();
    order.running = true;
    for settings in &mut order.runs {
        (settings.hidden, settings.length, settings.batch) = (24, 60, 8);
    }
    if single {
        order.runs.remove(0);
    }
    let mut left = updates;
    let picture = live::complete(order.clone(), &mut || {
        left = left.saturating_sub(1);
        left > 0
    });
    let mut picture = picture.unwrap();
    // A rate is a matter of the machine.
    picture.rate = None;
    app.screen = Screen::Train;
    app.screens.train.lesson = Some(lesson);
    app.screens.train.order = Some(Box::new(order));
    app.screens.train.picture = Some(Arc::new(picture));
    app
}

/// The r of an LSTM in training is the one that was measured; what its gates' means would make at rest is another number
/// under another name, and not drawn against the line at 1.
#[test]
fn the_r_of_a_trained_lstm_is_measured() {
    let mut app = demonstration(2, true);
    let mut order = app.screens.train.order.take().unwrap();
    order.runs[0].cell = rnntop::train::Kind::Lstm;
    order.runs[0].forget_bias = Some(1.0);
    let mut left = 3;
    let picture_of = live::complete(*order, &mut || {
        left -= 1;
        left > 0
    });
    let trained = picture_of.unwrap();
    let column = trained.runs[0].history.columns.last().unwrap();
    let [r, rest] = [&column.factor, &column.rest].map(|spread| spread.mean().unwrap());
    assert!((r - rest).abs() > 0.01, "{r} {rest}");
    app.screens.train.picture = Some(Arc::new(trained));
    let rows = text(&picture(&app, 160, 50));
    let border = rows.iter().find(|row| row.contains("recurrence")).unwrap();
    let border = border.split("recurrence").nth(1).unwrap();
    let short = rnntop::words::short::number;
    assert!(
        border.contains(&format!("r {} ", short(r))) && !border.contains("i·o"),
        "{border}"
    );
    let words = rows.join("\n");
    let named = format!("at rest, from the means, f + i·o·ρ {}", short(rest));
    assert!(words.contains(&named), "{words}");
}

/// What is trained is named, not the preset of the live screens.
#[test]
fn the_title_of_a_training_is_what_is_trained() {
    let title = |app: &App| text(&picture(app, 160, 50))[0].clone();
    let mut app = demonstration(2, true);
    assert!(
        title(&app).starts_with(" rnntop ▸ clip-saves "),
        "{}",
        title(&app)
    );
    app.screens.train.lesson = None;
    assert!(
        title(&app).starts_with(" rnntop ▸ adding "),
        "{}",
        title(&app)
    );
    app.screen = Screen::Flow;
    assert!(!title(&app).contains("adding"), "{}", title(&app));
}

#[test]
fn a_run_and_another_one_beside_it() {
    let app = demonstration(60, false);
    snapshot!("train_two_80x24", app, 80, 24);
    snapshot!("train_two_120x40", app, 120, 40);
    let mut app = demonstration(60, true);
    snapshot!("train_80x24", app, 80, 24);
    snapshot!("train_160x50", app, 160, 50);
    app.screens.train.surface = Some(Surface::default());
    snapshot!("train_surface_80x24", app, 80, 24);
    app.screens.train.surface = None;
    app.screens.train.cursor = Some(3);
    app.look.marker = Marker::Ascii;
    snapshot!("train_ascii_80x24", app, 80, 24);
}
