//! What `simulate` makes of decisions beside counting them: comparisons, test cases, labels,
//! traces, and the forms of its answer.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

const OLD: &str = "
version: \"1\"
generated_at: \"2026-01-01T00:00:00Z\"
expires_at: \"2036-01-01T00:00:00Z\"
rules:
  - id: READ
    description: reading is fine
    match: { tool_name: \"read*\", environment: \"*\" }
    outcome: ALLOW
  - id: PAY
    description: small payments
    match: { tool_name: pay, environment: prod }
    when: { tool_args_match: { amount: { lte: 100 } } }
    outcome: ALLOW
defaults: { outcome: DENY }
";

/// A line of a recording: id, session, tool, amount, and further members.
fn call(id: &str, session: &str, tool: &str, amount: u32, more: &str) -> String {
    format!(
        "{{\"request_id\":\"{id}\",\"timestamp\":\"2026-01-15T10:30:00Z\",\
         \"agent\":{{\"agent_id\":\"a\",\"environment\":\"prod\"}},\
         \"action\":{{\"type\":\"tool_call\",\"tool_name\":\"{tool}\",\"tool_args\":{{\"amount\":{amount}}}}},\
         \"context\":{{\"session_id\":\"{session}\"}}{more}}}\n"
    )
}

struct Workplace(TempDir);

impl Workplace {
    fn new(calls: &str) -> Self {
        let workplace = Self(tempfile::tempdir().expect("a directory"));
        workplace.write("old.yaml", OLD);
        workplace.write(
            "new.yaml",
            &OLD.replace("lte: 100", "lte: 500")
                .replace("read*", "reads"),
        );
        workplace.write("calls.jsonl", calls);
        workplace
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("writes");
    }

    fn run(&self, arguments: &str) -> Output {
        Command::new(env!("CARGO_BIN_EXE_agent-spm"))
            .current_dir(self.0.path())
            .env_clear()
            .arg("simulate")
            .args(arguments.split_whitespace())
            .arg("calls.jsonl")
            .output()
            .expect("runs")
    }

    fn json(&self, arguments: &str, code: i32) -> Value {
        let output = self.run(&format!("{arguments} --format json"));
        assert_eq!(output.status.code(), Some(code), "{output:?}");
        serde_json::from_slice(&output.stdout).expect("JSON")
    }

    fn git(&self, arguments: &[&str]) -> bool {
        let git = Command::new("git")
            .current_dir(self.0.path())
            .args(["-c", "user.name=a", "-c", "user.email=a@example.org"])
            .args(arguments)
            .env("HOME", self.0.path())
            .output();
        git.is_ok_and(|output| output.status.success())
    }
}

fn three_calls() -> String {
    [
        call(
            "r1",
            "s1",
            "read_file",
            0,
            ",\"recorded\":{\"outcome\":\"ALLOW\",\"code\":\"READ\"}",
        ),
        call(
            "r2",
            "s2",
            "pay",
            300,
            ",\"recorded\":{\"outcome\":\"ALLOW\",\"code\":\"BOSS\"}",
        ),
        call("r3", "s3", "pay", 50, ""),
    ]
    .concat()
}

#[test]
fn a_policy_is_compared_with_another() {
    let workplace = Workplace::new(&three_calls());
    let report = workplace.json("--policy new.yaml --baseline old.yaml", 0);
    let comparison = &report["comparison"];
    assert_eq!(comparison["compared"], 3);
    assert_eq!(comparison["newly_allowed"], 1);
    assert_eq!(comparison["newly_denied"], 1);
    let first = &report["transitions"][0];
    assert_eq!(first["effect"], "newly_allowed", "what widens comes first");
    assert_eq!(
        (&first["from"], &first["to"]),
        (&"DENY".into(), &"ALLOW".into())
    );
    assert_eq!(first["examples"][0]["line"], 2);
    let change = &comparison["codes"][0];
    assert_eq!(
        (&change["from"], &change["to"]),
        (&"DEFAULT_DENY".into(), &"PAY".into())
    );
    workplace.json(
        "--policy new.yaml --baseline old.yaml --fail-on newly-denied",
        1,
    );
    workplace.json("--policy old.yaml --baseline old.yaml --fail-on changed", 0);
    let refused = workplace.run("--policy old.yaml --fail-on changed");
    assert_eq!(refused.status.code(), Some(2), "no baseline: {refused:?}");
}

#[test]
fn a_policy_is_compared_with_what_was_recorded() {
    let workplace = Workplace::new(&three_calls());
    let report = workplace.json("--policy old.yaml --baseline recorded", 0);
    let comparison = &report["comparison"];
    assert_eq!(comparison["compared"], 2);
    assert_eq!(
        comparison["not_comparable"], 1,
        "what is not recorded is not guessed"
    );
    assert_eq!(comparison["newly_denied"], 1);
    assert_eq!(comparison["codes"][0]["from"], "BOSS");
}

#[test]
fn a_baseline_is_read_from_git() {
    let workplace = Workplace::new(&three_calls());
    if !workplace.git(&["init", "-q"]) {
        return;
    }
    assert!(workplace.git(&["add", "old.yaml"]) && workplace.git(&["commit", "-qm", "old"]));
    workplace.write("old.yaml", "changed since");
    let report = workplace.json("--policy new.yaml --baseline git:HEAD:old.yaml", 0);
    assert_eq!(report["comparison"]["newly_allowed"], 1);
    for wrong in ["git:HEAD:none.yaml", "git:--help:x", "git:nothing"] {
        let refused = workplace.run(&format!("--policy new.yaml --baseline {wrong}"));
        assert_eq!(refused.status.code(), Some(2), "{wrong}");
        let message = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(message.contains("from Git"), "{message}");
    }
}

#[test]
fn test_cases_have_verdicts() {
    let calls = [
        call(
            "good",
            "s",
            "pay",
            50,
            ",\"expect\":{\"outcome\":\"ALLOW\",\"code\":\"PAY\"}",
        ),
        call(
            "bad",
            "s",
            "pay",
            300,
            ",\"expect\":{\"outcome\":\"ALLOW\"}",
        ),
        call(
            "who",
            "s",
            "pay",
            50,
            ",\"expect\":{\"outcome\":\"ALLOW\",\"plugin\":\"guardian\"}",
        ),
    ];
    let workplace = Workplace::new(&calls.concat());
    let report = workplace.json("--policy old.yaml", 1);
    assert_eq!(report["cases"]["passed"], 1);
    assert_eq!(report["cases"]["failed"], 2);
    let failure = &report["cases"]["cases"][1]["failure"];
    assert_eq!(failure["got"]["code"], "DEFAULT_DENY");
    let rules = failure["trace"]["rules"].as_array().expect("a trace");
    assert_eq!(rules[0]["failed"], "match.tool_name");
    assert_eq!(rules[1]["failed"], "when.tool_args_match.amount");
    let junit = workplace.run("--policy old.yaml --format junit");
    let junit = String::from_utf8_lossy(&junit.stdout).into_owned();
    assert!(junit.contains("tests=\"3\" failures=\"2\""), "{junit}");
    assert!(
        junit.contains("expected ALLOW, got DENY by DEFAULT_DENY"),
        "{junit}"
    );
    let unclear = call("x", "s", "pay", 1, ",\"expect\":{\"outcome\":\"allow\"}");
    workplace.write("calls.jsonl", &unclear);
    let report = workplace.json("--policy old.yaml", 1);
    let message = report["unreadable"][0]["message"]
        .as_str()
        .expect("a message");
    assert!(message.contains("expect.outcome"), "{message}");
}

#[test]
fn labelled_sessions_give_precision_and_recall() {
    let workplace = Workplace::new(&three_calls());
    workplace.write(
        "labels.yaml",
        "version: 1\nsessions: { s1: benign, s2: attack, s3: attack, s9: benign }\n",
    );
    let labelled = &workplace.json("--policy old.yaml --labels labels.yaml", 0)["labelled"];
    assert_eq!(
        (&labelled["attacks"], &labelled["attacks_stopped"]),
        (&2.into(), &1.into())
    );
    assert_eq!(labelled["precision"], 1.0);
    assert_eq!(labelled["recall"], 0.5);
    assert_eq!(labelled["not_seen"], 1);
    assert_eq!(labelled["stopped"][0]["responsible"]["place"]["line"], 2);
    workplace.write("labels.yaml", "version: 1\nsessions: { s1: bening }\n");
    let refused = workplace.run("--policy old.yaml --labels labels.yaml");
    let message = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(message.contains("did you mean `benign`?"), "{message}");
}

#[test]
fn a_decision_is_explained_step_by_step() {
    let workplace = Workplace::new(&three_calls());
    workplace.write(
        "pipeline.yaml",
        "version: 1\nplugins:\n  - kill-switch: { agents: { b: \"x\" } }\n",
    );
    let report = workplace.json("--policy old.yaml --pipeline pipeline.yaml --trace r3", 0);
    let trace = &report["traces"][0];
    assert_eq!(trace["plugins"][0]["said"], "passed");
    assert_eq!(trace["rules"][1]["rule"], "PAY");
    assert_eq!(trace["rules"][1]["matched"], true);
    let none = workplace.run("--policy old.yaml --trace nobody");
    assert_eq!(none.status.code(), Some(2), "{none:?}");
    workplace.json("--policy old.yaml --explain-all all.jsonl", 0);
    let all = fs::read_to_string(workplace.path("all.jsonl")).expect("written");
    assert_eq!(all.lines().count(), 3);
    let last: Value = serde_json::from_str(all.lines().last().expect("a line")).expect("JSON");
    assert_eq!(last["request_id"], "r3");
}

#[test]
fn the_page_holds_hostile_names_as_text() {
    let hostile = "<img src=x onerror=alert(1)>";
    let calls = call("r", "s", hostile, 1, "");
    let workplace = Workplace::new(&calls);
    let page = workplace.run("--policy old.yaml --format html");
    let page = String::from_utf8(page.stdout).expect("UTF-8");
    assert!(page.contains("&lt;img"), "it is there");
    assert!(
        !page.contains("<img") && !page.contains("<script"),
        "{page}"
    );
    assert!(
        page.contains("default-src 'none'") && page.contains("<svg"),
        "{page}"
    );
    let markdown = workplace.run("--policy old.yaml --format markdown");
    let markdown = String::from_utf8(markdown.stdout).expect("UTF-8");
    assert!(
        markdown.contains("### Outcomes") && !markdown.contains("<img"),
        "{markdown}"
    );
}

#[test]
fn threads_change_nothing() {
    let calls: String = (0..3000)
        .map(|number| {
            let tool = ["pay", "read_file", "other"][number % 3];
            call(
                &format!("r{number}"),
                &format!("s{}", number % 7),
                tool,
                90 + number as u32 % 30,
                "",
            )
        })
        .collect();
    let workplace = Workplace::new(&calls);
    let run = |jobs: &str| {
        let arguments =
            format!("--policy new.yaml --baseline old.yaml --format json --jobs {jobs}");
        workplace.run(&arguments).stdout
    };
    assert_eq!(run("1"), run("4"));
}

#[test]
fn a_drafted_policy_allows_what_it_was_drafted_from_and_no_more() {
    let calls: String = (0..250)
        .map(|number| {
            let tool = ["pay", "read_file"][number % 2];
            call(&format!("r{number}"), "s", tool, number as u32 % 40, "")
        })
        .collect();
    let refused = call("no", "s", "drop", 1, r#","approval":{"approved":false}"#);
    let workplace = Workplace::new(&(calls + &refused));
    let draft = workplace.run("--suggest --at 2026-02-01T00:00:00Z --output draft.yaml");
    assert_eq!(draft.status.code(), Some(0), "{draft:?}");
    let report = workplace.json("--policy draft.yaml --fail-on denied,not-replayable", 0);
    assert_eq!(report["outcomes"]["ALLOW"], 250);
    assert_eq!(report["outcomes"]["REQUIRE_HUMAN"], 1);
    workplace.write("calls.jsonl", &call("r", "s", "pay", 41, ""));
    workplace.json("--policy draft.yaml --fail-on denied", 1);
    let lint = Command::new(env!("CARGO_BIN_EXE_agent-spm"))
        .current_dir(workplace.0.path())
        .args([
            "lint",
            "--at",
            "2026-02-01T00:00:00Z",
            "--fail-on",
            "warning",
            "draft.yaml",
        ])
        .output()
        .expect("runs");
    let found = String::from_utf8_lossy(&lint.stdout).into_owned();
    let others = found
        .lines()
        .filter(|line| line.starts_with("warning") && !line.contains("unsigned"));
    assert_eq!(others.count(), 0, "{found}");
}

/// A test case with a slip in it is no passed one.
#[test]
fn a_test_case_that_cannot_be_read_fails_the_run() {
    let good = call(
        "good",
        "s",
        "read_file",
        1,
        r#","expect":{"outcome":"DENY"}"#,
    );
    for slip in [
        r#"{"outcom":"DENY"}"#,
        r#"{"outcome":"deny"}"#,
        r#"{}"#,
        r#"[]"#,
        r#""DENY""#,
    ] {
        let bad = call("bad", "s", "read_file", 1, &format!(r#","expect":{slip}"#));
        for calls in [bad.clone(), good.clone() + &bad] {
            let workplace = Workplace::new(&calls);
            let run = workplace.run("--policy old.yaml --format junit");
            assert_eq!(run.status.code(), Some(1), "{slip}: {run:?}");
            let shown = String::from_utf8_lossy(&run.stdout);
            assert!(shown.contains("<error message="), "{shown}");
        }
    }
}

#[test]
fn incidents_are_asked_for_only_where_a_guardian_looks() {
    let workplace = Workplace::new(&call("r", "s", "read_file", 1, ""));
    let run = workplace.run("--policy old.yaml --fail-on incident");
    assert_eq!(run.status.code(), Some(2), "{run:?}");
    workplace.write("guarded.yaml", "version: 1\nguardian: soc\n");
    workplace.json(
        "--policy old.yaml --pipeline guarded.yaml --fail-on incident",
        0,
    );
}
