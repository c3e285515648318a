//! The complete analysis of a pattern. Owns the order in which candidates are found, tried and
//! made presentable, and the one budget for all of it.

mod behind;

use super::alphabet::{Alphabet, Class};
use super::attack::Attack;
use super::automaton::{Automaton, Certainty, Failure, Searching};
use super::budget::{Budget, Exhausted};
use super::candidates::{self, Candidate, Pumps, SearchLoop};
use super::components::{Components, Loops};
use super::graph::{self, Built, Conditions, Purpose};
use super::growth::{Growth, Meter};
use super::hash::Map;
use super::specialise::specialised;
use super::witness::{Measurement, Proof};
use super::words::{Ground, Sources};
use crate::diagnostic::Span;
use crate::ecma::{Direction, Node, NodeKind, Pattern, Starts, Subject};
use behind::{looks_behind, never_held};

/// What is known about the cost of searching with a pattern.
#[derive(Clone, Debug, PartialEq)]
pub struct Analysis {
    /// How the cost grows in the worst case.
    pub verdict: Verdict,
    /// The bytes of the pattern that make it grow, ascending; empty unless it grows.
    pub hotspots: Vec<Span>,
    /// A text that shows it; there whenever the verdict says that it grows.
    pub attack: Option<Attack>,
    /// What that text costs at growing numbers of repetitions, ascending.
    pub evidence: Vec<Measurement>,
    /// How long the text must be to keep V8 busy for about a second, in code units.
    pub length_for_a_second: Option<u64>,
}

/// How the cost of a search grows with the length of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// In proportion to the text, as far as the analysis can tell.
    Safe,
    /// As a polynomial of that degree, 2 or more.
    Polynomial(u32),
    /// Exponentially, or so steeply that some hundred code units take a second.
    Exponential,
    /// The analysis ran out of its budget; the text says where.
    Unknown(&'static str),
}

/// Units of work for one pattern, about a tenth of a second.
const WORK: u64 = 30_000_000;

/// Units of work for one search for candidates.
const SEARCH_WORK: u64 = 5_000_000;

/// Units of work to make a finding presentable.
const CONCLUSION: u64 = 20_000_000;

/// The most steps and states of an automaton in which candidates are sought.
const MAX_STEPS: usize = 16_000;
const MAX_STATES: usize = 4_000;

/// Repetitions that span more code units than this are taken for unlimited in the second pass.
const RELAXED: u32 = 8;

/// Analyses a pattern.
///
/// Candidates come from the ambiguity of the pattern's automaton, its counts unrolled and then
/// also taken for unlimited. Only what costs more than in proportion, counted step by step as a
/// backtracker takes them, is reported. The work is limited and the same on every machine; when
/// it does not suffice the verdict is [`Verdict::Unknown`], never [`Verdict::Safe`].
pub fn analyse(pattern: &Pattern) -> Analysis {
    let outline = pattern.outline();
    let root = specialised(outline.as_ref().unwrap_or(&pattern.root));
    let executed = [Subject::OneByte, Subject::TwoByte].map(|subject| pattern.executed(subject));
    let roots: Vec<&Node> = executed.iter().flatten().collect();
    let alphabet = Alphabet::of(&[roots.as_slice(), &[&pattern.root, &root]].concat());
    let mut analyst = Analyst {
        pattern,
        root: &root,
        alphabet: &alphabet,
        meter: Meter::new(pattern, &alphabet, widest_count(&root)),
        best: None,
        tried: Map::default(),
        gap: None,
    };
    let mut budget = Budget::new(WORK);
    if analyst.run(&mut budget).is_err() {
        analyst.gap = analyst.gap.or(Some("the budget for the analysis"));
    }
    // What was found is made presentable even if nothing is left.
    analyst.conclude(&mut Budget::new(CONCLUSION))
}

/// A part of a pattern in which loops are looked for.
#[derive(Clone, Copy)]
struct Area<'n> {
    root: &'n Node,
    direction: Direction,
    searching: Searching,
    search_loop: SearchLoop,
}

impl<'n> Area<'n> {
    const fn whole(root: &'n Node, searching: Searching, search_loop: SearchLoop) -> Self {
        Self {
            root,
            direction: Direction::Ahead,
            searching,
            search_loop,
        }
    }

    /// What a look-behind looks for: read from each position backwards, as if searched for.
    const fn behind(root: &'n Node) -> Self {
        Self {
            root,
            direction: Direction::Behind,
            searching: Searching::Everywhere,
            search_loop: SearchLoop::Counts,
        }
    }
}

