//! Tools in a suspicious order. Owns the search in one agent's requests; knows no incident.
//!
//! A sequence matches requests in its order, whatever lies between them, within a length of time.
//! Of all matches that end at a request the one that starts last is the tightest, and for each
//! prefix of a sequence only the tightest match is worth remembering: these are the minimal
//! occurrences of serial episodes of Mannila, Toivonen and Verkamo, "Discovery of Frequent Episodes
//! in Event Sequences", Data Mining and Knowledge Discovery 1, 1997. A request costs time in
//! proportion to the sequences, whatever came before it.

use std::collections::HashMap;
use std::sync::Arc;

use super::At;
use super::settings::Gaps;
use crate::model::pipeline::guardian::ANY_TOOL;

/// The sequences that are looked for.
#[derive(Clone, Debug, Default)]
pub(super) struct Sequences {
    /// The tools of each sequence; none for any tool.
    patterns: Vec<Vec<Option<ToolId>>>,
    /// The tools that some sequence names.
    tools: HashMap<Box<[u8]>, ToolId, foldhash::fast::RandomState>,
}

/// A tool that some sequence names.
pub(super) type ToolId = usize;

/// The matches of the prefixes of one sequence in one agent's requests.
#[derive(Clone, Debug)]
pub(super) struct Track<M> {
    /// The tightest match of the prefix that ends with each tool but the last; empty before the
    /// first one.
    tightest: Box<[Option<Arc<Link<M>>>]>,
    /// What the last request does to `tightest` as any tool, which counts from the next one on: a
    /// request that is let through later may still be a tool of the sequence itself. Where gaps are
    /// allowed, the first request after a match is the one that stays: all that follow come after
    /// it, and so do those that were asked before and are let through later.
    staged: Vec<(usize, Arc<Link<M>>)>,
}

/// A match of a prefix.
#[derive(Clone, Debug)]
struct Link<M> {
    /// The event that matched the last tool; none if that is any tool.
    step: Option<At<M>>,
    /// How many of the requests that matched tools were let through.
    allowed: u64,
    /// The number of its request.
    number: u64,
    /// When the match starts, in microseconds.
    start_time: i64,
    /// The number of the request that it starts with.
    start_number: u64,
    before: Option<Arc<Self>>,
}

/// A match of a whole sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Match<M> {
    /// The events that matched its tools, in order; at least one.
    pub(super) steps: Vec<At<M>>,
    /// How many of them let a request through.
    pub(super) allowed: u64,
    /// The number of the request that it starts with.
    pub(super) start_number: u64,
}

/// A request that calls a tool of a sequence.
#[derive(Debug)]
pub(super) struct Taken<'a, M> {
    pub(super) at: &'a At<M>,
    /// Requests of an agent count upwards.
    pub(super) number: u64,
    /// Whether it is let through.
    pub(super) allowed: bool,
}

/// When a request may be part of a match.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reach {
    pub(super) gaps: Gaps,
    /// The longest time of a match, in microseconds.
    pub(super) window: i64,
}

impl Sequences {
    pub(super) fn new(patterns: &[impl AsRef<[String]>]) -> Self {
        let mut sequences = Self::default();
        for pattern in patterns {
            let tools = pattern.as_ref().iter().map(|tool| {
                let next = sequences.tools.len();
                let id = || {
                    *sequences
                        .tools
                        .entry(tool.as_bytes().into())
                        .or_insert(next)
                };
                (tool != ANY_TOOL).then(id)
            });
            let tools = tools.collect();
            sequences.patterns.push(tools);
        }
        sequences
    }

    /// The tool of that name, if some sequence names it.
    pub(super) fn tool(&self, name: &[u8]) -> Option<ToolId> {
        self.tools.get(name).copied()
    }

    /// The tools of each sequence; none for any tool.
    pub(super) fn patterns(&self) -> &[Vec<Option<ToolId>>] {
        &self.patterns
    }

    /// How many tools the sequences name.
    pub(super) fn tools(&self) -> usize {
        self.tools.len()
    }
}

impl<M: Clone> Track<M> {
    pub(super) fn new() -> Self {
        Self {
            tightest: Box::default(),
            staged: Vec::new(),
        }
    }

    /// Lets a new request stand for any tool of the pattern.
    pub(super) fn pass(&mut self, pattern: &[Option<ToolId>], number: u64, reach: Reach) {
        if self.tightest.is_empty() {
            return;
        }
        for (position, link) in self.staged.drain(..) {
            if let Some(place) = self.tightest.get_mut(position) {
                *place = Some(link);
            }
        }
        for (position, tool) in pattern.iter().enumerate() {
            if tool.is_none()
                && let Some(before) = self.before(position, number, reach.gaps)
                && !(reach.gaps == Gaps::Any && self.follows(position, before))
            {
                let link = Link {
                    step: None,
                    allowed: before.allowed,
                    number,
                    start_time: before.start_time,
                    start_number: before.start_number,
                    before: Some(Arc::clone(before)),
                };
                self.staged.push((position, Arc::new(link)));
            }
        }
    }

