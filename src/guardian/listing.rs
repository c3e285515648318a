//! The incidents of a run as reports list them. Owns how many are listed; finds none itself.

use std::collections::BTreeMap;

use super::{Findings, Incident, Kind};

/// How many incidents are listed, and how many agents that were stopped; all are counted.
pub const MAX_LISTED: usize = 10_000;

/// What a guardian found, with marks of type `P`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing<P> {
    /// The incidents in the order of their detection: those that ended first, and every agent that
    /// was stopped, at most [`MAX_LISTED`] of either.
    pub listed: Vec<Incident<P>>,
    /// All incidents by kind.
    pub counts: BTreeMap<Kind, u64>,
    /// Requests without a time, which the guardian can make nothing of.
    pub without_time: u64,
    /// Requests with a time and without an agent, of which it makes nothing either.
    pub without_agent: u64,
}

/// The incidents so far.
#[derive(Debug)]
pub struct Collected<M> {
    listed: Vec<Incident<M>>,
    counts: BTreeMap<Kind, u64>,
}

impl<M> Default for Collected<M> {
    fn default() -> Self {
        Self {
            listed: Vec::new(),
            counts: BTreeMap::new(),
        }
    }
}

impl<M> Collected<M> {
    /// Adds incidents that are over.
    pub fn add(&mut self, incidents: Vec<Incident<M>>) {
        for incident in incidents {
            *self.counts.entry(incident.kind).or_default() += 1;
            if self.listed.len() < MAX_LISTED {
                self.listed.push(incident);
            }
        }
    }

    /// All of them, each mark turned into what `place` makes of it.
    pub fn finish<P>(mut self, last: Findings<M>, mut place: impl FnMut(M) -> P) -> Listing<P> {
        self.add(last.incidents);
        let kills = last.kills.len() as u64;
        if kills > 0 {
            self.counts.insert(Kind::AutoKill, kills);
        }
        let mut listed = self.listed;
        listed.extend(last.kills.into_iter().take(MAX_LISTED));
        listed.sort_by_key(|incident| incident.number);
        Listing {
            listed: listed
                .into_iter()
                .map(|incident| incident.map(&mut place))
                .collect(),
            counts: self.counts,
            without_time: last.without_time,
            without_agent: last.without_agent,
        }
    }
}

impl<P> Listing<P> {
    /// How many incidents there are.
    pub fn count(&self) -> u64 {
        self.counts.values().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guardian::{At, Detail, Severity};
    use crate::time::Timestamp;

    #[test]
    fn what_is_not_listed_is_counted() {
        let at = At {
            time: Timestamp::from_micros(0),
            mark: (),
        };
        let incident = Incident {
            id: String::new(),
            number: 0,
            kind: Kind::OffHours,
            severity: Severity::Medium,
            agent: Box::default(),
            start: at.clone(),
            detected: at.clone(),
            end: at.clone(),
            count: 1,
            allowed: 1,
            detail: Detail::OffHours {
                hours: String::new(),
                until: at.time,
            },
        };
        let mut collected = Collected::default();
        collected.add(vec![incident.clone(); MAX_LISTED]);
        collected.add(vec![incident]);
        let last = Findings {
            incidents: Vec::new(),
            kills: Vec::new(),
            without_time: 0,
            without_agent: 0,
        };
        let listing = collected.finish(last, |()| ());
        assert_eq!(listing.listed.len(), MAX_LISTED);
        assert_eq!(listing.count(), MAX_LISTED as u64 + 1);
    }
}
