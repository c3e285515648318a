//! Loops that one word leads from one to the next: every link of such a chain adds one to the
//! degree.

use super::super::alphabet::{Class, Order};
use super::super::automaton::{ACCEPT, INITIAL, StateId};
use super::super::budget::Exhausted;
use super::super::components::{Components, Loops};
use super::super::growth::Growth;
use super::super::hash::Map;
use super::super::words::{Found, Ground, Letters, Part, Search, Within};
use super::live::Aim;
use super::{At, BEFORE_TEXT, Candidate, Effort, Finder, Pumped, SEARCH_WORK, SearchLoop};
use crate::diagnostic::Span;

/// How many links between loops are tried on their own.
const MAX_LINKS: usize = 32;
/// How many of the longest chains of links are tried.
const MAX_CHAINS: usize = 4;
/// How many pairs of states of two loops are tried as the ends of a link that stays alive.
const MAX_ENDS: usize = 8;
/// How many links from loops that go on after a match are tried.
const MAX_RESUMED: usize = 12;

/// A word w with a way from `p` to `p`, one from `p` to `q` and one from `q` to `q`: infinite
/// ambiguity (Weber and Seidl 1991: IDA).
#[derive(Clone, Debug)]
struct Link {
    from: u32,
    to: u32,
    p: StateId,
    q: StateId,
    word: Vec<Class>,
}

/// What a word between two loops is bound to.
struct Bounds {
    /// The components that the way from one to the other may pass.
    reaching: Vec<bool>,
    /// The classes of which it can be.
    letters: Letters,
}

impl Finder<'_, '_> {
    pub(super) fn polynomial(&mut self) -> Result<(), Exhausted> {
        let components = self.ground.components;
        let loops: Vec<u32> = (0..components.len())
            .filter(|&component| {
                components.is_cyclic(component)
                    && (self.searching == SearchLoop::Counts || !self.is_search(component))
            })
            .collect();
        let mut links: Vec<Link> = Vec::new();
        for &to in &loops {
            let mut bounds = Bounds {
                reaching: self.reaching(to),
                letters: Letters::new(),
            };
            for &from in loops.iter().filter(|&&from| from > to) {
                self.budget.spend(1)?;
                if bounds.reaching.get(from as usize) == Some(&true) {
                    bounds.letters = self.common_letters(from, to);
                    if let Some(link) = self.link(from, to, &bounds)? {
                        links.push(link);
                    }
                }
            }
        }
        let resumed = self.resumed(&loops)?;
        if links.len() > MAX_LINKS || resumed.len() >= MAX_RESUMED {
            self.complete = false;
        }
        let own = self.own()?;
        let mut chains = chains(&loops, &links, &resumed);
        chains.extend(own.iter().flat_map(|link| [vec![link, link], vec![link]]));
        for &effort in self.efforts {
            for chain in &chains {
                let promise = Growth::Polynomial(chain.len() as u32 + 1);
                if self.best < Some(promise) {
                    self.chain(chain, promise, effort)?;
                }
            }
        }
        Ok(())
    }

    /// The classes of which a word can be that goes through both loops.
    fn common_letters(&self, from: u32, to: u32) -> Letters {
        let letters = |component: u32| {
            let letters = self.letters.get(component as usize);
            letters.map(Vec::as_slice).unwrap_or_default()
        };
        if !self.ground.components.is_cyclic(from) {
            // It goes on after a match in ways that are not counted among its own.
            return letters(to).to_vec();
        }
        let both = letters(from).iter().zip(letters(to));
        both.map(|(a, b)| a & b).collect()
    }

    /// What a word from one loop to another, or within one, is bound to.
    fn bounds(&self, from: u32, to: u32) -> Bounds {
        let mut letters = self.common_letters(from, to);
        if from == to {
            self.exclude_matches(to, &mut letters);
        }
        Bounds {
            reaching: self.reaching(to),
            letters,
        }
    }

    /// Takes the classes away with which a loop can be left for a match.
    fn exclude_matches(&self, component: u32, letters: &mut Letters) {
        let Ground {
            automaton,
            components,
            ..
        } = self.ground;
        let members = components.members(component).iter();
        for edge in members.flat_map(|&state| automaton.edges(state)) {
            if edge.target == ACCEPT || automaton.accepts_always(edge.target) {
                let excluded = automaton.labels.bits(edge.label).iter();
                for (word, excluded) in letters.iter_mut().zip(excluded) {
                    *word &= !excluded;
                }
            }
        }
    }

