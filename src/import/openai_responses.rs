//! OpenAI Responses: responses, streams, request bodies and lone items. Owns the items that are
//! calls and those that say what became of them; knows no agents, since none of these does.

mod stream;

use super::exchange::Exchange;
use super::{Answer, Links, Shape, Sink, arguments, event_stream, members};
use crate::json::{Item, Kind};
use crate::model::request::Request;
use crate::time::Timestamp;

/// A record of OpenAI Responses.
pub struct OpenAiResponses;

/// Items that are calls, and the tool that is called where the item does not name it.
///
/// Two kinds of items are no calls although they are named like some: a search for tools and a
/// generated image are the provider's own, and reach nothing outside.
const CALLS: [(&str, &str); 10] = [
    ("function_call", ""),
    ("custom_tool_call", ""),
    ("mcp_call", ""),
    ("local_shell_call", "local_shell"),
    ("shell_call", "shell"),
    ("apply_patch_call", "apply_patch"),
    ("computer_call", "computer"),
    ("code_interpreter_call", "code_interpreter"),
    ("file_search_call", "file_search"),
    ("web_search_call", "web_search"),
];

/// What a recording says of all items of a response or conversation.
#[derive(Clone, Copy, Default)]
pub(super) struct Setting<'t> {
    pub(super) session: Option<&'t [u8]>,
    pub(super) time: Option<Timestamp>,
    /// When the item was recorded, in the recording's own words; goes before `time`.
    pub(super) time_text: Option<&'t [u8]>,
}

impl Shape for OpenAiResponses {
    fn name(&self) -> &'static str {
        "openai-responses"
    }

    fn title(&self) -> &'static str {
        "OpenAI Responses: responses, streams, items"
    }

    fn recognises(&self, record: Item<'_>) -> bool {
        if let Some(Exchange { response, .. }) = Exchange::of(record) {
            return match response.string() {
                Some(text) => event_stream::starts_with(text, |event| {
                    members::text(event, "type").is_some_and(|kind| kind.starts_with(b"response."))
                }),
                None => is_response(response),
            };
        }
        if let Some(input) = conversation(record) {
            return input.elements().any(is_item_of_calls);
        }
        is_response(record) || is_item_of_calls(record)
    }

    fn read(&self, record: Item<'_>, written: &[u8], sink: &mut Sink<'_>) {
        if let Some(exchange) = Exchange::of(record) {
            sink.leave_conversation();
            // What the request repeats of earlier calls is not counted again; what became of them
            // stands nowhere else.
            let items = exchange.request.get("input");
            for item in items.into_iter().flat_map(Item::elements) {
                read_answer(item, None, written, sink);
            }
            match exchange.response.string() {
                Some(text) => stream::read(text, exchange.date, sink),
                None => read_response(exchange.response, exchange.date, written, sink),
            }
        } else if is_response(record) {
            sink.leave_conversation();
            read_response(record, None, written, sink);
        } else if let Some(items) = conversation(record) {
            sink.begin_conversation();
            for item in items.elements() {
                read_item(item, &Setting::default(), written, sink);
            }
        } else {
            sink.leave_conversation();
            read_item(record, &Setting::default(), written, sink);
        }
    }
}

/// The items of a request's body. Lone items of custom tools have an `input` as well, a text.
fn conversation(record: Item<'_>) -> Option<Item<'_>> {
    let input = record.get("input")?;
    (input.kind() == Kind::Array).then_some(input)
}

fn is_response(record: Item<'_>) -> bool {
    members::is(record, "object", "response")
        && record
            .get("output")
            .is_some_and(|output| output.kind() == Kind::Array)
}

/// True if the record is an item that no other API has: a call that its type names, with its id.
fn is_item_of_calls(record: Item<'_>) -> bool {
    record.get("call_id").is_some()
        && (called_tool(record).is_some()
            || members::text(record, "type").is_some_and(|kind| kind.ends_with(b"_call_output")))
}

/// The name of the tool that an item calls, empty if it does not say; none if it is no call.
fn called_tool<'t>(item: Item<'t>) -> Option<&'t [u8]> {
    let kind = members::text(item, "type")?;
    let (_, tool) = CALLS.iter().find(|(call, _)| call.as_bytes() == kind)?;
    Some(members::text(item, "name").unwrap_or(tool.as_bytes()))
}

