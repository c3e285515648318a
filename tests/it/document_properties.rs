//! What holds for every document: one value has one tree and one digest however it is written, and
//! no text makes the loader panic or point outside of it.

use agent_spm::canonical;
use agent_spm::document::{self, Document, Format, Limits, LoadError};
use agent_spm::model::bundle::Bundle;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::{Map, Value};

const JSON: &[u8] = include_bytes!("../../testdata/documents/bundle/valid.json");
const YAML: &[u8] = include_bytes!("../../testdata/documents/bundle/valid.yaml");

/// Any character that a document may hold, often one with a meaning to some syntax.
fn character() -> impl Strategy<Value = char> {
    prop_oneof![
        4 => proptest::char::range(' ', '~'),
        1 => any::<char>().prop_filter("noncharacters are refused", |&c| {
            let point = u32::from(c);
            point & 0xFFFE != 0xFFFE && !(0xFDD0..=0xFDEF).contains(&point)
        }),
        1 => proptest::sample::select(vec!['\n', '\r', '\t', '\0', '\u{85}', '\u{2028}', '\u{FEFF}', 'é', '\u{1F600}']),
    ]
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        vec(character(), 0..12).prop_map(String::from_iter),
        proptest::sample::select(vec![
            "no",
            "on",
            "~",
            "null",
            "1_000",
            "2026-01-01",
            "<<",
            "=",
            "- a",
            "a: b",
            "#",
            "---"
        ])
        .prop_map(str::to_owned),
    ]
}