    /// Which components lead to one.
    fn reaching(&self, to: u32) -> Vec<bool> {
        let Ground {
            automaton,
            components,
            ..
        } = self.ground;
        let mut reaching = vec![false; components.len() as usize];
        if let Some(slot) = reaching.get_mut(to as usize) {
            *slot = true;
        }
        for component in to + 1..components.len() {
            let leads = components.members(component).iter().any(|&state| {
                automaton.edges(state).iter().any(|edge| {
                    let target = components.component(edge.target) as usize;
                    reaching.get(target) == Some(&true)
                })
            });
            if let (true, Some(slot)) = (leads, reaching.get_mut(component as usize)) {
                *slot = true;
            }
        }
        reaching
    }

    /// The states of two loops between which a link may be.
    fn ends(&self, from: u32, to: u32) -> Vec<(StateId, StateId)> {
        let Ground {
            automaton,
            components,
            ..
        } = self.ground;
        let context = |state: StateId| automaton.states.get(state as usize).map(|s| s.context);
        let search = self.is_search(from);
        components
            .members(to)
            .iter()
            .flat_map(|&q| components.members(from).iter().map(move |&p| (p, q)))
            // The search knows nothing but the last code unit.
            .filter(|&(p, q)| p != q && (!search || context(p) == context(q)))
            .collect()
    }

    fn link_aim<'s>(
        &self,
        (from, to): (u32, u32),
        (p, q): (StateId, StateId),
        Bounds { reaching, letters }: &'s Bounds,
    ) -> Aim<'s> {
        let (first, second) = if self.ground.components.is_cyclic(from) {
            (Within::Component(from), Within::Components(reaching))
        } else {
            // A loop that goes on after a match.
            (Within::Anywhere, Within::Anywhere)
        };
        Aim {
            p,
            q,
            search: Search {
                from: [p, p, q],
                to: [p, q, q],
                within: [first, second, Within::Component(to)],
                ways: 3,
                part: Part::Irrelevant,
                letters: Some(letters),
                order: Order::Readable,
                alive: None,
                limit: SEARCH_WORK,
            },
        }
    }

    fn link(&mut self, from: u32, to: u32, bounds: &Bounds) -> Result<Option<Link>, Exhausted> {
        let mut own = self.budget.take(4 * SEARCH_WORK);
        let mut found = None;
        for (p, q) in self.ends(from, to) {
            let aim = self.link_aim((from, to), (p, q), bounds);
            match aim.search.run(self.ground, &mut self.subsets, &mut own) {
                Ok(Found::Nothing) => {}
                Ok(Found::TooMuch) => self.complete = false,
                Ok(Found::Word(word)) => {
                    found = Some(Link {
                        from,
                        to,
                        p,
                        q,
                        word,
                    });
                    break;
                }
                Err(Exhausted) => {
                    self.complete = false;
                    break;
                }
            }
        }
        self.budget.put_back(own);
        self.budget.spend(1)?;
        Ok(found)
    }

    /// Links to loops from states in which the pattern has matched already, but goes on: what it
    /// tries there before it is content fails at every turn.
    fn resumed(&mut self, loops: &[u32]) -> Result<Vec<Link>, Exhausted> {
        let Ground {
            automaton,
            components,
            ..
        } = self.ground;
        let matched: Vec<StateId> = (INITIAL + 1..automaton.states.len() as StateId)
            .filter(|&state| automaton.accepts_always(state))
            .collect();
        let mut links = Vec::new();
        if matched.is_empty() {
            return Ok(links);
        }
        let whole = Components::of(automaton, Loops::All);
        for p in matched {
            if !whole.is_cyclic(whole.component(p)) {
                continue;
            }
            for &to in loops {
                if self.is_search(to) {
                    continue;
                }
                if links.len() >= MAX_RESUMED {
                    return Ok(links);
                }
                let from = components.component(p);
                let bounds = Bounds {
                    reaching: Vec::new(),
                    letters: self.common_letters(from, to),
                };
                if let Some(link) = self.link(from, to, &bounds)? {
                    links.push(link);
                }
            }
        }
        Ok(links)
    }

    /// Links within loops that are exponentially ambiguous, over words on which the pattern cannot
    /// match: where two ways meet again only after a match, they still part.
    fn own(&mut self) -> Result<Vec<Link>, Exhausted> {
        let mut links = Vec::new();
        for component in std::mem::take(&mut self.ambiguous) {
            let bounds = self.bounds(component, component);
            links.extend(self.link(component, component, &bounds)?);
        }
        Ok(links)
    }

    fn spans(&self, chain: &[&Link]) -> Vec<Span> {
        let mut spans: Vec<Span> = chain
            .iter()
            .flat_map(|link| [link.from, link.to])
            .filter_map(|component| self.loop_span(component))
            .collect();
        spans.sort_unstable();
        spans.dedup();
        spans
    }

    /// A text through a chain of links.
    fn chain(&mut self, chain: &[&Link], promise: Growth, effort: Effort) -> Result<(), Exhausted> {
        let mut at = BEFORE_TEXT;
        let mut pumps = Vec::new();
        for link in chain {
            let pumped = self.pumped_link(link, at, effort)?;
            let Some(pumped) = pumped else {
                return Ok(());
            };
            pumps.push((pumped.prefix, pumped.word));
            at = pumped.end;
        }
        let p = chain.last().map_or(at.state, |link| link.p);
        let endings = self.endings(at, p)?;
        if endings.is_empty() && effort == Effort::Alone {
            return Ok(());
        }
        self.try_out(&Candidate {
            pumps,
            promise,
            loops: self.spans(chain),
            endings,
        })
    }

    fn pumped_link(
        &mut self,
        link: &Link,
        at: At,
        effort: Effort,
    ) -> Result<Option<Pumped>, Exhausted> {
        let bounds = self.bounds(link.from, link.to);
        let (loops, own) = ((link.from, link.to), (link.p, link.q));
        let aim = self.link_aim(loops, own, &bounds);
        match effort {
            Effort::Alone => self.lonely(&aim, &link.word, at),
            Effort::Quick => self.quick(&aim, &link.word, at, Order::Readable),
            Effort::Rare => self.rare(&aim, at),
            Effort::Thorough(tolerance) => self.thoroughly(|finder| {
                let others = finder.ends(link.from, link.to);
                let others = others.into_iter().filter(|&ends| ends != own);
                for ends in std::iter::once(own).chain(others.take(MAX_ENDS)) {
                    let aim = finder.link_aim(loops, ends, &bounds);
                    let pumped = finder.thorough(&aim, at, tolerance)?;
                    if pumped.is_some() {
                        return Ok(pumped);
                    }
                }
                Ok(None)
            }),
        }
    }
}

