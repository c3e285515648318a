//! What every kind of line becomes.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::audit::{Log, Record as Written, Subject, leaf_hash};
use crate::canonical;
use crate::digest::{hex, sha256};

const GOOD: &str = r#"{"event_id":"6f1c1d0e-0000-4000-8000-000000000001","timestamp":"2026-01-15T10:30:00.000Z","request_id":"r1","agent_id":"a","tool_name":"t","outcome":"DENY","reasons":[{"code":"R","message":"m"}],"safe_payload":{"agent_id":"a","tool_name":"t","environment":"prod","outcome":"DENY"},"plugin_source":"p"}"#;

fn read(text: impl AsRef<[u8]>) -> Lines {
    let mut lines = Lines::default();
    let mut chunk = Chunk {
        text: text.as_ref().to_vec(),
        first_line: 1,
        left_out: Vec::new(),
        broken_off: None,
    };
    let classifier = Classifier::default();
    let mut reader = Reader::new(&classifier, 0, &LineHasher::default());
    lines.read(&mut reader, &mut chunk, Reading::Lines, Leaves::Hashed);
    lines
}

/// The troubles of a text as `line kind detail`.
fn troubles(text: impl AsRef<[u8]>) -> Vec<String> {
    let lines = read(text);
    let troubles = lines.troubles.iter();
    troubles
        .map(|trouble| {
            let said = format!(
                "{} {} {}",
                trouble.line,
                trouble.kind.as_str(),
                trouble.detail
            );
            said.trim_end().to_owned()
        })
        .collect()
}

fn events(lines: &Lines) -> Vec<String> {
    let mut events = Vec::new();
    lines
        .visit(0, |seen| {
            let said = seen.event.map(|event| {
                let reasons: Vec<_> = event.reasons().map(|reason| reason.code).collect();
                format!(
                    "{} {} {} {} {} {:?} {:?} {:?} {}",
                    event.line,
                    event.request_id,
                    event.agent_id,
                    event.tool_name,
                    event.environment,
                    event.effective,
                    event.role,
                    event.plugin,
                    reasons.join("+")
                )
            });
            events.extend(said);
            Ok::<(), ()>(())
        })
        .expect("nothing fails");
    events
}

fn edited(change: impl FnOnce(&mut serde_json::Value)) -> String {
    let mut value = serde_json::from_str(GOOD).expect("JSON");
    change(&mut value);
    format!("{value}\n")
}

#[test]
fn an_event_of_the_platform_is_read_without_trouble() {
    let text = format!("{GOOD}\r\n\n {GOOD} \n");
    assert_eq!(troubles(&text), [""; 0]);
    let events = events(&read(&text));
    assert_eq!(events[0], "1 r1 a t prod Deny Decision Some(\"p\") R");
    assert!(events[1].starts_with("3 r1"));
}

#[test]
fn damaged_lines_are_accounted_for() {
    let half = &GOOD[..100];
    for (text, expected) in [
        (
            format!("{GOOD}\n{half}"),
            "2 truncated_line the text ends inside a value at byte 100",
        ),
        (
            format!("{half}\n{GOOD}\n"),
            "1 unreadable_line the text ends inside a value at byte 100",
        ),
        (format!("\u{FEFF}{GOOD}\n"), "1 byte_order_mark"),
        (GOOD.to_owned(), "1 no_final_newline"),
        (format!("{GOOD}{GOOD}\n"), "1 glued_values"),
        (
            format!("{GOOD}\n\0\0\0\0\n"),
            "2 nul_bytes expected a value at byte 0",
        ),
        (format!("{GOOD}\n17\n"), "2 not_an_event it is no object"),
        (
            format!("{GOOD}\n{{\"level\":\"info\"}}\n"),
            "2 not_an_event it has no member of an event",
        ),
        (
            format!("{GOOD} x\n"),
            "1 unreadable_line expected a value at byte 302",
        ),
    ] {
        let found = troubles(&text);
        assert!(
            found.iter().any(|found| found == expected),
            "{expected}: {found:?}"
        );
    }
    let invalid = [GOOD.as_bytes(), b"\n\xFF\n", GOOD.as_bytes(), b"\n"].concat();
    let found = troubles(&invalid);
    assert_eq!(found[0], "2 invalid_utf8 at byte 0");
    assert_eq!(events(&read(&invalid)).len(), 2);
}

