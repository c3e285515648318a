//! Damaged recordings of every shape: what is whole is read as if nothing had happened, what is not
//! is counted and located.

#![expect(clippy::indexing_slicing, reason = "a test that panics has failed")]

use std::fs;
use std::path::Path;
use std::process::Command;

use agent_spm::import::SHAPES;
use serde_json::Value;
use tempfile::TempDir;

const POLICY: &str = r#"{"version":"1","generated_at":"2026-01-01T00:00:00Z",
    "expires_at":"2036-01-01T00:00:00Z","rules":[],"defaults":{"outcome":"DENY"}}"#;

/// What `simulate` makes of a recording.
#[derive(Debug)]
struct Read {
    calls: u64,
    unreadable: u64,
    glued: u64,
    marks: u64,
    /// The lines that could not be read.
    lines: Vec<u64>,
}

fn read(directory: &TempDir, shape: &str, text: &[u8]) -> Read {
    read_from(directory, "auto", shape, text)
}

/// The same of a recording that is said to be of the shape `from`.
fn read_from(directory: &TempDir, from: &str, shape: &str, text: &[u8]) -> Read {
    fs::write(directory.path().join("policy.json"), POLICY).expect("writes");
    fs::write(directory.path().join("recording.json"), text).expect("writes");
    let output = Command::new(env!("CARGO_BIN_EXE_agent-spm"))
        .current_dir(directory.path())
        .args([
            "simulate",
            "--policy",
            "policy.json",
            "--format",
            "json",
            "--quiet",
        ])
        .args(["--from", from, "recording.json"])
        .output()
        .expect("runs");
    assert_eq!(output.status.code(), Some(0), "{shape}: {output:?}");
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(report["inputs"][0]["shape"], shape);
    let coverage = &report["coverage"];
    let note = |name: &str| coverage["notes"][name].as_u64().unwrap_or(0);
    let unreadable = report["unreadable"].as_array().expect("a list");
    Read {
        calls: coverage["calls_read"].as_u64().expect("a count"),
        unreadable: coverage["lines_unreadable"].as_u64().expect("a count"),
        glued: note("values_glued_on_one_line"),
        marks: note("byte_order_mark"),
        lines: unreadable
            .iter()
            .map(|place| place["line"].as_u64().expect("a line"))
            .collect(),
    }
}

/// Every fixture of every shape, as lines.
fn each(mut check: impl FnMut(&TempDir, &str, &[Vec<u8>], &Read)) {
    let directory = tempfile::tempdir().expect("a directory");
    for shape in SHAPES {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("testdata/import")
            .join(shape.name());
        for file in fs::read_dir(folder).expect("fixtures") {
            let path = file.expect("a fixture").path();
            if path.ends_with("expected.txt") {
                continue;
            }
            let text = fs::read(&path).expect("reads");
            let lines = text.trim_ascii_end().split(|byte| *byte == b'\n');
            let lines: Vec<Vec<u8>> = lines.map(<[u8]>::to_vec).collect();
            let whole = read(&directory, shape.name(), &text);
            check(&directory, shape.name(), &lines, &whole);
        }
    }
}

#[test]
fn a_byte_order_mark_says_nothing() {
    each(|directory, shape, lines, whole| {
        let text = [b"\xEF\xBB\xBF", lines.join(&b'\n').as_slice()].concat();
        let marked = read(directory, shape, &text);
        assert_eq!((marked.calls, marked.marks), (whole.calls, 1), "{shape}");
        assert_eq!(marked.lines, whole.lines, "{shape}");
    });
}

#[test]
fn a_block_of_nul_bytes_is_stepped_over() {
    let block = vec![0; 4096];
    each(|directory, shape, lines, whole| {
        let last = lines.len() - 1;
        for before in [0, last] {
            let mut damaged = lines.to_vec();
            damaged[before] = [block.as_slice(), &damaged[before]].concat();
            let after = read(directory, shape, &damaged.join(&b'\n'));
            assert_eq!(after.calls, whole.calls, "{shape}, before line {before}");
            assert_eq!(after.unreadable, whole.unreadable + 1, "{shape}");
            assert!(
                after.lines.contains(&(before as u64 + 1)),
                "{shape}: {after:?}"
            );
        }
        let mut damaged = lines.to_vec();
        damaged.push(block.clone());
        let after = read(directory, shape, &damaged.join(&b'\n'));
        assert_eq!(after.calls, whole.calls, "{shape}, at the end");
        assert_eq!(
            after.lines.last(),
            Some(&(lines.len() as u64 + 1)),
            "{shape}"
        );
    });
}

#[test]
fn objects_glued_on_one_line_are_taken_apart() {
    each(|directory, shape, lines, whole| {
        let glued = lines.concat();
        let after = read(directory, shape, &glued);
        if whole.unreadable == 0 {
            assert_eq!(after.calls, whole.calls, "{shape}");
            let values = lines.iter().filter(|line| !line.trim_ascii().is_empty());
            let seams = values.count() as u64 - 1;
            assert_eq!(after.glued, whole.glued + seams, "{shape}");
        }
    });
}

#[test]
fn what_is_cut_off_loses_no_more_than_what_it_cuts() {
    each(|directory, shape, lines, whole| {
        let text = lines.join(&b'\n');
        if lines.len() < 2 {
            return;
        }
        let cut = read_from(directory, shape, shape, &text[..text.len() - 7]);
        let line = lines.len() as u64;
        assert_eq!(cut.lines.last(), Some(&line), "{shape}: {cut:?}");
        let without = lines[..lines.len() - 1].join(&b'\n');
        let without = read_from(directory, shape, shape, &without);
        assert_eq!(cut.calls, without.calls, "{shape}");
        assert!(cut.calls <= whole.calls, "{shape}");
    });
}

#[test]
fn an_array_that_is_cut_off_is_read_as_far_as_it_goes() {
    let directory = tempfile::tempdir().expect("a directory");
    let task = |id: u32| {
        format!(
            "  {{\"task_id\": {id}, \"reward\": 1, \"trial\": 0, \"info\": {{}},\n   \"traj\": [{{\"role\": \"assistant\", \
             \"tool_calls\": [{{\"id\": \"c{id}\", \"function\": {{\"name\": \"f\", \"arguments\": \"{{}}\"}}}}]}}]}}"
        )
    };
    let whole = format!("[\n{},\n{},\n{}\n]\n", task(1), task(2), task(3));
    assert_eq!(read(&directory, "tau-bench", whole.as_bytes()).calls, 3);
    let cut = read(
        &directory,
        "tau-bench",
        &whole.as_bytes()[..whole.len() - 30],
    );
    assert_eq!((cut.calls, cut.lines), (2, vec![7]));
}
