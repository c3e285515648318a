//! The lint `label-spelling`.

use std::collections::BTreeMap;

use crate::document::edit::Edit;
use crate::lint::{BundleSubject, Context, Effect, Fault};

lint! {
    /// A data label is spelled as none is, or in two ways.
    ///
    /// The platform's classifier gives the labels `PII`, `PCI`, `PHI` and `SECRET`. Labels of your own
    /// may have any name, but one.
    ///
    /// # Why
    ///
    /// Labels are compared exactly. A rule for `pii` never matches a call that carries `PII`, and what
    /// it should have stopped goes through.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// rules:
    ///   - id: NO_PERSONAL_DATA
    ///     description: personal data is not mailed
    ///     match: { tool_name: send_email, environment: "*" }
    ///     when: { data_labels_any: [pii] }
    ///     outcome: DENY
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// rules:
    ///   - id: NO_PERSONAL_DATA
    ///     description: personal data is not mailed
    ///     match: { tool_name: send_email, environment: "*" }
    ///     when: { data_labels_any: [PII] }
    ///     outcome: DENY
    /// ```
    "label-spelling": Warning, Bundle(check)
}

/// The labels that the platform's classifier gives.
const KNOWN: [&str; 4] = ["PII", "PCI", "PHI", "SECRET"];

fn check(bundle: &BundleSubject, _: &Context, faults: &mut Vec<Fault>) {
    let mut spellings: BTreeMap<String, (&str, crate::diagnostic::Route)> = BTreeMap::new();
    for (index, rule) in bundle.rules() {
        let Some(when) = &rule.when else { continue };
        let list = BundleSubject::route(index)
            .key("when")
            .key("data_labels_any");
        for (element, label) in when.data_labels_any.iter().enumerate() {
            let route = list.index(element);
            let folded = folded(label);
            let known = KNOWN
                .into_iter()
                .find(|known| known.to_lowercase() == folded);
            if let Some(known) = known.filter(|known| known != label) {
                let message =
                    format!("no call carries the label `{label}`: it is spelled `{known}`");
                let replace = Edit::Replace {
                    route: route.clone(),
                    value: known.into(),
                };
                let fault = Fault::new(route, message).help(format!("write `{known}`"));
                faults.push(fault.fix(
                    format!("write `{known}` for `{label}`"),
                    // Calls may carry the label as it is, whatever the classifier does.
                    Effect::Widens,
                    vec![replace],
                ));
                continue;
            }
            let (first, place) = spellings.entry(folded).or_insert((label, route.clone()));
            if *first != label {
                let message = format!("the label `{label}` is spelled `{first}` elsewhere");
                let fault = Fault::new(route, message).related(place.clone(), "here");
                faults.push(fault.help("labels are compared exactly: decide for one spelling"));
            }
        }
    }
}

/// What spellings of one label have in common.
fn folded(label: &str) -> String {
    let letters = label
        .chars()
        .filter(|c| !matches!(c, '-' | '_' | ' ' | '.'));
    letters.flat_map(char::to_lowercase).collect()
}
