//! The table of settings. One more setting is one more row here, and a field of [`Settings`].

use super::Settings;
use super::row::{Kind, Row, Table, Written, names, place, real, row, whole, words};
use crate::cell::ForgetGate;
use crate::sim::preset::grammar;
use crate::sim::preset::limits::{
    self, ACTIVATIONS, CELLS, CLIP_MODES, GATE_BIAS, GATE_FUNCTIONS, GATE_SCALE, INITS, INPUTS,
    LOSSES, RESETS, RHO, Range, SEED, SIGNALS, SPEED, STEPS, THRESHOLD, VARIANTS, Wrong,
};

use Written::{Field, Nowhere, Option as Opt, Preset};

const INITIAL: Range = Range::Real(-1000.0, 1000.0);
/// The modes of the forget gate, in their order on the screen.
const FORGET_MODES: [&str; 3] = ["learned", "pinned", "none"];

/// Every setting of a simulation, in the order in which it is listed.
#[rustfmt::skip]
static ROWS: &[Row<Settings>] = &[
    row("cells", Opt("LEFT,RIGHT"), "", CELL_PAIR,
        "The two cells that the screen shows beside each other, an LSTM with its variant as in lstm-nfg."),
    row("left_cell", Nowhere, "left cell", words!(CELLS, cells[0].kind),
        "The cell that is shown on the left, or above; another kind starts over."),
    row("left_variant", Nowhere, "left variant", words!(VARIANTS, cells[0].variant),
        "What the left LSTM has less or more, after Greff et al. 2015; another one starts over."),
    row("right_cell", Nowhere, "right cell", words!(CELLS, cells[1].kind),
        "The cell that is shown on the right, or below; another kind starts over."),
    row("right_variant", Nowhere, "right variant", words!(VARIANTS, cells[1].variant),
        "What the right LSTM has less or more, after Greff et al. 2015; another one starts over."),
    row("hidden", Opt("H"), "hidden units H", whole!(Range::Whole(1, 512), hidden),
        "Units of each cell."),
    row("steps", Opt("T"), "window T", whole!(STEPS, steps),
        "Steps that the gradient flows back through."),
    row("inputs", Opt("D"), "inputs D", whole!(INPUTS, inputs),
        "Numbers that enter at each step."),
    row("activation", Opt("PHI"), "activation φ", words!(ACTIVATIONS, activation),
        "The RNN's h = φ(W x + R h + b); with --cell lstm or gru, and with weights of one, that cell's."),
    row("block_activation", Opt("PHI"), "LSTM, GRU: φ of z, n", words!(ACTIVATIONS, block_activation),
        "φ of the LSTM's block input z and of the GRU's candidate n."),
    row("state_activation", Opt("PHI"), "LSTM: φ of c", words!(ACTIVATIONS, state_activation),
        "φ of the LSTM's h = φ(c) ⊙ o."),
    row("gate", Opt("SIGMA"), "gate function σ", words!(GATE_FUNCTIONS, gate),
        "What makes a gate of its pre-activation: sigmoid, hard_sigmoid (0.2x + 0.5: Keras 1 and 2) or hard_sigmoid_6 (x/6 + 0.5: Keras 3), both from 0 to 1."),
    row("reset", Opt("SIDE"), "GRU: reset gate", words!(RESETS, reset),
        "Whether the GRU's reset gate stands after the matrix R_n (PyTorch) or before it (Keras with reset_after=False, ONNX)."),
    row("init", Opt("INIT"), "initialisation", INIT,
        "How recurrent matrices are drawn before they are scaled to ρ; pytorch and keras are the frameworks' own, with ρ and forget bias as drawn unless these are set, too."),
    row("mix", Opt("M"), "gaussian mix", real!(Range::Real(0.0, 1.0), 100, mix),
        "With init orthogonal, the share of a gaussian matrix in each recurrent one, which is then brought to ρ."),
    row("rho", Opt("RHO"), "spectral radius ρ", RADIUS,
        "The largest |eigenvalue| of every recurrent matrix; trained matrices are scaled together, so that the largest becomes it."),
    row("gate_scale", Opt("GATE=X,…"), "", Kind::Table,
        "Factors on the LSTM's matrices, on top of ρ."),
    row("gate_scale.block", Field, "scale R_z", real!(GATE_SCALE, 100, gate_scale.block),
        "Factor on the block input's matrix, beside ρ."),
    row("gate_scale.input", Field, "scale R_i", real!(GATE_SCALE, 100, gate_scale.input),
        "Factor on the input gate's matrix, beside ρ."),
    row("gate_scale.forget", Field, "scale R_f", real!(GATE_SCALE, 100, gate_scale.forget),
        "Factor on the forget gate's matrix, beside ρ."),
    row("gate_scale.output", Field, "scale R_o", real!(GATE_SCALE, 100, gate_scale.output),
        "Factor on the output gate's matrix, beside ρ."),
    row("forget", Opt("GATE"), "", FORGET,
        "The forget gate: learned[:BIAS], pinned:F with F from 0 to 1.05, or none (f = 1); of drawn or trained biases BIAS becomes the mean."),
    row("forget_mode", Nowhere, "forget gate", FORGET_MODE,
        "Learned f = σ(…), pinned to a constant, or none: the cell of 1997."),
    row("forget_value", Nowhere, "forget value", FORGET,
        "The learned gate's bias, or the pinned gate's f."),
    row("forget_offset", Opt("X"), "forget offset", real!(GATE_BIAS, 10, forget_offset),
        "Added to the forget gate's bias, whatever it is: the forget_bias of TensorFlow 1, which adds 1 at run time."),
    row("gate_bias", Opt("GATE=X,…"), "", Kind::Table,
        "Biases of the gates; the forget gate's is part of --forget."),
    row("gate_bias.block", Field, "bias b_z", real!(GATE_BIAS, 10, gate_bias.block),
        "Bias of the block input."),
    row("gate_bias.input", Field, "bias b_i", real!(GATE_BIAS, 10, gate_bias.input),
        "Bias of the input gate."),
    row("gate_bias.output", Field, "bias b_o", real!(GATE_BIAS, 10, gate_bias.output),
        "Bias of the output gate."),
    row("gate_bias.forget", Nowhere, "", FORGET_BIAS, ""),
    row("peepholes", Opt(""), "peepholes", Kind::Switch { get: |s| s.peepholes, set: |s, on| s.peepholes = on },
        "Whether the LSTM's gates see c directly."),
    row("peephole_size", Opt("S"), "peephole size", real!(Range::Real(0.0, 100.0), 100, peephole_size),
        "Standard deviation of the peepholes that are drawn."),
    row("signal", Opt("SIGNAL"), "signal", words!(SIGNALS; 1; signal),
        "What drives the stepping."),
    row("amplitude", Opt("A"), "amplitude", real!(Range::Real(0.0, 1000.0), 10, amplitude),
        "Factor on the signal."),
    row("loss", Opt("LOSS"), "loss", words!(LOSSES, loss),
        "last: v·h_T; out: v·y_T, of a reverse layer h after one step; mean, max: of all h_t; sum: Σ v·h_t; mse: ½ Σ |h_t − y_t|², y = 0 unless given."),
    row("clip", Opt("MODE"), "", CLIP,
        "off, norm[:θ], value[:θ] or step[:θ]: norm and value clip the parameter gradients, step the δ on its way back."),
    row("clip_mode", Nowhere, "clip mode", words!(CLIP_MODES, clip),
        "norm and value clip the parameter gradients, step the δ on its way back."),
    row("threshold", Preset, "clip threshold θ", real!(THRESHOLD, 10, threshold),
        "Where clipping begins."),
    row("detach", Opt("P"), "h-detach p", real!(Range::Real(0.0, 1.0), 100, detach),
        "How often the recurrent paths are blocked at a step, over draws; 0 is off."),
    row("initial_h", Preset, "initial h_0", real!(INITIAL, 10, initial_h),
        "Every element of the first h."),
    row("initial_c", Preset, "initial c_0", real!(INITIAL, 10, initial_c),
        "Every element of the first c."),
    row("seed", Opt("N"), "seed", whole!(SEED, seed),
        "Decides weights, signal and loss vector."),
];

