//! The phase diagram on the screen: where the dot is, what the sentence says, and what is computed.

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::layout::Rect;
use rnntop::app;
use rnntop::app::keys::{self, Key, Mouse, MouseKind};
use rnntop::app::screen::phase::chart::{Along, Chart, Edge};
use rnntop::app::screen::phase::state::Order;
use rnntop::app::screen::phase::words;
use rnntop::app::screen::{Own, Screen, phase};
use rnntop::app::{Action, App};
use rnntop::cell::{CellKind, ForgetGate, Init};
use rnntop::sim::settings::Signal;
use rnntop::sim::{Settings, Side};
use rnntop::sweep::{Computer, Done, Point, Spec, Why};
use rnntop::ui::look::{Depth, Marker, ThemeName};

/// An LSTM at rest with R = ρ: its factor is exactly σ(b_f) + ρ/4.
fn at_rest() -> Settings {
    Settings {
        init: Init::Identity,
        signal: Signal::Zero,
        hidden: 2,
        steps: 30,
        rho: Some(1.0),
        forget: ForgetGate::Learned(Some(1.0)),
        ..Settings::default()
    }
}

fn app_of(settings: Settings) -> App {
    let mut app = App::new(
        settings.clone(),
        settings,
        "test".to_owned(),
        Vec::new(),
        Depth::Rgb,
        ThemeName::Dark,
        Marker::Braille,
    );
    app.update(Action::Show(Screen::Phase));
    app
}

fn own(action: phase::state::Action) -> Action {
    Action::Own(Own::Phase(action))
}

fn order(app: &mut App) -> Order {
    app.sweep_order().flatten().expect("a map to fill")
}

/// Computes the points of a column (an i) or of a row (a j) of a map, and shows them to the state.
fn compute(app: &mut App, order: &Order, wanted: impl Fn(usize, usize) -> bool) {
    let mut computer = Computer::default();
    for window in order.windows.iter().copied() {
        let (i, j, k) = order.spec.place(window);
        if wanted(i, j) {
            let point = computer
                .point(&order.spec, (i, j, k), &mut || true)
                .unwrap();
            app.swept(order.map, &[Done { window, point }]);
        }
    }
}

/// Fills a map with a factor per step that is no network's.
fn pretend(app: &mut App, order: &Order, r: impl Fn(f64, f64) -> f64) {
    let (x, y) = (
        order.spec.x().numbers().unwrap(),
        order.spec.y().numbers().unwrap(),
    );
    for window in order.windows.iter().copied() {
        let (i, j, _) = order.spec.place(window);
        let r = r(x[i], y[j]);
        let point = Point {
            factor_per_step: r,
            log10_growth: 30.0 * r.log10(),
            lyapunov_max: r.ln(),
            why: Why::parse("none").unwrap(),
        };
        app.swept(order.map, &[Done { window, point }]);
    }
}

/// The whole map of an LSTM at rest, with its factor by the formula.
pub(crate) fn filled() -> App {
    let mut app = app_of(at_rest());
    let order = order(&mut app);
    pretend(&mut app, &order, |rho, bias| {
        1.0 / (1.0 + (-bias).exp()) + 0.25 * rho
    });
    app
}

fn chart(app: &App) -> &Chart {
    let chart = app.screens.phase.chart();
    chart.unwrap_or_else(|| panic!("no map: {}", picture(app)))
}

fn press(app: &mut App, key: Key) {
    let action = keys::action(app, key).expect("a key that works here");
    app.update(action);
}

fn picture(app: &App) -> String {
    let mut terminal = Terminal::new(TestBackend::new(100, 30)).unwrap();
    terminal.draw(|frame| app::draw(frame, app)).unwrap();
    terminal.backend().to_string()
}

/// σ(b_f) + ρ/4 = 1 at ρ = 1 for b_f = ln 3 = 1.0986.
#[test]
fn the_edge_is_where_theory_has_it() {
    let mut app = app_of(at_rest());
    let order = order(&mut app);
    assert_eq!(
        words::edge(chart(&app), &app.sim.settings),
        "the edge is not known yet"
    );
    let column = order
        .spec
        .x()
        .numbers()
        .unwrap()
        .iter()
        .position(|x| *x == 1.0)
        .unwrap();
    compute(&mut app, &order, |i, _| i == column);
    let Edge::At(value, error) = chart(&app).edge(Along::Y, [column as f64, 16.0]) else {
        panic!("the edge of a smooth line is a number");
    };
    let truth = 3f64.ln();
    assert!(
        (value - truth).abs() <= error && error < 0.01,
        "{value} ± {error}"
    );
    let text = words::edge(chart(&app), &app.sim.settings);
    assert!(
        text.starts_with("the edge is near forget bias 1.1"),
        "{text}"
    );
    // At twice the radius it is at b_f = 0.
    app.sim.settings.rho = Some(2.0);
    let text = words::edge(chart(&app), &app.sim.settings);
    assert_eq!(text, "the edge is not known yet");
}

