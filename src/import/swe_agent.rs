//! SWE-agent trajectories: `*.traj`. Owns whether a file holds its agent's actions as tool calls
//! or as the text of shell commands, which are read as calls of `bash`.

use super::openai_chat::{self, Speaker};
use super::{Answer, Links, Shape, Sink, arguments, members};
use crate::json::{Item, Kind};

/// A trajectory of SWE-agent.
pub struct SweAgent;

impl Shape for SweAgent {
    fn name(&self) -> &'static str {
        "swe-agent"
    }

    fn title(&self) -> &'static str {
        "SWE-agent trajectories (*.traj)"
    }

    fn recognises(&self, record: Item<'_>) -> bool {
        let is_list = |key| {
            record
                .get(key)
                .is_some_and(|item: Item<'_>| item.kind() == Kind::Array)
        };
        let of_actions = |key, has: &str| {
            let list = record.get(key).into_iter().flat_map(Item::elements);
            list.take(8).any(|item| item.get(has).is_some())
        };
        is_list("history") && (of_actions("trajectory", "action") || of_actions("history", "agent"))
    }

    fn read(&self, record: Item<'_>, written: &[u8], sink: &mut Sink<'_>) {
        sink.begin_conversation();
        // Where there are tool calls, actions are the same once more, as text.
        if let Some(history) = record.get("history")
            && history.elements().any(openai_chat::is_message_with_calls)
        {
            for message in history.elements() {
                openai_chat::read_message(message, &Speaker::default(), None, written, sink);
                read_observation(message, written, sink);
            }
            return;
        }
        let steps = record.get("trajectory");
        for (number, step) in (1..).zip(steps.into_iter().flat_map(Item::elements)) {
            let Some(action) = members::text(step, "action") else {
                continue;
            };
            let step_id = format!("step {number}").into_bytes();
            let links = Links {
                aliases: &[&step_id],
                ..Links::default()
            };
            sink.linked_call(links, |request| {
                members::set_tool(Some(b"bash"), request)?;
                arguments::take_text("command", action, request);
                Ok(())
            });
            sink.note("shell_action");
            sink.answer(Answer {
                call: &step_id,
                result: members::written(step.get("observation"), written),
                ..Answer::default()
            });
        }
    }
}

/// Emits what the message says a tool returned; it names its call in a list.
fn read_observation(message: Item<'_>, written: &[u8], sink: &mut Sink<'_>) {
    let ids = message.get("tool_call_ids");
    let mut ids = ids.into_iter().flat_map(Item::elements);
    if let Some(call) = ids.next().and_then(Item::string) {
        sink.answer(Answer {
            call,
            result: members::written(message.get("content"), written),
            ..Answer::default()
        });
    }
}
