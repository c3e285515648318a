//! The one byte form of a JSON value, for signing and for digests. Owns RFC 8785; knows no
//! document: what a value may hold (doubles only, no lone surrogate) was settled when it was read.

use serde::Serialize;

/// The canonical form of a value: members sorted by UTF-16 code units, numbers as ECMAScript
/// prints them, no white space.
///
/// Source: RFC 8785, "JSON Canonicalization Scheme (JCS)".
///
/// # Errors
/// When the value holds a number that is no finite double; values read by
/// [`crate::document`](crate) never do.
pub fn to_vec<T: Serialize>(value: &T) -> Result<Vec<u8>, CanonicalError> {
    serde_json_canonicalizer::to_vec(value).map_err(|error| CanonicalError(error.to_string()))
}

/// A value that has no canonical form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the value has no canonical form: {0}")]
pub struct CanonicalError(String);

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn members_are_sorted_by_utf16_code_units() {
        let value = json!({"\u{e000}": 1, "\u{1f600}": 2, "a": [1.0, 1e-7, 333333333.3333333]});
        assert_eq!(
            String::from_utf8(to_vec(&value).unwrap()).unwrap(),
            "{\"a\":[1,1e-7,333333333.3333333],\"\u{1f600}\":2,\"\u{e000}\":1}"
        );
    }

    /// With `arbitrary_precision` or `raw_value` anywhere in the build, each of these objects is
    /// read as another value, so that two documents share one signature.
    #[test]
    fn serde_json_reads_no_private_spelling() {
        for text in [
            r#"{"$serde_json::private::Number":"1e5"}"#,
            r#"{"$serde_json::private::RawValue":"[1, 2]"}"#,
        ] {
            let value: Value = serde_json::from_str(text).unwrap();
            assert!(value.is_object(), "{text} was read as {value}");
        }
    }
}
