//! The one registry of plugins: a line in [`built`] and a file below, each with its own manual.
//! Knows who there is, not what they do.

mod identity_enforcer;
mod kill_switch;
mod rate_limiter;
mod session_context;

use super::{OnFailure, Plugin};
use crate::model::pipeline::PluginEntry;

/// The plugins of an entry of a pipeline file, which holds one.
pub(super) fn built(entry: &PluginEntry) -> Vec<(Box<dyn Plugin>, OnFailure)> {
    /// A plugin that is configured, out of its options.
    macro_rules! plugin {
        ($options:expr, $plugin:path) => {
            $options.as_ref().map(|options| {
                let plugin: Box<dyn Plugin> = Box::new(<$plugin>::new(options));
                (plugin, on_failure(options.fail_open))
            })
        };
    }
    [
        plugin!(entry.kill_switch, kill_switch::KillSwitch),
        plugin!(entry.rate_limiter, rate_limiter::RateLimiter),
        plugin!(entry.identity_enforcer, identity_enforcer::IdentityEnforcer),
        plugin!(entry.session_context, session_context::SessionContext),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn on_failure(fail_open: bool) -> OnFailure {
    if fail_open {
        OnFailure::Continue
    } else {
        OnFailure::Deny
    }
}
