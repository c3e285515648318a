//! The lint `lives-too-long`.

use crate::diagnostic::Route;
use crate::lint::{BundleSubject, Context, Fault};

lint! {
    /// The bundle is valid for more than 90 days.
    ///
    /// # Why
    ///
    /// Until it expires, everybody who has kept a copy can put an old bundle back in place, with the
    /// mistakes that were mended since. The platform's hardening guide asks for 30 to 90 days and for
    /// renewal by machine.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// generated_at: "2026-05-01T00:00:00Z"
    /// expires_at: "2027-05-01T00:00:00Z"
    /// rules: []
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// generated_at: "2026-05-01T00:00:00Z"
    /// expires_at: "2026-07-30T00:00:00Z"
    /// rules: []
    /// ```
    "lives-too-long": Warning, Bundle(check)
}

const DAY: i64 = 24 * 3600 * 1_000_000;
const LONGEST: i64 = 90;

fn check(bundle: &BundleSubject, _: &Context, faults: &mut Vec<Fault>) {
    let (Some((_, from)), Some((_, until))) = (bundle.generated_at(), bundle.expires_at()) else {
        return;
    };
    let life = until.micros().saturating_sub(from.micros());
    if life > LONGEST * DAY {
        let days = life.saturating_add(DAY - 1) / DAY;
        let fault = Fault::new(
            Route::root().key("expires_at"),
            format!("the bundle is valid for {days} days, more than {LONGEST}"),
        );
        faults.push(
            fault
                .help("sign it for 90 days at most, and renew it by machine")
                .related(Route::root().key("generated_at"), "valid from here"),
        );
    }
}
