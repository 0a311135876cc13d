//! What a window takes against what is estimated, and that it is given back.

use rnntop::sim::preset::grammar::parse_cell;
use rnntop::sim::{Data, Settings, budget};

use crate::session::{Launch, Session};

/// A session that has computed a window of two equal cells, and its estimate.
fn with_window(cell: &str, hidden: usize, inputs: usize, steps: usize) -> (Session, f64) {
    let kind = parse_cell(cell).unwrap();
    let settings = Settings {
        cells: [kind; 2],
        hidden,
        inputs,
        steps,
        ..Settings::default()
    };
    let cells = format!("{cell},{cell}");
    let [hidden, inputs, steps] = [hidden, inputs, steps].map(|n| n.to_string());
    let arguments = format!("--cells {cells} --hidden {hidden} --inputs {inputs} --steps {steps}");
    let arguments: Vec<&str> = arguments.split(' ').collect();
    let session = Launch::rnntop().args(&arguments).start().ready();
    session.until("a window", |s| !s.heard().shows("computing"));
    (session, budget::window(&settings, &Data::default()).bytes)
}

fn quits(mut session: Session) {
    session.types("q");
    session.ends_with(0);
}

/// The formula, against the most that the process has had. Its bounds are wider than those that it was
/// measured with: the allocator of another system may keep more.
#[test]
fn a_window_takes_what_is_estimated() {
    let (small, _) = with_window("rnn", 2, 8, 10);
    let without = small.memory("VmHWM") as f64;
    quits(small);
    for cell in ["lstm", "gru", "minlstm"] {
        let (session, estimate) = with_window(cell, 8, 8, 3000);
        let taken = session.memory("VmHWM") as f64 - without;
        let ratio = taken / estimate;
        assert!(
            (0.6..1.8).contains(&ratio),
            "{cell}: {taken} for {estimate}"
        );
        quits(session);
    }
}

/// It is said on the screen, which goes on, and where it is left the terminal is as it was.
#[test]
fn a_window_that_there_is_no_memory_for_is_a_sentence() {
    let mut session = Launch::shell(
        "ulimit -v 1000000; exec \"$RNNTOP\" --cells lstm,gru --hidden 512 --steps 20000",
    )
    .size(120, 40)
    .start()
    .ready();
    session.until("a sentence", |s| {
        s.heard().shows("there is no memory for it")
    });
    session.types(":why\r");
    session.until("a window", |s| s.heard().shows("rnntop ▸ why"));
    session.types("q");
    session.ends_with(0);
    session.assert_restored();
}

#[test]
fn memory_of_a_large_window_is_given_back() {
    let (mut session, _) = with_window("rnn", 1, 512, 10_000);
    session.types(" ");
    let large = session.memory("VmRSS");
    session.types(":why\r");
    session.until("less memory", |s| s.memory("VmRSS") < large / 2);
    quits(session);
}

/// Where its numbers leave float64 the window takes several times as much. However little there is, the screen
/// shows it or says that it cannot.
#[test]
fn a_window_that_leaves_float64_is_shown_or_refused() {
    for megabytes in [260, 400, 440, 480] {
        let mut session = Launch::shell(&format!(
            "ulimit -v {megabytes}000; exec \"$RNNTOP\" --cells lstm,gru --hidden 16 --steps 3000 --rho 1e-60"
        ))
        .size(120, 40)
        .start()
        .ready();
        session.until("a window or a sentence", |s| {
            let heard = s.heard();
            heard.shows("there is no memory for it") || !heard.shows("computing")
        });
        session.types("q");
        session.ends_with(0);
        session.assert_restored();
    }
}
