//! The lint `duplicate-tool`.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::lint::{Context, Fault, ManifestSubject};

lint! {
    /// A server has two tools of one name.
    ///
    /// # Why
    ///
    /// Clients differ on which of them is called. A reviewer reads the first, and the model gets the
    /// second.
    ///
    /// # Bad
    ///
    /// ```json
    /// { "tools": [{ "name": "pay", "description": "Pays" }, { "name": "pay", "description": "Pays at once" }] }
    /// ```
    ///
    /// # Good
    ///
    /// ```json
    /// { "tools": [{ "name": "pay", "description": "Pays" }, { "name": "pay_now", "description": "Pays at once" }] }
    /// ```
    "duplicate-tool": Error, Manifest(check)
}

fn check(manifest: &ManifestSubject, _: &Context, faults: &mut Vec<Fault>) {
    let mut seen = BTreeMap::new();
    for (route, tool) in manifest.tools() {
        match seen.entry(tool.name.as_str()) {
            Entry::Vacant(entry) => {
                entry.insert(route.key("name"));
            }
            Entry::Occupied(first) => {
                let message = format!("the server has a tool `{}` already", tool.name);
                let fault = Fault::new(route.key("name"), message);
                faults.push(
                    fault
                        .help("give every tool its own name")
                        .related(first.get().clone(), "here"),
                );
            }
        }
    }
}
