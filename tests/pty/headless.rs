//! Commands without a screen, in a terminal: how far they are, and that Ctrl-C ends them at once.

use super::session::Launch;

/// Work of minutes, whose line says what is under way; Ctrl-C ends all but the last two as it ends any
/// program, and those with what they have done.
#[test]
fn long_work_says_how_far_it_is_and_ctrl_c_ends_it() {
    let model = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/data/stacks/projected_lstm/weights.safetensors"
    );
    let inspect = format!("inspect {model} --steps 20000 --batch 256");
    for (arguments, line, status) in [
        (
            "trace noise --cell lstm --hidden 256 --steps 20000",
            "rnntop: the window ",
            None,
        ),
        (
            "trace noise --cell lstm --hidden 48 --steps 1000 --lyapunov",
            "rnntop: Lyapunov exponents ",
            None,
        ),
        (
            "trace noise --cell lstm --hidden 64 --steps 2000 --jacobian",
            "rnntop: the Jacobian ",
            None,
        ),
        (
            "explain noise --cell lstm --hidden 256 --steps 20000",
            "rnntop: the window ",
            None,
        ),
        (inspect.as_str(), "rnntop: inspecting ", None),
        ("presets check copy-gate --slow", "rnntop: copy-gate ", None),
        (
            "sweep --cell lstm --hidden 64 --x rho=0.2:3:100 --y amplitude=0:4:100",
            "/10000, ",
            Some(130),
        ),
        (
            "train adding --hidden 64 --updates 1000000",
            "/1000000, loss ",
            Some(130),
        ),
    ] {
        let arguments: Vec<&str> = arguments.split(' ').collect();
        let mut session = Launch::rnntop().args(&arguments).start();
        session.until(line, |s| s.heard().shows(line));
        session.types("\x03");
        match status {
            Some(status) => {
                session.ends_with(status);
                let heard = session.heard();
                assert!(heard.shows("rnntop: interrupted after "));
                let screen = heard.screen().contents();
                assert!(!screen.contains(line), "{screen}");
            }
            None => assert_eq!(session.end().signal(), Some("Interrupt"), "{arguments:?}"),
        }
    }
}
