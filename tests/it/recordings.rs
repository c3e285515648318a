//! What recordings say of one call in several places, as it reaches the decisions: results, a
//! person's answers, second reports, the order of time, what holds for all that follows.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

use std::fs;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

/// What `simulate` answers, and its decisions.
struct Answer {
    report: Value,
    decisions: Vec<Value>,
    written: Vec<u8>,
    /// The outcomes of the audit log, if one was asked for.
    audited: Vec<Value>,
}

impl Answer {
    fn note(&self, name: &str) -> u64 {
        self.report["coverage"]["notes"][name].as_u64().unwrap_or(0)
    }

    fn calls_read(&self) -> u64 {
        self.report["coverage"]["calls_read"].as_u64().unwrap()
    }

    /// A member of each decision, in order.
    fn list(&self, member: &str) -> Vec<&Value> {
        self.decisions.iter().map(|line| &line[member]).collect()
    }
}

/// A policy that lets nothing through unless a person says so.
const ASK: &str = r#"{"version":"1","generated_at":"2026-01-01T00:00:00Z",
    "expires_at":"2036-01-01T00:00:00Z","rules":[],"defaults":{"outcome":"REQUIRE_APPROVAL"}}"#;

/// Runs `simulate` on the files given, in their order, with more arguments.
fn simulate(files: &[(&str, &str)], more: &str) -> Answer {
    let directory: TempDir = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    fs::write(at("policy.json"), ASK).unwrap();
    for (name, text) in files {
        fs::write(at(name), text).unwrap();
    }
    let recordings = files.iter().map(|(name, _)| *name);
    let output = Command::new(env!("CARGO_BIN_EXE_agent-spm"))
        .current_dir(directory.path())
        .args(["simulate", "--policy", "policy.json", "--format", "json"])
        .args(["--decisions", "decisions.jsonl", "--environment", "dev"])
        .args(more.split_whitespace())
        .args(recordings.filter(|name| !["pipeline.yaml", "policy.json"].contains(name)))
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    let written = fs::read(at("decisions.jsonl")).unwrap();
    let audit = fs::read(at("audit.jsonl")).unwrap_or_default();
    let mut audited = json_lines(&audit);
    for event in &mut audited {
        *event = event["outcome"].take();
    }
    Answer {
        report: serde_json::from_slice(&output.stdout).unwrap(),
        decisions: json_lines(&written),
        written,
        audited,
    }
}

fn json_lines(text: &[u8]) -> Vec<Value> {
    let lines = text.split(|byte| *byte == b'\n');
    lines
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect()
}

fn lines(records: &[Value]) -> String {
    records.iter().map(|record| format!("{record}\n")).collect()
}

fn claude(uuid: &str, kind: &str, second: u32, content: Value) -> Value {
    json!({"type": kind, "uuid": uuid, "sessionId": "s", "timestamp": format!("2026-01-10T09:00:{second:02}.000Z"),
        "message": {"role": kind, "model": "m", "content": [content]}})
}

fn tool_use(id: &str, command: &str) -> Value {
    json!({"type": "tool_use", "id": id, "name": "Bash", "input": {"command": command}})
}

fn tool_result(id: &str, text: &str) -> Value {
    let refused = text.starts_with("The user");
    json!({"type": "tool_result", "tool_use_id": id, "content": text, "is_error": refused})
}

const REFUSED: &str =
    "The user doesn't want to proceed with this tool use. The tool use was rejected";

#[test]
fn a_person_s_refusal_in_a_transcript_is_an_approval_that_was_refused() {
    let transcript = lines(&[
        claude("1", "assistant", 1, tool_use("a", "ls")),
        claude("2", "assistant", 2, tool_use("b", "rm -rf /")),
        claude("3", "user", 9, tool_result("b", REFUSED)),
        claude(
            "4",
            "user",
            9,
            tool_result("a", "The user doesn't read this"),
        ),
    ]);
    let slow = "version: 1\napprovals: { timeout_ms: 5000 }\n";
    let files = [("pipeline.yaml", slow), ("t.jsonl", transcript.as_str())];
    let answer = simulate(&files, "--audit-log audit.jsonl");
    assert_eq!(answer.list("allowed"), [false, false]);
    let asked = "REQUIRE_APPROVAL";
    assert_eq!(answer.audited, [asked, "DENY", asked, "REJECTED"]);
    let answer = simulate(&files, "--audit-log audit.jsonl --pipeline pipeline.yaml");
    assert_eq!(answer.audited, [asked, "DENY", asked, "TIMEOUT"]);
}

