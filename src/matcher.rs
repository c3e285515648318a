//! A bundle's rules, compiled once, decide requests: the first rule whose `match` and `when` hold.
//! Owns evaluation and nothing else: it knows no outcomes, no plugins and no files.
//!
//! The cost of a call hardly depends on the number of rules. One pass over the text finds the
//! literals of all rules; what the facts of the call allow is an intersection of bit sets; only
//! the rules that are left have their arguments and patterns looked at.

mod arguments;
mod bits;
mod exact;
mod explain;
mod index;
mod keywords;
mod linear;
mod literals;
#[cfg(test)]
pub(crate) mod naive;
mod names;
mod pattern;
mod rows;
mod spans;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod text;

use self::arguments::{KeySet, Keys, Members};
use self::bits::Bits;
pub use self::exact::ExactPattern;
pub use self::explain::{Condition, Explained, Explainer};
use self::index::Index;
use self::keywords::{Haystack, Keywords, LiteralSet, Scope};
pub(crate) use self::pattern::automaton_tree;
use self::pattern::{Cache, Pattern, Verdict};
pub use self::pattern::{Refusal, refusal};
pub(crate) use self::rows::Rows;
pub use self::spans::SpanPattern;
use self::text::Text;
pub(crate) use self::text::encoded_unit;
use crate::model::bundle::{ArgumentCondition, Bundle, Rule, When};
use crate::model::request::Request;

/// The rules of a bundle, ready to decide. Threads share it; each has its own [`Scratch`].
pub struct Matcher {
    index: Index,
    keywords: Keywords,
    /// For each literal what its occurrence means to rules.
    effects: Rows<Effect>,
    literals: usize,
    /// For each literal of the caller its number among all literals.
    callers: Vec<usize>,
    /// The rules that hold whatever keywords occur.
    without_keywords: Bits,
    /// The rules that no literal of a pattern rules out.
    untriggered: Bits,
    /// The rules with [`Conditions`] to evaluate.
    conditional: Bits,
    conditions: Vec<Conditions>,
    keys: Keys,
    refused: Vec<RefusedPattern>,
}

/// What is evaluated rule by rule, cheapest first.
#[derive(Default)]
struct Conditions {
    /// By the number of the key.
    arguments: Vec<(usize, ArgumentCondition)>,
    pattern: Option<Pattern>,
}

/// What the occurrence of a literal means to a rule.
#[derive(Clone, Copy)]
enum Effect {
    /// Its `contains_any` holds.
    Satisfies(u32),
    /// Its `not_contains` does not hold.
    Forbids(u32),
    /// Its pattern may match.
    Triggers(u32),
}

/// A rule whose pattern is never evaluated, so that the rule never matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedPattern {
    /// The index of the rule.
    pub rule: usize,
    /// Why.
    pub refusal: Refusal,
}

/// What one thread needs to decide call after call without allocating.
pub struct Scratch {
    text: Text,
    found: Bits,
    satisfied: Bits,
    forbidden: Bits,
    triggered: Bits,
    candidates: Bits,
    any: Bits,
    members: Members,
    caches: Vec<Option<Box<Cache>>>,
    out_of_steps: Vec<u64>,
}

impl Scratch {
    /// How often so far the pattern of a rule ran out of steps, which counts as no match.
    pub fn out_of_steps(&self, rule: usize) -> u64 {
        self.out_of_steps.get(rule).copied().unwrap_or_default()
    }
}

impl Matcher {
    /// Compiles the rules of a bundle.
    pub fn new(bundle: &Bundle) -> Self {
        Self::with_literals(bundle, &[])
    }

