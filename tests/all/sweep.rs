//! Phase diagrams: numbers against closed forms and against what a single window says, whatever the
//! number of threads.

use std::sync::{Arc, Mutex, mpsc};

use rnntop::cell::{CellKind, ForgetGate, Path, PathSet};
use rnntop::sim::settings::row::{self, Row};
use rnntop::sim::{Ask, Data, Settings, Side, Simulation};
use rnntop::sweep::picture::contour;
use rnntop::sweep::{Axis, Computer, Done, Listener, Point, Pool, Spec, Why};

fn settings(rows: &[(&str, &str)]) -> Settings {
    let mut settings = Settings::default();
    for (name, text) in rows {
        let row: &Row<Settings> = row::find(name).expect(name);
        row.read(&mut settings, text).expect(text);
    }
    settings
}

fn spec(cell: CellKind, rows: &[(&str, &str)], x: &str, y: &str, seeds: usize) -> Spec {
    let axis = |text| Axis::parse(text).unwrap();
    let data = Arc::new(Data::default());
    Spec::new(cell.into(), settings(rows), data, axis(x), axis(y), seeds).unwrap()
}

fn at(spec: &Spec, place: (usize, usize, usize)) -> Point {
    Computer::default()
        .point(spec, place, &mut || true)
        .unwrap()
}

/// At rest δc_t = (f + i·o·R_zᵀ) δc_{t+1} with i = o = ½. With the identity for R_z every gradient has
/// this factor, and the one disturbance that grows most is at c.
#[test]
fn an_lstm_at_rest_is_f_plus_a_quarter_of_rho() {
    let rows = [("init", "identity"), ("signal", "zero"), ("hidden", "3")];
    let spec = spec(
        CellKind::Lstm,
        &rows,
        "rho=0.2:1.8:5",
        "forget-bias=0,1.2,4",
        1,
    );
    for (i, rho) in [0.2, 0.6, 1.0, 1.4, 1.8].into_iter().enumerate() {
        for (j, bias) in [0.0, 1.2, 4.0f64].into_iter().enumerate() {
            let f = 1.0 / (1.0 + (-bias).exp());
            let r = f + rho / 4.0;
            let point = at(&spec, (i, j, 0));
            assert!((point.factor_per_step / r - 1.0).abs() < 1e-13, "{point:?}");
            assert!((point.log10_growth - 200.0 * r.log10()).abs() < 1e-10);
            // What h shows of c, and c of h_0, is a constant factor of the product over the window.
            assert!(
                (point.lyapunov_max - r.ln()).abs() < 2.0 / 200.0,
                "{point:?}"
            );
            // Without the block path f is left, which never grows.
            let growth = 200.0 * r.log10();
            let kept = 200.0 * f.log10();
            let path = match growth {
                growth if growth > 2f64.log10() => Some(Path::Block),
                growth if growth >= 0.5f64.log10() => None,
                _ if kept < 0.5f64.log10() => Some(Path::Carousel),
                _ => unreachable!("the block path takes nothing away here"),
            };
            let set = path.map_or(PathSet::EMPTY, |path| PathSet::of(&[path]));
            assert_eq!(point.why, Why::Paths(set), "{rho} {bias}");
        }
    }
}

/// The line of factor 1 on the map of an LSTM at rest is σ(b_f) + ρ/4 = 1: for the identity within what
/// lies between the points of the grid, for orthogonal matrices, of which no eigenvalue need be 1, within 3 %.
#[test]
fn the_edge_of_an_lstm_at_rest_is_where_theory_has_it() {
    for (init, hidden, tolerance) in [("identity", "1", 0.005), ("orthogonal", "16", 0.03)] {
        let rows = [
            ("init", init),
            ("signal", "zero"),
            ("hidden", hidden),
            ("steps", "100"),
        ];
        let (x, y) = ("rho=0.2:1.8:9", "forget-bias=0.25:3.25:7");
        let spec = spec(CellKind::Lstm, &rows, x, y, 1).with_lyapunov(false);
        let growth = |i, j| at(&spec, (i, j, 0)).log10_growth;
        let map: Vec<Vec<f64>> = (0..9)
            .map(|i| (0..7).map(|j| growth(i, j)).collect())
            .collect();
        let edge = contour(9, 7, &|i, j| map[i][j]);
        assert!(edge.len() >= 8, "{edge:?}");
        for (i, j) in edge.into_iter().flatten() {
            let (rho, bias) = (0.2 + 0.2 * i, 0.25 + 0.5 * j);
            let r = 1.0 / (1.0 + (-bias).exp()) + rho / 4.0;
            assert!((r - 1.0).abs() < tolerance, "{init}: {rho} {bias}: {r}");
        }
    }
}