/// The longest chains of links, and the first links on their own, the longest first.
fn chains<'l>(loops: &[u32], links: &'l [Link], resumed: &'l [Link]) -> Vec<Vec<&'l Link>> {
    // Components are in reverse topological order, so links lead to smaller numbers.
    let mut longest: Map<u32, (usize, Option<&Link>)> = Map::default();
    for &from in loops {
        let mut best = (0, None);
        for link in links.iter().filter(|link| link.from == from) {
            let length = longest.get(&link.to).map_or(0, |&(length, _)| length) + 1;
            if length > best.0 {
                best = (length, Some(link));
            }
        }
        longest.insert(from, best);
    }
    let length = |component: &u32| longest.get(component).map_or(0, |&(length, _)| length);
    let mut heads: Vec<u32> = loops.to_vec();
    heads.retain(|head| length(head) > 1);
    heads.sort_by_key(|head| std::cmp::Reverse((length(head), *head)));
    let longest = &longest;
    let from = |head: u32| {
        let mut at = head;
        std::iter::from_fn(move || {
            let &(_, link) = longest.get(&at)?;
            at = link?.to;
            link
        })
    };
    let mut chains: Vec<Vec<&Link>> = heads
        .into_iter()
        .take(MAX_CHAINS)
        .map(|head| from(head).collect())
        .collect();
    chains.extend(
        resumed
            .iter()
            .map(|link| std::iter::once(link).chain(from(link.to)).collect()),
    );
    let mut singles: Vec<&Link> = links.iter().collect();
    singles.sort_by_key(|link| std::cmp::Reverse((link.from, link.to)));
    chains.extend(singles.into_iter().take(MAX_LINKS).map(|link| vec![link]));
    chains
}
