//! The lint `approval-without-role`.

use crate::lint::{BundleSubject, Context, Fault};
use crate::model::decision::Outcome;

lint! {
    /// An approval is required, but it is not said whose.
    ///
    /// # Why
    ///
    /// Without `approver_role` every approver's answer counts, also that of somebody who knows nothing
    /// of the matter, and the audit log does not say who should have been asked.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// rules:
    ///   - id: REFUNDS
    ///     description: refunds need approval
    ///     match: { tool_name: refund, environment: prod }
    ///     outcome: REQUIRE_APPROVAL
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
    "approval-without-role": Warning, Bundle(check)
}

fn check(bundle: &BundleSubject, _: &Context, faults: &mut Vec<Fault>) {
    for (index, rule) in bundle.rules() {
        let role = rule.approver_role.as_deref().unwrap_or_default();
        if rule.outcome == Outcome::RequireApproval && role.trim().is_empty() {
            let route = BundleSubject::route(index);
            let fault = match rule.approver_role {
                Some(_) => Fault::new(route.key("approver_role"), "`approver_role` names no role"),
                None => Fault::new(
                    route.key("outcome"),
                    format!("rule `{}` does not say who approves", rule.id),
                ),
            };
            faults.push(fault.help("add `approver_role`"));
        }
    }
}
