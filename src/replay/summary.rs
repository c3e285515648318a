//! What a log says in numbers. Owns the totals of the events that are asked for; a request counts
//! once, however many events it has.

use std::collections::HashMap;

use super::event::Event;
use super::names::Names;
use super::requests::Request;
use crate::activity::Activity;
use crate::model::event::EventOutcome;
use crate::time::Timestamp;

/// How many outcomes events have.
pub const OUTCOMES: usize = EventOutcome::ALL.len();

/// The bounds of the classes of [`Approvals::latencies`], in seconds: less than each, and the rest.
pub const LATENCY_BOUNDS: [u64; 5] = [2, 10, 60, 300, 3600];

/// How many rows of [`Summary::denials`] are listed.
pub const DENIALS_LISTED: usize = 1000;

/// What the events that are asked for say in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Events.
    pub events: u64,
    /// Requests that have at least one of them.
    pub requests: u64,
    /// The times of the first and of the last event.
    pub span: Option<(Timestamp, Timestamp)>,
    /// Events by recorded outcome, in the order of [`EventOutcome::ALL`].
    pub recorded: [u64; OUTCOMES],
    /// Events by effective outcome, in that order.
    pub effective: [u64; OUTCOMES],
    /// Requests by what they came to in the end, in that order.
    pub settled: [u64; OUTCOMES],
    /// Requests that wait for an answer.
    pub waiting: u64,
    /// By agent, most requests that were turned down first.
    pub agents: Vec<Counts>,
    /// By tool, in that order.
    pub tools: Vec<Counts>,
    /// By environment, in that order.
    pub environments: Vec<Counts>,
    /// By the code of the decision, in that order.
    pub codes: Vec<Counts>,
    /// By the plugin that decided, in that order; without those that rules decided.
    pub plugins: Vec<Counts>,
    /// Who was turned down when calling what, and why, most first; at most [`DENIALS_LISTED`].
    pub denials: Vec<Denial>,
    /// How many of those there are in all.
    pub all_denials: u64,
    /// What people and ticket systems answered.
    pub approvals: Approvals,
    /// Events by effective outcome over time.
    pub activity: Activity<OUTCOMES>,
}

/// The requests of an agent, a tool, a code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Its name; empty where the log does not say.
    pub name: String,
    /// Requests.
    pub requests: u64,
    /// Those of them that went through.
    pub allowed: u64,
    /// Those of them that wait for an answer. What neither went through nor waits was turned down.
    pub waiting: u64,
}

impl Counts {
    /// Requests that were turned down.
    pub const fn denied(&self) -> u64 {
        self.requests - self.allowed - self.waiting
    }
}

/// How often an agent was turned down at a tool for a reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    /// Who.
    pub agent: String,
    /// What.
    pub tool: String,
    /// The code of the decision.
    pub code: String,
    /// The plugin that decided; empty if a rule did.
    pub plugin: String,
    /// How often.
    pub count: u64,
}

/// What people and ticket systems answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Approvals {
    /// Requests that asked.
    pub asked: u64,
    /// Those that were agreed to.
    pub agreed: u64,
    /// Those that were declined.
    pub declined: u64,
    /// Those that were answered too late.
    pub timed_out: u64,
    /// Answers by how long they took: see [`LATENCY_BOUNDS`].
    pub latencies: [u64; LATENCY_BOUNDS.len() + 1],
    /// The shortest and the longest, in microseconds.
    pub extremes: Option<(u64, u64)>,
    /// Those that agreed within two seconds: hardly anybody reads and thinks as fast.
    pub hasty: u64,
}

/// The numbers of an agent, a tool, a code and a plugin.
type DenialKey = (u32, u32, u32, u32);

/// The totals while the log is read.
#[derive(Debug, Default)]
pub(super) struct Totals {
    summary: Summary,
    by_agent: Vec<Counts>,
    by_tool: Vec<Counts>,
    by_environment: Vec<Counts>,
    by_code: Vec<Counts>,
    by_plugin: Vec<Counts>,
    /// Listed by names in the end, so that the order in here does not show.
    denials: HashMap<DenialKey, u64, foldhash::fast::RandomState>,
}

impl Totals {
    /// Counts an event that is asked for.
    pub(super) fn event(&mut self, event: &Event<'_>) {
        let summary = &mut self.summary;
        summary.events += 1;
        count(&mut summary.recorded, event.recorded);
        count(&mut summary.effective, event.effective);
        if let Some(time) = event.time {
            summary.activity.add(time, event.effective as usize);
            let (first, last) = summary.span.unwrap_or((time, time));
            summary.span = Some((first.min(time), last.max(time)));
        }
    }

