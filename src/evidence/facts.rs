//! What can be measured in a log, a policy and a pipeline. Owns how each fact is counted, when it
//! speaks against something, and by what ids it can be looked up.

use super::{Inputs, State};
use crate::guardian::Kind;
use crate::model::decision::Outcome;
use crate::model::event::EventOutcome;
use crate::replay::{Counts, FindingKind, Replay, Verdict};

/// How many ids a fact names at most.
const IDS: usize = 5;

/// Six months in days, rounded down.
const SIX_MONTHS: i64 = 183;

/// Something that can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    /// The time that the log covers.
    Span,
    /// Whether it covers six months.
    Retention,
    /// Whether the log is as it was written.
    Integrity,
    /// Whether every line could be read.
    Readable,
    /// Decisions that say why.
    ReasonCodes,
    /// Requests that went through, and that did not.
    Passages,
    /// Requests that were turned down, by code.
    Denials,
    /// Requests turned down with one of these codes; the text says what that is.
    Codes(&'static str, &'static [&'static str]),
    /// What people answered, and how fast.
    Approvals,
    /// Requests that a kill switch stopped.
    KillSwitch,
    /// What failing plugins did.
    PluginErrors,
    /// Requests to tools that run commands.
    ShellTools,
    /// What the guardian found.
    Incidents(&'static [Kind]),
    /// Whether a guardian is configured.
    Guardian,
    /// Whether the log says what the policy decides.
    Divergences,
    /// Sensitive data in the log itself.
    Leaks,
    /// Which policy is in force.
    Policy,
    /// Its rules by outcome.
    Rules,
    /// Rules that ask somebody.
    AskingRules,
    /// What happens to what no rule is about.
    DefaultOutcome,
    /// Whether a plugin is configured.
    Plugin(&'static str),
    /// Plugins that let calls through when they fail.
    FailOpen,
    /// Who answers for registered agents.
    Owners,
}

/// What was measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Whether it happened, is configured, or speaks against something.
    pub state: State,
    /// In a sentence, with numbers.
    pub text: String,
    /// What it can be looked up by: ids of rules, incidents, reason codes; places in the log.
    pub ids: Vec<String>,
}

impl Found {
    fn new(state: State, text: impl Into<String>) -> Self {
        Self {
            state,
            text: text.into(),
            ids: Vec::new(),
        }
    }

    fn with(mut self, ids: impl IntoIterator<Item = String>) -> Self {
        self.ids = ids.into_iter().take(IDS).collect();
        self
    }
}

/// Names of tools that run commands, by their beginning, in lower case.
const SHELLS: &[&str] = &[
    "bash",
    "code_execut",
    "exec",
    "powershell",
    "python",
    "run_command",
    "run_shell",
    "run_terminal",
    "sh",
    "shell",
    "terminal",
];

impl Fact {
    /// What the inputs say; `None` if they do not.
    pub(super) fn look(self, inputs: &Inputs<'_>) -> Option<Found> {
        let replay = inputs.replay;
        let summary = &replay.summary;
        let bundle = inputs.policy;
        match self {
            Self::Span => {
                let (first, last) = summary.span?;
                let events = summary.events;
                let text = format!("{events} events from {first} to {last}");
                Some(Found::new(State::Observed, text))
            }
            Self::Retention => retention(replay),
            Self::Integrity => integrity(replay),
            Self::Readable => (replay.lines_unreadable > 0).then(|| {
                let lines = replay.lines_unreadable;
                let text = format!("lines that could not be read: {lines}");
                Found::new(State::Contradicted, text)
            }),
            Self::ReasonCodes => {
                let named = summary.codes.iter().filter(|code| !code.name.is_empty());
                let named: u64 = named.map(|code| code.requests).sum();
                (named > 0).then(|| {
                    let (named, all) = (named, summary.requests);
                    let text = format!("decisions with a reason code: {named} of {all}");
                    Found::new(State::Observed, text)
                })
            }
            Self::Passages => (summary.requests > 0).then(|| {
                let allowed: u64 = summary.agents.iter().map(|agent| agent.allowed).sum();
                let (allowed, all) = (allowed, summary.requests);
                let text = format!("requests that went through: {allowed} of {all}");
                Found::new(State::Observed, text)
            }),
            Self::Denials => {
                let denied = summary.codes.iter().filter(|code| code.denied() > 0);
                counted("requests that were turned down", denied)
            }
            Self::Codes(what, codes) => {
                let named = |code: &&Counts| codes.contains(&code.name.as_str());
                let named = summary.codes.iter().filter(named);
                counted(what, named.filter(|code| code.denied() > 0))
            }
            Self::Approvals => approvals(replay),
            Self::KillSwitch => kill_switch(inputs),
            Self::PluginErrors => {
                let mut codes = summary.codes.iter();
                let errors = codes.find(|code| code.name == "PLUGIN_ERROR")?;
                let state = match errors.allowed {
                    0 => State::Observed,
                    _ => State::Contradicted,
                };
                let (denied, allowed) = (errors.denied(), errors.allowed);
                let text = format!("failures of plugins: {denied} denied, {allowed} let through");
                Some(Found::new(state, text).with(["PLUGIN_ERROR".to_owned()]))
            }
            Self::ShellTools => {
                let is_shell = |tool: &&Counts| {
                    let name = tool.name.to_ascii_lowercase();
                    SHELLS.iter().any(|shell| match *shell {
                        "sh" => name == "sh",
                        shell => name.starts_with(shell),
                    })
                };
                let tools: Vec<&Counts> = summary.tools.iter().filter(is_shell).collect();
                let requests: u64 = tools.iter().map(|tool| tool.requests).sum();
                let allowed: u64 = tools.iter().map(|tool| tool.allowed).sum();
                (requests > 0).then(|| {
                    let (allowed, all) = (allowed, requests);
                    let text = format!(
                        "requests to tools that run commands: {all}, {allowed} of them allowed"
                    );
                    let names = tools.iter().map(|tool| tool.name.clone());
                    Found::new(State::Observed, text).with(names)
                })
            }
            Self::Incidents(kinds) => incidents(replay, kinds),
            Self::Guardian => {
                let guardian = inputs.pipeline?.guardian.as_ref()?.options();
                let kill = match guardian.auto_kill_threshold {
                    Some(threshold) => {
                        format!("a guardian stops an agent after {threshold} violations")
                    }
                    None => "a guardian watches, and stops nobody".to_owned(),
                };
                Some(Found::new(State::Configured, kill))
            }
            Self::Divergences => {
                let redecided = replay.redecided.as_ref()?;
                let other: u64 = redecided.counts.values().sum();
                let state = match (other, redecided.same) {
                    (0, 0) => return None,
                    (0, _) => State::Observed,
                    _ => State::Contradicted,
                };
                let same = redecided.same;
                let text =
                    format!("events that the policy decides as logged: {same}, otherwise: {other}");
                let ids = redecided.divergences.iter();
                Some(Found::new(state, text).with(ids.map(|one| one.request_id.clone())))
            }
            Self::Leaks => {
                let count = replay.redaction.count();
                (count > 0).then(|| {
                    let text = format!("sensitive texts in the log itself: {count}");
                    let members = replay.redaction.listed.iter();
                    let mut members: Vec<String> = members.map(|one| one.path.clone()).collect();
                    members.sort();
                    members.dedup();
                    Found::new(State::Contradicted, text).with(members)
                })
            }
            Self::Policy => {
                let bundle = bundle?;
                let (version, rules) = (&bundle.version, bundle.rules.len());
                let until = &bundle.expires_at;
                let text = format!(
                    "a policy of {rules} rules, version {version}, until {until}; `verify` says who signed it"
                );
                Some(Found::new(State::Configured, text))
            }
            Self::Rules => {
                let bundle = bundle?;
                let count = |outcomes: &[Outcome]| {
                    let rules = bundle.rules.iter();
                    rules
                        .filter(|rule| outcomes.contains(&rule.outcome))
                        .count()
                };
                let (allow, deny) = (count(&[Outcome::Allow]), count(&[Outcome::Deny]));
                let ask = bundle.rules.len() - allow - deny;
                let text = format!("rules that allow: {allow}, deny: {deny}, ask: {ask}");
                let ids = bundle.rules.iter().map(|rule| rule.id.clone());
                Some(Found::new(State::Configured, text).with(ids))
            }
            Self::AskingRules => {
                let rules = bundle?.rules.iter();
                let asking: Vec<String> = rules
                    .filter(|rule| !matches!(rule.outcome, Outcome::Allow | Outcome::Deny))
                    .map(|rule| rule.id.clone())
                    .collect();
                (!asking.is_empty()).then(|| {
                    let text = format!("rules that ask somebody: {}", asking.len());
                    Found::new(State::Configured, text).with(asking)
                })
            }
            Self::DefaultOutcome => {
                let default = bundle?.defaults.outcome;
                let state = match default {
                    Outcome::Allow => State::Contradicted,
                    _ => State::Configured,
                };
                let text = format!("what no rule is about is decided {}", default.as_str());
                Some(Found::new(state, text))
            }
            Self::Plugin(name) => plugins(inputs)
                .any(|(plugin, _)| plugin == name)
                .then(|| Found::new(State::Configured, format!("the plugin {name}"))),
            Self::FailOpen => {
                let open: Vec<String> = plugins(inputs)
                    .filter(|(_, is_open)| *is_open)
                    .map(|(name, _)| name)
                    .collect();
                (!open.is_empty()).then(|| {
                    let text = format!(
                        "plugins that let calls through when they fail: {}",
                        open.len()
                    );
                    Found::new(State::Contradicted, text).with(open)
                })
            }
            Self::Owners => {
                let registry = super::fleet::registry(inputs)?;
                let all = registry.agents.len();
                let without = registry.agents.iter().filter(|agent| agent.owner.is_none());
                let without: Vec<String> = without.map(|agent| agent.agent_id.clone()).collect();
                (all > 0).then(|| {
                    let owned = all - without.len();
                    let state = match owned {
                        0 => State::NoEvidence,
                        _ => State::Configured,
                    };
                    let text = format!("registered agents with an owner: {owned} of {all}");
                    Found::new(state, text).with(without)
                })
            }
        }
    }
}

fn counted<'c>(what: &str, codes: impl Iterator<Item = &'c Counts>) -> Option<Found> {
    let codes: Vec<&Counts> = codes.collect();
    let denied: u64 = codes.iter().map(|code| code.denied()).sum();
    (denied > 0).then(|| {
        let text = format!("{what}: {}", denied);
        let names = codes.iter().map(|code| code.name.clone());
        Found::new(State::Observed, text).with(names)
    })
}

fn retention(replay: &Replay) -> Option<Found> {
    let (first, last) = replay.summary.span?;
    let days = (last.micros() - first.micros()) / (24 * 60 * 60 * 1_000_000);
    let state = if days >= SIX_MONTHS {
        State::Observed
    } else {
        State::NoEvidence
    };
    let text = format!(
        "days between the oldest and the newest event: {days}; six months are {SIX_MONTHS}"
    );
    Some(Found::new(state, text))
}

fn integrity(replay: &Replay) -> Option<Found> {
    let proofs = replay.findings.counts().filter(|(kind, _)| kind.is_proof());
    let proofs: Vec<(FindingKind, u64)> = proofs.collect();
    if !proofs.is_empty() {
        let count: u64 = proofs.iter().map(|(_, count)| count).sum();
        let text = format!("proofs that the log is not as it was written: {count}");
        let kinds = proofs.iter().map(|(kind, _)| kind.as_str().to_owned());
        return Some(Found::new(State::Contradicted, text).with(kinds));
    }
    let (state, text) = match replay.verdict {
        Verdict::Intact => (
            State::Observed,
            "the log is intact: anchored by a signed checkpoint",
        ),
        Verdict::Unanchored => (
            State::Configured,
            "the log is chained and consistent, and not anchored",
        ),
        Verdict::Broken { .. } | Verdict::Truncated => {
            (State::Contradicted, "the chain of the log is broken")
        }
        Verdict::NotChained => return None,
    };
    let chains = replay.chains.iter().map(|chain| chain.uid.clone());
    Some(Found::new(state, text).with(chains))
}

fn approvals(replay: &Replay) -> Option<Found> {
    let summary = &replay.summary;
    let approvals = &summary.approvals;
    (approvals.asked > 0).then(|| {
        // Most of those who agreed cannot have read what they agreed to.
        let state = if approvals.hasty * 2 > approvals.agreed {
            State::Contradicted
        } else {
            State::Observed
        };
        let mut text = format!(
            "asked: {}, agreed: {}, declined: {}, too late: {}, unanswered: {}, agreed in less than 2 s: {}",
            approvals.asked,
            approvals.agreed,
            approvals.declined,
            approvals.timed_out,
            summary.waiting,
            approvals.hasty,
        );
        if let Some((least, most)) = approvals.extremes {
            let (least, most) = (least / 1000, most / 1000);
            text.push_str(&format!("; answers took {least} to {most} ms"));
        }
        Found::new(state, text)
    })
}

fn kill_switch(inputs: &Inputs<'_>) -> Option<Found> {
    let settled = &inputs.replay.summary.settled;
    let killed = settled.get(EventOutcome::KillSwitch as usize).copied();
    match killed.unwrap_or_default() {
        0 => Fact::Plugin("kill-switch").look(inputs),
        killed => {
            let text = format!("requests that a kill switch stopped: {}", killed);
            Some(Found::new(State::Observed, text))
        }
    }
}

fn incidents(replay: &Replay, kinds: &[Kind]) -> Option<Found> {
    let found = replay.incidents.as_ref()?;
    let counts = found.counts.iter().filter(|(kind, _)| kinds.contains(kind));
    let counts: Vec<String> = counts
        .map(|(kind, count)| format!("{}: {}", kind.as_str(), *count))
        .collect();
    if counts.is_empty() {
        let text = "a guardian looked, and found nothing of the kind";
        return Some(Found::new(State::NoEvidence, text));
    }
    let listed = found.listed.iter();
    let listed = listed.filter(|incident| kinds.contains(&incident.kind));
    let text = format!("incidents: {}", counts.join(", "));
    Some(Found::new(State::Observed, text).with(listed.map(|incident| incident.id.clone())))
}

/// The plugins of the pipeline, and whether each lets calls through when it fails.
fn plugins(inputs: &Inputs<'_>) -> impl Iterator<Item = (String, bool)> {
    let entries = inputs.pipeline.into_iter().flat_map(|file| &file.plugins);
    // What a plugin's options are called is the model's to say.
    let entries = entries.filter_map(|entry| serde_json::to_value(entry).ok());
    entries.flat_map(|entry| {
        let members = entry.as_object().cloned().unwrap_or_default();
        members.into_iter().map(|(name, options)| {
            let is_open = options
                .get("fail_open")
                .and_then(serde_json::Value::as_bool);
            (name, is_open.unwrap_or_default())
        })
    })
}
