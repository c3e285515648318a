//! The patterns that rules match values with. Owns what each one means, and an atom for each
//! meaning; knows no rules.

use std::cell::{OnceCell, RefCell, RefMut};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use regex_automata::hybrid::dfa::{Config, DFA};
use regex_automata::nfa::thompson;
use regex_syntax::hir::Hir;

use super::machine::Machine;
use super::sat::{Lit, Sat};
use crate::ecma::Pattern;
use crate::matcher::automaton_tree;

/// Largest automaton of one pattern in bytes, and memory for what is determinised of it.
const AUTOMATON_BYTES: usize = 1 << 20;
const CACHE_BYTES: usize = 4 << 20;

/// The patterns of all rules, each read once. Those that mean the same by their syntax trees, like
/// `\d+` and `[0-9]+`, are one language.
pub(super) struct Languages(BTreeMap<String, Rc<Language>>);

/// What a pattern matches.
pub(super) struct Language {
    pub(super) pattern: Pattern,
    tree: Option<Hir>,
    machine: OnceCell<Option<RefCell<Machine>>>,
}

impl Languages {
    /// Reads patterns. Those among `refused`, and those that are none, never match.
    pub(super) fn new<'a>(texts: impl Iterator<Item = &'a str>, refused: &BTreeSet<&str>) -> Self {
        let mut languages = BTreeMap::new();
        let mut known: Vec<Rc<Language>> = Vec::new();
        let texts: BTreeSet<&str> = texts.filter(|text| !refused.contains(text)).collect();
        for text in texts {
            let Ok(pattern) = Pattern::parse(text) else {
                continue;
            };
            let new = Language::new(pattern);
            let same = |other: &&Rc<Language>| new.tree.is_some() && other.tree == new.tree;
            let language = known.iter().find(same).cloned().unwrap_or_else(|| {
                let new = Rc::new(new);
                known.push(Rc::clone(&new));
                new
            });
            languages.insert(text.to_owned(), language);
        }
        Self(languages)
    }
}

impl Language {
    fn new(pattern: Pattern) -> Self {
        Self {
            tree: automaton_tree(&pattern),
            pattern,
            machine: OnceCell::new(),
        }
    }

    /// Whether it is decided by an automaton: it takes no more than one, and that is not too large.
    pub(super) fn is_regular(&self) -> bool {
        self.machine().is_some()
    }

    /// Its automaton, for one search at a time.
    pub(super) fn borrow_machine(&self) -> Option<RefMut<'_, Machine>> {
        self.machine()?.try_borrow_mut().ok()
    }

    fn machine(&self) -> Option<&RefCell<Machine>> {
        let build = || {
            let nfa = thompson::Compiler::new()
                .configure(
                    thompson::Config::new()
                        .utf8(false)
                        .nfa_size_limit(Some(AUTOMATON_BYTES)),
                )
                .build_from_hir(self.tree.as_ref()?)
                .ok()?;
            // States keep their numbers: a cache that is full is the end of the search.
            let config = Config::new()
                .cache_capacity(CACHE_BYTES)
                .minimum_cache_clear_count(Some(0));
            let automaton = DFA::builder().configure(config).build_from_nfa(nfa).ok()?;
            Some(RefCell::new(Machine::new(automaton, &self.pattern.root)))
        };
        self.machine.get_or_init(build).as_ref()
    }
}

/// Patterns and the literals that say that the text of the call matches them.
pub(super) struct Patterns {
    /// By pattern.
    literals: BTreeMap<String, Lit>,
    /// By meaning.
    languages: Vec<(Rc<Language>, Lit)>,
}

impl Patterns {
    /// Atoms for these patterns, as far as they are among `known`.
    pub(super) fn new(texts: BTreeSet<&str>, known: &Languages, sat: &mut Sat) -> Self {
        let mut patterns = Self {
            literals: BTreeMap::new(),
            languages: Vec::new(),
        };
        for text in texts {
            let Some(language) = known.0.get(text) else {
                continue;
            };
            let mut languages = patterns.languages.iter();
            let same = languages.find(|(other, _)| Rc::ptr_eq(other, language));
            let literal = match same {
                Some(&(_, literal)) => literal,
                None => {
                    let literal = sat.atom();
                    patterns.languages.push((Rc::clone(language), literal));
                    literal
                }
            };
            patterns.literals.insert(text.to_owned(), literal);
        }
        patterns
    }

    /// That the text matches; `None` for a pattern that never matches.
    pub(super) fn matches(&self, pattern: &str) -> Option<Lit> {
        self.literals.get(pattern).copied()
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.languages.is_empty()
    }

    /// What can be matched, each with its literal.
    pub(super) fn languages(&self) -> impl Iterator<Item = (&Rc<Language>, Lit)> {
        self.languages
            .iter()
            .map(|(language, literal)| (language, *literal))
    }
}

#[cfg(test)]
impl Language {
    pub(super) fn read(text: &str) -> Self {
        Self::new(Pattern::parse(text).expect("a pattern"))
    }
}