    /// Counts a request.
    pub(super) fn request(&mut self, request: &Request) {
        if !request.is_matched {
            return;
        }
        self.summary.requests += 1;
        let names = request.names;
        let is_allowed = matches!(
            request.settled,
            Some(EventOutcome::Allow | EventOutcome::Approved)
        );
        match request.settled {
            Some(settled) => count(&mut self.summary.settled, settled),
            None => self.summary.waiting += 1,
        }
        for (counts, number) in [
            (&mut self.by_agent, names.agent),
            (&mut self.by_tool, names.tool),
            (&mut self.by_environment, names.environment),
            (&mut self.by_code, names.code),
            (&mut self.by_plugin, names.plugin),
        ] {
            let number = number as usize;
            if counts.len() <= number {
                counts.resize(number + 1, Counts::default());
            }
            if let Some(counts) = counts.get_mut(number) {
                counts.requests += 1;
                counts.allowed += u64::from(is_allowed);
                counts.waiting += u64::from(request.settled.is_none());
            }
        }
        if !is_allowed && request.settled.is_some() {
            let key = (names.agent, names.tool, names.code, names.plugin);
            *self.denials.entry(key).or_default() += 1;
        }
        self.summary.approvals.count(request, is_allowed);
    }

    /// The summary; `names` are those of the numbers.
    pub(super) fn finish(self, names: &Names) -> Summary {
        let mut plugins = sorted(self.by_plugin, names);
        plugins.retain(|plugin| !plugin.name.is_empty());
        let name = |number| names.name(number);
        let mut denials: Vec<_> = self.denials.iter().collect();
        denials.sort_by(|(a, times), (b, other)| {
            let named = |key: &DenialKey| [name(key.0), name(key.1), name(key.2), name(key.3)];
            other.cmp(times).then_with(|| named(a).cmp(&named(b)))
        });
        let listed = denials.iter().take(DENIALS_LISTED);
        let listed = listed.map(|&(&(agent, tool, code, plugin), &count)| Denial {
            agent: name(agent).to_owned(),
            tool: name(tool).to_owned(),
            code: name(code).to_owned(),
            plugin: name(plugin).to_owned(),
            count,
        });
        let (denials, all_denials) = (listed.collect(), denials.len() as u64);
        Summary {
            agents: sorted(self.by_agent, names),
            tools: sorted(self.by_tool, names),
            environments: sorted(self.by_environment, names),
            codes: sorted(self.by_code, names),
            plugins,
            denials,
            all_denials,
            ..self.summary
        }
    }
}

impl Approvals {
    fn count(&mut self, request: &Request, is_allowed: bool) {
        let asks = matches!(
            request.decided,
            EventOutcome::RequireApproval
                | EventOutcome::RequireHuman
                | EventOutcome::RequireTicket
                | EventOutcome::StepUp
        );
        self.asked += u64::from(asks);
        match request.settled {
            Some(EventOutcome::Approved) => self.agreed += 1,
            Some(EventOutcome::Rejected) => self.declined += 1,
            Some(EventOutcome::Timeout) => {
                self.timed_out += 1;
                return;
            }
            _ => return,
        }
        let Some(latency) = request.latency else {
            return;
        };
        let seconds = latency / 1_000_000;
        let class = LATENCY_BOUNDS.iter().position(|bound| seconds < *bound);
        let class = class.unwrap_or(LATENCY_BOUNDS.len());
        if let Some(count) = self.latencies.get_mut(class) {
            *count += 1;
        }
        self.hasty += u64::from(is_allowed && class == 0);
        let (least, most) = self.extremes.unwrap_or((latency, latency));
        self.extremes = Some((least.min(latency), most.max(latency)));
    }
}

fn count(counts: &mut [u64; OUTCOMES], outcome: EventOutcome) {
    if let Some(count) = counts.get_mut(outcome as usize) {
        *count += 1;
    }
}

/// Most that were turned down first, then most requests, then by name.
fn sorted(counts: Vec<Counts>, names: &Names) -> Vec<Counts> {
    let mut counts: Vec<Counts> = (0..)
        .zip(counts)
        .filter(|(_, counts)| counts.requests > 0)
        .map(|(number, counts)| Counts {
            name: names.name(number).to_owned(),
            ..counts
        })
        .collect();
    counts.sort_by(|a, b| {
        let order = (b.denied(), b.requests).cmp(&(a.denied(), a.requests));
        order.then_with(|| a.name.cmp(&b.name))
    });
    counts
}
