//! The lint `redundant-rule`.

use crate::document::locate::Place;
use crate::lint::{Context, Coverage, Effect, Fault, Reasoning};
use crate::logic::Redundancy;

lint! {
    /// A rule can be left out: later rules decide all its calls alike.
    ///
    /// With the same outcome, approver and constraints; only the reason code becomes another. All
    /// rules that are reported can be left out together. A rule that says what the default says is not
    /// reported: it gives the decision a name.
    ///
    /// # Why
    ///
    /// It takes a reader's time, and whoever changes one of the two rules believes to have changed the
    /// policy.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// rules:
    ///   - id: READ_ORDERS
    ///     description: orders may be read
    ///     match: { tool_name: query_orders, environment: prod }
    ///     outcome: ALLOW
    ///   - id: QUERIES
    ///     description: reading is fine
    ///     match: { tool_name: "query_*", environment: prod }
    ///     outcome: ALLOW
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// rules:
    ///   - id: QUERIES
    ///     description: reading is fine
    ///     match: { tool_name: "query_*", environment: prod }
    ///     outcome: ALLOW
    /// ```
    "redundant-rule": Note, Rules(check)
}

fn check(rules: &Reasoning, _: &Context, faults: &mut Vec<Fault>) {
    // A rule that cannot be read may be the one that makes the difference.
    if rules.coverage == Coverage::Part {
        return;
    }
    let redundant = rules.logic().redundant_rules();
    for Redundancy { rule, successors } in redundant {
        let by: Option<Vec<usize>> = successors.iter().copied().collect();
        let Some(by) = by else { continue };
        let verb = if by.len() == 1 { "decides" } else { "decide" };
        let message = format!(
            "rule {} can be left out: {} {verb} its calls alike",
            rules.id(rule),
            rules.ids(&by)
        );
        let fault = Fault::new(Place::value(rules.route(rule).key("id")), message)
            .help("remove it, unless its reason code is wanted")
            .fix(
                format!("remove rule {}", rules.id(rule)),
                Effect::Tidies,
                vec![rules.removal(rule)],
            );
        faults.push(by.iter().fold(fault, |fault, &by| {
            fault.related(rules.route(by).key("id"), "decides alike")
        }));
    }
}
