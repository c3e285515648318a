//! The result for programs.

use std::collections::BTreeMap;

use serde::Serialize;

use super::assessed::{Evidence, Posture, evidence_report, posture_report};
use super::redaction::{class, detector};
use super::watched::locate;
use crate::evidence::Assessment;
use crate::model::event::EventOutcome;
use crate::replay::{self, Finding, LATENCY_BOUNDS, OUTCOMES, Replay, Verdict};
use crate::report::incidents;
use crate::report::json::{TOOL, Tool};

/// The version of [`Report`]'s shape: members are only added within one.
pub const SCHEMA: &str = "agent-spm/audit-replay/1";

/// The result for programs.
#[derive(Debug, Serialize)]
pub struct Report<'a> {
    schema: &'static str,
    tool: Tool,
    inputs: Vec<Input<'a>>,
    integrity: Integrity<'a>,
    lines_unreadable: u64,
    summary: Summary<'a>,
    timeline: Vec<Entry<'a>>,
    incidents: Vec<incidents::Report>,
    incident_counts: BTreeMap<&'static str, u64>,
    guardian_without_time: u64,
    guardian_without_agent: u64,
    counterfactual: Vec<incidents::Counterfactual>,
    #[serde(skip_serializing_if = "Option::is_none")]
    redecided: Option<Redecided>,
    divergences: Vec<Divergence<'a>>,
    not_replayable: BTreeMap<&'static str, u64>,
    redaction: Vec<Exposed<'a>>,
    redaction_counts: BTreeMap<&'static str, u64>,
    evidence: Vec<Evidence<'a>>,
    posture: Posture<'a>,
}

#[derive(Debug, Serialize)]
struct Input<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<&'a str>,
    lines: u64,
    events: u64,
}

#[derive(Debug, Serialize)]
struct Integrity<'a> {
    verdict: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    anchored_through: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unanchored_after: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    broken_at: Option<Place<'a>>,
    chains: Vec<Chain<'a>>,
    counts: BTreeMap<&'static str, u64>,
    findings: Vec<Found<'a>>,
}

#[derive(Debug, Serialize)]
struct Chain<'a> {
    uid: &'a str,
    records: u64,
    first: u64,
    last: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    anchored_through: Option<u64>,
}

#[derive(Debug, Serialize)]
struct Place<'a> {
    source: Option<&'a str>,
    line: Option<u64>,
}

#[derive(Debug, Serialize)]
struct Found<'a> {
    kind: &'static str,
    #[serde(flatten)]
    place: Place<'a>,
    proof: bool,
    message: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    detail: String,
}

#[derive(Debug, Serialize)]
struct Summary<'a> {
    events: u64,
    requests: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    first: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<String>,
    recorded: BTreeMap<&'static str, u64>,
    effective: BTreeMap<&'static str, u64>,
    settled: BTreeMap<&'static str, u64>,
    waiting: u64,
    agents: Vec<Counts<'a>>,
    tools: Vec<Counts<'a>>,
    environments: Vec<Counts<'a>>,
    codes: Vec<Counts<'a>>,
    plugins: Vec<Counts<'a>>,
    denials: Vec<Denial<'a>>,
    approvals: Approvals,
    activity: Activity,
}

#[derive(Debug, Serialize)]
struct Counts<'a> {
    name: &'a str,
    requests: u64,
    allowed: u64,
    denied: u64,
    waiting: u64,
}

#[derive(Debug, Serialize)]
struct Denial<'a> {
    agent: &'a str,
    tool: &'a str,
    code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    plugin: Option<&'a str>,
    count: u64,
}

#[derive(Debug, Serialize)]
struct Approvals {
    asked: u64,
    agreed: u64,
    declined: u64,
    timed_out: u64,
    hasty: u64,
    /// By the seconds that the answer took at most; the last has no bound.
    latencies: Vec<Latency>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shortest_ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    longest_ms: Option<f64>,
}

#[derive(Debug, Serialize)]
struct Latency {
    below_s: Option<u64>,
    count: u64,
}

#[derive(Debug, Serialize)]
struct Activity {
    interval_s: i64,
    intervals: Vec<Interval>,
}

#[derive(Debug, Serialize)]
struct Interval {
    from: String,
    #[serde(flatten)]
    outcomes: BTreeMap<&'static str, u64>,
}