    /// Compiles the rules of a bundle and looks for `literals`, which must be in lower case, in the
    /// same pass over the text; [`Search::found`] tells of them.
    pub fn with_literals(bundle: &Bundle, literals: &[&str]) -> Self {
        let rules = &bundle.rules;
        let mut builder = Builder {
            literals: LiteralSet::default(),
            keys: KeySet::default(),
            effects: Vec::new(),
            without_keywords: bits::none(rules.len()),
            untriggered: bits::none(rules.len()),
            conditional: bits::none(rules.len()),
            refused: Vec::new(),
        };
        let callers = literals
            .iter()
            .map(|literal| builder.literals.add(literal.as_bytes(), Scope::Value))
            .collect();
        let conditions = rules
            .iter()
            .enumerate()
            .map(|(number, rule)| builder.add(number, rule))
            .collect();
        builder
            .effects
            .resize_with(builder.literals.len(), Vec::new);
        Self {
            index: Index::new(rules),
            keywords: Keywords::new(builder.literals),
            literals: builder.effects.len(),
            effects: builder.effects.into_iter().collect(),
            callers,
            without_keywords: builder.without_keywords,
            untriggered: builder.untriggered,
            conditional: builder.conditional,
            conditions,
            keys: builder.keys.into(),
            refused: builder.refused,
        }
    }

    /// The rules that never match because of their pattern, in order.
    pub fn refused(&self) -> &[RefusedPattern] {
        &self.refused
    }

    /// What a thread needs to use this matcher; it is of no use for another one.
    pub fn scratch(&self) -> Scratch {
        let rules = self.conditions.len();
        Scratch {
            text: Text::default(),
            found: bits::none(self.literals),
            satisfied: bits::none(rules),
            forbidden: bits::none(rules),
            triggered: bits::none(rules),
            candidates: bits::none(rules),
            any: bits::none(rules),
            members: Members::default(),
            caches: (0..rules).map(|_| None).collect(),
            out_of_steps: vec![0; rules],
        }
    }

    /// Searches the text of a request. Which agent makes the call plays no part in it.
    pub fn search<'s>(&'s self, request: &Request, scratch: &'s mut Scratch) -> Search<'s> {
        let Scratch {
            text,
            found,
            satisfied,
            forbidden,
            triggered,
            members,
            ..
        } = &mut *scratch;
        members.clear();
        found.fill(0);
        satisfied.copy_from_slice(&self.without_keywords);
        forbidden.fill(0);
        triggered.copy_from_slice(&self.untriggered);
        text.read(request);
        let haystack = Haystack {
            values: text.lowered(),
            joined: text.joined(),
        };
        self.keywords.search(haystack, found, |literal| {
            for effect in self.effects.get(literal) {
                match *effect {
                    Effect::Satisfies(rule) => bits::insert(satisfied, rule as usize),
                    Effect::Forbids(rule) => bits::insert(forbidden, rule as usize),
                    Effect::Triggers(rule) => bits::insert(triggered, rule as usize),
                }
            }
        });
        Search {
            matcher: self,
            scratch,
        }
    }

    /// The index of the first rule that matches, `None` when the default decides.
    pub fn decide(&self, request: &Request, scratch: &mut Scratch) -> Option<usize> {
        self.search(request, scratch).decide(request)
    }
}

/// A request whose text was searched.
pub struct Search<'s> {
    matcher: &'s Matcher,
    scratch: &'s mut Scratch,
}

impl Search<'_> {
    /// Whether the `literal`th of the literals given to [`Matcher::with_literals`] occurs in a
    /// value.
    pub fn found(&self, literal: usize) -> bool {
        let number = self.matcher.callers.get(literal);
        number.is_some_and(|&number| bits::contains(&self.scratch.found, number))
    }

    /// The index of the first rule that matches, `None` when the default decides. `request` is
    /// the one that was searched; its names, trust level, roles and labels may have been amended
    /// since, its values may not.
    pub fn decide(&mut self, request: &Request) -> Option<usize> {
        self.matching(request).next()
    }

    /// All rules that match, in order; `request` as in [`Self::decide`].
    pub fn matching(&mut self, request: &Request) -> impl Iterator<Item = usize> {
        let Self { matcher, scratch } = self;
        let Scratch {
            satisfied,
            forbidden,
            triggered,
            candidates,
            any,
            ..
        } = &mut **scratch;
        candidates.copy_from_slice(satisfied);
        bits::intersect(candidates, triggered);
        bits::subtract(candidates, forbidden);
        matcher.index.restrict(request, candidates, any);
        std::iter::from_fn(move || {
            while let Some(rule) = bits::take_first(&mut scratch.candidates) {
                if !bits::contains(&matcher.conditional, rule)
                    || matcher.conditions_hold(rule, request, scratch)
                {
                    return Some(rule);
                }
            }
            None
        })
    }
}

