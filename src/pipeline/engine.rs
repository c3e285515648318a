//! Pipeline and rules driven call by call, for programs that embed them. Owns no reading and no
//! threads.

use uuid::Uuid;

use super::{Decided, EventMark, Facts, Pipeline, Raised, Run, Source};
use crate::guardian::Findings;
use crate::matcher::{Matcher, Scratch};
use crate::model::bundle::Bundle;
use crate::model::request::Request;

/// A policy and its pipeline, deciding one call after another.
///
/// ```
/// use agent_spm::document::{Format, Limits};
/// use agent_spm::import::native;
/// use agent_spm::json::Scanner;
/// use agent_spm::model::{bundle::Bundle, pipeline::PipelineFile, request::Request};
/// use agent_spm::pipeline::{Engine, OnFailure, Pipeline, Plugin, Ruling, Standing, Step};
///
/// /// A plugin of one's own.
/// struct Quiet;
///
/// impl Plugin for Quiet {
///     fn name(&self) -> &str {
///         "quiet"
///     }
///
///     fn before(&self, call: &mut Request, _: Standing) -> Step {
///         match call.tool_name.map(|tool| call.name(tool)) {
///             Some(b"send_email") => Step::Decide(Ruling::deny("QUIET", "no mail today")),
///             _ => Step::Continue,
///         }
///     }
/// }
///
/// let bundle = br#"{"version": "1", "generated_at": "2026-01-01T00:00:00Z",
///     "expires_at": "2027-01-01T00:00:00Z", "rules": [], "defaults": {"outcome": "ALLOW"}}"#;
/// let bundle = Bundle::load(bundle, "policy", Format::Json, Limits::default())?.bundle;
/// let file = br#"{"version": 1, "plugins": [{"rate-limiter": {"max_per_minute": 1}}]}"#;
/// let file = PipelineFile::load(file, "pipeline", Format::Json, Limits::default())?.pipeline;
/// let mut pipeline = Pipeline::new(&file);
/// pipeline.push(Box::new(Quiet), OnFailure::Deny);
///
/// let mut engine = Engine::new(&bundle, &pipeline);
/// let mut request = Request::default();
/// let mut decide = |line: &str| -> Result<bool, native::ReadError> {
///     native::read(&mut Scanner::new(line.as_bytes()), &mut request)?;
///     Ok(engine.decide(&mut request).allowed())
/// };
/// let call = r#"{"timestamp": "2026-01-01T00:00:00Z", "agent": {"agent_id": "a"},
///     "action": {"tool_name": "search"}}"#;
/// assert!(decide(call)?);
/// assert!(!decide(call)?, "the second call within a minute");
/// assert!(!decide(&call.replace("00:00:00Z", "02:00:00Z").replace("search", "send_email"))?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Engine<'a> {
    bundle: &'a Bundle,
    matcher: Matcher,
    scratch: Scratch,
    run: Run<'a>,
    calls: u64,
}

impl<'a> Engine<'a> {
    /// An engine that has seen no call.
    pub fn new(bundle: &'a Bundle, pipeline: &'a Pipeline) -> Self {
        let matcher = Matcher::new(bundle);
        Self {
            bundle,
            scratch: matcher.scratch(),
            matcher,
            run: Run::new(pipeline),
            calls: 0,
        }
    }

    /// Decides the next call, which plugins may amend. No environment is one that no rule names.
    pub fn decide(&mut self, call: &mut Request) -> Decided {
        let agent = call.agent_id.map_or(&b""[..], |agent| call.name(agent));
        let standing = self.run.standing(agent);
        let pipeline = self.run.pipeline();
        let prepared = pipeline.prepare(call, standing, |call| {
            let rule = self.matcher.decide(call, &mut self.scratch);
            let decides = rule.and_then(|index| self.bundle.rules.get(index));
            let outcome = decides.map_or(self.bundle.defaults.outcome, |rule| rule.outcome);
            Source::Rules(rule, outcome)
        });
        let name = |name: Option<_>| name.map_or(&b""[..], |name| call.name(name));
        let facts = Facts {
            request: name(call.request_id),
            agent: name(call.agent_id),
            tool: name(call.tool_name),
            session: name(call.session_id),
            time: call.timestamp,
            approval: call.approval,
        };
        let decided = self.run.decide(&facts, &prepared);
        if pipeline.is_watched() {
            self.calls += 1;
            let mut name = facts.request.to_vec();
            let mark = |settled: &[u8]| {
                name.extend_from_slice(settled);
                EventMark {
                    event_id: Uuid::new_v5(&Uuid::from_u128(self.calls.into()), &name),
                    input: 0,
                    line: self.calls,
                }
            };
            let marks = [&b""[..], b" settled"].map(mark);
            self.run.watch(&facts, &decided, &marks);
        }
        decided
    }

    /// What the guardian has to say in the end, if there is one: the marks of its incidents have
    /// the number of the call for a line, from 1.
    pub fn finish(mut self) -> Option<Findings<EventMark>> {
        self.run.finish_watch()
    }

    /// What plugins report of what the tool returned, which `call` must hold: nothing if it has no
    /// place for it.
    pub fn results(&self, call: &Request) -> Vec<Raised> {
        self.run.pipeline().results(call)
    }
}
