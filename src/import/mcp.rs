//! Model Context Protocol traffic: JSON-RPC messages one a line, or HTTP exchanges whose responses
//! are JSON or event streams. Owns which messages are calls, which are their results, and who
//! talks to whom; knows no sessions, which are in HTTP headers.
//!
//! Source: Model Context Protocol 2025-06-18, "Lifecycle", "Tools" and "Transports"; JSON-RPC 2.0.

use super::exchange::Exchange;
use super::{Answer, Ids, Shape, Sink, arguments, event_stream, members};
use crate::json::{Item, Kind};
use crate::model::request::Request;
use crate::time::Timestamp;

/// A record of MCP traffic.
pub struct Mcp;

/// How the methods begin that only this protocol has.
const METHODS: [&str; 3] = ["tools/", "notifications/", "resources/"];

impl Shape for Mcp {
    fn name(&self) -> &'static str {
        "mcp"
    }

    fn title(&self) -> &'static str {
        "MCP traffic: JSON-RPC messages, HTTP exchanges"
    }

    fn recognises(&self, record: Item<'_>) -> bool {
        match Exchange::of(record) {
            Some(exchange) => messages(exchange.request).any(is_request),
            None => is_request(record),
        }
    }

    /// Ids count up from 0 or 1 in each connection.
    fn ids(&self) -> Ids {
        Ids::OfConnections
    }

    fn marks(&self) -> &'static [&'static str] {
        &["\"method\":\"initialize\"", "\"serverInfo\":"]
    }

    fn read(&self, record: Item<'_>, written: &[u8], sink: &mut Sink<'_>) {
        let Some(exchange) = Exchange::of(record) else {
            return read_message(record, None, written, sink);
        };
        for message in messages(exchange.request) {
            read_message(message, exchange.date, written, sink);
        }
        match exchange.response.string() {
            Some(text) => {
                let end = event_stream::read(text, |message, written| {
                    read_message(message, exchange.date, written, sink);
                });
                if end == event_stream::End::Unreadable {
                    sink.note("stream_unreadable");
                }
            }
            None => {
                for message in messages(exchange.response) {
                    read_message(message, exchange.date, written, sink);
                }
            }
        }
    }
}

/// The messages of a body: a batch, or one.
fn messages(body: Item<'_>) -> impl Iterator<Item = Item<'_>> {
    super::records(body)
}

/// True of a request or notification of this protocol. A language server's `initialize` names no
/// version of it.
fn is_request(message: Item<'_>) -> bool {
    members::is(message, "jsonrpc", "2.0")
        && members::text(message, "method").is_some_and(|method| {
            METHODS
                .iter()
                .any(|begin| method.starts_with(begin.as_bytes()))
                || method == b"initialize"
                    && message
                        .get("params")
                        .is_some_and(|params| params.get("protocolVersion").is_some())
        })
}

fn read_message(message: Item<'_>, time: Option<Timestamp>, written: &[u8], sink: &mut Sink<'_>) {
    match message.get("method").and_then(Item::string) {
        Some(b"initialize") => {
            sink.begin_conversation();
            sink.context.agent = name_in(message, "params", "clientInfo");
            sink.context.provider = None;
        }
        Some(b"tools/call") => sink.call(|request| {
            members::set_time(time, request);
            read_call(message, written, request)
        }),
        Some(_) => {}
        None => {
            if let Some(server) = name_in(message, "result", "serverInfo") {
                sink.context.provider = Some(server);
            } else if let Some(id) = id(message) {
                let result = message.get("result").or_else(|| message.get("error"));
                sink.answer(Answer {
                    call: id,
                    time,
                    result: members::written(result, written),
                    ..Answer::default()
                });
            }
        }
    }
}

/// `message[part][party].name`
fn name_in(message: Item<'_>, part: &str, party: &str) -> Option<Vec<u8>> {
    let party = message.get(part)?.get(party)?;
    members::text(party, "name").map(<[u8]>::to_vec)
}

/// A message's id, which is a number or a string.
fn id(message: Item<'_>) -> Option<&[u8]> {
    let id = message.get("id")?;
    id.string().or_else(|| id.number())
}

fn read_call(message: Item<'_>, written: &[u8], request: &mut Request) -> Result<(), &'static str> {
    request.request_id = members::name(id(message), request);
    let parameters = message.get("params").ok_or("tool_name_missing")?;
    members::set_tool(members::text(parameters, "name"), request)?;
    match parameters.get("arguments") {
        // The protocol lets them out where there are none.
        None => Ok(()),
        Some(none) if none.kind() == Kind::Null => Ok(()),
        arguments => arguments::read_item(arguments, written, request),
    }
}
