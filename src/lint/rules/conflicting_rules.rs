//! The lint `conflicting-rules`.

use crate::document::locate::Place;
use crate::lint::{Context, Coverage, Fault, Reasoning};

lint! {
    /// A rule allows calls that a later rule means to stop.
    ///
    /// Only where neither is an exception to the other: a later rule that covers all that the earlier
    /// one allows is meant for the rest, and so is one on any tool without a condition on the call
    /// itself. A `DENY` before an `ALLOW` is not reported: it errs on the safe side.
    ///
    /// # Why
    ///
    /// The first rule that matches decides. The later rule reads as if it stopped all that it
    /// describes; the call shown here goes through.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// rules:
    ///   - id: READ_FILES
    ///     description: files may be read
    ///     match: { tool_name: read_file, environment: "*" }
    ///     outcome: ALLOW
    ///   - id: NO_SECRETS
    ///     description: nothing that is secret is touched
    ///     match: { tool_name: "*", environment: "*" }
    ///     when: { contains_any: [".ssh", ".env"] }
    ///     outcome: DENY
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// rules:
    ///   - id: NO_SECRETS
    ///     description: nothing that is secret is touched
    ///     match: { tool_name: "*", environment: "*" }
    ///     when: { contains_any: [".ssh", ".env"] }
    ///     outcome: DENY
    ///   - id: READ_FILES
    ///     description: files may be read
    ///     match: { tool_name: read_file, environment: "*" }
    ///     outcome: ALLOW
    /// ```
    "conflicting-rules": Warning, Rules(check)
}

/// Rules named in one finding.
const NAMED: usize = 3;

fn check(rules: &Reasoning, _: &Context, faults: &mut Vec<Fault>) {
    // A rule that cannot be read may decide the call before.
    if rules.coverage == Coverage::Part {
        return;
    }
    // One more is looked for, to tell whether there are more.
    let conflicts = rules.logic().conflicts(NAMED + 1);
    for conflicts in conflicts.chunk_by(|a, b| a.stopping == b.stopping) {
        let Some(first) = conflicts.first() else {
            continue;
        };
        let stopping = first.stopping;
        let outcome = rules
            .rule(stopping)
            .map(|rule| rule.outcome.as_str())
            .unwrap_or_default();
        let mut allowing: Vec<usize> = conflicts.iter().map(|conflict| conflict.allowing).collect();
        let others = if allowing.len() > NAMED {
            " and others"
        } else {
            ""
        };
        allowing.truncate(NAMED);
        let verb = if conflicts.len() == 1 {
            "allows"
        } else {
            "allow"
        };
        let message = format!(
            "{}{others} {verb} calls for which rule {} says `{outcome}`",
            rules.ids(&allowing),
            rules.id(stopping)
        );
        let mut fault = Fault::new(Place::value(rules.route(stopping).key("id")), message)
            .help("move it before what allows them, or narrow one of the two");
        for &allowing in &allowing {
            fault = fault.related(rules.route(allowing).key("id"), "decides first");
        }
        faults.push(fault.witness(&first.witness));
    }
}
