//! The lint `mcp-unverified`.

use crate::diagnostic::Route;
use crate::lint::{Context, Extent, Fault, ManifestSubject, mcp};

lint! {
    /// Nobody has checked where a server comes from.
    ///
    /// # Why
    ///
    /// `verified: true` is the word of whoever keeps the manifests that the origin was checked. Without
    /// it, the server may be a copy under a known name; `supply-chain-guard` refuses its tools with
    /// `block_unverified_mcp`.
    ///
    /// # Bad
    ///
    /// ```json
    /// {
    ///   "name": "weather",
    ///   "version": "1.2.0",
    ///   "source": "https://example.com/weather",
    ///   "publisher": "Example",
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
    "mcp-unverified": Warning, Manifest(check)
}

fn check(manifest: &ManifestSubject, _: &Context, faults: &mut Vec<Fault>) {
    if manifest.extent == Extent::Whole && !mcp::is_verified(manifest) {
        let fault = Fault::new(Route::root().key("verified"), "the server is not verified");
        faults.push(fault.help("check its origin, then say `verified: true`"));
    }
}
