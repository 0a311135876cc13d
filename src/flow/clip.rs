//! Gradient clipping: what each rule makes of the gradient of all parameters.

use super::gradients::{self, Gradient};
use crate::num::{Wide, wide::scale_by_power_of_two};

/// How gradients are clipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClipMode {
    /// Not at all.
    Off,
    /// g ← g · min(1, θ/(‖g‖ + 1e-6)), all parameters together (Pascanu et al. 2013; the rule and
    /// the constant of `torch.nn.utils.clip_grad_norm_`).
    Norm,
    /// Each element of g into [−θ, θ] (Mikolov 2012).
    Value,
    /// The δ passed from t + 1 to t is scaled to norm θ when above; changes the curve itself.
    Step,
}

/// What clipping did to the gradient of a window.
#[derive(Clone, Debug)]
pub struct Clipping {
    /// ‖g‖ of all parameter gradients together (both biases count), before clipping.
    pub before: Wide,
    /// ‖g‖ of all parameter gradients together, after clipping.
    pub after: Wide,
    /// Angle between the raw and the clipped gradient, in degrees; 0 for `norm`, `None` where one of them is 0.
    pub angle_deg: Option<f64>,
    /// `[t - 1]`: whether mode `step` scaled the δ that enters step t from t + 1.
    pub clipped: Vec<bool>,
}

impl Clipping {
    /// Whether clipping changed anything.
    pub fn clipped(&self) -> bool {
        self.before != self.after || self.clipped.contains(&true)
    }
}

/// Whether a δ of this norm is above θ: by more than rounding can have added to one that an earlier
/// step has scaled to θ and that has kept its norm since.
pub(super) fn is_above(norm: Wide, threshold: f64) -> bool {
    norm > Wide::from_f64(threshold * (1.0 + 1e-11))
}

/// ‖g‖ after clipping to norm θ.
pub fn clipped_norm(norm: Wide, threshold: f64) -> Wide {
    let Some(quotient) = Wide::from_f64(threshold).ratio(norm.plus(Wide::from_f64(1e-6))) else {
        return norm;
    };
    if quotient < Wide::ONE {
        norm.times(quotient)
    } else {
        norm
    }
}

/// The gradients with every element in [−θ, θ].
pub fn clip_values(gradients: &[Gradient], threshold: f64) -> Vec<Gradient> {
    let inside = |g: &Gradient| plain(g).all(|x| x.abs() <= threshold);
    if gradients.iter().all(inside) {
        return gradients.to_vec();
    }
    let clip = |g: &Gradient| {
        let clipped = plain(g).map(|x| x.clamp(-threshold, threshold));
        Gradient::new(g.name, clipped.collect(), 0)
    };
    gradients.iter().map(clip).collect()
}

/// The numbers of a gradient as `f64`; ±∞ or 0 outside its range.
fn plain(g: &Gradient) -> impl Iterator<Item = f64> {
    let each = g.each.iter().flatten().map(|x| x.saturating_f64());
    let shared = if g.each.is_none() {
        &g.mantissas[..]
    } else {
        &[]
    };
    let shared = shared.iter();
    each.chain(shared.map(|&m| scale_by_power_of_two(m, g.exponent)))
}

/// The angle between two gradients, in degrees: 2 atan(|u − v| / |u + v|) of the unit vectors,
/// which keeps its digits where an arc cosine would not. `None` when either is zero: it has no direction.
pub fn angle_deg(a: &[Gradient], b: &[Gradient]) -> Option<f64> {
    let (norm_a, norm_b) = (gradients::norm(a), gradients::norm(b));
    if norm_a.is_zero() || norm_b.is_zero() {
        return None;
    }
    let unit = |g: &Gradient, norm: Wide| {
        let factor = Wide::new(1.0, g.exponent)
            .ratio(norm)
            .map_or(0.0, Wide::saturating_f64);
        g.mantissas
            .iter()
            .map(move |m| m * factor)
            .collect::<Vec<f64>>()
    };
    let (mut apart, mut together) = (0.0, 0.0);
    for (x, y) in a.iter().zip(b) {
        for (u, v) in unit(x, norm_a).iter().zip(unit(y, norm_b)) {
            apart += (u - v).powi(2);
            together += (u + v).powi(2);
        }
    }
    Some((2.0 * apart.sqrt().atan2(together.sqrt())).to_degrees())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gradient(mantissas: &[f64], exponent: i64) -> Vec<Gradient> {
        vec![Gradient::new("weight_hh", mantissas.to_vec(), exponent)]
    }

    #[test]
    fn a_gradient_scaled_to_the_threshold_is_not_above_it() {
        let (theta, ulp) = (0.3, 2.0f64.powi(-53));
        let kept = Wide::from_f64(theta * (1.0 + 20_000.0 * ulp));
        assert!(!is_above(kept, theta) && is_above(Wide::from_f64(theta * (1.0 + 1e-9)), theta));
    }

    #[test]
    fn the_norm_rule_is_pytorchs() {
        let clipped = |norm: f64| clipped_norm(Wide::from_f64(norm), 1.0).saturating_f64();
        assert_eq!(clipped(0.5), 0.5);
        assert!((clipped(2.0) - 2.0 / (2.0 + 1e-6)).abs() < 1e-15);
        // A norm just below θ is scaled too, because of the 1e-6.
        assert!(clipped(1.0 - 5e-7) < 1.0 - 5e-7);
        assert!((clipped_norm(Wide::new(1.0, 9000), 5.0).saturating_f64() - 5.0).abs() < 1e-12);
    }

    #[test]
    fn values_are_clamped_and_the_angle_is_measured() {
        let raw = gradient(&[3.0, 0.5], 0);
        let clipped = clip_values(&raw, 1.0);
        assert_eq!(clipped[0].mantissas, [1.0, 0.5]);
        let want = (0.5f64).atan2(1.0).to_degrees() - (0.5f64).atan2(3.0).to_degrees();
        assert!((angle_deg(&raw, &clipped).unwrap() - want).abs() < 1e-12);
        assert_eq!(angle_deg(&raw, &raw), Some(0.0));
        assert_eq!(angle_deg(&raw, &gradient(&[0.0, 0.0], 0)), None);
        // Far beyond f64 every element is at the threshold.
        let huge = gradient(&[1.0, -1.0], 5000);
        assert_eq!(clip_values(&huge, 2.0)[0].mantissas, [2.0, -2.0]);
        assert!(angle_deg(&huge, &clip_values(&huge, 2.0)).unwrap() < 1e-6);
    }
}
