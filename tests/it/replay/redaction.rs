//! What is sensitive in a log is found in every text of an event, and is in no output.

use agent_spm::model::pipeline::guardian::{Blueprint, GuardianOptions};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::outputs;
use super::world::{World, event, lines, testdata};

/// Values that no output may hold, each with what finds it.
const VALUES: [(&str, &str); 5] = [
    ("4111 1111 1111 1111", "card"),
    ("ghp_0123456789abcdefghijABCDEFGHIJ012345", "github-token"),
    ("AKIAIOSFODNN7EXAMPLE", "aws-key"),
    ("123-45-6789", "ssn"),
    ("grace.hopper@navy.example", "email"),
];

/// An event with a value in one of its members.
fn exposing(number: u32, member: &str, value: &str) -> Value {
    let mut event = event(number, &format!("r{number}"), "DENY", "R");
    match member {
        "reasons[0].message" => event["reasons"][0]["message"] = json!(format!("to {value} now")),
        "reasons[0].code" => event["reasons"][0]["code"] = json!(value),
        "safe_payload.environment" => event["safe_payload"]["environment"] = json!(value),
        "safe_payload.args.to[1]" => event["safe_payload"]["args"] = json!({"to": ["x", value]}),
        "agent_id" | "tool_name" => {
            event[member] = json!(value);
            event["safe_payload"][member] = json!(value);
        }
        "note" => event["note"] = json!(value),
        _ => event[member] = json!(value),
    }
    event
}

#[test]
fn every_text_of_an_event_is_looked_at_and_no_output_holds_what_is_found() {
    let world = World::new();
    let policy = std::fs::read_to_string(testdata("demo/policy.yaml")).expect("reads");
    world.write("policy.yaml", policy);
    let members = [
        "reasons[0].message",
        "reasons[0].code",
        "safe_payload.environment",
        "safe_payload.args.to[1]",
        "agent_id",
        "tool_name",
        "plugin_source",
        "timestamp",
        "note",
    ];
    let mut events = Vec::new();
    let mut expected = Vec::new();
    for (member, (value, detector)) in members
        .iter()
        .flat_map(|member| VALUES.iter().map(move |value| (member, value)))
    {
        let number = u32::try_from(events.len()).expect("few") + 1;
        events.push(exposing(number, member, value));
        // Who somebody is may be an address.
        if (*member, *detector) != ("agent_id", "email") {
            expected.push(format!("{number} {member} {detector}"));
        }
    }
    world.write("log.jsonl", lines(&events));
    let arguments = "--guardian finance --policy policy.yaml --show 1000 --max-gap 9999d log.jsonl";
    let ended = world.replay(arguments);
    let found: Vec<String> = ended.report["redaction"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|one| one["class"] != "ARGUMENTS")
        .map(|one| {
            let text = |member: &str| one[member].as_str().unwrap_or_default();
            format!("{} {} {}", one["line"], text("path"), text("detector"))
        })
        .collect();
    assert_eq!(found, expected);
    // Arguments should not be there at all.
    assert_eq!(ended.report["redaction_counts"]["unexpected-member"], 5);
    assert_eq!(ended.report["integrity"]["counts"]["unexpected_member"], 5);

    let human = world.run(&format!(
        "audit-replay --at 2026-06-01T00:00:00Z {arguments}"
    ));
    let pivots = world.replay(&format!("--pivots pivots.txt {arguments}"));
    let mut outputs = vec![
        ended.report.to_string(),
        String::from_utf8(human.stdout).expect("UTF-8"),
        pivots.stderr + &world.read("pivots.txt"),
    ];
    let guardian = finance();
    let all = outputs::all(lines(&events).as_bytes(), &guardian);
    outputs.extend(
        all.into_iter()
            .map(|(name, text)| format!("{name}: {text}")),
    );
    for output in &outputs {
        for (value, detector) in VALUES {
            let is_address = detector == "email";
            let digest = agent_spm::digest::sha256_hex(value.as_bytes());
            assert!(
                is_address || !output.contains(value),
                "{detector} in {output}"
            );
            assert!(
                !output.contains(&digest[..16]),
                "a hash of {detector} in {output}"
            );
        }
    }
    // An address that says who somebody is stays; the others are masked.
    assert!(outputs[0].contains(VALUES[4].0));
    let others: Vec<Value> = events
        .iter()
        .filter(|event| event["agent_id"] == "a")
        .cloned()
        .collect();
    world.write("log.jsonl", lines(&others));
    assert!(
        !world
            .replay(arguments)
            .report
            .to_string()
            .contains(VALUES[4].0)
    );
}

