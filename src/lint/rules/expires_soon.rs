//! The lint `expires-soon`.

use std::time::Duration;

use crate::diagnostic::Route;
use crate::lint::{BundleSubject, Context, Fault};

lint! {
    /// The bundle expires soon.
    ///
    /// How soon is `--expiry-warning`, 14 days unless given.
    ///
    /// # Why
    ///
    /// From `expires_at` on the runtime refuses the bundle, at night as well as by day. Whoever signs
    /// it again needs some time to review it first.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// expires_at: "2026-06-05T00:00:00Z"
    /// rules: []
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// expires_at: "2026-07-05T00:00:00Z"
    /// rules: []
    /// ```
    "expires-soon": Warning, Bundle(check)
}

const DAY: u64 = 24 * 3600;

fn check(bundle: &BundleSubject, context: &Context, faults: &mut Vec<Fault>) {
    let Some((text, expires)) = bundle.expires_at() else {
        return;
    };
    let left = expires.micros().saturating_sub(context.options.at.micros());
    // Of what has expired another lint speaks.
    let Some(left) = u64::try_from(left).ok().filter(|left| *left > 0) else {
        return;
    };
    let left = Duration::from_micros(left);
    if left > context.options.expiry_warning {
        return;
    }
    let days = left.as_secs() / DAY;
    let when = match days {
        0 => "in less than a day".to_owned(),
        1 => "in a day".to_owned(),
        days => format!("in {days} days"),
    };
    let fault = Fault::new(
        Route::root().key("expires_at"),
        format!("the bundle expires {when}, at `{text}`"),
    );
    faults.push(fault.help("review it, then sign it anew with `agent-spm sign --expires-in`"));
}