/// Pinned to f = 0.81 no bias is on the map, and the edge is to the side: 0.81 + ρ/4 = 1 at ρ = 0.76.
#[test]
fn where_there_is_no_edge_above_or_below_it_is_beside() {
    let mut app = app_of(Settings {
        forget: ForgetGate::Pinned(0.81),
        ..at_rest()
    });
    let order = order(&mut app);
    assert_eq!(order.spec.y().name(), "forget");
    let column = order
        .spec
        .x()
        .numbers()
        .unwrap()
        .iter()
        .position(|x| *x == 1.0)
        .unwrap();
    compute(&mut app, &order, |i, j| i == column || j == 0);
    let text = words::edge(chart(&app), &app.sim.settings);
    assert_eq!(text, "the edge is near spectral radius ρ 0.760");
}

/// What the sentence says has as many digits as the points support, and none where r jumps.
#[test]
fn the_edge_of_a_jump_lies_between_two_values() {
    let mut app = app_of(at_rest());
    let order = order(&mut app);
    pretend(&mut app, &order, |_, y| if y < 1.3 { 0.5 } else { 2.0 });
    let text = words::edge(chart(&app), &app.sim.settings);
    assert_eq!(text, "the edge is between forget bias 1.25 and 1.375");
    app.sim.settings.forget = ForgetGate::Learned(Some(9.0));
    let text = words::edge(chart(&app), &app.sim.settings);
    assert_eq!(text, "forget bias 9 is not on the map");
}

#[test]
fn of_several_edges_the_nearest_is_named_and_none_is_said_to_be_none() {
    let mut app = app_of(at_rest());
    let first = order(&mut app);
    // r passes 1 at b_f = 0.5 and at 4.5, and nowhere in between.
    pretend(&mut app, &first, |_, y| 1.0 + 0.01 * (y - 0.5) * (4.5 - y));
    let text = words::edge(chart(&app), &app.sim.settings);
    assert!(text.starts_with("the edge is at forget bias 0.5"), "{text}");
    app.sim.settings.forget = ForgetGate::Learned(Some(4.0));
    let text = words::edge(chart(&app), &app.sim.settings);
    assert!(text.starts_with("the edge is at forget bias 4.5"), "{text}");
    app.update(own(phase::state::Action::Zoom(1)));
    let second = order(&mut app);
    pretend(&mut app, &second, |_, _| 1.1);
    let text = words::edge(chart(&app), &app.sim.settings);
    assert_eq!(text, "no edge on the map above, below or beside it");
}

#[test]
fn keys_move_the_dot_and_the_settings_together() {
    let mut app = app_of(at_rest());
    let _ = order(&mut app);
    let here = |app: &App| chart(app).here(&app.sim.settings).map(Option::unwrap);
    assert_eq!(here(&app), [20.0, 16.0]);
    press(&mut app, Key::Right);
    press(&mut app, Key::Up);
    assert_eq!(app.sim.settings.rho, Some(1.05));
    assert_eq!(app.sim.settings.forget, ForgetGate::Learned(Some(1.125)));
    assert_eq!(here(&app), [21.0, 17.0]);
    press(&mut app, Key::Char('u'));
    assert_eq!(here(&app), [21.0, 16.0]);
    // The other way round: a key of the controls puts it between two values, an arrow on the next one.
    press(&mut app, Key::Char('F'));
    let [_, v] = here(&app);
    assert!((v - 16.8).abs() < 1e-9, "{v}");
    press(&mut app, Key::Down);
    assert_eq!(here(&app), [21.0, 16.0]);
    assert_eq!(chart(&app).spec.x().name(), "rho");
    // The map is the same all the while.
    assert!(app.sweep_order().is_none());
    app.sim.settings.seed += 1;
    assert!(app.sweep_order().is_some());
}

#[test]
fn the_mouse_puts_the_dot() {
    let mut app = app_of(at_rest());
    let _ = order(&mut app);
    let area = Rect::new(0, 0, 100, 30);
    for kind in [MouseKind::Press, MouseKind::Drag] {
        let (column, row) = (60, 10);
        let action = app::mouse(&app, area, Mouse { kind, column, row }).expect("the map is there");
        app.update(action);
        let shown = picture(&app);
        let line = shown.lines().nth(usize::from(row)).unwrap();
        // A quotation mark stands before each line.
        let at = line.chars().position(|c| c == '●').expect("the dot") - 1;
        assert!(at.abs_diff(usize::from(column)) <= 1, "{line}");
    }
}

