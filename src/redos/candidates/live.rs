//! Words that stay alive: whose loops a search of the whole pattern would really go through. Owns
//! how hard it is tried to find one; knows nothing of how loops hang together.

use super::super::alphabet::{Class, Order};
use super::super::automaton::{INITIAL, StateId};
use super::super::budget::Exhausted;
use super::super::subsets::SubsetId;
use super::super::words::{Alive, Found, Part, Search, Tolerance, Within};
use super::{At, Finder, Pumped, SEARCH_WORK};

/// How often a word is repeated to see whether its loops stay alive.
const REPETITIONS: usize = 8;

/// How often the search for a word is resumed after what a word leaves alive has changed.
const RESUMPTIONS: usize = 4;

/// A word that is wanted, as a search without regard to what stays alive.
#[derive(Clone, Copy)]
pub(super) struct Aim<'s> {
    /// Where the word leads from and to; equal for a loop with itself.
    pub(super) p: StateId,
    pub(super) q: StateId,
    pub(super) search: Search<'s>,
}

/// What many repetitions of a word leave.
#[derive(Clone, Copy, Debug)]
struct Survival {
    /// How many repetitions the states of interest are known to stay alive.
    repetitions: usize,
    /// Where the search of the pattern stands then.
    subset: SubsetId,
    /// Whether more of them change nothing.
    lasts: bool,
}

impl Finder<'_, '_> {
    /// The word sought, unless there is none or finding out is given up.
    pub(super) fn run(&mut self, search: &Search<'_>) -> Result<Option<Vec<Class>>, Exhausted> {
        Ok(
            match search.run(self.ground, &mut self.subsets, self.budget)? {
                Found::Word(word) => Some(word),
                Found::Nothing => None,
                Found::TooMuch => {
                    self.complete = false;
                    None
                }
            },
        )
    }

    /// A word found for the aim alone, after a text that leaves it alive.
    pub(super) fn quick(
        &mut self,
        aim: &Aim<'_>,
        word: &[Class],
        at: At,
        order: Order,
    ) -> Result<Option<Pumped>, Exhausted> {
        let Some((prefix, there)) = self.path(at, aim.p, order)? else {
            return Ok(None);
        };
        let survival = self.repeat(there.subset, word, aim, Tolerance::LaterMatch)?;
        Ok(survival.lasts.then(|| Pumped {
            prefix,
            word: word.to_vec(),
            end: At {
                state: aim.q,
                subset: survival.subset,
            },
        }))
    }

    /// The same with a word of code units that the rest of the pattern has least to do with.
    pub(super) fn rare(&mut self, aim: &Aim<'_>, at: At) -> Result<Option<Pumped>, Exhausted> {
        let order = Order::Rare;
        match self.run(&Search {
            order,
            ..aim.search
        })? {
            Some(word) => self.quick(aim, &word, at, order),
            None => Ok(None),
        }
    }

    /// A word found for the aim alone, as if nothing else of the search were there.
    pub(super) fn lonely(
        &mut self,
        aim: &Aim<'_>,
        word: &[Class],
        at: At,
    ) -> Result<Option<Pumped>, Exhausted> {
        let Some(prefix) = self.any_path(at.state, aim.p)? else {
            return Ok(None);
        };
        let alone = self.subsets.only(aim.p);
        let survival = self.repeat(alone, word, aim, Tolerance::LaterMatch)?;
        Ok(survival.lasts.then(|| Pumped {
            prefix,
            word: word.to_vec(),
            end: At {
                state: aim.q,
                subset: survival.subset,
            },
        }))
    }

    /// Any word that stays alive, after a text that leaves it alive.
    pub(super) fn thorough(
        &mut self,
        aim: &Aim<'_>,
        at: At,
        tolerance: Tolerance,
    ) -> Result<Option<Pumped>, Exhausted> {
        let Some((mut prefix, there)) = self.path(at, aim.p, Order::Readable)? else {
            return Ok(None);
        };
        let mut subset = there.subset;
        for _ in 0..RESUMPTIONS {
            let search = Search {
                alive: Some(Alive { subset, tolerance }),
                ..aim.search
            };
            let Some(word) = self.run(&search)? else {
                break;
            };
            let survival = self.repeat(subset, &word, aim, tolerance)?;
            if survival.lasts {
                let end = At {
                    state: aim.q,
                    subset: survival.subset,
                };
                return Ok(Some(Pumped { prefix, word, end }));
            }
            // What a word leaves alive may be different once it has been read, and once more.
            for _ in 0..survival.repetitions.max(1) {
                prefix.extend_from_slice(&word);
            }
            subset = match survival.repetitions {
                0 => self.subsets.run(subset, &word, self.budget)?,
                _ => survival.subset,
            };
        }
        Ok(None)
    }

    /// How long repetitions of a word leave the states of an aim alive.
    fn repeat(
        &mut self,
        from: SubsetId,
        word: &[Class],
        aim: &Aim<'_>,
        tolerance: Tolerance,
    ) -> Result<Survival, Exhausted> {
        let mut survival = Survival {
            repetitions: 0,
            subset: from,
            lasts: false,
        };
        while survival.repetitions < REPETITIONS {
            let mut subset = survival.subset;
            for &class in word {
                let step = match self.subsets.step(subset, class, self.budget) {
                    Ok(step) => step,
                    Err(Exhausted) => {
                        self.complete = false;
                        return self.budget.spend(1).map(|()| survival);
                    }
                };
                if step.accepted && tolerance == Tolerance::NoMatch {
                    return Ok(survival);
                }
                subset = step.to;
            }
            let alive = |&state: &StateId| self.subsets.is_live(subset, state);
            if ![aim.p, aim.q].iter().all(alive) {
                return Ok(survival);
            }
            let before = std::mem::replace(&mut survival.subset, subset);
            survival.repetitions += 1;
            if subset == before {
                break;
            }
        }
        survival.lasts = true;
        Ok(survival)
    }

    /// A shortest text that leads to a state alive, and where it leads; one on which the pattern
    /// does not match, if there is one.
    fn path(
        &mut self,
        from: At,
        to: StateId,
        order: Order,
    ) -> Result<Option<(Vec<Class>, At)>, Exhausted> {
        // The search for a start goes on from the start of the text as from anywhere, unless the
        // pattern matches only there.
        let searching = from.state == INITIAL && self.ground.automaton.is_search(to);
        if from.state == to || searching && order == Order::Rare {
            return Ok(Some((Vec::new(), At { state: to, ..from })));
        }
        for tolerance in [Tolerance::NoMatch, Tolerance::LaterMatch] {
            let search = Search {
                alive: Some(Alive {
                    subset: from.subset,
                    tolerance,
                }),
                order,
                ..way(from.state, to)
            };
            if let Some(word) = self.run(&search)? {
                let subset = self.subsets.run(from.subset, &word, self.budget)?;
                return Ok(Some((word, At { state: to, subset })));
            }
        }
        Ok(None)
    }

    /// A shortest text that leads to a state, alive or not.
    pub(super) fn any_path(
        &mut self,
        from: StateId,
        to: StateId,
    ) -> Result<Option<Vec<Class>>, Exhausted> {
        if from == to {
            return Ok(Some(Vec::new()));
        }
        self.run(&way(from, to))
    }
}

/// One way from a state to another.
fn way(from: StateId, to: StateId) -> Search<'static> {
    Search {
        from: [from; 3],
        to: [to, from, from],
        within: [Within::Anywhere; 3],
        ways: 1,
        part: Part::Irrelevant,
        letters: None,
        order: Order::Readable,
        alive: None,
        limit: SEARCH_WORK,
    }
}
