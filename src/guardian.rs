//! The guardian: watches what agents do and finds what is out of the ordinary. Owns frequency and
//! volume, suspicious sequences of tools, working hours, and the rule that stops an agent; goes by
//! the time of the events alone, and decides nothing about a request.
//!
//! What goes on is one incident, from its first event to its last. An event costs constant time,
//! amortised, whatever came before it, and an agent that was idle for longer than every window is
//! forgotten, except for its violations.
//!
//! ```
//! use std::borrow::Cow;
//!
//! use agent_spm::guardian::{Guardian, Mark, Part, Seen, Verdict};
//! use agent_spm::model::pipeline::guardian::GuardianOptions;
//! use agent_spm::time::Timestamp;
//!
//! #[derive(Clone)]
//! struct Id(u32);
//! impl Mark for Id {
//!     fn event_id(&self) -> Cow<'_, str> {
//!         Cow::Owned(self.0.to_string())
//!     }
//! }
//!
//! let options = GuardianOptions { frequency_threshold: Some(60), ..GuardianOptions::default() };
//! let mut guardian = Guardian::new(&options);
//! for number in 0..300 {
//!     guardian.observe(&Seen {
//!         agent: b"finance-bot",
//!         tool: b"read_file",
//!         time: Some(Timestamp::from_micros(i64::from(number) * 10_000)),
//!         part: Part::Request,
//!         verdict: Verdict::Allowed,
//!         mark: Id(number),
//!     });
//! }
//! let incidents = guardian.finish().incidents;
//! assert_eq!(incidents.len(), 1);
//! assert_eq!(incidents[0].summary(), "300 requests, up to 300 in 60 s where 60 are allowed");
//! ```

mod agent;
mod episode;
mod hours;
mod incident;
mod listing;
mod search;
mod sequence;
mod settings;
mod violations;
mod window;

use std::collections::HashMap;
use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use self::agent::Agent;
use self::episode::Incidents;
pub use self::incident::{Detail, Execution, Incident, Kind, Mark, Severity, incident_id};
pub use self::listing::{Collected, Listing, MAX_LISTED};
use self::search::Call;
use self::sequence::{Sequences, ToolId};
use self::settings::Settings;
use self::violations::Adjacent;
use self::window::Weight;
use crate::model::pipeline::guardian::{CountingUnit, GuardianOptions};
use crate::short::Short;
use crate::time::Timestamp;

/// The fewest agents at which idle ones are looked for.
const SWEEP_FROM: usize = 1024;

/// An event of one agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct At<M> {
    /// When it counts: when it happened, or the agent's latest event if that was later.
    pub time: Timestamp,
    /// Which it is.
    pub mark: M,
}

/// An event, as a guardian sees it.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a, M> {
    /// The agent's id in WTF-8; empty if it is not known.
    pub agent: &'a [u8],
    /// The tool's name in WTF-8.
    pub tool: &'a [u8],
    /// When it happened, if that is known.
    pub time: Option<Timestamp>,
    /// Which event of its request it is.
    pub part: Part,
    /// What it says of the request.
    pub verdict: Verdict,
    /// What finds it again.
    pub mark: M,
}

/// Which event of a request it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The first: what was decided.
    Request,
    /// A later one: how it was settled.
    Settlement,
}

/// What an event says of its request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It goes through.
    Allowed,
    /// It is stopped.
    Denied,
    /// Somebody is asked first; a settlement may follow.
    Pending,
}

/// Watches agents.
#[derive(Clone, Debug)]
pub struct Guardian<M> {
    settings: Settings,
    sequences: Sequences,
    adjacent: Adjacent,
    /// The agents that are not idle, in no order; forgotten ones leave a gap.
    agents: Vec<Option<Agent<M>>>,
    /// Where each is among them, by the hash of its id, which stands there alone.
    places: HashTable<Place>,
    hasher: RandomState,
    gaps: Vec<usize>,
    sweep_at: usize,
    violations: HashMap<Short, Violations, RandomState>,
    /// The places of the ends of stopped agents among the kills.
    killed: HashMap<Short, usize, RandomState>,
    kills: Vec<Incident<M>>,
    incidents: Incidents<M>,
    without_time: u64,
    without_agent: u64,
}

/// Where an agent is.
#[derive(Clone, Copy, Debug)]
struct Place {
    /// Of its id.
    hash: u64,
    place: usize,
}

/// What an agent has done wrong by the rule that stops it, which forgets nothing.
#[derive(Clone, Debug, Default)]
struct Violations {
    count: u64,
    /// How far each sequence without gaps had come when the agent was forgotten.
    adjacent: Option<Box<[u64]>>,
}

