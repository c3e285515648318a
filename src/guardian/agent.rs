//! One agent under watch: what it did lately and which breaches go on. Owns when they begin and
//! end; the guardian owns who is watched.

use std::collections::VecDeque;

use super::episode::{Incidents, OffHours, Spike};
use super::incident::Mark;
use super::search::{Call, Search, Wanted};
use super::sequence::{Reach, Sequences, ToolId};
use super::settings::Settings;
use super::window::{Recent, Weight};
use super::{At, Verdict};
use crate::short::Short;
use crate::time::Timestamp;

/// How many unsettled requests of an agent are remembered; the platform leaves one at a time.
const MOST_PENDING: usize = 64;

/// What is remembered of an agent.
#[derive(Clone, Debug)]
pub(super) struct Agent<M> {
    pub(super) id: Short,
    /// The latest time of an event; an earlier one that comes later counts as this.
    pub(super) clock: Timestamp,
    /// The first event since the agent was last idle for longer than every window.
    pub(super) since: At<M>,
    /// Its requests since then.
    pub(super) requests: u64,
    /// Events since then that let a request through.
    pub(super) allowed: u64,
    pub(super) recent: Recent<M>,
    /// How far each sequence without gaps has come.
    pub(super) adjacent: Box<[u64]>,
    frequency: Option<Box<Spike<M>>>,
    volume: Option<Box<Spike<M>>>,
    off_hours: Option<Box<OffHours<M>>>,
    searches: Option<Box<[Search<M>]>>,
    /// The requests that are not settled yet, as far as sequences name their tools: tool and
    /// number, the oldest first.
    pending: VecDeque<(ToolId, u64)>,
}

impl<M: Mark> Agent<M> {
    pub(super) fn new(id: &[u8], first: At<M>, adjacent: Box<[u64]>) -> Self {
        Self {
            id: id.into(),
            clock: first.time,
            since: first,
            requests: 0,
            allowed: 0,
            recent: Recent::new(),
            adjacent,
            frequency: None,
            volume: None,
            off_hours: None,
            searches: None,
            pending: VecDeque::new(),
        }
    }

    /// Begins anew after a time in which every window has emptied. Off hours go on, and so does what
    /// the rule that stops agents remembers.
    pub(super) fn renew(
        &mut self,
        first: At<M>,
        settings: &Settings,
        incidents: &mut Incidents<M>,
    ) {
        self.close_windows(settings, incidents);
        self.clock = first.time;
        self.since = first;
        self.requests = 0;
        self.allowed = 0;
        self.recent = Recent::new();
        self.pending.clear();
    }

    /// Ends what goes on.
    pub(super) fn close(&mut self, settings: &Settings, incidents: &mut Incidents<M>) {
        self.close_windows(settings, incidents);
        self.close_off_hours(settings, incidents);
    }

    /// Whether off hours last at `now` in which the agent was active.
    pub(super) fn is_in_off_hours(&self, now: Timestamp) -> bool {
        let off = self.off_hours.as_ref();
        off.is_some_and(|off| off.contains(now))
    }

    /// Counts a request that may be one too many.
    pub(super) fn spikes(
        &mut self,
        at: &At<M>,
        weight: Weight,
        settings: &Settings,
        incidents: &mut Incidents<M>,
    ) {
        if let Some(limit) = settings.frequency_limit() {
            let counted = (&self.recent, self.recent.minute);
            let spike = &mut self.frequency;
            Spike::count(spike, at, weight, counted, limit, &self.id, incidents);
        }
        if let Some(limit) = settings.volume_limit() {
            let counted = (&self.recent, self.recent.volume);
            let spike = &mut self.volume;
            Spike::count(spike, at, weight, counted, limit, &self.id, incidents);
        }
    }

    /// Counts the settlement of a request.
    pub(super) fn settled(&mut self, allowed: u64) {
        let spikes = [&mut self.frequency, &mut self.volume];
        for spike in spikes.into_iter().flatten() {
            spike.settled(allowed);
        }
        if let Some(off) = &mut self.off_hours {
            off.settled(allowed);
        }
    }

    /// The number of a new request, which is remembered if it is pending.
    pub(super) fn request(&mut self, tool: ToolId, verdict: Verdict) -> u64 {
        if verdict == Verdict::Pending {
            if self.pending.len() == MOST_PENDING {
                self.pending.pop_front();
            }
            self.pending.push_back((tool, self.requests));
        }
        self.requests
    }

    /// The number of the request that is settled: the oldest that is pending for the tool.
    pub(super) fn settlement(&mut self, tool: ToolId) -> u64 {
        let mut pending = self.pending.iter();
        let place = pending.position(|(asked, _)| *asked == tool);
        let request = place.and_then(|place| self.pending.remove(place));
        request.map_or(self.requests, |(_, number)| number)
    }

    /// Looks for the sequences.
    pub(super) fn sequences(
        &mut self,
        call: &Call<'_, M>,
        sequences: &Sequences,
        settings: &Settings,
        incidents: &mut Incidents<M>,
    ) {
        let patterns = sequences.patterns();
        let searches = match &mut self.searches {
            Some(searches) => searches,
            None if call.tool.is_none() => return,
            searches => searches.insert(patterns.iter().map(|_| Search::new()).collect()),
        };
        let named = patterns.iter().zip(&settings.sequences);
        for (search, (pattern, names)) in searches.iter_mut().zip(named) {
            let wanted = Wanted {
                pattern,
                names,
                reach: Reach {
                    gaps: settings.gaps,
                    window: settings.sequence_window,
                },
                agent: &self.id,
            };
            search.take(call, wanted, incidents);
        }
    }

    /// Counts a request outside working hours, which next begin at `until`, or ends off hours.
    pub(super) fn off_hours(
        &mut self,
        at: &At<M>,
        weight: Weight,
        until: Option<Timestamp>,
        settings: &Settings,
        incidents: &mut Incidents<M>,
    ) {
        if self.off_hours.as_ref().map(|off| off.until) != until {
            self.close_off_hours(settings, incidents);
        }
        let Some(until) = until else { return };
        match &mut self.off_hours {
            Some(off) => off.goes_on(at, weight),
            off => {
                let begun = OffHours::new(at, weight, until, incidents.number());
                *off = Some(Box::new(begun));
            }
        }
    }

    fn close_windows(&mut self, settings: &Settings, incidents: &mut Incidents<M>) {
        if let Some(limit) = settings.frequency_limit() {
            Spike::close(&mut self.frequency, limit, &self.id, incidents);
        }
        if let Some(limit) = settings.volume_limit() {
            Spike::close(&mut self.volume, limit, &self.id, incidents);
        }
        for mut search in self.searches.take().into_iter().flatten() {
            search.close(incidents);
        }
    }

    fn close_off_hours(&mut self, settings: &Settings, incidents: &mut Incidents<M>) {
        if let Some(off) = self.off_hours.take() {
            let hours = settings.hours.as_ref().map(|hours| hours.describe());
            let incident = off.over(hours.unwrap_or_default(), &self.id);
            incidents.over.push(incident);
        }
    }
}