fn read_response(response: Item<'_>, date: Option<Timestamp>, written: &[u8], sink: &mut Sink<'_>) {
    let created = response.get("created_at").and_then(members::unix_seconds);
    let conversation = response.get("conversation");
    let setting = Setting {
        session: conversation.and_then(|conversation| members::text(conversation, "id")),
        time: created.or(date),
        time_text: None,
    };
    let items = response.get("output");
    for item in items.into_iter().flat_map(Item::elements) {
        read_item(item, &setting, written, sink);
    }
}

/// Emits the call that an item is, or what it says became of one.
pub(super) fn read_item(
    item: Item<'_>,
    setting: &Setting<'_>,
    written: &[u8],
    sink: &mut Sink<'_>,
) {
    let Some(tool) = called_tool(item) else {
        if members::is(item, "type", "tool_search_call") {
            sink.note("tool_search");
        }
        return read_answer(item, setting.session, written, sink);
    };
    // A call that waits for a person is answered by the id of the request, not by its own.
    let asked = members::text(item, "approval_request_id");
    let links = Links {
        aliases: asked.as_slice(),
        ..Links::default()
    };
    sink.linked_call(links, |request| {
        fill(item, tool, setting, request)?;
        read_arguments(item, written, request)
    });
    if let Some(call) = call_id(item)
        && let Some(result) = members::written(item.get("output"), written)
    {
        sink.answer(Answer {
            session: setting.session,
            call,
            result: Some(result),
            ..Answer::default()
        });
    }
}

/// The id by which results speak of a call.
fn call_id(item: Item<'_>) -> Option<&[u8]> {
    members::first_text(item, &["call_id", "id"])
}

/// Says all of a call but its arguments.
fn fill(
    item: Item<'_>,
    tool: &[u8],
    setting: &Setting<'_>,
    request: &mut Request,
) -> Result<(), &'static str> {
    request.request_id = members::name(call_id(item), request);
    request.session_id = members::name(setting.session, request);
    request.tool_provider = members::name(members::text(item, "server_label"), request);
    match setting.time_text {
        Some(text) => members::set_time_text(Some(text), request),
        None => members::set_time(setting.time, request),
    }
    members::set_tool((!tool.is_empty()).then_some(tool), request)
}

/// Reads a call's arguments: of functions a string, of custom tools any text, of the provider's
/// tools an object or all that the item says beside its id and state.
fn read_arguments(
    item: Item<'_>,
    written: &[u8],
    request: &mut Request,
) -> Result<(), &'static str> {
    if let Some(input) = item.get("input").and_then(Item::string) {
        arguments::take_text("input", input, request);
        return Ok(());
    }
    if members::is(item, "type", "function_call") || item.get("arguments").is_some() {
        return arguments::read_item(item.get("arguments"), written, request);
    }
    let inner = item.get("action").or_else(|| item.get("operation"));
    if inner.is_some_and(|inner| inner.kind() == Kind::Object) {
        return arguments::read_item(inner, written, request);
    }
    let mut object = b"{".to_vec();
    for key in ["code", "queries"] {
        if let Some(value) = members::written(item.get(key), written) {
            if object.len() > 1 {
                object.push(b',');
            }
            object.extend_from_slice(format!("\"{key}\":").as_bytes());
            object.extend_from_slice(value);
        }
    }
    object.push(b'}');
    arguments::read_text(&object, request)
}

/// Emits what an item says became of a call, if it does.
fn read_answer(item: Item<'_>, session: Option<&[u8]>, written: &[u8], sink: &mut Sink<'_>) {
    let Some(kind) = members::text(item, "type") else {
        return;
    };
    let (call, approved) = if kind == b"mcp_approval_response" {
        let approved = match item.get("approve").map(Item::kind) {
            Some(Kind::Bool(approved)) => Some(approved),
            _ => None,
        };
        (members::text(item, "approval_request_id"), approved)
    } else if kind.ends_with(b"_call_output") {
        (members::text(item, "call_id"), None)
    } else {
        return;
    };
    if let Some(call) = call {
        sink.answer(Answer {
            session,
            call,
            approved,
            result: members::written(item.get("output"), written),
            ..Answer::default()
        });
    }
}