/// What a guardian has to say in the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Findings<M> {
    /// What [`Guardian::take_incidents`] has not handed out before, in the order of detection.
    pub incidents: Vec<Incident<M>>,
    /// The agents that are stopped, or would have been, in that order.
    pub kills: Vec<Incident<M>>,
    /// Requests of which nobody knows when they were made, so that nothing was made of them.
    pub without_time: u64,
    /// Those of which nobody knows who made them, though when. They are not those of one agent, so
    /// that nothing was made of them either.
    pub without_agent: u64,
}

impl<M: Mark> Guardian<M> {
    /// A guardian that has seen nothing.
    pub fn new(options: &GuardianOptions) -> Self {
        let settings = Settings::new(options);
        let sequences = Sequences::new(&settings.sequences);
        Self {
            adjacent: Adjacent::new(&sequences),
            settings,
            sequences,
            agents: Vec::new(),
            places: HashTable::new(),
            hasher: RandomState::default(),
            gaps: Vec::new(),
            sweep_at: SWEEP_FROM,
            violations: HashMap::default(),
            killed: HashMap::default(),
            kills: Vec::new(),
            incidents: Incidents {
                over: Vec::new(),
                next: 0,
            },
            without_time: 0,
            without_agent: 0,
        }
    }

    /// Whether it stops agents at all.
    pub fn stops_agents(&self) -> bool {
        self.settings.kill.is_some()
    }

    /// What stopped an agent, if it is stopped.
    pub fn kill(&self, agent: &[u8]) -> Option<&Incident<M>> {
        self.kills.get(*self.killed.get(agent)?)
    }

    /// Looks at the next event.
    pub fn observe(&mut self, seen: &Seen<'_, M>) {
        self.count_after_kill(seen);
        let Some(time) = seen.time else {
            self.without_time += u64::from(seen.part == Part::Request);
            return;
        };
        if seen.agent.is_empty() {
            self.without_agent += u64::from(seen.part == Part::Request);
            return;
        }
        let place = self.place(seen.agent, time, &seen.mark);
        let Some(Some(agent)) = self.agents.get_mut(place) else {
            return;
        };
        let (settings, incidents) = (&mut self.settings, &mut self.incidents);
        let allowed = seen.verdict == Verdict::Allowed;
        let is_request = seen.part == Part::Request || settings.unit == CountingUnit::Event;
        let weight = Weight {
            units: u64::from(is_request),
            allowed: u64::from(allowed),
        };
        agent.clock = agent.clock.max(time);
        agent.requests += weight.units;
        agent.allowed += weight.allowed;
        let at = At {
            time: agent.clock,
            mark: seen.mark.clone(),
        };
        let until = settings
            .hours
            .as_mut()
            .and_then(|hours| hours.off_until(time));
        if settings.counts() {
            let (minute, volume) = (settings::MINUTE, settings.volume_window);
            agent.recent.add(at.clone(), weight, minute, volume);
        }
        let tool = self.sequences.tool(seen.tool);
        if is_request {
            agent.spikes(&at, weight, settings, incidents);
            agent.off_hours(&at, weight, until, settings, incidents);
        } else {
            agent.settled(weight.allowed);
        }
        let call = Call {
            at: &at,
            tool,
            number: match tool {
                Some(tool) if is_request => agent.request(tool, seen.verdict),
                Some(tool) => agent.settlement(tool),
                None => agent.requests,
            },
            is_request,
            allows: allowed,
        };
        agent.sequences(&call, &self.sequences, settings, incidents);
        self.violate(place, at, tool, until);
    }

    /// The incidents that are over and were not handed out before, in the order in which they
    /// ended.
    pub fn take_incidents(&mut self) -> Vec<Incident<M>> {
        std::mem::take(&mut self.incidents.over)
    }

    /// Ends what goes on.
    pub fn finish(mut self) -> Findings<M> {
        for agent in self.agents.iter_mut().flatten() {
            agent.close(&self.settings, &mut self.incidents);
        }
        let mut incidents = self.incidents.over;
        incidents.sort_by_key(|incident| incident.number);
        Findings {
            incidents,
            kills: self.kills,
            without_time: self.without_time,
            without_agent: self.without_agent,
        }
    }

    /// Counts what a stopped agent does.
    fn count_after_kill(&mut self, seen: &Seen<'_, M>) {
        let killed = self.killed.get(seen.agent);
        let kill = killed.and_then(|&place| self.kills.get_mut(place));
        if let Some(Detail::AutoKill {
            later,
            later_allowed,
            ..
        }) = kill.map(|kill| &mut kill.detail)
        {
            *later += u64::from(seen.part == Part::Request);
            // A settlement may be that of an earlier request.
            *later_allowed +=
                u64::from(seen.verdict == Verdict::Allowed && *later_allowed < *later);
        }
    }

