//! The lint `impossible-condition`.

use crate::document::locate::Place;
use crate::lint::{Context, Fault, Reasoning};
use crate::logic::Part;

lint! {
    /// A rule's condition can never hold.
    ///
    /// The parts that exclude each other are marked; there is no call that satisfies them together. A
    /// keyword in lower case counts as contained in one that contains it, an argument's value as text
    /// that keywords are looked for in.
    ///
    /// # Why
    ///
    /// The rule does nothing. Usually a bound or a keyword is mistyped, and what the rule is for is not
    /// done.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// rules:
    ///   - id: MEDIUM_PAYMENTS
    ///     description: medium payments need approval
    ///     match: { tool_name: trigger_payment, environment: prod }
    ///     when: { tool_args_match: { amount: { gt: 1000, lt: 500 } } }
    ///     outcome: REQUIRE_APPROVAL
    ///     approver_role: finance_manager
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// rules:
    ///   - id: MEDIUM_PAYMENTS
    ///     description: medium payments need approval
    ///     match: { tool_name: trigger_payment, environment: prod }
    ///     when: { tool_args_match: { amount: { gt: 500, lt: 1000 } } }
    ///     outcome: REQUIRE_APPROVAL
    ///     approver_role: finance_manager
    /// ```
    "impossible-condition": Error, Rules(check)
}

fn check(rules: &Reasoning, _: &Context, faults: &mut Vec<Fault>) {
    for (number, rule) in rules.rules() {
        let Some(parts) = rules.logic().contradiction(number) else {
            continue;
        };
        // That a pattern never matches has lints of its own.
        if parts == [Part::Pattern] {
            continue;
        }
        let route = rules.route(number);
        let names: Vec<String> = parts
            .iter()
            .map(|part| format!("`{}`", part.name()))
            .collect();
        let (message, help) = match names.as_slice() {
            [only] => (
                format!("no call satisfies {only} of rule `{}`", rule.id),
                "name what is wanted, or remove the rule",
            ),
            _ => (
                format!(
                    "no call satisfies {} of rule `{}` together",
                    names.join(", "),
                    rule.id
                ),
                "change one of them, or remove the rule",
            ),
        };
        let mut parts = parts.iter().map(|part| part.route(&route));
        let last = parts.next_back().unwrap_or(route.clone());
        let fault = Fault::new(Place::value(last), message).help(help);
        faults.push(parts.fold(fault, |fault, part| fault.related(part, "excludes it")));
    }
}