impl Table for Settings {
    fn rows() -> &'static [Row<Self>] {
        ROWS
    }
}

/// How fast the simulation is stepped, which is a setting of the program and not of the simulation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Steps per second when running.
    pub speed: u32,
}

impl Default for Pace {
    fn default() -> Self {
        Self { speed: 10 }
    }
}

impl Table for Pace {
    fn rows() -> &'static [Row<Self>] {
        #[allow(
            clippy::cast_lossless,
            reason = "one macro for whole numbers of all widths"
        )]
        static ROWS: [Row<Pace>; 1] = [row(
            "speed",
            Opt("N"),
            "speed",
            whole!(SPEED, speed),
            "Steps per second while it runs.",
        )];
        &ROWS
    }
}

const CELL_PAIR: Kind<Settings> = Kind::Text {
    allowed: "a list of two cells such as [\"lstm\", \"rnn\"]",
    get: |s| s.cells.map(super::CellChoice::name).join(","),
    set: |s, text| grammar::parse_cells(text).map(|cells| s.cells = cells),
    list: Some(|s, list| {
        let [left, right] = list else {
            let allowed = "a list of two cells such as [\"lstm\", \"rnn\"]";
            return Err(Wrong::new(allowed, format!("a list of {}", list.len())));
        };
        s.cells = [grammar::parse_cell(left)?, grammar::parse_cell(right)?];
        Ok(())
    }),
};

