//! What the platform's TypeScript runtime, up to 0.3 at least, signs by mistake:
//! `JSON.stringify(bundle, Object.keys(bundle).sort())`. The second argument keeps only the listed
//! keys, at every depth, so that nearly nothing inside the bundle is covered. Owns that exact
//! text and what it leaves out; says nothing of validity, because it has none.
//!
//! Source: ECMA-262 (2024) §25.5.2 `JSON.stringify`, with an array as replacer.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::keys::{Algorithm, Key};
use crate::diagnostic::Route;
use crate::document::Node;

/// How `signature` was taken out of the bundle before its keys were listed. It makes a difference
/// only to members called `signature` further inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    /// By `delete` or destructuring: the list does not hold `signature`.
    Deleted,
    /// By setting it to `undefined`: the list still holds `signature`.
    Undefined,
}

/// The signed text. `bundle` is the whole bundle; its own `signature` is never in it.
pub fn payload(bundle: &Map<String, Value>, removal: Removal) -> String {
    let list = Keys::of(bundle, removal);
    let mut out = String::new();
    list.object(bundle, Depth::Top, &mut out);
    out
}

/// What a plain signature covers if it is this text's and not the whole bundle's, by one of `keys`;
/// `None` if it is not.
pub fn found(bundle: &Node, signature: &str, keys: &[&Key]) -> Option<Coverage> {
    let Value::Object(content) = bundle.to_json() else {
        return None;
    };
    let is_made = [Removal::Deleted, Removal::Undefined]
        .into_iter()
        .any(|removal| {
            let payload = payload(&content, removal);
            let mut secrets = keys
                .iter()
                .filter(|key| key.algorithm() == Algorithm::HmacSha256);
            secrets.any(|key| key.verifies(payload.as_bytes(), signature))
        });
    is_made.then(|| coverage(&content))
}

/// The keys that are kept at every depth, in the order of their UTF-16 code units.
struct Keys<'a>(Vec<&'a str>);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Depth {
    /// The bundle itself, of which `signature` was removed.
    Top,
    Inside,
}

const PROTO: &str = "__proto__";

impl<'a> Keys<'a> {
    fn of(bundle: &'a Map<String, Value>, removal: Removal) -> Self {
        let own = bundle.keys().map(String::as_str);
        let mut keys: Vec<&str> = own.filter(|key| *key != "signature").collect();
        if removal == Removal::Undefined {
            keys.push("signature");
        }
        keys.sort_by(|one, other| one.encode_utf16().cmp(other.encode_utf16()));
        Self(keys)
    }

    fn holds(&self, key: &str) -> bool {
        self.0.contains(&key)
    }

    fn object(&self, members: &Map<String, Value>, depth: Depth, out: &mut String) {
        out.push('{');
        let mut separator = "";
        for key in &self.0 {
            if depth == Depth::Top && *key == "signature" {
                continue;
            }
            let member = members.get(*key);
            if member.is_none() && *key != PROTO {
                continue;
            }
            out.push_str(separator);
            separator = ",";
            string(key, out);
            out.push(':');
            match member {
                Some(value) => self.value(value, out),
                // Every object inherits this one from `Object.prototype`, whose own is null and
                // whose other members are functions, which are left out.
                None => out.push_str("{\"__proto__\":null}"),
            }
        }
        out.push('}');
    }

    /// Recurses as deep as the bundle is, which its reader has limited.
    fn value(&self, value: &Value, out: &mut String) {
        match value {
            Value::Null => out.push_str("null"),
            Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Value::Number(number) => {
                let mut buffer = ryu_js::Buffer::new();
                out.push_str(match number.as_f64() {
                    Some(number) if number.is_finite() => buffer.format(number),
                    _ => "null",
                });
            }
            Value::String(text) => string(text, out),
            Value::Array(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    self.value(item, out);
                }
                out.push(']');
            }
            Value::Object(members) => self.object(members, Depth::Inside, out),
        }
    }
}

/// A string as `JSON.stringify` quotes it. (ECMA-262 §25.5.2.3)
fn string(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{C}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            '\0'..='\u{1F}' => {
                // Writing to a `String` cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(character));
            }
            _ => out.push(character),
        }
    }
    out.push('"');
}

/// What a shallow signature covers of a bundle, by routes; `[*]` stands for every element of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Covered: changing it breaks the signature.
    pub covered: Vec<String>,
    /// Not covered: anybody could have changed it without breaking the signature.
    pub uncovered: Vec<String>,
}

