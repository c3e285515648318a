//! Loops that one word leads from one to the next: every link of such a chain adds one to the
//! degree.

use super::super::alphabet::Class;
use super::super::automaton::StateId;
use super::super::budget::Exhausted;
use super::super::growth::Growth;
use super::super::hash::Map;
use super::super::words::{Alive, Ground, Part, Search, Tolerance, Within};
use super::{At, BEFORE_TEXT, Candidate, EFFORTS, Effort, Finder, Pumped, SEARCH_WORK, SearchLoop};
use crate::diagnostic::Span;

/// How many links between loops are tried on their own.
const MAX_LINKS: usize = 32;
/// How many of the longest chains of links are tried.
const MAX_CHAINS: usize = 4;
/// How many pairs of states of two loops are tried as the ends of a link that stays alive.
const MAX_ENDS: usize = 8;

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
            let reaching = self.reaching(to);
            for &from in loops.iter().filter(|&&from| from > to) {
                if reaching.get(from as usize) == Some(&true)
                    && let Some(link) = self.link(from, to, &reaching)?
                {
                    links.push(link);
                }
            }
        }
        let chains = chains(&loops, &links);
        for effort in EFFORTS {
            for chain in &chains {
                let promise = Growth::Polynomial(chain.len() as u32 + 1);
                if self.best < Some(promise) {
                    self.chain(chain, promise, effort)?;
                }
            }
        }
        Ok(())
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
            .filter(|&(p, q)| !search || context(p) == context(q))
            .collect()
    }

    fn link_search<'s>(
        &self,
        (from, to): (u32, u32),
        (p, q): (StateId, StateId),
        reaching: &'s [bool],
        alive: Option<Alive>,
    ) -> Search<'s> {
        Search {
            from: [p, p, q],
            to: [p, q, q],
            within: [
                Within::Component(from),
                Within::Components(reaching),
                Within::Component(to),
            ],
            ways: 3,
            part: Part::Irrelevant,
            alive,
            limit: SEARCH_WORK,
        }
    }

    fn link(&mut self, from: u32, to: u32, reaching: &[bool]) -> Result<Option<Link>, Exhausted> {
        let mut own = self.budget.take(4 * SEARCH_WORK);
        let mut found = None;
        for (p, q) in self.ends(from, to) {
            let search = self.link_search((from, to), (p, q), reaching, None);
            match search.run(self.ground, &mut self.subsets, &mut own) {
                Ok(None) => {}
                Ok(Some(word)) => {
                    found = Some(Link {
                        from,
                        to,
                        p,
                        q,
                        word,
                    });
                    break;
                }
                Err(Exhausted) => break,
            }
        }
        self.budget.put_back(own);
        self.budget.spend(1)?;
        Ok(found)
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
            let pumped = match effort {
                Effort::Alone => self.lonely_link(link, at)?,
                Effort::Quick => self.quick_link(link, at)?,
                Effort::Thorough(tolerance) => {
                    self.thoroughly(|finder| finder.thorough_link(link, at, tolerance))?
                }
            };
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

    /// The link with its own word, after a text that leaves it alive.
    fn quick_link(&mut self, link: &Link, at: At) -> Result<Option<Pumped>, Exhausted> {
        let Some((prefix, there)) = self.path(at, link.p)? else {
            return Ok(None);
        };
        let stays = [link.p, link.q];
        let end = self.repeat(there.subset, &link.word, stays, Tolerance::LaterMatch)?;
        Ok(end.map(|subset| Pumped {
            prefix,
            word: link.word.clone(),
            end: At {
                state: link.q,
                subset,
            },
        }))
    }

    /// The link with its own word, as if nothing else of the search were there.
    fn lonely_link(&mut self, link: &Link, at: At) -> Result<Option<Pumped>, Exhausted> {
        let Some(prefix) = self.any_path(at.state, link.p)? else {
            return Ok(None);
        };
        let alone = self.subsets.only(link.p);
        let stays = [link.p, link.q];
        let end = self.repeat(alone, &link.word, stays, Tolerance::LaterMatch)?;
        Ok(end.map(|subset| Pumped {
            prefix,
            word: link.word.clone(),
            end: At {
                state: link.q,
                subset,
            },
        }))
    }

    /// The link with any word that leaves it alive.
    fn thorough_link(
        &mut self,
        link: &Link,
        at: At,
        tolerance: Tolerance,
    ) -> Result<Option<Pumped>, Exhausted> {
        let reaching = self.reaching(link.to);
        let own = (link.p, link.q);
        let others = self.ends(link.from, link.to);
        let others = others.into_iter().filter(|&ends| ends != own);
        for (p, q) in std::iter::once(own).chain(others.take(MAX_ENDS)) {
            let Some((mut prefix, there)) = self.path(at, p)? else {
                continue;
            };
            let mut subset = there.subset;
            for _ in 0..4 {
                let alive = Some(Alive { subset, tolerance });
                let search = self.link_search((link.from, link.to), (p, q), &reaching, alive);
                let Some(word) = self.run(&search)? else {
                    break;
                };
                if let Some(end) = self.repeat(subset, &word, [p, q], tolerance)? {
                    let end = At {
                        state: q,
                        subset: end,
                    };
                    return Ok(Some(Pumped { prefix, word, end }));
                }
                subset = self.subsets.run(subset, &word, self.budget)?;
                prefix.extend(word);
            }
        }
        Ok(None)
    }
}

/// The longest chains of links, and the first links on their own, the longest first.
fn chains<'l>(loops: &[u32], links: &'l [Link]) -> Vec<Vec<&'l Link>> {
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
    let mut chains: Vec<Vec<&Link>> = Vec::new();
    for head in heads.into_iter().take(MAX_CHAINS) {
        let mut chain = Vec::new();
        let mut at = head;
        while let Some(&(_, Some(link))) = longest.get(&at) {
            chain.push(link);
            at = link.to;
        }
        chains.push(chain);
    }
    let mut singles: Vec<&Link> = links.iter().collect();
    singles.sort_by_key(|link| std::cmp::Reverse((link.from, link.to)));
    chains.extend(singles.into_iter().take(MAX_LINKS).map(|link| vec![link]));
    chains
}