#[derive(Debug, Serialize)]
struct Entry<'a> {
    timestamp: Option<String>,
    #[serde(flatten)]
    place: Place<'a>,
    event_id: &'a str,
    request_id: &'a str,
    agent_id: &'a str,
    tool_name: &'a str,
    environment: &'a str,
    outcome: &'static str,
    effective_outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    plugin_source: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct Exposed<'a> {
    class: &'static str,
    detector: &'static str,
    path: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    shown: &'a str,
    #[serde(flatten)]
    place: Place<'a>,
}

#[derive(Debug, Serialize)]
struct Redecided {
    same: u64,
    diverged: BTreeMap<&'static str, u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    calls_decided: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    calls_not_logged: Option<u64>,
}

#[derive(Debug, Serialize)]
struct Divergence<'a> {
    kind: &'static str,
    #[serde(flatten)]
    place: Place<'a>,
    request_id: &'a str,
    agent_id: &'a str,
    tool_name: &'a str,
    recorded: Said<'a>,
    decided: Vec<Said<'a>>,
}

#[derive(Debug, Serialize)]
struct Said<'a> {
    outcome: &'static str,
    code: &'a str,
}

/// The result for programs.
pub fn report<'a>(replay: &'a Replay, assessment: &'a Assessment) -> Report<'a> {
    let inputs = replay.inputs.iter().map(|input| Input {
        name: &input.name,
        sha256: input.sha256.as_deref(),
        lines: input.lines,
        events: input.events,
    });
    let redecided = replay.redecided.as_ref();
    let found = replay.incidents.as_ref();
    let without_time = found.map_or(0, |found| found.without_time);
    let without_agent = found.map_or(0, |found| found.without_agent);
    let found = found
        .map(|found| incidents::reports(found, |event| locate(replay, event)))
        .unwrap_or_default();
    Report {
        schema: SCHEMA,
        tool: TOOL,
        inputs: inputs.collect(),
        integrity: integrity(replay),
        lines_unreadable: replay.lines_unreadable,
        summary: summary(&replay.summary),
        timeline: replay
            .timeline
            .iter()
            .map(|one| entry(replay, one))
            .collect(),
        incidents: found.incidents,
        incident_counts: found.counts,
        guardian_without_time: without_time,
        guardian_without_agent: without_agent,
        counterfactual: found.counterfactual,
        redecided: redecided.map(counted),
        divergences: redecided.map_or_else(Vec::new, |redecided| {
            let listed = redecided.divergences.iter();
            listed.map(|one| divergence(replay, one)).collect()
        }),
        not_replayable: redecided
            .map(|redecided| redecided.not_replayable.clone())
            .unwrap_or_default(),
        redaction: replay
            .redaction
            .listed
            .iter()
            .map(|one| exposed(replay, one))
            .collect(),
        redaction_counts: replay
            .redaction
            .counts
            .iter()
            .map(|(kind, count)| (detector(*kind), *count))
            .collect(),
        evidence: evidence_report(assessment),
        posture: posture_report(&assessment.fleet),
    }
}

fn exposed<'a>(replay: &'a Replay, one: &'a replay::Exposed) -> Exposed<'a> {
    Exposed {
        class: class(one.kind),
        detector: detector(one.kind),
        path: &one.path,
        shown: &one.shown,
        place: place(replay, one.place),
    }
}

fn counted(redecided: &replay::Redecided) -> Redecided {
    let counts = redecided.counts.iter();
    Redecided {
        same: redecided.same,
        diverged: counts
            .map(|(kind, count)| (kind.as_str(), *count))
            .collect(),
        calls_decided: redecided.calls.map(|calls| calls.decided),
        calls_not_logged: redecided.calls.map(|calls| calls.not_logged),
    }
}

fn divergence<'a>(replay: &'a Replay, one: &'a replay::Divergence) -> Divergence<'a> {
    let said = |said: &'a replay::Said| Said {
        outcome: said.outcome.as_str(),
        code: &said.code,
    };
    Divergence {
        kind: one.kind.as_str(),
        place: place(replay, one.place),
        request_id: &one.request_id,
        agent_id: &one.agent_id,
        tool_name: &one.tool_name,
        recorded: said(&one.recorded),
        decided: one.decided.iter().map(said).collect(),
    }
}

fn place(replay: &Replay, place: replay::Place) -> Place<'_> {
    let input = replay.inputs.get(place.input);
    Place {
        source: input.map(|input| input.name.as_str()),
        line: (place.line > 0).then_some(place.line),
    }
}