fn number() -> impl Strategy<Value = f64> {
    const LIMIT: f64 = document::MAX_SAFE_INTEGER;
    prop_oneof![
        (-1000_i32..1000).prop_map(f64::from),
        (-1e6..1e6),
        (-LIMIT..LIMIT).prop_map(f64::trunc),
        any::<f64>().prop_filter("beyond the range", |number| number.abs() <= LIMIT),
        proptest::sample::select(vec![
            0.0,
            -0.0,
            LIMIT,
            -LIMIT,
            f64::MIN_POSITIVE,
            5e-324,
            0.1
        ]),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        number().prop_map(Value::from),
        text().prop_map(Value::String),
    ];
    leaf.prop_recursive(6, 40, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::Array),
            btree_map(text(), inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// The order in which members are written.
#[derive(Clone, Copy)]
enum Order {
    Forward,
    Backward,
}

fn members(object: &Map<String, Value>, order: Order) -> Vec<(&String, &Value)> {
    let mut members: Vec<_> = object.iter().collect();
    if matches!(order, Order::Backward) {
        members.reverse();
    }
    members
}

/// A number without exponent, which YAML 1.1 would read as text.
fn digits(number: &serde_json::Number) -> String {
    format!("{}", number.as_f64().expect("a double"))
}

/// A string in double quotes, which JSON and YAML read alike.
fn json_string(text: &str) -> String {
    serde_json::to_string(text).expect("a string")
}

fn yaml_string(text: &str) -> String {
    let escaped: String = text
        .chars()
        .map(|c| match c {
            '"' | '\\' => format!("\\{c}"),
            ' '..='~' => c.to_string(),
            _ => format!("\\U{:08X}", u32::from(c)),
        })
        .collect();
    format!("\"{escaped}\"")
}

fn json(value: &Value, order: Order) -> String {
    match value {
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(|item| json(item, order)).collect();
            format!("[{}]", items.join(" ,\n"))
        }
        Value::Object(object) => {
            let members: Vec<_> = members(object, order)
                .into_iter()
                .map(|(key, value)| format!("{}\t:{}", json_string(key), json(value, order)))
                .collect();
            format!("{{{}}}", members.join(","))
        }
        Value::String(text) => json_string(text),
        other => other.to_string(),
    }
}

fn flow(value: &Value, order: Order) -> String {
    match value {
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(|item| flow(item, order)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(object) => {
            let members: Vec<_> = members(object, order)
                .into_iter()
                .map(|(key, value)| format!("{}: {}", yaml_string(key), flow(value, order)))
                .collect();
            format!("{{{}}}", members.join(", "))
        }
        Value::String(text) => yaml_string(text),
        Value::Number(number) => digits(number),
        other => other.to_string(),
    }
}

/// Block style: one line a member or element, two columns deeper each time.
fn block(value: &Value, order: Order, indent: usize) -> String {
    let pad = " ".repeat(indent);
    match value {
        Value::Array(items) if !items.is_empty() => items
            .iter()
            .map(|item| format!("\n{pad}-{}", nested(item, order, indent)))
            .collect(),
        Value::Object(object) if !object.is_empty() => members(object, order)
            .into_iter()
            .map(|(key, value)| {
                format!(
                    "\n{pad}{}:{}",
                    yaml_string(key),
                    nested(value, order, indent)
                )
            })
            .collect(),
        other => flow(other, order),
    }
}

fn nested(value: &Value, order: Order, indent: usize) -> String {
    let text = block(value, order, indent + 2);
    if text.starts_with('\n') {
        text
    } else {
        format!(" {text}")
    }
}

fn read(text: &str, format: Format) -> Document {
    document::parse(text.as_bytes(), "x", format, Limits::default())
        .unwrap_or_else(|error| panic!("{error}: {:#?}\n{text}", error.problems))
}

fn canonical(document: &Document) -> Vec<u8> {
    canonical::to_vec(&document.root).expect("a canonical form")
}

/// Inside the text, between characters, in order, and at least one.
fn assert_places(error: &LoadError) {
    assert!(!error.problems.is_empty());
    for problem in &error.problems {
        assert!(!problem.message.is_empty());
        if let Some(source) = &error.source {
            let marked = source.text().get(problem.span.start..problem.span.end);
            assert!(marked.is_some(), "{problem:?}");
        }
    }
    assert!(
        error
            .problems
            .is_sorted_by_key(|problem| (problem.span.start, problem.span.end))
    );
}

/// A change of a few bytes of a text.
#[derive(Clone, Debug)]
enum Edit {
    Replace(usize, u8),
    Insert(usize, Vec<u8>),
    Delete(usize, usize),
}

fn edit() -> impl Strategy<Value = Edit> {
    let snippet = proptest::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"",
        "'",
        "- ",
        "? ",
        "#",
        "&a",
        "*a",
        "!t",
        "|",
        ">",
        "%",
        "@",
        "\\u",
        "\\ud800",
        "1e999",
        "no",
        "\n",
        "\r",
        "\t",
        "  ",
        "\u{85}",
        "\u{2028}",
        "\u{FEFF}",
        "\u{FFFF}",
        "---\n",
        "<<: ",
        "null",
        "0x",
        "12345678901234567890",
        "rules",
        "\u{0}",
        "é",
    ]);
    prop_oneof![
        (any::<usize>(), any::<u8>()).prop_map(|(at, byte)| Edit::Replace(at, byte)),
        (any::<usize>(), snippet).prop_map(|(at, text)| Edit::Insert(at, text.into())),
        (any::<usize>(), 1_usize..20).prop_map(|(at, count)| Edit::Delete(at, count)),
    ]
}

fn apply(mut bytes: Vec<u8>, edits: &[Edit]) -> Vec<u8> {
    for edit in edits {
        let len = bytes.len().max(1);
        match edit {
            Edit::Replace(at, byte) => {
                if let Some(place) = bytes.get_mut(at % len) {
                    *place = *byte;
                }
            }
            Edit::Insert(at, text) => {
                let at = (at % len).min(bytes.len());
                bytes.splice(at..at, text.iter().copied());
            }
            Edit::Delete(at, count) => {
                let at = (at % len).min(bytes.len());
                let end = (at + count).min(bytes.len());
                bytes.drain(at..end);
            }
        }
    }
    bytes
}

