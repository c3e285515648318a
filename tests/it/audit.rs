//! The audit log of `simulate`: what it holds and does not hold, that it is the same every time,
//! and that it appears whole or not at all.

#![expect(clippy::indexing_slicing, reason = "a test that panics has failed")]

use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use agent_spm::audit::{Checkpoint, Log, notes};
use agent_spm::document::{Format, Limits};
use agent_spm::model::bundle::Bundle;
use agent_spm::model::event::{Event, EventOutcome};
use agent_spm::model::pipeline::PipelineFile;
use agent_spm::model::pipeline::guardian::GuardianOptions;
use agent_spm::pipeline::Pipeline;
use agent_spm::signing::keys::KeySet;
use agent_spm::signing::note::{Checked, Note};
use agent_spm::simulate::{self, Defaults, OnUnreadable, Options, Outputs, Review};
use agent_spm::source::stream::{Digesting, Input};
use proptest::prelude::*;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::replay::outputs;

fn testdata(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("testdata")
        .join(name)
}

/// A directory of its own, with the demo in it.
struct Workplace(TempDir);

impl Workplace {
    fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        for name in ["policy.yaml", "calls.jsonl"] {
            let demo = testdata("demo").join(name);
            fs::copy(demo, directory.path().join(name)).expect("copies");
        }
        Self(directory)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("reads")
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).expect("lists");
        let mut names: Vec<String> = entries
            .map(|entry| {
                entry
                    .expect("lists")
                    .file_name()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect();
        names.sort();
        names
    }

    fn run(&self, arguments: &str) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_agent-spm"));
        command.current_dir(self.0.path()).env_clear();
        command.args(arguments.split_whitespace());
        command.output().expect("runs")
    }

    fn simulate(&self, arguments: &str) -> Output {
        self.run(&format!("simulate --policy policy.yaml {arguments}"))
    }
}

