//! The pipeline from the outside: `simulate --pipeline` on small recordings, and what is said of
//! pipeline files and registries that are wrong.
//!
//! `UPDATE=1 cargo test --test pipeline` rewrites the table of problems; read the difference.

#![expect(clippy::indexing_slicing, reason = "a test that panics has failed")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use agent_spm::document::{Format, Limits, LoadError};
use agent_spm::guardian::{Detail, Execution, Findings, incident_id};
use agent_spm::import::native;
use agent_spm::json::Scanner;
use agent_spm::model::bundle::Bundle;
use agent_spm::model::decision::Outcome;
use agent_spm::model::pipeline::registry::Registry;
use agent_spm::model::pipeline::supply_chain_guard::Provenance;
use agent_spm::model::request::Request;
use agent_spm::pipeline::{
    self, Engine, EventMark, Facts, OnFailure, Pipeline, Plugin, Ruling, Run, Standing, Step,
};
use serde_json::{Value, json};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/pipeline")
}

fn simulate(directory: &Path, arguments: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_agent-spm"))
        .current_dir(directory)
        .env_clear()
        .arg("simulate")
        .args(arguments.split_whitespace())
        .output()
        .expect("runs")
}

/// The decisions of a run, one a line: request, outcome, allowed, code, plugin.
fn decisions(arguments: &str) -> (String, String) {
    let directory = tempfile::tempdir().expect("a directory");
    for file in fs::read_dir(fixtures().join("valid")).expect("fixtures") {
        let file = file.expect("a fixture");
        fs::copy(file.path(), directory.path().join(file.file_name())).expect("copies");
    }
    let output = simulate(
        directory.path(),
        &format!("--policy policy.yaml calls.jsonl --decisions d.jsonl --format json {arguments}"),
    );
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    let text = fs::read_to_string(directory.path().join("d.jsonl")).expect("decisions");
    let mut table = String::new();
    for line in text.lines() {
        let line: Value = serde_json::from_str(line).expect("JSON");
        let allowed = if line["allowed"] == true { "yes" } else { "no" };
        let word = |key: &str| line[key].as_str().unwrap_or("-").to_owned();
        let [request, outcome, code, plugin] =
            ["request_id", "outcome", "code", "plugin"].map(word);
        writeln!(table, "{request} {outcome} {allowed} {code} {plugin}").expect("a string");
    }
    (table, String::from_utf8(output.stdout).expect("UTF-8"))
}

#[test]
fn every_plugin_decides_its_calls() {
    let (table, report) = decisions("--pipeline pipeline.yaml");
    let expected = "\
killed DENY no AGENT_KILL_SWITCH kill-switch
claims-system DENY no DEFAULT_DENY -
unknown DENY no AGENT_UNREGISTERED identity-enforcer
revoked DENY no AGENT_REVOKED identity-enforcer
reads ALLOW yes READ -
too-fast DENY no RATE_LIMIT_AGENT rate-limiter
window-over ALLOW yes READ -
delegated DENY no DELEGATION_DEPTH_EXCEEDED identity-enforcer
approved REQUIRE_APPROVAL yes PAY -
second-payment DENY no SESSION_LIMIT_EXCEEDED session-context
late REQUIRE_APPROVAL no PAY -
unanswered REQUIRE_APPROVAL no PAY -
no-time-needed DENY no AGENT_KILL_SWITCH kill-switch
back-in-time ALLOW yes READ -
";
    assert_eq!(table, expected);
    let report: Value = serde_json::from_str(&report).expect("JSON");
    let coverage = &report["coverage"];
    assert_eq!(coverage["calls_read"], 15);
    assert_eq!(coverage["decided"], 14);
    assert_eq!(
        coverage["not_replayable"],
        serde_json::json!({"no_timestamp": 1})
    );
    assert_eq!(coverage["notes"]["time_going_backwards"], 1);
    assert_eq!(
        report["denials"]["plugin"],
        serde_json::json!({
            "identity-enforcer": 3, "kill-switch": 2, "rate-limiter": 1, "session-context": 1
        })
    );
    assert_eq!(report["denials"]["code"]["AGENT_KILL_SWITCH"], 2);
    assert_eq!(report["outcomes"]["DENY"], 8);
}

