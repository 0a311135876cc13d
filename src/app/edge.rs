//! The edge finder: which setting the keys have selected to be tuned, and what is taken over of a
//! search.

use std::sync::Arc;

use crate::app::action::Control;
use crate::app::popup::{Edge, Popup};
use crate::app::{App, Effect, controls};
use crate::cell::ForgetGate;
use crate::sim::edge::{Knob, Request, Search};
use crate::sim::{Command, Settings, budget};

impl App {
    /// Begins a search for the selected setting, on the main curve of the cell in focus.
    pub(super) fn find_edge(&mut self) -> Effect {
        let Some((knob, start)) = (self.screen.room().knob)(self) else {
            return self.say("edge: select ρ, the forget gate or a gate's scale first");
        };
        let cell = self.sim.settings.cell(self.focus.side);
        if !knob.turns(cell, self.sim.settings.forget) {
            let name = knob.name();
            return self.say(&format!("edge: the {} in focus has no {name}", cell.name()));
        }
        let allowed = self.may.budget;
        let search = |settings: &Settings| budget::search(settings, &self.sim.data);
        if let Err(why) = allowed.check(&self.sim.settings, search) {
            return self.say(&format!("edge: {why}"));
        }
        let range = knob.range();
        let request = Request {
            knob,
            start: start.clamp(*range.start(), *range.end()),
            side: self.focus.side,
            cuts: self.sim.cuts,
        };
        self.cutting = false;
        self.popup = Some(Popup::Edge(Edge {
            request,
            asked: Box::new(self.sim.settings.clone()),
            search: None,
        }));
        Effect::Send(Command::FindEdge(request))
    }

    /// What leaving the popup does: a search that goes on is cancelled by what is computed instead.
    pub(super) fn leave_edge(&mut self, edge: &Edge) -> Effect {
        if edge.outcome().is_some() {
            return Effect::None;
        }
        self.say("the search for the edge was cancelled: all is as before");
        Effect::Send(self.start_command())
    }

    /// Takes a report of the search; whether the picture changed. The worker has gone over to a
    /// value that was found: it is taken over here as one change, which undo takes back.
    pub(super) fn searched(&mut self, search: Arc<Search>) -> bool {
        let Some(Popup::Edge(edge)) = &mut self.popup else {
            return false;
        };
        if *edge.asked != self.sim.settings || edge.request.knob != search.knob {
            return false;
        }
        edge.search = Some(search);
        if let Some(next) = edge.found() {
            self.take_over(next);
        }
        true
    }

    /// A computation failed: there is nothing more to wait for.
    pub(super) fn search_failed(&mut self) {
        if matches!(&self.popup, Some(Popup::Edge(edge)) if edge.outcome().is_none()) {
            self.popup = None;
        }
    }

    /// ρ and its present value, measured where it is as trained.
    pub(super) fn radius(&self) -> (Knob, f64) {
        let rho = self.sim.settings.rho;
        let rho = rho.or_else(|| controls::measured_radius(self));
        (Knob::Radius, rho.unwrap_or(1.0))
    }

    /// The forget gate's bias or its pinned value.
    pub(super) fn forget(&self) -> (Knob, f64) {
        match self.sim.settings.forget {
            ForgetGate::Learned(bias) => {
                let bias = bias.or_else(|| controls::measured_bias(self));
                (Knob::ForgetBias, bias.unwrap_or(1.0))
            }
            ForgetGate::Pinned(f) => (Knob::ForgetValue, f),
            ForgetGate::None => (Knob::ForgetValue, 1.0),
        }
    }
}

/// The selected control to tune and its present value.
pub(super) fn knob_of_control(app: &App) -> Option<(Knob, f64)> {
    match app.focus.control {
        Control::Radius => Some(app.radius()),
        Control::Forget => Some(app.forget()),
        Control::Threshold => None,
    }
}
