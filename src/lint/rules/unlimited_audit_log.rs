//! The lint `unlimited-audit-log`.

use crate::diagnostic::Route;
use crate::lint::{Context, Fault, PipelineSubject};

lint! {
    /// The audit log in memory has no limit.
    ///
    /// # Why
    ///
    /// An agent in a loop fills the memory of the runtime until it is stopped, and with it every guard.
    /// What must be kept for long belongs into a SIEM or a file.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// version: 1
    /// audit: { max_events: 0 }
    /// approvals: { timeout_ms: 300000 }
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// version: 1
    /// audit: { max_events: 10000 }
    /// approvals: { timeout_ms: 300000 }
    /// ```
    "unlimited-audit-log": Warning, Pipeline(check)
}

fn check(pipeline: &PipelineSubject, _: &Context, faults: &mut Vec<Fault>) {
    let audit = pipeline.pipeline.audit.as_ref();
    if audit.is_some_and(|audit| audit.max_events == Some(0)) {
        let route = Route::root().key("audit").key("max_events");
        let fault = Fault::new(route, "the audit log in memory has no limit");
        faults.push(fault.help("leave it out for 10,000 events, and export them to a SIEM"));
    }
}
