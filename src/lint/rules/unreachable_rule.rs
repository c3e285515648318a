//! The lint `unreachable-rule`.

use crate::document::locate::Place;
use crate::lint::{Context, Fault, Reasoning, Severity, Undecided};
use crate::logic::Reachability;
use crate::model::decision::Outcome;

lint! {
    /// A rule can never decide, because earlier rules match all that it matches.
    ///
    /// The rules that hide it are named: one, or several that do it only together. It is proved, not
    /// guessed: there is no call at all that this rule would decide, whatever its patterns match.
    /// Where a pattern with look-around or back-references leaves that open, nothing is said, but
    /// with `--strict`. `lint --witness` shows a request for each rule that can decide.
    ///
    /// # Why
    ///
    /// The first rule that matches decides. A rule that is never the first does nothing, whatever it
    /// says. When it should have denied what an earlier rule allows, that is a hole; then this is an
    /// error.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// rules:
    ///   - id: PAYMENTS_IN_PROD
    ///     description: agents do not pay in production
    ///     match: { tool_name: trigger_payment, environment: prod }
    ///     outcome: DENY
    ///   - id: LARGE_PAYMENTS
    ///     description: a manager approves large payments
    ///     match: { tool_name: trigger_payment, environment: prod }
    ///     when: { tool_args_match: { amount: { gt: 1000 } } }
    ///     outcome: REQUIRE_APPROVAL
    ///     approver_role: finance_manager
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// rules:
    ///   - id: LARGE_PAYMENTS
    ///     description: a manager approves large payments
    ///     match: { tool_name: trigger_payment, environment: prod }
    ///     when: { tool_args_match: { amount: { gt: 1000 } } }
    ///     outcome: REQUIRE_APPROVAL
    ///     approver_role: finance_manager
    ///   - id: PAYMENTS_IN_PROD
    ///     description: agents make no other payments in production
    ///     match: { tool_name: trigger_payment, environment: prod }
    ///     outcome: DENY
    /// ```
    "unreachable-rule": Warning..Error, Rules(check)
}

fn check(rules: &Reasoning, context: &Context, faults: &mut Vec<Fault>) {
    let catch_all = rules.logic().catch_all();
    for (number, rule) in rules.rules() {
        let route = rules.route(number);
        let by = match rules.logic().reachable(number) {
            Reachability::Hidden(by) => by,
            Reachability::Unknown(why) if context.options.undecided == Undecided::Refused => {
                let message = format!(
                    "whether rule `{}` can ever decide is unknown: {why}",
                    rule.id
                );
                faults.push(Fault::new(route.key("id"), message).severity(Severity::Note));
                continue;
            }
            _ => continue,
        };
        // Said once for all, of the rule that matches every call.
        if catch_all.is_some_and(|catch_all| by == [catch_all]) {
            continue;
        }
        let (verb, how) = match by.len() {
            1 => ("matches", ""),
            _ => ("match", " together"),
        };
        let message = format!(
            "rule `{}` can never decide: {}{how} {verb} all its calls first",
            rule.id,
            rules.ids(&by)
        );
        let help = "move it before them, make them narrower, or remove it";
        let mut fault = Fault::new(Place::value(route.key("id")), message).help(if by.len() == 1 {
            help.replace("them", "it")
        } else {
            help.to_owned()
        });
        for &hiding in &by {
            let outcome = rules.rule(hiding).map(|rule| rule.outcome.as_str());
            fault = fault.related(
                rules.route(hiding).key("id"),
                format!("decides `{}`", outcome.unwrap_or_default()),
            );
        }
        let allowed = by.iter().any(|&hiding| {
            rules
                .rule(hiding)
                .is_some_and(|rule| rule.outcome == Outcome::Allow)
        });
        faults.push(match allowed && rule.outcome != Outcome::Allow {
            true => fault.severity(Severity::Error),
            false => fault,
        });
    }
}
