//! Text as an input sequence: every byte is one step.

use ndarray::{Array2, ArrayViewMut1};

/// The number of different bytes.
const BYTES: usize = 256;

/// Encodes a text as T × D inputs, one row for each byte.
///
/// With D = 256 a row is one-hot: 1 at the byte's value. With any other D a row is the byte's fixed
/// pseudo-random sign vector with entries ±1/√D, so that every row has norm 1 and two different
/// bytes are nearly orthogonal when D is large. With D below 8 there are fewer sign vectors than
/// bytes, and some bytes share one. The vectors are the same on every machine and in every version:
/// entry j of byte b is negative where bit j mod 64 of the (⌊j/64⌋ + 1)-th output of `splitmix64`
/// started at b is set.
///
/// # Panics
/// When T · D numbers do not fit into memory.
pub fn encode_text(bytes: &[u8], inputs: usize) -> Array2<f64> {
    let mut rows = Array2::zeros((bytes.len(), inputs));
    for (row, &byte) in rows.rows_mut().into_iter().zip(bytes) {
        encode_byte(byte, row);
    }
    rows
}

/// Writes the row of one byte; its length is D.
pub fn encode_byte(byte: u8, mut row: ArrayViewMut1<f64>) {
    if row.len() == BYTES {
        row.fill(0.0);
        row[usize::from(byte)] = 1.0;
        return;
    }
    let size = 1.0 / (row.len() as f64).sqrt();
    let mut state = u64::from(byte);
    let mut bits = 0;
    for (j, x) in row.iter_mut().enumerate() {
        if j % 64 == 0 {
            bits = splitmix64(&mut state);
        }
        *x = if bits & 1 == 0 { size } else { -size };
        bits >>= 1;
    }
}

/// The next output of Vigna's `splitmix64` generator.
fn splitmix64(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splitmix_agrees_with_its_published_outputs() {
        // The first outputs of the reference implementation for the seed 1234567.
        let mut state = 1_234_567;
        let outputs = [
            splitmix64(&mut state),
            splitmix64(&mut state),
            splitmix64(&mut state),
        ];
        let expected = [
            6_457_827_717_110_365_317,
            3_203_168_211_198_807_973,
            9_817_491_932_198_370_423,
        ];
        assert_eq!(outputs, expected);
    }

    #[test]
    fn with_256_inputs_it_is_one_hot() {
        let rows = encode_text(b"a\0\xff", 256);
        assert_eq!(rows.dim(), (3, 256));
        for (row, at) in rows.rows().into_iter().zip([97, 0, 255]) {
            let mut one_hot = vec![0.0; 256];
            one_hot[at] = 1.0;
            assert_eq!(row.to_vec(), one_hot);
        }
    }

    #[test]
    fn otherwise_rows_have_norm_one_and_depend_on_the_byte_alone() {
        for inputs in [1, 2, 7, 32, 64, 65, 255, 257, 512] {
            let rows = encode_text(b"abca", inputs);
            assert_eq!(rows.row(0), rows.row(3));
            for row in rows.rows() {
                assert!((row.dot(&row) - 1.0).abs() < 1e-12, "D = {inputs}");
            }
        }
    }

    #[test]
    fn with_many_inputs_bytes_are_told_apart() {
        let all: Vec<u8> = (0..=255).collect();
        let rows = encode_text(&all, 128);
        for a in 0..256 {
            for b in 0..a {
                let cosine = rows.row(a).dot(&rows.row(b));
                assert!(cosine.abs() < 0.5, "{a} and {b}: {cosine}");
            }
        }
    }

    #[test]
    fn nothing_becomes_nothing() {
        assert_eq!(encode_text(b"", 8).dim(), (0, 8));
    }
}
