//! The lint `unusable-file`.

use crate::lint::{Context, Fault, PipelineSubject};

lint! {
    /// A file that a pipeline names cannot be used.
    ///
    /// # Why
    ///
    /// A registry that is not there knows no agent, and a record of manifests that cannot be read vouches
    /// for no tool: everything is denied, or the runtime does not start.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// version: 1
    /// plugins:
    ///   - identity-enforcer: { registry: agents.yaml }
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
    "unusable-file": Error, Pipeline(check)
}

fn check(pipeline: &PipelineSubject, _: &Context, faults: &mut Vec<Fault>) {
    for (route, reason) in &pipeline.unusable {
        let fault = Fault::new(route.clone(), reason.clone());
        faults.push(fault.help("paths are relative to the pipeline file; `agent-spm lint` it to see what is wrong with the file"));
    }
}
