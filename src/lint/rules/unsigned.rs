//! The lint `unsigned`.

use crate::diagnostic::Route;
use crate::lint::{Beside, BundleSubject, Context, Fault};

lint! {
    /// The bundle has no signature.
    ///
    /// A signature beside the file, as `agent-spm sign --detached` makes one, counts when it is there.
    ///
    /// # Why
    ///
    /// Whoever can write to the place that the runtime loads its policy from can change every rule, and
    /// nothing shows it.
    ///
    /// # Bad
    ///
    /// ```yaml whole
    /// version: "1"
    /// generated_at: "2026-05-01T00:00:00Z"
    /// expires_at: "2026-07-01T00:00:00Z"
    /// rules: []
    /// defaults: { outcome: DENY }
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml whole
    /// version: "1"
    /// generated_at: "2026-05-01T00:00:00Z"
    /// expires_at: "2026-07-01T00:00:00Z"
    /// rules: []
    /// defaults: { outcome: DENY }
    /// signature: [{ keyid: reviewer, sig: AAAA }]
    /// ```
    "unsigned": Note, Bundle(check)
}

fn check(bundle: &BundleSubject, _: &Context, faults: &mut Vec<Fault>) {
    if bundle.root.get("signature").is_none() && bundle.beside == Beside::Nothing {
        let fault = Fault::new(Route::root(), "the bundle is not signed");
        faults.push(fault.help("sign it with `agent-spm sign`"));
    }
}
