//! What is studied while it is asked for, and the edge that is searched.

use super::*;

#[test]
fn a_study_is_kept_while_it_is_wanted() {
    let mut app = fixture::app();
    let request = StudyRequest::Hops {
        side: Side::Left,
        orders: 4,
    };
    let study = |orders| {
        Report::Study(Arc::new(Study {
            request: StudyRequest::Hops {
                side: Side::Left,
                orders,
            },
            settings: Settings::default(),
            now: 200,
            finding: Err("it did not converge".to_owned()),
        }))
    };
    let progress = |request| Report::StudyProgress(request, 0.5);
    assert!(!app.report(study(4)) && !app.report(progress(request)));
    app.study.asked = Some(request);
    assert!(
        !app.report(progress(StudyRequest::Layers)),
        "of one that was cancelled"
    );
    assert!(app.report(progress(request)));
    assert!(!app.report(study(5)), "of a request that is over");
    assert!(app.report(study(4)));
    assert!(app.study.found.is_some() && app.study.progress.is_none());
    // No screen wants it: the worker is told, with whatever else it is told.
    let Effect::SendAll(commands) = typed(&mut app, "f") else {
        panic!("two commands");
    };
    assert!(matches!(
        commands.as_slice(),
        [Command::Set { .. }, Command::Study(None)]
    ));
    assert!(app.study.found.is_none());
    assert!(matches!(typed(&mut app, "f"), Effect::Send(_)));
}

fn search(app: &App, outcome: Option<Outcome>) -> Report {
    let Some(Popup::Edge(edge)) = &app.popup else {
        panic!("no search is shown");
    };
    let first = Trial {
        value: edge.request.start,
        log_r: Some(-0.1),
    };
    Report::Edge(Arc::new(Search {
        knob: edge.request.knob,
        trials: vec![first],
        bracket: None,
        outcome,
        spread: None,
        ends: None,
    }))
}

const EDGE: Outcome = Outcome::Found(Trial {
    value: 1.25,
    log_r: Some(0.0),
});

#[test]
fn an_edge_that_is_found_is_one_change() {
    let mut app = fixture::app();
    let Effect::Send(Command::FindEdge(request)) = typed(&mut app, "rE") else {
        panic!("a search should begin");
    };
    assert_eq!((request.knob, request.start), (Knob::Radius, 0.99));
    assert!(app.report(search(&app, None)));
    assert_eq!(app.sim.settings.rho, Some(0.99), "nothing is found yet");
    assert!(app.report(search(&app, Some(EDGE))));
    assert_eq!(app.sim.settings.rho, Some(1.25));
    assert!(app.popup.is_some(), "what was found stays in sight");
    // Undone as one step, from the popup.
    assert_eq!(sent(&typed(&mut app, "u")).rho, Some(0.99));
    assert_eq!((app.sim.settings.rho, &app.popup), (Some(0.99), &None));
    // What comes late is of no use.
    typed(&mut app, "E");
    let late = search(&app, Some(EDGE));
    typed(&mut app, "q");
    assert!(!app.report(late));
    assert_eq!(app.sim.settings.rho, Some(0.99));
}

#[test]
fn a_search_that_changes_nothing_is_no_change() {
    let mut app = fixture::app();
    typed(&mut app, "rE");
    let start = Trial {
        value: 0.99,
        log_r: Some(0.0),
    };
    app.report(search(&app, Some(Outcome::Found(start))));
    assert!(matches!(&app.popup, Some(Popup::Edge(edge)) if !edge.changes()));
    // The change before the search stays.
    typed(&mut app, "u");
    assert_eq!((app.sim.settings.rho, &app.popup), (Some(0.99), &None));
    assert_eq!(said(&app), "the search changed nothing");
    assert_eq!(sent(&typed(&mut app, "u")).rho, Some(1.0));
}

#[test]
fn a_search_is_cancelled_by_what_is_computed_instead() {
    let mut app = fixture::app();
    typed(&mut app, "rE");
    app.report(search(&app, None));
    assert_eq!(sent(&press(&mut app, &[Key::Esc])).rho, Some(0.99));
    assert!(app.popup.is_none() && said(&app).contains("cancelled"));
    // One that ended changes nothing when it is left.
    typed(&mut app, "E");
    let end = Trial {
        value: 0.0,
        log_r: None,
    };
    app.report(search(&app, Some(Outcome::NoCrossing(end, end))));
    assert!(matches!(press(&mut app, &[Key::Enter]), Effect::None));
    assert_eq!(app.sim.settings.rho, Some(0.99));
    // A failure leaves no search waiting.
    typed(&mut app, "E");
    app.report(Report::Failed("no numbers".to_owned()));
    assert!(app.popup.is_none());
}

#[test]
fn only_what_has_an_edge_is_searched() {
    let mut app = fixture::app();
    typed(&mut app, "cE");
    assert!(app.popup.is_none() && said(&app).contains("edge: select"));
    typed(&mut app, "4");
    app.screens.settings.row = Parameter::row("gate_scale.output");
    let Effect::Send(Command::FindEdge(request)) = typed(&mut app, "E") else {
        panic!("a search should begin");
    };
    assert_eq!(request.knob, Knob::ScaleOutput);
}

#[test]
fn a_cell_with_one_matrix_has_none_to_choose() {
    let mut app = fixture::app();
    app.report(Report::Snapshot(fixture::snapshot(&app.sim.settings, 0.9)));
    app.update(Action::Show(Screen::Spectrum));
    app.update(Action::Own(Own::Spectrum(spectrum::Action::NextMatrix)));
    assert_eq!(app.screens.spectrum.matrix, 0);
    assert!(said(&app).contains("none to choose"), "{}", said(&app));
}

#[test]
fn the_spectrum_is_studied_while_it_is_shown() {
    let mut app = fixture::app();
    let study = |effect: &Effect| match effect {
        Effect::Send(Command::Study(study)) => *study,
        other => panic!("a study should be sent, not {other:?}"),
    };
    let of = |side| Some(StudyRequest::Spectrum { side });
    assert_eq!(study(&typed(&mut app, "7")), of(Side::Left));
    assert_eq!(study(&typed(&mut app, "w")), of(Side::Right));
    assert!(matches!(typed(&mut app, "S"), Effect::None));
    assert_eq!(study(&typed(&mut app, "1")), None);
    typed(&mut app, "S");
    assert!(said(&app).contains("spectrum"));
}
