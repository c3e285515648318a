//! The one registry of plugins: a line in [`built`] and a file below, each with its own manual.
//! Knows who there is, not what they do.

mod containment;
mod egress_enforcer;
mod identity_enforcer;
mod kill_switch;
mod output_validator;
mod rate_limiter;
mod session_context;
mod supply_chain_guard;

use super::{OnFailure, Plugin};
use crate::document::{Node, NodeKind, Path, Problems};
use crate::matcher::{Refusal, SpanPattern};
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
        plugin!(entry.egress_enforcer, egress_enforcer::EgressEnforcer),
        plugin!(
            entry.supply_chain_guard,
            supply_chain_guard::SupplyChainGuard
        ),
        plugin!(entry.containment, containment::Containment),
        plugin!(entry.session_context, session_context::SessionContext),
        plugin!(entry.output_validator, output_validator::OutputValidator),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Adds the problems of a plugin's options.
type Check = fn(&Node, &Path<'_>, &mut Problems);

/// The plugins whose options a schema does not describe entirely.
const CHECKS: &[(&str, Check)] = &[
    ("containment", containment::check),
    ("egress-enforcer", egress_enforcer::check),
    ("output-validator", output_validator::check),
    ("supply-chain-guard", supply_chain_guard::check),
];

/// Adds the problems that plugins find in their options, beyond what the schema says.
pub(super) fn check(root: &Node, problems: &mut Problems) {
    let plugins = root.get("plugins").and_then(Node::as_array).unwrap_or(&[]);
    let path = Path::Key(&Path::Root, "plugins");
    for (index, entry) in plugins.iter().enumerate() {
        let NodeKind::Object(members) = &entry.kind else {
            continue;
        };
        let path = Path::Index(&path, index);
        for member in members {
            let path = Path::Key(&path, &member.key);
            let mut checks = CHECKS.iter();
            if let Some((_, check)) = checks.find(|(name, _)| *name == member.key) {
                check(&member.value, &path, problems);
            }
        }
    }
}

fn on_failure(fail_open: bool) -> OnFailure {
    if fail_open {
        OnFailure::Continue
    } else {
        OnFailure::Deny
    }
}

/// Adds a problem if `node` is a pattern that cannot be used.
fn check_pattern(node: &Node, path: &Path<'_>, problems: &mut Problems) {
    let Some(Err(refusal)) = node.as_str().map(SpanPattern::new) else {
        return;
    };
    let help = match refusal {
        Refusal::Unsafe { .. } | Refusal::Undecided(_) => "write the loop without the ambiguity",
        Refusal::NotLinear => "write it without look-around and back-references",
        Refusal::TooLong { .. } | Refusal::TooLarge => "make it shorter, or several patterns",
        Refusal::Invalid(_) => "correct it; patterns are ECMAScript, without slashes and flags",
    };
    let message = refusal.to_string();
    problems.add("refused-pattern", path, node.span, message, help.to_owned());
}
