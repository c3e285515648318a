//! What keeps a document from being loaded, with a page for each kind of problem, in the form of
//! the lints' manuals. The problems are found by whoever reads documents; this knows what they are
//! called, and why they matter.

/// The manual of each kind of problem, from its doc comment.
macro_rules! problems {
    ($($(#[doc = $line:literal])+ $code:literal,)+) => {
        &[$(($code, concat!($($line, "\n"),+))),+]
    };
}

/// The kinds of problems with their manuals, by their names.
pub static PROBLEMS: &[(&str, &str)] = problems! {
    /// An alias repeats a part of the document.
    ///
    /// # Why
    ///
    /// What is read is not what stands there: a change at the anchor changes every place that repeats it,
    /// and a few aliases of aliases make a document of gigabytes.
    ///
    /// # Bad
    ///
    /// ```yaml also:anchor
    /// rules:
    ///   - id: PAY
    ///     description: payments
    ///     match: { tool_name: pay, environment: prod }
    ///     outcome: DENY
    /// metadata: { owner: &o ops, reviewer: *o }
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// rules:
    ///   - id: PAY
    ///     description: payments
    ///     match: { tool_name: pay, environment: prod }
    ///     outcome: DENY
    /// metadata: { owner: ops, reviewer: ops }
    /// ```
    "alias",
    /// A value means different things to different YAML readers.
    ///
    /// # Why
    ///
    /// YAML 1.1 reads `no`, `on` and `1_000` as a truth value and a number, YAML 1.2 as texts; a date is
    /// a time to one and a text to the other. Quotes settle it.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// rules:
    ///   - id: PAY
    ///     description: payments
    ///     match: { tool_name: pay, environment: prod }
    ///     when: { contains_any: [yes] }
    ///     outcome: DENY
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// rules:
    ///   - id: PAY
    ///     description: payments
    ///     match: { tool_name: pay, environment: prod }
    ///     when: { contains_any: ["yes"] }
    ///     outcome: DENY
    /// ```
    "ambiguous-scalar",
    /// Two YAML readers disagree on a value.
    ///
    /// # Why
    ///
    /// Two unrelated parsers read every document. Where they do not agree, the runtime may be a third
    /// that agrees with neither.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// rules: []
    /// metadata: { ?a: b }
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// rules: []
    /// metadata: { a: b }
    /// ```
    "ambiguous-yaml",
    /// An anchor names a part of the document.
    ///
    /// # Why
    ///
    /// Anchors are there for aliases, which are refused: what is read would not be what stands there.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// rules:
    ///   - id: PAY
    ///     description: payments
    ///     match: { tool_name: pay, environment: prod }
    ///     outcome: DENY
    /// metadata: &m { owner: ops }
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// rules:
    ///   - id: PAY
    ///     description: payments
    ///     match: { tool_name: pay, environment: prod }
    ///     outcome: DENY
    /// metadata: { owner: ops }
    /// ```
    "anchor",
    /// A pattern for commands is blank.
    ///
    /// # Why
    ///
    /// It matches no command, so that its rule never decides.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// version: 1
    /// plugins:
    ///   - supply-chain-guard: { commands: { rules: [{ pattern: " ", action: allow }] } }
    /// approvals: { timeout_ms: 300000 }
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// version: 1
    /// plugins:
    ///   - supply-chain-guard: { commands: { rules: [{ pattern: npm test, action: allow }] } }
    /// approvals: { timeout_ms: 300000 }
    /// ```
    "blank-pattern",
    /// The text begins with a byte-order mark.
    ///
    /// # Why
    ///
    /// It is no part of JSON or YAML text in UTF-8; some readers fail on it, and hashes differ by it.
    ///
    /// # Bad
    ///
    /// ```json escapes
    /// \u{feff}{ "rules": [] }
    /// ```
    ///
    /// # Good
    ///
    /// ```json
    /// { "rules": [] }
    /// ```
    "byte-order-mark",
    /// A control character stands in the text.
    ///
    /// # Why
    ///
    /// Readers differ on them, and terminals act on them.
    ///
    /// # Bad
    ///
    /// ```yaml escapes
    /// rules: []
    /// metadata: { note: "a\u{8}b" }
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// rules: []
    /// metadata: { note: ab }
    /// ```
    "control-character",
    /// A directive stands before the document.
    ///
    /// # Why
    ///
    /// `%YAML 1.1` and `%TAG` change what the text below means.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// %YAML 1.2
    /// ---
    /// rules: []
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// rules: []
    /// ```
    "directive",
    /// A key is given twice.
    ///
    /// # Why
    ///
    /// Readers differ on which one counts: what is reviewed may not be what is enforced. (RFC 7493)
    ///
    /// # Bad
    ///
    /// ```yaml
    /// rules:
    ///   - id: PAY
    ///     description: payments
    ///     match: { tool_name: pay, environment: prod }
    ///     outcome: ALLOW
    ///     outcome: DENY
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// rules:
    ///   - id: PAY
    ///     description: payments
    ///     match: { tool_name: pay, environment: prod }
    ///     outcome: DENY
    /// ```
    "duplicate-key",
    /// A plugin is given twice.
    ///
    /// # Why
    ///
    /// Which options count would be a guess.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// version: 1
    /// plugins:
    ///   - kill-switch: {}
    ///   - kill-switch: {}
    /// approvals: { timeout_ms: 300000 }
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// version: 1
    /// plugins:
    ///   - kill-switch: {}
    /// approvals: { timeout_ms: 300000 }
    /// ```
    "duplicate-plugin",
    /// An agent or a tool is registered twice.
    ///
    /// # Why
    ///
    /// Which trust and which roles count would be a guess.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// agents: [{ agent_id: clerk }, { agent_id: clerk, trust_level: system }]
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// agents: [{ agent_id: clerk }]
    /// ```
    "duplicate-registration",
    /// Two rules have one id.
    ///
    /// # Why
    ///
    /// The id is the reason code of a decision: the audit log could not say which of them decided.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// rules:
    ///   - id: PAY
    ///     description: payments
    ///     match: { tool_name: pay, environment: prod }
    ///     outcome: DENY
    ///   - id: PAY
    ///     description: payments
    ///     match: { tool_name: pay, environment: prod }
    ///     outcome: DENY
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// rules:
    ///   - id: PAY
    ///     description: payments
    ///     match: { tool_name: pay, environment: prod }
    ///     outcome: DENY
    ///   - id: REFUND
    ///     description: payments
    ///     match: { tool_name: refund, environment: prod }
    ///     outcome: DENY
    /// ```
    "duplicate-rule-id",
    /// The document holds nothing.
    ///
    /// # Why
    ///
    /// An empty policy is none, and a file that was cut off while it was written may be empty.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// # nothing
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// rules: []
    /// ```
    "empty-document",
    /// An object has no member where one is needed.
    ///
    /// # Why
    ///
    /// A comparison that compares with nothing would hold for every argument.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// rules:
    ///   - id: PAY
    ///     description: payments
    ///     match: { tool_name: pay, environment: prod }
    ///     when: { tool_args_match: { amount: {} } }
    ///     outcome: DENY
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// rules:
    ///   - id: PAY
    ///     description: payments
    ///     match: { tool_name: pay, environment: prod }
    ///     when: { tool_args_match: { amount: { gt: 100 } } }
    ///     outcome: DENY
    /// ```
    "empty-object",
    /// A bundle expires before it was made.
    ///
    /// # Why
    ///
    /// The runtime never loads it. The dates are probably the wrong way round.
    ///
    /// # Bad
    ///
    /// ```yaml also:generated-in-the-future also:expired
    /// generated_at: "2026-07-01T00:00:00Z"
    /// expires_at: "2026-05-01T00:00:00Z"
    /// rules: []
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// generated_at: "2026-05-01T00:00:00Z"
    /// expires_at: "2026-07-01T00:00:00Z"
    /// rules: []
    /// ```
    "expires-too-early",
    /// A key is not a text.
    ///
    /// # Why
    ///
    /// JSON has texts as keys only; YAML readers differ on what others become.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// rules: []
    /// metadata: { 1: one }
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// rules: []
    /// metadata: { "1": one }
    /// ```
    "key-not-string",
    /// A line ends as not all readers see it.
    ///
    /// # Why
    ///
    /// U+0085, U+2028, U+2029 and a carriage return alone end a line for some YAML readers and not for
    /// others: what is a comment to one is a rule to the other.
    ///
    /// # Bad
    ///
    /// ```yaml escapes also:hidden-characters
    /// rules: []
    /// metadata: { note: "a\u{2028}b" }
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// rules: []
    /// metadata: { note: a b }
    /// ```
    "line-break",
    /// Half a character is escaped.
    ///
    /// # Why
    ///
    /// `\ud800` alone is no character. Readers replace it, drop it or fail. (RFC 7493)
    ///
    /// # Bad
    ///
    /// ```json
    /// { "rules": [], "metadata": { "note": "\ud83d" } }
    /// ```
    ///
    /// # Good
    ///
    /// ```json
    /// { "rules": [], "metadata": { "note": "\ud83d\ude00" } }
    /// ```
    "lone-surrogate",
    /// A merge key pulls in the members of another object.
    ///
    /// # Why
    ///
    /// `<<` is read by some YAML readers and is an ordinary key to others.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// rules: []
    /// metadata: { <<: { a: b } }
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// rules: []
    /// metadata: { a: b }
    /// ```
    "merge-key",
    /// A key is missing that every document of the kind has.
    ///
    /// # Why
    ///
    /// Nothing is guessed: a rule without an outcome decides nothing.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// rules:
    ///   - id: PAY
    ///     description: payments
    ///     match: { tool_name: pay, environment: prod }
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// rules:
    ///   - id: PAY
    ///     description: payments
    ///     match: { tool_name: pay, environment: prod }
    ///     outcome: DENY
    /// ```
    "missing-key",
    /// A code point is no character.
    ///
    /// # Why
    ///
    /// U+FFFE, U+FFFF and their like are for programs' own use and must not be exchanged. (RFC 7493)
    ///
    /// # Bad
    ///
    /// ```json
    /// { "rules": [], "metadata": { "note": "a\uffffb" } }
    /// ```
    ///
    /// # Good
    ///
    /// ```json
    /// { "rules": [], "metadata": { "note": "ab" } }
    /// ```
    "noncharacter",
    /// A hash of a manifest is none.
    ///
    /// # Why
    ///
    /// No manifest has it, so that the tool is always refused.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// tools: [{ tool_name: forecast, manifest_hash: "sha256:12ab" }]
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// tools: [{ tool_name: forecast, manifest_hash: "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" }]
    /// ```
    "not-a-sha256",
    /// The text is not UTF-8.
    ///
    /// # Why
    ///
    /// Readers differ on what other bytes mean.
    "not-utf8",
    /// A number is one that readers round differently.
    ///
    /// # Why
    ///
    /// Beyond ±(2^53 - 1) neighbouring integers are one double: two limits that differ on paper are one
    /// to the runtime. (RFC 7493)
    ///
    /// # Bad
    ///
    /// ```yaml
    /// rules:
    ///   - id: PAY
    ///     description: payments
    ///     match: { tool_name: pay, environment: prod }
    ///     when: { tool_args_match: { amount: { gt: 9007199254740993 } } }
    ///     outcome: DENY
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// rules:
    ///   - id: PAY
    ///     description: payments
    ///     match: { tool_name: pay, environment: prod }
    ///     when: { tool_args_match: { amount: { gt: 1000000 } } }
    ///     outcome: DENY
    /// ```
    "number-range",
    /// A number is smaller or larger than it may be.
    ///
    /// # Why
    ///
    /// A revision below 0 or a window of no length means nothing.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// version: 2
    /// approvals: { timeout_ms: 300000 }
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// version: 1
    /// approvals: { timeout_ms: 300000 }
    /// ```
    "out-of-range",
    /// A plugin cannot use a pattern.
    ///
    /// # Why
    ///
    /// What is no pattern, or unsafe, or longer than 512 characters is never found. A plugin that should
    /// find it finds nothing.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// version: 1
    /// plugins:
    ///   - output-validator: { patterns: ["(a+"] }
    /// approvals: { timeout_ms: 300000 }
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// version: 1
    /// plugins:
    ///   - output-validator: { patterns: ["ab"] }
    /// approvals: { timeout_ms: 300000 }
    /// ```
    "refused-pattern",
    /// A file holds several documents.
    ///
    /// # Why
    ///
    /// Readers differ on which one counts.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// rules: []
    /// ---
    /// rules: []
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// rules: []
    /// ```
    "several-documents",
    /// An entry is about several plugins.
    ///
    /// # Why
    ///
    /// The order in which they run would be a guess.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// version: 1
    /// plugins:
    ///   - kill-switch: {}
    ///     rate-limiter: { max_per_minute: 60 }
    /// approvals: { timeout_ms: 300000 }
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// version: 1
    /// plugins:
    ///   - kill-switch: {}
    ///   - rate-limiter: { max_per_minute: 60 }
    /// approvals: { timeout_ms: 300000 }
    /// ```
    "several-plugins",
    /// The grammar is broken.
    ///
    /// # Why
    ///
    /// What follows the first such fault is guessing, so that nothing else is said of the file.
    ///
    /// # Bad
    ///
    /// ```json
    /// { "rules": [}
    /// ```
    ///
    /// # Good
    ///
    /// ```json
    /// { "rules": [] }
    /// ```
    "syntax",
    /// A tag says what type a value has.
    ///
    /// # Why
    ///
    /// Tags are carried out by the program that reads them, some of them as code.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// rules: []
    /// metadata: { note: !!str 1 }
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// rules: []
    /// metadata: { note: "1" }
    /// ```
    "tag",
    /// Lists and objects are nested more deeply than the limit.
    ///
    /// # Why
    ///
    /// Deep nesting exhausts the stack of readers. `--max-depth` raises the limit of 20.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// rules: []
    /// metadata: { list: [[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]] }
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// rules: []
    /// metadata: { list: [] }
    /// ```
    "too-deep",
    /// A document has more bytes than the limit.
    ///
    /// # Why
    ///
    /// `--max-bytes` raises the limit of 1 MiB.
    "too-large",
    /// A bundle has more rules than the limit.
    ///
    /// # Why
    ///
    /// Nobody reviews so many. `--max-rules` raises the limit of 1,000.
    "too-many-rules",
    /// A text or a list is empty that must not be.
    ///
    /// # Why
    ///
    /// A rule without an id has no reason code.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// rules:
    ///   - id: ""
    ///     description: payments
    ///     match: { tool_name: pay, environment: prod }
    ///     outcome: DENY
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// rules:
    ///   - id: PAY
    ///     description: payments
    ///     match: { tool_name: pay, environment: prod }
    ///     outcome: DENY
    /// ```
    "too-short",
    /// A key is unknown.
    ///
    /// # Why
    ///
    /// It would be passed over, and a mistyped condition with it: the rule would match more than it says.
    /// Only `metadata` and `constraints` take keys of your own.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// rules:
    ///   - id: PAY
    ///     description: payments
    ///     match: { tool_name: pay, environment: prod }
    ///     when: { contain_any: [iban] }
    ///     outcome: DENY
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// rules:
    ///   - id: PAY
    ///     description: payments
    ///     match: { tool_name: pay, environment: prod }
    ///     when: { contains_any: [iban] }
    ///     outcome: DENY
    /// ```
    "unknown-key",
    /// The settings name a lint that does not exist.
    ///
    /// # Why
    ///
    /// What should be accepted is not, or the other way round.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// lint: { severity: { unsined: error } }
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// lint: { severity: { unsigned: error } }
    /// ```
    "unknown-lint",
    /// A word is none of those that are known.
    ///
    /// # Why
    ///
    /// An outcome or a trust level that nobody knows decides nothing.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// rules:
    ///   - id: PAY
    ///     description: payments
    ///     match: { tool_name: pay, environment: prod }
    ///     outcome: deny
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// rules:
    ///   - id: PAY
    ///     description: payments
    ///     match: { tool_name: pay, environment: prod }
    ///     outcome: DENY
    /// ```
    "unknown-value",
    /// A date, a time or a duration is none.
    ///
    /// # Why
    ///
    /// A date that cannot be read is one that never comes.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// expires_at: next summer
    /// rules: []
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// expires_at: "2026-07-01T00:00:00Z"
    /// rules: []
    /// ```
    "wrong-format",
    /// A value is of another type than it must be.
    ///
    /// # Why
    ///
    /// `"5"` is not `5`, and one name is not a list of names: comparisons do not convert.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// rules:
    ///   - id: PAY
    ///     description: payments
    ///     match: { tool_name: pay, environment: prod }
    ///     when: { tool_args_match: { amount: { gt: "100" } } }
    ///     outcome: DENY
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// rules:
    ///   - id: PAY
    ///     description: payments
    ///     match: { tool_name: pay, environment: prod }
    ///     when: { tool_args_match: { amount: { gt: 100 } } }
    ///     outcome: DENY
    /// ```
    "wrong-type",
};
