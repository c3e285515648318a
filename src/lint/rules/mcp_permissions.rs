//! The lint `mcp-permissions`.

use crate::diagnostic::Route;
use crate::lint::{Context, Extent, Fault, ManifestSubject, Severity, mcp};

lint! {
    /// A server asks for risky permissions, or declares none.
    ///
    /// Of high risk are `filesystem.write`, `network.outbound`, `process.spawn`, `env.read`,
    /// `shell.execute` and `database.admin`. Permissions of medium risk and a missing list are notes.
    ///
    /// # Why
    ///
    /// What a server may do, everybody may do who gets it to: through a prompt, a poisoned page or a
    /// flaw. A server that declares nothing is not one that needs nothing.
    ///
    /// # Bad
    ///
    /// ```json
    /// {
    ///   "name": "weather",
    ///   "version": "1.2.0",
    ///   "source": "https://example.com/weather",
    ///   "publisher": "Example",
    ///   "verified": true,
    ///   "permissions": ["weather.read", "shell.execute"],
    ///   "tools": []
    /// }
    /// ```
    ///
    /// # Good
    ///
    /// ```json
    /// {
    ///   "name": "weather",
    ///   "version": "1.2.0",
    ///   "source": "https://example.com/weather",
    ///   "publisher": "Example",
    ///   "verified": true,
    ///   "permissions": ["weather.read"],
    ///   "tools": []
    /// }
    /// ```
    "mcp-permissions": Warning, Manifest(check)
}

fn check(manifest: &ManifestSubject, _: &Context, faults: &mut Vec<Fault>) {
    if manifest.extent == Extent::ToolsOnly {
        return;
    }
    let permissions = mcp::permissions(manifest);
    if permissions.is_empty() {
        let route = Route::root().key("permissions");
        let fault = Fault::new(route, "the server declares no permissions");
        faults.push(
            fault
                .help("declare those that it needs, so that others can be refused")
                .severity(Severity::Note),
        );
    }
    for (route, name) in permissions {
        let (risk, severity) = if mcp::HIGH_RISK.contains(&name) {
            ("high", Severity::Warning)
        } else if mcp::MEDIUM_RISK.contains(&name) {
            ("medium", Severity::Note)
        } else {
            continue;
        };
        let fault = Fault::new(route, format!("`{name}` is a permission of {risk} risk"));
        faults.push(
            fault
                .help("make sure that the server needs it, and give it a narrower one if there is")
                .severity(severity),
        );
    }
}
