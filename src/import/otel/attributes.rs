//! Attributes of spans and resources, in both ways in which they are written: as the list of keys
//! and typed values of OTLP/JSON, and as the plain object of console exporters.

use crate::json::{Item, Kind, write_string};

/// The attributes of a span or resource.
#[derive(Clone, Copy)]
pub(super) struct Attributes<'t> {
    attributes: Option<Item<'t>>,
}

/// The value of an attribute.
#[derive(Clone, Copy)]
pub(super) enum Value<'t> {
    /// An OTLP `AnyValue`.
    Typed(Item<'t>),
    /// Plain JSON.
    Plain(Item<'t>),
}

impl<'t> Attributes<'t> {
    /// The attributes of what `owner` is.
    pub(super) fn of(owner: Item<'t>) -> Self {
        Self {
            attributes: owner.get("attributes"),
        }
    }

    /// The value of the attribute `key`.
    pub(super) fn get(&self, key: &str) -> Option<Value<'t>> {
        let attributes = self.attributes?;
        if attributes.kind() == Kind::Object {
            return attributes.get(key).map(Value::Plain);
        }
        let attribute = attributes
            .elements()
            .find(|attribute| attribute.get("key").and_then(Item::string) == Some(key.as_bytes()));
        attribute?.get("value").map(Value::Typed)
    }

    /// The attribute `key`, if it is a string and not empty.
    pub(super) fn text(&self, key: &str) -> Option<&'t [u8]> {
        let text = match self.get(key)? {
            Value::Typed(value) => value.get("stringValue")?.string()?,
            Value::Plain(value) => value.string()?,
        };
        (!text.is_empty()).then_some(text)
    }
}

/// Appends the JSON that a value stands for. A value of no known type is `null`.
pub(super) fn write_json(value: Value<'_>, written: &[u8], out: &mut Vec<u8>) {
    match value {
        Value::Plain(value) => {
            out.extend_from_slice(written.get(value.written()).unwrap_or(b"null"));
        }
        Value::Typed(value) => write_typed(value, written, out),
    }
}

/// As deep as the JSON text itself, whose depth is limited.
fn write_typed(value: Item<'_>, written: &[u8], out: &mut Vec<u8>) {
    let Some((kind, inner)) = value.members().next() else {
        return out.extend_from_slice(b"null");
    };
    match kind {
        b"kvlistValue" => {
            out.push(b'{');
            let members = inner.get("values").into_iter().flat_map(Item::elements);
            for (index, member) in members.enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write_string(
                    member.get("key").and_then(Item::string).unwrap_or_default(),
                    out,
                );
                out.push(b':');
                match member.get("value") {
                    Some(value) => write_typed(value, written, out),
                    None => out.extend_from_slice(b"null"),
                }
            }
            out.push(b'}');
        }
        b"arrayValue" => {
            out.push(b'[');
            let elements = inner.get("values").into_iter().flat_map(Item::elements);
            for (index, element) in elements.enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write_typed(element, written, out);
            }
            out.push(b']');
        }
        // 64-bit integers are strings in JSON.
        b"intValue" => match inner.string().filter(|digits| is_integer(digits)) {
            Some(digits) => out.extend_from_slice(digits),
            None => out.extend_from_slice(written.get(inner.written()).unwrap_or(b"null")),
        },
        _ => out.extend_from_slice(written.get(inner.written()).unwrap_or(b"null")),
    }
}

/// True of an integer as JSON writes one.
fn is_integer(text: &[u8]) -> bool {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    !digits.is_empty()
        && digits.iter().all(u8::is_ascii_digit)
        && (digits.len() == 1 || !digits.starts_with(b"0"))
}
