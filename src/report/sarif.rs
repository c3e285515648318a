//! Findings as SARIF 2.1.0, which code scanning reads. Known and accepted findings are marked, not
//! left out, so that alerts neither flap nor come back.
//!
//! Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0"; the tests
//! hold what is written here against the schema of that standard.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::escape::terminal;
use super::findings::{File, Findings, Range, Shown};
use super::json::TOOL;
use crate::lint::{Before, Manual, manual};

mod remarks;

pub use remarks::of_simulation;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// The name and version of how fingerprints are made.
const FINGERPRINT: &str = "agentSpmLint/v1";

/// The findings as one SARIF log.
pub fn log(findings: &Findings) -> Value {
    let mut rules: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, shown) in findings.all() {
        rules.insert(shown.id, 0);
    }
    for (index, number) in rules.values_mut().enumerate() {
        *number = index;
    }
    let mut results: Vec<Value> = findings
        .all()
        .map(|(file, shown)| result(findings, file, shown, &rules))
        .collect();
    results.extend(findings.absent.iter().map(|absent| {
        json!({
            "ruleId": absent.id,
            "message": { "text": message(&absent.message) },
            "locations": [{ "physicalLocation": { "artifactLocation": artifact(&absent.file) } }],
            "partialFingerprints": { FINGERPRINT: absent.fingerprint },
            "baselineState": "absent",
        })
    }));
    let notifications: Vec<Value> = findings
        .passed_over
        .iter()
        .map(|passed| {
            json!({
                "level": "note",
                "message": { "text": message(&format!("not linted: {}", passed.reason)) },
                "locations": [{ "physicalLocation": { "artifactLocation": artifact(&passed.file) } }],
            })
        })
        .collect();
    let files: BTreeSet<&str> = findings
        .files
        .iter()
        .map(|file| file.name.as_str())
        .collect();
    let artifacts: Vec<Value> = files
        .into_iter()
        .map(|file| json!({ "location": artifact(file) }))
        .collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": TOOL.name,
                "version": TOOL.version,
                "semanticVersion": TOOL.version,
                "rules": rules.keys().map(|id| rule(id)).collect::<Vec<_>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": true,
                "toolExecutionNotifications": notifications,
            }],
            "artifacts": artifacts,
            "results": results,
        }],
    })
}

/// A lint, with its page.
fn rule(id: &str) -> Value {
    let mut rule = Map::new();
    rule.insert("id".to_owned(), id.into());
    if let Some(page) = manual(id) {
        let Manual {
            title,
            what,
            why,
            markdown,
            ..
        } = &page.manual;
        let text = |text: &str| json!({ "text": text });
        rule.insert("shortDescription".to_owned(), text(title));
        let full = if what.is_empty() { title } else { what };
        rule.insert("fullDescription".to_owned(), text(full));
        rule.insert(
            "help".to_owned(),
            json!({ "text": format!("{title}\n\n{why}"), "markdown": markdown }),
        );
        rule.insert(
            "defaultConfiguration".to_owned(),
            json!({ "level": page.severity.as_str() }),
        );
        rule.insert("properties".to_owned(), json!({ "tags": ["security"] }));
    }
    Value::Object(rule)
}

fn result(findings: &Findings, file: &File, shown: &Shown, rules: &BTreeMap<&str, usize>) -> Value {
    let mut text = message(&shown.message);
    if let Some(help) = &shown.help {
        let _ = write!(text, "; {}", message(help));
    }
    let mut result = Map::new();
    let mut put = |key: &str, value: Value| result.insert(key.to_owned(), value);
    put("ruleId", shown.id.into());
    put("ruleIndex", rules.get(shown.id).copied().into());
    put("level", shown.severity.as_str().into());
    put("message", json!({ "text": text }));
    put(
        "locations",
        json!([location(&file.name, shown.range, &shown.route)]),
    );
    if !shown.related.is_empty() {
        let numbered = shown.related.iter().enumerate();
        let related = numbered.map(|(number, related)| {
            let holder = related.file.and_then(|index| findings.files.get(index));
            let name = holder.map_or(&file.name, |file| &file.name);
            let mut location = location(name, Some(related.range), &related.route);
            if let Value::Object(location) = &mut location {
                location.insert("id".to_owned(), (number + 1).into());
                let text = json!({ "text": message(&related.message) });
                location.insert("message".to_owned(), text);
            }
            location
        });
        put("relatedLocations", related.collect());
    }
    if let Some(fingerprint) = &shown.fingerprint {
        put("partialFingerprints", json!({ FINGERPRINT: fingerprint }));
    }
    if let Some(before) = shown.before {
        let state = match before {
            Before::New => "new",
            Before::Unchanged => "unchanged",
        };
        put("baselineState", state.into());
    }
    if let Some(suppressed) = &shown.suppressed {
        let reason = message(&suppressed.reason);
        put(
            "suppressions",
            json!([{
                "kind": "external",
                "status": "accepted",
                "justification": reason,
                "properties": { "until": message(&suppressed.until) },
            }]),
        );
    }
    if !shown.details.is_empty() {
        let details = shown.details.iter();
        let details: Map<String, Value> = details
            .map(|detail| (detail.name.to_owned(), detail.value.clone()))
            .collect();
        put("properties", Value::Object(details));
    }
    Value::Object(result)
}

fn location(file: &str, range: Option<Range>, route: &str) -> Value {
    let mut physical = Map::new();
    physical.insert("artifactLocation".to_owned(), artifact(file));
    if let Some(range) = range {
        let region = json!({
            "startLine": range.start.line,
            "startColumn": range.start.column,
            "endLine": range.end.line,
            "endColumn": range.end.column,
        });
        physical.insert("region".to_owned(), region);
    }
    let mut location = Map::new();
    location.insert("physicalLocation".to_owned(), Value::Object(physical));
    if !route.is_empty() {
        let name = terminal(route);
        let logical = json!([{ "fullyQualifiedName": name, "kind": "member" }]);
        location.insert("logicalLocations".to_owned(), logical);
    }
    Value::Object(location)
}

/// A file by its URI, relative to where the program was started.
fn artifact(file: &str) -> Value {
    json!({ "uri": uri(file), "uriBaseId": "%SRCROOT%" })
}

/// A path as a relative URI: everything but unreserved characters and `/` is encoded. (RFC 3986)
fn uri(path: &str) -> String {
    let path = path.strip_prefix("./").unwrap_or(path);
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(char::from(byte));
            }
            other => {
                let _ = write!(out, "%{other:02X}");
            }
        }
    }
    out
}

/// Text from outside as a message: made visible, and without the brackets of an embedded link.
/// (SARIF §3.11.6)
fn message(text: &str) -> String {
    terminal(text).replace("](", "]\\(")
}
