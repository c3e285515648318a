//! The README's steps run in the order in which they stand there, its documents are ones that the
//! program takes, and its verifiers in other languages agree with it. Its consoles are transcripts.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

const README: &str = include_str!("../../README.md");

/// A bundle whose canonical form is easily got wrong: keys that UTF-8 sorts otherwise than UTF-16,
/// numbers of every spelling, text beyond ASCII.
const HARD_TO_COPY: &str = r#"{
  "version": "1",
  "generated_at": "2026-01-01T00:00:00Z",
  "expires_at": "2036-01-01T00:00:00Z",
  "rules": [{
    "id": "R", "description": "déjà vu \u2028 \"<\\/>\"",
    "match": { "tool_name": "x", "environment": "dev" },
    "when": { "tool_args_match": { "a": { "gt": 9e15 }, "b": { "lt": 1.5e-7 } } },
    "outcome": "DENY"
  }],
  "defaults": { "outcome": "DENY" },
  "metadata": { "\ud83d\ude00": 0.000001, "\ufb33": 100.0, "n": [1E2, 123456789012.5, -0.0, 5e-324] }
}"#;

/// The content of the README's blocks of one kind.
fn blocks(kind: &str) -> Vec<&'static str> {
    let opening = Box::leak(format!("\n```{kind}\n").into_boxed_str());
    let after = README.split(&*opening).skip(1);
    after
        .filter_map(|rest| rest.split_inclusive("\n```").next()?.strip_suffix("```"))
        .collect()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a directory");
    for entry in fs::read_dir(from).expect("a directory") {
        let entry = entry.expect("an entry");
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            fs::copy(from, to).expect("copies");
        }
    }
}

/// A directory as the steps expect it: an empty one for keys, a policy, and the test data.
fn workplace() -> TempDir {
    let place = tempfile::tempdir().expect("a directory");
    let testdata = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    for name in ["demo", "walkthrough", "cli"] {
        let to = place.path().join("testdata").join(name);
        copy(&testdata.join(name), &to);
    }
    fs::create_dir(place.path().join("keys")).expect("a directory");
    fs::copy(
        testdata.join("demo/policy.yaml"),
        place.path().join("policy.yaml"),
    )
    .expect("copies");
    place
}

fn run(place: &TempDir, arguments: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_agent-spm"))
        .current_dir(place.path())
        .env_clear()
        .args(arguments.split_whitespace())
        .output()
        .expect("runs")
}

#[test]
fn steps_run_in_their_order() {
    let blocks = blocks("text").into_iter();
    let blocks: Vec<&str> = blocks
        .filter(|block| block.starts_with("agent-spm "))
        .collect();
    assert_eq!(blocks.len(), 2, "{blocks:?}");
    for block in blocks {
        let place = workplace();
        for line in block.lines() {
            let step = line.split(" #").next().unwrap_or(line);
            let arguments = step.strip_prefix("agent-spm ").expect("a step");
            let output = run(&place, arguments);
            assert_eq!(output.status.code(), Some(0), "{step}: {output:?}");
        }
    }
}

/// Each is a file that the examples use, but for a part of one, which is completed here.
#[test]
fn documents_are_ones_that_the_program_takes() {
    let used = [
        include_str!("../../testdata/cli/first.yaml"),
        include_str!("../../testdata/pipeline/valid/pipeline.yaml"),
        include_str!("../../testdata/cli/invariants.yaml"),
    ];
    let (whole, parts): (Vec<_>, Vec<_>) = blocks("yaml")
        .into_iter()
        .partition(|block| used.contains(block));
    assert_eq!((whole.len(), parts.len()), (used.len(), 1), "{parts:?}");
    let place = workplace();
    let call = "{\"type\":\"tool_call\",\"tool_name\":\"execute-tool\",\"tool_args\":\
                {\"tool_name\":\"shell\",\"params\":{},\"server_name\":\"s\"}}";
    let call = format!(
        "{{\"request_id\":\"1\",\"timestamp\":\"2026-03-03T11:00:00Z\",\"agent\":\
         {{\"agent_id\":\"a\",\"environment\":\"dev\"}},\"action\":{call}}}\n"
    );
    fs::write(place.path().join("calls.jsonl"), call).expect("writes");
    let pipeline = format!("version: 1\n{}", parts.concat());
    fs::write(place.path().join("pipeline.yaml"), pipeline).expect("writes");
    let decided = "simulate -p policy.yaml --pipeline pipeline.yaml --format csv calls.jsonl";
    let output = run(&place, decided);
    let rows = String::from_utf8_lossy(&output.stdout);
    assert!(rows.contains(",a,Bash,execute-tool,"), "{output:?}");
}

/// Where the language is there: neither is needed to build or to test this program.
#[test]
fn verifiers_in_other_languages_agree() {
    let python = "import sys; sys.exit(sys.version_info < (3, 11))";
    let languages = [
        ("node", "js", "verify.mjs", ["--eval", ""]),
        ("python3", "python", "verify.py", ["-c", python]),
    ];
    let place = workplace();
    let secret = "an example of a secret that is long enough";
    fs::write(place.path().join("ci.hmac"), secret).expect("writes");
    fs::write(place.path().join("good.json"), HARD_TO_COPY).expect("writes");
    let signed = run(
        &place,
        "sign --secret-file ci.hmac --no-lint --expires-in 90d good.json",
    );
    assert_eq!(signed.status.code(), Some(0), "{signed:?}");
    let good = fs::read_to_string(place.path().join("good.json")).expect("reads");
    let changed = good.replace("déjà vu", "deja vu");
    assert_ne!(good, changed);
    fs::write(place.path().join("changed.json"), changed).expect("writes");
    for (program, kind, name, probe) in languages {
        let probed = Command::new(program).args(probe).output();
        if !probed.is_ok_and(|probed| probed.status.success()) {
            eprintln!("{program} is not there: its verifier was not tried");
            continue;
        }
        fs::write(place.path().join(name), blocks(kind).concat()).expect("writes");
        let accepts = |bundle: &str| {
            let run = Command::new(program)
                .current_dir(place.path())
                .env("AGENT_SPM_SECRET", secret)
                .args([name, bundle])
                .output();
            let run = run.expect("runs");
            (run.status.success(), run)
        };
        let (good, run) = accepts("good.json");
        assert!(good, "{program}: {run:?}");
        let (changed, run) = accepts("changed.json");
        let refusal = String::from_utf8_lossy(&run.stderr);
        assert!(!changed && refusal.contains("do not load"), "{run:?}");
    }
}

/// The two commands of the README are the ones that the tests and the continuous integration run.
#[test]
fn there_are_two_commands() {
    let commands: Vec<&str> = blocks("sh").into_iter().map(str::trim_end).collect();
    assert_eq!(commands.len(), 2, "{commands:?}");
    assert!(commands[0].starts_with("cargo run --release -- simulate"));
    assert!(include_str!("../../.ci/run").contains(commands[1]));
}
