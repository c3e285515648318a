//! `simulate` from the outside: what it answers, what it says about damage, how it ends.

#![expect(clippy::indexing_slicing, reason = "a test that panics has failed")]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A directory of its own, with the demo policy in it.
struct Workplace(TempDir);

impl Workplace {
    fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let policy = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/demo/policy.yaml");
        fs::copy(policy, directory.path().join("policy.yaml")).expect("copies");
        Self(directory)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path(name), bytes).expect("writes");
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).expect("reads")
    }

    fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_agent-spm"));
        command.current_dir(self.0.path()).env_clear();
        command.args(arguments.split_whitespace());
        command
    }

    fn run(&self, arguments: &str) -> Ended {
        Ended::new(self.command(arguments).output().expect("runs"))
    }

    fn simulate(&self, arguments: &str) -> Ended {
        self.run(&format!("simulate --policy policy.yaml {arguments}"))
    }

    fn feed(&self, arguments: &str, input: &[u8]) -> Ended {
        let mut command = self.command(arguments);
        let command = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("starts");
        child
            .stdin
            .take()
            .expect("piped")
            .write_all(input)
            .expect("feeds");
        Ended::new(child.wait_with_output().expect("ends"))
    }
}

struct Ended {
    code: i32,
    stdout: String,
    stderr: String,
}

