//! The lint `unused-approver-role`.

use crate::document::locate::Place;
use crate::lint::{BundleSubject, Context, Fault};
use crate::model::decision::Outcome;

lint! {
    /// A rule that allows or denies names an approver.
    ///
    /// # Why
    ///
    /// Nobody is asked: `ALLOW` lets the call through and `DENY` refuses it whatever the role says.
    /// Probably the outcome is not the one that was meant.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// rules:
    ///   - id: REFUNDS
    ///     description: refunds need approval
    ///     match: { tool_name: refund, environment: prod }
    ///     outcome: ALLOW
    ///     approver_role: finance_manager
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// rules:
    ///   - id: REFUNDS
    ///     description: refunds need approval
    ///     match: { tool_name: refund, environment: prod }
    ///     outcome: REQUIRE_APPROVAL
    ///     approver_role: finance_manager
    /// ```
    "unused-approver-role": Warning, Bundle(check)
}

fn check(bundle: &BundleSubject, _: &Context, faults: &mut Vec<Fault>) {
    for (index, rule) in bundle.rules() {
        if rule.approver_role.is_some() && matches!(rule.outcome, Outcome::Allow | Outcome::Deny) {
            let route = BundleSubject::route(index);
            let outcome = rule.outcome.as_str();
            let fault = Fault::new(
                Place::key(route.key("approver_role")),
                format!("rule `{}` asks nobody, its outcome is `{outcome}`", rule.id),
            );
            faults.push(
                fault
                    .help("write `REQUIRE_APPROVAL`, or remove `approver_role`")
                    .related(route.key("outcome"), "decides without it"),
            );
        }
    }
}
