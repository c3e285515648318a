//! The guardian from the outside: `simulate` with a pipeline that names one.

#![expect(clippy::indexing_slicing, reason = "a test that panics has failed")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

const POLICY: &str = r#"{"version": "1", "generated_at": "2026-01-01T00:00:00Z",
    "expires_at": "2027-01-01T00:00:00Z", "rules": [
      {"id": "NO_MAIL", "description": "no mail", "match": {"tool_name": "send_email", "environment": "*"}, "outcome": "DENY"},
      {"id": "PAY", "description": "payments", "match": {"tool_name": "trigger_payment", "environment": "*"},
       "outcome": "REQUIRE_APPROVAL", "approver_role": "cfo"}
    ], "defaults": {"outcome": "ALLOW"}}"#;

/// A call at so many milliseconds after ten o'clock on a Thursday in January.
fn call(number: usize, agent: &str, tool: &str, millis: u64, more: &Value) -> String {
    let (minute, second, milli) = (millis / 60_000, millis / 1000 % 60, millis % 1000);
    let mut call = json!({
        "request_id": format!("r{number}"),
        "timestamp": format!("2026-01-15T10:{minute:02}:{second:02}.{milli:03}Z"),
        "agent": {"agent_id": agent, "environment": "prod"},
        "action": {"type": "tool", "tool_name": tool, "tool_args": {}},
    });
    for (key, value) in more.as_object().into_iter().flatten() {
        call[key] = value.clone();
    }
    format!("{call}\n")
}

fn simulate(directory: &Path, arguments: &str) -> Vec<u8> {
    let output = Command::new(env!("CARGO_BIN_EXE_agent-spm"))
        .current_dir(directory)
        .env_clear()
        .args([
            "simulate",
            "--policy",
            "policy.json",
            "--pipeline",
            "pipeline.yaml",
        ])
        .args(["--format", "json"])
        .args(arguments.split_whitespace())
        .output()
        .expect("runs");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    output.stdout
}

fn report(directory: &Path, arguments: &str) -> Value {
    serde_json::from_slice(&simulate(directory, arguments)).expect("JSON")
}

fn world(guardian: &str, calls: &str) -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    let pipeline = format!("version: 1\nguardian: {guardian}\n");
    for (name, text) in [
        ("policy.json", POLICY),
        ("pipeline.yaml", &pipeline),
        ("calls.jsonl", calls),
    ] {
        fs::write(directory.path().join(name), text).expect("writes");
    }
    directory
}

/// 300 calls within three seconds, while another agent makes one now and then.
fn burst() -> String {
    (0..300)
        .map(|number: usize| {
            let millis = number as u64 * 10;
            let mut lines = call(number, "finance-bot", "read_file", millis, &json!({}));
            if number % 100 == 50 {
                lines += &call(number + 1000, "other", "read_file", millis, &json!({}));
            }
            lines
        })
        .collect()
}

#[test]
fn an_agent_that_runs_wild_is_stopped_from_the_next_call_on() {
    let directory = world("engineering", &burst());
    let report = report(directory.path(), "calls.jsonl --decisions d.jsonl");
    let incidents = report["incidents"].as_array().expect("a list");
    let kinds: Vec<&Value> = incidents.iter().map(|one| &one["type"]).collect();
    assert_eq!(kinds, ["frequency_spike", "auto_kill"]);
    let spike = &incidents[0];
    assert_eq!(spike["severity"], "critical");
    assert_eq!(
        [
            &spike["count"],
            &spike["allowed"],
            &spike["denied"],
            &spike["peak"]
        ],
        [300, 65, 235, 300]
    );
    assert_eq!(spike["start"]["timestamp"], "2026-01-15T10:00:00.000Z");
    assert_eq!(
        [&spike["start"]["line"], &spike["detected"]["line"]],
        [1, 62]
    );
    assert_eq!(spike["start"]["source"], "calls.jsonl");
    let kill = &incidents[1];
    assert_eq!(kill["severity"], "critical");
    assert_eq!(
        [
            &kill["count"],
            &kill["violations"],
            &kill["later_calls"],
            &kill["later_allowed"]
        ],
        [65, 5, 235, 0]
    );
    assert_eq!(
        report["incident_counts"],
        json!({"frequency_spike": 1, "auto_kill": 1})
    );
    assert_eq!(report["denials"]["plugin"], json!({"guardian": 235}));
    assert_eq!(report["denials"]["code"], json!({"AGENT_KILL_SWITCH": 235}));
    let decisions = fs::read_to_string(directory.path().join("d.jsonl")).expect("decisions");
    let first = decisions
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON"))
        .find(|decision| decision["plugin"] == "guardian")
        .expect("one");
    assert_eq!(first["request_id"], "r65");
    assert_eq!(
        first["reasons"][0]["message"],
        "the guardian stopped this agent after 5 violations"
    );
}

