//! Runs on their thread: every wait is for a picture, none for a time.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

use super::*;
use crate::train::Task;
use crate::train::run::begin;

fn small(updates: u64) -> Order {
    let settings = Settings {
        hidden: 4,
        length: 10,
        batch: 4,
        ..Settings::default()
    };
    Order {
        running: false,
        ..Order::new(settings, Task::Adding, 1, updates)
    }
}

fn begin_with(order: Order) -> (Worker, Receiver<Report>) {
    let (out, inbox) = channel();
    let worker = Worker::spawn(move |report| _ = out.send(report));
    worker.send(Command::Begin(Box::new(order)));
    (worker, inbox)
}

/// The first picture that is as wanted.
fn wait(inbox: &Receiver<Report>, wanted: impl Fn(&Picture) -> bool) -> Arc<Picture> {
    loop {
        if let Report::Picture(picture) = inbox.recv().expect("the thread lives")
            && wanted(&picture)
        {
            return picture;
        }
    }
}

fn losses(trained: &Trained) -> Vec<Option<f64>> {
    let columns = trained.history.columns.iter();
    columns.map(|column| column.loss.mean()).collect()
}

#[test]
fn two_runs_stay_in_lock_step_and_see_the_same_batches() {
    let mut order = small(6);
    order.runs.push(order.runs[0].clone());
    let (worker, inbox) = begin_with(order);
    worker.send(Command::Step);
    let one = wait(&inbox, |p| p.updates() == 1);
    assert!(!one.running && one.runs.iter().all(|run| run.updates == 1));
    worker.send(Command::Run(true));
    let done = wait(&inbox, Picture::is_over);
    assert!(!done.running);
    assert_eq!(done.runs[0].history, done.runs[1].history);
    assert_eq!(losses(&done.runs[0]).len(), 6);
    // More of the same.
    worker.send(Command::Extend(8));
    worker.send(Command::Run(true));
    wait(&inbox, |p| p.runs.iter().all(|run| run.updates == 8));
}

fn change(rate: f64, clip: Clip, undo: bool) -> Command {
    Command::Change {
        run: 0,
        rate,
        clip,
        undo,
    }
}

#[test]
fn a_change_is_marked_where_it_was_made_and_taken_back_at_once_leaves_no_trace() {
    let (worker, inbox) = begin_with(small(4));
    worker.send(Command::Step);
    worker.send(change(0.5, Clip::Off, false));
    worker.send(change(0.5, Clip::Norm(1.0), false));
    worker.send(Command::Look(0));
    let marked = wait(&inbox, |p| p.runs[0].changes.len() == 2);
    let marks = ["η 0.5", "clip norm:1"].map(|text| Change {
        update: 2,
        text: text.to_owned(),
        undo: false,
    });
    assert_eq!(marked.runs[0].changes, marks);
    worker.send(change(0.5, Clip::Off, true));
    worker.send(change(0.001, Clip::Off, true));
    worker.send(Command::Run(true));
    let changed = wait(&inbox, Picture::is_over);
    assert_eq!(changed.runs[0].changes, []);
    let (worker, inbox) = begin_with(small(4));
    worker.send(Command::Run(true));
    let plain = wait(&inbox, Picture::is_over);
    assert_eq!(changed.runs[0].history, plain.runs[0].history);
}

/// The updates in between were made with the change, so that its mark stays, and where it ends is marked as
/// what it is.
#[test]
fn a_change_that_is_taken_back_later_is_no_second_change() {
    let (worker, inbox) = begin_with(small(4));
    worker.send(change(0.5, Clip::Off, false));
    worker.send(Command::Step);
    worker.send(change(0.001, Clip::Off, true));
    let picture = wait(&inbox, |p| p.runs[0].changes.len() == 2);
    let said = picture.runs[0].changes.iter();
    let said: Vec<(u64, &str, bool)> = said.map(|c| (c.update, &*c.text, c.undo)).collect();
    assert_eq!(said, [(1, "η 0.5", false), (2, "η 0.001", true)]);
    assert_eq!(picture.runs[0].settings.learning_rate, 0.001);
}