/// What a shallow signature covers of a bundle. Of a list whose elements are not covered, their
/// number is: the list itself is among the covered routes then, with `.length` after it.
pub fn coverage(bundle: &Map<String, Value>) -> Coverage {
    let keys = Keys::of(bundle, Removal::Deleted);
    let mut coverage = Coverage::default();
    for (key, value) in bundle {
        if key != "signature" {
            coverage.look(&keys, value, &Route::root().key(key));
        }
    }
    for routes in [&mut coverage.covered, &mut coverage.uncovered] {
        routes.sort_unstable();
        routes.dedup();
    }
    coverage
}

impl Coverage {
    fn look(&mut self, keys: &Keys<'_>, value: &Value, route: &Route) {
        match value {
            Value::Object(members) => {
                for (key, value) in members {
                    let inner = route.key(key);
                    if keys.holds(key) {
                        self.look(keys, value, &inner);
                    } else {
                        self.uncovered.push(inner.to_string());
                    }
                }
            }
            Value::Array(items) if items.iter().any(|item| item.is_object() || item.is_array()) => {
                self.covered.push(format!("{route}.length"));
                for item in items {
                    self.look(keys, item, &route.any());
                }
            }
            _ => self.covered.push(route.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{Secret, mac};
    use super::*;

    fn text(bundle: Value) -> String {
        payload(bundle.as_object().expect("an object"), Removal::Deleted)
    }

    /// Each expected text is what Node printed; `testdata/signing/shallow/generate.mjs` asked it.
    #[test]
    fn bundles_as_the_platforms_runtime_signs_them() {
        let vectors = include_str!("../../testdata/signing/shallow/runtime.jsonl");
        let mut right = 0;
        for line in vectors.lines() {
            let vector: Value = serde_json::from_str(line).expect("JSON");
            for bundle in ["bundle", "tampered"] {
                let payload = text(vector[bundle].clone());
                assert_eq!(payload, vector["payload"], "vector {right}");
                let secret = vector["secret"].as_str().expect("a secret").into();
                let secret = Secret::new(zeroize::Zeroizing::new(secret));
                let tag = mac::tag(&secret, payload.as_bytes());
                assert_eq!(crate::digest::hex(&tag), vector["signature"]);
            }
            right += 1;
        }
        assert_eq!(right, 5);
    }

    #[test]
    fn semantics_of_the_replacer() {
        let vectors = include_str!("../../testdata/signing/shallow/semantics.jsonl");
        let mut right = 0;
        for line in vectors.lines() {
            let vector: Value = serde_json::from_str(line).expect("JSON");
            let bundle = vector["bundle"].as_object().expect("an object");
            for (removal, name) in [
                (Removal::Deleted, "deleted"),
                (Removal::Undefined, "undefined"),
            ] {
                assert_eq!(payload(bundle, removal), vector[name], "{line}");
            }
            right += 1;
        }
        assert_eq!(right, 200);
    }

    #[test]
    fn coverage_tells_what_could_have_been_changed() {
        let bundle = json!({
            "version": "1",
            "rules": [
                {"id": "A", "when": {"x": 1}},
                {"id": "B", "version": "kept"},
            ],
            "defaults": {"outcome": "DENY"},
            "metadata": {"rules": ["covered", "too"], "owner": "me"},
            "signature": "00",
        });
        let coverage = coverage(bundle.as_object().expect("an object"));
        assert_eq!(
            coverage.covered,
            [
                "metadata.rules",
                "rules.length",
                "rules[*].version",
                "version"
            ]
        );
        assert_eq!(
            coverage.uncovered,
            [
                "defaults.outcome",
                "metadata.owner",
                "rules[*].id",
                "rules[*].when"
            ]
        );
    }

    #[test]
    fn what_is_not_covered_changes_nothing_and_what_is_covered_does() {
        let bundle = json!({"a": [{"b": 1, "a": 2}], "c": "x"});
        let before = text(bundle.clone());
        let change = |pointer: &str| {
            let mut changed = bundle.clone();
            *changed.pointer_mut(pointer).expect("a member") = json!("changed");
            text(changed)
        };
        assert_eq!(change("/a/0/b"), before);
        for covered in ["/a/0/a", "/a/0", "/c"] {
            assert_ne!(change(covered), before, "{covered}");
        }
    }
}