#[test]
fn what_was_computed_is_kept() {
    let mut app = app_of(at_rest());
    let first = order(&mut app);
    let all = first.windows.len();
    let mut computer = Computer::default();
    let window = first.windows[0];
    let point = computer
        .point(&first.spec, first.spec.place(window), &mut || true)
        .unwrap();
    assert!(app.swept(first.map, &[Done { window, point }]));
    assert!(
        !app.swept(first.map, &[Done { window, point }]),
        "it is there"
    );
    // Leaving the screen cancels, and coming back goes on with the rest.
    app.update(Action::Show(Screen::Flow));
    assert!(matches!(app.sweep_order(), Some(None)));
    app.update(Action::Show(Screen::Phase));
    let again = order(&mut app);
    assert_eq!((again.map, again.windows.len()), (first.map, all - 1));
    // So it does after another axis, while a few maps are kept.
    for _ in 0..2 {
        press(&mut app, Key::Char('x'));
        assert_ne!(order(&mut app).map, first.map);
    }
    for _ in 0..2 {
        press(&mut app, Key::Char('X'));
        let _ = app.sweep_order();
    }
    assert_eq!(chart(&app).number, first.map);
    assert_eq!(chart(&app).points().count(), 1);
    press(&mut app, Key::Char('s'));
    assert!(matches!(app.sweep_order(), Some(None)));
    press(&mut app, Key::Char('s'));
    assert_eq!(order(&mut app).windows.len(), all - 1);
    for seed in 0..20 {
        app.sim.settings.seed = seed;
        let _ = app.sweep_order();
    }
    assert!(
        !app.swept(first.map, &[Done { window, point }]),
        "it was given up"
    );
}

/// Every pair of axes that the keys lead to is a map that can be computed, whatever the cell.
#[test]
fn keys_go_through_axes_that_mean_something() {
    for kind in CellKind::ALL {
        for signal in [Signal::Noise, Signal::Zero] {
            let mut settings = Settings {
                signal,
                ..at_rest()
            };
            settings.cells[0] = kind.into();
            let mut app = app_of(settings);
            for _ in 0..12 {
                for key in ['x', 'x', 'y'] {
                    press(&mut app, Key::Char(key));
                    let _ = app.sweep_order();
                    let spec = &chart(&app).spec;
                    assert!(!spec.x().sets_what(spec.y()));
                    assert_eq!(spec.cell(), app.sim.settings.cell(Side::Left));
                }
            }
        }
    }
}

#[test]
fn zooming_keeps_the_dot_on_the_map() {
    let mut app = app_of(at_rest());
    let whole = order(&mut app);
    let span = |order: &Order| {
        let x = order.spec.x().numbers().unwrap().to_vec();
        x[x.len() - 1] - x[0]
    };
    let mut before = span(&whole);
    for _ in 0..3 {
        press(&mut app, Key::Char('z'));
        let order = order(&mut app);
        assert!((span(&order) - before / 2.0).abs() < 1e-9);
        before = span(&order);
        assert!(
            chart(&app)
                .here(&app.sim.settings)
                .iter()
                .all(Option::is_some)
        );
    }
    for _ in 0..12 {
        press(&mut app, Key::Char('Z'));
        let _ = app.sweep_order();
    }
    press(&mut app, Key::Char('o'));
    let _ = app.sweep_order();
    let text = |spec: &Spec| [spec.x().text(), spec.y().text()];
    assert_eq!(text(&chart(&app).spec), text(&whole.spec));
}

/// In every measure, at any size and with any characters, there is a picture; without colours the sides
/// of the edge differ by their characters.
#[test]
fn there_is_a_picture_of_any_size() {
    let mut app = app_of(at_rest());
    let order = order(&mut app);
    pretend(&mut app, &order, |x, y| 0.6 + 0.1 * x + 0.1 * y);
    for (theme, marker) in [
        (ThemeName::Dark, Marker::Braille),
        (ThemeName::Mono, Marker::Braille),
        (ThemeName::Light, Marker::Ascii),
    ] {
        (app.look.theme, app.look.marker) = (theme, marker);
        for _ in 0..4 {
            press(&mut app, Key::Char('v'));
            for (width, height) in [(40, 12), (60, 16), (80, 24), (160, 50)] {
                let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
                terminal.draw(|frame| app::draw(frame, &app)).unwrap();
            }
        }
        let shown = picture(&app);
        let signs = match (theme, marker) {
            (_, Marker::Ascii) => [":", "3"],
            (ThemeName::Mono, _) => ["▓", "+"],
            _ => ["▀", "●"],
        };
        for sign in signs {
            assert!(shown.contains(sign), "{sign} in\n{shown}");
        }
    }
}