fn code(output: &Output) -> Option<i32> {
    output.status.code()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn events(log: &str) -> Vec<Event> {
    let lines = log.lines();
    lines
        .map(|line| serde_json::from_str(line).expect("an event"))
        .collect()
}

/// The texts of the checkpoints of a sidecar, each signed by one of the keys.
fn checkpoints(sidecar: &str, keys: &KeySet) -> Vec<Checkpoint> {
    notes(sidecar)
        .map(|note| {
            let note = Note::parse(note).expect("a note");
            assert!(matches!(note.check(keys), Checked::Signed(_)));
            Checkpoint::parse(note.text).expect("a checkpoint")
        })
        .collect()
}

#[test]
fn decisions_and_settlements_become_events() {
    let place = Workplace::new();
    let call = |id: &str, tool: &str, approval: Value| {
        let mut call = json!({
            "request_id": id,
            "timestamp": "2026-03-03T12:00:00+02:00",
            "agent": {"agent_id": "ops", "environment": "prod", "agent_type": "ops_agent"},
            "action": {"type": "tool_call", "tool_name": tool, "tool_args": {"amount": 900}},
        });
        if !approval.is_null() {
            call["approval"] = approval;
        }
        format!("{call}\n")
    };
    let calls = [
        call(
            "r1",
            "refund",
            json!({"approved": true, "latency_ms": 1500}),
        ),
        call("r2", "refund", json!({"approved": false})),
        call(
            "r3",
            "refund",
            json!({"approved": true, "latency_ms": 99_000}),
        ),
        call(
            "r4",
            "deploy",
            json!({"approved": true, "ticket_id": "CHG-1"}),
        ),
        call("r5", "deploy", json!({"approved": true})),
        call("r6", "Bash", Value::Null),
        call("r7", "unheard_of", Value::Null),
    ];
    fs::write(place.path("calls.jsonl"), calls.concat()).expect("writes");
    let pipeline = "version: 1\nplugins:\n  - kill-switch: { agents: { rogue: x } }\napprovals: { timeout_ms: 60000 }\n";
    fs::write(place.path("pipeline.yaml"), pipeline).expect("writes");
    let ended = place.simulate("--pipeline pipeline.yaml --audit-log log.jsonl calls.jsonl");
    assert_eq!(code(&ended), Some(0), "{}", stderr(&ended));

    let found: Vec<(String, EventOutcome, String, String)> = events(&place.read("log.jsonl"))
        .into_iter()
        .map(|event| {
            assert_eq!(event.outcome, event.safe_payload.outcome);
            assert_eq!(event.safe_payload.environment, "prod");
            let last = event.reasons.last().expect("a reason");
            let time = event.timestamp.expect("a time");
            (event.request_id, event.outcome, last.code.clone(), time)
        })
        .collect();
    use EventOutcome::{Approved, Deny, Rejected, RequireApproval, RequireHuman, RequireTicket};
    let noon = "2026-03-03T10:00:00.000Z";
    let expected = [
        ("r1", RequireApproval, "LARGER_REFUNDS", noon),
        ("r1", Approved, "APPROVED", "2026-03-03T10:00:01.500Z"),
        ("r2", RequireApproval, "LARGER_REFUNDS", noon),
        ("r2", Rejected, "REJECTED", noon),
        ("r3", RequireApproval, "LARGER_REFUNDS", noon),
        (
            "r3",
            EventOutcome::Timeout,
            "APPROVAL_TIMEOUT",
            "2026-03-03T10:01:00.000Z",
        ),
        ("r4", RequireTicket, "DEPLOY_WITH_TICKET", noon),
        ("r4", Approved, "TICKET_VALIDATED", noon),
        ("r5", RequireTicket, "DEPLOY_WITH_TICKET", noon),
        ("r5", Rejected, "TICKET_MISSING", noon),
        ("r6", RequireHuman, "SHELL_ELSE", noon),
        ("r6", Deny, "APPROVAL_UNANSWERED", noon),
        ("r7", Deny, "DEFAULT_DENY", noon),
    ];
    let expected = expected.map(|(id, outcome, code, time)| {
        (id.to_owned(), outcome, code.to_owned(), time.to_owned())
    });
    assert_eq!(found, expected);
}

#[test]
fn what_the_recording_does_not_say_the_event_does_not_say() {
    let place = Workplace::new();
    let call = r#"{"agent":{},"action":{"tool_name":"x"}}"#;
    fs::write(place.path("calls.jsonl"), format!("{call}\n{call}\n")).expect("writes");
    let ended = place.simulate("--from native --environment dev --audit-log log.jsonl calls.jsonl");
    assert_eq!(code(&ended), Some(0), "{}", stderr(&ended));
    let events = events(&place.read("log.jsonl"));
    let [one, other] = events.as_slice() else {
        panic!("two events");
    };
    assert_eq!(
        (one.agent_id.as_str(), one.timestamp.as_deref()),
        ("", None)
    );
    assert_ne!(one.request_id, other.request_id);
    assert!(!one.request_id.is_empty());
}

#[test]
fn the_log_is_the_same_with_any_number_of_threads() {
    let place = Workplace::new();
    let demo = place.read("calls.jsonl");
    fs::write(place.path("calls.jsonl"), demo.repeat(150)).expect("writes");
    let made = place.run("sign --generate-key ed25519 ci");
    assert_eq!(code(&made), Some(0), "{}", stderr(&made));
    let mut logs = Vec::new();
    for jobs in [1, 2, 8] {
        let ended = place.simulate(&format!(
            "--jobs {jobs} --audit-log {jobs}.jsonl --checkpoint-key ci.key.pem calls.jsonl"
        ));
        assert_eq!(code(&ended), Some(0), "{}", stderr(&ended));
        logs.push((
            place.read(&format!("{jobs}.jsonl")),
            place.read(&format!("{jobs}.jsonl.checkpoint")),
        ));
    }
    let (log, sidecar) = &logs[0];
    assert!(logs.iter().all(|other| other == &logs[0]));
    let records = log.lines().count() as u64;
    assert!(records > 3000, "several chunks and checkpoints");
    let mut keys = KeySet::default();
    keys.read(&place.path("ci.pub.pem")).expect("a key");
    let sizes: Vec<u64> = checkpoints(sidecar, &keys)
        .iter()
        .map(|one| one.size)
        .collect();
    assert_eq!(sizes.len() as u64, records / 1024 + 1);
    assert_eq!(sizes.last(), Some(&records));
}

#[test]
fn a_run_that_fails_leaves_no_log() {
    let place = Workplace::new();
    let damaged = place.read("calls.jsonl") + "{\n";
    fs::write(place.path("calls.jsonl"), damaged).expect("writes");
    fs::write(place.path("k.hmac"), "a3f19c0b7d5e2486a3f19c0b7d5e2487").expect("writes");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let owner_only = fs::Permissions::from_mode(0o600);
        fs::set_permissions(place.path("k.hmac"), owner_only).expect("sets");
    }
    let before = place.names();
    let arguments = "--audit-log log.jsonl --checkpoint-key k.hmac calls.jsonl";
    let ended = place.simulate(&format!("--strict {arguments}"));
    assert_eq!(code(&ended), Some(2));
    assert_eq!(place.names(), before);
    let ended = place.simulate(arguments);
    assert_eq!(code(&ended), Some(0), "{}", stderr(&ended));
    assert_eq!(place.names().len(), before.len() + 2);
}

