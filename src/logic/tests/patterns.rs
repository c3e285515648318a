//! Rules with patterns. What is claimed to be possible is shown by calls, evaluated naively, and what
//! is claimed to be impossible is looked for among many others. Nothing may stay unknown.

use super::*;

const PATTERNS: [&str; 19] = [
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
    // How a number is spelled.
    r"^\d$",
    r"\.",
    r"^-?[^.e]*$",
    r"^-|e",
    r"^0\.\d{17}$",
    // What can hold between the bytes of one code unit.
    r"\B",
    // Halves of characters.
    "[\\uD800-\\uDBFF]",
    "^[^\\uDC00-\\uDFFF]*$",
];

/// A letter above U+FFFF, in upper case.
const DESERET: &str = "\u{10400}";

fn calls() -> Vec<Json> {
    let texts = [
        "",
        "a",
        "Ab",
        "ab 1",
        "1",
        "true",
        "b",
        "k",
        "\u{212A}",
        "aba 0",
        "-",
        "\u{10400}",
        "\u{10428}a",
        "\u{10425}",
    ];
    let lists = texts.iter().flat_map(|first| {
        let pairs = texts
            .iter()
            .step_by(4)
            .map(move |second| vec![*first, *second]);
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
        json!(1.5),
        json!(-2),
        json!(-0.25),
        json!(2e-7),
        json!(13),
        json!(0.123_456_789_012_345_66),
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
        match random.below(8) {
            0 => when.contains_any.push(DESERET.to_owned()),
            1 => when.not_contains.push(DESERET.to_owned()),
            _ => {}
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

/// The sets of rules that calls satisfy together by which what is said of a bundle is shown. Whether
/// they do is for naive evaluation to say.
fn shown(bundle: &Bundle, split: usize) -> BTreeSet<u32> {
    let mut logic = Logic::new(bundle);
    for rule in 0..bundle.rules.len() {
        logic.conditions.ask(&[rule], &|_| false);
        if let Reachability::Hidden(by) = logic.reachable(rule) {
            // Each of them is needed, as some call shows.
            for &needed in &by {
                let fails = |other| other != needed && by.contains(&other);
                logic.conditions.ask(&[rule], &fails);
            }
        }
        logic.redundant(rule);
    }
    logic.redundant_rules();
    logic.catch_all();
    logic.conflicts(8);
    let calls = logic.conditions.remembered();
    let calls = calls.map(|call| satisfied(bundle, call));
    let (old, new) = bundle.rules.split_at(split);
    let part = |rules: &[Rule]| super::bundle(rules.to_vec(), bundle.defaults.outcome);
    let changes = diff(&part(old), &part(new)).changes;
    let changes = changes
        .iter()
        .map(|change| satisfied(bundle, &change.witness));
    calls.chain(changes).collect()
}

/// `LOGIC_BUNDLES` as for the other comparison.
#[test]
fn no_call_disagrees_with_what_is_said_of_patterns() {
    let pool = pool(60);
    let mut random = Random(3);
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
        let checked = std::panic::catch_unwind(|| {
            let split = count / 2;
            let possible = &possible | &shown(&bundle, split);
            let truth = Truth {
                bundle: &bundle,
                possible: &possible,
            };
            truth.check();
            claims::check_diff(&bundle, &possible, split);
        });
        assert!(
            checked.is_ok(),
            "{}",
            serde_json::to_string(&bundle).unwrap()
        );
    }
}
