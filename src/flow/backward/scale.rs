//! One binary exponent for all that a sweep carries.

use crate::num::wide::scale_by_power_of_two;

/// How what arrives at a step comes to one binary exponent.
pub(super) struct Scales {
    /// That exponent.
    pub exponent: i64,
    /// The exponent of what the paths bring, and the factor that takes it there.
    pub carry: (i64, f64),
    /// The exponent of what the loss injects, and its factor; `None` where it injects nothing.
    pub loss: Option<(i64, f64)>,
}

impl Scales {
    /// Whether there is more than one exponent.
    #[inline(always)]
    pub fn differ(&self) -> bool {
        self.carry.1 != 1.0 || self.loss.is_some_and(|(_, scale)| scale != 1.0)
    }

    #[inline(always)]
    pub fn new(brought: i64, injected: Option<i64>, fresh: bool) -> Self {
        let exponent = match injected {
            None => brought,
            Some(e) if fresh => e,
            Some(e) => e.max(brought),
        };
        // Zeros stay zeros under any exponent; the power from one far above to another would be infinite.
        let brought = if fresh { exponent } else { brought };
        Self {
            exponent,
            carry: (brought, power(brought - exponent)),
            loss: injected.map(|e| (e, power(e - exponent))),
        }
    }
}

/// 2^e, or 0 or ∞ beyond the range of `f64`.
#[inline(always)]
pub(in crate::flow) fn power(e: i64) -> f64 {
    if e == 0 {
        1.0
    } else {
        scale_by_power_of_two(1.0, e)
    }
}
