//! Common Event Format: a parser from the grammar of its standard, and its dictionary.

use std::collections::BTreeMap;

use agent_spm::report::escape::terminal;
use proptest::prelude::*;
use serde_json::Value;

use super::hostile::{cut, log};
use super::world::{self, NOON_MILLIS};

/// A record as it was read.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) class: String,
    pub(super) name: String,
    pub(super) severity: u8,
    pub(super) pairs: BTreeMap<String, String>,
}

/// Reads a line, of which nothing is forgiven.
pub(super) fn parse(line: &str) -> Result<Record, String> {
    if let Some(control) = line.chars().find(|c| c.is_control()) {
        return Err(format!("control character {control:?}"));
    }
    let mut fields = vec![String::new()];
    let mut characters = line.char_indices();
    let mut extension = None;
    while let Some((at, character)) = characters.next() {
        let count = fields.len();
        let field = fields.last_mut().expect("one");
        match character {
            '\\' => match characters.next() {
                Some((_, escaped @ ('\\' | '|'))) => field.push(escaped),
                other => return Err(format!("bad escape in the header: {other:?}")),
            },
            '|' if count == 7 => {
                extension = line.get(at + 1..);
                break;
            }
            '|' => fields.push(String::new()),
            other => field.push(other),
        }
    }
    let extension = extension.ok_or("the header has fewer than seven pipes")?;
    if fields.iter().any(String::is_empty) {
        return Err("an empty field in the header".to_owned());
    }
    if fields[0] != "CEF:0" {
        return Err(format!("begins with {}", fields[0]));
    }
    for (field, most) in fields[1..6].iter().zip([63, 63, 31, 1023, 512]) {
        if field.chars().count() > most {
            return Err(format!(
                "{} characters in a field of {most}",
                field.chars().count()
            ));
        }
    }
    Ok(Record {
        class: fields[4].clone(),
        name: fields[5].clone(),
        severity: fields[6].parse().map_err(|_| "no severity")?,
        pairs: pairs(extension)?,
    })
}

fn pairs(extension: &str) -> Result<BTreeMap<String, String>, String> {
    // Where values begin: after each `=` that no backslash stands before.
    let mut equals = Vec::new();
    let mut is_escaped = false;
    for (at, character) in extension.char_indices() {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '=' => equals.push(at),
            _ => {}
        }
    }
    let mut keys = Vec::new();
    for at in &equals {
        let before = &extension[..*at];
        let begin = before.rfind(|c: char| !c.is_ascii_alphanumeric());
        let begin = begin.map_or(0, |at| {
            at + before[at..].chars().next().expect("one").len_utf8()
        });
        let key = &before[begin..];
        if key.is_empty() || !(begin == 0 || before[..begin].ends_with(' ')) {
            return Err(format!("no key before the `=` at {at}"));
        }
        keys.push((key, begin, at + 1));
    }
    if keys.first().is_none_or(|(_, begin, _)| *begin != 0) {
        return Err("something before the first key".to_owned());
    }
    let mut pairs = BTreeMap::new();
    for (index, (key, _, begin)) in keys.iter().enumerate() {
        let end = keys
            .get(index + 1)
            .map_or(extension.len(), |(_, next, _)| next - 1);
        let raw = extension
            .get(*begin..end)
            .ok_or("two keys without a space")?;
        if raw.is_empty() || raw.trim() != raw {
            return Err(format!(
                "the value of {key} is empty or has space around it: {raw:?}"
            ));
        }
        if pairs.insert((*key).to_owned(), unescaped(raw)?).is_some() {
            return Err(format!("{key} twice"));
        }
    }
    Ok(pairs)
}

fn unescaped(raw: &str) -> Result<String, String> {
    let mut out = String::new();
    let mut characters = raw.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            out.push(character);
            continue;
        }
        out.push(match characters.next() {
            Some('n') => '\n',
            Some('r') => '\r',
            Some(escaped @ ('\\' | '=')) => escaped,
            other => return Err(format!("bad escape in a value: {other:?}")),
        });
    }
    Ok(out)
}

