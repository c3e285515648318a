//! The price of a search with back-references. Owns finding it lazily, once for each step,
//! position and what the groups that are still asked for have matched; equal texts count as the
//! same match.

mod asked;

use super::super::alphabet::Class;
use super::super::budget::{Budget, Exhausted};
use super::super::graph::{Bound, Side};
use super::super::hash::Map;
use super::{Node, Price, Pricer};
use crate::ecma::{Assertion, Direction, Polarity};
use asked::{asked, set};

/// The most work for one text.
const WORK: u64 = 600_000;

/// What a memory entry costs, next to passing a node.
const ENTRY: u64 = 20;

/// The number of a list of matches.
type MatchesId = u32;

/// What one group has matched: the positions of its bounds, as far as they are set.
type Match = [Option<u32>; 2];

/// Somewhere to go on from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    node: u32,
    position: u32,
    matches: MatchesId,
}

impl Place {
    /// The place as one number. Nodes, positions and lists of matches are each limited to fewer
    /// than their bits can tell apart.
    const fn key(self) -> u64 {
        (self.node as u64) << 40 | (self.position as u64) << 20 | self.matches as u64
    }
}

/// More nodes, code units or lists of matches are not told apart.
const MOST: usize = 1 << 20;

/// What outlives one search: what is known of the pattern, and memory to use again.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// For each node, which groups may still be asked for, as bits.
    asked: Vec<u64>,
    /// For each part, which groups it may set.
    set: Vec<u64>,
    outcomes: Map<u64, Outcome>,
    /// Lists of what each group has matched, numbered.
    matches: Vec<Vec<Match>>,
    numbers: Map<Vec<Match>, MatchesId>,
    /// What is left of a list when only some groups are still asked for.
    kept: Map<(MatchesId, u64), MatchesId>,
    /// Hashes of the text up to each position, and the powers to subtract them with.
    hashes: Vec<u64>,
    powers: Vec<u64>,
    /// The first place of each text matched, by its length and hash.
    first: Map<(u32, u64), u32>,
    stack: Vec<Place>,
}

/// How an attempt ends.
#[derive(Clone, Copy, Debug)]
struct Outcome {
    /// What the groups have matched, if it matches.
    matched: Option<MatchesId>,
    steps: f64,
}

/// A place from which there is only one way, or where that ends.
enum Reached {
    Ended(Outcome),
    /// At a choice or a look-around, after so many steps.
    Choice(Place, f64),
}

impl Pricer {
    /// What searching `text` costs; `None` when that takes too long to find out.
    pub(super) fn search_by_recall(
        &mut self,
        text: &[Class],
        budget: &mut Budget,
    ) -> Result<Option<Price>, Exhausted> {
        let mut memory = std::mem::take(&mut self.memory);
        let mut own = budget.take(WORK);
        // Making ready takes time as the text is long.
        let found = match own.spend(text.len() as u64) {
            Ok(()) => {
                Recall::new(self, text, &mut memory).map(|mut recall| recall.search(&mut own))
            }
            Err(exhausted) => Some(Err(exhausted)),
        };
        budget.put_back(own);
        self.memory = memory;
        match found {
            Some(Ok(price)) => Ok(Some(price)),
            // What was left of the whole budget may have been less than the limit.
            Some(Err(Exhausted)) => budget.spend(1).map(|()| None),
            None => Ok(None),
        }
    }
}

struct Recall<'p> {
    pricer: &'p Pricer,
    text: &'p [Class],
    length: u32,
    memory: &'p mut Memory,
}