impl Ended {
    fn new(output: Output) -> Self {
        Self {
            code: output.status.code().expect("no signal"),
            stdout: String::from_utf8(output.stdout).expect("UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }

    /// The JSON report of a run that had an answer.
    #[track_caller]
    fn report(&self) -> serde_json::Value {
        assert_eq!(self.code, 0, "{}", self.stderr);
        serde_json::from_str(&self.stdout).expect("a report")
    }

    /// Makes sure that there was no answer, and that the reason was given.
    #[track_caller]
    fn has_no_answer(&self, because: &str) {
        assert_eq!(
            (self.code, self.stdout.as_str()),
            (2, ""),
            "{}",
            self.stderr
        );
        assert!(self.stderr.contains(because), "{}", self.stderr);
    }
}

/// A native line; the rules of the demo policy allow the tool `query_x` to verified agents.
fn call(id: &str) -> String {
    format!(
        r#"{{"request_id":"{id}","timestamp":"2026-03-03T10:00:00Z","agent":{{"agent_id":"a","environment":"prod","trust_level":"verified"}},"action":{{"type":"tool_call","tool_name":"query_x","tool_args":{{"n":1}}}},"context":{{}}}}"#
    )
}

/// Calls read, decided, unreadable, and the reports of what was unreadable.
fn coverage(report: &serde_json::Value) -> (u64, u64, u64, Vec<String>) {
    let count = |key| report["coverage"][key].as_u64().expect("a count");
    let unreadable = report["unreadable"].as_array().expect("a list");
    let unreadable = unreadable.iter().map(|entry| {
        let text = |key| entry[key].as_str().expect("a text").to_owned();
        format!(
            "{}:{}:{}: {}",
            text("source"),
            entry["line"],
            entry["column"],
            text("message")
        )
    });
    (
        count("calls_read"),
        count("decided"),
        count("lines_unreadable"),
        unreadable.collect(),
    )
}

#[test]
fn damage_is_counted_and_located() {
    let place = Workplace::new();
    let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
    let mut text = Vec::new();
    for line in [
        call("1").as_bytes(),
        b"",
        b"not JSON",
        "{\"é\": \"\u{1}\"}".as_bytes(),
        b"{\"request_id\":\"\xFF\"}",
        deep.as_bytes(),
        br#"{"action":{"tool_name":["query_x"]}}"#,
        br#"{"action":{"tool_name":"query_x","tool_args":{"a":1,"a":2}}}"#,
        br#"{"action":{"tool_name":"query_x","tool_args":"x"}}"#,
        br#"{"agent":{"trust_level":"god"},"action":{"tool_name":"query_x"}}"#,
        br#"{"metadata":{"exported":true}}"#,
        b"\0\0\0\0\0\0",
        format!("{}{}", call("2"), call("3")).as_bytes(),
        format!("{} {{\"agent\":", call("4")).as_bytes(),
    ] {
        text.extend_from_slice(line);
        text.push(b'\n');
    }
    let whole = call("5");
    text.extend_from_slice(&whole.as_bytes()[..whole.len() / 2]);
    place.write("calls.jsonl", text);

    let report = place.simulate("--format json calls.jsonl").report();
    assert_eq!(
        coverage(&report),
        (
            4,
            4,
            12,
            vec![
                "calls.jsonl:3:1: expected a value".to_owned(),
                "calls.jsonl:4:8: control character in a string".to_owned(),
                "calls.jsonl:5:16: invalid UTF-8".to_owned(),
                "calls.jsonl:6:130: nested more than 128 deep".to_owned(),
                "calls.jsonl:7:24: `action.tool_name` must be a string".to_owned(),
                "calls.jsonl:8:46: duplicate key".to_owned(),
                "calls.jsonl:9:46: `action.tool_args` must be an object".to_owned(),
                "calls.jsonl:10:25: `agent.trust_level` must be a trust level: untrusted, basic, verified, privileged or system".to_owned(),
                "calls.jsonl:11:1: not a call: `action.tool_name` is missing".to_owned(),
                "calls.jsonl:12:1: NUL bytes".to_owned(),
                "calls.jsonl:14:220: the text ends inside a value".to_owned(),
                "calls.jsonl:15:105: the text ends inside a value".to_owned(),
            ]
        )
    );
    assert_eq!(report["coverage"]["notes"]["values_glued_on_one_line"], 2);
    assert_eq!(report["inputs"][0]["lines"], 15);

    let strict = place.simulate("--strict --decisions out.jsonl calls.jsonl");
    strict.has_no_answer("calls.jsonl:3:1: expected");
    assert!(!place.path("out.jsonl").exists(), "nothing is half written");
}

#[test]
fn what_holds_no_calls_has_no_answer() {
    let place = Workplace::new();
    place.write("empty.jsonl", "");
    place.write("blank.jsonl", "\n \n\n");
    place.write(
        "binary.jsonl",
        (0..20_000_u32)
            .map(|n| (n * n % 251) as u8)
            .collect::<Vec<_>>(),
    );
    place.write("other.jsonl", "{\"a\":1}\n{\"b\":[]}\n");
    fs::create_dir(place.path("nothing")).expect("makes");
    for name in ["empty.jsonl", "blank.jsonl", "binary.jsonl", "other.jsonl"] {
        place
            .simulate(name)
            .has_no_answer(&format!("no recorded calls are recognised in `{name}`"));
    }
    place
        .simulate("nothing")
        .has_no_answer("no recordings under the paths");
    place
        .simulate("absent.jsonl")
        .has_no_answer("`absent.jsonl` does not exist");
    place
        .simulate("/dev/null")
        .has_no_answer("is a device, not a regular file");
    place.simulate("").has_no_answer("CALLS");
    place
        .simulate("--\u{7}x\u{202e}")
        .has_no_answer("'--x\\u{202e}'");
    place
        .simulate("--from made-up calls.jsonl")
        .has_no_answer("made-up");
    // A conversation without a call is one all the same.
    let talk =
        r#"{"messages":[{"role":"user","content":"hi"},{"role":"assistant","content":"ho"}]}"#;
    place.write("talk.jsonl", talk);
    let run = place.simulate("--from openai-chat talk.jsonl");
    assert_eq!(run.code, 0, "{}", run.stderr);
    let warning = "warning: there are no calls in the recordings\n";
    assert!(run.stderr.contains(warning), "{}", run.stderr);
}

#[test]
fn policies_that_cannot_be_used_have_no_answer() {
    let place = Workplace::new();
    place.write("calls.jsonl", call("1"));
    let rule = |n| {
        serde_json::json!({"id": format!("R{n}"), "description": "", "outcome": "DENY",
            "match": {"tool_name": "x", "environment": "*"}})
    };
    let bundle = |rules: usize| {
        serde_json::json!({"version": "1", "generated_at": "2026-01-01T00:00:00Z",
            "expires_at": "2027-01-01T00:00:00Z", "defaults": {"outcome": "DENY"},
            "rules": (0..rules).map(rule).collect::<Vec<_>>()})
        .to_string()
    };
    place.write("full.json", bundle(1000));
    place.write("large.json", bundle(1001));
    let simulate = |policy: &str| place.run(&format!("simulate --policy {policy} calls.jsonl"));
    assert_eq!(simulate("full.json").code, 0);
    simulate("large.json").has_no_answer("the bundle has 1001 rules, more than the 1000 allowed");
    assert_eq!(simulate("large.json --max-rules 1001").code, 0);
    simulate("full.json --max-bytes 1000").has_no_answer("1000 bytes allowed");

    place.write("broken.json", "{\n  \"version\": 1,\n  \"rules\": [}\n");
    simulate("broken.json").has_no_answer("broken.json:3:13");
    simulate("absent.yaml").has_no_answer("does not exist");
    simulate("../policy.yaml").has_no_answer("outside of the base directory");
    simulate("/etc/hostname").has_no_answer("outside of the base directory");
    simulate(".").has_no_answer("not a regular file");
}

#[test]
fn every_container_of_the_same_calls_gives_the_same_answer() {
    let place = Workplace::new();
    let lines: Vec<String> = (0..50).map(|n| call(&n.to_string())).collect();
    let text = lines.join("\n") + "\n";
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(text.as_bytes()).expect("compresses");
    place.write("plain.jsonl", &text);
    place.write("crlf.jsonl", text.replace('\n', "\r\n"));
    place.write("gzip.jsonl.gz", gzip.finish().expect("compresses"));
    place.write(
        "zstd.jsonl.zst",
        zstd::encode_all(text.as_bytes(), 0).expect("compresses"),
    );
    place.write("array.json", format!("[{}]", lines.join(",")));
    place.write("pretty.json", format!("[\n{}\n]\n", lines.join(",\n")));
    let values: Vec<serde_json::Value> = lines
        .iter()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    place.write(
        "indented.json",
        serde_json::to_string_pretty(&values).expect("JSON"),
    );
    place.write("flow.yaml", format!("[{}]", lines.join(", ")));
    place.write(
        "block.yaml",
        lines
            .iter()
            .map(|line| format!("- {line}\n"))
            .collect::<String>(),
    );
    for name in [
        "plain.jsonl",
        "crlf.jsonl",
        "gzip.jsonl.gz",
        "zstd.jsonl.zst",
        "array.json",
        "pretty.json",
        "indented.json",
        "flow.yaml",
        "block.yaml",
    ] {
        let report = place.simulate(&format!("--format json {name}")).report();
        assert_eq!(coverage(&report), (50, 50, 0, vec![]), "{name}");
        assert_eq!(report["outcomes"]["ALLOW"], 50, "{name}");
        assert_eq!(report["inputs"][0]["shape"], "native", "{name}");
    }
    let fed = place.feed(
        "simulate --policy policy.yaml --format json -",
        text.as_bytes(),
    );
    assert_eq!(coverage(&fed.report()), (50, 50, 0, vec![]));
    let block = place.simulate("block.yaml --format json").report();
    assert_eq!(
        block["rules"][4]["examples"][2]["line"], 3,
        "lines of YAML are those of the file"
    );

    let truncated = place.read("gzip.jsonl.gz");
    place.write("cut.jsonl.gz", &truncated[..truncated.len() - 9]);
    let cut = place.simulate("--format json cut.jsonl.gz");
    assert_eq!(cut.code, 0, "{}", cut.stderr);
    let (read, _, unreadable, messages) = coverage(&cut.report());
    assert_eq!((read, unreadable), (50, 1), "{messages:?}");
    place
        .simulate("--strict cut.jsonl.gz")
        .has_no_answer("cut.jsonl.gz:51:1: the compression is damaged");
}

#[test]
fn a_directory_is_walked_by_name() {
    let place = Workplace::new();
    fs::create_dir_all(place.path("logs/b")).expect("makes");
    place.write("logs/b/two.jsonl", call("2"));
    place.write("logs/a.jsonl", call("1"));
    place.write("logs/notes.txt", "nothing");
    place.write("logs/empty.json", "");
    let report = place.simulate("--format json logs").report();
    let inputs = report["inputs"].as_array().expect("a list");
    let names: Vec<_> = inputs
        .iter()
        .map(|input| (&input["name"], &input["shape"]))
        .collect();
    assert_eq!(
        serde_json::json!(names),
        serde_json::json!([
            ["logs/a.jsonl", "native"],
            ["logs/b/two.jsonl", "native"],
            ["logs/empty.json", null]
        ])
    );
}

#[test]
fn the_answer_does_not_depend_on_the_number_of_threads() {
    let place = Workplace::new();
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/demo");
    let demo = fs::read_to_string(demo.join("calls.jsonl")).expect("reads");
    // Several chunks, with damage in the middle of each.
    let text = format!("{demo}broken\n{}\n", call("x")).repeat(300);
    place.write("calls.jsonl", text);
    let run = |threads: u32| {
        let ended = place.simulate(&format!(
            "--format json --jobs {threads} --decisions decisions.jsonl calls.jsonl"
        ));
        (ended.report(), place.read("decisions.jsonl"))
    };
    let (report, decisions) = run(1);
    assert_eq!(report["coverage"]["decided"], 300 * 20);
    assert_eq!(
        decisions.iter().filter(|&&byte| byte == b'\n').count(),
        300 * 20
    );
    for threads in [2, 8] {
        let (other_report, other_decisions) = run(threads);
        assert_eq!(report, other_report, "{threads} threads");
        assert!(decisions == other_decisions, "{threads} threads");
    }
}

#[test]
fn a_decision_says_what_was_decided_and_where_the_call_stands() {
    let place = Workplace::new();
    let refund = r#"{"request_id":"r\ud800\n","agent":{"agent_id":"a","environment":"prod"},"action":{"tool_name":"refund","tool_args":{}}}"#;
    let export = r#"{"agent":{"agent_id":"b","environment":"prod","trust_level":"verified"},"action":{"tool_name":"query_x","tool_args":{"q":"x"}}}"#;
    place.write("calls.jsonl", format!("\n{refund}\n{export}\n{{\"action\":{{\"tool_name\":\"z\"}},\"agent\":{{\"agent_id\":\"c\",\"environment\":\"\"}}}}\n"));
    assert_eq!(place.simulate("--decisions out.jsonl calls.jsonl").code, 0);
    let lines = String::from_utf8(place.read("out.jsonl")).expect("UTF-8");
    let lines: Vec<&str> = lines.lines().collect();
    assert_eq!(
        lines,
        [
            r#"{"source":"calls.jsonl:2","request_id":"r\ud800\n","timestamp":null,"agent_id":"a","tool_name":"refund","outcome":"REQUIRE_APPROVAL","allowed":false,"code":"LARGER_REFUNDS","reasons":[{"code":"LARGER_REFUNDS","message":"larger refunds need a lead"}],"plugin":null,"rule":3,"approver_role":"support-lead"}"#,
            r#"{"source":"calls.jsonl:3","request_id":null,"timestamp":null,"agent_id":"b","tool_name":"query_x","outcome":"ALLOW","allowed":true,"code":"READ_CUSTOMERS","reasons":[{"code":"READ_CUSTOMERS","message":"verified agents may look customers up, without their payment data"}],"plugin":null,"rule":4,"constraints":{"mask":["iban","card"],"max_rows":100}}"#,
            r#"{"source":"calls.jsonl:4","request_id":null,"timestamp":null,"agent_id":"c","tool_name":"z","outcome":"DENY","allowed":false,"code":"DEFAULT_DENY","reasons":[{"code":"DEFAULT_DENY","message":"no rule matched; the default is DENY"}],"plugin":null,"rule":null}"#,
        ]
    );
}

#[test]
fn what_a_recording_lacks_is_given_or_counted() {
    let place = Workplace::new();
    // Only the demo policy's rule on bulk exports looks at the environment of `query_x`.
    let call = |text: &str| {
        format!(
            r#"{{"agent":{{"agent_id":"a"}},"action":{{"tool_name":"query_x","tool_args":{{"q":"{text}"}}}}}}"#
        )
    };
    place.write(
        "calls.jsonl",
        format!("{}\n{}\n", call("export all"), call("id")),
    );
    let simulate = |given: &str| {
        place
            .simulate(&format!("{given} --format json calls.jsonl"))
            .report()
    };
    let report = simulate("");
    assert_eq!(coverage(&report), (2, 1, 0, vec![]));
    assert_eq!(report["coverage"]["not_replayable"]["no_environment"], 1);
    assert_eq!(
        report["default"]["examples"][0]["line"], 2,
        "no environment changes what is decided about the second"
    );
    let report = simulate("--environment prod --trust-level verified --agent-id z");
    assert_eq!(
        (&report["outcomes"]["ALLOW"], &report["outcomes"]["DENY"]),
        (&1.into(), &1.into())
    );
    let report = simulate("--environment prod");
    assert_eq!(
        report["outcomes"]["DENY"], 2,
        "no trust level matches no minimum"
    );
}

#[test]
fn patterns_that_never_match_or_run_out_of_steps_are_reported() {
    let place = Workplace::new();
    let rule = |id: &str, pattern: &str| {
        serde_json::json!({"id": id, "description": "", "outcome": "DENY",
            "match": {"tool_name": "*", "environment": "*"}, "when": {"matches_regex": pattern}})
    };
    let bundle = serde_json::json!({"version": "1", "generated_at": "2026-01-01T00:00:00Z",
        "expires_at": "2027-01-01T00:00:00Z", "defaults": {"outcome": "ALLOW"},
        "rules": [rule("UNSAFE", "(a+)+$"), rule("BROKEN", "(a"), rule("LONG", &"a".repeat(513)),
            rule("SLOW", "(?=.*a.*a.*a.*b)q")]});
    place.write("bundle.json", bundle.to_string());
    let text = "a".repeat(3000) + "q";
    place.write(
        "calls.jsonl",
        call("1").replace("\"n\":1", &format!("\"n\":\"{text}\"")),
    );
    let report = place
        .run("simulate -p bundle.json --format json calls.jsonl")
        .report();
    let refused = report["policy"]["patterns_never_matching"]
        .as_array()
        .expect("a list");
    let refused: Vec<_> = refused
        .iter()
        .map(|entry| entry["rule"].as_str().expect("a name"))
        .collect();
    assert_eq!(refused, ["UNSAFE", "BROKEN", "LONG"]);
    assert_eq!(report["rules"][3]["out_of_steps"], 1, "{report}");
}

#[test]
fn answers_are_on_standard_output_and_may_be_cut_off() {
    let place = Workplace::new();
    place.write("calls.jsonl", call("1"));
    let quiet = place.simulate("--quiet calls.jsonl");
    assert_eq!((quiet.code, quiet.stderr.as_str()), (0, ""));
    assert!(quiet.stdout.starts_with("Coverage\n"));

    let shown = place.simulate("--format json calls.jsonl");
    let saved = place.simulate("--format json --output answer.json calls.jsonl");
    assert_eq!((saved.code, saved.stdout.as_str()), (0, ""));
    assert_eq!(place.read("answer.json"), shown.stdout.as_bytes());
    place
        .simulate("--output absent/answer.txt calls.jsonl")
        .has_no_answer("cannot write `absent/answer.txt`: `absent`: entity not found\n");

    let mut command = place.command("simulate --policy policy.yaml calls.jsonl");
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts");
    drop(child.stdout.take());
    let ended = Ended::new(child.wait_with_output().expect("ends"));
    assert_eq!(
        (ended.code, ended.stderr.as_str()),
        (0, ""),
        "a closed pipe is a quiet end"
    );
}

#[test]
fn hostile_names_are_shown_harmlessly() {
    let place = Workplace::new();
    let line = call("1").replace("\"agent_id\":\"a\"", "\"agent_id\":\"\\u001b[2Jx\\u202e\"");
    place.write("calls.jsonl", line.replace("query_x", "unknown"));
    let ended = place.simulate("calls.jsonl");
    assert!(
        ended.stdout.contains("\\u{1b}[2Jx\\u{202e}"),
        "{}",
        ended.stdout
    );
    assert!(!ended.stdout.contains('\u{1B}') && !ended.stdout.contains('\u{202E}'));
}

#[test]
fn what_is_written_takes_the_place_of_no_recording() {
    let place = Workplace::new();
    place.write("calls.jsonl", call("1"));
    for option in ["--output", "--decisions", "--audit-log", "--explain-all"] {
        place
            .simulate(&format!("{option} ./calls.jsonl calls.jsonl"))
            .has_no_answer("would be overwritten");
        assert_eq!(place.read("calls.jsonl"), call("1").as_bytes());
    }
}

#[test]
fn no_answer_takes_the_place_of_what_is_read_or_of_another() {
    let place = Workplace::new();
    place.write("calls.jsonl", call("1"));
    place.write("ci.key.pem", "a key");
    let policy = place.read("policy.yaml");
    let baseline = br#"{"version":"1","generated_at":"2026-01-01T00:00:00Z",
        "expires_at":"2036-01-01T00:00:00Z","rules":[],"defaults":{"outcome":"DENY"}}"#;
    place.write("x.made-from.json", baseline);
    for arguments in [
        "-o policy.yaml",
        "-o ./calls.jsonl",
        "--decisions policy.yaml",
        "--audit-log policy.yaml",
        "--explain-all policy.yaml",
        "--baseline x.made-from.json --format csv -o x",
        "--decisions x --audit-log x",
        "--decisions x -o x",
        "--format csv -o w --audit-log w.made-from.json",
        "-o ci.key.pem",
    ] {
        let ended = place.run(&format!(
            "simulate --policy policy.yaml calls.jsonl {arguments}"
        ));
        ended.has_no_answer("give the answer another name");
        assert_eq!(place.read("policy.yaml"), policy, "{arguments}");
        assert_eq!(place.read("x.made-from.json"), baseline, "{arguments}");
        assert_eq!(place.read("ci.key.pem"), b"a key", "{arguments}");
        for absent in ["x", "w", "w.made-from.json"] {
            assert!(!place.path(absent).exists(), "{arguments}");
        }
    }
    for command in [
        "lint policy.yaml -o policy.yaml",
        "lint --diff policy.yaml x.made-from.json -o x.made-from.json",
        "verify policy.yaml -o policy.yaml",
        "sign policy.yaml -o policy.yaml",
        "audit-replay calls.jsonl --policy policy.yaml -o policy.yaml",
    ] {
        place.run(command).has_no_answer("would be overwritten");
        assert_eq!(place.read("policy.yaml"), policy, "{command}");
    }
    // Names of policies are from the base directory, those of answers are not.
    fs::create_dir(place.path("below")).expect("a directory");
    place.write("below/new.yaml", &policy);
    place
        .run("lint --base-dir below new.yaml -o below/new.yaml")
        .has_no_answer("would be overwritten");
    place.run("lint --base-dir below new.yaml -o new.yaml");
    assert!(place.path("new.yaml").exists());
    assert_eq!(place.read("below/new.yaml"), policy);
}
