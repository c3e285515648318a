//! Every plugin by its fixture: `testdata/plugins/NAME` holds a pipeline, calls, what is decided of
//! them and what is reported; and, where the plugin can refuse its options, a pipeline whose
//! problems are listed as well.
//!
//! `UPDATE=1 cargo test --test plugins` rewrites what is expected; read the difference.

#![expect(clippy::indexing_slicing, reason = "a test that panics has failed")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/plugins")
}

fn simulate(directory: &Path, pipeline: &str, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_agent-spm"))
        .current_dir(directory)
        .env_clear()
        .args(["simulate", "--quiet", "--environment", "prod"])
        .args([
            "--policy",
            "policy.yaml",
            "--pipeline",
            pipeline,
            "calls.jsonl",
        ])
        .args(more)
        .output()
        .expect("runs")
}

fn word<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or("-")
}

/// What is decided, a line a call: request, outcome, whether it is allowed, code and plugin; below
/// it the message of a plugin, and what plugins report.
fn decided(directory: &Path) -> String {
    let more = ["--decisions", "d.jsonl", "--format", "json"];
    let output = simulate(directory, "pipeline.yaml", &more);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    let text = fs::read_to_string(directory.join("d.jsonl")).expect("decisions");
    let mut table = String::new();
    for line in text.lines() {
        let line: Value = serde_json::from_str(line).expect("JSON");
        let allowed = if line["allowed"] == true { "yes" } else { "no" };
        let [request, outcome, code] =
            ["request_id", "outcome", "code"].map(|key| word(&line, key));
        let plugin = word(&line, "plugin");
        writeln!(table, "{request} {outcome} {allowed} {code} {plugin}").expect("a string");
        if plugin != "-" {
            let message = word(&line["reasons"][0], "message");
            writeln!(table, "    {message}").expect("a string");
        }
        for kind in ["alerts", "results"] {
            for alert in line[kind].as_array().into_iter().flatten() {
                let [plugin, code, message] =
                    ["plugin", "code", "message"].map(|key| word(alert, key));
                writeln!(table, "    {kind}: {plugin} {code}: {message}").expect("a string");
            }
        }
    }
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    for kind in ["alerts", "results"] {
        for count in report[kind].as_array().into_iter().flatten() {
            let counts = ["hits", "prevented"].map(|key| count[key].as_u64().unwrap_or_default());
            let [plugin, code] = ["plugin", "code"].map(|key| word(count, key));
            writeln!(table, "{kind}: {plugin} {code} {} {}", counts[0], counts[1])
                .expect("a string");
        }
    }
    for (reason, count) in report["coverage"]["not_replayable"]
        .as_object()
        .expect("counts")
    {
        writeln!(table, "not replayable: {reason} {count}").expect("a string");
    }
    table
}

#[test]
fn every_plugin_decides_and_reports_what_is_listed() {
    let mut names: Vec<String> = fs::read_dir(fixtures())
        .expect("fixtures")
        .map(|entry| {
            entry
                .expect("a fixture")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .filter(|name| fixtures().join(name).is_dir())
        .collect();
    names.sort();
    for name in names {
        let folder = fixtures().join(&name);
        let directory = tempfile::tempdir().expect("a directory");
        for entry in fs::read_dir(&folder).expect("a fixture") {
            let path = entry.expect("a file").path();
            let target = directory.path().join(path.file_name().expect("a name"));
            fs::copy(&path, target).expect("copies");
        }
        let policy = directory.path().join("policy.yaml");
        if !policy.exists() {
            fs::copy(fixtures().join("policy.yaml"), policy).expect("copies");
        }
        let mut table = decided(directory.path());
        assert!(table.contains(&name), "`{name}` does nothing:\n{table}");
        if folder.join("broken.yaml").exists() {
            let output = simulate(directory.path(), "broken.yaml", &[]);
            assert_eq!(output.status.code(), Some(2));
            table.push('\n');
            table.push_str(&String::from_utf8_lossy(&output.stderr));
        }
        let path = folder.join("expected.txt");
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&path, &table).expect("writes");
        }
        let expected = fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(table, expected, "{name}");
    }
}
