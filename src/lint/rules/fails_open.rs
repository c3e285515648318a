//! The lint `fails-open`.

use crate::document::NodeKind;
use crate::lint::{Context, Fault, PipelineSubject};

lint! {
    /// A guard lets calls through when it fails.
    ///
    /// The kill switch and the rate limiter are meant: what is there for emergencies.
    ///
    /// # Why
    ///
    /// Whoever can make the plugin fail, by a request that it cannot take, is rid of it. A kill switch that
    /// does not hold under attack is none.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// version: 1
    /// plugins:
    ///   - kill-switch: { fail_open: true }
    /// approvals: { timeout_ms: 300000 }
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// version: 1
    /// plugins:
    ///   - kill-switch: {}
    /// approvals: { timeout_ms: 300000 }
    /// ```
    "fails-open": Error, Pipeline(check)
}

/// The plugins that must hold.
const GUARDS: [&str; 2] = ["kill-switch", "rate-limiter"];

fn check(pipeline: &PipelineSubject, _: &Context, faults: &mut Vec<Fault>) {
    for (index, plugin, options) in pipeline.plugins() {
        let fails_open = options.get("fail_open").map(|node| &node.kind);
        if GUARDS.contains(&plugin) && fails_open == Some(&NodeKind::Bool(true)) {
            let route = PipelineSubject::route(index, plugin).key("fail_open");
            let fault = Fault::new(
                route,
                format!("`{plugin}` lets calls through when it fails"),
            );
            faults.push(fault.help("remove `fail_open`; what fails denies"));
        }
    }
}