#[test]
fn denials_name_who_answers_for_the_agent() {
    let (_, report) = decisions("--pipeline pipeline.yaml");
    let report: Value = serde_json::from_str(&report).expect("JSON");
    let owners = &report["denials"]["owner"];
    assert_eq!(owners["clerk"], "finance@acme.example", "registered");
    assert_eq!(owners["lead"], "platform@acme.example", "by default");
    assert_eq!(
        owners["stranger"], "platform@acme.example",
        "not registered"
    );
    let (_, report) = decisions("");
    let report: Value = serde_json::from_str(&report).expect("JSON");
    assert_eq!(report["denials"]["owner"], Value::Null, "nobody is named");
}

#[test]
fn without_a_pipeline_the_rules_decide_and_recorded_answers_settle() {
    let (table, _) = decisions("--environment prod");
    assert!(
        table.contains("claims-system ALLOW yes SYSTEM_ONLY -\n"),
        "{table}"
    );
    assert!(table.contains("killed DENY no DEFAULT_DENY -\n"), "{table}");
    assert!(!table.contains("kill-switch"), "{table}");
}

#[test]
fn a_plugin_that_fails_denies_unless_it_fails_open() {
    let (table, _) = decisions("--pipeline pipeline.yaml --fail-plugin rate-limiter");
    assert!(
        table.contains("reads DENY no PLUGIN_ERROR rate-limiter\n"),
        "{table}"
    );
    assert!(
        table.contains("killed DENY no AGENT_KILL_SWITCH kill-switch\n"),
        "{table}"
    );
    let directory = tempfile::tempdir().expect("a directory");
    for name in ["policy.yaml", "calls.jsonl"] {
        fs::copy(
            fixtures().join("valid").join(name),
            directory.path().join(name),
        )
        .expect("copies");
    }
    let pipeline = "version: 1\nplugins:\n  - kill-switch: { global: true, fail_open: true }\n";
    fs::write(directory.path().join("open.yaml"), pipeline).expect("writes");
    let run = |more: &str| {
        let arguments = "--policy policy.yaml --pipeline open.yaml --environment prod calls.jsonl";
        let output = simulate(
            directory.path(),
            &format!("{arguments} --format json {more}"),
        );
        let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        report["denials"]["plugin"].clone()
    };
    assert_eq!(run(""), serde_json::json!({"kill-switch": 15}));
    assert_eq!(run("--fail-plugin kill-switch"), serde_json::json!({}));
    let output = simulate(
        directory.path(),
        "--policy policy.yaml calls.jsonl --fail-plugin nobody",
    );
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let directory = tempfile::tempdir().expect("a directory");
    for name in ["policy.yaml", "agents.yaml"] {
        fs::copy(
            fixtures().join("valid").join(name),
            directory.path().join(name),
        )
        .expect("copies");
    }
    let pipeline = "version: 1
plugins:
  - identity-enforcer: { registry: agents.yaml, contextual_trust: true, minimum_trust_level: basic }
  - rate-limiter: { max_per_minute: 40, max_per_minute_per_tool: 15 }
  - session-context: { limits: { pay: { max_per_session: 3 } }, session_ttl_ms: 60000 }
";
    fs::write(directory.path().join("pipeline.yaml"), pipeline).expect("writes");
    let mut calls = String::new();
    for number in 0..20_000_u32 {
        // A fixed sequence that looks random enough to mix agents, tools and sessions.
        let chance = number.wrapping_mul(2_654_435_761) >> 7;
        let agent = ["clerk", "lead", "old", "new"][(chance % 4) as usize];
        let tool = ["read", "pay", "delete"][(chance / 4 % 3) as usize];
        let (minute, second) = (number / 600, number / 10 % 60);
        writeln!(
            calls,
            r#"{{"request_id":"r{number}","timestamp":"2026-01-15T10:{minute:02}:{second:02}Z","agent":{{"agent_id":"{agent}","attestation":"yes"}},"action":{{"tool_name":"{tool}","tool_args":{{"text":"{}"}}}},"context":{{"session_id":"s{}"}}}}"#,
            "lorem ipsum ".repeat(8),
            chance / 12 % 50,
        )
        .expect("a string");
    }
    fs::write(directory.path().join("calls.jsonl"), calls).expect("writes");
    let run = |jobs: u32| {
        let arguments = "--policy policy.yaml --pipeline pipeline.yaml calls.jsonl --format json";
        let output = simulate(
            directory.path(),
            &format!("{arguments} --decisions d{jobs}.jsonl --jobs {jobs}"),
        );
        assert_eq!(output.status.code(), Some(0));
        let decisions = fs::read(directory.path().join(format!("d{jobs}.jsonl")));
        (output.stdout, decisions.expect("decisions"))
    };
    let one = run(1);
    let report: Value = serde_json::from_slice(&one.0).expect("JSON");
    let codes = report["denials"]["code"].as_object().expect("an object");
    assert!(codes.len() >= 6, "the recording is varied: {codes:?}");
    assert!(one == run(2), "2 threads");
    assert!(one == run(8), "8 threads");
}

