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
use agent_spm::model::pipeline::registry::Registry;
use agent_spm::model::pipeline::supply_chain_guard::Provenance;
use agent_spm::pipeline;
use serde_json::Value;

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
