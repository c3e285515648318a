//! The platform's own rule for stopping an agent, exactly as its guardian counts: every event, also
//! the settlement of a request, adds a violation for each limit that is then exceeded and for each
//! sequence that then stands without a gap. Owns that rule; the incidents that people read are
//! counted otherwise.

use super::sequence::{Sequences, ToolId};
use crate::model::pipeline::guardian::MAX_SEQUENCE;

/// The sequences, to be found without gaps: one word of state each and a few operations an event
/// (Shift-And: Baeza-Yates and Gonnet, "A New Approach to Text Searching", CACM 35(10), 1992).
#[derive(Clone, Debug)]
pub(super) struct Adjacent {
    patterns: Vec<Automaton>,
}

#[derive(Clone, Debug)]
struct Automaton {
    /// For each tool, the positions that it fits.
    fits: Vec<u64>,
    /// The positions that any other tool fits.
    any: u64,
    /// The last position.
    last: u64,
}

impl Adjacent {
    pub(super) fn new(sequences: &Sequences) -> Self {
        let patterns = sequences.patterns().iter();
        Self {
            patterns: patterns
                .filter(|pattern| pattern.len() <= MAX_SEQUENCE)
                .map(|pattern| automaton(pattern, sequences.tools()))
                .collect(),
        }
    }

    /// The state of an agent without events.
    pub(super) fn start(&self) -> Box<[u64]> {
        vec![0; self.patterns.len()].into()
    }

    /// Adds an event to an agent's state; how many sequences it completes.
    pub(super) fn step(&self, states: &mut [u64], tool: Option<ToolId>) -> u64 {
        let mut complete = 0;
        for (automaton, state) in self.patterns.iter().zip(states) {
            let fits = tool.and_then(|tool| automaton.fits.get(tool).copied());
            *state = (*state << 1 | 1) & fits.unwrap_or(automaton.any);
            complete += u64::from(*state & automaton.last != 0);
        }
        complete
    }
}

fn automaton(pattern: &[Option<ToolId>], tools: usize) -> Automaton {
    let positions = |fits: &dyn Fn(Option<ToolId>) -> bool| {
        let bits = pattern.iter().enumerate();
        bits.filter(|(_, tool)| fits(**tool))
            .fold(0, |bits, (position, _)| bits | 1_u64 << position)
    };
    Automaton {
        fits: (0..tools)
            .map(|tool| positions(&|wanted| wanted.is_none_or(|wanted| wanted == tool)))
            .collect(),
        any: positions(&|wanted| wanted.is_none()),
        last: 1 << (pattern.len() - 1),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn adjacency_equals_comparing_the_end(
            patterns in proptest::collection::vec("[ab]([ab.]{0,3}[abc])?", 1..4),
            calls in "[abcx]{0,30}",
        ) {
            let tools = |c: char| c.to_string().replace('.', "*");
            let split: Vec<Vec<String>> = patterns
                .iter()
                .map(|pattern| pattern.chars().map(tools).collect())
                .collect();
            let sequences = Sequences::new(&split);
            let adjacent = Adjacent::new(&sequences);
            let mut states = adjacent.start();
            for end in 0..calls.len() {
                let tool = sequences.tool(&calls.as_bytes()[end..=end]);
                let so_far = &calls[..=end];
                let expected = patterns.iter().filter(|pattern| {
                    so_far.len() >= pattern.len()
                        && so_far[so_far.len() - pattern.len()..]
                            .chars()
                            .zip(pattern.chars())
                            .all(|(call, wanted)| wanted == '.' || wanted == call)
                });
                prop_assert_eq!(adjacent.step(&mut states, tool), expected.count() as u64);
            }
        }
    }
}