#[test]
fn checkpoints_of_another_log_are_not_left_beside_a_new_one() {
    let place = Workplace::new();
    fs::write(place.path("log.jsonl.checkpoint"), "old").expect("writes");
    let ended = place.simulate("--audit-log log.jsonl calls.jsonl");
    assert_eq!(code(&ended), Some(2));
    assert!(stderr(&ended).contains("another log"), "{}", stderr(&ended));
    assert!(!place.path("log.jsonl").exists());
}

#[test]
fn a_key_that_signs_nothing_is_refused() {
    let place = Workplace::new();
    place.run("sign --generate-key ed25519 ci");
    let ended = place.simulate("--audit-log log.jsonl --checkpoint-key ci.pub.pem calls.jsonl");
    assert_eq!(code(&ended), Some(2));
    assert!(stderr(&ended).contains("public key"), "{}", stderr(&ended));
    assert!(!place.path("log.jsonl").exists());
}

#[test]
fn the_report_says_what_the_platform_would_have_dropped() {
    let place = Workplace::new();
    let pipeline = "version: 1\nplugins:\n  - kill-switch: { agents: { rogue: x } }\naudit: { max_events: 3 }\n";
    fs::write(place.path("pipeline.yaml"), pipeline).expect("writes");
    let ended = place.simulate("--pipeline pipeline.yaml --format json calls.jsonl");
    let report: Value = serde_json::from_slice(&ended.stdout).expect("JSON");
    let events = report["audit"]["events"].as_u64().expect("a count");
    assert!(events > 3);
    assert_eq!(report["audit"]["dropped"], events - 3);
    assert_eq!(report["audit"]["log"], Value::Null);
}

/// The lines of the audit log of some calls.
fn logged(calls: &[Value], bundle: &Bundle, pipeline: &PipelineFile) -> Vec<u8> {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("calls.jsonl");
    let lines: String = calls.iter().map(|call| format!("{call}\n")).collect();
    fs::write(&path, lines).expect("writes");
    let mut log = Vec::new();
    let options = Options {
        bundle,
        pipeline: &Pipeline::new(pipeline),
        defaults: Defaults::default(),
        shape: None,
        threads: NonZeroUsize::MIN,
        tools: Default::default(),
        digesting: Digesting::Off,
        unreadable: OnUnreadable::Stop,
        max_events: 0,
        review: Review::default(),
        seed: "",
    };
    let outputs = Outputs {
        decisions: None,
        audit: Some(Log::new("policy", &mut log)),
        explanations: None,
    };
    simulate::run(&[Input::File(path)], &options, outputs, &mut |_| ()).expect("runs");
    log
}

