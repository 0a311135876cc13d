//! JSON whose objects keep their fields in order, and whose lists are made while they are written.

use std::borrow::Cow;

use serde::ser::{Serialize, Serializer};
use serde_json::Value;

use crate::cli::trace::number::{Plain, twin};
use crate::num::Wide;
use crate::words::value::exact;

/// A value of JSON.
pub enum Json<'a> {
    /// Any that is small.
    Value(Value),
    /// A number of any size.
    Wide(Wide),
    /// Fields.
    Object(Object<'a>),
    /// So many elements, each of which is made when it is written: a window has many steps.
    List(usize, Box<dyn Fn(usize) -> Self + 'a>),
}

impl<'a> Json<'a> {
    /// A list of what is made of the places from 0 on.
    pub fn list<J: Into<Self>>(count: usize, of: impl Fn(usize) -> J + 'a) -> Self {
        Self::List(count, Box::new(move |place| of(place).into()))
    }

    /// A number of any size, or null.
    pub fn wide(number: Option<Wide>) -> Self {
        number.map_or(Self::Value(Value::Null), Self::Wide)
    }
}

impl<T: Into<Value>> From<T> for Json<'_> {
    fn from(value: T) -> Self {
        Self::Value(value.into())
    }
}

impl From<Wide> for Json<'_> {
    fn from(number: Wide) -> Self {
        Self::Wide(number)
    }
}

impl<'a> From<Object<'a>> for Json<'a> {
    fn from(object: Object<'a>) -> Self {
        Self::Object(object)
    }
}

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Value(value) => value.serialize(serializer),
            Self::Wide(number) => Plain(*number).serialize(serializer),
            Self::Object(object) => object.serialize(serializer),
            Self::List(count, of) => serializer.collect_seq((0..*count).map(of)),
        }
    }
}

/// An object, whose fields are written as they were added.
#[derive(Default)]
pub struct Object<'a>(Vec<(Cow<'static, str>, Json<'a>)>);

impl<'a> Object<'a> {
    /// With a field more.
    pub fn with(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Json<'a>>) -> Self {
        self.0.push((name.into(), value.into()));
        self
    }

    /// With a field more where there is a value for it.
    pub fn maybe(self, name: &'static str, value: Option<impl Into<Json<'a>>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// With a number and its logarithm.
    pub fn number(self, name: &'static str, value: Wide) -> Self {
        let log = twin(value);
        self.with(name, value).with(format!("log10_{name}"), log)
    }

    /// With numbers and their logarithms.
    pub fn numbers(self, name: &'static str, values: impl IntoIterator<Item = Wide>) -> Self {
        let values: Vec<Wide> = values.into_iter().collect();
        let logs: Vec<Option<f64>> = values.iter().copied().map(twin).collect();
        self.with(name, Json::list(values.len(), move |k| values[k]))
            .with(format!("log10_{name}"), logs)
    }

    /// With all fields of another.
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }
}

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

/// A number where the text is one.
pub fn number_or_text(text: &str) -> Value {
    let whole = text.parse::<u64>().map(Value::from);
    let number = whole.or_else(|_| text.parse::<f64>().map(Value::from));
    number.unwrap_or_else(|_| text.into())
}

/// A number; as text where it is not finite, which JSON does not have.
pub fn finite_or_text(number: f64) -> Value {
    if number.is_finite() {
        number.into()
    } else {
        exact(number).into()
    }
}