#[test]
fn a_run_that_diverges_ends_alone() {
    let mut order = small(200);
    order.runs.push(Settings {
        learning_rate: 1000.0,
        optimizer: crate::train::Rule::Sgd,
        ..order.runs[0].clone()
    });
    let (worker, inbox) = begin_with(order);
    worker.send(Command::Run(true));
    let done = wait(&inbox, Picture::is_over);
    assert_eq!((done.runs[0].updates, &done.runs[0].ended), (200, &None));
    let ended = done.runs[1].ended.as_ref().expect("it diverged");
    assert!(ended.starts_with("the run diverged at update "), "{ended}");
    assert!(done.runs[1].updates < 200);
    let said = why(&done.runs[1], None).join(" ");
    let update = done.runs[1].updates;
    let end = format!("; the last finite weights, of update {update}, can still be saved.");
    assert!(said.contains(&end), "{said}");
}

/// The file is written before the sentence says so, and again where something else begins.
#[test]
fn a_run_with_a_file_leaves_its_weights_there() {
    let folder = std::env::temp_dir().join(format!("rnntop-live-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for the test");
    let files = Files::of(&folder.join("w.safetensors"));
    let mut order = small(200);
    order.files = Some(files.clone());
    order.runs[0].learning_rate = 1000.0;
    order.runs[0].optimizer = crate::train::Rule::Sgd;
    let (worker, inbox) = begin_with(order);
    worker.send(Command::Run(true));
    let done = wait(&inbox, Picture::is_over);
    let update = done.runs[0].updates;
    assert!(done.runs[0].ended.is_some() && update > 0);
    let file = files.weights.display().to_string();
    let end = format!("; the last finite weights, of update {update}, are in {file}.");
    let said = why(&done.runs[0], None).join(" ");
    assert!(said.contains(&end), "{said}");
    // What begins then has no file, and what was there stays.
    let before = std::fs::read(&files.state).expect("it is there");
    worker.send(Command::Begin(Box::new(small(2))));
    worker.send(Command::Run(true));
    let told = loop {
        if let Report::Said(said) = inbox.recv().expect("the thread lives") {
            break said;
        }
    };
    let sentence =
        format!("what begins now has no file yet; the weights of update {update} are in {file}");
    assert_eq!(told, Ok(sentence));
    let next = wait(&inbox, |p| p.is_over() && p.total == 2);
    assert_eq!((&next.files, &next.runs[0].kept), (&None, &None));
    assert_eq!(std::fs::read(&files.state).expect("it is there"), before);
    // A handle that is dropped leaves the updates that have come since the last save.
    let mut order = small(3);
    order.files = Some(files.clone());
    worker.send(Command::Begin(Box::new(order)));
    worker.send(Command::Step);
    wait(&inbox, |p| p.total == 3 && p.updates() == 1);
    drop(worker);
    assert_ne!(std::fs::read(&files.state).expect("it is there"), before);
    let mut run = begin(small(3).runs[0].clone(), Task::Adding, 1).expect("it converges");
    files.resume(run.as_mut()).expect("it is whole");
    assert_eq!(run.updates(), 1);
    std::fs::remove_dir_all(&folder).expect("it was made above");
}

#[test]
fn what_is_looked_at_are_the_weights_of_the_moment() {
    let (worker, inbox) = begin_with(small(4));
    worker.send(Command::Step);
    worker.send(Command::Look(0));
    let look = loop {
        if let Report::Look(look) = inbox.recv().expect("the thread lives") {
            break look;
        }
    };
    assert_eq!(look.updates, 1);
    assert_eq!(look.sequence.dim(), (10, 2));
    let mut run = begin(small(4).runs[0].clone(), Task::Adding, 1).expect("it converges");
    run.update().expect("nobody stops it");
    assert_eq!(look.parameters, run.look().parameters);
}

/// One that takes its time: what is saved is what there was before it.
#[test]
fn a_handle_that_is_dropped_gives_up_the_update_that_is_under_way() {
    let folder = tempfile::tempdir().expect("there is room");
    let files = Files::of(&folder.path().join("w.safetensors"));
    let mut order = small(9);
    order.runs[0].hidden = 256;
    order.runs[0].length = 4000;
    order.runs[0].batch = 1;
    order.files = Some(files.clone());
    let settings = order.runs[0].clone();
    let (worker, inbox) = begin_with(order);
    wait(&inbox, |p| !p.runs.is_empty());
    worker.send(Command::Run(true));
    wait(&inbox, |p| p.running);
    // So that it is under way, and far from its end.
    std::thread::sleep(std::time::Duration::from_millis(30));
    drop(worker);
    let mut run = begin(settings, Task::Adding, 1).expect("it converges");
    files.resume(run.as_mut()).expect("it is whole");
    assert_eq!(run.updates(), 0);
}
