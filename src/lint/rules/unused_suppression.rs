//! The lint `unused-suppression`. It is found where settings are applied.

lint! {
    /// Nothing is found of what is accepted.
    ///
    /// It is reported in the settings file, when a file that it is about was linted.
    ///
    /// # Why
    ///
    /// What it hid was mended. Left in place it hides the same mistake when somebody makes it again.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// lint:
    ///   suppress:
    ///     - lint: unsigned
    ///       reason: the build signs it
    ///       until: "2026-08-31"
    /// ```
    ///
    /// ```yaml
    /// rules: []
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// lint:
    ///   suppress:
    ///     - lint: unsigned
    ///       reason: the build signs it
    ///       until: "2026-08-31"
    /// ```
    ///
    /// ```yaml whole
    /// version: "1"
    /// generated_at: "2026-05-01T00:00:00Z"
    /// expires_at: "2026-07-01T00:00:00Z"
    /// rules: []
    /// defaults: { outcome: DENY }
    /// ```
    "unused-suppression": Warning
}
