//! The matcher as a whole: against decisions written down, and against the naive evaluation.

use std::collections::BTreeMap;

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde::Deserialize;

use super::testing::{Json, request_of};
use super::*;
use crate::model::bundle::{Comparisons, Defaults, Match, Names, Scalar, TrustLevel};
use crate::model::decision::Outcome;

#[derive(Deserialize)]
struct Topic {
    topic: Option<String>,
    bundle: Bundle,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    request: Json,
    decision: Expected,
}

#[derive(Deserialize)]
struct Expected {
    code: String,
}

/// `testdata/evaluator.jsonl` holds a bundle a line and calls with the decision that each must get.
#[test]
fn decisions_are_as_expected() {
    let fixture = include_str!("../../testdata/evaluator.jsonl");
    let mut differences = Vec::new();
    let mut count = 0;
    for line in fixture.lines() {
        let topic: Topic = serde_json::from_str(line).expect("the fixture is well-formed");
        let matcher = Matcher::new(&topic.bundle);
        let mut scratch = matcher.scratch();
        for case in &topic.cases {
            count += 1;
            let rule = matcher.decide(&request_of(&case.request), &mut scratch);
            let code = match rule.and_then(|rule| topic.bundle.rules.get(rule)) {
                Some(rule) => rule.id.clone(),
                None => format!("DEFAULT_{}", topic.bundle.defaults.outcome.as_str()),
            };
            if code != case.decision.code {
                let topic = topic.topic.as_deref().unwrap_or_default();
                let request = &case.request;
                differences.push(format!(
                    "{topic}: {code}, not {}: {request:?}",
                    case.decision.code
                ));
            }
        }
    }
    assert!(
        differences.is_empty(),
        "{} of {count}:\n{}",
        differences.len(),
        differences.join("\n")
    );
    assert!(count >= 100);
}

/// Pieces of texts and keywords: letters whose case is odd, and enough in common to collide.
const PIECES: [&str; 22] = [
    "drop", "table", "users", "secret", "k", "\u{212a}", "s", "ſ", "S", "Σ", "ς", "α", "İ", "ß",
    "ẞ", "É", "é", "😀", " ", " ", "-", "1",
];
const TOOLS: [&str; 8] = ["a", "ab", "abc", "abd", "b", "a*", "*", ""];
const PATTERNS: [&str; 26] = [
    "",
    "drop",
    "drop table",
    "table (?:users|secret)",
    "^drop",
    "users$",
    r"\bk\b",
    "[^a-z]s",
    "ſ",
    "é+",
    "secret.?k",
    r"\s-",
    r"\S{3}",
    r"\W\w\W",
    "^$",
    r"\B",
    r"\Bk",
    "(?=.*drop)(?=.*table)",
    r"(drop|users).*\1",
    "(?<!a)s",
    ".{2,5}é",
    "[\\ud83d]",
    "(a+)+",
    "(",
    "secret{2,}",
    "(?:drop|table|users|secret)+-",
];

fn text(pieces: usize) -> impl Strategy<Value = String> {
    vec(select(&PIECES[..]), 0..=pieces).prop_map(|pieces| pieces.concat())
}

fn texts(most: usize) -> impl Strategy<Value = Vec<String>> {
    vec(text(4), 0..=most)
}

fn pick(names: &'static [&'static str]) -> impl Strategy<Value = String> {
    select(names).prop_map(str::to_owned)
}

fn names(from: &'static [&'static str]) -> impl Strategy<Value = Names> {
    prop_oneof![
        pick(from).prop_map(Names::One),
        vec(pick(from), 0..3).prop_map(Names::Many),
    ]
}

fn scalar() -> impl Strategy<Value = Scalar> {
    prop_oneof![
        Just(Scalar::Null),
        any::<bool>().prop_map(Scalar::Bool),
        (-2..3).prop_map(|number| Scalar::Number(f64::from(number) / 2.0)),
        text(1).prop_map(Scalar::String),
    ]
}

