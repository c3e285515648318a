//! Differences and assertions, compared with what calls of the universe show.

use super::*;
use crate::model::assertions::{Assertion, Exception, Outcomes};

/// Two bundles over one pool: what changes is what changes for the sets of rules of both that
/// calls satisfy.
pub(super) fn check_diff(both: &Bundle, possible: &BTreeSet<u32>, split: usize) {
    let part = |rules: &[Rule], default| bundle(rules.to_vec(), default);
    let (left, right) = both.rules.split_at(split);
    let old = part(left, both.defaults.outcome);
    let new = part(right, both.defaults.outcome);
    let mut expected = BTreeSet::new();
    for &satisfied in possible {
        let decided = |bundle, satisfied| Truth { bundle, possible }.outcome(satisfied);
        let was = decided(&old, satisfied & ((1 << split) - 1));
        let is = decided(&new, satisfied >> split);
        if was != is {
            expected.insert((was, is));
        }
    }
    let compared = diff(&old, &new);
    assert_eq!(compared.undecided, None);
    let found = compared.changes.iter();
    let found: Vec<_> = found
        .map(|change| (change.old.outcome, change.new.outcome))
        .collect();
    assert_eq!(found, expected.into_iter().collect::<Vec<_>>());
    for change in &compared.changes {
        for (bundle, decided) in [(&old, change.old), (&new, change.new)] {
            assert_eq!(first(satisfied(bundle, &change.witness)), decided.rule);
        }
    }
    assert_eq!(diff(both, both).changes, []);
}

/// What is claimed of the calls that satisfy one rule and not another, whatever decides them.
pub(super) fn check_assertion(truth: &Truth<'_>, about: usize, except: usize) {
    let bundle = truth.bundle;
    let (about_rule, except_rule) = (&bundle.rules[about], &bundle.rules[except]);
    let assertion = Assertion {
        id: "A".to_owned(),
        description: String::new(),
        matches: about_rule.matches.clone(),
        when: about_rule.when.clone(),
        unless: vec![Exception {
            matches: except_rule.matches.clone(),
            when: except_rule.when.clone(),
        }],
        never: Some(Outcomes::One(Outcome::Allow)),
        always: None,
    };
    let is_about = |satisfied| has(satisfied, about) && !has(satisfied, except);
    let refutes = |satisfied| is_about(satisfied) && truth.outcome(satisfied) == Outcome::Allow;
    let sets = truth.possible.iter().copied();
    let expected: BTreeSet<_> = sets.filter(|&set| refutes(set)).map(first).collect();
    match prove(bundle, &[assertion]).remove(0) {
        Proof::Empty => assert!(!truth.any(is_about)),
        Proof::Proved => assert!(truth.any(is_about) && expected.is_empty()),
        Proof::Refuted(found) => {
            for counterexample in &found {
                let by = satisfied(bundle, &counterexample.witness);
                assert!(refutes(by));
                assert_eq!(first(by), counterexample.decided.rule);
            }
            let found = found.iter().map(|found| found.decided.rule);
            assert_eq!(found.collect::<BTreeSet<_>>(), expected);
        }
        Proof::Unknown(why) => panic!("{why}"),
    }
}