#[test]
fn damaged_events_are_accounted_for() {
    for (text, expected) in [
        (
            GOOD.replacen("DENY", "DENIED", 1) + "\n",
            "1 unknown_outcome DENIED",
        ),
        (
            edited(|event| event["outcome"] = json!(7)),
            "1 wrong_type outcome",
        ),
        (
            edited(|event| _ = event.as_object_mut().map(|all| all.remove("reasons"))),
            "1 missing_member reasons",
        ),
        (
            edited(|event| event["safe_payload"]["agent_id"] = json!("b")),
            "1 payload_mismatch agent_id",
        ),
        (
            edited(|event| event["safe_payload"]["outcome"] = json!("ALLOW")),
            "1 payload_mismatch outcome",
        ),
        (
            edited(|event| event["safe_payload"]["args"] = json!({"a": 1})),
            "1 unexpected_member args",
        ),
        (
            edited(|event| event["reasons"][0]["code"] = json!("DEFAULT_ALLOW")),
            "1 code_mismatch",
        ),
        (
            edited(|event| {
                event["reasons"][0]["code"] = json!("GLOBAL_KILL_SWITCH");
                event["outcome"] = json!("ALLOW");
                event["safe_payload"]["outcome"] = json!("ALLOW");
            }),
            "1 code_mismatch",
        ),
        (
            edited(|event| event["timestamp"] = json!("yesterday")),
            "1 invalid_timestamp",
        ),
        (
            edited(|event| event["timestamp"] = json!("2026-01-15T11:30:00+01:00")),
            "1 timestamp_form",
        ),
        (
            edited(|event| event["timestamp"] = json!(null)),
            "1 no_timestamp",
        ),
        (edited(|event| event["event_id"] = json!("1")), "1 id_form"),
        (
            GOOD.replacen("\"r1\"", "\"\\ud800\"", 1) + "\n",
            "1 invalid_unicode",
        ),
        (
            GOOD.replacen("\"outcome\"", "\"outcome\":\"ALLOW\",\"outcome\"", 1) + "\n",
            "1 duplicate_key outcome",
        ),
        (
            GOOD.replacen("\"code\"", "\"code\":\"X\",\"c\\u006fde\"", 1) + "\n",
            "1 duplicate_key reasons",
        ),
        (
            GOOD.replacen("\"outcome\"", "\"x\":1,\"x\":2,\"outcome\"", 1) + "\n",
            "1 duplicate_key a member that events do not have",
        ),
        (
            GOOD.replacen("\"outcome\"", "\"x\":[{\"y\":1,\"y\":2}],\"outcome\"", 1) + "\n",
            "1 duplicate_key in a member",
        ),
    ] {
        assert_eq!(troubles(&text), [expected], "{text}");
    }
}

#[test]
fn a_line_that_is_too_long_is_counted() {
    let mut lines = Lines::default();
    let mut chunk = Chunk {
        text: Vec::new(),
        first_line: 8,
        left_out: vec![7],
        broken_off: None,
    };
    let classifier = Classifier::default();
    let mut reader = Reader::new(&classifier, 0, &LineHasher::default());
    lines.read(&mut reader, &mut chunk, Reading::Lines, Leaves::Skipped);
    assert_eq!(lines.troubles.len(), 1);
    assert_eq!(lines.troubles[0].kind, FindingKind::LineTooLong);
    assert_eq!(lines.troubles[0].line, 7);
}

#[test]
fn the_last_of_a_repeated_member_counts_as_for_other_programs() {
    let text = GOOD.replacen("\"agent_id\"", "\"agent_id\":\"z\",\"agent_id\"", 1) + "\n";
    assert!(events(&read(text))[0].starts_with("1 r1 a t"));
}

