//! The members of an event by name.

/// The members that every event has, in the order of [`Member`].
pub(super) const REQUIRED: [&str; 8] = [
    "event_id",
    "timestamp",
    "request_id",
    "agent_id",
    "tool_name",
    "outcome",
    "reasons",
    "safe_payload",
];

/// All of them, a bit each.
pub(super) const ALL_REQUIRED: u32 = (1 << REQUIRED.len()) - 1;

/// The members of an event; the number of each is its bit in a set of them.
#[derive(Clone, Copy)]
pub(super) enum Member {
    EventId,
    Timestamp,
    RequestId,
    AgentId,
    ToolName,
    Outcome,
    Reasons,
    SafePayload,
    PluginSource,
    Chain,
}

impl Member {
    pub(super) fn named(name: &[u8]) -> Option<(Self, &'static str)> {
        Some(match name {
            b"event_id" => (Self::EventId, "event_id"),
            b"timestamp" => (Self::Timestamp, "timestamp"),
            b"request_id" => (Self::RequestId, "request_id"),
            b"agent_id" => (Self::AgentId, "agent_id"),
            b"tool_name" => (Self::ToolName, "tool_name"),
            b"outcome" => (Self::Outcome, "outcome"),
            b"reasons" => (Self::Reasons, "reasons"),
            b"safe_payload" => (Self::SafePayload, "safe_payload"),
            b"plugin_source" => (Self::PluginSource, "plugin_source"),
            b"chain" => (Self::Chain, "chain"),
            _ => return None,
        })
    }

    pub(super) const fn bit(self) -> u32 {
        1 << self as u32
    }
}
