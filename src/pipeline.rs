//! The pipeline around the rules: plugins before them, plugins after them, and how what needs an
//! approval is settled. Owns the order of things; a plugin owns what it decides, the matcher owns
//! the rules.
//!
//! A plugin has two halves. What it can say of one call alone ([`Plugin::before`]) is asked on any
//! thread, in any order of the calls; what depends on the calls before it ([`State`]) is asked for
//! one call after another in recorded order. The answer is as if every plugin in turn was asked
//! both, so that the number of threads changes nothing.

mod arguments;
mod commands;
mod engine;
mod events;
mod names;
mod owners;
mod plugins;
mod prepare;
mod run;
mod settle;
mod watch;
mod window;

use std::borrow::Cow;

pub use self::engine::Engine;
pub use self::events::Happening;
use self::owners::Owners;
use self::prepare::Entry;
pub use self::prepare::{Alert, Amendable, OnFailure, PLUGIN_ERROR, Prepared, Raised, Source};
pub use self::run::{Decided, Run};
pub use self::settle::{Settlement, settle};
pub use self::watch::EventMark;
use crate::document::{self, Format, Limits, LoadError, Node, Problems};
use crate::model::decision::Outcome;
use crate::model::pipeline::guardian::{GuardianChoice, GuardianOptions};
use crate::model::pipeline::load::LoadedPipeline;
use crate::model::pipeline::{PipelineFile, PluginEntry};
use crate::model::request::{Approval, Request};
use crate::model::returned::Returned;
use crate::time::Timestamp;

/// Reads a pipeline file as [`PipelineFile::load`] does, and has every plugin look at its options.
///
/// # Errors
/// As [`PipelineFile::load`]; besides, what no plugin could do anything with, as a pattern that
/// does not compile. A pipeline of a file that was not read so denies what it cannot check.
pub fn load(
    bytes: &[u8],
    name: &str,
    format: Format,
    limits: Limits,
) -> Result<LoadedPipeline, LoadError> {
    let (pipeline, document) = document::load(bytes, name, format, limits, check)?;
    Ok(LoadedPipeline { pipeline, document })
}

/// Adds what [`load`] objects to beside the schema.
pub fn check(root: &Node, problems: &mut Problems) {
    PipelineFile::check(root, problems);
    plugins::check(root, problems);
}

/// Why a call cannot be decided whose time the recording does not hold.
pub const NO_TIMESTAMP: &str = "no_timestamp";

/// Why a call cannot be decided whose agent the recording does not name. Calls of nobody in
/// particular are not those of one agent, and any of them may be that of an agent who is stopped.
pub const NO_AGENT: &str = "no_agent";

/// What a plugin says about a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing: the next one is asked.
    Continue,
    /// Nothing is decided, but this is worth a report; the next one is asked.
    Alert(Alert),
    /// This is decided; the rest is skipped. Before the rules that is final: only ALLOW lets the
    /// call through, no approval does.
    Decide(Ruling),
    /// It failed, for this reason; the call is denied unless the plugin is to fail open.
    Fail(String),
    /// It cannot tell, since the recording lacks something: the reason in the report.
    Undecidable(&'static str),
}

/// What a plugin decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruling {
    /// The outcome.
    pub outcome: Outcome,
    /// The reason code.
    pub code: Cow<'static, str>,
    /// For people. It reaches audit logs, so it must hold nothing of the arguments.
    pub message: String,
}

impl Ruling {
    /// A denial.
    pub fn deny(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            outcome: Outcome::Deny,
            code: Cow::Borrowed(code),
            message: message.into(),
        }
    }
}

/// How an agent stands because of the decisions about its calls so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// At most three denials in a row.
    Usual,
    /// More than three denials in a row.
    ManyDenials,
}

/// A check around the rules.
pub trait Plugin: Send + Sync {
    /// Its name in pipeline files and decisions.
    fn name(&self) -> &str;

    /// Looks at one call alone, before the rules do. It may amend the call's names, trust level,
    /// roles and labels, which the rules and later plugins then see, but not its values.
    fn before(&self, call: &mut Request, standing: Standing) -> Step {
        let _ = (call, standing);
        Step::Continue
    }

    /// Whether [`Self::before`] heeds the standing.
    fn heeds_standing(&self) -> bool {
        false
    }

    /// Whether it does so for this agent. The denials of agents for which nobody does are not
    /// counted, which bounds what a run remembers by the agents that are known.
    fn heeds_standing_of(&self, agent: &[u8]) -> bool {
        let _ = agent;
        self.heeds_standing()
    }

    /// Whether what [`Self::before`] says depends on anything that a plugin may amend. What does
    /// not is asked once a call, however the agent stands.
    fn heeds_amendments(&self) -> bool {
        true
    }

    /// What it looks at.
    fn looks_at(&self) -> LooksAt {
        LooksAt::Calls
    }

