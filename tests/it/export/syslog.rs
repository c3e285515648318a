//! Syslog: a parser from the grammar of RFC 5424 and the framings of RFC 6587.

use agent_spm::export::{FORMATS, Framing, Host, Records, Syslog};
use proptest::prelude::*;

use super::cef;
use super::hostile::log;
use super::world::{self, timestamp};

struct Message<'a> {
    priority: u8,
    timestamp: &'a str,
    host: &'a str,
    app: &'a str,
    id: &'a str,
    text: &'a str,
}

fn parse(message: &str) -> Result<Message<'_>, String> {
    let (priority, rest) = message
        .strip_prefix('<')
        .and_then(|rest| rest.split_once('>'))
        .ok_or("no priority")?;
    let number: u8 = priority.parse().map_err(|_| "no priority")?;
    if number > 191 || number.to_string() != priority {
        return Err(format!("priority {priority}"));
    }
    let fields: Vec<&str> = rest.splitn(8, ' ').collect();
    let [version, timestamp, host, app, process, id, data, text] = fields[..] else {
        return Err("fields are missing".to_owned());
    };
    for (field, most) in [(host, 255), (app, 48), (process, 128), (id, 32)] {
        let is_printable = field.bytes().all(|byte| (33..=126).contains(&byte));
        if field.is_empty() || field.len() > most || !is_printable {
            return Err(format!("the field {field:?}"));
        }
    }
    if version != "1" || data != "-" || text.starts_with('\u{FEFF}') {
        return Err("the version, the data or a byte-order mark".to_owned());
    }
    let is_time = timestamp.len() == 24 && timestamp.ends_with('Z') && timestamp.contains('T');
    if timestamp != "-" && !is_time {
        return Err(format!("the time {timestamp}"));
    }
    Ok(Message {
        priority: number,
        timestamp,
        host,
        app,
        id,
        text,
    })
}

/// The messages of a stream with their lengths before them.
fn counted(mut stream: &str) -> Result<Vec<&str>, String> {
    let mut messages = Vec::new();
    while !stream.is_empty() {
        let (length, rest) = stream.split_once(' ').ok_or("no length")?;
        if length.starts_with('0') {
            return Err("a length that begins with 0".to_owned());
        }
        let length: usize = length.parse().map_err(|_| format!("the length {length}"))?;
        let (message, rest) = rest.split_at_checked(length).ok_or("a wrong length")?;
        messages.push(message);
        stream = rest;
    }
    Ok(messages)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn each_record_is_one_message(log in log()) {
        for format in FORMATS.iter().filter(|format| format.records() == Records::Alone) {
            let plain = world::exported(&log, format.name(), None);
            for framing in [Framing::Lines, Framing::Octets] {
                let syslog = Syslog { framing, host: Host::new("siem-1") };
                let text = world::exported(&log, format.name(), Some(syslog));
                let messages = match framing {
                    Framing::Lines => text.lines().collect(),
                    Framing::Octets => counted(&text).map_err(TestCaseError::fail)?,
                };
                prop_assert_eq!(messages.len(), plain.lines().count());
                for (message, record) in messages.into_iter().zip(plain.lines()) {
                    let message = parse(message).map_err(TestCaseError::fail)?;
                    prop_assert_eq!(message.app, "agent-spm");
                    prop_assert_eq!(message.host, "siem-1");
                    prop_assert_eq!(message.id, "decision");
                    prop_assert_eq!(message.text, record);
                }
            }
        }
    }
}

#[test]
fn priorities_are_those_of_the_log_audit_facility() {
    let outcomes = super::hostile::OUTCOMES;
    let lines: Vec<String> = outcomes
        .iter()
        .map(|outcome| {
            format!(
                r#"{{"event_id":"e-{outcome}","timestamp":"{}","request_id":"{outcome}","agent_id":"a","tool_name":"t","outcome":"{outcome}","reasons":[],"safe_payload":{{"agent_id":"a","tool_name":"t","environment":"prod","outcome":"{outcome}"}}}}"#,
                timestamp(0)
            )
        })
        .collect();
    let syslog = || Syslog {
        framing: Framing::Lines,
        host: None,
    };
    let text = world::of_lines(&lines, "cef", Some(syslog()), &[]);
    let priorities: Vec<u8> = text
        .lines()
        .map(|line| {
            let message = parse(line).expect("a message");
            assert_eq!(message.host, "-");
            assert_eq!(message.timestamp, timestamp(0));
            cef::parse(message.text).expect("CEF");
            message.priority
        })
        .collect();
    assert_eq!(
        priorities,
        [110, 108, 109, 109, 109, 109, 110, 109, 106, 109, 109]
    );
    let alerts = world::alerts("a", "e");
    let text = world::of_lines(&[], "ocsf", Some(syslog()), &alerts);
    for line in text.lines() {
        assert_eq!(parse(line).expect("a message").id, "incident");
    }
}

#[test]
fn hosts_are_printable() {
    for name in ["", "a b", "ü", &"a".repeat(256), "a\n"] {
        assert_eq!(Host::new(name), None, "{name:?}");
    }
    assert!(Host::new("siem.example").is_some());
}