/// The line of factor 1 of the median of all seeds: x, which follows from a place, and the place of y.
fn edges(spec: &Spec, at_x: impl Fn(f64) -> f64) -> Vec<(f64, f64)> {
    let (width, height) = (spec.width(), spec.height());
    let mut computer = Computer::default();
    let mut growth = |i, j| {
        let seeds = 0..spec.seeds();
        let window = |k| computer.point(spec, (i, j, k), &mut || true).unwrap();
        let mut all: Vec<f64> = seeds.map(window).map(|point| point.log10_growth).collect();
        all.sort_by(f64::total_cmp);
        f64::midpoint(all[(all.len() - 1) / 2], all[all.len() / 2])
    };
    let map: Vec<Vec<f64>> = (0..width)
        .map(|i| (0..height).map(|j| growth(i, j)).collect())
        .collect();
    let lines = contour(width, height, &|i, j| map[i][j]);
    let ends = lines.into_iter().flatten();
    ends.map(|(i, j)| (at_x(i), j)).collect()
}

/// At rest h stays 0 and both gates are ½, so that δh_t = (½ + ¼·R_nᵀ) δh_{t+1}: with R_n = ρ the factor is
/// 1 at ρ = 2, whatever H is.
#[test]
fn the_edge_of_a_gru_at_rest_is_at_twice_the_radius() {
    let rows = [
        ("init", "identity"),
        ("signal", "zero"),
        ("hidden", "2"),
        ("steps", "60"),
    ];
    let spec = spec(CellKind::Gru, &rows, "rho=1.25:2.65:8", "hidden=1:4:4", 1);
    let spec = spec.with_lyapunov(false);
    let edge = edges(&spec, |i| 1.25 + 0.2 * i);
    assert!(edge.len() >= 6, "{edge:?}");
    for (rho, _) in edge {
        assert!((rho - 2.0).abs() < 0.02, "{rho}");
    }
}

/// χ = g² E[φ′(√q z)²] = 1 with q = g² E[φ(√q z)²] + σ², which mean-field theory has for wide RNNs (Chen,
/// Pennington & Schoenholz 2018): g = 1 without input, and about 1.55 at σ² = 0.25.
fn critical(variance: f64) -> f64 {
    // E over a normal z, by a sum that is exact to rounding for functions as smooth.
    let mean = |f: &dyn Fn(f64) -> f64| -> f64 {
        let nodes = (-600..=600).map(|k| f64::from(k) / 100.0);
        let terms = nodes.map(|z| 0.01 * (-z * z / 2.0).exp() * f(z));
        terms.sum::<f64>() / std::f64::consts::TAU.sqrt()
    };
    let chi = |g: f64| {
        let mut q = variance;
        for _ in 0..2000 {
            q = g * g * mean(&|z| (q.sqrt() * z).tanh().powi(2)) + variance;
        }
        g * g * mean(&|z| (1.0 - (q.sqrt() * z).tanh().powi(2)).powi(2))
    };
    let (mut low, mut high) = (0.9, 3.0);
    for _ in 0..30 {
        let middle = 0.5 * (low + high);
        *(if chi(middle) < 1.0 {
            &mut low
        } else {
            &mut high
        }) = middle;
    }
    low
}

