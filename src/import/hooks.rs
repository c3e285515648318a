//! Logs of what hooks are told: what Claude Code, Codex and Gemini CLI write to the standard input
//! of a hook before and after each call. Owns which events tell of calls.
//!
//! Most logs hold no time, since the input has none. A loop that adds a `timestamp` is believed.

use super::{Answer, Links, Report, Shape, Sink, arguments, members};
use crate::json::Item;
use crate::time::Timestamp;

/// The input of a hook.
pub struct Hooks;

/// The events that tell of a call that is about to be made.
const BEFORE: [&[u8]; 3] = [b"PreToolUse", b"BeforeTool", b"PermissionRequest"];

/// The events that tell of a call that was made, successfully or not.
const AFTER: [&[u8]; 3] = [b"PostToolUse", b"AfterTool", b"PostToolUseFailure"];

/// What stands for the id of a call where a hook is not told it: session, tool and arguments.
fn content(record: Item<'_>, written: &[u8]) -> Vec<u8> {
    let text = |key| members::text(record, key).unwrap_or_default();
    let input = members::written(record.get("tool_input"), written);
    [
        text("session_id"),
        text("tool_name"),
        input.unwrap_or_default(),
    ]
    .join(&0)
}

impl Shape for Hooks {
    fn name(&self) -> &'static str {
        "hooks"
    }

    fn title(&self) -> &'static str {
        "hook inputs (PreToolUse, PostToolUse), one a line"
    }

    fn recognises(&self, record: Item<'_>) -> bool {
        let has = |key| members::text(record, key).is_some();
        has("hook_event_name") && has("session_id")
    }

    fn read(&self, record: Item<'_>, written: &[u8], sink: &mut Sink<'_>) {
        let event = members::text(record, "hook_event_name").unwrap_or_default();
        let is_after = AFTER.contains(&event);
        if !is_after && !BEFORE.contains(&event) {
            return;
        }
        // One call is told of up to three times: for permission, before and after. A log may hold
        // any of these alone.
        let is_first = event == b"PreToolUse" || event == b"BeforeTool";
        let by_content = content(record, written);
        let links = Links {
            aliases: &[&by_content],
            report: if is_first {
                Report::Sole
            } else {
                Report::Later
            },
        };
        let session = members::text(record, "session_id");
        let id = members::text(record, "tool_use_id");
        let time = members::text(record, "timestamp");
        sink.linked_call(links, |request| {
            request.request_id = members::name(id, request);
            request.session_id = members::name(session, request);
            let agent = members::first_text(record, &["agent_id", "model"]);
            request.agent_id = members::name(agent, request);
            members::set_time_text(time, request);
            members::set_tool(members::text(record, "tool_name"), request)?;
            arguments::read_item(record.get("tool_input"), written, request)
        });
        if is_after {
            let result = record
                .get("tool_response")
                .or_else(|| record.get("tool_output"))
                .or_else(|| record.get("error"));
            sink.answer(Answer {
                session,
                call: id.unwrap_or(&by_content),
                time: time.and_then(Timestamp::parse),
                result: members::written(result, written),
                ..Answer::default()
            });
        }
    }
}
