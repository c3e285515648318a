//! The lint `generated-in-the-future`.

use crate::diagnostic::Route;
use crate::lint::{BundleSubject, Context, Fault};

lint! {
    /// The bundle says that it was made in the future.
    ///
    /// # Why
    ///
    /// `agent-spm verify` refuses it as `not_yet_valid`. Either a clock is wrong, or somebody makes a
    /// bundle look newer than the ones that will follow it.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// generated_at: "2026-06-15T00:00:00Z"
    /// expires_at: "2026-07-15T00:00:00Z"
    /// rules: []
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// generated_at: "2026-05-15T00:00:00Z"
    /// expires_at: "2026-07-15T00:00:00Z"
    /// rules: []
    /// ```
    "generated-in-the-future": Error, Bundle(check)
}

fn check(bundle: &BundleSubject, context: &Context, faults: &mut Vec<Fault>) {
    if let Some((text, generated)) = bundle.generated_at()
        && generated > context.options.at
    {
        let fault = Fault::new(
            Route::root().key("generated_at"),
            format!("the bundle was made in the future, at `{text}`"),
        );
        faults.push(fault.help("set the clock, then sign the bundle anew"));
    }
}
