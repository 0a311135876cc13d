//! The reference cases of `tests/data/reference`: PyTorch's float64 autograd on an explicitly
//! unrolled graph, as `generate.py` of the reference wrote it:
//!
//! ```text
//! h, c = cell(x[t], (h, c)); h.retain_grad(); c.retain_grad()   # for every step
//! loss.backward()                                               # grad_h[t] = h.grad, grad_c[t] = c.grad
//! ```

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// Relative error that every number must keep, unless the case says which needs more and why.
pub const TOLERANCE: f64 = 1e-9;

pub struct Case {
    pub name: String,
    pub folder: PathBuf,
    pub description: Value,
    pub expected: Value,
    /// The expected tensors as flat float64.
    #[allow(
        dead_code,
        reason = "not every test that compares has tensors to compare"
    )]
    pub tensors: BTreeMap<String, Vec<f64>>,
}

impl Case {
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    #[allow(dead_code, reason = "a stack's file says itself which cell it has")]
    pub fn text(&self, field: &str) -> &str {
        self.description[field].as_str().unwrap()
    }

    pub fn number(&self, field: &str) -> usize {
        usize::try_from(self.description[field].as_u64().unwrap()).unwrap()
    }

    /// The list of numbers at a path of `case.json`, such as `/loss/v`.
    pub fn list(&self, pointer: &str) -> Option<Vec<f64>> {
        let list = self.description.pointer(pointer)?.as_array()?;
        Some(list.iter().map(|x| x.as_f64().unwrap()).collect())
    }

    /// Whether it is one layer; stacks are compared in `tests/stack.rs`.
    pub fn is_one_cell(&self) -> bool {
        self.number("num_layers") == 1
    }
}

/// All cases, sorted by name.
pub fn cases() -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/reference");
    let mut folders: Vec<PathBuf> = std::fs::read_dir(root)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    folders.sort();
    folders.into_iter().map(case).collect()
}

fn case(folder: PathBuf) -> Case {
    let json = |name: &str| -> Value {
        serde_json::from_slice(&std::fs::read(folder.join(name)).unwrap()).unwrap()
    };
    let bytes = std::fs::read(folder.join("expected.safetensors")).unwrap();
    let tensors = safetensors::SafeTensors::deserialize(&bytes)
        .unwrap()
        .iter()
        .map(|(name, view)| {
            let (numbers, _) = view.data().as_chunks::<8>();
            (
                name.to_owned(),
                numbers.iter().map(|b| f64::from_le_bytes(*b)).collect(),
            )
        })
        .collect();
    Case {
        name: folder.file_name().unwrap().to_str().unwrap().to_owned(),
        description: json("case.json"),
        expected: json("expected.json"),
        tensors,
        folder,
    }
}

/// The name by which the reference knows one of our paths and cuts.
pub fn their_name(ours: &str) -> &str {
    match ours {
        "carousel" => "cec",
        "block" => "g",
        "input" => "i",
        "forget" => "f",
        "output" => "o",
        "loss" => "direct",
        "recurrent" => "rec",
        "peephole_input" => "peep_i",
        "peephole_forget" => "peep_f",
        "peephole_output" => "peep_o",
        "update" => "z",
        "reset" => "r",
        "candidate" => "n",
        "peepholes" => "peep",
        "gates_peepholes" => "gates_peep",
        other => other,
    }
}

/// Compares numbers of one case, remembering the worst.
pub struct Check<'a> {
    case: &'a Case,
    pub compared: usize,
    pub worst: f64,
    failures: Vec<String>,
}

impl<'a> Check<'a> {
    pub fn new(case: &'a Case) -> Self {
        Self {
            case,
            compared: 0,
            worst: 0.0,
            failures: Vec::new(),
        }
    }

    /// Compares one number; an expected exact zero must be met exactly.
    pub fn number(&mut self, quantity: &str, at: &str, got: f64, want: f64) {
        self.compared += 1;
        let error = if (got - want).abs() <= 1e-300 {
            0.0
        } else {
            (got - want).abs() / want.abs()
        };
        self.worst = self.worst.max(error);
        if error > TOLERANCE || !got.is_finite() {
            self.failures.push(format!(
                "{} {quantity} {at}: got {got:e}, want {want:e}",
                self.case.name
            ));
        }
    }

    /// Compares one number with an error relative to `scale` instead of to itself.
    #[allow(dead_code, reason = "not every test that compares has sums to compare")]
    pub fn scaled(&mut self, quantity: &str, at: &str, got: f64, want: f64, scale: f64) {
        self.compared += 1;
        let error = if (got - want).abs() <= 1e-300 {
            0.0
        } else {
            (got - want).abs() / scale
        };
        self.worst = self.worst.max(error);
        if error.is_nan() || error > TOLERANCE {
            self.failures.push(format!(
                "{} {quantity} {at}: got {got:e}, want {want:e} beside {scale:e}",
                self.case.name
            ));
        }
    }

    pub fn finish(self) {
        assert!(
            self.failures.is_empty(),
            "{} of {} numbers differ:\n{}",
            self.failures.len(),
            self.compared,
            self.failures[..self.failures.len().min(12)].join("\n")
        );
        println!(
            "{:24} {:6} numbers, largest relative error {:.1e}",
            self.case.name, self.compared, self.worst
        );
    }
}