    /// Lets a request stand for the tool that it calls; the match that it completes, if any, after
    /// which the search begins anew.
    pub(super) fn step(
        &mut self,
        pattern: &[Option<ToolId>],
        tool: ToolId,
        request: Taken<'_, M>,
        reach: Reach,
    ) -> Option<Match<M>> {
        let Taken { at, number, .. } = request;
        let now = at.time.micros();
        // From the end, so that a request never follows itself.
        for (position, wanted) in pattern.iter().enumerate().rev() {
            if *wanted != Some(tool) {
                continue;
            }
            let before = self.before(position, number, reach.gaps);
            let (start_time, start_number) = match (position, before) {
                (0, _) => (now, number),
                (_, None) => continue,
                (_, Some(before)) => (before.start_time, before.start_number),
            };
            if now.saturating_sub(start_time) > reach.window {
                continue;
            }
            let link = Arc::new(Link {
                step: Some(at.clone()),
                allowed: before.map_or(0, |before| before.allowed) + u64::from(request.allowed),
                number,
                start_time,
                start_number,
                before: before.map(Arc::clone),
            });
            if position + 1 == pattern.len() {
                self.reset();
                return Some(link.whole());
            }
            if self.tightest.is_empty() {
                self.tightest = vec![None; pattern.len() - 1].into();
            }
            if let Some(place) = self.tightest.get_mut(position) {
                *place = Some(link);
            }
        }
        None
    }

    /// Forgets all that was found so far.
    pub(super) fn reset(&mut self) {
        self.tightest = Box::default();
        self.staged.clear();
    }

    /// Whether the match that ends at a position is one that extends `before`.
    fn follows(&self, position: usize, before: &Arc<Link<M>>) -> bool {
        let known = self.tightest.get(position).and_then(Option::as_ref);
        let extended = known.and_then(|known| known.before.as_ref());
        extended.is_some_and(|extended| Arc::ptr_eq(extended, before))
    }

    /// The match that a request of that number extends by the tool at a position.
    fn before(&self, position: usize, number: u64, gaps: Gaps) -> Option<&Arc<Link<M>>> {
        let before = self.tightest.get(position.checked_sub(1)?)?.as_ref()?;
        let extends = match gaps {
            Gaps::Any => before.number < number,
            Gaps::None => before.number + 1 == number,
        };
        extends.then_some(before)
    }
}