fn finance() -> GuardianOptions {
    GuardianOptions {
        blueprint: Some(Blueprint::Finance),
        frequency_threshold: Some(1),
        auto_kill_threshold: Some(1),
        ..GuardianOptions::default()
    }
}

/// A value of an argument, which is part of nothing else that is said, however it is escaped.
fn argument() -> impl Strategy<Value = String> {
    prop_oneof![
        "[qxzQXZ]{8,20}",
        "[qxz]{4,8} [QXZ]{4,8}",
        "[qxz]{3,6}@[qxz]{3,6}\\.example",
        "https://[qxz]{4,9}\\.example",
        "<[qxz]{9}>",
        "[qxz]{8}\n[QXZ]{8}",
        "4[0-9]{15}",
    ]
}

/// A member where somebody put arguments, deep or not.
fn exposed() -> impl Strategy<Value = (&'static str, bool)> {
    let members = ["args", "tool_args", "user_input", "result", "to"];
    (prop::sample::select(members.to_vec()), any::<bool>())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Arguments that should not be in a log at all go no further, whatever they are.
    #[test]
    fn no_output_holds_an_argument_that_an_event_holds(
        arguments in prop::collection::vec((argument(), exposed(), 0..4_usize), 1..8),
    ) {
        let number = |index: usize| u32::try_from(index).expect("few") + 1;
        let mut events = Vec::new();
        for (index, (text, (member, is_deep), place)) in arguments.iter().enumerate() {
            let number = number(index);
            let mut event = event(number, &format!("r{number}"), "ALLOW", "R");
            let value = if *is_deep { json!({"list": [{"deep": text}]}) } else { json!(text) };
            match place {
                0 => event[*member] = value,
                1 => event["safe_payload"][*member] = value,
                2 => event["reasons"][0][*member] = value,
                _ => event["reasons"] = value,
            }
            events.push(event);
        }
        for (name, output) in outputs::all(lines(&events).as_bytes(), &finance()) {
            for piece in arguments.iter().flat_map(|(text, _, _)| text.split(['\n', '<', '>'])) {
                let held = piece.len() > 4 && output.contains(piece);
                prop_assert!(!held, "{piece:?} is in {name}: {output}");
            }
        }
    }
}

#[test]
fn what_only_looks_like_something_is_let_be() {
    let world = World::new();
    let mut clean = event(1, "1768473000", "DENY", "R");
    clean["reasons"][0]["message"] = json!("see JIRA-1234567890, limit 60/61 at 1768473000");
    clean["agent_id"] = json!("ada@example.com");
    clean["safe_payload"]["agent_id"] = json!("ada@example.com");
    world.write("log.jsonl", lines(&[clean.clone()]));
    let ended = world.replay("--fail-on leak log.jsonl");
    assert_eq!(ended.report["redaction"], json!([]));
    assert_eq!(ended.code, Some(0));
    clean["reasons"][0]["message"] = json!("blocked: ada@example.com");
    world.write("log.jsonl", lines(&[clean]));
    let ended = world.replay("--fail-on leak log.jsonl");
    assert_eq!(ended.code, Some(1));
    assert_eq!(ended.report["redaction"][0]["shown"], "a***@***");
}
