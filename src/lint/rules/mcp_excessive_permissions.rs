//! The lint `mcp-excessive-permissions`.

use crate::diagnostic::Route;
use crate::lint::{Context, Fault, ManifestSubject, mcp};

lint! {
    /// A server asks for three permissions of high risk or more.
    ///
    /// # Why
    ///
    /// To write files, run programs and reach the network is to be in charge of the machine. No tool
    /// server needs that; what needs it should be several servers, each confined to its own.
    ///
    /// # Bad
    ///
    /// ```json also:mcp-permissions also:mcp-risk
    /// {
    ///   "name": "weather",
    ///   "version": "1.2.0",
    ///   "source": "https://example.com/weather",
    ///   "publisher": "Example",
    ///   "verified": true,
    ///   "permissions": ["filesystem.write", "process.spawn", "network.outbound"],
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
    "mcp-excessive-permissions": Error, Manifest(check)
}

fn check(manifest: &ManifestSubject, _: &Context, faults: &mut Vec<Fault>) {
    let permissions = mcp::permissions(manifest).into_iter();
    let high = permissions.filter(|(_, name)| mcp::HIGH_RISK.contains(name));
    let high: Vec<_> = high.collect();
    if high.len() < mcp::EXCESSIVE {
        return;
    }
    let message = format!(
        "the server asks for {} permissions of high risk",
        high.len()
    );
    let mut fault = Fault::new(Route::root().key("permissions"), message)
        .help("split the server, and give each part what it needs");
    for (route, name) in high {
        fault = fault.related(route, format!("`{name}`"));
    }
    faults.push(fault);
}