#[test]
fn settlements_are_told_from_decisions() {
    for (outcome, code, effective, role) in [
        ("ALLOW", "HUMAN_APPROVED", "Approved", "Settlement"),
        ("DENY", "TICKET_MISSING", "Rejected", "Settlement"),
        ("DENY", "APPROVAL_TIMEOUT", "Deny", "Settlement"),
        ("TIMEOUT", "APPROVAL_TIMEOUT", "Timeout", "Settlement"),
        ("DENY", "APPROVAL_UNANSWERED", "Deny", "Settlement"),
        ("DENY", "RATE_LIMIT_AGENT", "RateLimited", "Decision"),
        ("REQUIRE_HUMAN", "R", "RequireHuman", "Decision"),
    ] {
        let text = edited(|event| {
            event["outcome"] = json!(outcome);
            event["safe_payload"]["outcome"] = json!(outcome);
            event["reasons"] = json!([{"code": "R", "message": ""}, {"code": code, "message": ""}]);
        });
        let expected = format!("{effective} {role}");
        assert!(events(&read(&text))[0].contains(&expected), "{expected}");
    }
}

/// The hash and the leaf of each record.
type Hashes = Vec<(u64, Option<[u8; 32]>, Option<[u8; 32]>)>;

fn hashes(lines: &Lines) -> Hashes {
    let mut hashes = Vec::new();
    lines
        .visit(0, |seen| {
            let chain = seen.chain.expect("it is chained");
            hashes.push((chain.seq, chain.hash, seen.leaf));
            Ok::<(), ()>(())
        })
        .expect("nothing fails");
    hashes
}

fn log(texts: &[String]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut log = Log::new("p", &mut out);
    for text in texts {
        let subject = Subject {
            request_id: b"r",
            agent_id: text.as_bytes(),
            tool_name: b"t",
            environment: b"prod",
        };
        let record = Written {
            time: Some(Timestamp::from_micros(0)),
            outcome: EventOutcome::Deny,
            reasons: &[("R", text)],
            plugin: None,
        };
        log.append(&subject, &[record]).expect("writes");
    }
    out
}

proptest! {
    /// Whatever a shipper makes of a log, its records hash as they did.
    #[test]
    fn hashes_are_those_of_the_canonical_form(
        texts in prop::collection::vec(any::<String>(), 1..4),
        unknown in any::<bool>(),
    ) {
        let written = log(&texts);
        let mut values: Vec<serde_json::Value> = written
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .map(|line| serde_json::from_slice(line).expect("JSON"))
            .collect();
        if unknown {
            for value in &mut values {
                value["zz"] = json!({"b": [1.50, "\u{1f600}"], "a": null});
            }
        }
        let expected: Hashes = (0..)
            .zip(&values)
            .map(|(seq, value)| {
                let canonical = canonical::to_vec(value).expect("canonical");
                (seq, Some(sha256(&canonical)), Some(leaf_hash(&canonical)))
            })
            .collect();
        let shipped: String = values.iter().map(|value| format!(" {value} \n")).collect();
        let escaped: String = shipped
            .chars()
            .map(|c| if c.is_ascii() { c.to_string() } else {
                let mut units = [0; 2];
                c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04X}")).collect()
            })
            .collect();
        if !unknown {
            prop_assert_eq!(&hashes(&read(&written)), &expected);
        }
        prop_assert_eq!(&hashes(&read(&shipped)), &expected);
        prop_assert_eq!(&hashes(&read(&escaped)), &expected);
    }

    /// No line panics, and every line is an event or trouble.
    #[test]
    fn every_line_is_accounted_for(text in "[\\PC\n\"{}\\[\\]:,\\\\]{0,200}") {
        let text = format!("{GOOD}\n{text}\n");
        let lines = read(&text);
        let mut accounted: Vec<u64> = lines.troubles.iter().map(|trouble| trouble.line).collect();
        lines
            .visit(0, |seen| {
                accounted.push(seen.line);
                Ok::<(), ()>(())
            })
            .expect("nothing fails");
        for (number, line) in (1..).zip(text.lines()) {
            prop_assert!(line.trim_ascii().is_empty() || accounted.contains(&number), "{line}");
        }
    }
}

#[test]
fn a_hash_needs_a_whole_chain_member() {
    let text = String::from_utf8(log(&["a".to_owned()])).expect("UTF-8");
    let without = text.replacen("\"seq\":0,", "", 1);
    assert!(troubles(&without).contains(&"1 missing_member chain".to_owned()));
    let large = text.replacen("\"seq\":0", "\"seq\":9007199254740993", 1);
    assert!(troubles(&large).contains(&"1 large_number".to_owned()));
    let other = text.replacen("null", &format!("\"{}\"", hex(&[0xAB; 32])), 1);
    let mut found = None;
    read(&other)
        .visit(0, |seen| {
            found = seen.chain.and_then(|chain| chain.previous);
            Ok::<(), ()>(())
        })
        .expect("nothing fails");
    assert_eq!(found, Some([0xAB; 32]));
    let short = text.replacen("null", "\"ab\"", 1);
    assert!(troubles(&short).contains(&"1 wrong_type chain.prev_hash".to_owned()));
}

