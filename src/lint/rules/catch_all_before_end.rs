//! The lint `catch-all-before-end`.

use crate::document::locate::Place;
use crate::lint::{Context, Fault, Reasoning, Severity};
use crate::model::decision::Outcome;

lint! {
    /// A rule matches every call, and other rules follow it.
    ///
    /// # Why
    ///
    /// The rules after it, and the default, never decide. When one of them should have stopped what
    /// this one allows, that is a hole; then this is an error.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// rules:
    ///   - id: NOTHING_ELSE
    ///     description: nothing else is allowed
    ///     match: { tool_name: "*", environment: "*" }
    ///     outcome: DENY
    ///   - id: QUERIES
    ///     description: reading is fine
    ///     match: { tool_name: "query_*", environment: "*" }
    ///     outcome: ALLOW
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// rules:
    ///   - id: QUERIES
    ///     description: reading is fine
    ///     match: { tool_name: "query_*", environment: "*" }
    ///     outcome: ALLOW
    ///   - id: NOTHING_ELSE
    ///     description: nothing else is allowed
    ///     match: { tool_name: "*", environment: "*" }
    ///     outcome: DENY
    /// ```
    "catch-all-before-end": Warning..Error, Rules(check)
}

fn check(rules: &Reasoning, _: &Context, faults: &mut Vec<Fault>) {
    let Some(catch_all) = rules.logic().catch_all() else {
        return;
    };
    let dead = rules.rules().count() - catch_all - 1;
    let message = match dead {
        1 => format!(
            "rule {} matches every call: the rule after it never decides",
            rules.id(catch_all)
        ),
        _ => format!(
            "rule {} matches every call: the {dead} rules after it never decide",
            rules.id(catch_all)
        ),
    };
    let fault = Fault::new(Place::value(rules.route(catch_all).key("id")), message)
        .help("move it to the end, or make it narrower")
        .related(
            rules.route(catch_all + 1).key("id"),
            "never decides, nor does what follows",
        );
    let allows = rules
        .rule(catch_all)
        .is_some_and(|rule| rule.outcome == Outcome::Allow);
    let stops = rules
        .rules()
        .skip(catch_all)
        .any(|(_, rule)| rule.outcome != Outcome::Allow);
    faults.push(match allows && stops {
        true => fault.severity(Severity::Error),
        false => fault,
    });
}