/// A framework's initialisation is shown as it is: it brings its own radii and forget bias.
const INIT: Kind<Settings> = Kind::Words {
    names: || names(INITS),
    reserved: 0,
    get: |s| place(INITS, &s.init),
    set: |s, k| {
        let (before, init) = (s.init, INITS[k].1);
        s.init = init;
        if init != before && init.is_framework() {
            s.rho = None;
            if let ForgetGate::Learned(bias) = &mut s.forget {
                *bias = None;
            }
        }
    },
};

const RADIUS: Kind<Settings> = Kind::Real {
    range: RHO,
    per: 100,
    unset: "drawn",
    get: |s| s.rho,
    set: |s, rho| s.rho = rho,
};

const FORGET: Kind<Settings> = Kind::Text {
    allowed: "learned, learned:BIAS, pinned:F or none in quotation marks",
    get: |s| grammar::forget_text(s.forget),
    set: |s, text| grammar::parse_forget(text).map(|forget| s.forget = forget),
    list: None,
};

/// The mode alone; which value comes with it is for the screen to say.
const FORGET_MODE: Kind<Settings> = Kind::Words {
    names: || FORGET_MODES.to_vec(),
    reserved: 0,
    get: |s| match s.forget {
        ForgetGate::Learned(_) => 0,
        ForgetGate::Pinned(_) => 1,
        ForgetGate::None => 2,
    },
    set: |s, mode| {
        s.forget = match mode {
            0 => ForgetGate::Learned(None),
            1 => ForgetGate::Pinned(1.0),
            _ => ForgetGate::None,
        }
    },
};

/// A forget bias is part of `forget`, and whoever writes it here is told so.
const FORGET_BIAS: Kind<Settings> = Kind::Text {
    allowed: "forget = \"learned:BIAS\" for the forget gate",
    get: |_| String::new(),
    set: |_, text| match text {
        "" => Ok(()),
        _ => Err(Wrong::new(
            "forget = \"learned:BIAS\" for the forget gate",
            limits::quoted(text),
        )),
    },
    list: None,
};

