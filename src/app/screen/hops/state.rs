//! What the screen keeps.

/// What the screen keeps.
#[derive(Clone, Copy, Debug)]
pub struct State {
    /// K as the user chose it: the hop orders that stand by themselves. A window has room for
    /// [`App::most_orders`](crate::app::App::most_orders).
    pub orders: usize,
}

impl State {
    /// K at the start.
    pub const ORDERS: usize = 40;
}

impl Default for State {
    fn default() -> Self {
        Self {
            orders: Self::ORDERS,
        }
    }
}