fn lines(error: &LoadError) -> String {
    let mut table = String::new();
    for problem in &error.problems {
        let source = error.source.as_ref().expect("a text");
        let position = source.position(problem.span.start);
        let (line, column) = (position.line, position.column);
        let route = problem.route.as_str();
        writeln!(table, "  {line}:{column} {} {route}", problem.code).expect("a string");
        writeln!(table, "    {}", problem.message).expect("a string");
    }
    table
}

/// What is wrong with a fixture, read as what its name says it is.
fn problems(name: &str) -> LoadError {
    let bytes = fs::read(fixtures().join("broken").join(name)).expect("a fixture");
    let limits = Limits::default();
    let format = Format::of(name, &bytes);
    let loaded = match name {
        "registry.yaml" => Registry::load(&bytes, name, format, limits).map(drop),
        "tools.yaml" => Provenance::load(&bytes, name, format, limits).map(drop),
        _ => pipeline::load(&bytes, name, format, limits).map(drop),
    };
    loaded.expect_err("is broken")
}

#[test]
fn broken_files_have_exactly_the_problems_listed() {
    let files = fs::read_dir(fixtures().join("broken")).expect("fixtures");
    let names = files.map(|file| file.expect("a fixture").file_name());
    let mut names: Vec<String> = names.map(|name| name.to_string_lossy().into()).collect();
    names.sort();
    let tables = names
        .iter()
        .map(|name| format!("{name}\n{}", lines(&problems(name))));
    let table: String = tables.collect();
    let path = fixtures().join("expected.txt");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &table).expect("writes");
    }
    assert_eq!(table, fs::read_to_string(path).expect("a table"));
}

/// A policy that has people asked before secrets are read and payments are made.
fn asking() -> Bundle {
    let policy = br#"{"version": "1", "generated_at": "2026-01-01T00:00:00Z",
        "expires_at": "2027-01-01T00:00:00Z", "rules": [
          {"id": "ASK", "description": "ask", "match": {"tool_name": "ask_*", "environment": "*"},
           "outcome": "REQUIRE_APPROVAL", "approver_role": "lead"},
          {"id": "NO", "description": "no", "match": {"tool_name": "no_*", "environment": "*"},
           "outcome": "DENY"}
        ], "defaults": {"outcome": "ALLOW"}}"#;
    let loaded = Bundle::load(policy, "policy", Format::Json, Limits::default());
    loaded.expect("a policy").bundle
}

fn pipeline_of(file: &str) -> Pipeline {
    let loaded = pipeline::load(file.as_bytes(), "p", Format::Yaml, Limits::default());
    Pipeline::new(&loaded.expect("a pipeline").pipeline)
}

fn request(call: &Value) -> Request {
    let mut request = Request::default();
    let line = call.to_string();
    native::read(&mut Scanner::new(line.as_bytes()), &mut request).expect("a call");
    request
}