/// Everything that is told of a text, by a reader that may have read others.
fn told(reader: &mut Reader<'_>, text: &str) -> String {
    let mut lines = Lines::default();
    let mut chunk = Chunk {
        text: text.as_bytes().to_vec(),
        first_line: 1,
        left_out: Vec::new(),
        broken_off: None,
    };
    lines.read(reader, &mut chunk, Reading::Lines, Leaves::Hashed);
    let mut told = format!("{:?} {:?}", lines.troubles, lines.leaks);
    lines
        .visit(0, |seen| {
            let event = seen.event.map(|event| {
                let reasons: Vec<_> = event.reasons().collect();
                let ids = [event.event_print, event.request_print];
                let texts = [
                    event.text,
                    event.event_id,
                    event.request_id,
                    event.agent_id,
                    event.tool_name,
                    event.environment,
                    event.timestamp,
                ];
                let decided = (event.recorded, event.effective, event.role, event.plugin);
                format!(
                    "{ids:?} {texts:?} {:?} {decided:?} {} {reasons:?}",
                    event.time, event.digest
                )
            });
            told += &format!("\n{:?} {:?} {event:?}", seen.chain, seen.leaf);
            Ok::<(), ()>(())
        })
        .expect("nothing fails");
    told
}

/// A log with and without a chain, with one and with two reasons, with and without a plugin.
fn forms() -> Vec<String> {
    let chained = log(&["a".to_owned(), "b".to_owned(), "c".to_owned()]);
    let chained = String::from_utf8(chained).expect("UTF-8");
    let mut forms: Vec<String> = chained.lines().map(str::to_owned).collect();
    forms.push(GOOD.to_owned());
    forms.push(GOOD.replace(",\"plugin_source\":\"p\"", ""));
    forms.push(GOOD.replace(
        "\"m\"}]",
        "\"m\"},{\"message\":\"n\",\"code\":\"APPROVED\"}]",
    ));
    forms.push(GOOD.replace("[{\"code\":\"R\",\"message\":\"m\"}]", "[]"));
    forms
}

proptest! {
    /// What is read by the form of another record is what is read by the grammar.
    #[test]
    fn a_known_form_changes_nothing(
        which in 0..7_usize,
        at in 0..400_usize,
        length in 0..3_usize,
        put in prop_oneof![
            Just(String::new()),
            "[\\PC\"\\\\{}\\[\\],:0-9a-f]{0,3}",
            Just("\\u0065".to_owned()),
            Just("\\ud800".to_owned()),
            Just("\t".to_owned()),
            Just("alice@example.com".to_owned()),
        ],
    ) {
        let classifier = Classifier::default();
        let hasher = LineHasher::default();
        let mut knowing = Reader::new(&classifier, 0, &hasher);
        for form in forms() {
            told(&mut knowing, &form);
        }
        let mut line = forms()[which].clone();
        let boundary = |mut at: usize| {
            at = at.min(line.len());
            while !line.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let (start, end) = (boundary(at), boundary(at + length));
        line.replace_range(start..end, &put);
        let text = format!("{line}\n{GOOD}\n");
        let mut fresh = Reader::new(&classifier, 0, &hasher);
        prop_assert_eq!(told(&mut knowing, &text), told(&mut fresh, &text));
    }
}

#[test]
fn records_of_a_known_form_are_not_read_by_their_grammar() {
    let classifier = Classifier::default();
    let mut reader = Reader::new(&classifier, 0, &LineHasher::default());
    let text: String = forms().iter().map(|form| format!("{form}\n")).collect();
    told(&mut reader, &text);
    for (number, form) in forms().iter().enumerate() {
        // The first of a chain names no record before it, which no other does.
        let is_known = line::is_of_a_known_form(&mut reader, form);
        assert_eq!(is_known, number != 0, "{form}");
    }
}
