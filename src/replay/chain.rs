//! The chain of a log: each record linked to the one before, and all of them anchored by signed
//! checkpoints. Owns the verdict; reads no files.
//!
//! A chain alone proves less than it seems: an end that is cut off, or records that were linked
//! anew after an edit, are found by a checkpoint only. Therefore a log without one is never called
//! more than consistent. The state is never seeded from what a record says of itself, a record
//! without a place in the chain never starts it anew, and hashes are computed, not believed.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use super::checkpoints::{Checkpoints, Standing};
use super::event::Chain;
use super::finding::{FindingKind, Findings, Place};
use super::read::Seen;
use crate::audit::Tree;

/// Whether a log can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every record up to the last checkpoint is as it was when a known key signed that; the
    /// records after it are linked to it.
    Intact,
    /// Each record is linked to the one before. That is no proof: nobody known has signed.
    Unanchored,
    /// The records are not those that were written.
    Broken {
        /// The first place where that shows.
        at: Place,
    },
    /// The log ends too early, or in the middle of a record.
    Truncated,
    /// There is no chain to check.
    NotChained,
}

impl Verdict {
    /// Its name in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Intact => "intact",
            Self::Unanchored => "unanchored",
            Self::Broken { .. } => "broken",
            Self::Truncated => "truncated",
            Self::NotChained => "not_chained",
        }
    }
}

/// One chain of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainSummary {
    /// The log's own name.
    pub uid: String,
    /// Records that stand in it.
    pub records: u64,
    /// The number of the first and of the last record.
    pub numbers: (u64, u64),
    /// How many records a verified checkpoint covers.
    pub anchored_through: Option<u64>,
}

/// The chains of a log while it is read.
#[derive(Debug)]
pub(super) struct Chains {
    states: Vec<State>,
    by_uid: HashMap<Box<str>, usize, foldhash::fast::RandomState>,
    /// The chain of the record before, in the same input.
    current: Option<(usize, usize)>,
    /// The first record that is in no chain.
    unchained: Option<Place>,
    checkpoints: Checkpoints,
}

#[derive(Debug)]
struct State {
    uid: Box<str>,
    records: u64,
    first: u64,
    /// The number after the greatest so far.
    next: u64,
    /// The hash of the record of that greatest number, and where it stands.
    last: Option<[u8; 32]>,
    last_place: Place,
    /// The tree over all records from the first on; none once one is missing.
    tree: Option<Tree>,
    /// The place of the first record after the last checkpoint that held.
    since: Place,
    /// The records among which one is not what was signed, where a checkpoint did not hold; later
    /// ones say nothing more.
    mismatched: Option<RangeInclusive<Place>>,
    anchored_through: Option<u64>,
}

impl Chains {
    pub(super) fn new(checkpoints: Checkpoints) -> Self {
        Self {
            states: Vec::new(),
            by_uid: HashMap::default(),
            current: None,
            unchained: None,
            checkpoints,
        }
    }

    /// Looks at the next record of the log.
    pub(super) fn see(&mut self, place: Place, seen: &Seen<'_>, findings: &mut Findings) {
        let Some(chain) = seen.chain else {
            self.unchained.get_or_insert(place);
            if !self.states.is_empty() {
                findings.add(FindingKind::UnchainedRecord, place, "");
            }
            return;
        };
        let number = self.chain(place, &chain, findings);
        let Some(state) = self.states.get_mut(number) else {
            return;
        };
        if state.follow(place, &chain, seen.leaf, findings) {
            state.compare(&self.checkpoints, place, findings);
        }
    }

    /// The number of the record's chain, which may be new.
    fn chain(&mut self, place: Place, chain: &Chain<'_>, findings: &mut Findings) -> usize {
        let number = match self.by_uid.get(chain.uid) {
            Some(&number) => number,
            None => {
                if self.states.is_empty()
                    && let Some(before) = self.unchained
                {
                    findings.add(FindingKind::UnchainedRecord, before, "");
                }
                self.by_uid.insert(chain.uid.into(), self.states.len());
                self.states.push(State::new(chain, place, findings));
                self.states.len() - 1
            }
        };
        if let Some((input, other)) = self.current
            && input == place.input
            && other != number
        {
            findings.add(FindingKind::SecondChain, place, chain.uid);
        }
        self.current = Some((place.input, number));
        number
    }

    /// What comes of it all. `is_cut` says that the last line ends inside a record.
    pub(super) fn finish(
        mut self,
        is_cut: bool,
        findings: &mut Findings,
    ) -> (Verdict, Vec<ChainSummary>) {
        for state in &mut self.states {
            state.finish(&self.checkpoints, findings);
        }
        let known = |origin: &str| self.by_uid.contains_key(origin);
        let is_empty = self.states.is_empty() && self.unchained.is_none();
        self.checkpoints.finish(known, is_empty, findings);
        let verdict = self.verdict(is_cut, findings);
        let summaries = self.states.into_iter().map(|state| ChainSummary {
            uid: state.uid.into(),
            records: state.records,
            numbers: (state.first, state.next.saturating_sub(1)),
            anchored_through: state.anchored_through,
        });
        (verdict, summaries.collect())
    }

