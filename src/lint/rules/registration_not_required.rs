//! The lint `registration-not-required`.

use crate::lint::{Context, Fault, PipelineSubject};

lint! {
    /// Agents that nobody registered may call tools.
    ///
    /// # Why
    ///
    /// With `require_registration: false` an agent that is not in the registry is passed on with the trust
    /// and the roles that it claims itself: a shadow agent need only say that it is privileged.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// version: 1
    /// plugins:
    ///   - identity-enforcer: { registry: { agents: [] }, require_registration: false }
    /// approvals: { timeout_ms: 300000 }
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// version: 1
    /// plugins:
    ///   - identity-enforcer: { registry: { agents: [{ agent_id: clerk }] } }
    /// approvals: { timeout_ms: 300000 }
    /// ```
    "registration-not-required": Warning, Pipeline(check)
}

fn check(pipeline: &PipelineSubject, _: &Context, faults: &mut Vec<Fault>) {
    for (index, entry) in pipeline.pipeline.plugins.iter().enumerate() {
        let options = entry.identity_enforcer.as_ref();
        if options.is_some_and(|options| options.require_registration == Some(false)) {
            let route = PipelineSubject::route(index, "identity-enforcer");
            let fault = Fault::new(
                route.key("require_registration"),
                "agents that nobody registered may call tools",
            );
            faults.push(fault.help("remove it, and register the agents that exist"));
        }
    }
}
