//! The lint `idle-plugin`.

use crate::document::locate::Place;
use crate::lint::{Context, Fault, PipelineSubject};

lint! {
    /// A plugin has nothing to do.
    ///
    /// A rate limiter without a limit is meant, and a session context without one.
    ///
    /// # Why
    ///
    /// The pipeline looks as if calls were limited, and they are not. A limit of 0 means any number.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// version: 1
    /// plugins:
    ///   - rate-limiter: { max_per_minute: 0 }
    /// approvals: { timeout_ms: 300000 }
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// version: 1
    /// plugins:
    ///   - rate-limiter: { max_per_minute: 60 }
    /// approvals: { timeout_ms: 300000 }
    /// ```
    "idle-plugin": Warning, Pipeline(check)
}

fn check(pipeline: &PipelineSubject, _: &Context, faults: &mut Vec<Fault>) {
    for (index, entry) in pipeline.pipeline.plugins.iter().enumerate() {
        let limits = |limit: Option<u32>| limit.is_some_and(|limit| limit > 0);
        let (plugin, help) = if let Some(options) = &entry.rate_limiter
            && !limits(options.max_per_minute)
            && !limits(options.max_per_minute_per_tool)
        {
            ("rate-limiter", "set `max_per_minute`, or remove the plugin")
        } else if let Some(options) = &entry.session_context
            && options.limits.is_empty()
        {
            ("session-context", "set `limits`, or remove the plugin")
        } else {
            continue;
        };
        let place = Place::key(PipelineSubject::route(index, plugin));
        faults.push(Fault::new(place, format!("`{plugin}` limits nothing")).help(help));
    }
}
