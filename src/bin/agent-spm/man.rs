//! Section 5 of the manual: a page a document, written from its JSON Schema.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::Value;

/// The manual page of a document, in the man(7) macros.
pub(crate) fn document_page(title: &str, schema: &Value) -> String {
    let text = |key: &str| schema.get(key).and_then(Value::as_str).unwrap_or_default();
    let mut page = format!(
        ".TH {title} 5 \"\" \"agent-spm {}\"\n.SH NAME\n{title} \\- {}\n.SH DESCRIPTION\n",
        env!("CARGO_PKG_VERSION"),
        escape(text("description").lines().next().unwrap_or_default())
    );
    page.push_str(
        "The document is JSON or YAML; both of the same content are the same document.\n",
    );
    let definitions = schema.get("$defs");
    let mut described = BTreeSet::new();
    section(&mut page, "MEMBERS", schema);
    let mut pending = references(schema);
    while let Some(name) = pending.pop_first() {
        if !described.insert(name.clone()) {
            continue;
        }
        if let Some(definition) = definitions.and_then(|all| all.get(&name)) {
            section(&mut page, &name.to_uppercase(), definition);
            pending.append(&mut references(definition));
        }
    }
    page
}

/// Describes one object or choice of values.
fn section(page: &mut String, title: &str, schema: &Value) {
    let _ = writeln!(page, ".SH {title}");
    if let Some(description) = schema.get("description").and_then(Value::as_str)
        && title != "MEMBERS"
    {
        let _ = writeln!(page, "{}", escape(description));
    }
    let required: Vec<&str> = schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    for (name, member) in schema
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        let optional = if required.contains(&name.as_str()) {
            ""
        } else {
            ", optional"
        };
        let _ = writeln!(
            page,
            ".TP\n\\fB{}\\fR ({}{optional})",
            escape(name),
            escape(&kind(member))
        );
        let description = member.get("description").and_then(Value::as_str);
        let _ = writeln!(page, "{}", escape(description.unwrap_or("See below.")));
    }
    for choice in choices(schema) {
        let value = choice.get("const").map(Value::to_string);
        let description = choice
            .get("description")
            .and_then(Value::as_str)
            .unwrap_or_default();
        if let Some(value) = value {
            let _ = writeln!(
                page,
                ".TP\n\\fB{}\\fR\n{}",
                escape(&value),
                escape(description)
            );
        } else {
            let _ = writeln!(
                page,
                ".TP\n{}\n{}",
                escape(&kind(choice)),
                escape(description)
            );
        }
    }
}

fn choices(schema: &Value) -> impl Iterator<Item = &Value> {
    let lists = ["oneOf", "anyOf"].map(|key| schema.get(key).and_then(Value::as_array));
    lists.into_iter().flatten().flatten()
}

/// What a member may be, in a few words.
fn kind(schema: &Value) -> String {
    if let Some(name) = reference(schema) {
        return name.to_uppercase();
    }
    match schema.get("type") {
        Some(Value::String(name)) if name == "array" => match schema.get("items") {
            Some(items) => format!("list of {}", kind(items)),
            None => "list".to_owned(),
        },
        Some(Value::String(name)) => name.clone(),
        Some(Value::Array(names)) => {
            let names: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
            names.join(" or ")
        }
        _ => {
            let kinds: Vec<String> = choices(schema).map(kind).collect();
            if kinds.is_empty() {
                "any value".to_owned()
            } else {
                kinds.join(" or ")
            }
        }
    }
}

fn reference(schema: &Value) -> Option<&str> {
    schema.get("$ref")?.as_str()?.strip_prefix("#/$defs/")
}

/// The definitions that a schema names.
fn references(schema: &Value) -> BTreeSet<String> {
    let inner: Box<dyn Iterator<Item = &Value>> = match schema {
        Value::Object(members) => Box::new(
            members
                .iter()
                .filter(|(key, _)| *key != "$defs")
                .map(|(_, value)| value),
        ),
        Value::Array(elements) => Box::new(elements.iter()),
        _ => return BTreeSet::new(),
    };
    let named = reference(schema).map(str::to_owned);
    inner.flat_map(references).chain(named).collect()
}

/// Text in which nothing is a macro or an escape of man(7).
fn escape(text: &str) -> String {
    let text = text
        .replace('\\', "\\e")
        .replace('-', "\\-")
        .replace('\n', " ");
    match text.chars().next() {
        Some('.' | '\'') => format!("\\&{text}"),
        _ => text,
    }
}
