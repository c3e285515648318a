//! How a policy does on sessions of which it is known what they were: attacks stopped, benign
//! sessions broken. Owns the counts; their size depends on the number of labels.

use std::collections::BTreeMap;

use serde::Serialize;

use super::tally::Place;
use crate::model::labels::{Label, Labels};

/// How many sessions are listed of each kind; all are counted.
const LISTED: usize = 100;

/// How a policy does on labelled sessions. A session is stopped when one of its calls is not let
/// through.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct LabelledSessions {
    /// Sessions with the label `attack` of which a call was decided.
    pub attacks: u64,
    /// Those of them that were stopped.
    pub attacks_stopped: u64,
    /// Sessions with the label `benign` of which a call was decided.
    pub benign: u64,
    /// Those of them that were stopped, too.
    pub benign_stopped: u64,
    /// Labels whose session has no decided call.
    pub not_seen: u64,
    /// Decided calls of sessions without a label.
    pub calls_without_label: u64,
    /// The share of stopped sessions that were attacks; none if nothing was stopped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub precision: Option<f64>,
    /// The share of attacks that were stopped; none if there was no attack.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recall: Option<f64>,
    /// Attacks that went through, by session id, at most 100.
    pub missed: Vec<LabelledSession>,
    /// Benign sessions that were stopped, at most 100.
    pub broken: Vec<LabelledSession>,
    /// Attacks that were stopped, at most 100.
    pub stopped: Vec<LabelledSession>,
}

/// A labelled session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LabelledSession {
    /// Its id.
    pub session: String,
    /// Its decided calls.
    pub calls: u64,
    /// Those that were not let through.
    pub denied: u64,
    /// The first of those.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub responsible: Option<Responsible>,
}

/// The first call of a session that was not let through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Responsible {
    /// Where it stands.
    pub place: Place,
    /// What was called.
    pub tool: String,
    /// The reason code.
    pub code: String,
}

/// Counts labelled sessions call by call.
pub(super) struct Labelling {
    sessions: BTreeMap<Box<[u8]>, (Label, LabelledSession)>,
    without_label: u64,
}

impl Labelling {
    pub(super) fn new(labels: &Labels) -> Self {
        let sessions = labels.sessions.iter().map(|(session, label)| {
            let counts = LabelledSession {
                session: session.clone(),
                calls: 0,
                denied: 0,
                responsible: None,
            };
            (session.as_bytes().into(), (*label, counts))
        });
        Self {
            sessions: sessions.collect(),
            without_label: 0,
        }
    }

    /// Counts a decided call; `responsible` is asked for the first one of a session that is not
    /// let through.
    pub(super) fn call(
        &mut self,
        session: &[u8],
        allowed: bool,
        responsible: impl FnOnce() -> Responsible,
    ) {
        let Some((_, counts)) = self.sessions.get_mut(session) else {
            self.without_label += 1;
            return;
        };
        counts.calls += 1;
        if !allowed {
            counts.denied += 1;
            if counts.responsible.is_none() {
                counts.responsible = Some(responsible());
            }
        }
    }

    pub(super) fn finish(self) -> LabelledSessions {
        let mut all = LabelledSessions {
            calls_without_label: self.without_label,
            ..LabelledSessions::default()
        };
        for (label, session) in self.sessions.into_values() {
            if session.calls == 0 {
                all.not_seen += 1;
                continue;
            }
            let stopped = session.denied > 0;
            let list = match (label, stopped) {
                (Label::Attack, true) => Some(&mut all.stopped),
                (Label::Attack, false) => Some(&mut all.missed),
                (Label::Benign, true) => Some(&mut all.broken),
                (Label::Benign, false) => None,
            };
            if let Some(list) = list
                && list.len() < LISTED
            {
                list.push(session);
            }
            let (sessions, stopped_sessions) = match label {
                Label::Attack => (&mut all.attacks, &mut all.attacks_stopped),
                Label::Benign => (&mut all.benign, &mut all.benign_stopped),
            };
            *sessions += 1;
            *stopped_sessions += u64::from(stopped);
        }
        all.precision = share(
            all.attacks_stopped,
            all.attacks_stopped + all.benign_stopped,
        );
        all.recall = share(all.attacks_stopped, all.attacks);
        all
    }
}

/// To four decimal places.
#[expect(clippy::cast_precision_loss, reason = "four decimal places are wanted")]
fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| (part as f64 / whole as f64 * 10_000.0).round() / 10_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_stopped_by_its_first_denial() {
        let labels = Labels {
            version: 1,
            sessions: BTreeMap::from([
                ("a1".to_owned(), Label::Attack),
                ("a2".to_owned(), Label::Attack),
                ("b1".to_owned(), Label::Benign),
                ("b2".to_owned(), Label::Benign),
                ("b3".to_owned(), Label::Benign),
            ]),
        };
        let mut labelling = Labelling::new(&labels);
        let responsible = |line| Responsible {
            place: Place {
                source: "f".to_owned(),
                line,
            },
            tool: "t".to_owned(),
            code: "R".to_owned(),
        };
        for (line, (session, allowed)) in [
            ("a1", true),
            ("a1", false),
            ("a1", false),
            ("a2", true),
            ("b1", false),
            ("b2", true),
            ("other", false),
        ]
        .into_iter()
        .enumerate()
        {
            labelling.call(session.as_bytes(), allowed, || responsible(line as u64));
        }
        let all = labelling.finish();
        assert_eq!((all.attacks, all.attacks_stopped), (2, 1));
        assert_eq!((all.benign, all.benign_stopped), (2, 1));
        assert_eq!((all.not_seen, all.calls_without_label), (1, 1));
        assert_eq!((all.precision, all.recall), (Some(0.5), Some(0.5)));
        assert_eq!(all.stopped[0].responsible, Some(responsible(1)));
        assert_eq!(all.missed[0].session, "a2");
        assert_eq!(all.broken[0].session, "b1");
    }
}
