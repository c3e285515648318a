//! The lint `shallow-signature`.

use crate::diagnostic::Route;
use crate::document::Node;
use crate::lint::{BundleSubject, Context, Fault};
use crate::signing::shallow;

lint! {
    /// The signature covers next to nothing of the bundle.
    ///
    /// The platform's runtime, up to 0.3 at least, signs a text in which every rule is `{}`. Whether a
    /// signature is such a one can be told only with the secret: give it by `--secret-file`, `--keys` or
    /// in `AGENT_SPM_SECRET`.
    ///
    /// # Why
    ///
    /// Every rule can be rewritten without the signature breaking, `DENY` to `ALLOW` for one.
    ///
    /// # Bad
    ///
    /// Signed with the secret `the secret of the examples, 0123456789`:
    ///
    /// ```yaml whole
    /// version: "1"
    /// generated_at: "2026-05-01T00:00:00Z"
    /// expires_at: "2026-07-01T00:00:00Z"
    /// rules: []
    /// defaults: { outcome: DENY }
    /// signature: 91aaad5223f0773a720b4f0b4ef46922e6ccfd9b61f9bbc37699a5c013274620
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml whole
    /// version: "1"
    /// generated_at: "2026-05-01T00:00:00Z"
    /// expires_at: "2026-07-01T00:00:00Z"
    /// rules: []
    /// defaults: { outcome: DENY }
    /// signature: c6485921f619fd943dd33eacaaf9f90ba69447e07322aaae66afbac4f89fa92d
    /// ```
    "shallow-signature": Error, Bundle(check)
}

/// Routes named in one finding.
const NAMED: usize = 4;

fn check(bundle: &BundleSubject, context: &Context, faults: &mut Vec<Fault>) {
    let signature = bundle.root.get("signature").and_then(Node::as_str);
    let (Some(text), Some(keys)) = (signature, &context.options.keys) else {
        return;
    };
    let Some(coverage) = shallow::found(&bundle.root, text, &keys.iter().collect::<Vec<_>>())
    else {
        return;
    };
    let shown: Vec<String> = coverage
        .uncovered
        .iter()
        .take(NAMED)
        .map(|route| format!("`{route}`"))
        .collect();
    let more = if coverage.uncovered.len() > NAMED {
        " and more"
    } else {
        ""
    };
    let message = format!("the signature does not cover {}{more}", shown.join(", "));
    let fault = Fault::new(Route::root().key("signature"), message);
    faults.push(
        fault
            .help("sign it anew with `agent-spm sign`, which covers all of it")
            .detail("uncovered", coverage.uncovered),
    );
}
