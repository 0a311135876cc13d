//! Training in a real terminal: keys while a batch is computed, a look into the network, saving and going on.

use std::fs;
use std::path::PathBuf;

use crate::session::{Launch, Session};

/// A run on the screen, in a folder of its own.
fn launch(name: &str, options: &str) -> (Launch, PathBuf) {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join("w.safetensors");
    (train(&format!("{options} --save {}", file.display())), file)
}

fn train(options: &str) -> Launch {
    let arguments: Vec<&str> = ["train"].into_iter().chain(options.split(' ')).collect();
    Launch::rnntop()
        .args(&arguments)
        .args(&["--screen"])
        .size(120, 40)
}

fn shows(session: &Session, text: &str) {
    session.until(text, |s| s.heard().shows(text));
}

/// One update of this run takes seconds. Help, a change of η and another screen come meanwhile.
#[test]
fn keys_answer_while_a_batch_is_computed() {
    let run = "adding --hidden 256 --length 8000 --batch 4 --threads 1";
    let mut session = train(run).start().ready();
    shows(&session, "update 0 of");
    for (key, text) in [
        ("?", "│ on train"),
        ("\x1b", "update 0 of"),
        ("R", "update 0 of"),
    ] {
        session.types_slowly(key);
        shows(&session, text);
    }
    session.types("1");
    session.until("another screen", |s| !s.heard().shows("update 0 of"));
    session.types("T");
    shows(&session, "update 0 of");
    session.types("q");
    session.ends_with(0);
    session.assert_restored();
}

/// What a preset of training is about stands there until the first key.
#[test]
fn a_preset_of_training_says_what_to_press() {
    let mut session = Launch::rnntop().args(&["h-detach"]).start().ready();
    for text in [
        "h-detach leaves the carousel alone",
        "press: Space",
        "watch:",
        "source:",
    ] {
        shows(&session, text);
    }
    session.types(" ");
    session.until("the charts", |s| !s.heard().shows("press: Space"));
    // What is told of another preset is its own.
    session.types("5");
    shows(&session, "Enter loads");
    session.types("\r");
    shows(&session, "x then b cuts the block path");
    session.types("q");
    session.ends_with(0);
    session.assert_restored();
}

const SMALL: &str = "adding --length 10 --hidden 4 --batch 4 --updates 30";

#[test]
fn a_look_into_the_network_of_this_moment() {
    let (launch, _) = launch("pty-train-look", SMALL);
    let mut session = launch.start().ready();
    shows(&session, "done 30 of 30");
    session.types("i");
    shows(&session, "training, update 30");
    shows(&session, "log10 |δ");
    // It is judged on a sequence of its own task, and Escape does not drop the training unasked.
    assert!(!session.heard().shows("on noise"));
    session.types_slowly("\x1b");
    shows(&session, "a training is open: once more leaves the program");
    session.types("T");
    shows(&session, "done 30 of 30");
    session.types("q");
    session.ends_with(0);
    session.assert_restored();
}

/// What was saved goes on on the screen, and what begins anew there leaves it as it is.
#[test]
fn a_saved_run_goes_on_and_is_never_begun_over() {
    let (launch, file) = launch("pty-train-resume", SMALL);
    let mut session = launch.start().ready();
    shows(&session, "done 30 of 30");
    session.types("s");
    shows(&session, "the weights of update 30 are in");
    session.types("q");
    session.ends_with(0);
    let saved = fs::read(&file).unwrap();
    let run = format!("--resume {} --updates 40", file.display());
    let mut session = train(&run).start().ready();
    shows(&session, "done 40 of 40");
    let resumed = fs::read(&file).unwrap();
    assert_ne!(resumed, saved);
    session.types("B");
    shows(&session, "what begins now has no file yet");
    session.until("the run from its first update on", |s| {
        let heard = s.heard();
        heard.shows("done 40 of 40") && heard.shows("sequences 160")
    });
    // Its save asks for another name.
    session.types("s");
    shows(&session, "save the weights to a file");
    session.types_slowly("\x1b");
    session.types("q");
    session.ends_with(0);
    session.assert_restored();
    assert_eq!(fs::read(&file).unwrap(), resumed);
}