/// Every key is in the dictionary, with a value of its type and length, and with its label.
pub(super) fn check(record: &Record) {
    let dictionary = include_str!("../../../testdata/dictionaries/cef.json");
    let dictionary: Value = serde_json::from_str(dictionary).expect("JSON");
    assert!(record.severity <= 10);
    for (key, value) in &record.pairs {
        let entry = dictionary
            .get(key)
            .unwrap_or_else(|| panic!("no key {key}"));
        match entry["type"].as_str().expect("a type") {
            "string" => {
                let most = entry["length"].as_u64().expect("a length");
                assert!(value.chars().count() as u64 <= most, "{key} is too long");
            }
            "integer" => assert!(value.parse::<i32>().is_ok(), "{key}={value}"),
            "long" | "timestamp" => assert!(value.parse::<i64>().is_ok(), "{key}={value}"),
            other => panic!("a type {other}"),
        }
        if key.starts_with("cs") || key.starts_with("cn") && key != "cnt" {
            let other = match key.strip_suffix("Label") {
                Some(key) => key.to_owned(),
                None => format!("{key}Label"),
            };
            assert!(record.pairs.contains_key(&other), "{key} without {other}");
        }
    }
}

/// A value as it should be read back: what the format can hold is exact.
fn expected(value: &str, most: usize) -> Option<String> {
    let value = value.trim().replace("\r\n", "\n");
    let shown: String = value
        .chars()
        .map(|character| match character {
            '\n' | '\r' => character.to_string(),
            other => terminal(other.encode_utf8(&mut [0; 4])).into_owned(),
        })
        .collect();
    (!shown.is_empty()).then(|| cut(&shown, most))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_is_read_back_is_what_was_logged(log in log()) {
        let text = world::exported(&log, "cef", None);
        prop_assert_eq!(text.lines().count(), log.len());
        for (line, said) in text.lines().zip(&log) {
            let record = parse(line).map_err(|error| TestCaseError::fail(format!("{error}: {line}")))?;
            check(&record);
            let get = |key: &str| record.pairs.get(key).cloned();
            prop_assert_eq!(get("externalId"), expected(&said.event_id, 40));
            prop_assert_eq!(get("reason"), expected(&said.code, 1023));
            prop_assert_eq!(get("msg"), expected(&said.message, 1023));
            prop_assert_eq!(get("suid"), expected(&said.agent_id, 1023));
            prop_assert_eq!(get("suser"), expected(&said.agent_id, 1023));
            prop_assert_eq!(get("cs1"), expected(&said.request_id, 4000));
            prop_assert_eq!(get("cs2"), expected(&said.tool_name, 4000));
            prop_assert_eq!(get("cs3"), expected(&said.environment, 4000));
            prop_assert_eq!(get("cs4"), expected(said.plugin.as_deref().unwrap_or(""), 4000));
            let time = said.time.map(|millis| (NOON_MILLIS + i64::from(millis)).to_string());
            prop_assert_eq!(get("rt"), time);
            prop_assert!(!record.class.contains(['=', '%', '#']));
            prop_assert!(record.name.starts_with("Agent tool call "));
        }
    }
}

#[test]
fn incidents_are_read_back() {
    let agent = "a|b=c\\d\n\u{202E}";
    let alerts = world::alerts(agent, "e=|");
    let text = world::of_lines(&[], "cef", None, &alerts);
    assert_eq!(text.lines().count(), alerts.len());
    for (line, alert) in text.lines().zip(&alerts) {
        let record = parse(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        check(&record);
        assert_eq!(record.class, alert.kind.as_str());
        assert_eq!(record.pairs["type"], "2");
        assert_eq!(record.pairs["externalId"], alert.id);
        assert_eq!(record.pairs["suid"], "a|b=c\\d\n\\u{202e}");
        assert_eq!(record.pairs["cnt"], alert.count.to_string());
        assert_eq!(record.pairs["cs1"], alert.events.join(" "));
    }
}

#[test]
fn the_parser_refuses_what_is_malformed() {
    for line in [
        // As the platform's own formatter writes it.
        "CEF:0|AgentSPM|AgentSecurityPosture|1.0|DENY|PII detected|7|agent_id=finance-bot|tool_name=send_email",
        "CEF:0|a|b|1|c||7|act=DENY",
        "CEF:0|a|b|1|c|n|7",
        "CEF:0|a|b|1|c|n|7|act=a=b",
        "CEF:0|a|b|1|c|n|7|act=a\\b",
        "CEF:0|a|b|1|c\\=|n|7|act=a",
        "CEF:0|a|b|1|c|n|7|act=a act=b",
        "CEF:0|a|b|1|c|n|7|act= msg=b",
        "CEF:0|a|b|1|c|n|7|act=a\nCEF:0",
    ] {
        assert!(parse(line).is_err(), "{line}");
    }
}