fn integrity(replay: &Replay) -> Integrity<'_> {
    let anchored = match replay.chains.as_slice() {
        [chain] => chain
            .anchored_through
            .map(|size| (size, chain.numbers.1 + 1)),
        _ => None,
    };
    let anchored = anchored.filter(|_| replay.verdict == Verdict::Intact);
    let chains = replay.chains.iter().map(|chain| Chain {
        uid: &chain.uid,
        records: chain.records,
        first: chain.numbers.0,
        last: chain.numbers.1,
        anchored_through: chain.anchored_through,
    });
    Integrity {
        verdict: replay.verdict.as_str(),
        anchored_through: anchored.map(|(size, _)| size),
        unanchored_after: anchored.map(|(size, all)| all.saturating_sub(size)),
        broken_at: match replay.verdict {
            Verdict::Broken { at } => Some(place(replay, at)),
            _ => None,
        },
        chains: chains.collect(),
        counts: replay
            .findings
            .counts()
            .map(|(kind, count)| (kind.as_str(), count))
            .collect(),
        findings: replay
            .findings
            .listed()
            .map(|finding| found(replay, finding))
            .collect(),
    }
}

fn found(replay: &Replay, finding: Finding) -> Found<'_> {
    Found {
        kind: finding.kind.as_str(),
        place: place(replay, finding.place),
        proof: finding.kind.is_proof(),
        message: finding.kind.title(),
        detail: finding.detail,
    }
}

fn outcomes(counts: &[u64; OUTCOMES]) -> BTreeMap<&'static str, u64> {
    let counts = EventOutcome::ALL.iter().zip(counts);
    counts
        .filter(|(_, count)| **count > 0)
        .map(|(outcome, count)| (outcome.as_str(), *count))
        .collect()
}

fn summary(summary: &replay::Summary) -> Summary<'_> {
    let approvals = &summary.approvals;
    let bounds = LATENCY_BOUNDS
        .iter()
        .map(|bound| Some(*bound))
        .chain([None]);
    let latencies = bounds.zip(approvals.latencies);
    let ms = |micros: u64| micros as f64 / 1000.0;
    let denials = summary.denials.iter().map(|denial| Denial {
        agent: &denial.agent,
        tool: &denial.tool,
        code: &denial.code,
        plugin: (!denial.plugin.is_empty()).then_some(&denial.plugin),
        count: denial.count,
    });
    let intervals = summary.activity.intervals().map(|(from, counts)| Interval {
        from: from.to_string(),
        outcomes: outcomes(counts),
    });
    Summary {
        events: summary.events,
        requests: summary.requests,
        first: summary.span.map(|(first, _)| first.to_string()),
        last: summary.span.map(|(_, last)| last.to_string()),
        recorded: outcomes(&summary.recorded),
        effective: outcomes(&summary.effective),
        settled: outcomes(&summary.settled),
        waiting: summary.waiting,
        agents: counts(&summary.agents),
        tools: counts(&summary.tools),
        environments: counts(&summary.environments),
        codes: counts(&summary.codes),
        plugins: counts(&summary.plugins),
        denials: denials.collect(),
        approvals: Approvals {
            asked: approvals.asked,
            agreed: approvals.agreed,
            declined: approvals.declined,
            timed_out: approvals.timed_out,
            hasty: approvals.hasty,
            latencies: latencies
                .map(|(below_s, count)| Latency { below_s, count })
                .collect(),
            shortest_ms: approvals.extremes.map(|(least, _)| ms(least)),
            longest_ms: approvals.extremes.map(|(_, most)| ms(most)),
        },
        activity: Activity {
            interval_s: summary.activity.seconds(),
            intervals: intervals.collect(),
        },
    }
}

fn counts(counts: &[replay::Counts]) -> Vec<Counts<'_>> {
    let counts = counts.iter().map(|counts| Counts {
        name: &counts.name,
        requests: counts.requests,
        allowed: counts.allowed,
        denied: counts.denied(),
        waiting: counts.waiting,
    });
    counts.collect()
}

fn entry<'a>(replay: &'a Replay, entry: &'a replay::Entry) -> Entry<'a> {
    let reason = entry.reason.as_ref();
    Entry {
        timestamp: entry.time.map(|time| time.to_string()),
        place: place(replay, entry.place),
        event_id: &entry.event_id,
        request_id: &entry.request_id,
        agent_id: &entry.agent_id,
        tool_name: &entry.tool_name,
        environment: &entry.environment,
        outcome: entry.recorded.as_str(),
        effective_outcome: entry.effective.as_str(),
        code: reason.map(|(code, _)| code.as_str()),
        message: reason.map(|(_, message)| message.as_str()),
        plugin_source: entry.plugin.as_deref(),
    }
}
