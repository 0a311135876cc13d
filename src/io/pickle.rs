//! Pickles of Python, read without running anything.
//!
//! A pickle is a program for a small machine with a stack and a memo. Two of its instructions would
//! call functions of Python; here they only note which function was to be called with what, as a
//! [`Node::Call`], and who reads the result takes the few calls that it knows for what they mean.
//! Texts stay where they are in the bytes. What is built is counted, and may take ten times as much
//! memory as the file.

mod machine;

use self::machine::Machine;
use crate::io::error::Mistake;

/// What can stand on the stack.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value {
    /// None, and numbers and sets of no interest.
    None,
    /// True or False.
    Bool(bool),
    /// A whole number; one beyond 64 bits is the largest.
    Int(i64),
    /// Text or bytes: where they begin, and how long they are.
    Text(u32, u32),
    /// Something made of others.
    Node(u32),
}

/// Something made of other values.
#[derive(Debug)]
pub(super) enum Node {
    /// A list, a tuple or a set.
    List(Vec<Value>),
    /// A dictionary, in its order.
    Dict(Vec<(Value, Value)>),
    /// A class or a function: the names of its module and of itself.
    Global(Value, Value),
    /// An object that lies elsewhere, and what is said of it.
    Persistent(Value),
    /// What a function or a class would have made.
    Call {
        /// The function or class.
        callee: Value,
        /// A tuple.
        arguments: Value,
        /// What the object was then given as its state.
        state: Value,
        /// What was then put into it, as into a dictionary.
        items: Vec<(Value, Value)>,
    },
}

/// A pickle, read.
#[derive(Debug)]
pub(super) struct Pickle<'a> {
    bytes: &'a [u8],
    nodes: Vec<Node>,
    /// What the pickle is of.
    pub(super) root: Value,
    /// Its length in bytes: another may follow.
    pub(super) length: usize,
}

impl<'a> Pickle<'a> {
    /// Reads one from the beginning of the bytes; what it builds may take `memory` bytes.
    pub(super) fn read(bytes: &'a [u8], memory: usize) -> Result<Self, Mistake> {
        let mut machine = Machine::new(bytes, memory);
        let root = machine.run()?;
        Ok(Self {
            bytes,
            root,
            length: machine.at,
            nodes: machine.nodes,
        })
    }

    /// Everything in it that is made of other values.
    pub(super) fn all(&self) -> impl Iterator<Item = Value> {
        (0..self.nodes.len()).map(|place| Value::Node(place as u32))
    }

    /// What a value is made of.
    pub(super) fn node(&self, value: Value) -> Option<&Node> {
        match value {
            Value::Node(place) => self.nodes.get(place as usize),
            _ => None,
        }
    }

    /// A text; also bytes that are one.
    pub(super) fn text(&self, value: Value) -> Option<&'a str> {
        match value {
            Value::Text(from, length) => {
                let from = from as usize;
                std::str::from_utf8(self.bytes.get(from..from + length as usize)?).ok()
            }
            _ => None,
        }
    }

    /// What would have been made by a call: the function's module and name, and its arguments.
    pub(super) fn call(&self, value: Value) -> Option<((&'a str, &'a str), &[Value])> {
        match self.node(value)? {
            &Node::Call {
                callee, arguments, ..
            } => Some((self.global(callee)?, self.list(arguments))),
            _ => None,
        }
    }

    /// The elements of a list or tuple; none of anything else.
    pub(super) fn list(&self, value: Value) -> &[Value] {
        match self.node(value) {
            Some(Node::List(list)) => list,
            _ => &[],
        }
    }

    /// The entries of a dictionary, or of an object that is one; none of anything else.
    pub(super) fn entries(&self, value: Value) -> &[(Value, Value)] {
        match self.node(value) {
            Some(Node::Dict(items) | Node::Call { items, .. }) => items,
            _ => &[],
        }
    }

    /// A class or function: its module and its name.
    pub(super) fn global(&self, value: Value) -> Option<(&'a str, &'a str)> {
        let Some(Node::Global(module, name)) = self.node(value) else {
            return None;
        };
        Some((self.text(*module)?, self.text(*name)?))
    }

    /// The entry of a dictionary under a text.
    pub(super) fn get(&self, value: Value, key: &str) -> Option<Value> {
        let entries = self.entries(value).iter();
        let mut found = entries.filter(|(k, _)| self.text(*k) == Some(key));
        found.next().map(|(_, value)| *value)
    }
}