#[test]
fn a_guardian_that_stops_nobody_only_reports() {
    let watching = "{ blueprint: engineering, auto_kill_threshold: 0 }";
    let directory = world(watching, &burst());
    let report = report(directory.path(), "calls.jsonl");
    assert_eq!(report["incident_counts"], json!({"frequency_spike": 1}));
    assert_eq!(report["incidents"][0]["allowed"], 300);
    assert_eq!(report["denials"]["plugin"], json!({}));
}

#[test]
fn a_trace_and_a_baseline_know_the_guardian() {
    let directory = world("engineering", &burst());
    let traced = report(directory.path(), "calls.jsonl --trace r65");
    let text = traced["traces"][0].to_string();
    assert!(
        text.contains(r#"{"plugin":"guardian","said":"decided"}"#),
        "{text}"
    );
    // The baseline's guardian stops the agent too: an answer of no would fail here.
    let same = "calls.jsonl --baseline policy.json --fail-on changed";
    let same = report(directory.path(), same);
    assert_eq!(same["denials"]["plugin"], json!({"guardian": 235}));
    let failing = Command::new(env!("CARGO_BIN_EXE_agent-spm"))
        .current_dir(directory.path())
        .env_clear()
        .args("simulate --policy policy.json --pipeline pipeline.yaml calls.jsonl".split(' '))
        .args(["--fail-on", "incident"])
        .output()
        .expect("runs");
    assert_eq!(failing.status.code(), Some(1));
    let shown = String::from_utf8_lossy(&failing.stdout);
    assert!(
        shown.contains("300 requests, up to 300 in 60 s where 60 are"),
        "{shown}"
    );
}

#[test]
fn approvals_are_seen_when_they_are_given() {
    let approved = json!({"approval": {"approved": true, "latency_ms": 90_000}});
    let declined = json!({"approval": {"approved": false, "latency_ms": 10}});
    let calls = [
        // One payment that is approved late, while the agent goes on.
        call(0, "a", "trigger_payment", 0, &approved),
        call(1, "a", "read_file", 1000, &json!({})),
        call(2, "b", "trigger_payment", 2000, &approved),
        call(3, "b", "trigger_payment", 3000, &declined),
        call(4, "c", "query_customer_db", 4000, &json!({})),
        call(5, "c", "send_email", 5000, &json!({})),
        call(6, "d", "trigger_payment", 6000, &approved),
        call(7, "d", "trigger_payment", 7000, &approved),
    ];
    let directory = world("finance", &calls.concat());
    let report = report(directory.path(), "calls.jsonl");
    let incidents = report["incidents"].as_array().expect("a list");
    let found: Vec<String> = incidents
        .iter()
        .filter(|one| one["type"] == "suspicious_sequence")
        .map(|one| {
            let steps = one["steps"].as_array().expect("steps");
            let mut text = format!("{} {}", one["agent_id"], one["execution"]);
            for step in steps {
                write!(text, " {}", step["line"]).expect("a string");
            }
            text
        })
        .collect();
    assert_eq!(
        found,
        [
            r#""b" "attempted" 3 4"#,
            r#""c" "attempted" 5 6"#,
            r#""d" "executed" 7 8"#,
        ]
    );
}

#[test]
fn what_has_no_time_is_counted() {
    let timeless = json!({"timestamp": null});
    let calls: String = (0..100)
        .map(|number| {
            call(number, "a", "trigger_payment", 0, &timeless).replace(r#","timestamp":null"#, "")
        })
        .collect();
    let directory = world("finance", &calls);
    let report = report(directory.path(), "calls.jsonl");
    assert_eq!(report["coverage"]["decided"], 100);
    assert_eq!(report["coverage"]["notes"]["guardian_without_time"], 100);
    assert_eq!(report["incidents"], json!([]));
}

#[test]
fn strangers_are_not_blamed_for_each_other_and_let_through_only_where_nobody_is_stopped() {
    let anonymous = burst().replace("finance-bot", "");
    let directory = world("engineering", &anonymous);
    let stopping = report(directory.path(), "calls.jsonl");
    assert_eq!(
        stopping["coverage"]["not_replayable"],
        json!({"no_agent": 300})
    );
    assert_eq!(stopping["coverage"]["decided"], 3, "the other agent's");
    assert_eq!(stopping["incidents"], json!([]));
    let named = report(directory.path(), "calls.jsonl --agent-id finance-bot");
    assert_eq!(named["denials"]["plugin"], json!({"guardian": 235}));

    let watching = "{ blueprint: engineering, auto_kill_threshold: 0 }";
    let directory = world(watching, &anonymous);
    let watching = report(directory.path(), "calls.jsonl");
    assert_eq!(watching["coverage"]["decided"], 303);
    assert_eq!(watching["coverage"]["notes"]["guardian_without_agent"], 300);
    assert_eq!(watching["incidents"], json!([]));
}

/// Many agents and tools, in a fixed sequence that looks random.
fn varied() -> Vec<String> {
    (0..6000_u32)
        .map(|number| {
            let chance = number.wrapping_mul(2_654_435_761) >> 7;
            let agent = format!("agent-{}", chance % 5);
            let tools = [
                "read_file",
                "trigger_payment",
                "query_customer_db",
                "send_email",
            ];
            let tool = tools[(chance / 5 % 4) as usize];
            let approval =
                json!({"approval": {"approved": chance % 3 > 0, "latency_ms": chance % 4000}});
            let millis = u64::from(number) * 150 + u64::from(chance % 100);
            call(number as usize, &agent, tool, millis, &approval)
        })
        .collect()
}

#[test]
fn threads_files_and_logs_change_nothing() {
    let calls = varied();
    let watching = "{ blueprint: finance, auto_kill_threshold: 400 }";
    let directory = world(watching, &calls.concat());
    let one = simulate(directory.path(), "calls.jsonl --jobs 1");
    assert!(one == simulate(directory.path(), "calls.jsonl --jobs 2"));
    assert!(one == simulate(directory.path(), "calls.jsonl --jobs 8"));
    let incidents = |report: &Value| {
        let mut incidents = report["incidents"].as_array().expect("a list").clone();
        for incident in &mut incidents {
            for place in ["start", "detected", "end"] {
                incident[place]["source"].take();
                incident[place]["line"].take();
            }
            incident["steps"].take();
        }
        incidents
    };
    let whole: Value = serde_json::from_slice(&one).expect("JSON");
    let all = incidents(&whole);
    let counts = whole["incident_counts"].as_object().expect("an object");
    assert_eq!(counts.len(), 3, "the recording is varied: {counts:?}");
    let logged = report(directory.path(), "calls.jsonl --audit-log log.jsonl");
    assert_eq!(incidents(&logged), all, "the ids are those of the log");
    let log = fs::read_to_string(directory.path().join("log.jsonl")).expect("a log");
    let start = &all[0]["start"]["event_id"];
    assert!(log.contains(&format!(r#""event_id":{start}"#)), "{start}");
    let (first, second) = calls.split_at(2345);
    for (name, calls) in [("part-1.jsonl", first), ("part-2.jsonl", second)] {
        fs::write(directory.path().join(name), calls.concat()).expect("writes");
    }
    let parts = report(directory.path(), "part-1.jsonl part-2.jsonl");
    assert_eq!(incidents(&parts), all);
}
