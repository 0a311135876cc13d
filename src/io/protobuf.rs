//! The wire format of Protocol Buffers: fields with numbers, without a copy of anything.

/// The value of a field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Field<'a> {
    /// A number of variable length.
    Number(u64),
    /// Eight bytes.
    Eight([u8; 8]),
    /// A text, bytes, packed numbers or a message.
    Bytes(&'a [u8]),
    /// Four bytes.
    Four([u8; 4]),
}

impl<'a> Field<'a> {
    /// The bytes of a text or a message.
    pub(super) const fn bytes(self) -> Option<&'a [u8]> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// A number of variable length, with a sign.
    pub(super) const fn int(self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(number as i64),
            _ => None,
        }
    }
}

/// The fields of a message, each with its number; ends with `None` after an error, too.
#[derive(Clone, Debug)]
pub(super) struct Fields<'a> {
    rest: &'a [u8],
    /// Whether what was read so far was a message.
    pub(super) whole: bool,
}

impl<'a> Fields<'a> {
    /// Those of a message.
    pub(super) const fn of(bytes: &'a [u8]) -> Self {
        Self {
            rest: bytes,
            whole: true,
        }
    }

    fn field(&mut self) -> Option<(u64, Field<'a>)> {
        let key = number(&mut self.rest)?;
        let value = match key & 7 {
            0 => Field::Number(number(&mut self.rest)?),
            1 => Field::Eight(chunk(&mut self.rest)?),
            2 => {
                let length = usize::try_from(number(&mut self.rest)?).ok()?;
                let (bytes, rest) = self.rest.split_at_checked(length)?;
                self.rest = rest;
                Field::Bytes(bytes)
            }
            5 => Field::Four(chunk(&mut self.rest)?),
            _ => return None,
        };
        Some((key >> 3, value))
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = (u64, Field<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() || !self.whole {
            return None;
        }
        let field = self.field();
        self.whole = field.is_some();
        field
    }
}

/// A number of variable length at the beginning, which is taken away.
pub(super) fn number(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

fn chunk<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (&chunk, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(chunk)
}

/// Appends the numbers of a field that may be repeated, packed or not; whether there were any.
pub(super) fn numbers(field: Field, into: &mut Vec<i64>) -> Option<()> {
    match field {
        Field::Number(value) => into.push(value as i64),
        Field::Bytes(mut packed) => {
            while !packed.is_empty() {
                into.push(number(&mut packed)? as i64);
            }
        }
        _ => return None,
    }
    Some(())
}