    /// The place of an agent that has an event at `time`.
    fn place(&mut self, id: &[u8], time: Timestamp, mark: &M) -> usize {
        let first = || At {
            time,
            mark: mark.clone(),
        };
        let hash = self.hasher.hash_one(id);
        let is_it = |known: &Place| known.hash == hash && id_at(&self.agents, known.place) == id;
        if let Some(&Place { place, .. }) = self.places.find(hash, is_it) {
            if let Some(Some(agent)) = self.agents.get_mut(place)
                && is_idle(agent.clock, time, self.settings.horizon())
            {
                agent.renew(first(), &self.settings, &mut self.incidents);
            }
            return place;
        }
        if self.places.len() >= self.sweep_at {
            self.forget_idle(time);
        }
        let known = self.violations.get_mut(id);
        let adjacent = known.and_then(|violations| violations.adjacent.take());
        let adjacent = adjacent.unwrap_or_else(|| match self.settings.kill {
            Some(_) => self.adjacent.start(),
            None => Box::default(),
        });
        let agent = Some(Agent::new(id, first(), adjacent));
        let place = match self.gaps.pop() {
            Some(place) => {
                if let Some(gap) = self.agents.get_mut(place) {
                    *gap = agent;
                }
                place
            }
            None => {
                self.agents.push(agent);
                self.agents.len() - 1
            }
        };
        let known = Place { hash, place };
        self.places.insert_unique(hash, known, |known| known.hash);
        place
    }

    /// Forgets the agents whose state says nothing about what they do from `now` on.
    fn forget_idle(&mut self, now: Timestamp) {
        let horizon = self.settings.horizon();
        // What is where is in no order, so that it is looked up in a small table.
        let mut stays = vec![true; self.agents.len()];
        for ((place, slot), stays) in self.agents.iter_mut().enumerate().zip(&mut stays) {
            let Some(agent) = slot else { continue };
            if is_idle(agent.clock, now, horizon) && !agent.is_in_off_hours(now) {
                agent.close(&self.settings, &mut self.incidents);
                self.gaps.push(place);
                if self.settings.kill.is_some() && agent.adjacent.iter().any(|&state| state != 0) {
                    let known = self.violations.entry(agent.id.clone()).or_default();
                    known.adjacent = Some(std::mem::take(&mut agent.adjacent));
                }
                *slot = None;
                *stays = false;
            }
        }
        self.places
            .retain(|known| stays.get(known.place).is_some_and(|stays| *stays));
        self.sweep_at = (self.places.len() * 2).max(SWEEP_FROM);
    }

    /// Counts the violations of an event by the rule that stops an agent, and stops it.
    fn violate(
        &mut self,
        place: usize,
        at: At<M>,
        tool: Option<ToolId>,
        off_hours: Option<Timestamp>,
    ) {
        let Some(threshold) = self.settings.kill else {
            return;
        };
        let Some(Some(agent)) = self.agents.get_mut(place) else {
            return;
        };
        let events = agent.recent.volume.events;
        let exceeds = |limit: Option<u64>| u64::from(limit.is_some_and(|limit| events > limit));
        let new = exceeds(self.settings.frequency)
            + exceeds(self.settings.volume)
            + self.adjacent.step(&mut agent.adjacent, tool)
            + u64::from(off_hours.is_some());
        if new == 0 || self.killed.contains_key(&*agent.id) {
            return;
        }
        let violations = match self.violations.get_mut(&*agent.id) {
            Some(violations) => violations,
            None => self.violations.entry(agent.id.clone()).or_default(),
        };
        violations.count += new;
        if violations.count < threshold {
            return;
        }
        self.killed.insert(agent.id.clone(), self.kills.len());
        let kind = Kind::AutoKill;
        self.kills.push(Incident {
            id: incident_id(kind.as_str(), &agent.id, &agent.since.mark.event_id()),
            number: self.incidents.number(),
            kind,
            severity: Severity::Critical,
            agent: (*agent.id).into(),
            start: agent.since.clone(),
            detected: at.clone(),
            end: at,
            count: agent.requests,
            allowed: agent.allowed,
            detail: Detail::AutoKill {
                violations: violations.count,
                threshold,
                later: 0,
                later_allowed: 0,
            },
        });
    }
}

/// The id of the agent at a place, where there is one.
fn id_at<M>(agents: &[Option<Agent<M>>], place: usize) -> &[u8] {
    let agent = agents.get(place).and_then(Option::as_ref);
    agent.map_or(&[], |agent| &agent.id)
}

/// Whether every window of an agent whose clock shows `clock` is empty at `now`. A clock that was
/// put back by as much begins anew as well.
fn is_idle(clock: Timestamp, now: Timestamp, horizon: i64) -> bool {
    clock.micros().abs_diff(now.micros()) >= horizon.unsigned_abs()
}

#[cfg(test)]
mod tests;