#[test]
fn what_a_person_allowed_goes_through() {
    let event = |event: Value| json!(["client.beta.sessions.events.stream", event]);
    let call = |id: &str, second: u32| {
        event(
            json!({"type": "agent.tool_use", "id": id, "name": "web_fetch", "input": {},
            "processed_at": format!("2026-07-06T17:00:{second:02}Z")}),
        )
    };
    let answer = |id: &str, result: &str| {
        event(
            json!({"type": "user.tool_confirmation", "id": "x", "tool_use_id": id, "result": result,
            "processed_at": "2026-07-06T17:00:59Z"}),
        )
    };
    let recording = lines(&[
        json!(["client.beta.sessions.create", {"type": "session", "id": "sesn", "agent": {"name": "helper"}}]),
        call("a", 1),
        call("b", 2),
        answer("b", "allow"),
        answer("a", "deny"),
        call("c", 3),
    ]);
    let answer = simulate(&[("events.jsonl", &recording)], "");
    assert_eq!(answer.list("allowed"), [false, true, false]);
    assert_eq!(answer.list("agent_id"), ["helper"; 3]);
}

#[test]
fn calls_are_decided_in_the_order_of_time_and_those_out_of_it_counted() {
    let transcript = lines(&[
        claude("1", "assistant", 1, tool_use("a", "1")),
        claude("2", "assistant", 5, tool_use("b", "5")),
        claude("3", "assistant", 3, tool_use("c", "3")),
        claude("4", "assistant", 5, tool_use("d", "5 again")),
        claude("5", "assistant", 4, tool_use("e", "4")),
    ]);
    let answer = simulate(&[("t.jsonl", &transcript)], "");
    assert_eq!(answer.list("request_id"), ["a", "c", "e", "b", "d"]);
    assert_eq!(answer.note("out_of_time_order"), 2);
    assert_eq!(answer.note("time_going_backwards"), 0);
    // The platform's own shape is taken as it stands.
    let native = |id: &str, second: u32| {
        json!({"request_id": id, "timestamp": format!("2026-01-10T09:00:{second:02}Z"),
            "agent": {"agent_id": "a"}, "action": {"tool_name": "f", "tool_args": {}}})
    };
    let calls = lines(&[native("a", 2), native("b", 1)]);
    let answer = simulate(&[("calls.jsonl", &calls)], "");
    assert_eq!(answer.list("request_id"), ["a", "b"]);
    assert_eq!(answer.note("time_going_backwards"), 1);
}