fn condition() -> impl Strategy<Value = ArgumentCondition> {
    let bound = || option::of((-2..3).prop_map(|number| f64::from(number) / 2.0));
    let compare = (
        bound(),
        bound(),
        bound(),
        bound(),
        option::of(scalar()),
        option::of(scalar()),
    );
    prop_oneof![
        scalar().prop_map(ArgumentCondition::Equals),
        compare.prop_map(|(gt, gte, lt, lte, eq, neq)| {
            ArgumentCondition::Compare(Comparisons {
                gt,
                gte,
                lt,
                lte,
                eq,
                neq,
            })
        }),
    ]
}

fn rule() -> impl Strategy<Value = Rule> {
    let tool_name = names(&TOOLS);
    let environment = pick(&["*", "prod", "dev"]);
    let agent_type = option::weighted(0.2, names(&["ide", "pr"]));
    let trust_level_min = option::weighted(0.2, select(&TrustLevel::ALL[..]));
    let agent_roles_any =
        prop_oneof![4 => Just(Vec::new()), 1 => vec(pick(&["x", "y", "z"]), 1..3)];
    let tool_provider = option::weighted(0.2, names(&["mcp", "custom"]));
    let matches = (
        tool_name,
        environment,
        agent_type,
        trust_level_min,
        agent_roles_any,
        tool_provider,
    );
    let matches = matches.prop_map(
        |(tool_name, environment, agent_type, trust_level_min, agent_roles_any, tool_provider)| {
            Match {
                tool_name,
                environment,
                agent_type,
                trust_level_min,
                agent_roles_any,
                tool_provider,
            }
        },
    );
    let labels = prop_oneof![4 => Just(Vec::new()), 1 => vec(pick(&["PII", "PCI"]), 1..3)];
    let pattern = option::weighted(0.4, pick(&PATTERNS));
    let arguments = prop_oneof![3 => Just(BTreeMap::new()), 1 => btree_map(pick(&["m", "n"]), condition(), 1..3)];
    let when = (texts(4), texts(2), labels, pattern, arguments);
    let when = when.prop_map(
        |(contains_any, not_contains, data_labels_any, matches_regex, tool_args_match)| When {
            contains_any,
            not_contains,
            data_labels_any,
            matches_regex,
            tool_args_match,
        },
    );
    (matches, option::weighted(0.8, when)).prop_map(|(matches, when)| Rule {
        id: "R".to_owned(),
        description: String::new(),
        matches,
        when,
        outcome: Outcome::Deny,
        approver_role: None,
        constraints: None,
    })
}

fn json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::Bool),
        (-2..3).prop_map(|number| Json::Number(f64::from(number) / 2.0)),
        text(8).prop_map(Json::String),
        text(8).prop_map(Json::String),
    ];
    leaf.prop_recursive(2, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Json::Array),
            vec((pick(&["m", "n", "o"]), inner), 0..4).prop_map(Json::Object),
        ]
    })
}

fn line() -> impl Strategy<Value = Json> {
    let string = |names| option::of(pick(names).prop_map(Json::String));
    let strings =
        |names| option::of(vec(pick(names).prop_map(Json::String), 0..3).prop_map(Json::Array));
    let agent = (
        string(&["prod", "dev", "*"]),
        string(&["ide", "pr"]),
        string(&[
            "untrusted",
            "basic",
            "verified",
            "privileged",
            "system",
            "root",
        ]),
        strings(&["x", "y", "z"]),
    );
    let arguments = vec((pick(&["m", "n", "o"]), json()), 0..5).prop_map(Json::Object);
    let action = (string(&TOOLS), string(&["mcp", "custom"]), arguments);
    let context = (
        option::of(text(8).prop_map(Json::String)),
        strings(&["PII", "PCI"]),
    );
    (agent, action, context).prop_map(
        |(
            (environment, agent_type, trust, roles),
            (tool, provider, arguments),
            (input, labels),
        )| {
            let provider = object([("provider", provider)]);
            object([
                (
                    "agent",
                    Some(object([
                        ("environment", environment),
                        ("agent_type", agent_type),
                        ("trust_level", trust),
                        ("roles", roles),
                    ])),
                ),
                (
                    "action",
                    Some(object([
                        ("tool_name", tool),
                        ("tool_args", Some(arguments)),
                        ("tool_identity", Some(provider)),
                    ])),
                ),
                (
                    "context",
                    Some(object([("user_input", input), ("data_labels", labels)])),
                ),
            ])
        },
    )
}

