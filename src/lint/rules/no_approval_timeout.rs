//! The lint `no-approval-timeout`.

use crate::diagnostic::Route;
use crate::lint::{Context, Fault, PipelineSubject};

lint! {
    /// An approval may take as long as it likes.
    ///
    /// # Why
    ///
    /// A call that waits for hours is approved by somebody who has forgotten why, or it goes through in
    /// another situation than the one it was asked in. The platform's hardening guide asks for five
    /// minutes.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// version: 1
    /// plugins:
    ///   - kill-switch: {}
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
    "no-approval-timeout": Warning, Pipeline(check)
}

fn check(pipeline: &PipelineSubject, _: &Context, faults: &mut Vec<Fault>) {
    let approvals = pipeline.root.get("approvals");
    // One that cannot be read has a problem of its own.
    let timeout = approvals.and_then(|approvals| approvals.get("timeout_ms"));
    if timeout.is_none() {
        let fault = Fault::new(
            Route::root().key("approvals").key("timeout_ms"),
            "approvals have no timeout",
        );
        faults.push(fault.help("add `approvals: { timeout_ms: 300000 }`"));
    }
}