/// At H = 100, over four seeds, within 5 % at rest and within 15 % under noise, where finite nets are calmer
/// than infinite ones.
#[test]
fn the_edge_of_a_wide_rnn_is_where_mean_field_theory_has_it() {
    let rows = [("init", "gaussian"), ("hidden", "100"), ("steps", "60")];
    let values = [0.9, 1.1, 1.5, 1.8];
    let spec = spec(
        CellKind::Rnn,
        &rows,
        "rho=0.9,1.1,1.5,1.8",
        "amplitude=0,0.5",
        4,
    );
    let edge = edges(&spec.with_lyapunov(false), |i| {
        let (below, part) = (i.floor() as usize, i.fract());
        values[below] + part * (values[(below + 1).min(3)] - values[below])
    });
    let noisy = critical(0.25);
    assert!((noisy - 1.55).abs() < 0.01, "{noisy}");
    for (j, wanted, tolerance) in [(0.0, 1.0, 0.05), (1.0, noisy, 0.15)] {
        let on_line = edge.iter().find(|end| end.1 == j).expect("an edge");
        assert!(
            (on_line.0 / wanted - 1.0).abs() < tolerance,
            "{on_line:?}, and not {wanted}"
        );
    }
}

/// Peepholes of size 0 are none, and a mix has the matrices of both ends.
#[test]
fn the_mix_and_the_size_of_peepholes_are_axes() {
    let rows = [("hidden", "6"), ("steps", "40"), ("peepholes", "on")];
    let sweep = spec(
        CellKind::Lstm,
        &rows,
        "peephole-size=0,0.1,3",
        "mix=0,0.5,1",
        1,
    );
    let numbers = |point: Point| (point.factor_per_step, point.lyapunov_max);
    let at_place = |i, j| numbers(at(&sweep, (i, j, 0)));
    let plain = |rows: &[(&str, &str)]| {
        let all = [&[("hidden", "6"), ("steps", "40")], rows].concat();
        numbers(at(
            &spec(CellKind::Lstm, &all, "amplitude=1", "rho=1", 1),
            (0, 0, 0),
        ))
    };
    assert_eq!(at_place(1, 0), plain(&[("peepholes", "on")]));
    assert_eq!(
        at_place(1, 2),
        plain(&[("peepholes", "on"), ("init", "gaussian")])
    );
    let (none, r) = (plain(&[]).0, at_place(0, 0).0);
    assert!((r / none - 1.0).abs() < 1e-12, "{r} {none}");
    let all: Vec<f64> = (0..9).map(|k| at_place(k / 3, k % 3).0).collect();
    let distinct = |a: &usize| (0..*a).all(|b| all[b] != all[*a]);
    assert!((0..9).all(|k| distinct(&k)), "{all:?}");
}

/// A point is what `trace` says of the same settings.
#[test]
fn a_point_is_the_window_of_its_settings() {
    for (cell, rows) in [
        (
            CellKind::Lstm,
            &[("hidden", "6"), ("steps", "40"), ("peepholes", "on")][..],
        ),
        (
            CellKind::Gru,
            &[("hidden", "6"), ("steps", "40"), ("loss", "sum")][..],
        ),
        (
            CellKind::Rnn,
            &[("hidden", "6"), ("steps", "40"), ("clip", "step:0.1")][..],
        ),
    ] {
        let spec = spec(cell, rows, "rho=0.5,2.5", "amplitude=0.5,2", 3);
        for place in [(0, 0, 0), (1, 1, 2), (1, 0, 1)] {
            let point = at(&spec, place);
            let settings = spec.settings_at(place.0, place.1, place.2);
            assert_eq!(settings.rho, Some([0.5, 2.5][place.0]));
            assert_eq!(settings.amplitude, [0.5, 2.0][place.1]);
            assert_eq!(settings.seed, 7 + place.2 as u64);
            let steps = settings.steps as f64;
            let mut simulation = Simulation::new(settings, Arc::default()).unwrap();
            let flow = simulation.flow_with_law(Side::Left, Ask::default(), &mut |_| true);
            let law = flow.unwrap().law.unwrap();
            let r = law.factor.unwrap();
            assert!((point.factor_per_step / r.to_f64().unwrap() - 1.0).abs() < 1e-13);
            assert!((point.log10_growth - steps * r.log10()).abs() < 1e-11);
            assert_eq!(point.why, Why::from(&law.cause), "{cell:?} {place:?}");
            let window = simulation.window(Side::Left, &mut |_| true).unwrap();
            let lyapunov = window.lyapunov(&mut |_| true).unwrap();
            assert!((point.lyapunov_max - lyapunov.largest()).abs() < 1e-12);
        }
    }
}