impl<'p> Recall<'p> {
    fn new(pricer: &'p Pricer, text: &'p [Class], memory: &'p mut Memory) -> Option<Self> {
        const BASE: u64 = 0x9E37_79B9_7F4A_7C15;
        if pricer.referred > 64 || pricer.nodes.len() >= MOST || text.len() >= MOST {
            return None;
        }
        if memory.asked.is_empty() {
            memory.set = set(pricer);
            memory.asked = asked(pricer, &memory.set);
        }
        memory.outcomes.clear();
        memory.matches.clear();
        memory.numbers.clear();
        memory.kept.clear();
        memory.first.clear();
        memory.hashes.clear();
        memory.hashes.push(0);
        memory.powers.clear();
        memory.powers.push(1);
        let (mut hash, mut power) = (0_u64, 1_u64);
        for &class in text {
            hash = hash.wrapping_mul(BASE).wrapping_add(u64::from(class) + 1);
            power = power.wrapping_mul(BASE);
            memory.hashes.push(hash);
            memory.powers.push(power);
        }
        let mut recall = Self {
            pricer,
            text,
            length: u32::try_from(text.len()).ok()?,
            memory,
        };
        recall.number(vec![[None; 2]; pricer.referred]);
        Some(recall)
    }

    fn search(&mut self, budget: &mut Budget) -> Result<Price, Exhausted> {
        let starts = self.pricer.starts.positions(self.length);
        let entry = self.pricer.parts.last().map_or(0, |part| part.entry);
        let mut total = super::FAILED;
        for position in starts {
            let outcome = self.attempt(entry, position, 0, budget)?;
            total.steps += outcome.steps + 1.0;
            if outcome.matched.is_some() {
                total.matches = true;
                break;
            }
        }
        Ok(total)
    }

    fn number(&mut self, matches: Vec<Match>) -> MatchesId {
        let memory = &mut self.memory;
        if let Some(&number) = memory.numbers.get(&matches) {
            return number;
        }
        let number = memory.matches.len() as MatchesId;
        memory.matches.push(matches.clone());
        memory.numbers.insert(matches, number);
        number
    }

    /// The outcome of an attempt, without recursion: what is missing for a place is found first.
    fn attempt(
        &mut self,
        node: u32,
        position: u32,
        matches: MatchesId,
        budget: &mut Budget,
    ) -> Result<Outcome, Exhausted> {
        let (start, before) = match self.reach(node, position, matches, budget)? {
            Reached::Ended(outcome) => return Ok(outcome),
            Reached::Choice(place, steps) => (place, steps),
        };
        if let Some(outcome) = self.memory.outcomes.get(&start.key()) {
            return Ok(outcome.after(before));
        }
        let mut outcome = Outcome::failed(0.0);
        self.memory.stack.clear();
        self.memory.stack.push(start);
        while let Some(&place) = self.memory.stack.last() {
            budget.spend(ENTRY)?;
            match self.choose(place, budget)? {
                Ok(found) => {
                    outcome = found;
                    self.memory.outcomes.insert(place.key(), found);
                    self.memory.stack.pop();
                }
                Err(missing) => self.memory.stack.push(missing),
            }
        }
        Ok(outcome.after(before))
    }

    /// The outcome of a choice, or the place whose outcome has to be known first.
    fn choose(
        &mut self,
        place: Place,
        budget: &mut Budget,
    ) -> Result<Result<Outcome, Place>, Exhausted> {
        let Place {
            node,
            position,
            matches,
        } = place;
        match self.pricer.nodes.get(node as usize) {
            Some(&Node::Split { first, second }) => {
                let first = match self.known(first, position, matches, budget)? {
                    Ok(outcome) => outcome,
                    Err(missing) => return Ok(Err(missing)),
                };
                if first.matched.is_some() {
                    return Ok(Ok(first));
                }
                let second = self.known(second, position, matches, budget)?;
                Ok(second.map(|second| second.after(first.steps)))
            }
            Some(&Node::Look {
                part,
                polarity,
                next,
            }) => {
                let entry = self.pricer.parts.get(part as usize);
                let entry = entry.map_or(0, |part| part.entry);
                let look = match self.known(entry, position, matches, budget)? {
                    Ok(outcome) => outcome,
                    Err(missing) => return Ok(Err(missing)),
                };
                let after = match (polarity, look.matched) {
                    (Polarity::Positive, Some(matched)) => self.joined(matches, matched, part),
                    (Polarity::Negative, None) => matches,
                    _ => return Ok(Ok(Outcome::failed(look.steps))),
                };
                let next = self.known(next, position, after, budget)?;
                Ok(next.map(|next| next.after(look.steps)))
            }
            _ => Ok(Ok(Outcome::failed(0.0))),
        }
    }

