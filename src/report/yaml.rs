//! A document as YAML that this program, and any YAML reader, reads without doubt: block style,
//! every string in double quotes, every key that could be anything else too.

use std::fmt::Write as _;

use serde_json::Value;

/// An object with these members, in this order, as YAML text.
pub fn render<'a>(members: impl IntoIterator<Item = (&'a str, &'a Value)>) -> String {
    let mut out = String::new();
    for (key, value) in members {
        key_text(key, &mut out);
        out.push(':');
        below(value, 0, &mut out);
    }
    out
}

/// Writes the members or elements, each on lines of its own, `depth` levels in.
fn block(value: &Value, depth: usize, out: &mut String) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                indent(depth, out);
                key_text(key, out);
                out.push(':');
                below(value, depth, out);
            }
        }
        Value::Array(elements) => {
            for value in elements {
                indent(depth, out);
                let mut element = String::new();
                below(value, depth, &mut element);
                // What stands below a dash begins beside it.
                out.push_str("- ");
                out.push_str(element.trim_start());
            }
        }
        _ => {}
    }
}

/// Writes what follows a colon or a dash.
fn below(value: &Value, depth: usize, out: &mut String) {
    let is_empty = match value {
        Value::Object(members) => members.is_empty(),
        Value::Array(elements) => elements.is_empty(),
        _ => true,
    };
    if is_empty {
        out.push(' ');
        scalar(value, out);
        out.push('\n');
    } else {
        out.push('\n');
        block(value, depth + 1, out);
    }
}

fn indent(depth: usize, out: &mut String) {
    out.extend(std::iter::repeat_n("  ", depth));
}

fn key_text(key: &str, out: &mut String) {
    // No word that YAML 1.1 reads as a boolean or as null has an underscore or so many letters.
    let is_plain = key
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        && (key.len() > 5 || key.contains('_') || matches!(key, "id" | "match" | "when" | "rules"));
    if is_plain {
        out.push_str(key);
    } else {
        string(key, out);
    }
}

fn scalar(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Value::Number(number) => match number.as_f64().filter(|_| number.is_f64()) {
            // Without an exponent, which YAML 1.1 and 1.2 write differently.
            Some(float) => {
                let _ = write!(out, "{float}");
            }
            None => {
                let _ = write!(out, "{number}");
            }
        },
        Value::String(text) => string(text, out),
        Value::Array(_) => out.push_str("[]"),
        Value::Object(_) => out.push_str("{}"),
    }
}

/// A string in double quotes; what is not printable is escaped.
///
/// Source: YAML 1.2.2, §5.7 (escaped characters) and §7.3.1 (double-quoted style).
fn string(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => {
                out.push('\\');
                out.push(character);
            }
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            ' '..='~' => out.push(character),
            _ if character.is_alphanumeric() => out.push(character),
            _ if u32::from(character) <= 0xFFFF => {
                let _ = write!(out, "\\u{:04x}", u32::from(character));
            }
            _ => {
                let _ = write!(out, "\\U{:08x}", u32::from(character));
            }
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::document::{self, Format, Limits};

    fn read(text: &str) -> Option<Value> {
        let document = document::parse(text.as_bytes(), "text", Format::Yaml, Limits::default());
        document.ok().map(|document| document.root.to_json())
    }

    #[test]
    fn members_stand_below_each_other() {
        let rules = json!([{"id": "A", "match": {}, "no": [1, 2.5]}]);
        let text = render([("rules", &rules)]);
        assert_eq!(
            text,
            "rules:\n  - id: \"A\"\n    match: {}\n    \"no\":\n      - 1\n      - 2.5\n"
        );
    }

    proptest! {
        #[test]
        fn any_text_is_read_as_it_was(key in "\\PC{0,12}", text in any::<String>(), flag: bool) {
            let value = json!([text, flag, null, {}, { &key: 1.5 }]);
            let yaml = render([(key.as_str(), &value)]);
            // Noncharacters are refused by the reader, whatever writes them.
            if let Some(read) = read(&yaml) {
                prop_assert_eq!(read, json!({ key: value }), "{}", yaml);
            } else {
                let refused = |character| u32::from(character) & 0xFFFE == 0xFFFE
                    || ('\u{FDD0}'..='\u{FDEF}').contains(&character);
                prop_assert!(key.chars().chain(text.chars()).any(refused), "{}", yaml);
            }
        }
    }
}
