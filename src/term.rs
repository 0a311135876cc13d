//! The terminal itself: guard, signals, capabilities, the event loop.
