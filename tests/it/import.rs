//! Recorded calls: every shape reads its fixtures as listed, claims no other's records, and stands
//! whatever it is given.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use agent_spm::import::{
    self, Call, Context, Found, Report, SHAPES, Shape, Sink, named, recognise,
};
use agent_spm::json::{Item, Scanner, Tape};
use agent_spm::model::request::{ArgumentValue, Name, Request};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

/// Hands each record of `text` to `receive`, or none for a line whose rest is not JSON.
fn records(text: &[u8], mut receive: impl FnMut(Option<(Item<'_>, &[u8])>)) {
    let mut tape = Tape::default();
    for line in text.split(|byte| *byte == b'\n') {
        let mut scanner = Scanner::new(line);
        while !scanner.at_end() {
            match tape.read(&mut scanner) {
                Ok(value) => {
                    import::records(value).for_each(|record| receive(Some((record, line))))
                }
                Err(_) => {
                    receive(None);
                    break;
                }
            }
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).escape_debug().to_string()
}

fn list_call(request: &Request) -> String {
    let mut out = String::new();
    let member = |out: &mut String, key, name: Option<Name>| {
        if let Some(name) = name {
            write!(out, " {key}={}", text(request.name(name))).unwrap();
        }
    };
    member(&mut out, "id", request.request_id);
    member(&mut out, "type", request.action_type);
    member(&mut out, "tool", request.tool_name);
    member(&mut out, "provider", request.tool_provider);
    member(&mut out, "agent", request.agent_id);
    member(&mut out, "environment", request.environment);
    member(&mut out, "session", request.session_id);
    member(&mut out, "time", request.timestamp_text);
    if let Some(time) = request.timestamp {
        write!(out, " ({time})").unwrap();
    }
    if let Some(recorded) = request.recorded {
        write!(out, " recorded={}", recorded.outcome.as_str()).unwrap();
        member(&mut out, "code", recorded.code);
    }
    if let Some(input) = request.user_input {
        write!(out, " input={}", text(request.value(input))).unwrap();
    }
    for argument in &request.arguments {
        let indent = ">".repeat(argument.depth.into());
        let key = text(request.name(argument.key));
        let value = match argument.value {
            ArgumentValue::String(value) => format!("\"{}\"", text(request.value(value))),
            ArgumentValue::Number(value) => text(request.value(value)),
            ArgumentValue::Bool(value) => value.to_string(),
            ArgumentValue::Null => "null".to_owned(),
            ArgumentValue::Composite => "…".to_owned(),
        };
        write!(out, "\n    {indent}{key}: {value}").unwrap();
    }
    out.push('\n');
    out
}

fn list_links(call: &Call<'_>, out: &mut String) {
    if call.conversation > 0 {
        write!(out, " in={}", call.conversation).unwrap();
    }
    for alias in call.aliases {
        write!(out, " alias={}", text(alias)).unwrap();
    }
    match call.report {
        Report::Sole => {}
        Report::Later => out.push_str(" (later)"),
        Report::Within(outer) => write!(out, " within={}", text(outer)).unwrap(),
    }
}

fn list_found(
    shape: &dyn Shape,
    record: Item<'_>,
    written: &[u8],
    context: &mut Context,
    out: &mut String,
) {
    let mut receive = |found: Found<'_>| match found {
        Found::Call(call) => {
            match call.undecidable {
                None => out.push_str("  call"),
                Some(reason) => write!(out, "  not replayable: {reason}").unwrap(),
            }
            list_links(&call, out);
            match call.undecidable {
                None => out.push_str(&list_call(call.request)),
                Some(_) => out.push('\n'),
            }
        }
        Found::Answer {
            conversation,
            answer,
        } => {
            write!(out, "  answer").unwrap();
            if conversation > 0 {
                write!(out, " in={conversation}").unwrap();
            }
            if let Some(session) = answer.session {
                write!(out, " session={}", text(session)).unwrap();
            }
            write!(out, " to={}", text(answer.call)).unwrap();
            if let Some(time) = answer.time {
                write!(out, " time={time}").unwrap();
            }
            if let Some(approved) = answer.approved {
                write!(out, " approved={approved}").unwrap();
            }
            if let Some(result) = answer.result {
                write!(out, " result={}", text(result)).unwrap();
            }
            out.push('\n');
        }
        Found::Unreadable { at, message } => {
            writeln!(out, "  unreadable at {at}: {message}").unwrap()
        }
        Found::Note(what) => writeln!(out, "  note: {what}").unwrap(),
    };
    let mut request = Request::default();
    shape.read(
        record,
        written,
        &mut Sink::new(&mut request, context, &mut receive),
    );
}

fn name_of_claimant(record: Item<'_>) -> &'static str {
    recognise(record).map_or("-", Shape::name)
}

/// Everything that `shape` reads in its fixture folder, record by record.
fn list_fixtures(shape: &dyn Shape, folder: &Path) -> String {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| !path.ends_with("expected.txt"))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{} has no fixture", folder.display());
    let mut out = String::new();
    for file in files {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        writeln!(out, "{name}").unwrap();
        let mut context = Context::default();
        records(&fs::read(&file).unwrap(), |record| match record {
            Some((record, written)) => {
                writeln!(out, " {}", name_of_claimant(record)).unwrap();
                list_found(shape, record, written, &mut context, &mut out);
            }
            None => out.push_str(" unreadable\n"),
        });
    }
    out
}

#[test]
fn fixtures_are_read_as_listed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/import");
    let mut folders: Vec<_> = fs::read_dir(&root)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    folders.sort();
    let mut names: Vec<_> = SHAPES.iter().map(|shape| shape.name()).collect();
    names.sort_unstable();
    assert_eq!(folders, names, "one fixture folder a shape");
    for shape in SHAPES {
        let folder = root.join(shape.name());
        let listed = list_fixtures(*shape, &folder);
        let expected = folder.join("expected.txt");
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&expected, &listed).unwrap();
        }
        let expected = fs::read_to_string(&expected).unwrap_or_default();
        assert_eq!(listed, expected, "{}", shape.name());
    }
}