    fn verdict(&self, is_cut: bool, findings: &Findings) -> Verdict {
        const BREAKS: [FindingKind; 7] = [
            FindingKind::HashMismatch,
            FindingKind::SequenceGap,
            FindingKind::SequenceBack,
            FindingKind::HeadMissing,
            FindingKind::UnchainedRecord,
            FindingKind::CheckpointForged,
            FindingKind::CheckpointFork,
        ];
        let first = BREAKS
            .into_iter()
            .filter_map(|kind| findings.of(kind).next().map(|(place, _)| place))
            .min();
        // What a checkpoint says of many records counts where nothing says it of one of them.
        let told = |among: &RangeInclusive<Place>| first.is_some_and(|at| among.contains(&at));
        let mismatched = self
            .states
            .iter()
            .filter_map(|state| state.mismatched.as_ref());
        let untold = mismatched
            .filter(|among| !told(among))
            .map(|among| *among.start());
        if let Some(at) = untold.chain(first).min() {
            return Verdict::Broken { at };
        }
        let other = findings.of(FindingKind::CheckpointOfOtherLog).next();
        if let Some((at, _)) = other {
            return Verdict::Broken { at };
        }
        if findings.count(FindingKind::TailMissing) > 0 {
            return Verdict::Truncated;
        }
        if self.states.is_empty() {
            return match (self.unchained, self.checkpoints.anchor_nothing()) {
                (None, true) if !is_cut => Verdict::Intact,
                _ => Verdict::NotChained,
            };
        }
        if is_cut {
            return Verdict::Truncated;
        }
        let anchored = |state: &State| state.anchored_through.is_some();
        if self.states.iter().all(anchored) {
            Verdict::Intact
        } else {
            Verdict::Unanchored
        }
    }
}

impl State {
    fn new(chain: &Chain<'_>, place: Place, findings: &mut Findings) -> Self {
        if chain.seq > 0 {
            let detail = format!("the log begins with record {}", chain.seq);
            findings.add(FindingKind::HeadMissing, place, detail);
        } else if chain.previous.is_some() {
            let detail = "the first record is linked to one before it";
            findings.add(FindingKind::HashMismatch, place, detail);
        }
        Self {
            uid: chain.uid.into(),
            records: 0,
            first: chain.seq,
            next: chain.seq,
            last: chain.previous,
            last_place: place,
            tree: (chain.seq == 0).then(Tree::default),
            since: place,
            mismatched: None,
            anchored_through: None,
        }
    }

    /// Looks at the next record of the chain; true if it is the one that should come.
    fn follow(
        &mut self,
        place: Place,
        chain: &Chain<'_>,
        leaf: Option<[u8; 32]>,
        findings: &mut Findings,
    ) -> bool {
        self.records += 1;
        let seq = chain.seq;
        if seq < self.next {
            let detail = format!("record {seq} stands after record {}", self.next - 1);
            findings.add(FindingKind::SequenceBack, place, detail);
            return false;
        }
        if seq > self.next {
            let detail = match seq - self.next {
                1 => format!("record {} is missing", self.next),
                _ => format!("records {} to {} are missing", self.next, seq - 1),
            };
            findings.add(FindingKind::SequenceGap, place, detail);
            self.tree = None;
        } else if chain.previous != self.last {
            let detail = format!(
                "the record before it, on line {}, is not the one it was linked to",
                self.last_place.line
            );
            findings.add(FindingKind::HashMismatch, place, detail);
        }
        match (&mut self.tree, leaf) {
            (Some(tree), Some(leaf)) => tree.push(leaf),
            _ => self.tree = None,
        }
        self.next = seq.saturating_add(1);
        self.last = chain.hash;
        self.last_place = place;
        true
    }

    /// Compares with the checkpoints of as many records as there are now.
    fn compare(&mut self, checkpoints: &Checkpoints, place: Place, findings: &mut Findings) {
        let Some(tree) = &self.tree else { return };
        for (root, standing) in checkpoints.of(&self.uid, tree.size()) {
            if self.mismatched.is_some() {
                return;
            }
            if root != tree.root() {
                self.mismatched = Some(self.since..=place);
                let detail = format!(
                    "what was signed over {} records is something else, on lines {} to {}",
                    tree.size(),
                    self.since.line,
                    place.line
                );
                findings.add(FindingKind::CheckpointMismatch, self.since, detail);
                return;
            }
            if standing == Standing::Signed {
                self.anchored_through = Some(tree.size());
            }
        }
        if checkpoints.has(&self.uid, tree.size()) {
            self.since = Place {
                line: place.line + 1,
                ..place
            };
        }
    }

    fn finish(&mut self, checkpoints: &Checkpoints, findings: &mut Findings) {
        let greatest = checkpoints.greatest(&self.uid);
        if let Some(size) = greatest.filter(|size| *size > self.next) {
            let detail = format!("{size} records were signed, and {} are here", self.next);
            findings.add(FindingKind::TailMissing, self.last_place, detail);
        }
    }
}