/// The same bits from one thread and from three, and from a computer that has computed other points
/// before.
#[test]
fn no_result_depends_on_threads_or_on_what_came_before() {
    let rows = [("hidden", "5"), ("steps", "30")];
    let spec = spec(
        CellKind::Lstm,
        &rows,
        "hidden=3,5,8",
        "init=gaussian,pytorch",
        2,
    );
    let spec = Arc::new(spec);
    let all = |threads| {
        let (sender, receiver) = mpsc::channel();
        let sender = Mutex::new(sender);
        let listener: Listener =
            Arc::new(move |done| sender.lock().unwrap().send(done.unwrap()).unwrap());
        let pool = Pool::start(&spec, spec.order(), threads, &listener).unwrap();
        drop(listener);
        let mut all: Vec<Done> = receiver.iter().collect();
        drop(pool);
        all.sort_by_key(|done| done.window);
        all
    };
    let one = all(1);
    assert_eq!(one.len(), spec.windows());
    assert_eq!(one, all(3));
    for done in one {
        assert_eq!(done.point, at(&spec, spec.place(done.window)));
    }
}

#[test]
fn a_pool_that_is_dropped_ends_its_threads() {
    let spec = Arc::new(spec(
        CellKind::Lstm,
        &[],
        "rho=0:2:100",
        "amplitude=0:2:100",
        9,
    ));
    let (sender, receiver) = mpsc::channel();
    let listener: Listener = Arc::new(move |done| _ = sender.send(done));
    let pool = Pool::start(&spec, spec.order(), 2, &listener).unwrap();
    drop(listener);
    receiver.recv().unwrap().unwrap();
    drop(pool);
    // Ends, since the threads let go of the sender.
    assert!(receiver.iter().count() < spec.windows());
}

/// ρ of one matrix, whatever ρ of the others is.
#[test]
fn the_radius_of_one_matrix_is_its_own() {
    let spec = spec(CellKind::Lstm, &[], "rho-output=0.5,3", "rho=0.5,2", 1);
    let settings = spec.settings_at(1, 1, 0);
    assert_eq!((settings.rho, settings.gate_scale.output), (Some(2.0), 1.5));
    let settings = spec.settings_at(0, 0, 0);
    assert_eq!((settings.rho, settings.gate_scale.output), (Some(0.5), 1.0));
}

/// Where the loss injects nothing at T there is no r.
#[test]
fn where_there_is_no_r_there_is_no_number() {
    let rows = [("signal", "sine"), ("loss", "mse"), ("hidden", "4")];
    let spec = spec(CellKind::Rnn, &rows, "rho=0.5", "amplitude=0,1", 1);
    let point = at(&spec, (0, 0, 0));
    assert_eq!(point.why, Why::Undefined);
    assert!(point.factor_per_step.is_nan() && point.lyapunov_max.is_nan());
    assert!(at(&spec, (0, 1, 0)).factor_per_step < 1.0);
}

#[test]
fn axes_have_the_values_that_were_written() {
    let values = |text| Axis::parse(text).unwrap().values().join(" ");
    assert_eq!(values("rho=0.2:1.8:9"), "0.2 0.4 0.6 0.8 1 1.2 1.4 1.6 1.8");
    assert_eq!(values("forget-bias=-1:1:3"), "-1 0 1");
    assert_eq!(
        values("hidden=1:512:10:log"),
        "1 2 4 8 16 32 64 128 256 512"
    );
    assert_eq!(values("rho=0.1, 1.50,2e0"), "0.1 1.5 2");
    assert_eq!(values("steps=200:200:1"), "200");
    assert_eq!(values("init=pytorch,gaussian"), "pytorch gaussian");
    assert_eq!(values("clip=off,norm:5"), "off norm:5");
    assert_eq!(values("forget=0.9,1"), "0.9 1");
    let spec = spec(CellKind::Lstm, &[], "forget=0.9,1", "rho=1", 1);
    assert_eq!(spec.settings_at(0, 0, 0).forget, ForgetGate::Pinned(0.9));
}

