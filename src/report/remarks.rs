//! What of a simulation belongs to a place in a recording: failed test cases, changed decisions,
//! incidents, what could not be read. Formats that mark lines of files read it.

use super::grouped;
use super::review::trace_lines;
use crate::simulate::{CaseFailure, Effect, Place, Simulation};

/// Something to say about calls of a recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// What kind of thing it is.
    pub kind: Kind,
    /// What tells it from others of its kind and stays from run to run.
    pub key: String,
    /// What is to be said, in one line.
    pub message: String,
    /// More of it, a line each.
    pub details: Vec<String>,
    /// Where, the first of the places first; none if it is about no line.
    pub places: Vec<Place>,
}

/// What kind of thing is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A test case that was decided otherwise than expected.
    FailedExpectation,
    /// Calls that the baseline does not let through, and the policy does.
    NewlyAllowed,
    /// Calls that the baseline lets through, and the policy does not.
    NewlyDenied,
    /// What the guardian found.
    Incident,
    /// A rule whose pattern never matches.
    PatternNeverMatches,
    /// Calls with another outcome that fare the same.
    OtherOutcome,
    /// A line that could not be read.
    UnreadableLine,
}

/// How much a kind of remark matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// The answer is no.
    Error,
    /// To be looked at.
    Warning,
    /// Good to know.
    Note,
}

impl Kind {
    /// All kinds, those that matter most first.
    pub const ALL: [Self; 7] = [
        Self::FailedExpectation,
        Self::NewlyAllowed,
        Self::NewlyDenied,
        Self::Incident,
        Self::PatternNeverMatches,
        Self::OtherOutcome,
        Self::UnreadableLine,
    ];

    /// A stable name.
    pub const fn id(self) -> &'static str {
        match self {
            Self::FailedExpectation => "failed-expectation",
            Self::NewlyAllowed => "newly-allowed",
            Self::NewlyDenied => "newly-denied",
            Self::Incident => "incident",
            Self::PatternNeverMatches => "pattern-never-matches",
            Self::OtherOutcome => "other-outcome",
            Self::UnreadableLine => "unreadable-line",
        }
    }

    /// What it means, in one sentence.
    pub const fn title(self) -> &'static str {
        match self {
            Self::FailedExpectation => "The policy decides a test case otherwise than expected.",
            Self::NewlyAllowed => {
                "The policy lets calls through that the baseline does not let through."
            }
            Self::NewlyDenied => {
                "The policy does not let calls through that the baseline lets through."
            }
            Self::Incident => "The guardian reports what an agent did.",
            Self::PatternNeverMatches => "The pattern of a rule never matches.",
            Self::OtherOutcome => {
                "Calls have another outcome than by the baseline, and fare the same."
            }
            Self::UnreadableLine => "A line of a recording could not be read.",
        }
    }

    /// How much it matters.
    pub const fn weight(self) -> Weight {
        match self {
            Self::FailedExpectation => Weight::Error,
            Self::NewlyAllowed | Self::NewlyDenied | Self::Incident | Self::PatternNeverMatches => {
                Weight::Warning
            }
            Self::OtherOutcome | Self::UnreadableLine => Weight::Note,
        }
    }
}

/// All remarks, those that matter most first.
pub fn of(simulation: &Simulation) -> Vec<Remark> {
    let mut remarks = Vec::new();
    let reviewed = &simulation.reviewed;
    for case in reviewed.cases.iter().flat_map(|cases| &cases.cases) {
        let Some(failure) = &case.failure else {
            continue;
        };
        let (expected, got) = verdict(failure);
        let id = &case.request_id;
        remarks.push(Remark {
            kind: Kind::FailedExpectation,
            key: id.clone(),
            message: format!("`{id}`: expected {expected}, got {got}"),
            details: trace_lines(&failure.trace),
            places: vec![case.place.clone()],
        });
    }
    let codes = reviewed.comparison.iter().flat_map(|all| &all.codes);
    for change in codes {
        let (kind, what) = match change.effect {
            Effect::NewlyAllowed => (Kind::NewlyAllowed, "newly allowed"),
            Effect::NewlyDenied => (Kind::NewlyDenied, "newly denied"),
            Effect::OtherOutcome => (Kind::OtherOutcome, "with another outcome"),
            Effect::Unchanged => continue,
        };
        let from = match change.from.as_str() {
            "" => "what was recorded",
            code => code,
        };
        remarks.push(Remark {
            kind,
            key: format!("{} {}", change.from, change.to),
            message: format!(
                "{} {what}: `{from}` decided, now `{}`",
                calls(change.count),
                change.to
            ),
            details: Vec::new(),
            places: change.examples.clone(),
        });
    }
    for incident in simulation.incidents.iter().flat_map(|all| &all.listed) {
        remarks.push(Remark {
            kind: Kind::Incident,
            key: incident.id.clone(),
            message: incident.summary(),
            details: Vec::new(),
            places: vec![incident.detected.mark.place.clone()],
        });
    }
    for refused in &simulation.refused {
        remarks.push(Remark {
            kind: Kind::PatternNeverMatches,
            key: refused.rule.clone(),
            message: format!(
                "rule `{}` decides nothing: {}",
                refused.rule, refused.reason
            ),
            details: Vec::new(),
            places: Vec::new(),
        });
    }
    for unreadable in &simulation.unreadable {
        remarks.push(Remark {
            kind: Kind::UnreadableLine,
            key: format!("{}:{}", unreadable.source, unreadable.line),
            message: format!("not read: {}", unreadable.message),
            details: Vec::new(),
            places: vec![Place {
                source: unreadable.source.clone(),
                line: unreadable.line,
            }],
        });
    }
    remarks.sort_by_key(|remark| remark.kind);
    remarks
}

/// The answer in one line.
pub fn summary(simulation: &Simulation, digest: &str) -> String {
    let coverage = &simulation.coverage;
    let mut parts = vec![format!(
        "{} of {} calls decided",
        grouped(coverage.decided),
        grouped(coverage.calls_read)
    )];
    if let Some(cases) = &simulation.reviewed.cases {
        let all = cases.passed + cases.failed;
        parts.push(format!(
            "{} of {} test cases failed",
            grouped(cases.failed),
            grouped(all)
        ));
    }
    if let Some(comparison) = &simulation.reviewed.comparison {
        parts.push(format!(
            "{} newly allowed, {} newly denied",
            grouped(comparison.newly_allowed),
            grouped(comparison.newly_denied)
        ));
    }
    parts.push(format!("policy sha256:{digest}"));
    parts.join("; ")
}

/// What was expected, and what was decided.
pub(super) fn verdict(failure: &CaseFailure) -> (String, String) {
    let expected = &failure.expected;
    let mut wanted = expected.outcome.as_str().to_owned();
    if let Some(code) = &expected.code {
        wanted = format!("{wanted} by {code}");
    }
    match &expected.plugin {
        Some(Some(plugin)) => wanted = format!("{wanted} of {plugin}"),
        Some(None) => wanted.push_str(" of the rules"),
        None => {}
    }
    let got = &failure.got;
    let outcome = got
        .outcome
        .map_or("no decision", |outcome| outcome.as_str());
    let decider = got.plugin.as_deref().unwrap_or("the rules");
    let decided = format!("{outcome} by {} of {decider}", got.code);
    (wanted, decided)
}

fn calls(count: u64) -> String {
    match count {
        1 => "1 call".to_owned(),
        count => format!("{} calls", grouped(count)),
    }
}
