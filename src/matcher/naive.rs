//! The evaluation of rules as the specification words it, one after the other and without any
//! preparation: what the matcher must agree with.

use super::testing::Json;
use crate::ecma::{Pattern, Program, Search};
use crate::model::bundle::{ArgumentCondition, Match, Names, Rule, Scalar, TrustLevel, When};
use crate::redos::{self, Ambiguity};

/// Whether a native line satisfies a rule.
pub(crate) fn satisfies(line: &Json, rule: &Rule) -> bool {
    let always = When::default();
    matches(&rule.matches, line) && holds(rule.when.as_ref().unwrap_or(&always), line)
}

fn matches(wanted: &Match, line: &Json) -> bool {
    let agent = line.member("agent");
    let action = line.member("action");
    let tool = string(action.member("tool_name"));
    let tool_matches = match &wanted.tool_name {
        Names::One(name) if name == "*" => true,
        Names::One(name) => match name.strip_suffix('*') {
            Some(prefix) => tool.is_some_and(|tool| tool.starts_with(prefix)),
            None => tool == Some(name),
        },
        Names::Many(names) => tool.is_some_and(|tool| names.iter().any(|name| name == tool)),
    };
    let environment = string(agent.member("environment"));
    let level =
        string(agent.member("trust_level")).and_then(|level| TrustLevel::parse(level.as_bytes()));
    let roles = strings(agent.member("roles"));
    tool_matches
        && (wanted.environment == "*" || environment == Some(&wanted.environment))
        && is_one_of(wanted.agent_type.as_ref(), agent.member("agent_type"))
        && is_one_of(
            wanted.tool_provider.as_ref(),
            action.member("tool_identity").member("provider"),
        )
        && wanted
            .trust_level_min
            .is_none_or(|least| level.is_some_and(|level| level >= least))
        && shares_one(&wanted.agent_roles_any, &roles)
}

fn is_one_of(wanted: Option<&Names>, actual: &Json) -> bool {
    let actual = string(actual);
    match wanted {
        None => true,
        Some(Names::One(name)) => actual == Some(name),
        Some(Names::Many(names)) if names.is_empty() => true,
        Some(Names::Many(names)) => names.iter().any(|name| actual == Some(name)),
    }
}

fn shares_one(wanted: &[String], actual: &[&str]) -> bool {
    wanted.is_empty() || wanted.iter().any(|name| actual.contains(&name.as_str()))
}

fn holds(when: &When, line: &Json) -> bool {
    let mut values = Vec::new();
    if let Json::String(input) = line.member("context").member("user_input")
        && !input.is_empty()
    {
        values.push(input.clone());
    }
    let arguments = line.member("action").member("tool_args");
    collect(arguments, &mut values);
    let occurs = |keyword: &String| {
        values
            .iter()
            .any(|value| value.to_lowercase().contains(&keyword.to_lowercase()))
    };
    let labels = strings(line.member("context").member("data_labels"));
    (when.contains_any.is_empty() || when.contains_any.iter().any(occurs))
        && !when.not_contains.iter().any(occurs)
        && shares_one(&when.data_labels_any, &labels)
        && when
            .matches_regex
            .as_ref()
            .is_none_or(|pattern| is_match(pattern, &values.join(" ")))
        && when
            .tool_args_match
            .iter()
            .all(|(key, condition)| argument_holds(arguments, key, condition))
}

fn collect(json: &Json, values: &mut Vec<String>) {
    match json {
        Json::Null => {}
        Json::Bool(flag) => values.push(flag.to_string()),
        Json::Number(number) => {
            values.push(ryu_js::Buffer::new().format(*number).to_owned());
        }
        Json::String(string) => values.push(string.clone()),
        Json::Array(elements) => elements.iter().for_each(|json| collect(json, values)),
        Json::Object(members) => members.iter().for_each(|(_, json)| collect(json, values)),
    }
}

/// By backtracking over the code units of the text as it is.
fn is_match(pattern: &str, text: &str) -> bool {
    if pattern.encode_utf16().count() > 512 {
        return false;
    }
    let Ok(pattern) = Pattern::parse(pattern) else {
        return false;
    };
    if redos::ambiguity(&pattern) != Ambiguity::NotExponential {
        return false;
    }
    let program = Program::compile(&pattern).expect("the pattern is small");
    let units: Vec<u16> = text.encode_utf16().collect();
    matches!(program.search(&units, 1_000_000).0, Search::Found { .. })
}

fn argument_holds(arguments: &Json, key: &str, condition: &ArgumentCondition) -> bool {
    let actual = match arguments {
        Json::Object(members) => members.iter().rev().find(|(name, _)| name == key),
        _ => None,
    };
    let actual = actual.map(|(_, json)| json);
    let equals = |expected: &Scalar| match (actual, expected) {
        (Some(Json::Null), Scalar::Null) => true,
        (Some(Json::Bool(actual)), Scalar::Bool(expected)) => actual == expected,
        (Some(Json::Number(actual)), Scalar::Number(expected)) => actual == expected,
        (Some(Json::String(actual)), Scalar::String(expected)) => actual == expected,
        _ => false,
    };
    let number = match actual {
        Some(Json::Number(number)) => Some(*number),
        _ => None,
    };
    match condition {
        ArgumentCondition::Equals(expected) => equals(expected),
        ArgumentCondition::Compare(wanted) => {
            wanted
                .gt
                .is_none_or(|bound| number.is_some_and(|number| number > bound))
                && wanted
                    .gte
                    .is_none_or(|bound| number.is_some_and(|number| number >= bound))
                && wanted
                    .lt
                    .is_none_or(|bound| number.is_some_and(|number| number < bound))
                && wanted
                    .lte
                    .is_none_or(|bound| number.is_some_and(|number| number <= bound))
                && wanted.eq.as_ref().is_none_or(equals)
                && !wanted.neq.as_ref().is_some_and(equals)
        }
    }
}

fn string(json: &Json) -> Option<&String> {
    match json {
        Json::String(string) => Some(string),
        _ => None,
    }
}

fn strings(json: &Json) -> Vec<&str> {
    match json {
        Json::Array(elements) => elements
            .iter()
            .filter_map(string)
            .map(String::as_str)
            .collect(),
        _ => Vec::new(),
    }
}
