//! LangSmith runs, one a record, with their child runs inside or beside them. Owns which runs are
//! calls; a run's `session_id` is its project's, so the trace is the session.

use super::{Answer, Shape, Sink, arguments, members};
use crate::json::{Item, Kind};
use crate::model::request::Request;

/// A run.
pub struct LangSmith;

impl Shape for LangSmith {
    fn name(&self) -> &'static str {
        "langsmith"
    }

    fn title(&self) -> &'static str {
        "LangSmith runs"
    }

    fn recognises(&self, record: Item<'_>) -> bool {
        members::text(record, "run_type").is_some()
            && members::text(record, "id").is_some()
            && record.get("inputs").is_some()
    }

    fn read(&self, record: Item<'_>, written: &[u8], sink: &mut Sink<'_>) {
        read_run(record, None, written, sink);
    }
}

/// Reads a run and its children, which are nested no deeper than the record. `trace` is that of
/// the run around it.
fn read_run(run: Item<'_>, trace: Option<&[u8]>, written: &[u8], sink: &mut Sink<'_>) {
    let trace = members::text(run, "trace_id").or(trace);
    if members::is(run, "run_type", "tool") {
        let id = members::text(run, "id");
        sink.call(|request| {
            request.request_id = members::name(id, request);
            request.session_id = members::name(trace, request);
            request.agent_id = members::name(agent(run), request);
            members::set_time_text(members::text(run, "start_time"), request);
            set_zone(run, request);
            members::set_tool(members::text(run, "name"), request)?;
            arguments::read_item(run.get("inputs"), written, request)
        });
        let failed = members::text(run, "error").and(run.get("error"));
        if let Some(call) = id
            && let Some(result) = members::written(failed.or_else(|| run.get("outputs")), written)
        {
            sink.answer(Answer {
                session: trace,
                call,
                result: Some(result),
                ..Answer::default()
            });
        }
    }
    let children = run.get("child_runs");
    for child in children.into_iter().flat_map(Item::elements) {
        read_run(child, trace, written, sink);
    }
}

/// Who the run's own metadata says acts.
fn agent<'t>(run: Item<'t>) -> Option<&'t [u8]> {
    let metadata = run.get("extra")?.get("metadata")?;
    members::first_text(metadata, &["agent_id", "agent_name"])
        .filter(|_| metadata.kind() == Kind::Object)
}

/// Exports write times in UTC and without a zone.
fn set_zone(run: Item<'_>, request: &mut Request) {
    if request.timestamp.is_none()
        && let Some(text) = members::text(run, "start_time")
    {
        let zoned = [text, b"Z"].concat();
        members::set_time_text(Some(&zoned), request);
        if request.timestamp.is_none() {
            members::set_time_text(Some(text), request);
        }
    }
}
