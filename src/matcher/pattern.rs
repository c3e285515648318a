//! `matches_regex`: one pattern, compiled for the engine that can match it, or refused. Owns the
//! choice and the limits; knows nothing of rules.

use memchr::memmem::Finder;
use regex_automata::{Input, meta};
use regex_syntax::hir::Hir;

use super::linear;
use super::literals::{self, AnyOf};
use super::text::Text;
use crate::diagnostic::Span;
use crate::ecma::{self, Assertion, Case, Node, NodeKind, PatternError, Program};
use crate::model::bundle::MAX_PATTERN_UNITS;
use crate::model::request::Request;
use crate::redos::{self, Ambiguity};

/// Steps that a pattern with look-around or back-references may take for one call. V8 takes about
/// a millisecond for so many.
const STEPS: u64 = 1_000_000;

/// Shortest literal, in bytes, for which it pays to look in every call.
const TRIGGER_BYTES: usize = 5;
/// Most further sets of literals that are looked for before a pattern is matched, and most literals
/// in one of them.
const OTHER_SETS: usize = 4;
const OTHER_LITERALS: usize = 4;

/// Why a pattern is never evaluated. Its rule never matches.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is over-long.
    #[error("the pattern is {units} code units long, {MAX_PATTERN_UNITS} are evaluated")]
    TooLong {
        /// Its length in UTF-16 code units.
        units: usize,
    },
    /// It is not a pattern.
    #[error("the pattern is invalid: {0}")]
    Invalid(#[from] PatternError),
    /// It has an exponentially ambiguous loop, which the platform's runtime never evaluates either.
    #[error("the pattern is unsafe: it has an exponentially ambiguous loop")]
    Unsafe {
        /// The bytes of the pattern that form the loop.
        span: Span,
    },
    /// Whether it has such a loop was not found out in reasonable time.
    #[error("the pattern may be unsafe: {0}")]
    Undecided(&'static str),
    /// The automaton or the program that it needs is larger than the limits allow.
    #[error("the pattern needs too large an automaton")]
    TooLarge,
    /// It needs look-around or back-references where only linear time will do.
    #[error("the pattern has look-around or back-references, which cannot be used here")]
    NotLinear,
}

/// A pattern that is evaluated.
pub(super) struct Pattern {
    engine: Engine,
    /// Literals long enough to be looked for in every call.
    trigger: AnyOf,
    /// One of each of these occurs in every match as well.
    others: Vec<Vec<Finder<'static>>>,
}

enum Engine {
    /// Takes linear time.
    Linear(meta::Regex),
    /// Takes at most [`STEPS`].
    Backtracking(Program),
}

/// What one thread keeps for one pattern from call to call.
pub(super) type Cache = meta::Cache;

/// What the search for a match ended with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Match,
    NoMatch,
    /// There is no match in the steps allowed.
    OutOfSteps,
}

impl Pattern {
    /// Compiles a pattern.
    pub(super) fn new(source: &str) -> Result<Self, Refusal> {
        let pattern = parse_safe(source)?;
        let engine = if needs_backtracking(&pattern) {
            Program::compile(&pattern).ok().map(Engine::Backtracking)
        } else {
            linear::compile(&pattern.root).map(Engine::Linear)
        };
        let engine = engine.ok_or(Refusal::TooLarge)?;
        let mut required = literals::required(&pattern.root);
        // The first set is the one with the longest literals.
        let worthwhile = |set: &mut AnyOf| set.iter().all(|literal| literal.len() >= TRIGGER_BYTES);
        let trigger = match required.first_mut().is_some_and(worthwhile) {
            true => required.remove(0),
            false => AnyOf::new(),
        };
        let others = required.iter().filter(|set| set.len() <= OTHER_LITERALS);
        let finders = |set: &AnyOf| {
            let finders = set
                .iter()
                .map(|literal| Finder::new(&**literal).into_owned());
            finders.collect()
        };
        Ok(Self {
            engine,
            trigger,
            others: others.take(OTHER_SETS).map(finders).collect(),
        })
    }

    /// Literals of which one occurs in the joined text of every match, each long enough to be
    /// looked for in every call; none if there are no such literals.
    pub(super) fn trigger(&self) -> &[Box<[u8]>] {
        &self.trigger
    }

    /// Searches the text of a call.
    pub(super) fn search(
        &self,
        text: &mut Text,
        request: &Request,
        cache: &mut Option<Box<Cache>>,
    ) -> Verdict {
        let occurs = |literal: &Finder<'_>| literal.find(text.joined()).is_some();
        if !self.others.iter().all(|set| set.iter().any(occurs)) {
            return Verdict::NoMatch;
        }
        match &self.engine {
            Engine::Linear(regex) => {
                let cache = cache.get_or_insert_with(|| Box::new(regex.create_cache()));
                let input = Input::new(text.encoded_units(request)).earliest(true);
                match regex.search_half_with(cache, &input) {
                    Some(_) => Verdict::Match,
                    None => Verdict::NoMatch,
                }
            }
            Engine::Backtracking(program) => match program.search(text.units(request), STEPS).0 {
                ecma::Search::Found { .. } => Verdict::Match,
                ecma::Search::NotFound => Verdict::NoMatch,
                ecma::Search::OutOfSteps => Verdict::OutOfSteps,
            },
        }
    }
}

/// A pattern as the tree of an automaton over text whose units are encoded by
/// [`encoded_unit`](super::text::encoded_unit); `None` if it takes more than an automaton to match
/// it.
pub(crate) fn automaton_tree(pattern: &ecma::Pattern) -> Option<Hir> {
    if pattern.needs_backtracking() {
        return None;
    }
    let tree = linear::translate(&pattern.root, &linear::encoded);
    // What could hold between the bytes of one code unit is looked for after whole ones.
    Some(match needs_backtracking(pattern) {
        true => Hir::concat(vec![linear::units_from_start(), tree]),
        false => tree,
    })
}

/// Why the `matches_regex` of a rule is never evaluated; `None` if it is.
pub fn refusal(source: &str) -> Option<Refusal> {
    Pattern::new(source).err()
}

/// Reads a pattern and makes sure that it may be evaluated.
pub(super) fn parse_safe(source: &str) -> Result<ecma::Pattern, Refusal> {
    parse_safe_with(source, Case::Ignored)
}

/// Reads a pattern with or without the `i` flag and makes sure that it may be evaluated.
pub(super) fn parse_safe_with(source: &str, case: Case) -> Result<ecma::Pattern, Refusal> {
    let units = source.encode_utf16().count();
    if units > MAX_PATTERN_UNITS {
        return Err(Refusal::TooLong { units });
    }
    let pattern = ecma::Pattern::parse_with(source, case)?;
    match redos::ambiguity(&pattern) {
        Ambiguity::NotExponential => Ok(pattern),
        Ambiguity::Exponential { span } => Err(Refusal::Unsafe { span }),
        Ambiguity::Unknown(why) => Err(Refusal::Undecided(why)),
    }
}

/// Whether no byte automaton matches the pattern. Besides look-around and back-references that is
/// a `\B` that can hold by itself: it would hold between the bytes of one code unit.
pub(super) fn needs_backtracking(pattern: &ecma::Pattern) -> bool {
    let not_a_boundary = |node: &Node| node.kind == NodeKind::Assertion(Assertion::NotWordBoundary);
    pattern.needs_backtracking()
        || (pattern.root.min_width() == 0 && pattern.root.any(&not_a_boundary))
}
