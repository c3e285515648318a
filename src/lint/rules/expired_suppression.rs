//! The lint `expired-suppression`. It is found where settings are applied.

lint! {
    /// A finding was accepted for a while that is over.
    ///
    /// It is reported in the settings file, and what it hid counts again.
    ///
    /// # Why
    ///
    /// A suppression has an end so that somebody looks at what it hides before it is forgotten.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// lint:
    ///   suppress:
    ///     - lint: unsigned
    ///       reason: the build signs it
    ///       until: "2026-05-31"
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
    "expired-suppression": Warning
}
