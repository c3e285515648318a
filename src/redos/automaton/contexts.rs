//! What conditions on the code unit before can tell. Owns the partition of the classes by it;
//! knows nothing of states.

use super::super::alphabet::Alphabet;
use super::super::graph::Built;
use crate::ecma::{Direction, UnitSet};

/// What can be asked about the code unit before a position: a partition of the classes.
pub(super) struct Contexts {
    /// The context after each class.
    of: Vec<u16>,
    /// The answers, one of each context and then those at the start of the text: whether the code
    /// unit before is a word character, then one answer for each guard that looks behind.
    answers: Vec<Vec<bool>>,
    /// The classes of each context.
    pub(super) members: Vec<Vec<u64>>,
}

impl Contexts {
    pub(super) fn of(alphabet: &Alphabet, built: &Built) -> Self {
        let word = if built.graph.boundaries {
            alphabet.members(&UnitSet::word())
        } else {
            Vec::new()
        };
        let guards: Vec<Vec<u64>> = built
            .guards
            .iter()
            .map(|guard| match guard.direction {
                Direction::Ahead => Vec::new(),
                Direction::Behind => alphabet.members(&guard.allowed),
            })
            .collect();
        let contains = |set: &[u64], class: usize| {
            set.get(class / 64)
                .is_some_and(|bits| bits >> (class % 64) & 1 == 1)
        };
        let mut contexts = Self {
            of: Vec::new(),
            answers: Vec::new(),
            members: Vec::new(),
        };
        for class in 0..alphabet.len() {
            let answers: Vec<bool> = std::iter::once(contains(&word, class))
                .chain(guards.iter().map(|guard| contains(guard, class)))
                .collect();
            let known = contexts.answers.iter().position(|known| *known == answers);
            let context = known.unwrap_or_else(|| {
                contexts.answers.push(answers);
                contexts.members.push(vec![0; alphabet.len().div_ceil(64)]);
                contexts.answers.len() - 1
            });
            contexts.of.push(context as u16);
            if let Some(word) = contexts
                .members
                .get_mut(context)
                .and_then(|bits| bits.get_mut(class / 64))
            {
                *word |= 1 << (class % 64);
            }
        }
        let at_start = std::iter::once(false)
            .chain(built.guards.iter().map(|guard| guard.edge))
            .collect();
        contexts.answers.push(at_start);
        contexts
    }

    pub(super) fn len(&self) -> u16 {
        self.members.len() as u16
    }

    /// The context at the start of the text.
    pub(super) fn start(&self) -> u16 {
        self.len()
    }

    pub(super) fn after_word(&self, context: u16) -> bool {
        self.answer(context, 0)
    }

    pub(super) fn answer(&self, context: u16, question: usize) -> bool {
        self.answers
            .get(usize::from(context))
            .and_then(|answers| answers.get(question))
            .copied()
            .unwrap_or(false)
    }
}