/// A call of agent `a` so many seconds after ten o'clock.
fn made(tool: &str, second: u64, more: Value) -> Value {
    let mut call = json!({
        "timestamp": format!("2026-01-15T10:{:02}:{:02}Z", second / 60, second % 60),
        "agent": {"agent_id": "a"},
        "action": {"tool_name": tool},
    });
    for (key, value) in more.as_object().into_iter().flatten() {
        call[key] = value.clone();
    }
    call
}

fn approved_after(millis: u64) -> Value {
    json!({"approval": {"approved": true, "latency_ms": millis}})
}

/// What a guardian finds in calls that are decided one by one.
fn watched(guardian: &str, calls: &[Value]) -> Findings<EventMark> {
    let bundle = asking();
    let pipeline = pipeline_of(&format!("version: 1\nguardian: {guardian}\n"));
    let mut engine = Engine::new(&bundle, &pipeline);
    for call in calls {
        engine.decide(&mut request(call));
    }
    engine.finish().expect("a guardian")
}

#[test]
fn incidents_of_an_embedded_engine_name_their_calls() {
    let seconds = [0, 1, 2, 90, 91, 92];
    let calls = seconds.map(|second| made("read", second, json!({})));
    let findings = watched("{ frequency_threshold: 2 }", &calls);
    let lines: Vec<(u64, u64)> = findings
        .incidents
        .iter()
        .map(|incident| (incident.start.mark.line, incident.end.mark.line))
        .collect();
    assert_eq!(lines, [(1, 3), (4, 6)]);
    for incident in &findings.incidents {
        let event = incident.start.mark.event_id.to_string();
        assert_eq!(incident.id, incident_id("frequency_spike", b"a", &event));
    }
    assert_ne!(findings.incidents[0].id, findings.incidents[1].id);
    let bundle = asking();
    let unwatched = Pipeline::default();
    assert!(Engine::new(&bundle, &unwatched).finish().is_none());
}

#[test]
fn a_guardian_sees_approvals_when_they_are_given() {
    let execution = |calls: &[Value]| {
        let sequence = "{ suspicious_sequences: [[ask_z, ask_a, send]] }";
        let findings = watched(sequence, calls);
        assert_eq!(findings.incidents.len(), 1, "{findings:?}");
        let Detail::Sequence { execution, .. } = findings.incidents[0].detail else {
            panic!("{findings:?}");
        };
        execution
    };
    let asked = |first, second| {
        [
            made("ask_z", 0, approved_after(first)),
            made("ask_a", 1, approved_after(second)),
            made("send", 10, json!({})),
        ]
    };
    // The approvals come one after the other, before the last call.
    assert_eq!(execution(&asked(4000, 5000)), Execution::Executed);
    // At one time, in the order in which they were asked for.
    assert_eq!(execution(&asked(5000, 4000)), Execution::Executed);
    // The second before the first.
    assert_eq!(execution(&asked(6000, 4000)), Execution::Attempted);
    // After the last call.
    assert_eq!(execution(&asked(20_000, 20_000)), Execution::Attempted);
}

#[test]
fn incidents_are_handed_out_while_a_run_goes_on() {
    let pipeline = pipeline_of("version: 1\nguardian: { frequency_threshold: 2 }\n");
    let mut run = Run::new(&pipeline);
    let bundle = asking();
    let matcher = agent_spm::matcher::Matcher::new(&bundle);
    let mut scratch = matcher.scratch();
    let mut numbers = Vec::new();
    for second in [0, 1, 2, 90, 91, 92] {
        let mut call = request(&made("read", second, json!({})));
        let prepared = pipeline.prepare(&mut call, Standing::Usual, |call| {
            let rule = matcher.decide(call, &mut scratch);
            pipeline::Source::Rules(rule, Outcome::Allow)
        });
        let facts = Facts {
            agent: b"a",
            tool: b"read",
            time: call.timestamp,
            ..Facts::default()
        };
        let decided = run.decide(&facts, &prepared);
        run.watch(&facts, &decided, &[EventMark::default(); 2]);
        let over = run.take_incidents();
        numbers.extend(over.iter().map(|incident| (second, incident.number)));
    }
    assert_eq!(numbers, [(90, 0)], "once, when it is over");
    let last = run.finish_watch().expect("a guardian").incidents;
    assert_eq!(last.iter().map(|one| one.number).collect::<Vec<_>>(), [1]);
}