#[test]
fn a_call_that_is_seen_twice_counts_once() {
    let transcript = lines(&[
        claude("1", "assistant", 1, tool_use("a", "ls")),
        claude("2", "assistant", 2, tool_use("b", "ls")),
        claude("3", "assistant", 3, tool_use("b", "ls -a")),
    ]);
    let other = lines(&[claude("9", "assistant", 7, tool_use("b", "ls"))]);
    let answer = simulate(&[("t.jsonl", &transcript), ("u.jsonl", &other)], "");
    assert_eq!((answer.calls_read(), answer.decisions.len()), (4, 3));
    assert_eq!(answer.note("duplicate_calls"), 1);

    // The same call in another session's file is another call.
    let session = other.replace(r#""sessionId":"s""#, r#""sessionId":"another""#);
    let answer = simulate(&[("t.jsonl", &transcript), ("u.jsonl", &session)], "");
    assert_eq!((answer.calls_read(), answer.decisions.len()), (4, 4));
    assert_eq!(answer.note("duplicate_calls"), 0);

    // Ids repeat between runs.
    let run = |trial: u32| {
        json!({"task_id": 1, "trial": trial, "reward": 0, "info": {}, "traj": [{"role": "assistant",
            "tool_calls": [{"id": "call_1", "function": {"name": "f", "arguments": "{}"}}]}]})
    };
    let runs = json!([run(0), run(1), run(0)]).to_string();
    let answer = simulate(&[("runs.json", &runs)], "");
    assert_eq!((answer.calls_read(), answer.decisions.len()), (3, 2));

    // Test cases in the platform's own shape often differ in one member only.
    let case = |environment: &str| {
        json!({"request_id": "r", "agent": {"agent_id": "a", "environment": environment},
            "action": {"tool_name": "f", "tool_args": {}}})
    };
    let cases = lines(&[case("prod"), case("dev"), case("prod")]);
    let answer = simulate(&[("cases.jsonl", &cases)], "");
    assert_eq!((answer.calls_read(), answer.decisions.len()), (3, 3));
    let copy = lines(&[case("dev"), case("test")]);
    let answer = simulate(&[("cases.jsonl", &cases), ("copy.jsonl", &copy)], "");
    assert_eq!((answer.calls_read(), answer.decisions.len()), (5, 4));
    assert_eq!(answer.note("duplicate_calls"), 1);
}

#[test]
fn two_spans_of_one_call_count_once() {
    let span = |id: &str, parent: &str, attributes: Value| {
        json!({"name": "execute_tool", "context": {"trace_id": "t", "span_id": id}, "parent_id": parent,
            "start_time": "2026-01-10T10:00:00Z", "attributes": attributes})
    };
    let agent = json!({"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "search"});
    let mcp = |tool: &str| {
        json!({"mcp.method.name": "tools/call", "gen_ai.tool.name": tool,
            "gen_ai.tool.call.arguments": {"q": "x"}})
    };
    let spans = lines(&[
        span("server", "client", mcp("search")),
        span("client", "agent", mcp("search")),
        span("agent", "root", agent.clone()),
        span("inner", "agent", mcp("another_tool")),
        span("alone", "elsewhere", mcp("search")),
    ]);
    let answer = simulate(&[("spans.jsonl", &spans)], "");
    assert_eq!(answer.calls_read(), 5);
    assert_eq!(answer.note("duplicate_calls"), 2);
    // The outermost that holds the arguments counts.
    assert_eq!(answer.list("request_id"), ["client", "inner", "alone"]);
}

#[test]
fn a_hook_that_is_told_of_a_call_three_times_reports_one() {
    let hook = |event: &str, id: Option<&str>, command: &str| {
        let mut hook = json!({"session_id": "s", "hook_event_name": event, "tool_name": "Bash",
            "tool_input": {"command": command}});
        if let Some(id) = id {
            hook["tool_use_id"] = json!(id);
        }
        hook
    };
    let log = lines(&[
        hook("PreToolUse", Some("1"), "ls"),
        hook("PermissionRequest", None, "ls"),
        hook("PostToolUse", Some("1"), "ls"),
        hook("PostToolUse", Some("2"), "ls"),
        hook("BeforeTool", None, "pwd"),
        hook("AfterTool", None, "pwd"),
        hook("AfterTool", None, "id"),
    ]);
    let answer = simulate(&[("hooks.jsonl", &log)], "");
    assert_eq!(answer.decisions.len(), 4);
    assert_eq!(
        (answer.calls_read(), answer.note("duplicate_calls")),
        (4, 0)
    );
}

#[test]
fn what_tools_returned_is_looked_at() {
    let pipeline =
        "version: 1\nplugins:\n- output-validator: { forbidden_keywords: [classified] }\n";
    let chat = json!({"messages": [
        {"role": "assistant", "tool_calls": [
            {"id": "a", "function": {"name": "f", "arguments": "{}"}},
            {"id": "b", "function": {"name": "g", "arguments": "{}"}}]},
        {"role": "tool", "tool_call_id": "b", "content": "this is classified"},
        {"role": "tool", "tool_call_id": "a", "content": "this is not"}]});
    let transcript = lines(&[
        claude("1", "assistant", 1, tool_use("a", "cat x")),
        claude("2", "user", 2, tool_result("a", "classified as well")),
    ]);
    for (file, text, expected) in [
        ("chat.jsonl", chat.to_string(), 1),
        ("t.jsonl", transcript, 1),
    ] {
        let files = [("pipeline.yaml", pipeline), (file, text.as_str())];
        let answer = simulate(&files, "--pipeline pipeline.yaml");
        let reported = answer.report["results"].as_array().unwrap();
        let prevented = |entry: &Value| entry["prevented"].as_u64().unwrap();
        assert_eq!(
            reported.iter().map(prevented).sum::<u64>(),
            expected,
            "{file}"
        );
    }
}

#[test]
fn long_arguments_are_searched_to_their_end_in_every_form() {
    let command = format!("{}rm -rf /", "echo a line; ".repeat(5000));
    let object = json!({"messages": [{"role": "assistant", "tool_calls": [
        {"id": "a", "function": {"name": "f", "arguments": {"command": command}}}]}]});
    let written = json!({"command": command}).to_string();
    let text = json!({"messages": [{"role": "assistant", "tool_calls": [
        {"id": "b", "function": {"name": "f", "arguments": written}}]}]});
    let streamed = |part: &str| {
        let call = json!({"index": 0, "id": "c", "function": {"name": "f", "arguments": part}});
        format!(
            "data: {}\n\n",
            json!({"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"tool_calls": [call]}}]})
        )
    };
    let (first, second) = written.split_at(written.len() - 4);
    let end = json!({"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]});
    let body = format!("{}{}data: {end}\n\n", streamed(first), streamed(second));
    let stream = json!({"request": {"messages": []}, "response": body});
    let recording = lines(&[object, text, stream]);
    let policy = r#"{"version":"1","generated_at":"2026-01-01T00:00:00Z",
        "expires_at":"2036-01-01T00:00:00Z","rules":[{"id":"NO_RM","description":"no removal",
        "match":{"tool_name":"*","environment":"*"},"when":{"contains_any":["rm -rf /"]},
        "outcome":"DENY"}],"defaults":{"outcome":"ALLOW"}}"#;
    let files = [("calls.jsonl", recording.as_str()), ("policy.json", policy)];
    let answer = simulate(&files, "");
    assert_eq!(answer.list("code"), ["NO_RM"; 3]);
}

/// A rollout of more than one piece: `pieces` times 6 MiB, with two calls each.
fn long_rollout(pieces: u32) -> String {
    let line = |kind: &str, second: u32, payload: Value| {
        let time = format!("2026-03-04T00:{:02}:{:02}Z", second / 60, second % 60);
        format!(
            "{}\n",
            json!({"timestamp": time, "type": kind, "payload": payload})
        )
    };
    let call = |id: u32| json!({"type": "function_call", "name": "exec", "arguments": "{}", "call_id": format!("c{id}")});
    let filler = "x".repeat(1024 * 1024);
    let mut text = line("session_meta", 0, json!({"id": "thread"}));
    text += &line("turn_context", 0, json!({"model": "first"}));
    for piece in 0..pieces {
        for _ in 0..6 {
            text += &line(
                "event_msg",
                2 * piece,
                json!({"type": "agent_message", "message": filler}),
            );
        }
        text += &line("response_item", 2 * piece + 1, call(2 * piece + 1));
        text += &line("response_item", 2 * piece, call(2 * piece));
        if piece == 1 {
            text += &line("turn_context", 2, json!({"model": "second"}));
        }
    }
    text
}

#[test]
fn a_long_recording_is_put_together_in_pieces_alike_on_any_number_of_threads() {
    let rollout = long_rollout(3);
    let files = [("rollout.jsonl", rollout.as_str())];
    let one = simulate(&files, "--jobs 1");
    let expected: Vec<Value> = (0..6).map(|id| json!(format!("c{id}"))).collect();
    assert!(one.list("request_id").into_iter().eq(&expected));
    let agents = ["first", "first", "first", "first", "second", "second"];
    assert_eq!(
        one.list("agent_id"),
        agents,
        "known in later pieces as well"
    );
    assert_eq!(one.note("out_of_time_order"), 3);
    assert_eq!(one.note("recording_in_pieces"), 1);
    let short = long_rollout(2);
    let whole = simulate(&[("rollout.jsonl", &short)], "");
    assert_eq!(whole.note("recording_in_pieces"), 0);
    let many = simulate(&files, "--jobs 3");
    assert!(many.written == one.written && many.report == one.report);
}
