//! LiveMCPBench trajectories: an array of tasks. Its agents call one tool that calls the real one:
//! the table of such tools in the pipeline file shows the real one to the policy.

use super::openai_chat::{self, Speaker};
use super::{Shape, Sink, members};
use crate::json::Item;

/// A task of LiveMCPBench.
pub struct LiveMcpBench;

impl Shape for LiveMcpBench {
    fn name(&self) -> &'static str {
        "livemcpbench"
    }

    fn title(&self) -> &'static str {
        "LiveMCPBench trajectories"
    }

    fn recognises(&self, record: Item<'_>) -> bool {
        record.get("task_id").is_some()
            && record.get("Question").is_some()
            && record.get("messages").is_some()
    }

    fn read(&self, record: Item<'_>, written: &[u8], sink: &mut Sink<'_>) {
        let Some(messages) = record.get("messages") else {
            return;
        };
        sink.begin_conversation();
        let speaker = Speaker {
            session: members::text(record, "task_id"),
            agent: None,
        };
        openai_chat::read_messages(messages, &speaker, written, sink);
    }
}