#[test]
fn shapes_are_found_by_name() {
    for shape in SHAPES {
        assert_eq!(named(shape.name()).unwrap().name(), shape.name());
    }
    assert!(named("claude").is_none());
}

/// A record of every shape in which people record calls, and which of ours claims it.
fn one_of_each() -> Vec<(&'static str, Value)> {
    let chat_call =
        json!({"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}});
    let chat_messages = json!([{"role": "user", "content": "x"},
        {"role": "assistant", "content": null, "tool_calls": [chat_call]},
        {"role": "tool", "tool_call_id": "c", "content": "ok"}]);
    let object_call =
        json!({"id": "c", "type": "function", "function": {"name": "f", "arguments": {}}});
    let tool_use = json!({"type": "tool_use", "id": "t", "name": "f", "input": {}});
    let chunk = "data: {\"object\":\"chat.completion.chunk\",\"choices\":[]}\n\ndata: [DONE]\n\n";
    let start = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{}}\n\n";
    vec![
        (
            "native",
            json!({"request_id": "r", "agent": {"agent_id": "a"}, "action": {"type": "tool_call", "tool_name": "f", "tool_args": {}}}),
        ),
        // OpenAI Chat Completions
        (
            "openai-chat",
            json!({"object": "chat.completion", "choices": [{"message": {"role": "assistant", "content": "no call"}}]}),
        ),
        (
            "openai-chat",
            json!({"request": {"messages": [{"role": "user", "content": "x"}]}, "response": {"object": "chat.completion", "choices": []}}),
        ),
        (
            "openai-chat",
            json!({"request": {"messages": []}, "response": chunk}),
        ),
        (
            "openai-chat",
            json!({"model": "m", "messages": chat_messages}),
        ),
        ("openai-chat", chat_messages.clone()),
        // OpenAI Responses
        (
            "openai-responses",
            json!({"object": "response", "output": [{"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}]}),
        ),
        (
            "openai-responses",
            json!({"request": {"input": "x"}, "response": {"object": "response", "output": []}}),
        ),
        (
            "openai-responses",
            json!({"request": {"input": "x"}, "response": "event: response.created\ndata: {\"type\":\"response.created\"}\n\n"}),
        ),
        (
            "-",
            json!({"type": "message", "role": "assistant", "status": "completed", "content": [{"type": "output_text", "text": "x"}]}),
        ),
        (
            "openai-responses",
            json!({"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}),
        ),
        // Anthropic Messages
        (
            "anthropic-messages",
            json!({"type": "message", "role": "assistant", "model": "m", "content": [], "stop_reason": "end_turn"}),
        ),
        (
            "anthropic-messages",
            json!({"request": {"messages": []}, "response": {"type": "message", "role": "assistant", "content": [tool_use], "stop_reason": "tool_use"}}),
        ),
        (
            "anthropic-messages",
            json!({"request": {"messages": []}, "response": start}),
        ),
        (
            "anthropic-messages",
            json!({"messages": [{"role": "assistant", "content": [tool_use]}]}),
        ),
        // Claude Code, its sub-agents, and their own files
        (
            "claude-code",
            json!({"type": "assistant", "sessionId": "s", "uuid": "u", "message": {"role": "assistant", "content": [tool_use]}}),
        ),
        (
            "claude-code",
            json!({"type": "progress", "sessionId": "s", "uuid": "u", "data": {"type": "agent_progress", "message": {"message": {"content": [tool_use]}}}}),
        ),
        (
            "claude-code",
            json!({"type": "assistant", "isSidechain": true, "agentId": "a", "sessionId": "s", "uuid": "u", "message": {"content": []}}),
        ),
        // Hook logs
        (
            "hooks",
            json!({"session_id": "s", "transcript_path": "p", "cwd": "/", "hook_event_name": "PreToolUse", "tool_name": "Bash", "tool_input": {}, "tool_use_id": "t"}),
        ),
        // MCP traffic
        (
            "mcp",
            json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "f", "arguments": {}}}),
        ),
        (
            "mcp",
            json!({"request": {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "f"}}, "response": "event: message\r\ndata: {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\r\n\r\n"}),
        ),
        // OpenTelemetry spans
        (
            "otel",
            json!({"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "t", "attributes": [{"key": "gen_ai.tool.name", "value": {"stringValue": "f"}}]}]}]}]}),
        ),
        // LangSmith
        (
            "langsmith",
            json!({"id": "i", "name": "f", "run_type": "tool", "inputs": {"input": "x"}, "trace_id": "t", "session_id": "project"}),
        ),
        (
            "langsmith",
            json!({"id": "i", "name": "m", "run_type": "llm", "inputs": {"messages": chat_messages}, "outputs": {"choices": []}, "trace_id": "t"}),
        ),
        // AgentDojo, and its export
        (
            "agentdojo",
            json!({"suite_name": "s", "pipeline_name": "p", "messages": [{"role": "assistant", "content": null, "tool_calls": [{"function": "f", "args": {}, "id": null}]}]}),
        ),
        ("-", json!({"metadata": {"suite": "s"}})),
        (
            "invariant",
            json!({"index": 0, "messages": [{"role": "assistant", "tool_calls": [object_call]}], "metadata": {}, "annotations": []}),
        ),
        // tau-bench, LiveMCPBench
        (
            "tau-bench",
            json!([{"task_id": 0, "reward": 0.0, "info": {}, "traj": chat_messages, "trial": 0}]),
        ),
        (
            "livemcpbench",
            json!([{"task_id": "t", "Question": "q", "messages": chat_messages}]),
        ),
        // Gemini CLI, Codex
        (
            "gemini-cli",
            json!({"sessionId": "s", "projectHash": "h", "startTime": "t", "messages": [{"type": "gemini", "toolCalls": [{"id": "c", "name": "f", "args": {}}]}]}),
        ),
        (
            "codex",
            json!({"timestamp": "t", "type": "response_item", "payload": {"type": "function_call", "name": "f", "arguments": "{}", "call_id": "c"}}),
        ),
        // Anthropic managed agents
        (
            "managed-agents",
            json!(["client.beta.sessions.events.stream", {"type": "agent.tool_use", "id": "t", "name": "f", "input": {}, "processed_at": "t"}]),
        ),
        // Inspect AI, SWE-agent
        (
            "inspect-ai",
            json!({"version": 2, "eval": {"model": "m", "task": "k"}, "samples": [{"messages": [{"role": "assistant", "tool_calls": [{"id": "c", "function": "f", "arguments": {}}]}], "events": [{"event": "tool", "function": "f"}]}]}),
        ),
        (
            "swe-agent",
            json!({"history": [{"role": "assistant", "tool_calls": [chat_call]}], "trajectory": [{"action": "ls"}]}),
        ),
        // Bedrock, Gemini
        (
            "-",
            json!({"messages": [{"role": "assistant", "content": [{"toolUse": {"toolUseId": "t", "name": "f", "input": {}}}]}]}),
        ),
        (
            "-",
            json!({"output": {"message": {"role": "assistant", "content": [{"toolUse": {"toolUseId": "t", "name": "f", "input": {}}}]}}, "stopReason": "tool_use"}),
        ),
        (
            "-",
            json!({"candidates": [{"content": {"role": "model", "parts": [{"functionCall": {"name": "f", "args": {}}}]}}]}),
        ),
        // agentsh, our own audit events
        (
            "agentsh",
            json!({"id": "e", "timestamp": "t", "type": "command_policy", "session_id": "s", "operation": "o", "fields": {"command": "ls"}}),
        ),
        (
            "-",
            json!({"event_id": "e", "timestamp": "t", "request_id": "r", "agent_id": "a", "tool_name": "f", "outcome": "DENY", "safe_payload": {}}),
        ),
        // Conversations that could be anybody's
        (
            "-",
            json!({"messages": [{"role": "user", "content": "x"}, {"role": "assistant", "content": "y"}]}),
        ),
        (
            "-",
            json!({"request": {"messages": []}, "response": {"error": {"message": "no"}}}),
        ),
        ("-", json!([])),
    ]
}

#[test]
fn a_record_is_claimed_by_its_own_shape_only() {
    for (expected, record) in one_of_each() {
        let text = record.to_string();
        let mut claims = Vec::new();
        records(text.as_bytes(), |record| {
            let (record, _) = record.unwrap();
            let claimants = SHAPES.iter().filter(|shape| shape.recognises(record));
            claims.extend(claimants.map(|shape| shape.name()));
        });
        claims.dedup();
        let expected: Vec<_> = [expected].into_iter().filter(|name| *name != "-").collect();
        assert_eq!(claims, expected, "{text}");
    }
}

#[test]
fn a_record_that_several_shapes_claim_is_nobodys() {
    let record = json!({"messages": [
        {"role": "assistant", "tool_calls": [{"id": "c", "function": {"name": "f", "arguments": "{}"}}]},
        {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "f", "input": {}}]},
    ]});
    records(record.to_string().as_bytes(), |record| {
        assert_eq!(name_of_claimant(record.unwrap().0), "-");
    });
}

/// Every key and string that means something to a shape, from the records above.
fn vocabulary(value: &Value, words: &mut Vec<String>) {
    match value {
        Value::Array(elements) => elements.iter().for_each(|value| vocabulary(value, words)),
        Value::Object(members) => {
            for (key, value) in members {
                words.push(key.clone());
                vocabulary(value, words);
            }
        }
        Value::String(text) => words.push(text.clone()),
        _ => {}
    }
}

fn any_value() -> impl Strategy<Value = Value> {
    let mut words = Vec::new();
    for (_, record) in one_of_each() {
        vocabulary(&record, &mut words);
    }
    words.extend(
        [
            "index",
            "delta",
            "finish_reason",
            "created",
            "date",
            "partial_json",
        ]
        .map(str::to_owned),
    );
    words.sort();
    words.dedup();
    let word = select(words);
    let leaf = prop_oneof![
        4 => word.clone().prop_map(Value::String),
        1 => any::<String>().prop_map(Value::String),
        1 => any::<bool>().prop_map(Value::Bool),
        1 => any::<f64>().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => Just(Value::Null),
    ];
    leaf.prop_recursive(6, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            prop::collection::vec((word.clone(), inner.clone()), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
            // A body that is streamed.
            prop::collection::vec(inner, 0..6).prop_map(|events| {
                let body: String = events
                    .iter()
                    .map(|event| format!("data: {event}\n\n"))
                    .collect();
                json!({"request": {}, "response": body})
            }),
        ]
    })
}

/// Replaces the value that is the `at`-th in document order, from 0, by `other`.
fn replace(value: &mut Value, at: &mut usize, other: &Value) {
    if *at == 0 {
        *value = other.clone();
    }
    *at = at.wrapping_sub(1);
    match value {
        Value::Array(elements) => elements
            .iter_mut()
            .for_each(|value| replace(value, at, other)),
        Value::Object(members) => members
            .values_mut()
            .for_each(|value| replace(value, at, other)),
        _ => {}
    }
}

/// Reads `text` as every shape and claims it as any.
fn read_as_all(text: &str) {
    records(text.as_bytes(), |record| {
        if let Some((record, written)) = record {
            let claimant = name_of_claimant(record);
            let mut out = claimant.to_owned();
            for shape in SHAPES {
                list_found(*shape, record, written, &mut Context::default(), &mut out);
            }
        }
    });
}

proptest! {
    #[test]
    fn any_record_is_read_without_a_panic(record in any_value()) {
        read_as_all(&record.to_string());
    }

    #[test]
    fn records_with_a_wrong_value_are_read_without_a_panic(
        which in any::<prop::sample::Index>(),
        at in 0_usize..40,
        other in any_value(),
    ) {
        let mut records = one_of_each();
        let which = which.index(records.len());
        let (_, record) = &mut records[which];
        replace(record, &mut { at }, &other);
        read_as_all(&record.to_string());
    }

    #[test]
    fn streams_cut_anywhere_lose_calls_only_to_a_reason(cut in any::<prop::sample::Index>()) {
        // However much of a stream is lost, a call that is read has the arguments it was made with.
        for folder in ["openai-chat", "anthropic-messages"] {
            let shape = named(folder).unwrap();
            let file = format!("{}/testdata/import/{folder}/exchanges.jsonl", env!("CARGO_MANIFEST_DIR"));
            for line in fs::read_to_string(file).unwrap().lines() {
                let record: Value = serde_json::from_str(line).unwrap();
                let Some(body) = record["response"].as_str() else { continue };
                let list = |body: &str| {
                    let text = json!({"request": {}, "response": body}).to_string();
                    let mut out = String::new();
                    records(text.as_bytes(), |record| {
                        let (record, written) = record.unwrap();
                        list_found(shape, record, written, &mut Context::default(), &mut out);
                    });
                    out
                };
                let whole = list(body);
                let part = list(&body[..body.floor_char_boundary(cut.index(body.len()))]);
                for call in part.split("  note: streamed_call\n").filter(|call| call.starts_with("  call")) {
                    prop_assert!(whole.contains(call), "{} is not in {}", call, whole);
                }
            }
        }
    }
}
