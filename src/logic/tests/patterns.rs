//! Rules with patterns. No universe has a call for all that patterns can tell apart, so what is
//! claimed to be possible is shown by its witness, and what is claimed to be impossible is looked
//! for among many calls.

use super::*;

const PATTERNS: [&str; 11] = [
    "a",
    "^a",
    "b$",
    r"\d",
    "[0-9]",
    r"^[^\s]*$",
    r"\bab\b",
    "a.*1",
    "^(?:true|ab)? ?$",
    "k",
    r"^\w{3}",
];

fn calls() -> Vec<Json> {
    let texts = [
        "", "a", "Ab", "ab 1", "1", "true", "b", "k", "\u{212A}", "aba 0",
    ];
    let lists = texts.iter().flat_map(|first| {
        let pairs = texts.iter().map(move |second| vec![*first, *second]);
        pairs.chain([vec![*first]])
    });
    let lists: Vec<Vec<&str>> = lists.chain([Vec::new(), vec!["a", "1", "b"]]).collect();
    let firsts = [
        json!(null),
        json!("Ab"),
        json!("1"),
        json!(true),
        json!(0.75),
        json!(3),
        json!(1),
    ];
    let mut calls = Vec::new();
    for first in &firsts {
        for values in &lists {
            for arguments in [
                json!({"m": first, "v": values}),
                json!({"v": values, "m": first, "n": "Ab"}),
                json!({"v": values}),
            ] {
                calls.push(read(json!({"action": {"tool_args": arguments}})));
            }
        }
    }
    calls
}

/// Conditions on texts alone, and for each call which of them it satisfies.
fn pool(size: usize) -> Vec<(Rule, Vec<bool>)> {
    let mut random = Random(7);
    let calls = calls();
    let conditions = (0..size).map(|_| {
        let mut when = random_when(&mut random);
        if !random.one_in(4) {
            when.matches_regex = Some(random.pick(&PATTERNS).to_owned());
        }
        let rule = rule(anything(), Some(when));
        let satisfied = calls
            .iter()
            .map(|call| naive::satisfies(call, &rule))
            .collect();
        (rule, satisfied)
    });
    conditions.collect()
}

fn check_one_sided(bundle: &Bundle, possible: &BTreeSet<u32>, unknown: &mut usize) {
    let truth = Truth { bundle, possible };
    let mut logic = Logic::new(bundle);
    for rule in 0..bundle.rules.len() {
        match logic.reachable(rule) {
            Reachability::Reachable(witness) => {
                assert_eq!(first(satisfied(bundle, &witness)), Some(rule));
            }
            Reachability::Impossible(_) => assert!(!truth.any(|set| has(set, rule)), "rule {rule}"),
            Reachability::Hidden(by) => assert!(truth.hides(&by, rule), "{by:?} hide {rule}"),
            Reachability::Unknown(_) => *unknown += 1,
        }
        if logic.redundant(rule).is_some() {
            assert!(truth.can_leave_out(1 << rule), "rule {rule}");
        }
    }
    if let Some(rule) = logic.catch_all() {
        assert!(!truth.any(|set| !has(set, rule)), "rule {rule}");
    }
    let split = bundle.rules.len() / 2;
    let (left, right) = bundle.rules.split_at(split);
    let part = |rules: &[Rule]| super::bundle(rules.to_vec(), bundle.defaults.outcome);
    let (old, new) = (part(left), part(right));
    let compared = diff(&old, &new);
    for change in &compared.changes {
        for (bundle, decided) in [(&old, change.old), (&new, change.new)] {
            assert_eq!(first(satisfied(bundle, &change.witness)), decided.rule);
        }
    }
    if compared.undecided.is_none() {
        let found: BTreeSet<_> = compared
            .changes
            .iter()
            .map(|change| (change.old.outcome, change.new.outcome))
            .collect();
        for &set in possible {
            let was = Truth {
                bundle: &old,
                possible,
            }
            .outcome(set & ((1 << split) - 1));
            let is = Truth {
                bundle: &new,
                possible,
            }
            .outcome(set >> split);
            assert!(was == is || found.contains(&(was, is)), "{was:?} {is:?}");
        }
    }
}

/// `LOGIC_BUNDLES` as for the other comparison.
#[test]
fn no_call_disagrees_with_what_is_said_of_patterns() {
    let pool = pool(60);
    let mut random = Random(3);
    let (mut unknown, mut asked) = (0, 0);
    for _ in 0..number(option_env!("LOGIC_BUNDLES"), 150) {
        let count = 1 + random.below(6);
        let chosen: Vec<usize> = (0..count).map(|_| random.below(pool.len())).collect();
        let rules = chosen.iter().map(|&condition| Rule {
            outcome: random.pick(&OUTCOMES),
            ..pool[condition].0.clone()
        });
        let bundle = bundle(rules.collect(), Outcome::Deny);
        let possible = (0..pool[0].1.len()).map(|call| {
            let satisfied = chosen
                .iter()
                .enumerate()
                .filter(|(_, condition)| pool[**condition].1[call]);
            satisfied.map(|(rule, _)| 1 << rule).sum()
        });
        let possible: BTreeSet<u32> = possible.collect();
        let shown = || serde_json::to_string(&bundle).unwrap();
        let checked = std::panic::catch_unwind(|| {
            let mut unknown = 0;
            check_one_sided(&bundle, &possible, &mut unknown);
            unknown
        });
        asked += count;
        unknown += checked.unwrap_or_else(|_| panic!("{}", shown()));
    }
    // What depends on how a number between two bounds is spelled.
    assert!(unknown * 50 <= asked, "{unknown} of {asked} are unknown");
}