fn object<const N: usize>(members: [(&str, Option<Json>); N]) -> Json {
    let members = members.into_iter();
    Json::Object(
        members
            .filter_map(|(key, json)| Some((key.to_owned(), json?)))
            .collect(),
    )
}

fn bundle(rules: Vec<Rule>) -> Bundle {
    Bundle {
        version: "1".to_owned(),
        generated_at: String::new(),
        expires_at: String::new(),
        revision: None,
        rules,
        defaults: Defaults {
            outcome: Outcome::Deny,
        },
        metadata: None,
        signature: None,
    }
}

fn rule_with_pattern(pattern: &str) -> Rule {
    Rule {
        id: "R".to_owned(),
        description: String::new(),
        matches: Match {
            tool_name: Names::One("*".to_owned()),
            environment: "*".to_owned(),
            agent_type: None,
            trust_level_min: None,
            agent_roles_any: Vec::new(),
            tool_provider: None,
        },
        when: Some(When {
            matches_regex: Some(pattern.to_owned()),
            ..When::default()
        }),
        outcome: Outcome::Deny,
        approver_role: None,
        constraints: None,
    }
}

#[test]
fn refused_patterns_are_named_with_their_reason() {
    let too_long = "a".repeat(513);
    let patterns = ["ok", "(a+)+", "(", &too_long, "[^é]{60000}"];
    let rules = patterns.map(rule_with_pattern);
    let matcher = Matcher::new(&bundle(rules.to_vec()));
    let refused: Vec<(usize, String)> = matcher
        .refused()
        .iter()
        .map(|refused| (refused.rule, refused.refusal.to_string()))
        .collect();
    let reasons: Vec<(usize, &str)> = refused
        .iter()
        .map(|(rule, reason)| (*rule, reason.split(':').next().unwrap_or_default()))
        .collect();
    assert_eq!(
        reasons,
        [
            (1, "the pattern is unsafe"),
            (2, "the pattern is invalid"),
            (3, "the pattern is 513 code units long, 512 are evaluated"),
            (4, "the pattern needs too large an automaton"),
        ]
    );
    let units = "😀".repeat(256);
    assert_eq!(
        Matcher::new(&bundle(vec![rule_with_pattern(&units)])).refused(),
        []
    );
}

