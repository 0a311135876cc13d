//! What would help against a gradient that dies out: less of what takes away, and more of what keeps.

use super::change::{Guilty, set_chrono, shift_bias};
use super::{Advice, BIAS, Patient};
use crate::cell::{CellKind, Parameters, Path};
use crate::flow::{Cause, Verdict};
use crate::sim::inspect::remedy::{Cancelled, Tried};

impl Patient<'_, '_> {
    /// What would keep more.
    pub(super) fn of_decay(&mut self) -> Result<Vec<Advice>, Cancelled> {
        let mut all = Vec::new();
        match &self.layer.law.cause {
            Cause::TakesAway { paths, .. } => {
                let guilty = Guilty::new(self.found.cell, paths);
                all.extend(self.taking_less(&guilty)?);
            }
            Cause::KeepsTooLittle { path, .. } if self.found.initial => {
                if *path == Path::Recurrent {
                    let guilty = Guilty::new(self.found.cell, &[*path]);
                    all.extend(self.orthogonal(&guilty)?);
                    all.extend(self.scaled(&guilty)?);
                } else if self.layer.memory.is_some() {
                    all.extend(self.keeping_more()?);
                    all.extend(self.chrono()?);
                }
            }
            _ => {}
        }
        Ok(all)
    }

    /// The guilty matrices scaled down to where the gradient no longer dies out; where it does at a
    /// hundredth too, with a bias beside that.
    fn taking_less(&mut self, guilty: &Guilty) -> Result<Option<Advice>, Cancelled> {
        let mut found: Option<Tried> = None;
        for value in [0.5, 0.25, 0.1, 0.03, 0.01] {
            let Some(log_r) = self.better(&|parameters| guilty.scale(parameters, value))? else {
                continue;
            };
            if found.is_none_or(|best| log_r.abs() < best.log_r.abs()) {
                found = Some(Tried { value, log_r });
            }
            if !self.is_vanishing(log_r) {
                break;
            }
        }
        let Some(Tried { value, mut log_r }) = found else {
            return Ok(None);
        };
        let sizes = guilty.sizes(self.layer, value);
        let mut remedy = format!("scale {} to {value} times what it is{sizes}", guilty.name());
        let mut source = "Pascanu et al. 2013 (arXiv 1211.5063)";
        if self.is_vanishing(log_r)
            && self.found.initial
            && let Some(bias) = self.layer.keep_bias
            && let Some(tried) = self.kept_longer(&|parameters| guilty.scale(parameters, value))?
        {
            remedy = format!("{remedy}, and {}", self.bias_of(bias, tried.value));
            log_r = tried.log_r;
            source = "Pascanu et al. 2013 (arXiv 1211.5063); Gers et al. 2000";
        }
        Ok(Some(self.advice("scale", remedy, log_r, source)))
    }

    fn is_vanishing(&self, log_r: f64) -> bool {
        let steps = self.layer.law.steps;
        Verdict::of(log_r / std::f64::consts::LN_10, steps) == Verdict::Vanishing
    }

    /// A bias for a gradient that dies out: larger.
    fn keeping_more(&mut self) -> Result<Option<Advice>, Cancelled> {
        let Some(bias) = self.layer.keep_bias else {
            return Ok(None);
        };
        let tried = self.kept_longer(&|_| {})?;
        Ok(tried.map(|tried| self.bias(bias, tried)))
    }

    /// How much larger a bias is at which r is 1, beside another change; or at which half would be left after T
    /// steps by the bias alone; or as much more as it takes until the gradient no longer dies out.
    fn kept_longer(
        &mut self,
        beside: &dyn Fn(&mut Parameters),
    ) -> Result<Option<Tried>, Cancelled> {
        let bias = self.layer.keep_bias.unwrap_or_default();
        let half = (self.found.steps as f64 / std::f64::consts::LN_2).ln() - bias;
        let change = |parameters: &mut Parameters, by: f64| {
            beside(parameters);
            shift_bias(parameters, by);
        };
        let mut found = None;
        for most in [half, half + 1.0, half + 2.0] {
            if most <= 0.0 || bias + most > BIAS {
                continue;
            }
            let edge = self.trials.edge(self.at, [0.0, most], &change)?;
            if edge.is_some() {
                return Ok(edge);
            }
            let Some(log_r) = self.better(&|parameters| change(parameters, most))? else {
                break;
            };
            found = Some(Tried { value: most, log_r });
            if !self.is_vanishing(log_r) {
                break;
            }
        }
        Ok(found)
    }

    /// What to make of the bias of the gate that keeps.
    fn bias_of(&self, bias: f64, more: f64) -> String {
        let keeper = self.found.cell.spec().keeper();
        let gate = keeper.map_or("forget", |(gate, _)| gate.name);
        let keeps = if gate == "update" {
            " (z means keep)"
        } else {
            ""
        };
        format!(
            "a mean {gate} bias of {:.2} in place of {bias:.2}{keeps}: bias_ih and bias_hh add up, rows H to 2H",
            bias + more
        )
    }

    pub(super) fn bias(&self, bias: f64, Tried { value, log_r }: Tried) -> Advice {
        let remedy = self.bias_of(bias, value);
        let source = if self.found.cell == CellKind::Lstm {
            "Gers et al. 2000; Jozefowicz et al. 2015"
        } else {
            "as for the forget gate of an LSTM: Gers et al. 2000; Jozefowicz et al. 2015"
        };
        self.advice("forget_bias", remedy, log_r, source)
    }

    /// Biases spread over all time scales of the window.
    fn chrono(&mut self) -> Result<Option<Advice>, Cancelled> {
        let longest = (self.found.steps.max(3) - 1) as f64;
        let lstm = self.found.cell == CellKind::Lstm;
        let after = self.better(&|parameters| set_chrono(parameters, longest, lstm))?;
        let and = if lstm {
            ", and b_i = -b_f"
        } else {
            " (z means keep)"
        };
        let gate = if lstm { "b_f" } else { "b_z" };
        Ok(after.map(|log_r| {
            let remedy = format!(
                "where inputs must be remembered for up to {} steps: chrono initialisation, {gate} = ln u with u from U(1, {longest}){and}",
                self.found.steps
            );
            self.advice(
                "chrono",
                remedy,
                log_r,
                "Tallec & Ollivier 2018 (arXiv 1804.11188)",
            )
        }))
    }
}
