//! The lint `expired`.

use crate::diagnostic::Route;
use crate::lint::{BundleSubject, Context, Fault};

lint! {
    /// The bundle has expired.
    ///
    /// # Why
    ///
    /// The runtime and `agent-spm verify` refuse a bundle from its `expires_at` on. What an agent
    /// may do is then decided by whatever the runtime falls back to, not by this policy.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// generated_at: "2026-01-01T00:00:00Z"
    /// expires_at: "2026-03-01T00:00:00Z"
    /// rules: []
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// generated_at: "2026-05-01T00:00:00Z"
    /// expires_at: "2026-07-01T00:00:00Z"
    /// rules: []
    /// ```
    "expired": Error, Bundle(check)
}

fn check(bundle: &BundleSubject, context: &Context, faults: &mut Vec<Fault>) {
    if let Some((text, expires)) = bundle.expires_at()
        && expires <= context.options.at
    {
        let fault = Fault::new(
            Route::root().key("expires_at"),
            format!("the bundle has expired at `{text}`"),
        );
        faults.push(fault.help("review it, then sign it anew with `agent-spm sign --expires-in`"));
    }
}