const CLIP: Kind<Settings> = Kind::Text {
    allowed: "off, norm:θ, value:θ or step:θ in quotation marks",
    get: grammar::clip_text,
    set: |s, text| {
        let (clip, threshold) = grammar::parse_clip(text)?;
        s.clip = clip;
        s.threshold = threshold.unwrap_or(s.threshold);
        Ok(())
    },
    list: None,
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::Init;
    use crate::sim::settings::row;

    #[test]
    fn whatever_a_row_writes_it_reads() {
        let mut odd = Settings::default();
        for (name, text) in [
            ("cells", "gru,lstm-nfg"),
            ("hidden", "3"),
            ("init", "keras"),
            ("rho", "0.1"),
            ("gate_scale.input", "0.25"),
            ("forget", "pinned:0.97"),
            ("peepholes", "on"),
            ("clip", "step:0.125"),
            ("seed", "9223372036854775807"),
        ] {
            let row = row::find::<Settings>(name).expect(name);
            row.read(&mut odd, text).expect(text);
            assert_eq!(row.text(&odd), text);
        }
        let mut again = Settings::default();
        for row in Settings::rows() {
            row.copy(&odd, &mut again);
        }
        assert_eq!(again, odd);
        assert_eq!(odd.check(), Ok(()));
    }

    #[test]
    fn names_are_unique_and_help_is_a_sentence() {
        for (at, row) in Settings::rows().iter().enumerate() {
            let before = &Settings::rows()[..at];
            assert!(
                before.iter().all(|other| other.name != row.name),
                "{}",
                row.name
            );
            assert!(
                row.help.is_empty() || row.help.ends_with('.'),
                "{}",
                row.help
            );
        }
    }

    #[test]
    fn the_program_s_own_settings_differ_in_nothing() {
        assert_eq!(row::differing(&Settings::default()), []);
        let other = Settings {
            hidden: 8,
            rho: None,
            ..Settings::default()
        };
        let told = [("hidden", "8".to_owned()), ("rho", "drawn".to_owned())];
        assert_eq!(row::differing(&other), told);
        // A threshold is part of what is said of clipping, and a framework brings its radius.
        let framework = Settings {
            init: Init::Keras,
            rho: None,
            forget: ForgetGate::Learned(None),
            threshold: 2.0,
            ..Settings::default()
        };
        let told = [("init", "keras".to_owned()), ("clip", "norm:2".to_owned())];
        assert_eq!(row::differing(&framework), told);
        let scaled = Settings {
            rho: Some(1.0),
            ..framework
        };
        assert!(row::differing(&scaled).contains(&("rho", "1".to_owned())));
    }

    #[test]
    fn a_framework_leaves_its_radius_and_bias_unless_they_are_set_too() {
        let read = |rows: &[(&str, &str)]| {
            let mut settings = Settings::default();
            for (name, text) in rows {
                let row = row::find::<Settings>(name).expect(name);
                row.read(&mut settings, text).expect(text);
            }
            (settings.rho, settings.forget)
        };
        assert_eq!(
            read(&[("init", "keras")]),
            (None, ForgetGate::Learned(None))
        );
        assert_eq!(
            read(&[("init", "pytorch"), ("rho", "2"), ("forget", "learned:3")]),
            (Some(2.0), ForgetGate::Learned(Some(3.0)))
        );
        // A pinned gate is no drawn one.
        assert_eq!(
            read(&[("forget", "pinned:0.9"), ("init", "keras")]),
            (None, ForgetGate::Pinned(0.9))
        );
    }

    /// Wherever they stand in the file; a preset may name a speed, which is none of its settings.
    #[test]
    fn a_preset_sets_rows_in_the_order_of_the_table() {
        let text = "title = 'a'\nidea = 'b'\npress = 'c'\nwatch = 'd'\nsource = 'e'\n[settings]\n\
                    forget = 'learned:3'\nrho = 0.5\ninit = 'keras'\nspeed = 3\n";
        let preset = crate::sim::Preset::parse("a", "a.toml", text).expect("a preset");
        let settings = preset.settings;
        assert_eq!(
            (settings.rho, settings.forget, preset.speed),
            (Some(0.5), ForgetGate::Learned(Some(3.0)), Some(3))
        );
    }
}
