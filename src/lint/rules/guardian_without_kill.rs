//! The lint `guardian-without-kill`.

use crate::diagnostic::Route;
use crate::document::locate::Place;
use crate::lint::{Context, Fault, PipelineSubject};

lint! {
    /// The guardian stops no agent, whatever it does.
    ///
    /// A guardian of one's own, without a blueprint, has no `auto_kill_threshold` unless it says so; 0
    /// means none.
    ///
    /// # Why
    ///
    /// It reports what an agent does out of the ordinary. Until somebody reads that, the agent goes on.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// version: 1
    /// guardian: { frequency_threshold: 60 }
    /// approvals: { timeout_ms: 300000 }
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// version: 1
    /// guardian: { frequency_threshold: 60, auto_kill_threshold: 5 }
    /// approvals: { timeout_ms: 300000 }
    /// ```
    "guardian-without-kill": Warning, Pipeline(check)
}

fn check(pipeline: &PipelineSubject, _: &Context, faults: &mut Vec<Fault>) {
    let Some(guardian) = &pipeline.pipeline.guardian else {
        return;
    };
    let options = guardian.options();
    let route = Route::root().key("guardian");
    let place = match (options.blueprint, options.auto_kill_threshold) {
        (_, Some(0)) => Place::value(route.key("auto_kill_threshold")),
        (None, None) => Place::key(route),
        _ => return,
    };
    let fault = Fault::new(place, "the guardian stops no agent");
    faults.push(fault.help("set `auto_kill_threshold`: the blueprints stop agents at 3, 5 and 10"));
}