#[test]
fn running_out_of_steps_is_no_match_and_is_counted() {
    let rules = vec![rule_with_pattern("(?=(x+)y)z"), rule_with_pattern("x")];
    let matcher = Matcher::new(&bundle(rules));
    let mut scratch = matcher.scratch();
    let line = |text: &str| format!(r#"{{"action":{{"tool_args":{{"a":"{text}"}}}}}}"#);
    let hostile = testing::request(&line(&("z".to_owned() + &"x".repeat(5_000))));
    for _ in 0..2 {
        assert_eq!(matcher.decide(&hostile, &mut scratch), Some(1));
    }
    assert_eq!([scratch.out_of_steps(0), scratch.out_of_steps(1)], [2, 0]);
    let harmless = testing::request(&line("zxx"));
    assert_eq!(matcher.decide(&harmless, &mut scratch), Some(1));
    assert_eq!(scratch.out_of_steps(0), 2);
}

#[test]
fn identity_may_be_amended_after_the_search() {
    let mut trusted = rule_with_pattern("drop");
    trusted.matches.trust_level_min = Some(TrustLevel::Verified);
    trusted.matches.agent_roles_any = vec!["dba".to_owned()];
    let matcher = Matcher::new(&bundle(vec![trusted]));
    let mut scratch = matcher.scratch();
    let mut request = testing::request(
        r#"{"agent":{"trust_level":"system"},"action":{"tool_args":{"sql":"DROP TABLE x"}}}"#,
    );
    let mut search = matcher.search(&request, &mut scratch);
    assert_eq!(search.decide(&request), None);
    let role = request.add_name(|name| name.extend_from_slice(b"dba"));
    request.roles.push(role);
    assert_eq!(search.decide(&request), Some(0));
    request.trust_level = Some(TrustLevel::Basic);
    assert_eq!(search.decide(&request), None);
}

#[test]
fn literals_of_the_caller_are_found_in_the_same_pass() {
    let mut rule = rule_with_pattern("bearer token");
    if let Some(when) = &mut rule.when {
        when.contains_any = vec!["Password=".to_owned()];
    }
    let matcher = Matcher::with_literals(&bundle(vec![rule]), &["password=", "akia", "a b", "zz"]);
    let mut scratch = matcher.scratch();
    let request = testing::request(r#"{"action":{"tool_args":{"a":["AKIA","b","PassWord=1"]}}}"#);
    let search = matcher.search(&request, &mut scratch);
    assert_eq!(
        [0, 1, 2, 3, 4].map(|literal| search.found(literal)),
        [true, true, false, false, false]
    );
}

#[test]
fn the_first_condition_that_fails_is_named() {
    let rule: Rule = serde_json::from_str(
        r#"{"id":"R","description":"","match":{"tool_name":"pay","environment":"prod",
            "trust_level_min":"basic"},"when":{"tool_args_match":{"amount":{"gt":5},"to":"x"}},
            "outcome":"DENY"}"#,
    )
    .expect("a rule");
    let mut explainer = Explainer::new(&bundle(vec![rule]));
    let mut failed = |environment: &str, level: &str, amount: u8| {
        let line = format!(
            r#"{{"agent":{{"environment":"{environment}","trust_level":"{level}"}},
                "action":{{"tool_name":"pay","tool_args":{{"amount":{amount},"to":"x"}}}}}}"#
        );
        let explained = explainer.explain(&testing::request(&line));
        explained[0].failed.map(|condition| condition.route.clone())
    };
    let route = |route: &str| Some(route.to_owned());
    assert_eq!(failed("dev", "untrusted", 1), route("match.environment"));
    assert_eq!(
        failed("prod", "untrusted", 1),
        route("match.trust_level_min")
    );
    assert_eq!(
        failed("prod", "basic", 1),
        route("when.tool_args_match.amount")
    );
    assert_eq!(failed("prod", "basic", 6), None);
}

#[test]
fn without_rules_the_default_decides() {
    let matcher = Matcher::new(&bundle(Vec::new()));
    let request = testing::request(r#"{"action":{"tool_name":"t"}}"#);
    assert_eq!(matcher.decide(&request, &mut matcher.scratch()), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn the_rules_that_match_are_those_of_the_naive_evaluation(
        rules in vec(rule(), 0..70),
        lines in vec(line(), 1..12),
    ) {
        let bundle = bundle(rules);
        let matcher = Matcher::new(&bundle);
        let mut scratch = matcher.scratch();
        for line in &lines {
            let request = request_of(line);
            let found: Vec<usize> = matcher.search(&request, &mut scratch).matching(&request).collect();
            let rules = bundle.rules.iter().enumerate();
            let expected = rules.filter(|(_, rule)| naive::satisfies(line, rule));
            prop_assert_eq!(found, expected.map(|(rule, _)| rule).collect::<Vec<_>>(), "{:?}", line);
        }
    }

    #[test]
    fn a_rule_matches_if_none_of_its_conditions_fails(
        rules in vec(rule(), 0..20),
        lines in vec(line(), 1..6),
    ) {
        let bundle = bundle(rules);
        let mut explainer = Explainer::new(&bundle);
        for line in &lines {
            let request = request_of(line);
            let first = bundle.rules.iter().position(|rule| naive::satisfies(line, rule));
            let explained = explainer.explain(&request);
            let matched = explained.iter().position(|rule| rule.failed.is_none());
            prop_assert_eq!(matched, first);
            prop_assert_eq!(explained.len(), first.map_or(bundle.rules.len(), |rule| rule + 1));
        }
    }
}
