//! Policies for the calls that [`super::Recording`] makes: every kind of condition, in about the
//! shares that authors use them, on tools, roles and words that the calls have.

use serde_json::{Value, json};

use super::words::{Random, word};
use super::{AGENT_TYPES, ENVIRONMENTS, LABELS, PROVIDERS, ROLES, TOOLS};

const OUTCOMES: &str = "DENY DENY REQUIRE_APPROVAL STEP_UP REQUIRE_TICKET REQUIRE_HUMAN ALLOW";
const TOOL_PREFIXES: &str = "query_ mcp_ send_ git_ trigger_ update_ create_ search_";

/// What people really look for; the rest of the keywords are two words of the texts.
const KEYWORDS: &[&str] = &[
    "all customers",
    "select *",
    "drop table",
    "rm -rf",
    "bulk export",
    "wire transfer",
    "chmod 777",
    "base64 -d",
    "/etc/shadow",
    "id_rsa",
    "ignore previous instructions",
    "TOP SECRET",
    "salary band",
    "機密",
    "СЕКРЕТНО",
    "Straße",
    "ΟΔΥΣΣΕΥΣ",
];

/// Of which words keywords and patterns are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Vocabulary {
    /// Those of the texts, so that parts of them are everywhere.
    Shared,
    /// Others, as long and as many: what policies look for is rare.
    Disjoint,
}

/// The policy of a seed with this many rules, JSON.
pub(crate) fn policy(seed: u64, rules: usize, vocabulary: Vocabulary) -> String {
    let mut random = Random::new(seed);
    let last = [
        json!({"tool_name": "*", "environment": "dev"}),
        json!({"tool_name": "*", "environment": "*", "trust_level_min": "verified"}),
    ];
    let mut listed: Vec<Value> = (last.len()..rules)
        .map(|number| rule(number, &mut random))
        .collect();
    if vocabulary == Vocabulary::Disjoint {
        for when in listed.iter_mut().filter_map(|rule| rule.get_mut("when")) {
            for key in ["contains_any", "not_contains", "matches_regex"] {
                if let Some(text) = when.get_mut(key) {
                    *text = backwards(text.take());
                }
            }
        }
    }
    listed.extend(last.into_iter().enumerate().map(|(number, matches)| {
        json!({
            "id": format!("ALLOW_{number}"), "description": "ordinary work", "match": matches, "outcome": "ALLOW",
        })
    }));
    let bundle = json!({
        "version": "1", "generated_at": "2026-01-01T00:00:00Z", "expires_at": "2099-01-01T00:00:00Z",
        "rules": listed, "defaults": {"outcome": "DENY"},
    });
    format!("{bundle:#}\n")
}

/// Text with its words written backwards, but for the letters of escapes and classes.
fn backwards(text: Value) -> Value {
    match text {
        Value::Array(texts) => texts.into_iter().map(backwards).collect(),
        Value::String(text) => {
            let mut turned = String::new();
            let mut word = String::new();
            for c in text.chars().chain(['\0']) {
                if c.is_alphabetic() {
                    word.insert(0, c);
                    continue;
                }
                // The letter of an escape stays where it is.
                if turned.ends_with('\\') {
                    turned.extend(word.pop());
                }
                turned.push_str(&word);
                word.clear();
                turned.extend((c != '\0').then_some(c));
            }
            turned.into()
        }
        other => other,
    }
}

fn rule(number: usize, random: &mut Random) -> Value {
    let tool = tool(random);
    let environment = if random.chance(0.5) {
        "*"
    } else {
        random.one_of(ENVIRONMENTS)
    };
    let (mut matches, when) = match number % 20 {
        0..5 => (
            json!({"tool_name": tool}),
            json!({"contains_any": keywords(random)}),
        ),
        5..9 => (
            json!({"tool_name": "*"}),
            json!({"contains_any": keywords(random)}),
        ),
        9..11 => (
            json!({"tool_name": [tool, self::tool(random), self::tool(random)], "trust_level_min": "verified"}),
            json!({"data_labels_any": [random.one_of(LABELS)], "not_contains": keywords(random)}),
        ),
        11..14 => (
            json!({"tool_name": format!("{}*", random.one_of(TOOL_PREFIXES))}),
            json!({"matches_regex": pattern(random)}),
        ),
        14..17 => (
            json!({"tool_name": tool, "agent_roles_any": [random.one_of(ROLES), random.one_of(ROLES)]}),
            json!({"tool_args_match": arguments(random)}),
        ),
        17 => (
            json!({"tool_name": "*", "tool_provider": [random.one_of(PROVIDERS)], "agent_type": random.one_of(AGENT_TYPES)}),
            json!({"contains_any": keywords(random)}),
        ),
        18 => (
            json!({"tool_name": tool, "agent_type": [random.one_of(AGENT_TYPES), random.one_of(AGENT_TYPES)]}),
            json!({"data_labels_any": [random.one_of(LABELS)]}),
        ),
        _ => (
            json!({"tool_name": "*", "trust_level_min": "privileged"}),
            json!({"contains_any": keywords(random), "not_contains": keywords(random)}),
        ),
    };
    if let Some(matches) = matches.as_object_mut() {
        matches.insert("environment".to_owned(), environment.into());
    }
    json!({
        "id": format!("RULE_{number:04}"),
        "description": format!("guards {tool}"),
        "match": matches,
        "when": when,
        "outcome": random.one_of(OUTCOMES),
    })
}

fn tool(random: &mut Random) -> &'static str {
    let (_, names) = random.pick(TOOLS);
    random.one_of(names)
}

fn keywords(random: &mut Random) -> Vec<String> {
    let count = random.between(2, 6);
    let keyword = |random: &mut Random| {
        if random.chance(0.15) {
            return random.pick(KEYWORDS).to_owned();
        }
        format!(
            "{}{}{}",
            word(random),
            random.pick(&[" ", "-", "_"]),
            word(random)
        )
    };
    (0..count).map(|_| keyword(random)).collect()
}

fn pattern(random: &mut Random) -> String {
    let (a, b) = (word(random), word(random));
    match random.below(5) {
        0 => format!(r"\b{a}\s+{b}\b"),
        1 => format!(r"{a}[-_ ]{b}\d{{2,4}}"),
        2 => format!(r"(?:{a}|{b})\s*=\s*[a-z0-9]{{6,}}"),
        3 => format!("{a} (?:all|every) {b}"),
        _ => format!(r"\b(?:{a}|{b})-[0-9]{{3}}-[a-z]+\b"),
    }
}

fn arguments(random: &mut Random) -> Value {
    let limit = random.between(1_000, 15_000);
    match random.below(5) {
        0 => json!({"amount": {"gt": limit}, "currency": "USD"}),
        1 => json!({"rows": {"gte": limit}}),
        2 => json!({"limit": {"gt": limit}}),
        3 => json!({"force": true}),
        _ => json!({"method": {"neq": "GET"}}),
    }
}