    fn known(
        &mut self,
        node: u32,
        position: u32,
        matches: MatchesId,
        budget: &mut Budget,
    ) -> Result<Result<Outcome, Place>, Exhausted> {
        Ok(match self.reach(node, position, matches, budget)? {
            Reached::Ended(outcome) => Ok(outcome),
            Reached::Choice(place, steps) => match self.memory.outcomes.get(&place.key()) {
                Some(outcome) => Ok(outcome.after(steps)),
                None => Err(place),
            },
        })
    }

    /// Goes on while there is only one way.
    fn reach(
        &mut self,
        mut node: u32,
        mut position: u32,
        mut matches: MatchesId,
        budget: &mut Budget,
    ) -> Result<Reached, Exhausted> {
        let mut steps = 0.0;
        loop {
            budget.spend(4)?;
            let failed = Ok(Reached::Ended(Outcome::failed(steps + 1.0)));
            match self.pricer.nodes.get(node as usize).copied() {
                Some(Node::Match) => {
                    return Ok(Reached::Ended(Outcome {
                        matched: Some(matches),
                        steps,
                    }));
                }
                Some(Node::Fail) | None => return Ok(Reached::Ended(Outcome::failed(steps))),
                Some(Node::Unit {
                    set,
                    direction,
                    next,
                }) => {
                    let Some((class, beyond)) = self.unit(position, direction) else {
                        return failed;
                    };
                    if !self.pricer.contains(set, class) {
                        return failed;
                    }
                    steps += 1.0;
                    (node, position) = (next, beyond);
                }
                Some(Node::Assert { assertion, next }) => {
                    if !self.holds(assertion, position) {
                        return failed;
                    }
                    steps += 1.0;
                    node = next;
                }
                Some(Node::Tick { next }) => {
                    steps += 1.0;
                    node = next;
                }
                Some(Node::Save { bound, next }) => {
                    matches = self.save(matches, bound, position);
                    node = next;
                }
                Some(Node::Forget {
                    first,
                    beyond,
                    next,
                }) => {
                    matches = self.without(matches, |group| (first..beyond).contains(&group));
                    node = next;
                }
                Some(Node::Refer {
                    reference,
                    direction,
                    consumed,
                    empty,
                }) => {
                    steps += 1.0;
                    let (start, end) = self.matched(reference, matches);
                    let width = end.saturating_sub(start);
                    let left = match direction {
                        Direction::Ahead => self.length - position,
                        Direction::Behind => position,
                    };
                    if left < width {
                        return Ok(Reached::Ended(Outcome::failed(steps)));
                    }
                    for index in 0..width {
                        budget.spend(1)?;
                        steps += 1.0;
                        let at = match direction {
                            Direction::Ahead => start + index,
                            Direction::Behind => end - 1 - index,
                        };
                        let wanted = self.text.get(at as usize);
                        match self.unit(position, direction) {
                            Some((class, beyond)) if Some(&class) == wanted => position = beyond,
                            _ => return Ok(Reached::Ended(Outcome::failed(steps))),
                        }
                    }
                    node = if start < end { consumed } else { empty };
                }
                Some(Node::Split { .. } | Node::Look { .. }) => {
                    let asked = self.memory.asked.get(node as usize).copied().unwrap_or(0);
                    matches = self.kept(matches, asked);
                    if matches as usize >= MOST {
                        return Err(Exhausted);
                    }
                    let place = Place {
                        node,
                        position,
                        matches,
                    };
                    return Ok(Reached::Choice(place, steps));
                }
            }
        }
    }

    fn unit(&self, position: u32, direction: Direction) -> Option<(Class, u32)> {
        match direction {
            Direction::Ahead => Some((*self.text.get(position as usize)?, position + 1)),
            Direction::Behind => {
                let before = position.checked_sub(1)?;
                Some((*self.text.get(before as usize)?, before))
            }
        }
    }

