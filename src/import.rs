//! Recorded calls of every shape become requests. Owns what each shape holds and where, and how
//! one is told from another; decides nothing about a call.
//!
//! A shape is one file, one line in [`SHAPES`] and one fixture folder in `testdata/import`.

pub mod agentdojo;
pub mod agentsh;
pub mod anthropic_messages;
pub mod arguments;
pub mod assembly;
pub mod claude_code;
pub mod codex;
mod event_stream;
mod exchange;
pub mod gemini_cli;
pub mod hooks;
pub mod inspect_ai;
pub mod invariant;
pub mod langsmith;
pub mod livemcpbench;
pub mod managed_agents;
pub mod mcp;
mod members;
pub mod native;
pub mod openai_chat;
pub mod openai_responses;
pub mod otel;
pub mod returned;
mod sink;
pub mod swe_agent;
pub mod tau_bench;
pub mod tools;
pub mod yaml;

use crate::json::{Item, Kind};

pub use sink::{Answer, Call, Context, Found, Links, Report, Sink};

/// Every shape that is read, in the order in which `--help` lists them.
pub const SHAPES: &[&dyn Shape] = &[
    &native::Native,
    &claude_code::ClaudeCode,
    &codex::Codex,
    &gemini_cli::GeminiCli,
    &hooks::Hooks,
    &openai_chat::OpenAiChat,
    &openai_responses::OpenAiResponses,
    &anthropic_messages::AnthropicMessages,
    &managed_agents::ManagedAgents,
    &mcp::Mcp,
    &otel::OpenTelemetry,
    &langsmith::LangSmith,
    &agentdojo::AgentDojo,
    &invariant::Invariant,
    &tau_bench::TauBench,
    &inspect_ai::InspectAi,
    &livemcpbench::LiveMcpBench,
    &swe_agent::SweAgent,
    &agentsh::AgentSh,
];

/// The shape of that name.
pub fn named(name: &str) -> Option<&'static dyn Shape> {
    SHAPES.iter().copied().find(|shape| shape.name() == name)
}

/// The shape that `record` surely has; `None` if it could be of none or of several.
pub fn recognise(record: Item<'_>) -> Option<&'static dyn Shape> {
    let mut claims = SHAPES
        .iter()
        .copied()
        .filter(|shape| shape.recognises(record));
    match (claims.next(), claims.next()) {
        (Some(shape), None) => Some(shape),
        _ => None,
    }
}

/// The records that a value holds: the elements of an array, or the value itself.
pub fn records(value: Item<'_>) -> impl Iterator<Item = Item<'_>> {
    let itself = (value.kind() != Kind::Array).then_some(value);
    value.elements().chain(itself)
}

/// A shape in which people have recorded calls, one JSON object a record.
pub trait Shape: Sync {
    /// The name on the command line and in reports: `claude-code`.
    fn name(&self) -> &'static str;

    /// One line for `--help`.
    fn title(&self) -> &'static str;

    /// True if the record is surely of this shape. Records that several shapes may hold, a
    /// conversation without a call for one, are claimed by none and read by all of them.
    fn recognises(&self, record: Item<'_>) -> bool;

    /// Emits the calls of one record in the order in which it holds them, and what became of
    /// calls. `written` is the text that [`Item::written`] points into.
    fn read(&self, record: Item<'_>, written: &[u8], sink: &mut Sink<'_>);

    /// How far apart the things may stand that are known of one call.
    fn extent(&self) -> Extent {
        Extent::Recording
    }

    /// Texts that are in every line that says what holds for all that follow it, in the order in
    /// which such lines belong.
    fn marks(&self) -> &'static [&'static str] {
        &[]
    }

    /// Where an id of a call tells it from all others.
    fn ids(&self) -> Ids {
        Ids::Everywhere
    }
}

/// Where an id of a call tells it from all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ids {
    /// Everywhere, or within its session where there is one.
    Everywhere,
    /// Within a connection only, of which a recording may hold several.
    OfConnections,
}

/// How far apart the things may stand that are known of one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// All of them in the record that holds the call.
    Record,
    /// Anywhere in the recording: its result or a person's answer in a later record, its agent in
    /// an earlier one.
    Recording,
}
