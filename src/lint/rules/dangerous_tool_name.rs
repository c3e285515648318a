//! The lint `dangerous-tool-name`.

use crate::document::locate::Place;
use crate::lint::{Context, Fault, ManifestSubject, mcp};

lint! {
    /// The name of a tool promises to run anything.
    ///
    /// Names with `exec`, `shell`, `eval`, `spawn` or `system` in them are meant.
    ///
    /// # Why
    ///
    /// A tool that runs what it is given is every tool at once: whoever steers the model steers the
    /// machine. No policy can say what its calls may do but by reading commands.
    ///
    /// # Bad
    ///
    /// ```json
    /// { "tools": [{ "name": "run_shell_command", "description": "Runs a command" }] }
    /// ```
    ///
    /// # Good
    ///
    /// ```json
    /// { "tools": [{ "name": "list_branches", "description": "Lists the branches" }] }
    /// ```
    "dangerous-tool-name": Warning, Manifest(check)
}

fn check(manifest: &ManifestSubject, _: &Context, faults: &mut Vec<Fault>) {
    for (route, tool) in manifest.tools() {
        if let Some(part) = mcp::dangerous_part(&tool.name) {
            let message = format!("tool `{}` may run anything, by its name", tool.name);
            let fault = Fault::new(Place::text(route.key("name"), part), message);
            faults.push(fault.help(
                "offer tools for what is needed, or govern its commands with `supply-chain-guard`",
            ));
        }
    }
}
