//! The machine with a stack and a memo that a pickle is a program for.

use std::collections::HashMap;

use super::{Node, Value};
use crate::io::decode::little_endian;
use crate::io::error::Mistake;

/// Bytes that one value, one node and one place of the memo take.
const VALUE: usize = size_of::<Value>();
const NODE: usize = size_of::<Node>();
const MEMO: usize = 2 * size_of::<(u64, Value)>();

pub(super) struct Machine<'a> {
    bytes: &'a [u8],
    /// How far it has read.
    pub at: usize,
    stack: Vec<Value>,
    marks: Vec<usize>,
    memo: HashMap<u64, Value>,
    /// What it has made.
    pub nodes: Vec<Node>,
    /// Bytes that may still be used.
    left: usize,
}

impl<'a> Machine<'a> {
    pub fn new(bytes: &'a [u8], memory: usize) -> Self {
        Self {
            bytes,
            at: 0,
            stack: Vec::new(),
            marks: Vec::new(),
            memo: HashMap::new(),
            nodes: Vec::new(),
            left: memory,
        }
    }

    pub fn run(&mut self) -> Result<Value, Mistake> {
        loop {
            let code = self.byte()?;
            if code == b'.' {
                return self.pop();
            }
            self.step(code)?;
        }
    }

    #[allow(clippy::too_many_lines)] // one line for each instruction
    fn step(&mut self, code: u8) -> Result<(), Mistake> {
        let operand = self.number(operand(code))?;
        match code {
            // PROTO, FRAME
            0x80 | 0x95 => Ok(()),
            // MARK, POP, POP_MARK, DUP
            b'(' => {
                self.spend(VALUE)?;
                self.marks.push(self.stack.len());
                Ok(())
            }
            b'0' if self.stack.len() > self.marks.last().copied().unwrap_or(0) => {
                self.pop().map(drop)
            }
            b'0' | b'1' => self.above_mark().map(drop),
            b'2' => self.top().and_then(|top| self.push(top)),
            // NONE, BINFLOAT: no tensor depends on a float.
            b'N' | b'G' => self.push(Value::None),
            0x88 => self.push(Value::Bool(true)),
            0x89 => self.push(Value::Bool(false)),
            b'J' => self.push(Value::Int((operand as i32).into())),
            b'K' | b'M' => self.push(Value::Int(operand as i64)),
            b'I' | b'L' => self.line_number().and_then(|value| self.push(value)),
            0x8a | 0x8b => self.long(operand as usize),
            b'F' => self.line().and_then(|_| self.push(Value::None)),
            b'S' => {
                let Value::Text(from, length) = self.line()? else {
                    return self.push(Value::None);
                };
                // In quotes.
                self.push(Value::Text(from + 1, length.saturating_sub(2)))
            }
            b'V' => self.line().and_then(|text| self.push(text)),
            b'T' | b'X' | b'B' | b'U' | b'C' | 0x8c..=0x8e | 0x96 => self.text(operand),
            // Lists, tuples and sets.
            b']' | b')' | 0x8f => self.make(Node::List(Vec::new())),
            b'l' | b't' | 0x91 => self.above_mark().and_then(|all| self.make_list(all)),
            0x85..=0x87 => {
                let values = self.pull(usize::from(code - 0x84))?;
                self.make_list(values)
            }
            b'a' => self.pull(1).and_then(|value| self.append(value)),
            b'e' | 0x90 => self.above_mark().and_then(|all| self.append(all)),
            // Dictionaries.
            b'}' => self.make(Node::Dict(Vec::new())),
            b'd' => {
                let values = self.above_mark()?;
                self.make(Node::Dict(Vec::new()))?;
                self.insert(&values)
            }
            b's' => self.pull(2).and_then(|pair| self.insert(&pair)),
            b'u' => self.above_mark().and_then(|all| self.insert(&all)),
            // The memo.
            b'q' | b'r' => self.remember(operand),
            0x94 => self.remember(self.memo.len() as u64),
            b'p' => self.line_place().and_then(|place| self.remember(place)),
            b'h' | b'j' => self.recall(operand),
            b'g' => self.line_place().and_then(|place| self.recall(place)),
            // What would call something.
            b'c' => {
                let (module, name) = (self.line()?, self.line()?);
                self.make(Node::Global(module, name))
            }
            0x93 => {
                let (name, module) = (self.pop()?, self.pop()?);
                self.make(Node::Global(module, name))
            }
            b'R' | 0x81 => {
                let (arguments, callee) = (self.pop()?, self.pop()?);
                self.call(callee, arguments)
            }
            0x92 => {
                let (_, arguments, callee) = (self.pop()?, self.pop()?, self.pop()?);
                self.call(callee, arguments)
            }
            b'i' => {
                let (module, name) = (self.line()?, self.line()?);
                let values = self.above_mark()?;
                self.make(Node::Global(module, name))?;
                let callee = self.pop()?;
                self.call_with(callee, values)
            }
            b'o' => {
                let mut values = self.above_mark()?;
                if values.is_empty() {
                    return Err(exhausted());
                }
                let callee = values.remove(0);
                self.call_with(callee, values)
            }
            b'b' => {
                let given = self.pop()?;
                if let Some(Node::Call { state, .. }) = self.top_node()? {
                    *state = given;
                }
                Ok(())
            }
            b'P' => self.line().and_then(|id| self.make(Node::Persistent(id))),
            b'Q' => self.pop().and_then(|id| self.make(Node::Persistent(id))),
            code => {
                let at = self.at - 1;
                Err(wrong(&format!(
                    "an unknown instruction {code:#04x} at byte {at}"
                )))
            }
        }
    }