impl Matcher {
    /// Whether what is left of a rule's conditions holds.
    fn conditions_hold(&self, rule: usize, request: &Request, scratch: &mut Scratch) -> bool {
        let Some(conditions) = self.conditions.get(rule) else {
            return false;
        };
        let members = &mut scratch.members;
        let mut arguments = conditions.arguments.iter();
        if !arguments.all(|(key, wanted)| members.satisfy(request, &self.keys, *key, wanted)) {
            return false;
        }
        let Some(pattern) = &conditions.pattern else {
            return true;
        };
        let Some(cache) = scratch.caches.get_mut(rule) else {
            return false;
        };
        match pattern.search(&mut scratch.text, request, cache) {
            Verdict::Match => true,
            Verdict::NoMatch => false,
            Verdict::OutOfSteps => {
                if let Some(count) = scratch.out_of_steps.get_mut(rule) {
                    *count += 1;
                }
                false
            }
        }
    }
}

/// A matcher under construction.
struct Builder {
    literals: LiteralSet,
    keys: KeySet,
    effects: Vec<Vec<Effect>>,
    without_keywords: Bits,
    untriggered: Bits,
    conditional: Bits,
    refused: Vec<RefusedPattern>,
}

impl Builder {
    /// Adds a rule; returns what is to be evaluated for it alone.
    fn add(&mut self, number: usize, rule: &Rule) -> Conditions {
        let mut conditions = Conditions::default();
        let nothing = When::default();
        let when = rule.when.as_ref().unwrap_or(&nothing);
        // Bundles are limited to far fewer rules than 2^32.
        let rule = number as u32;
        if when.contains_any.is_empty() {
            bits::insert(&mut self.without_keywords, number);
        }
        for keyword in &when.contains_any {
            self.keyword(keyword, Effect::Satisfies(rule));
        }
        for keyword in &when.not_contains {
            self.keyword(keyword, Effect::Forbids(rule));
        }
        for (key, wanted) in &when.tool_args_match {
            let key = self.keys.add(key);
            conditions.arguments.push((key, wanted.clone()));
        }
        match when.matches_regex.as_deref().map(Pattern::new) {
            None => bits::insert(&mut self.untriggered, number),
            // Neither triggered by anything nor free of triggers: the rule is never a candidate.
            Some(Err(refusal)) => self.refused.push(RefusedPattern {
                rule: number,
                refusal,
            }),
            Some(Ok(pattern)) => {
                if pattern.trigger().is_empty() {
                    bits::insert(&mut self.untriggered, number);
                }
                for literal in pattern.trigger() {
                    let literal = self.literals.add(literal, Scope::Text);
                    self.effect(literal, Effect::Triggers(rule));
                }
                conditions.pattern = Some(pattern);
            }
        }
        if !conditions.arguments.is_empty() || conditions.pattern.is_some() {
            bits::insert(&mut self.conditional, number);
        }
        conditions
    }

    fn keyword(&mut self, keyword: &str, effect: Effect) {
        let lowered = keyword.to_lowercase();
        let literal = self.literals.add(lowered.as_bytes(), Scope::Value);
        self.effect(literal, effect);
    }

    fn effect(&mut self, literal: usize, effect: Effect) {
        if literal >= self.effects.len() {
            self.effects.resize_with(literal + 1, Vec::new);
        }
        if let Some(effects) = self.effects.get_mut(literal) {
            effects.push(effect);
        }
    }
}
