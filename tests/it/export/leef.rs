//! Log Event Extended Format: a parser from its guide, and its predefined attributes.

use std::collections::BTreeMap;

use agent_spm::report::escape::terminal;
use proptest::prelude::*;

use super::hostile::{cut, log};
use super::world::{self, NOON_MILLIS};

struct Record {
    event_id: String,
    attributes: BTreeMap<String, String>,
}

/// Reads a line, of which nothing is forgiven.
fn parse(line: &str) -> Result<Record, String> {
    if let Some(control) = line.chars().find(|c| c.is_control() && *c != '\t') {
        return Err(format!("control character {control:?}"));
    }
    let (version, rest) = line
        .strip_prefix("LEEF:")
        .and_then(|rest| rest.split_once('|'))
        .ok_or("no header")?;
    let fields = match version {
        "1.0" => 4,
        "2.0" => 5,
        other => return Err(format!("version {other}")),
    };
    let parts: Vec<&str> = rest.splitn(fields + 1, '|').collect();
    let [header @ .., attributes] = parts.as_slice() else {
        return Err("no attributes".to_owned());
    };
    if header.len() != fields || header.iter().any(|field| field.trim().is_empty()) {
        return Err("a field of the header is missing".to_owned());
    }
    if version == "2.0" && header[4] != "x09" {
        return Err(format!("the delimiter {}", header[4]));
    }
    if header[3].chars().count() > 255 {
        return Err("an event id of more than 255 characters".to_owned());
    }
    let mut read = BTreeMap::new();
    let mut names = Vec::new();
    for attribute in attributes.split('\t') {
        let (key, value) = attribute.split_once('=').ok_or("no `=`")?;
        if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(format!("a key {key:?}"));
        }
        if value.is_empty() {
            return Err(format!("{key} is empty"));
        }
        names.push(key.to_ascii_lowercase());
        read.insert(key.to_owned(), value.to_owned());
    }
    let all = names.len();
    names.sort();
    names.dedup();
    if names.len() < all {
        return Err("a key twice".to_owned());
    }
    Ok(Record {
        event_id: header[3].to_owned(),
        attributes: read,
    })
}

fn check(record: &Record) {
    let predefined = include_str!("../../../testdata/dictionaries/leef.json");
    let predefined: Vec<String> = serde_json::from_str(predefined).expect("JSON");
    for key in record.attributes.keys() {
        let same = |name: &&String| name.eq_ignore_ascii_case(key);
        if let Some(name) = predefined.iter().find(same) {
            assert_eq!(name, key, "a key that is a predefined one but for its case");
        }
    }
    let get = |key: &str| record.attributes.get(key);
    let severity: u8 = get("sev").expect("sev").parse().expect("a number");
    assert!((1..=10).contains(&severity));
    assert!(get("cat").is_some());
    if let Some(user) = get("usrName") {
        assert!(user.chars().count() <= 255);
    }
    if let Some(time) = get("devTime") {
        let is_epoch = [10, 13].contains(&time.len()) && time.bytes().all(|b| b.is_ascii_digit());
        assert!(is_epoch != get("devTimeFormat").is_some(), "{time}");
    }
}

/// A value as it should be read back: spaces for tabs and line ends, the rest exact.
fn expected(value: &str, most: usize) -> Option<String> {
    let value = value.replace(['\t', '\r', '\n'], " ");
    let value = terminal(&value).into_owned();
    let value = value.trim();
    (!value.is_empty()).then(|| cut(value, most))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_is_read_back_is_what_was_logged(log in log()) {
        for format in ["leef", "leef2"] {
            let text = world::exported(&log, format, None);
            prop_assert_eq!(text.lines().count(), log.len());
            for (line, said) in text.lines().zip(&log) {
                let record = parse(line)
                    .map_err(|error| TestCaseError::fail(format!("{error}: {line:?}")))?;
                check(&record);
                let get = |key: &str| record.attributes.get(key).cloned();
                prop_assert_eq!(get("usrName"), expected(&said.agent_id, 255));
                prop_assert_eq!(get("resource"), expected(&said.tool_name, 4000));
                prop_assert_eq!(get("policy"), expected(&said.code, 4000));
                prop_assert_eq!(get("msg"), expected(&said.message, 4000));
                prop_assert_eq!(get("eventUid"), expected(&said.event_id, 4000));
                prop_assert_eq!(get("requestId"), expected(&said.request_id, 4000));
                prop_assert_eq!(get("environment"), expected(&said.environment, 4000));
                let time = said.time.map(|millis| (NOON_MILLIS + i64::from(millis)).to_string());
                prop_assert_eq!(get("devTime"), time);
                prop_assert!(!record.event_id.is_empty());
            }
        }
    }
}

#[test]
fn incidents_are_read_back() {
    let alerts = world::alerts("a|b\tc\n=", "e\t|");
    for format in ["leef", "leef2"] {
        let text = world::of_lines(&[], format, None, &alerts);
        assert_eq!(text.lines().count(), alerts.len());
        for (line, alert) in text.lines().zip(&alerts) {
            let record = parse(line).unwrap_or_else(|error| panic!("{error}: {line}"));
            check(&record);
            assert_eq!(record.event_id, alert.kind.as_str());
            assert_eq!(record.attributes["usrName"], "a|b c =");
            assert_eq!(record.attributes["incidentUid"], alert.id);
        }
    }
}

#[test]
fn times_that_have_not_13_digits_have_a_pattern() {
    let event = r#"{"event_id":"e","timestamp":"2001-01-01T00:00:00.123456Z","request_id":"r","agent_id":"a","tool_name":"t","outcome":"DENY","reasons":[],"safe_payload":{"agent_id":"a","tool_name":"t","environment":"prod","outcome":"DENY"}}"#;
    let text = world::of_lines(&[event.to_owned()], "leef", None, &[]);
    let record = parse(text.trim_end_matches('\n')).expect("is read");
    check(&record);
    assert_eq!(record.attributes["devTime"], "2001-01-01T00:00:00.123Z");
}

#[test]
fn the_parser_refuses_what_is_malformed() {
    for line in [
        // As the platform's own formatter and its documentation write it.
        "LEEF:2.0|AgentSPM|AgentSecurityPosture|1.0|DENY|\tagent_id=finance-bot|\ttool_name=send_email|",
        "LEEF:2.0|a|b|1|AgentActionDenied|usrName=x",
        "LEEF:1.0|a|b|1|c|usrName=x\tusrName=y",
        "LEEF:1.0|a|b|1|c|usrName=x\tUSRNAME=y",
        "LEEF:1.0|a|b|1|c|usr_name=x",
        "LEEF:1.0|a|b|1|c|usrName=",
        "LEEF:1.0|a|b|1|c|usrName=x\t\tsev=1",
    ] {
        assert!(parse(line).is_err(), "{line}");
    }
}
