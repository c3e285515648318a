//! Ways that stay alive: which a search of the whole pattern would really try.

use super::super::alphabet::Class;
use super::super::automaton::StateId;
use super::super::budget::Exhausted;
use super::super::subsets::SubsetId;
use super::super::words::{Alive, Part, Search, Tolerance, Within};
use super::{At, Finder, SEARCH_WORK};

/// How often a word is repeated to see whether its loops stay alive.
const REPETITIONS: usize = 8;

impl Finder<'_, '_> {
    pub(super) fn run(&mut self, search: &Search<'_>) -> Result<Option<Vec<Class>>, Exhausted> {
        search.run(self.ground, &mut self.subsets, self.budget)
    }

    /// Where many repetitions of a word lead, if some states stay alive all the time.
    pub(super) fn repeat(
        &mut self,
        from: SubsetId,
        word: &[Class],
        stays: [StateId; 2],
        tolerance: Tolerance,
    ) -> Result<Option<SubsetId>, Exhausted> {
        let mut subset = from;
        for _ in 0..REPETITIONS {
            let before = subset;
            for &class in word {
                let step = match self.subsets.step(subset, class, self.budget) {
                    Ok(step) => step,
                    Err(Exhausted) => return self.budget.spend(1).map(|()| None),
                };
                if step.accepted && tolerance == Tolerance::NoMatch {
                    return Ok(None);
                }
                subset = step.to;
            }
            let alive = |&state: &StateId| self.subsets.is_live(subset, state);
            if !stays.iter().all(alive) {
                return Ok(None);
            }
            if subset == before {
                break;
            }
        }
        Ok(Some(subset))
    }

    /// A shortest text that leads to a state alive, and where it leads; one on which the pattern
    /// does not match, if there is one.
    pub(super) fn path(
        &mut self,
        from: At,
        to: StateId,
    ) -> Result<Option<(Vec<Class>, At)>, Exhausted> {
        if from.state == to {
            return Ok(Some((Vec::new(), from)));
        }
        for tolerance in [Tolerance::NoMatch, Tolerance::LaterMatch] {
            let search = Search {
                from: [from.state; 3],
                to: [to, from.state, from.state],
                within: [Within::Anywhere; 3],
                ways: 1,
                part: Part::Irrelevant,
                alive: Some(Alive {
                    subset: from.subset,
                    tolerance,
                }),
                limit: SEARCH_WORK,
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
        self.run(&Search {
            from: [from; 3],
            to: [to, from, from],
            within: [Within::Anywhere; 3],
            ways: 1,
            part: Part::Irrelevant,
            alive: None,
            limit: SEARCH_WORK,
        })
    }
}