/// Lets everything through.
struct Open;

impl Plugin for Open {
    fn name(&self) -> &str {
        "open"
    }

    fn before(&self, _: &mut Request, _: Standing) -> Step {
        Step::Decide(Ruling {
            outcome: Outcome::Allow,
            code: "OPEN".into(),
            message: String::new(),
        })
    }
}

#[test]
fn a_plugin_that_allows_leaves_the_rules_unasked() {
    let bundle = asking();
    let call = made("no_way", 0, json!({}));
    let closed = Pipeline::default();
    assert!(
        !Engine::new(&bundle, &closed)
            .decide(&mut request(&call))
            .allowed()
    );
    let mut open = Pipeline::default();
    open.push(Box::new(Open), OnFailure::Deny);
    let decided = Engine::new(&bundle, &open).decide(&mut request(&call));
    assert!(decided.allowed(), "{decided:?}");
    assert_eq!(open.plugin_name(0), Some("open"));
    assert_eq!(open.plugin_name(1), None, "no guardian watches");
}

#[test]
fn an_embedded_engine_looks_at_results() {
    let bundle = asking();
    let pipeline = pipeline_of(
        "version: 1\nplugins:\n  - output-validator: { forbidden_keywords: [secret] }\n",
    );
    let engine = Engine::new(&bundle, &pipeline);
    let raised = |result: &str| {
        let call = made("read", 0, json!({"result": result}));
        let mut request = Request::default();
        request.returned = Some(Box::default());
        let line = call.to_string();
        native::read(&mut Scanner::new(line.as_bytes()), &mut request).expect("a call");
        engine.results(&request).len()
    };
    assert_eq!(raised("all is well"), 0);
    assert_eq!(raised("it is a secret"), 1);
}

#[test]
fn any_number_of_sessions_is_limited() {
    let bundle = asking();
    let pipeline = pipeline_of(
        "version: 1
plugins:
  - session-context: { limits: { pay: { max_per_session: 1 }, no_pay: { max_per_session: 1 } }, session_ttl_ms: 600000 }
",
    );
    let mut engine = Engine::new(&bundle, &pipeline);
    let mut decide = |tool: &str, session: usize, second: u64| {
        let session = json!({"context": {"session_id": format!("s{session}")}});
        engine.decide(&mut request(&made(tool, second, session)))
    };
    for session in 0..3000 {
        assert!(decide("pay", session, 0).allowed(), "{session}");
    }
    for session in 0..3000 {
        assert!(!decide("pay", session, 1).allowed(), "{session}");
    }
    // What the rules deny is no use of the tool.
    for _ in 0..3 {
        let decided = decide("no_pay", 0, 2);
        assert!(matches!(decided.source, pipeline::Source::Rules(..)));
    }
}

#[test]
fn each_recording_has_a_time_of_its_own() {
    let directory = tempfile::tempdir().expect("a directory");
    fs::copy(
        fixtures().join("valid/policy.yaml"),
        directory.path().join("policy.yaml"),
    )
    .expect("copies");
    for (name, seconds) in [("late.jsonl", [30, 31]), ("early.jsonl", [10, 11])] {
        let calls = seconds.map(|second| format!("{}\n", made("read", second, json!({}))));
        fs::write(directory.path().join(name), calls.concat()).expect("writes");
    }
    let backwards = |inputs: &str| {
        let output = simulate(
            directory.path(),
            &format!("--policy policy.yaml --environment prod --format json {inputs}"),
        );
        let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        report["coverage"]["notes"]["time_going_backwards"].clone()
    };
    assert_eq!(backwards("late.jsonl early.jsonl"), Value::Null);
    let both = [made("read", 5, json!({})), made("read", 4, json!({}))];
    let both = both.map(|call| format!("{call}\n")).concat();
    fs::write(directory.path().join("back.jsonl"), both).expect("writes");
    assert_eq!(backwards("late.jsonl back.jsonl"), 1);
}
