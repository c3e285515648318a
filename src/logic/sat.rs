//! Boolean formulas and whether they can hold. Owns the solver, gates, and the limit on its work;
//! knows nothing of policies.
//!
//! The solver is `batsat`, a Rust rendering of MiniSat (Eén and Sörensson, "An Extensible
//! SAT-solver", 2003): it keeps what it learns from one question to the next, takes assumptions
//! and names those that contradict each other, and does the same on every machine.

use std::collections::BTreeMap;

use batsat::{Callbacks, ClauseKind, Solver, SolverInterface, SolverOpts, lbool};

pub(super) use batsat::Lit;

/// Clauses that the solver may learn for one question. Bundles need some hundreds; a question
/// that needs more is given up as undecided rather than waited for.
const LEARNT_CLAUSES: u64 = 100_000;

/// What the solver says of a formula under assumptions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It can hold; [`Sat::holds`] tells how.
    Model,
    /// It cannot, and these assumptions alone are why. They need not be the fewest.
    Conflict(Vec<Lit>),
    /// The limit on work was reached.
    OutOfBudget,
}

/// A formula that grows, and its solver.
pub(super) struct Sat {
    solver: Solver<Budget>,
    truth: Lit,
    /// The literal of each conjunction, by its sorted parts: what is written twice is one gate.
    gates: BTreeMap<Vec<Lit>, Lit>,
}

/// Counts what is learnt for one question.
#[derive(Default)]
struct Budget {
    learnt: u64,
}

impl Callbacks for Budget {
    fn on_start(&mut self) {
        self.learnt = 0;
    }

    fn on_new_clause(&mut self, _clause: &[Lit], kind: ClauseKind) {
        self.learnt += u64::from(kind == ClauseKind::Learnt);
    }

    fn stop(&self) -> bool {
        self.learnt >= LEARNT_CLAUSES
    }
}

impl Sat {
    /// The empty formula.
    pub(super) fn new() -> Self {
        let mut solver = Solver::new(SolverOpts::default(), Budget::default());
        let truth = Lit::new(solver.new_var(lbool::TRUE, true), true);
        solver.add_clause_reuse(&mut vec![truth]);
        Self {
            solver,
            truth,
            gates: BTreeMap::new(),
        }
    }

    /// A literal that always holds.
    pub(super) const fn truth(&self) -> Lit {
        self.truth
    }

    /// A new atom. It is taken to be false where that is left open.
    pub(super) fn atom(&mut self) -> Lit {
        Lit::new(self.solver.new_var(lbool::FALSE, true), true)
    }

    /// Adds a clause: one of `literals` holds.
    pub(super) fn clause(&mut self, literals: impl IntoIterator<Item = Lit>) {
        let mut literals = literals.into_iter().collect();
        self.solver.add_clause_reuse(&mut literals);
    }

    /// Adds that `premise` implies `conclusion`.
    pub(super) fn imply(&mut self, premise: Lit, conclusion: Lit) {
        self.clause([!premise, conclusion]);
    }

    /// Adds that no two of `literals` hold. Each gets a number, and those that hold must agree on
    /// its bits (Frisch et al., "Modelling and solving English Peg Solitaire", 2005: the binary
    /// encoding), which takes n log n clauses instead of n².
    pub(super) fn at_most_one(&mut self, literals: &[Lit]) {
        let bits = usize::BITS - literals.len().saturating_sub(1).leading_zeros();
        for bit in 0..bits {
            let numbered = self.defined();
            for (number, &literal) in literals.iter().enumerate() {
                let digit = number >> bit & 1 == 1;
                self.imply(literal, numbered.apply_sign(digit));
            }
        }
    }