    /// The next byte.
    fn byte(&mut self) -> Result<u8, Mistake> {
        self.number(1).map(|byte| byte as u8)
    }

    /// A number of up to eight bytes, little-endian, without a sign.
    fn number(&mut self, length: usize) -> Result<u64, Mistake> {
        self.take(length).map(little_endian)
    }

    /// The next bytes.
    fn take(&mut self, length: usize) -> Result<&'a [u8], Mistake> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let (taken, _) = rest.split_at_checked(length).ok_or_else(ended)?;
        self.at += length;
        Ok(taken)
    }

    /// The rest of a line, without its end.
    fn line(&mut self) -> Result<Value, Mistake> {
        let from = self.at;
        let rest = self.bytes.get(from..).unwrap_or_default();
        let length = rest.iter().position(|&b| b == b'\n').ok_or_else(ended)?;
        self.at += length + 1;
        Ok(Value::Text(from as u32, length as u32))
    }

    /// A line with a number in it, `I01` being True.
    fn line_number(&mut self) -> Result<Value, Mistake> {
        let from = self.at;
        self.line()?;
        let line = self.bytes.get(from..self.at - 1).unwrap_or_default();
        let digits = std::str::from_utf8(line).unwrap_or_default();
        let digits = digits.trim_end_matches(['L', '\r']);
        Ok(digits.parse().map_or(Value::None, Value::Int))
    }

    /// A line with a place in the memo.
    fn line_place(&mut self) -> Result<u64, Mistake> {
        match self.line_number()? {
            Value::Int(place) => Ok(place.unsigned_abs()),
            _ => Err(wrong("a place in the memo that is no number")),
        }
    }

    /// A whole number of so many bytes, little-endian, with a sign.
    fn long(&mut self, length: usize) -> Result<(), Mistake> {
        let bytes = self.take(length)?;
        if length > 8 {
            return self.push(Value::Int(i64::MAX));
        }
        let negative = bytes.last().is_some_and(|last| last & 0x80 != 0);
        let mut number = [if negative { 0xff } else { 0 }; 8];
        number[..length].copy_from_slice(bytes);
        self.push(Value::Int(i64::from_le_bytes(number)))
    }

    fn text(&mut self, length: u64) -> Result<(), Mistake> {
        let from = self.at;
        self.take(usize::try_from(length).unwrap_or(usize::MAX))?;
        self.push(Value::Text(from as u32, length as u32))
    }

    fn spend(&mut self, bytes: usize) -> Result<(), Mistake> {
        self.left = self
            .left
            .checked_sub(bytes)
            .ok_or_else(|| wrong("more objects than a file of this size holds"))?;
        Ok(())
    }

    fn push(&mut self, value: Value) -> Result<(), Mistake> {
        self.spend(VALUE)?;
        self.stack.push(value);
        Ok(())
    }

    fn pop(&mut self) -> Result<Value, Mistake> {
        let value = self.stack.pop().ok_or_else(exhausted)?;
        self.left += VALUE;
        Ok(value)
    }

    /// Takes the last values; what they are put into pays for them.
    fn pull(&mut self, count: usize) -> Result<Vec<Value>, Mistake> {
        let from = self.stack.len().checked_sub(count).ok_or_else(exhausted)?;
        self.left += count * VALUE;
        Ok(self.stack.split_off(from))
    }

    fn above_mark(&mut self) -> Result<Vec<Value>, Mistake> {
        let from = self.marks.pop().ok_or_else(exhausted)?;
        self.left += VALUE;
        self.pull(self.stack.len().saturating_sub(from))
    }

    fn top(&self) -> Result<Value, Mistake> {
        self.stack.last().copied().ok_or_else(exhausted)
    }

    fn top_node(&mut self) -> Result<Option<&mut Node>, Mistake> {
        Ok(match self.top()? {
            Value::Node(place) => self.nodes.get_mut(place as usize),
            _ => None,
        })
    }

    fn make(&mut self, node: Node) -> Result<(), Mistake> {
        self.spend(NODE)?;
        self.nodes.push(node);
        self.push(Value::Node(self.nodes.len() as u32 - 1))
    }

    fn make_list(&mut self, values: Vec<Value>) -> Result<(), Mistake> {
        self.spend(values.len() * VALUE)?;
        self.make(Node::List(values))
    }

    fn call(&mut self, callee: Value, arguments: Value) -> Result<(), Mistake> {
        self.make(Node::Call {
            callee,
            arguments,
            state: Value::None,
            items: Vec::new(),
        })
    }

    fn call_with(&mut self, callee: Value, arguments: Vec<Value>) -> Result<(), Mistake> {
        self.make_list(arguments)?;
        let arguments = self.pop()?;
        self.call(callee, arguments)
    }

    fn append(&mut self, values: Vec<Value>) -> Result<(), Mistake> {
        self.spend(values.len() * VALUE)?;
        if let Some(Node::List(list)) = self.top_node()? {
            list.extend(values);
        }
        Ok(())
    }

    fn insert(&mut self, values: &[Value]) -> Result<(), Mistake> {
        self.spend(values.len() * VALUE)?;
        let (pairs, rest) = values.as_chunks::<2>();
        if !rest.is_empty() {
            return Err(wrong("a key without a value"));
        }
        if let Some(Node::Dict(items) | Node::Call { items, .. }) = self.top_node()? {
            items.extend(pairs.iter().map(|&[key, value]| (key, value)));
        }
        Ok(())
    }

    fn remember(&mut self, place: u64) -> Result<(), Mistake> {
        let top = self.top()?;
        self.spend(MEMO)?;
        self.memo.insert(place, top);
        Ok(())
    }

    fn recall(&mut self, place: u64) -> Result<(), Mistake> {
        let value = self.memo.get(&place).copied();
        self.push(value.ok_or_else(|| wrong("a place in the memo that is empty"))?)
    }
}

/// Bytes of the number that follows an instruction.
const fn operand(code: u8) -> usize {
    match code {
        0x80 | b'K' | 0x8a | b'U' | b'C' | 0x8c | b'q' | b'h' => 1,
        b'M' => 2,
        b'J' | 0x8b | b'T' | b'X' | b'B' | b'r' | b'j' => 4,
        0x95 | b'G' | 0x8d | 0x8e | 0x96 => 8,
        _ => 0,
    }
}

fn wrong(found: &str) -> Mistake {
    Mistake::new("", "a pickle", found)
}

fn ended() -> Mistake {
    wrong("the file's end")
}

fn exhausted() -> Mistake {
    wrong("an instruction without its operands")
}
