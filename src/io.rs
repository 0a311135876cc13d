//! Files in and out: weights, arrays, text, and the sanitiser of everything that is shown.