impl<M: Clone> Link<M> {
    fn whole(&self) -> Match<M> {
        let mut steps = Vec::new();
        let mut link = Some(self);
        while let Some(here) = link {
            steps.extend(here.step.clone());
            link = here.before.as_deref();
        }
        steps.reverse();
        Match {
            steps,
            allowed: self.allowed,
            start_number: self.start_number,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::time::Timestamp;

    const REACH: Reach = Reach {
        gaps: Gaps::Any,
        window: 100,
    };

    /// The numbers of the requests of each match of `pattern` in one-letter tools that are called
    /// at those times; `.` in the pattern is any tool.
    fn found(pattern: &str, calls: &[(i64, char)], reach: Reach) -> Vec<Vec<usize>> {
        let tools = |c: char| c.to_string().replace('.', "*");
        let sequences = Sequences::new(&[pattern.chars().map(tools).collect::<Vec<_>>()]);
        let pattern = &sequences.patterns()[0];
        let mut track = Track::new();
        let mut all = Vec::new();
        for (index, &(time, name)) in calls.iter().enumerate() {
            let at = At {
                time: Timestamp::from_micros(time),
                mark: index,
            };
            track.pass(pattern, index as u64, reach);
            let tool = sequences.tool(name.to_string().as_bytes());
            let request = Taken {
                at: &at,
                number: index as u64,
                allowed: true,
            };
            let matched = tool.and_then(|tool| track.step(pattern, tool, request, reach));
            all.extend(matched.map(|found| found.steps.iter().map(|step| step.mark).collect()));
        }
        all
    }

    fn calls(tools: &str) -> Vec<(i64, char)> {
        (0..).zip(tools.chars()).collect()
    }

    #[test]
    fn the_tightest_match_is_found_once() {
        let found = |pattern, tools| found(pattern, &calls(tools), REACH);
        assert_eq!(found("ab", "ab"), [[0, 1]]);
        assert_eq!(found("ab", "axxb"), [[0, 3]]);
        assert_eq!(found("ab", "aab"), [[1, 2]]);
        assert_eq!(found("ab", "abab"), [[0, 1], [2, 3]]);
        assert_eq!(found("ab", "abb"), [[0, 1]]);
        assert_eq!(found("aaa", "aaaaaaaa"), [[0, 1, 2], [3, 4, 5]]);
        assert_eq!(
            found("abc", "acb"),
            Vec::<Vec<usize>>::new(),
            "the order matters"
        );
    }

    #[test]
    fn any_tool_is_at_least_one_request() {
        let found = |pattern, tools| found(pattern, &calls(tools), REACH);
        let none = Vec::<Vec<usize>>::new();
        assert_eq!(found("a.b", "ab"), none);
        assert_eq!(found("a.b", "axb"), [[0, 2]]);
        assert_eq!(found("a.b", "axyzb"), [[0, 4]]);
        assert_eq!(found("a.b", "aab"), [[0, 2]]);
        assert_eq!(found("a.b", "abb"), [[0, 2]]);
        assert_eq!(found("a..b", "axb"), none);
        assert_eq!(found("a..b", "aabb"), [[0, 3]]);
    }

    #[test]
    fn a_request_let_through_late_follows_the_first_that_was_any_tool() {
        let sequences = Sequences::new(&[["a", "*", "b"].map(str::to_owned).to_vec()]);
        let pattern = &sequences.patterns()[0];
        let mut track = Track::new();
        let let_through = |track: &mut Track<u64>, tool: &str, number: u64, now: i64| {
            let at = At {
                time: Timestamp::from_micros(now),
                mark: number,
            };
            let request = Taken {
                at: &at,
                number,
                allowed: true,
            };
            let tool = sequences
                .tool(tool.as_bytes())
                .expect("a tool of the sequence");
            track.step(pattern, tool, request, REACH)
        };
        // `a`, another, `b` that waits, and one more before `b` is approved.
        track.pass(pattern, 0, REACH);
        assert_eq!(let_through(&mut track, "a", 0, 0), None);
        for number in 1..4 {
            track.pass(pattern, number, REACH);
        }
        let found = let_through(&mut track, "b", 2, 9).expect("a match");
        assert_eq!(
            found.steps.iter().map(|step| step.mark).collect::<Vec<_>>(),
            [0, 2]
        );
    }

    #[test]
    fn without_gaps_nothing_lies_between() {
        let strict = Reach {
            gaps: Gaps::None,
            ..REACH
        };
        let found = |pattern, tools| found(pattern, &calls(tools), strict);
        let none = Vec::<Vec<usize>>::new();
        assert_eq!(found("ab", "axb"), none);
        assert_eq!(found("ab", "xab"), [[1, 2]]);
        assert_eq!(found("a.b", "axb"), [[0, 2]]);
        assert_eq!(found("a.b", "axyb"), none);
    }

    #[test]
    fn a_match_takes_no_longer_than_the_window() {
        let times = [(0, 'a'), (50, 'a'), (150, 'b'), (151, 'b')];
        assert_eq!(found("ab", &times, REACH), [[1, 2]]);
        let times = [(0, 'a'), (101, 'b')];
        assert_eq!(found("ab", &times, REACH), Vec::<Vec<usize>>::new());
    }

    /// All ways to lay `pattern` on requests, by trying them: the one that ends first and among
    /// those starts last, then the rest after it.
    fn by_trying(pattern: &str, calls: &[(i64, char)], reach: Reach) -> Vec<(usize, usize)> {
        fn lay(
            pattern: &[char],
            calls: &[(i64, char)],
            from: usize,
            start: Option<usize>,
            end: usize,
            reach: Reach,
        ) -> Option<usize> {
            let Some((&first, rest)) = pattern.split_first() else {
                return (from == end + 1).then_some(start.expect("started"));
            };
            let mut best = None;
            for at in from..=end {
                let fits = first == '.' || first == calls[at].1;
                let close = start.is_none_or(|start| {
                    calls[at].0 - calls[start].0 <= reach.window
                        && (reach.gaps == Gaps::Any || at == from)
                });
                if fits && close {
                    let laid = lay(rest, calls, at + 1, start.or(Some(at)), end, reach);
                    best = best.max(laid);
                }
            }
            best
        }
        let pattern: Vec<char> = pattern.chars().collect();
        let mut found = Vec::new();
        let mut from = 0;
        for end in 0..calls.len() {
            if let Some(start) = lay(&pattern, calls, from, None, end, reach) {
                found.push((start, end));
                from = end + 1;
            }
        }
        found
    }

    proptest! {
        #[test]
        fn the_search_equals_trying_every_way(
            pattern in "[ab]([ab.]{0,2}[abc])?",
            steps in proptest::collection::vec((0_i64..40, "[abc]"), 0..14),
            window in 10_i64..120,
            strict in any::<bool>(),
        ) {
            let gaps = if strict { Gaps::None } else { Gaps::Any };
            let reach = Reach { gaps, window };
            let mut now = 0;
            let calls: Vec<(i64, char)> = steps
                .iter()
                .map(|(step, tool)| {
                    now += step;
                    (now, tool.chars().next().expect("one"))
                })
                .collect();
            let ends: Vec<(usize, usize)> = found(&pattern, &calls, reach)
                .iter()
                .map(|steps| (steps[0], steps[steps.len() - 1]))
                .collect();
            prop_assert_eq!(ends, by_trying(&pattern, &calls, reach));
        }
    }
}