    fn holds(&self, assertion: Assertion, position: u32) -> bool {
        let is_word = |direction| {
            self.unit(position, direction)
                .and_then(|(class, _)| self.pricer.word.get(usize::from(class)))
                .copied()
                .unwrap_or(false)
        };
        let boundary = is_word(Direction::Behind) != is_word(Direction::Ahead);
        match assertion {
            Assertion::Start => position == 0,
            Assertion::End => position == self.length,
            Assertion::WordBoundary => boundary,
            Assertion::NotWordBoundary => !boundary,
        }
    }

    /// Where the text stands that a back-reference asks for; empty when there is none.
    fn matched(&self, reference: u32, matches: MatchesId) -> (u32, u32) {
        let groups = self.pricer.references.get(reference as usize);
        let matches = self.memory.matches.get(matches as usize);
        groups
            .into_iter()
            .flatten()
            .find_map(|&group| match matches?.get(group as usize)? {
                &[Some(start), Some(end)] => Some((start, end)),
                _ => None,
            })
            .unwrap_or((0, 0))
    }

    fn save(&mut self, matches: MatchesId, bound: Bound, position: u32) -> MatchesId {
        let Some(matches) = self.memory.matches.get(matches as usize) else {
            return matches;
        };
        let mut matches = matches.clone();
        if let Some([start, end]) = matches.get_mut(bound.group as usize) {
            match bound.side {
                Side::Start => *start = Some(position),
                Side::End => *end = Some(position),
            }
            if let (Some(from), Some(to)) = (*start, *end)
                && from <= to
            {
                // The first text that reads the same stands for all of them.
                let length = to - from;
                let hash = self.hash(from, to);
                let first = *self.memory.first.entry((length, hash)).or_insert(from);
                (*start, *end) = (Some(first), Some(first + length));
            }
        }
        self.number(matches)
    }

    fn hash(&self, from: u32, to: u32) -> u64 {
        let at = |hashes: &[u64], index: u32| hashes.get(index as usize).copied().unwrap_or(0);
        let power = at(&self.memory.powers, to - from);
        at(&self.memory.hashes, to).wrapping_sub(at(&self.memory.hashes, from).wrapping_mul(power))
    }

    /// What the groups have matched after a look-around.
    fn joined(&mut self, outside: MatchesId, inside: MatchesId, part: u32) -> MatchesId {
        let set = self.memory.set.get(part as usize).copied().unwrap_or(0);
        let lists = (
            self.memory.matches.get(outside as usize),
            self.memory.matches.get(inside as usize),
        );
        let (Some(before), Some(after)) = lists else {
            return outside;
        };
        if set == 0 {
            return outside;
        }
        let joined = before.iter().zip(after).enumerate();
        let joined = joined
            .map(|(group, (before, after))| *if set >> group & 1 == 1 { after } else { before })
            .collect();
        self.number(joined)
    }

    /// What is left of a list when only these groups are still asked for.
    fn kept(&mut self, matches: MatchesId, asked: u64) -> MatchesId {
        if let Some(&kept) = self.memory.kept.get(&(matches, asked)) {
            return kept;
        }
        let kept = self.without(matches, |group| asked >> (group & 63) & 1 == 0);
        self.memory.kept.insert((matches, asked), kept);
        kept
    }

    fn without(&mut self, matches: MatchesId, forgotten: impl Fn(u32) -> bool) -> MatchesId {
        let Some(list) = self.memory.matches.get(matches as usize) else {
            return matches;
        };
        let needless =
            |(group, found): (u32, &Match)| forgotten(group) && found.iter().any(Option::is_some);
        if !(0..).zip(list).any(needless) {
            return matches;
        }
        let kept = (0..)
            .zip(list)
            .map(|(group, found)| if forgotten(group) { [None; 2] } else { *found })
            .collect();
        self.number(kept)
    }
}

impl Outcome {
    const fn failed(steps: f64) -> Self {
        Self {
            matched: None,
            steps,
        }
    }

    /// The same after so many steps.
    fn after(self, steps: f64) -> Self {
        Self {
            steps: self.steps + steps,
            ..self
        }
    }
}
