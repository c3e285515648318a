//! The lint `unknown-agent-killed`.

use std::collections::BTreeSet;

use crate::document::locate::Place;
use crate::document::suggest::nearest;
use crate::lint::{Context, Fault, PipelineSubject};

lint! {
    /// An agent is stopped that is not registered.
    ///
    /// # Why
    ///
    /// Probably its id is mistyped, and the agent that should be stopped goes on. When it is meant, and
    /// registration is required, the agent could not call anything anyway.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// version: 1
    /// plugins:
    ///   - kill-switch: { agents: { clerk-01: key leaked } }
    ///   - identity-enforcer: { registry: { agents: [{ agent_id: clerk-1 }] } }
    /// approvals: { timeout_ms: 300000 }
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// version: 1
    /// plugins:
    ///   - kill-switch: { agents: { clerk-1: key leaked } }
    ///   - identity-enforcer: { registry: { agents: [{ agent_id: clerk-1 }] } }
    /// approvals: { timeout_ms: 300000 }
    /// ```
    "unknown-agent-killed": Warning, Pipeline(check)
}

fn check(pipeline: &PipelineSubject, _: &Context, faults: &mut Vec<Fault>) {
    let Some(subject) = &pipeline.registry else {
        return;
    };
    let registry = &subject.registry;
    let agents = registry.agents.iter().map(|agent| agent.agent_id.as_str());
    let known: BTreeSet<&str> = agents
        .chain(registry.revoked_agents.iter().map(String::as_str))
        .collect();
    for (index, entry) in pipeline.pipeline.plugins.iter().enumerate() {
        let Some(options) = &entry.kill_switch else {
            continue;
        };
        let killed = options.agents.keys();
        for agent in killed.filter(|agent| !known.contains(agent.as_str())) {
            let route = PipelineSubject::route(index, "kill-switch")
                .key("agents")
                .key(agent);
            let near = nearest(agent, known.iter().copied());
            let message = match near {
                Some(near) => format!("agent `{agent}` is not registered, did you mean `{near}`?"),
                None => format!("agent `{agent}` is not registered"),
            };
            let fault = Fault::new(Place::key(route), message);
            faults.push(fault.help("write the id as the registry has it"));
        }
    }
}
