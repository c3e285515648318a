//! The lint `reserved-rule-id`.

use crate::lint::{BundleSubject, Context, Fault};
use crate::model::decision::Outcome;
use crate::model::event::PLUGIN_CODES;

lint! {
    /// A rule has the reason code of the default or of a plugin.
    ///
    /// # Why
    ///
    /// A rule's id is the reason code of its decisions. With the code of something else, nobody who reads
    /// the audit log can tell which of them decided, and alerts go off for the wrong thing.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// rules:
    ///   - id: RATE_LIMIT_AGENT
    ///     description: no bulk mail
    ///     match: { tool_name: send_bulk_mail, environment: "*" }
    ///     outcome: DENY
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// rules:
    ///   - id: NO_BULK_MAIL
    ///     description: no bulk mail
    ///     match: { tool_name: send_bulk_mail, environment: "*" }
    ///     outcome: DENY
    /// ```
    "reserved-rule-id": Warning, Bundle(check)
}

fn check(bundle: &BundleSubject, _: &Context, faults: &mut Vec<Fault>) {
    for (index, rule) in bundle.rules() {
        let outcome = rule.id.strip_prefix("DEFAULT_");
        let is_default = outcome.is_some_and(|outcome| {
            let mut outcomes = Outcome::ALL.iter();
            outcomes.any(|known| known.as_str() == outcome)
        });
        let whose = if is_default {
            "the default"
        } else if PLUGIN_CODES.contains(&rule.id.as_str()) {
            "a plugin"
        } else {
            continue;
        };
        let fault = Fault::new(
            BundleSubject::route(index).key("id"),
            format!("rule id `{}` is the reason code of {whose}", rule.id),
        );
        faults.push(fault.help("call the rule after what it is about"));
    }
}
