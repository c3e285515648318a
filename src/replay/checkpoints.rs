//! The checkpoints beside a log. Owns whose signature counts; a checkpoint says how many records a
//! log had and the root over them, and is compared by the chain.

use std::collections::BTreeMap;

use super::finding::{FindingKind, Findings, Place};
use crate::audit::{Checkpoint, Hash, notes};
use crate::signing::keys::KeySet;
use crate::signing::note::{Checked, Note};

/// What a checkpoint is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// A known key has signed it.
    Signed,
    /// Nobody known has.
    Unverified,
}

/// The checkpoints of all logs that are read.
#[derive(Debug, Default)]
pub(super) struct Checkpoints {
    by_origin: BTreeMap<String, BTreeMap<u64, Vec<(Hash, Standing)>>>,
    /// The origins of each sidecar, with the input that it stands beside.
    sidecars: Vec<(usize, String)>,
    damaged: Vec<(usize, FindingKind, String)>,
}

impl Checkpoints {
    /// Reads the notes of a sidecar, which stands beside an input.
    pub(super) fn read(&mut self, input: usize, sidecar: &[u8], keys: &KeySet) {
        let Ok(text) = std::str::from_utf8(sidecar) else {
            self.note(input, FindingKind::CheckpointDamaged, "not UTF-8");
            return;
        };
        let mut last = None;
        let mut read = 0;
        let before = self.damaged.len();
        for note in notes(text) {
            read += note.len();
            let Some(note) = Note::parse(note) else {
                self.note(input, FindingKind::CheckpointDamaged, "no signed note");
                continue;
            };
            let Some(checkpoint) = Checkpoint::parse(note.text) else {
                self.note(input, FindingKind::CheckpointDamaged, "no checkpoint");
                continue;
            };
            let standing = match note.check(keys) {
                Checked::Signed(_) => Standing::Signed,
                Checked::Unknown => Standing::Unverified,
                Checked::Forged(key) => {
                    let detail = format!("key `{key}`, {} records", checkpoint.size);
                    self.note(input, FindingKind::CheckpointForged, detail);
                    Standing::Unverified
                }
            };
            if last.is_some_and(|last| checkpoint.size < last) {
                let detail = format!("{} records after more of them", checkpoint.size);
                self.note(input, FindingKind::CheckpointFork, detail);
            }
            last = Some(checkpoint.size);
            self.add(input, checkpoint, standing);
        }
        let is_cut = read == 0 || !text.ends_with('\n');
        if is_cut && self.damaged.len() == before {
            self.note(
                input,
                FindingKind::CheckpointDamaged,
                "it ends inside a note",
            );
        }
    }

    fn add(&mut self, input: usize, checkpoint: Checkpoint, standing: Standing) {
        let sizes = self.by_origin.entry(checkpoint.origin.clone()).or_default();
        let roots = sizes.entry(checkpoint.size).or_default();
        let fork = roots.iter().any(|(root, _)| *root != checkpoint.root);
        roots.push((checkpoint.root, standing));
        if fork {
            let detail = format!("two roots over {} records", checkpoint.size);
            self.note(input, FindingKind::CheckpointFork, detail);
        }
        let sidecar = (input, checkpoint.origin);
        if self.sidecars.last() != Some(&sidecar) {
            self.sidecars.push(sidecar);
        }
    }

    fn note(&mut self, input: usize, kind: FindingKind, detail: impl Into<String>) {
        self.damaged.push((input, kind, detail.into()));
    }

    /// Whether there are none, not even damaged ones.
    pub(super) fn is_empty(&self) -> bool {
        self.by_origin.is_empty() && self.damaged.is_empty()
    }

    /// The checkpoints of a log over as many records.
    pub(super) fn of(&self, origin: &str, size: u64) -> impl Iterator<Item = (Hash, Standing)> {
        let roots = self
            .by_origin
            .get(origin)
            .and_then(|sizes| sizes.get(&size));
        roots.into_iter().flatten().copied()
    }

    pub(super) fn has(&self, origin: &str, size: u64) -> bool {
        self.of(origin, size).next().is_some()
    }

    /// The most records that a checkpoint of a log covers.
    pub(super) fn greatest(&self, origin: &str) -> Option<u64> {
        let sizes = self.by_origin.get(origin)?;
        sizes.last_key_value().map(|(size, _)| *size)
    }

    /// Whether a known key has signed that a log has no records, and nothing else was signed.
    pub(super) fn anchor_nothing(&self) -> bool {
        let empty = crate::audit::Tree::default().root();
        let mut all = self.by_origin.values().flatten().peekable();
        all.peek().is_some()
            && all.all(|(size, roots)| *size == 0 && roots.contains(&(empty, Standing::Signed)))
    }

    /// Reports what is wrong with the checkpoints themselves. `is_known` says whether a log of
    /// that name was read, `is_empty` that there was no record at all.
    pub(super) fn finish(
        &self,
        is_known: impl Fn(&str) -> bool,
        is_empty: bool,
        findings: &mut Findings,
    ) {
        let place = |input: usize| Place { input, line: 0 };
        for (input, kind, detail) in &self.damaged {
            findings.add(*kind, place(*input), detail.as_str());
        }
        for (input, origin) in &self.sidecars {
            let covers = self.greatest(origin).unwrap_or_default();
            if !is_known(origin) && covers > 0 {
                let kind = if is_empty {
                    FindingKind::TailMissing
                } else {
                    FindingKind::CheckpointOfOtherLog
                };
                let detail = format!("{covers} records of the log {origin} were signed");
                findings.add(kind, place(*input), detail);
            }
            let sizes = self.by_origin.get(origin).into_iter().flatten();
            let unverified = sizes
                .filter(|(_, roots)| {
                    roots
                        .iter()
                        .all(|(_, standing)| *standing != Standing::Signed)
                })
                .count();
            if unverified > 0 {
                let detail = format!("{unverified} of them");
                findings.add(FindingKind::CheckpointUnverified, place(*input), detail);
            }
        }
    }
}
