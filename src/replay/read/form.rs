//! Whether a line is its own canonical form (RFC 8785), found out while it is read, which saves
//! making that form to hash it.

use std::borrow::Cow;

use serde_json::Value;

use crate::canonical;
use crate::json::{RawString, write_string};

/// Integers up to this are told apart by RFC 8785, which prints them as doubles.
pub(super) const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

/// Whether what was read so far is in canonical form: keys in order, strings and numbers in their
/// shortest form, and nothing between. The last is found out by adding up the lengths.
pub(super) struct Form {
    /// Keys, strings and numbers are.
    pub(super) holds: bool,
    /// How long the canonical form is.
    pub(super) length: usize,
}

impl Default for Form {
    fn default() -> Self {
        Self {
            holds: true,
            length: 0,
        }
    }
}

impl Form {
    pub(super) fn string(&mut self, string: RawString<'_>) {
        self.length += string.written().len() + 2;
        if string.plain().is_none() && self.holds {
            let (mut decoded, mut written) = (Vec::new(), Vec::new());
            string.append_to(&mut decoded);
            write_string(&decoded, &mut written);
            self.holds = written.get(1..written.len() - 1) == Some(string.written());
        }
    }

    /// A key after `last`, with its colon and the comma or brace before it.
    pub(super) fn key<'k>(&mut self, key: RawString<'k>, last: &mut &'k [u8]) {
        self.length += key.written().len() + 4;
        self.holds &= key.plain().is_some() && *last < key.written();
        *last = key.written();
    }

    /// The canonical form of the value that was read, which stands in `text`.
    pub(super) fn of<'t>(&self, text: &'t str) -> Canonical<'t> {
        if self.holds && self.length == text.len() {
            return Canonical {
                text: Some(Cow::Borrowed(text.as_bytes())),
                large: false,
            };
        }
        let value: Option<Value> = serde_json::from_str(text).ok();
        Canonical {
            large: value.as_ref().is_some_and(has_large_number),
            text: value
                .and_then(|value| canonical::to_vec(&value).ok())
                .map(Cow::Owned),
        }
    }
}

/// The canonical form of a record.
pub(super) struct Canonical<'t> {
    /// The form; none if there is none, since a string holds half of a character.
    pub(super) text: Option<Cow<'t, [u8]>>,
    /// Whether another record could have the same form, but for a number.
    pub(super) large: bool,
}

/// Whether two integers of the value could be one in its canonical form. Values are nested at most
/// 128 deep.
fn has_large_number(value: &Value) -> bool {
    match value {
        Value::Number(number) => match (number.as_u64(), number.as_i64()) {
            (Some(number), _) => number > MAX_SAFE_INTEGER,
            (None, Some(number)) => number.unsigned_abs() > MAX_SAFE_INTEGER,
            (None, None) => number
                .as_f64()
                .is_some_and(|number| number.abs() > MAX_SAFE_INTEGER as f64),
        },
        Value::Array(values) => values.iter().any(has_large_number),
        Value::Object(members) => members.values().any(has_large_number),
        _ => false,
    }
}
