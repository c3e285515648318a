//! The lint `pinned-hash-changed`.

use std::collections::BTreeMap;

use crate::canonical;
use crate::diagnostic::Route;
use crate::digest::sha256_hex;
use crate::document::Node;
use crate::lint::{Content, Context, Fault, FaultIn, Subject};
use crate::model::pipeline::supply_chain_guard::sha256;

lint! {
    /// A manifest is not the one whose hash is recorded.
    ///
    /// The record is that of `supply-chain-guard`, inline in a pipeline file of the run, in the file that
    /// it names, or named itself. A recorded hash is that of a manifest's bytes, of its RFC 8785 form, or
    /// of that of the one tool.
    ///
    /// # Why
    ///
    /// The record says what the manifest was when somebody looked at it. A server that changes its
    /// descriptions afterwards (a "rug pull") gets the model to do what nobody has approved; the guard
    /// refuses its tools with `PROVENANCE_FAILED`.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// tools:
    ///   - tool_name: forecast
    ///     manifest_hash: "sha256:0000000000000000000000000000000000000000000000000000000000000000"
    /// ```
    ///
    /// ```json
    /// { "tools": [{ "name": "forecast", "description": "The weather of tomorrow" }] }
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// tools:
    ///   - tool_name: forecast
    ///     manifest_hash: "sha256:a54474bc1e41ad20c07c337767b57cab7808ea8eda45293dafb8ebf58f861e3b"
    /// ```
    ///
    /// ```json
    /// { "tools": [{ "name": "forecast", "description": "The weather of tomorrow" }] }
    /// ```
    "pinned-hash-changed": Error, Together(check)
}

fn check(subjects: &[Subject], _: &Context, faults: &mut Vec<FaultIn>) {
    let mut recorded: BTreeMap<&str, (usize, Route, String)> = BTreeMap::new();
    for (index, subject) in subjects.iter().enumerate() {
        let Some((route, record)) = subject.content.provenance() else {
            continue;
        };
        for (number, tool) in record.tools.iter().enumerate() {
            if let Some(digits) = sha256(&tool.manifest_hash) {
                let route = route.as_ref().map_or_else(Route::root, |route| {
                    route.key("tools").index(number).key("manifest_hash")
                });
                recorded
                    .entry(&tool.tool_name)
                    .or_insert((index, route, digits));
            }
        }
    }
    if recorded.is_empty() {
        return;
    }
    for (index, subject) in subjects.iter().enumerate() {
        let Content::Manifest(manifest) = &subject.content else {
            continue;
        };
        let whole = [
            sha256_hex(subject.document.source.text().as_bytes()),
            canonical(&subject.document.root),
        ];
        for (number, tool) in manifest.tools.iter().enumerate() {
            let Some(tool) = tool else { continue };
            let Some((record, place, digits)) = recorded.get(tool.name.as_str()) else {
                continue;
            };
            let route = manifest.tools_route.index(number);
            let own = subject
                .document
                .find(&route)
                .map(|found| canonical(found.node()));
            if whole.contains(digits) || own.as_ref() == Some(digits) {
                continue;
            }
            let message = format!(
                "the manifest of `{}` is not the one that is recorded",
                tool.name
            );
            let fault = Fault::new(route.key("name"), message)
                .help("compare it with what was approved; if it is good, record its hash anew")
                .related_in(*record, place.clone(), "recorded here")
                .detail("recorded", digits.as_str())
                .detail("actual", own.unwrap_or_default())
                .detail("actual_file", whole.first().cloned().unwrap_or_default());
            faults.push((index, fault));
        }
    }
}

/// SHA-256 of the RFC 8785 form, which does not depend on order and layout.
fn canonical(node: &Node) -> String {
    canonical::to_vec(node).map_or_else(|_| String::new(), |bytes| sha256_hex(&bytes))
}
