//! The lines of `--decisions`. What follows the call's own members depends, where a rule decides,
//! on the rule and on whether the call goes through, and is made once.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::model::bundle::Bundle;
use crate::model::decision::Outcome;
use crate::pipeline::{Raised, Ruling, Settlement};

/// The ends of the output lines, for each rule and for the default.
pub(super) struct Tails {
    rules: Vec<RuleTails>,
    default_rule: RuleTails,
}

/// The ends for calls that do not go through, and for those that do.
struct RuleTails {
    denied: Vec<u8>,
    allowed: Vec<u8>,
}

/// What is decided, as a line of `--decisions` shows it after the call's own members.
#[derive(Serialize)]
struct Tail<'a> {
    outcome: Outcome,
    allowed: bool,
    code: &'a str,
    reasons: [TailReason<'a>; 1],
    plugin: Option<&'a str>,
    rule: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    approver_role: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    constraints: Option<&'a Map<String, Value>>,
}

/// A [`Reason`](crate::model::decision::Reason), borrowed.
#[derive(Serialize)]
struct TailReason<'a> {
    code: &'a str,
    message: &'a str,
}

impl RuleTails {
    fn new(mut end: Tail<'_>) -> Self {
        let mut tails = Self {
            denied: Vec::new(),
            allowed: Vec::new(),
        };
        end.allowed = false;
        append(&end, &mut tails.denied);
        end.allowed = true;
        append(&end, &mut tails.allowed);
        tails
    }
}

impl Tails {
    pub(super) fn new(bundle: &Bundle) -> Self {
        let rules = bundle.rules.iter().enumerate().map(|(index, rule)| {
            RuleTails::new(Tail {
                outcome: rule.outcome,
                allowed: false,
                code: &rule.id,
                reasons: [TailReason {
                    code: &rule.id,
                    message: &rule.description,
                }],
                plugin: None,
                rule: Some(index),
                approver_role: rule.approver_role.as_deref(),
                constraints: rule.constraints.as_ref(),
            })
        });
        let outcome = bundle.defaults.outcome;
        let code = format!("DEFAULT_{}", outcome.as_str());
        let default_rule = RuleTails::new(Tail {
            outcome,
            allowed: false,
            code: &code,
            reasons: [TailReason {
                code: &code,
                message: &format!("no rule matched; the default is {}", outcome.as_str()),
            }],
            plugin: None,
            rule: None,
            approver_role: None,
            constraints: None,
        });
        Self {
            rules: rules.collect(),
            default_rule,
        }
    }

    /// What follows the members of a call that `rule` decided, the line's end included.
    pub(super) fn of_rule(&self, rule: Option<usize>, settlement: Settlement) -> &[u8] {
        let tails = rule
            .and_then(|index| self.rules.get(index))
            .unwrap_or(&self.default_rule);
        if settlement.allows() {
            &tails.allowed
        } else {
            &tails.denied
        }
    }
}

/// Appends what follows the members of a call that a plugin decided, the line's end included.
pub(super) fn append_plugin(
    plugin: &str,
    ruling: &Ruling,
    settlement: Settlement,
    line: &mut Vec<u8>,
) {
    let end = Tail {
        outcome: ruling.outcome,
        allowed: settlement.allows(),
        code: &ruling.code,
        reasons: [TailReason {
            code: &ruling.code,
            message: &ruling.message,
        }],
        plugin: Some(plugin),
        rule: None,
        approver_role: None,
        constraints: None,
    };
    append(&end, line);
}

/// Appends what plugins reported as the member `key`, if anything; `name` is who.
pub(super) fn append_alerts<'n>(
    key: &str,
    all: &[Raised],
    name: impl Fn(&Raised) -> &'n str,
    line: &mut Vec<u8>,
) {
    #[derive(Serialize)]
    struct Alert<'a> {
        plugin: &'a str,
        code: &'a str,
        message: &'a str,
    }
    if all.is_empty() {
        return;
    }
    let alerts = all.iter().map(|raised| Alert {
        plugin: name(raised),
        code: raised.alert.code,
        message: &raised.alert.message,
    });
    let alerts = serde_json::to_vec(&alerts.collect::<Vec<_>>()).unwrap_or_default();
    line.extend_from_slice(b",\"");
    line.extend_from_slice(key.as_bytes());
    line.extend_from_slice(b"\":");
    line.extend_from_slice(&alerts);
}

/// Appends `{"a":1}` as `,"a":1}` and a newline.
fn append(end: &Tail<'_>, line: &mut Vec<u8>) {
    let start = line.len();
    // Plain data always serialises, and memory takes what is written to it.
    let _ = serde_json::to_writer(&mut *line, end);
    if let Some(brace) = line.get_mut(start) {
        *brace = b',';
    }
    line.push(b'\n');
}
