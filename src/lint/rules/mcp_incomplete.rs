//! The lint `mcp-incomplete`.

use crate::diagnostic::Route;
use crate::document::Node;
use crate::lint::{Context, Extent, Fault, ManifestSubject};

lint! {
    /// A server does not say its version, its publisher or its source.
    ///
    /// # Why
    ///
    /// Without a source nobody can look at the code; without a publisher nobody answers for it; without a
    /// version nobody can tell whether it is still the one that was looked at.
    ///
    /// # Bad
    ///
    /// ```json
    /// {
    ///   "name": "weather",
    ///   "version": "1.2.0",
    ///   "verified": true,
    ///   "permissions": ["weather.read"],
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
    "mcp-incomplete": Warning, Manifest(check)
}

fn check(manifest: &ManifestSubject, _: &Context, faults: &mut Vec<Fault>) {
    if manifest.extent == Extent::ToolsOnly {
        return;
    }
    for (key, help) in [
        ("version", "say which version this is the manifest of"),
        ("publisher", "say who answers for the server"),
        (
            "source",
            "say where the code can be read, or the package is",
        ),
    ] {
        let says = manifest.root.get(key).and_then(Node::as_str);
        if says.is_none_or(|text| text.trim().is_empty()) {
            let route = Route::root().key(key);
            let fault = Fault::new(route, format!("the server does not say its {key}"));
            faults.push(fault.help(help));
        }
    }
}
