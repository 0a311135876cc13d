use super::*;
use crate::flow::cause::units::Units;
use crate::flow::cause::{Gain, Keeping};

fn gain(path: Path, gain: f64, without: f64) -> Gain {
    Gain {
        path,
        gain: Wide::from_f64(gain),
        without: Some(Wide::from_f64(without)),
    }
}

fn opening() -> Law {
    Law {
        factor: Some(Wide::from_f64(1.01)),
        steps: 200,
        gains: vec![
            gain(Path::Carousel, 0.99, 0.02),
            gain(Path::Block, 0.02, 0.99),
            gain(Path::Input, 0.0, 1.01),
        ],
        kept: Some(Wide::from_f64(0.99)),
        cause: Cause::Grows {
            paths: vec![Path::Block],
            without: Wide::from_f64(0.99),
        },
        keeping: Keeping {
            gate: Some(0.99),
            ..Keeping::default()
        },
        spread: None,
        detached: None,
    }
}

#[test]
fn the_sum_and_what_it_would_be_without() {
    let law = opening();
    assert_eq!(
        sum(&law),
        "carousel 0.990 + block 0.020 = 1.010 a step → ×7.32 over 200 ▲"
    );
    assert_eq!(without(&law), "without block 0.134 ▼");
    assert_eq!(
        because(&law, CellKind::Lstm),
        "block makes it grow: without it ×0.134 over 200 steps; carousel carries most of it"
    );
}

#[test]
fn what_is_written_adds_up() {
    let mut law = opening();
    law.factor = Some(Wide::from_f64(1.0004));
    law.gains = vec![
        gain(Path::Carousel, 0.9914, 0.5),
        gain(Path::Block, 0.0146, 0.5),
        gain(Path::Input, -0.0056, 0.5),
    ];
    assert!(
        sum(&law).starts_with("carousel 0.991 + block 0.015 − input 0.006 = 1.000 a step"),
        "{}",
        sum(&law)
    );
    law.gains[1] = gain(Path::Block, 0.0134, 0.5);
    law.gains[2] = gain(Path::Input, -0.0044, 0.5);
    assert!(
        sum(&law).starts_with("carousel 0.991 + block 0.013 − input 0.004 = 1.000 a step"),
        "{}",
        sum(&law)
    );
}

#[test]
fn a_decay_says_what_keeps_too_little() {
    let mut law = opening();
    let half = Wide::from_f64(0.5);
    law.factor = Some(half);
    law.cause = Cause::KeepsTooLittle {
        path: Path::Carousel,
        alone: half,
    };
    law.keeping.gate = Some(0.5);
    law.keeping.units = Some(Units {
        median: 1.0,
        alike: true,
        carriers: None,
    });
    law.gains = vec![gain(Path::Carousel, 0.5, 0.0), gain(Path::Block, 0.0, 0.5)];
    assert_eq!(
        because(&law, CellKind::Lstm),
        "carousel keeps too little: f is 0.500, half of it is gone after 1.0 steps; no other path makes \
         up for it"
    );
    law.keeping.gate = Some(0.677);
    law.keeping.units = Some(Units {
        median: 1.7,
        alike: false,
        carriers: Some(Carriers {
            count: 2,
            of: 40,
            first: [7, 12, 0],
            half_lives: [28.04, 32.9],
        }),
    });
    assert_eq!(
        because(&law, CellKind::Lstm),
        "carousel keeps too little: by f half the units keep half for no more than 1.7 steps; 2 of 40 \
         (c[7], c[12]) carry what is left, and keep half for 28.0 to 32.9 steps; no other path makes up \
         for it"
    );
    law.cause = Cause::KeepsTooLittle {
        path: Path::Recurrent,
        alone: half,
    };
    law.gains = vec![gain(Path::Recurrent, 0.5, 0.0)];
    law.keeping = Keeping {
        gate: None,
        slope: Some(0.6),
        matrix: Some([0.9, 1.4]),
        units: None,
    };
    let text = because(&law, CellKind::Rnn);
    assert_eq!(
        text,
        "recurrent keeps too little by its slopes: their mean φ' is 0.600 (ρ(R) 0.900, σ_max 1.400)"
    );
    law.keeping.matrix = Some([0.5, 1.4]);
    assert!(because(&law, CellKind::Rnn).contains("by its matrix: ρ(R) 0.500"));
}

/// What brings a loss is told by its digits, however small it is: 0.000 would be another matrix.
#[test]
fn the_numbers_of_a_cause_keep_their_digits() {
    let mut law = opening();
    let small = Wide::from_f64(4e-7);
    law.factor = Some(small);
    law.cause = Cause::KeepsTooLittle {
        path: Path::Recurrent,
        alone: small,
    };
    law.gains = vec![gain(Path::Recurrent, 4e-7, 0.0)];
    law.keeping = Keeping {
        gate: None,
        slope: Some(1.0),
        matrix: Some([4e-7, 0.003]),
        units: None,
    };
    assert_eq!(
        because(&law, CellKind::Rnn),
        "recurrent keeps too little by its matrix: ρ(R) 4.00e-7, σ_max 0.00300 (the mean slope φ' is 1.000)"
    );
    law.keeping.slope = Some(2e-9);
    let text = because(&law, CellKind::Rnn);
    assert!(
        text.contains("their mean φ' is 2.00e-9 (ρ(R) 4.00e-7"),
        "{text}"
    );
    // What comes beside it is told as it stands in the sum, where rounding has moved a digit: 0.7304 + 0.1222.
    law.factor = Some(Wide::from_f64(0.8526));
    law.cause = Cause::KeepsTooLittle {
        path: Path::Carousel,
        alone: Wide::from_f64(0.7304),
    };
    law.gains = vec![
        gain(Path::Carousel, 0.7304, 0.0),
        gain(Path::Block, 0.1222, 0.0),
    ];
    law.keeping = Keeping::default();
    let (text, sum) = (because(&law, CellKind::Lstm), sum(&law));
    let block = sum.split("block ").nth(1).unwrap().split(' ').next();
    assert!(
        text.contains(&format!("{} a step", block.unwrap())),
        "{sum}: {text}"
    );
    // A gate that is all but shut: f = 4e-7 halves within a fifteenth of a step.
    law.keeping = Keeping {
        gate: Some(4e-7),
        units: Some(Units {
            median: 0.047,
            alike: true,
            carriers: None,
        }),
        ..Keeping::default()
    };
    law.cause = Cause::KeepsTooLittle {
        path: Path::Carousel,
        alone: small,
    };
    law.gains = vec![gain(Path::Carousel, 4e-7, 0.0)];
    assert_eq!(
        because(&law, CellKind::Lstm),
        "carousel keeps too little: f is 4.00e-7, half of it is gone after less than a step"
    );
    law.keeping.units = Some(Units {
        median: 0.047,
        alike: false,
        carriers: None,
    });
    assert_eq!(
        because(&law, CellKind::Lstm),
        "carousel keeps too little: by f half the units keep half for less than a step"
    );
}
