//! Runs on their thread: every wait is for a picture, none for a time.

use std::sync::mpsc::{Receiver, channel};

use super::*;
use crate::train::Task;

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

#[test]
fn a_change_is_marked_where_it_was_made_and_taken_back_leaves_no_trace_in_the_weights() {
    let (worker, inbox) = begin_with(small(4));
    worker.send(Command::Step);
    worker.send(Command::Change(0, 0.5, Clip::Norm(1.0)));
    worker.send(Command::Change(0, 0.5, Clip::Off));
    worker.send(Command::Change(0, 0.001, Clip::Off));
    worker.send(Command::Run(true));
    let changed = wait(&inbox, Picture::is_over);
    let marks = ["clip norm:1", "clip off", "η 0.001"].map(|text| (2, text.to_owned()));
    assert_eq!(changed.runs[0].changes, marks);
    let (worker, inbox) = begin_with(small(4));
    worker.send(Command::Run(true));
    let plain = wait(&inbox, Picture::is_over);
    assert_eq!(changed.runs[0].history, plain.runs[0].history);
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
    let why = done.runs[1].ended.as_ref().expect("it diverged");
    assert!(why.starts_with("the run diverged at update "), "{why}");
    assert!(done.runs[1].updates < 200);
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
    run.update();
    assert_eq!(look.parameters, run.look().parameters);
}