#[test]
fn a_wrong_axis_gets_one_sentence() {
    for (text, sentence) in [
        (
            "rho",
            "expected NAME=LO:HI:N, NAME=LO:HI:N:log or NAME=A,B,…, found 'rho'",
        ),
        ("roh=1,2", "there is no setting 'roh'; did you mean rho?"),
        (
            "seed=1,2",
            "seed: expected --seeds for several seeds, found an axis",
        ),
        (
            "rho=1:0:5",
            "rho: expected LO below HI and 2 values or more (or LO = HI and 1), found '1:0:5'",
        ),
        (
            "rho=0:1:0",
            "rho: expected 1 to 10000 values, found 0 in '0:1:0'",
        ),
        (
            "rho=0:1:10001",
            "rho: expected 1 to 10000 values, found 10001 in '0:1:10001'",
        ),
        (
            "rho=",
            "rho: expected a number from 0 to 100 or drawn, found ''",
        ),
        (
            "rho=0:200:3",
            "rho: expected a number from 0 to 100 or drawn, found 200",
        ),
        ("rho=0:2:3:log", "rho: expected LO above 0 for log, found 0"),
        (
            "rho=0:2:3:lin",
            "rho: expected LO:HI:N or LO:HI:N:log, found '0:2:3:lin'",
        ),
        (
            "hidden=1:4:9",
            "hidden: expected every value once, found 1 twice",
        ),
        (
            "hidden=1.5,2",
            "hidden: expected a whole number from 1 to 512, found '1.5'",
        ),
        (
            "init=0:1:3",
            "init: expected values with commas between them, found '0:1:3'",
        ),
        (
            "init=glorot",
            "init: expected orthogonal, gaussian, identity, scalar, pytorch or keras, found 'glorot'",
        ),
        (
            "forget-bias=learned,1",
            "forget-bias: expected a number from -20 to 20, found 'learned'",
        ),
    ] {
        assert_eq!(Axis::parse(text).unwrap_err(), sentence, "{text}");
    }
}

#[test]
fn a_plane_that_cannot_be_gets_one_sentence() {
    for (cell, rows, x, y, seeds, sentence) in [
        (
            CellKind::Rnn,
            &[][..],
            "forget-bias=0,1",
            "rho=1",
            1,
            "forget-bias: expected a cell that has it, found rnn",
        ),
        (
            CellKind::MinGru,
            &[][..],
            "steps=9",
            "rho=1,2",
            1,
            "rho: expected a cell that has it, found mingru",
        ),
        (
            CellKind::Lstm,
            &[][..],
            "rho=1,2",
            "rho=3",
            1,
            "x and y: expected two different settings, found rho twice",
        ),
        (
            CellKind::Lstm,
            &[][..],
            "forget=1",
            "forget-bias=3",
            1,
            "x and y: expected two different settings, found forget-bias twice",
        ),
        (
            CellKind::Lstm,
            &[("init", "pytorch")][..],
            "rho-block=1,2",
            "steps=9",
            1,
            "rho-block: expected a number for rho, which the other matrices have, found rho drawn",
        ),
        (
            CellKind::Lstm,
            &[][..],
            "rho-block=1,2",
            "rho=0,1",
            1,
            "rho-block: expected rho above 0, which the other matrices have, found rho 0",
        ),
        (
            CellKind::Lstm,
            &[][..],
            "rho-block=1,2",
            "rho=0.001,1",
            1,
            "gate_scale.block: expected a number from 0 to 100, found 1000",
        ),
        (
            CellKind::Lstm,
            &[][..],
            "rho=0:1:9999",
            "amplitude=0:1:9999",
            9,
            "rho x amplitude x seeds: expected at most 2000000 windows, found 899820009",
        ),
    ] {
        let axis = |text| Axis::parse(text).unwrap();
        let made = Spec::new(
            cell.into(),
            settings(rows),
            Arc::default(),
            axis(x),
            axis(y),
            seeds,
        );
        assert_eq!(made.unwrap_err(), sentence);
    }
}

#[test]
fn causes_read_what_they_write() {
    for text in [
        "none",
        "undefined",
        "block",
        "input+forget",
        "peephole_output",
    ] {
        assert_eq!(Why::parse(text).unwrap().text(), text);
    }
    assert_eq!(Why::parse("blok"), None);
    assert_eq!(Why::parse(""), None);
}