    /// Looks at what the tool returned, if [`Self::looks_at`] says so, and tells `report`. It
    /// decides nothing: the call was made.
    ///
    /// # Errors
    /// Why it cannot look, which is reported.
    fn returned(
        &self,
        call: &Request,
        returned: &Returned,
        report: &mut dyn FnMut(Alert),
    ) -> Result<(), String> {
        let _ = (call, returned, report);
        Ok(())
    }

    /// What it remembers from call to call, for a new run; `None` if nothing.
    fn state(&self) -> Option<Box<dyn State>> {
        None
    }
}

/// What a plugin looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LooksAt {
    /// Calls, before they are made.
    Calls,
    /// What tools return.
    Results,
    /// Both.
    Both,
}

impl LooksAt {
    fn calls(self) -> bool {
        matches!(self, Self::Calls | Self::Both)
    }

    fn results(self) -> bool {
        matches!(self, Self::Results | Self::Both)
    }
}

/// What a plugin remembers from call to call. It is asked in recorded order.
pub trait State: Send {
    /// Looks at a call that no earlier plugin decided, before the rules do.
    fn before(&mut self, call: &Facts<'_>) -> Step {
        let _ = call;
        Step::Continue
    }

    /// Looks at a call that no plugin decided before the rules did; a decision replaces theirs.
    fn after(&mut self, call: &Facts<'_>, outcome: Outcome) -> Step {
        let _ = (call, outcome);
        Step::Continue
    }

    /// Learns what was decided in the end, by whomever.
    fn decided(&mut self, call: &Facts<'_>, outcome: Outcome) {
        let _ = (call, outcome);
    }
}

/// What is known of a call in recorded order. Names are WTF-8, and empty where the recording does
/// not say.
#[derive(Clone, Copy, Debug, Default)]
pub struct Facts<'a> {
    /// The caller's id of the call.
    pub request: &'a [u8],
    /// The agent's id.
    pub agent: &'a [u8],
    /// The tool's name.
    pub tool: &'a [u8],
    /// The session's id.
    pub session: &'a [u8],
    /// When the call was made.
    pub time: Option<Timestamp>,
    /// What the person or the ticket system answered.
    pub approval: Option<Approval>,
}

/// The plugins in their order.
#[derive(Default)]
pub struct Pipeline {
    entries: Vec<Entry>,
    heeds_standing: bool,
    timeout_ms: Option<u64>,
    guardian: Option<GuardianOptions>,
    owners: Owners,
}

impl Pipeline {
    /// The plugins of a pipeline file. [`Self::default`] is the hardened default: no plugin, and
    /// approvals as recorded.
    pub fn new(file: &PipelineFile) -> Self {
        let mut pipeline = Self {
            timeout_ms: file.approvals.as_ref().and_then(|all| all.timeout_ms),
            guardian: file.guardian.as_ref().map(GuardianChoice::options),
            owners: Owners::new(file),
            ..Self::default()
        };
        for entry in &file.plugins {
            pipeline.configure(entry);
        }
        pipeline
    }

    /// Adds the plugin of an entry of a pipeline file after those that are there.
    pub fn configure(&mut self, entry: &PluginEntry) {
        for (plugin, on_failure) in plugins::built(entry) {
            self.push(plugin, on_failure);
        }
    }

    /// Adds a plugin after those that are there.
    pub fn push(&mut self, plugin: Box<dyn Plugin>, on_failure: OnFailure) {
        self.heeds_standing |= plugin.heeds_standing();
        self.entries.push(Entry {
            plugin,
            on_failure,
            sabotaged: false,
        });
    }

    /// Makes a plugin fail at every call; says whether there is one of that name.
    #[must_use]
    pub fn sabotage(&mut self, name: &str) -> bool {
        let mut entries = self.entries.iter_mut();
        match entries.find(|entry| entry.plugin.name() == name) {
            Some(entry) => {
                entry.sabotaged = true;
                true
            }
            None => false,
        }
    }

    /// The name of the plugin at a position. The guardian, if there is one, has the position after
    /// them.
    pub fn plugin_name(&self, position: usize) -> Option<&str> {
        match self.entries.get(position) {
            Some(entry) => Some(entry.plugin.name()),
            None => (position == self.entries.len() && self.is_watched()).then_some(watch::NAME),
        }
    }

    /// Whether a guardian watches, so that [`Run::watch`] must be told of every call.
    pub fn is_watched(&self) -> bool {
        self.guardian.is_some()
    }

    /// Who answers for an agent: by the registry, else by the defaults of the pipeline file.
    pub fn owner(&self, agent: &str) -> Option<&str> {
        self.owners.of(agent)
    }

    /// The names of the plugins in their order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.plugin.name())
    }

    /// Whether a decision about this agent can depend on how it stands.
    fn heeds_standing_of(&self, agent: &[u8]) -> bool {
        let mut entries = self.entries.iter();
        self.heeds_standing && entries.any(|entry| entry.plugin.heeds_standing_of(agent))
    }
}

fn failed(reason: &str) -> Ruling {
    Ruling::deny(PLUGIN_ERROR, format!("the plugin failed: {reason}"))
}
