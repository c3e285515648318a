//! The lint `default-not-deny`.

use crate::diagnostic::Route;
use crate::lint::{BundleSubject, Context, Fault, Severity};
use crate::model::decision::Outcome;

lint! {
    /// What no rule matches is not denied.
    ///
    /// # Why
    ///
    /// A call that nobody thought of, a new tool or a tool under another name is decided by the
    /// default. Only `DENY` keeps it from going through; with `ALLOW` the policy is a list of what
    /// is forbidden, and every gap in it is open.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// rules: []
    /// defaults: { outcome: ALLOW }
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// rules: []
    /// defaults: { outcome: DENY }
    /// ```
    "default-not-deny": Warning..Error, Bundle(check)
}

fn check(bundle: &BundleSubject, _: &Context, faults: &mut Vec<Fault>) {
    let Some(outcome) = bundle.default.filter(|outcome| *outcome != Outcome::Deny) else {
        return;
    };
    let route = Route::root().key("defaults").key("outcome");
    let fault = match outcome {
        Outcome::Allow => {
            Fault::new(route, "what no rule matches is allowed").severity(Severity::Error)
        }
        outcome => Fault::new(
            route,
            format!(
                "what no rule matches is not denied but `{}`",
                outcome.as_str()
            ),
        ),
    };
    faults.push(fault.help("write `DENY`, and a rule for each call that is wanted"));
}