    /// A literal that holds exactly when all of `literals` do.
    pub(super) fn all(&mut self, literals: impl IntoIterator<Item = Lit>) -> Lit {
        let mut parts: Vec<Lit> = literals.into_iter().collect();
        parts.sort_unstable();
        parts.dedup();
        parts.retain(|&part| part != self.truth);
        // A literal and its negation are neighbours in the order of literals.
        let opposed = |pair: &[Lit]| matches!(pair, [a, b] if *a == !*b);
        if parts.contains(&!self.truth) || parts.windows(2).any(opposed) {
            return !self.truth;
        }
        match parts.as_slice() {
            [] => return self.truth,
            [only] => return *only,
            _ => {}
        }
        if let Some(&gate) = self.gates.get(&parts) {
            return gate;
        }
        let gate = self.defined();
        for &part in &parts {
            self.imply(gate, part);
        }
        self.clause(parts.iter().map(|&part| !part).chain([gate]));
        self.gates.insert(parts, gate);
        gate
    }

    /// A literal that holds exactly when one of `literals` does.
    pub(super) fn any(&mut self, literals: impl IntoIterator<Item = Lit>) -> Lit {
        !self.all(literals.into_iter().map(|literal| !literal))
    }

    /// Whether the formula can hold together with `assumptions`.
    pub(super) fn solve(&mut self, assumptions: &[Lit]) -> Verdict {
        let verdict = self.solver.solve_limited(assumptions);
        if verdict == lbool::TRUE {
            Verdict::Model
        } else if verdict == lbool::FALSE {
            let core = assumptions.iter().copied();
            // The solver names the negations of the assumptions at fault.
            let solver = &self.solver;
            Verdict::Conflict(
                core.filter(|&literal| solver.unsat_core_contains_var(literal.var()))
                    .collect(),
            )
        } else {
            Verdict::OutOfBudget
        }
    }

    /// Whether a literal holds in the last model.
    pub(super) fn holds(&self, literal: Lit) -> bool {
        self.solver.value_lit(literal) == lbool::TRUE
    }

    /// A new variable that is never decided on, because others determine it.
    fn defined(&mut self) -> Lit {
        Lit::new(self.solver.new_var(lbool::UNDEF, false), true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gates_mean_what_they_say() {
        let mut sat = Sat::new();
        let [a, b, c] = [(); 3].map(|()| sat.atom());
        let both = sat.all([a, b]);
        let one = sat.any([both, c]);
        assert_eq!(sat.solve(&[one, !c]), Verdict::Model);
        assert!(sat.holds(a) && sat.holds(b) && !sat.holds(c));
        assert_eq!(
            sat.solve(&[one, !c, !b, a]),
            Verdict::Conflict(vec![one, !c, !b])
        );
        assert_eq!(sat.all([b, a]), both);
        assert_eq!(sat.all([a, !a]), !sat.truth());
        assert_eq!(sat.any([]), !sat.truth());
        assert_eq!(sat.solve(&[]), Verdict::Model);
        assert!(!sat.holds(a), "what is open is false");
    }

    #[test]
    fn of_many_at_most_one_holds() {
        for count in 0..10_usize {
            let mut sat = Sat::new();
            let atoms: Vec<Lit> = (0..count).map(|_| sat.atom()).collect();
            sat.at_most_one(&atoms);
            for (first, &a) in atoms.iter().enumerate() {
                assert_eq!(sat.solve(&[a]), Verdict::Model);
                for &b in &atoms[first + 1..] {
                    assert_eq!(sat.solve(&[a, b]), Verdict::Conflict(vec![a, b]));
                }
            }
        }
    }

    #[test]
    fn an_assumption_that_is_false_anyway_is_its_own_reason() {
        let mut sat = Sat::new();
        let (a, b) = (sat.atom(), sat.atom());
        sat.clause([!a]);
        assert_eq!(sat.solve(&[b, a]), Verdict::Conflict(vec![a]));
        assert_eq!(
            sat.solve(&[b, !sat.truth()]),
            Verdict::Conflict(vec![!sat.truth()])
        );
        assert_eq!(sat.solve(&[b, !b]), Verdict::Conflict(vec![b, !b]));
    }
}
