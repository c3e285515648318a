//! Claude Code transcripts: the lines of `~/.claude/projects/**/*.jsonl`. Owns which lines hold
//! calls, of sub-agents too, whose they are, and which of them the person at the keyboard refused; the blocks inside are Anthropic's.

use super::anthropic_messages::{self, Teller};
use super::{Shape, Sink, members};
use crate::json::Item;
use crate::time::Timestamp;

/// How the text begins that stands for the result of a call that the person at the keyboard
/// refused, whether with an instruction what to do instead or by an interruption.
const REFUSAL: &[u8] = b"The user doesn't want to ";

/// A line of a Claude Code transcript.
pub struct ClaudeCode;

impl Shape for ClaudeCode {
    fn name(&self) -> &'static str {
        "claude-code"
    }

    fn title(&self) -> &'static str {
        "Claude Code transcripts (~/.claude/projects/**/*.jsonl)"
    }

    fn recognises(&self, record: Item<'_>) -> bool {
        let has = |key| members::text(record, key).is_some();
        match record.get("type").and_then(Item::string) {
            Some(b"summary") => has("leafUuid"),
            Some(b"file-history-snapshot") => has("messageId"),
            Some(b"queue-operation" | b"pr-link") => has("sessionId"),
            Some(_) => has("sessionId") && has("uuid"),
            None => false,
        }
    }

    fn read(&self, record: Item<'_>, written: &[u8], sink: &mut Sink<'_>) {
        match record.get("type").and_then(Item::string) {
            Some(b"assistant" | b"user") => read_message(record, record, record, written, sink),
            Some(b"progress") => {
                // What a sub-agent calls is reported to its parent and, in these versions, written
                // nowhere else.
                if let Some(data) = record.get("data")
                    && members::is(data, "type", "agent_progress")
                    && let Some(line) = data.get("message")
                {
                    read_message(record, data, line, written, sink);
                }
            }
            _ => {}
        }
    }
}

/// Reads the calls of the message that `line` wraps, or what became of calls. `agent` may hold an `agentId`; newer versions
/// write a file for each sub-agent, with it on every line.
fn read_message(
    record: Item<'_>,
    agent: Item<'_>,
    line: Item<'_>,
    written: &[u8],
    sink: &mut Sink<'_>,
) {
    let Some(message) = line.get("message") else {
        return;
    };
    let session = members::text(record, "sessionId");
    let agent = members::text(agent, "agentId").or_else(|| members::text(message, "model"));
    let time = members::text(line, "timestamp").or_else(|| members::text(record, "timestamp"));
    if members::is(line, "type", "user") {
        let teller = Teller {
            session,
            time: time.and_then(Timestamp::parse),
            refusal: REFUSAL,
        };
        anthropic_messages::read_results(message.get("content"), &teller, written, sink);
    } else {
        anthropic_messages::read_blocks(message.get("content"), written, sink, |request| {
            request.session_id = members::name(session, request);
            request.agent_id = members::name(agent, request);
            members::set_time_text(time, request);
        });
    }
}