struct Analyst<'p> {
    pattern: &'p Pattern,
    root: &'p Node,
    alphabet: &'p Alphabet,
    meter: Meter<'p>,
    best: Option<Proof>,
    /// What has been tried, by its words and its ending.
    tried: Map<(Pumps, Vec<Class>), ()>,
    /// What kept the analysis from being complete.
    gap: Option<&'static str>,
}

impl Analyst<'_> {
    fn run(&mut self, budget: &mut Budget) -> Result<(), Exhausted> {
        let counted = self.root.any(&|node| {
            matches!(node.kind, NodeKind::Repeat { min, max, .. }
                if max.is_some_and(|max| max >= 2) || min >= 2)
        });
        let whole = match Starts::of(self.pattern) {
            Starts::First => Area::whole(self.root, Searching::AtStart, SearchLoop::CountsNot),
            Starts::Every => Area::whole(self.root, Searching::Everywhere, SearchLoop::Counts),
            Starts::Last(_) => Area::whole(self.root, Searching::Everywhere, SearchLoop::CountsNot),
        };
        self.area(whole, None, budget)?;
        if counted && !self.is_settled() {
            self.area(whole, Some(RELAXED), budget)?;
        }
        for (direction, node) in &looks_behind(self.root) {
            if *direction == Direction::Ahead {
                if !self.is_settled() {
                    let area = Area::whole(node, Searching::Everywhere, SearchLoop::Counts);
                    self.area(area, None, budget)?;
                }
                continue;
            }
            // Once as it is; once as if it never held, for whether it does or not, it is looked for
            // again from the next position.
            for root in [node, &never_held(node)] {
                if !self.is_settled() {
                    self.area(Area::behind(root), None, budget)?;
                }
            }
        }
        Ok(())
    }

    fn is_settled(&self) -> bool {
        self.best
            .as_ref()
            .is_some_and(|proof| proof.growth == Growth::Exponential)
    }

    fn area(
        &mut self,
        area: Area<'_>,
        relaxed: Option<u32>,
        budget: &mut Budget,
    ) -> Result<(), Exhausted> {
        for conditions in [Conditions::Held, Conditions::Skipped] {
            let purpose = Purpose::Texts {
                conditions,
                relaxed,
            };
            let Ok(built) = graph::build(area.root, area.direction, purpose, MAX_STEPS) else {
                self.gap = Some("the pattern is too large to analyse");
                return Ok(());
            };
            self.pass(area, &built, budget)?;
            if self.is_settled() || !built.conditional {
                break;
            }
        }
        Ok(())
    }

    fn pass(
        &mut self,
        area: Area<'_>,
        built: &Built,
        budget: &mut Budget,
    ) -> Result<(), Exhausted> {
        let built = Automaton::build(built, self.alphabet, area.searching, MAX_STATES, budget);
        let automaton = match built {
            Ok(automaton) => automaton,
            Err(Failure::TooLarge) => {
                self.gap = Some("the pattern is too large to analyse");
                return Ok(());
            }
            Err(Failure::Exhausted) => return Err(Exhausted),
        };
        let components = Components::of(&automaton, Loops::Failing);
        let sources = Sources::of(&automaton);
        let ground = Ground {
            automaton: &automaton,
            alphabet: self.alphabet,
            components: &components,
            sources: &sources,
        };
        let mut own = budget.take(SEARCH_WORK);
        let mut trial = |candidate: &Candidate| {
            match area.direction {
                Direction::Ahead => self.try_out(candidate, automaton.certainty, budget)?,
                Direction::Behind => {
                    // What comes before may have to make it hold.
                    let first: &[Class] = match self.best {
                        None => self.alphabet.preferred(),
                        Some(_) => &[],
                    };
                    for mirrored in candidate.mirrored(first.get(..16).unwrap_or(first)) {
                        self.try_out(&mirrored, Certainty::Unsure, budget)?;
                    }
                }
            }
            Ok(self.best.as_ref().map(|proof| proof.growth))
        };
        let found = candidates::find(ground, area.search_loop, &mut own, &mut trial);
        budget.put_back(own);
        if found.is_err() && !self.is_settled() {
            self.gap = Some("too many ways to tell apart");
        }
        Ok(())
    }

    fn try_out(
        &mut self,
        candidate: &Candidate,
        certainty: Certainty,
        budget: &mut Budget,
    ) -> Result<(), Exhausted> {
        let best = self.best.as_ref().map(|proof| proof.growth);
        if best >= Some(candidate.promise) {
            return Ok(());
        }
        for ending in self.endings(candidate, certainty) {
            let text = (candidate.pumps.clone(), ending);
            if self.tried.insert(text.clone(), ()).is_some() {
                continue;
            }
            let ending = text.1;
            let growth = self.meter.growth(&candidate.pumps, &ending, budget)?;
            if let (Some(growth), true) = (growth, growth > best) {
                self.best = Some(Proof {
                    growth,
                    pumps: candidate.pumps.clone(),
                    ending,
                    loops: candidate.loops.clone(),
                });
                break;
            }
        }
        Ok(())
    }

    /// The candidate's own endings, and some that many patterns do not match: if it has none, or
    /// if what decides it was left unchecked and nothing else was found.
    fn endings(&self, candidate: &Candidate, certainty: Certainty) -> Vec<Vec<Class>> {
        let mut endings = candidate.endings.clone();
        if endings.is_empty() || certainty == Certainty::Unsure && self.best.is_none() {
            let class = |unit| self.alphabet.class(unit);
            endings.extend([
                vec![],
                vec![class(0)],
                vec![class(0x21)],
                vec![class(0x0A)],
                vec![class(0x0A), class(0x21)],
                vec![class(0xFFFE)],
                vec![class(0x21), class(0x0A)],
            ]);
            let classes = self.alphabet.preferred().iter();
            endings.extend(classes.take(16).map(|&class| vec![class]));
        }
        // On a text of one-byte code units V8 does not even try what needs a wider one.
        let wide = |class: &Class| self.alphabet.representative(*class) > 0xFF;
        if let Some(&wide) = self.alphabet.preferred().iter().find(|class| wide(class)) {
            let widened = endings.iter().map(|ending| {
                let mut ending = ending.clone();
                ending.push(wide);
                ending
            });
            endings.extend(widened.collect::<Vec<_>>());
        }
        endings
    }

    fn conclude(mut self, budget: &mut Budget) -> Analysis {
        let Some(mut proof) = self.best.take() else {
            return Analysis::without(match self.gap {
                Some(gap) => Verdict::Unknown(gap),
                None => Verdict::Safe,
            });
        };
        let meter = &mut self.meter;
        proof.shorten(meter, budget);
        let attack = proof.attack(self.alphabet);
        let run = proof.is_run(self.pattern, &attack, meter, budget);
        let evidence = proof.evidence(meter, budget);
        match (run, evidence) {
            (Ok(true), Ok((evidence, second))) => Analysis {
                verdict: match proof.growth {
                    Growth::Exponential => Verdict::Exponential,
                    Growth::Polynomial(degree) => Verdict::Polynomial(degree),
                },
                hotspots: proof.loops,
                attack: Some(attack),
                evidence,
                length_for_a_second: second,
            },
            (Ok(false), _) => Analysis::without(Verdict::Unknown("an attack that does not run")),
            _ => Analysis::without(Verdict::Unknown("the budget for the analysis")),
        }
    }
}

