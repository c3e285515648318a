//! The lint `egress-allows-by-default`.

use crate::lint::{Context, Fault, PipelineSubject};
use crate::model::pipeline::egress::EgressDefault;

lint! {
    /// Sensitive data may go wherever no egress rule says otherwise.
    ///
    ///
    ///
    /// # Why
    ///
    /// Rules name the ways out that somebody thought of. Through every other one, card numbers and keys
    /// leave without a word.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// version: 1
    /// plugins:
    ///   - egress-enforcer: { default_action: allow }
    /// approvals: { timeout_ms: 300000 }
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// version: 1
    /// plugins:
    ///   - egress-enforcer: { default_action: block }
    /// approvals: { timeout_ms: 300000 }
    /// ```
    "egress-allows-by-default": Warning, Pipeline(check)
}

fn check(pipeline: &PipelineSubject, _: &Context, faults: &mut Vec<Fault>) {
    for (index, entry) in pipeline.pipeline.plugins.iter().enumerate() {
        let options = entry.egress_enforcer.as_ref();
        let default = options.and_then(|options| options.default_action);
        if default == Some(EgressDefault::Allow) {
            let route = PipelineSubject::route(index, "egress-enforcer").key("default_action");
            let fault = Fault::new(
                route,
                "sensitive data that no rule is about may go anywhere",
            );
            faults.push(fault.help("write `block`, or `alert` while you find out what breaks"));
        }
    }
}
