//! Whether a pattern may be evaluated at all. Owns the definition of unsafe: an exponentially
//! ambiguous loop, whatever follows it.

use super::alphabet::Alphabet;
use super::automaton::{Automaton, Failure, Searching};
use super::budget::Budget;
use super::components::{Components, Loops};
use super::exponential::is_exponential;
use super::graph::{self, Purpose};
use crate::diagnostic::Span;
use crate::ecma::{Direction, Pattern};

/// Whether a pattern's automaton has an exponentially ambiguous loop: two different paths from a
/// state to itself over one word, whether or not anything after it can fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ambiguity {
    /// It has one.
    Exponential {
        /// The bytes of the pattern that form the loop.
        span: Span,
    },
    /// It has none.
    NotExponential,
    /// The analysis ran out of its budget; the text says where.
    Unknown(&'static str),
}

/// Units of work for one decision, some tenths of a second.
const WORK: u64 = 40_000_000;

/// The most steps and states of an automaton whose counts are unrolled.
const MAX_STEPS: usize = 60_000;
const MAX_STATES: usize = 8_000;

/// Decides whether `pattern` has an exponentially ambiguous loop.
///
/// A look-around that asks for one neighbouring code unit is a condition of the automaton; of any
/// other, the loops inside count, and what it excludes does not. A back-reference is one fixed
/// word, and so no loop. The answer is exact otherwise, and found with the same work on every
/// machine.
pub fn ambiguity(pattern: &Pattern) -> Ambiguity {
    let mut budget = Budget::new(WORK);
    match decide(pattern, Purpose::Loops, &mut budget) {
        Ok(answer) => answer,
        // With every large count taken for unlimited there are more ways, never fewer.
        Err(_) => match decide(pattern, Purpose::Relaxed(8), &mut Budget::new(WORK)) {
            Ok(Ambiguity::NotExponential) => Ambiguity::NotExponential,
            Ok(_) => Ambiguity::Unknown("a loop with counts too large to unroll"),
            Err(_) => Ambiguity::Unknown("the pattern is too large to analyse"),
        },
    }
}

fn decide(pattern: &Pattern, purpose: Purpose, budget: &mut Budget) -> Result<Ambiguity, Failure> {
    let built = graph::build(&pattern.root, Direction::Ahead, purpose, MAX_STEPS)
        .map_err(|_| Failure::TooLarge)?;
    let alphabet = Alphabet::of(&[&pattern.root]);
    let everywhere = Searching::Everywhere;
    let automaton = Automaton::build(&built, &alphabet, everywhere, MAX_STATES, budget)?;
    let components = Components::of(&automaton, Loops::All);
    let mut found: Option<Span> = None;
    for component in 0..components.len() {
        let Some(&first) = components.members(component).first() else {
            continue;
        };
        if !components.is_cyclic(component) || automaton.is_search(first) {
            continue;
        }
        let span = automaton
            .states
            .get(first as usize)
            .and_then(|state| state.span)
            .unwrap_or(pattern.root.span);
        if found.is_some_and(|found| found <= span) {
            continue;
        }
        if is_exponential(&automaton, &components, component, budget)? {
            found = Some(span);
        }
    }
    Ok(match found {
        Some(span) => Ambiguity::Exponential { span },
        None => Ambiguity::NotExponential,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Ambiguity {
        ambiguity(&Pattern::parse(text).unwrap())
    }

    #[test]
    fn exponential_loops() {
        for text in [
            "(a+)+",
            "(a*)*",
            "(a|a)+",
            "(a|A)+",
            "(?:a|a|b)*",
            "(a|ab|b)*",
            "(\\w|\\d)+",
            "(?:a?b?)*?",
            "(?:a{0,3})*",
            "(?:a{1,5}){1,}",
            "(?:x+x+)+y",
            "(.*)*",
            "(?:a|b|ab)*c",
            "(?:\\s*\\w+\\s*)+",
            "(?:(?=a+b)|(?=(?:a|a)*))c",
            "(?<=(?:a+)+)b",
            "(?:\\w+\\b|\\w+)*",
            "(?:\\w+(?=\\w)\\w+)*",
            "(?:.{0,300}x?)*",
            "(?:(?:a{1,3}){1,3}){2,}",
            "^(([a-z])+.)+[A-Z]([a-z])+$",
        ] {
            assert!(matches!(of(text), Ambiguity::Exponential { .. }), "{text}");
        }
    }

    #[test]
    fn unambiguous_loops() {
        for text in [
            "",
            "(ab+c)+",
            "(foo|bar)+",
            "(?:a?b)*",
            "a*a*a*",
            "(?:a+b)+",
            "(?:a|b)*",
            "(?:^a+)+",
            "(?:a+$)+",
            "(?:\\b\\w+)+",
            "(?:\\w+\\b)+",
            "(?:\\w+\\b)*",
            "(?:\\w+(?!\\w))*",
            "(?:(?<!\\w)\\w+)*",
            "(?:\\w+(?=\\s|$)\\s*)*",
            "(?:a+){30}",
            "(?:\\w{1,64}\\.?){1,1000}",
            "(?:a{3}){2,}",
            "(?:a?){30}a{30}",
            "(?:a?)+",
            "[](a+)+",
            "(a*)\\1*",
            "(?:)*",
        ] {
            assert_eq!(of(text), Ambiguity::NotExponential, "{text}");
        }
    }

    #[test]
    fn the_loop_is_marked() {
        assert_eq!(
            of("x(?:a+)+y(?:b|b)*"),
            Ambiguity::Exponential {
                span: Span::new(1, 8)
            }
        );
    }

    #[test]
    fn large_counts() {
        assert_eq!(of("(?:[ab]{5000}c){1000}"), Ambiguity::NotExponential);
        assert_eq!(of("(?:[ab]{1,100000}c)*"), Ambiguity::NotExponential);
        assert!(matches!(
            of("(?:[ab]{1,1000})*"),
            Ambiguity::Exponential { .. }
        ));
        assert!(matches!(of("(?:(?:a?b?){300000})*"), Ambiguity::Unknown(_)));
    }
}