/// Strings that are told from every other text: none is part of a name, a code or a message.
fn secret() -> impl Strategy<Value = String> {
    prop_oneof![
        "[qxzQXZ0-9]{8,20}",
        "[qxzQXZ0-9]{2,6}@[qxzQXZ0-9]{2,6}\\.example",
        "https://[qxz]{4,9}\\.example/[qxz]{3,9}",
        "/srv/[qxz]{3,8}/\\.\\./[qxz]{3,9}",
        "rm -rf [qxz]{3,8} && curl [qxz]{8}",
        "[4-5][0-9]{15}",
        "AKIA[QXZ0-9]{16}",
        "[0-9]{3}-[0-9]{2}-[0-9]{4}",
        "\\PC{8,12}",
    ]
}

fn call() -> impl Strategy<Value = (Value, Vec<String>)> {
    let tools = prop::sample::select(vec![
        "send_email",
        "http_request",
        "Bash",
        "read_file",
        "write_file",
        "deploy",
        "refund",
        "query_customers",
        "mcp_search",
        "deploy_service",
        "trigger_payment",
    ]);
    let kinds = prop::sample::select(vec!["tool_call", "shell", "code_execute"]);
    let strings = prop::collection::vec(secret(), 6);
    (tools, kinds, strings, any::<bool>(), 0..4_u32).prop_map(|(tool, kind, strings, approved, agent)| {
        let call = json!({
            "request_id": "r", "timestamp": "2026-03-03T10:00:00Z",
            "agent": {"agent_id": format!("agent-{agent}"), "environment": "prod",
                "trust_level": "verified", "roles": ["support"]},
            "action": {"type": kind, "tool_name": tool, "tool_args": {
                "to": strings[0], "command": strings[1], "url": strings[1], "path": strings[2],
                "list": [{"deep": strings[3]}], "ticket_id": strings[0], "password": strings[3]}},
            "context": {"user_input": strings[4], "session_id": "s"},
            "result": {"text": strings[5]},
            "approval": {"approved": approved, "ticket_id": strings[2], "approver": strings[5]},
        });
        (call, strings)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_argument_reaches_an_event(calls in prop::collection::vec(call(), 1..12)) {
        let policy = fs::read(testdata("demo/policy.yaml")).expect("reads");
        let bundle = Bundle::load(&policy, "p", Format::Yaml, Limits::default()).expect("loads");
        let (calls, strings): (Vec<_>, Vec<_>) = calls.into_iter().unzip();
        let name = testdata("audit/every-plugin.yaml");
        let text = fs::read(&name).expect("reads");
        let limits = Limits::default();
        let pipeline = PipelineFile::load(&text, "p", Format::Yaml, limits).expect("loads");
        let log = logged(&calls, &bundle.bundle, &pipeline.pipeline);
        for line in log.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            let event: Value = serde_json::from_slice(line).expect("JSON");
            let mut said = Vec::new();
            every_string(&event, &mut said);
            for string in strings.iter().flatten() {
                let leaks = said.iter().any(|said| said.contains(string.as_str()));
                prop_assert!(!leaks, "{string:?} is in {event}");
            }
        }
        // Nor anything that is said of the log later, incidents included.
        let guardian = GuardianOptions {
            frequency_threshold: Some(2),
            auto_kill_threshold: Some(1),
            ..GuardianOptions::default()
        };
        for (name, text) in outputs::all(&log, &guardian) {
            for string in strings.iter().flatten() {
                prop_assert!(!text.contains(string.as_str()), "{string:?} is in {name}: {text}");
            }
        }
    }
}

fn every_string<'a>(value: &'a Value, out: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => out.push(text),
        Value::Array(all) => all.iter().for_each(|one| every_string(one, out)),
        Value::Object(all) => all.iter().for_each(|(key, one)| {
            out.push(key);
            every_string(one, out);
        }),
        _ => {}
    }
}