proptest! {
    #[test]
    fn one_value_is_one_tree_however_it_is_written(value in value()) {
        let expected = canonical::to_vec(&value).expect("a canonical form");
        for order in [Order::Forward, Order::Backward] {
            let texts = [
                (Format::Json, json(&value, order)),
                (Format::Yaml, flow(&value, order)),
                (Format::Yaml, block(&value, order, 0)),
            ];
            for (format, text) in texts {
                let document = read(&text, format);
                let actual = canonical(&document);
                prop_assert_eq!(
                    String::from_utf8_lossy(&actual),
                    String::from_utf8_lossy(&expected),
                    "{}", text
                );
                // Reading the canonical form again changes nothing.
                let again = read(std::str::from_utf8(&expected).expect("UTF-8"), Format::Json);
                prop_assert_eq!(canonical(&again), expected.clone());
            }
        }
    }

    #[test]
    fn one_bundle_has_one_digest_however_it_is_written(
        metadata in btree_map(text(), value(), 0..4),
    ) {
        let mut bundle: Value = serde_json::from_slice(JSON).expect("a valid bundle");
        bundle
            .as_object_mut()
            .expect("an object")
            .insert("metadata".to_owned(), Value::Object(metadata.into_iter().collect()));
        let mut digests = Vec::new();
        for order in [Order::Forward, Order::Backward] {
            for (format, text) in [
                (Format::Json, json(&bundle, order)),
                (Format::Yaml, flow(&bundle, order)),
                (Format::Yaml, block(&bundle, order, 0)),
            ] {
                let loaded = Bundle::load(text.as_bytes(), "x", format, Limits::default());
                let loaded = loaded.unwrap_or_else(|error| panic!("{error}\n{text}"));
                digests.push(loaded.digest());
            }
        }
        digests.dedup();
        prop_assert_eq!(digests.len(), 1);
    }

    #[test]
    fn spans_of_leaves_hold_what_was_written(value in value()) {
        let text = json(&value, Order::Forward);
        let document = read(&text, Format::Json);
        let mut nodes = vec![&document.root];
        while let Some(node) = nodes.pop() {
            let written = text.get(node.span.start..node.span.end).expect("inside the text");
            let again = read(written, Format::Json);
            prop_assert_eq!(canonical(&again), canonical::to_vec(node).expect("a canonical form"));
            match &node.kind {
                document::NodeKind::Array(items) => nodes.extend(items),
                document::NodeKind::Object(members) => {
                    for member in members {
                        let key = text.get(member.key_span.start..member.key_span.end);
                        let expected = json_string(&member.key);
                        prop_assert_eq!(key, Some(expected.as_str()));
                        nodes.push(&member.value);
                    }
                }
                _ => {}
            }
        }
    }

    #[test]
    fn no_edit_makes_the_loader_panic(edits in vec(edit(), 1..5)) {
        for (format, bytes) in [(Format::Json, JSON), (Format::Yaml, YAML)] {
            let bytes = apply(bytes.to_vec(), &edits);
            if let Err(error) = Bundle::load(&bytes, "x", format, Limits::default()) {
                assert_places(&error);
            }
        }
    }

    #[test]
    fn no_bytes_make_the_loader_panic(bytes in vec(any::<u8>(), 0..200)) {
        for format in [Format::Json, Format::Yaml] {
            if let Err(error) = document::parse(&bytes, "x", format, Limits::default()) {
                assert_places(&error);
            }
        }
    }

    #[test]
    fn no_soup_of_syntax_makes_the_loader_panic(edits in vec(edit(), 1..40)) {
        let bytes = apply(Vec::new(), &edits);
        for format in [Format::Json, Format::Yaml] {
            if let Err(error) = document::parse(&bytes, "x", format, Limits::default()) {
                assert_places(&error);
            }
        }
    }
}