/// How the measured steps grow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fit {
    /// They are multiplied by this with each further repetition.
    Factor(f64),
    /// They grow as the length of the text to the power of this.
    Exponent(f64),
}

impl Analysis {
    /// How the steps of the evidence grow; `None` without evidence.
    pub fn fit(&self) -> Option<Fit> {
        let steps = |measured: &Measurement| measured.steps as f64;
        match (self.verdict, self.evidence.as_slice()) {
            (Verdict::Exponential, [.., before, last]) => {
                let turns = (last.repetitions - before.repetitions) as f64;
                let factor = (steps(last) / steps(before)).powf(turns.recip());
                Some(Fit::Factor(factor))
            }
            // What does not grow with the repetitions drops out of the differences.
            (Verdict::Polynomial(_), [.., first, second, third]) => {
                let far = steps(third) - steps(second);
                let near = steps(second) - steps(first);
                Some(Fit::Exponent((far / near).log2()))
            }
            _ => None,
        }
    }

    const fn without(verdict: Verdict) -> Self {
        Self {
            verdict,
            hotspots: Vec::new(),
            attack: None,
            evidence: Vec::new(),
            length_for_a_second: None,
        }
    }
}

/// The code units that the widest limited repetition takes.
fn widest_count(node: &Node) -> usize {
    // Each part is looked at once: repetitions nest up to 250 deep.
    let inner = node.children().iter().map(widest_count).max().unwrap_or(0);
    match &node.kind {
        NodeKind::Repeat { min, max, .. } => {
            let turns = max.unwrap_or(*min).max(1) as usize;
            turns.saturating_mul(inner.max(1)).max(inner)
        }
        _ => inner,
    }
}

#[cfg(test)]
mod cases;
#[cfg(test)]
mod tests;
