//! The edge finder: which setting the keys have selected to be tuned, and what is taken over of a
//! search.

use std::sync::Arc;

use crate::app::action::Control;
use crate::app::parameters::Parameter;
use crate::app::state::{Notice, Popup, Screen};
use crate::app::{App, Effect, controls};
use crate::cell::ForgetGate;
use crate::sim::edge::{Knob, Outcome, Request, Search};
use crate::sim::{Command, Settings};

/// A search as the screen shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Edge {
    /// What was asked.
    pub request: Request,
    /// The settings it was asked under; under others, what it finds is of no use.
    pub asked: Box<Settings>,
    /// How far it is; `None` before its first trial.
    pub search: Option<Arc<Search>>,
}

impl Edge {
    /// How the search ended, if it did.
    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        self.search.as_ref().and_then(|search| search.outcome)
    }

    /// Whether it found settings other than those it began with.
    #[must_use]
    pub fn changes(&self) -> bool {
        let value = self.outcome().and_then(Outcome::value);
        value.is_some_and(|value| self.request.knob.applied(&self.asked, value) != *self.asked)
    }
}

impl App {
    /// Begins a search for the selected setting, on the main curve of the cell in focus.
    pub(super) fn find_edge(&mut self) -> Effect {
        let Some((knob, start)) = self.knob() else {
            return self.say("edge: select ρ, the forget gate or a gate's scale first");
        };
        let range = knob.range();
        let request = Request {
            knob,
            start: start.clamp(*range.start(), *range.end()),
            side: self.focus,
            cuts: self.cuts,
        };
        self.cutting = false;
        self.popup = Some(Popup::Edge(Edge {
            request,
            asked: Box::new(self.settings.clone()),
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
        if *edge.asked != self.settings || edge.request.knob != search.knob {
            return false;
        }
        let value = search.outcome.and_then(Outcome::value);
        edge.search = Some(search);
        if edge.changes()
            && let Some(value) = value
        {
            let next = edge.request.knob.applied(&self.settings, value);
            self.take_over(next);
        }
        true
    }

    /// A computation failed: there is nothing more to wait for.
    pub(super) fn search_failed(&mut self, notice: &Notice) {
        let waits = |popup: &Popup| matches!(popup, Popup::Edge(edge) if edge.outcome().is_none());
        if notice.error && self.popup.as_ref().is_some_and(waits) {
            self.popup = None;
        }
    }

    /// Whether what is selected can be tuned.
    #[must_use]
    pub fn can_find_edge(&self) -> bool {
        self.knob().is_some()
    }

    /// The setting to tune and its present value.
    fn knob(&self) -> Option<(Knob, f64)> {
        let scale = self.settings.gate_scale;
        match self.screen {
            Screen::Settings => match Parameter::at(self.parameter) {
                Parameter::Radius => Some(self.radius()),
                Parameter::ScaleBlock => Some((Knob::ScaleBlock, scale.block)),
                Parameter::ScaleInput => Some((Knob::ScaleInput, scale.input)),
                Parameter::ScaleForget => Some((Knob::ScaleForget, scale.forget)),
                Parameter::ScaleOutput => Some((Knob::ScaleOutput, scale.output)),
                Parameter::ForgetMode | Parameter::ForgetValue => Some(self.forget()),
                _ => None,
            },
            _ => match self.selected {
                Control::Radius => Some(self.radius()),
                Control::Forget => Some(self.forget()),
                Control::Threshold => None,
            },
        }
    }

    fn radius(&self) -> (Knob, f64) {
        let rho = self
            .settings
            .rho
            .or_else(|| controls::measured_radius(self));
        (Knob::Radius, rho.unwrap_or(1.0))
    }

    fn forget(&self) -> (Knob, f64) {
        match self.settings.forget {
            ForgetGate::Learned(bias) => {
                let bias = bias.or_else(|| controls::measured_bias(self));
                (Knob::ForgetBias, bias.unwrap_or(1.0))
            }
            ForgetGate::Pinned(f) => (Knob::ForgetValue, f),
            ForgetGate::None => (Knob::ForgetValue, 1.0),
        }
    }
}
