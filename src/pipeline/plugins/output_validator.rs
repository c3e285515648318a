//! `output-validator`: what tools must not return.
//!
//! **What.** Looks at the `result` of each call, string by string, keys included. Reports results
//! in which one of `patterns` matches (`SENSITIVE_OUTPUT`), in which one of `forbidden_keywords`
//! occurs, upper and lower case alike (`FORBIDDEN_KEYWORD`), and which have more than
//! `max_output_size` bytes (`OVERSIZED_OUTPUT`). Patterns are ECMAScript as in `matches_regex`;
//! one that is unsafe, or that needs look-around or back-references, is refused.
//!
//! **Why.** What a tool returns is what the model reads next, and what it may pass on: an injected
//! instruction, a secret, a dump that crowds out the conversation. The call was made, so the plugin
//! reports and decides nothing; `fail_open` changes nothing either, its failures are reported.
//!
//! ```yaml
//! - output-validator:
//!     patterns: [{ name: internal-host, pattern: '\b[a-z0-9-]+\.corp\.example\b' }]
//!     forbidden_keywords: ["ignore previous instructions"]
//!     max_output_size: 100000
//! ```

use aho_corasick::AhoCorasick;

use crate::document::{Node, Path, Problems};
use crate::matcher::SpanPattern;
use crate::model::pipeline::output::{OutputPattern, OutputValidator as Options};
use crate::model::request::Request;
use crate::model::returned::Returned;
use crate::pipeline::{Alert, LooksAt, Plugin};

/// What must not be returned.
pub(super) struct OutputValidator {
    /// Each with what reports call it.
    patterns: Vec<(String, SpanPattern)>,
    keywords: Option<AhoCorasick>,
    max_bytes: Option<u64>,
    /// Why it cannot look, if an option cannot be used.
    unusable: Option<String>,
}

impl OutputValidator {
    pub(super) fn new(options: &Options) -> Self {
        let mut unusable = None;
        let mut patterns = Vec::new();
        for (index, pattern) in options.patterns.iter().enumerate() {
            let (name, source) = match pattern {
                OutputPattern::Plain(source) => (format!("patterns[{index}]"), source),
                OutputPattern::Named(named) => (named.name.clone(), &named.pattern),
            };
            match SpanPattern::new(source) {
                Ok(pattern) => patterns.push((name, pattern)),
                Err(refusal) => unusable = Some(format!("`{name}`: {refusal}")),
            }
        }
        let keywords = options.forbidden_keywords.iter();
        let keywords: Vec<String> = keywords.map(|keyword| keyword.0.to_lowercase()).collect();
        let keywords = (!keywords.is_empty()).then(|| {
            AhoCorasick::builder()
                .ascii_case_insensitive(true)
                .build(keywords)
                .map_err(|error| unusable = Some(format!("`forbidden_keywords`: {error}")))
        });
        Self {
            patterns,
            keywords: keywords.and_then(Result::ok),
            max_bytes: options.max_output_size,
            unusable,
        }
    }
}

/// Adds a problem for every pattern that cannot be used.
pub(super) fn check(options: &Node, path: &Path<'_>, problems: &mut Problems) {
    let path = Path::Key(path, "patterns");
    let patterns = options.get("patterns").and_then(Node::as_array);
    for (index, node) in patterns.unwrap_or(&[]).iter().enumerate() {
        let path = Path::Index(&path, index);
        match node.get("pattern") {
            Some(pattern) => {
                super::check_pattern(pattern, &Path::Key(&path, "pattern"), problems);
            }
            None => super::check_pattern(node, &path, problems),
        }
    }
}

fn texts(returned: &Returned) -> impl Iterator<Item = &[u8]> {
    let leaves = returned.leaves().map(|(_, text)| text);
    leaves.chain(returned.keys())
}

fn has_keyword(keywords: &AhoCorasick, text: &[u8]) -> bool {
    if text.is_ascii() {
        keywords.is_match(text)
    } else {
        keywords.is_match(&String::from_utf8_lossy(text).to_lowercase())
    }
}

impl Plugin for OutputValidator {
    fn name(&self) -> &str {
        "output-validator"
    }

    fn looks_at(&self) -> LooksAt {
        LooksAt::Results
    }

    fn returned(
        &self,
        _: &Request,
        returned: &Returned,
        report: &mut dyn FnMut(Alert),
    ) -> Result<(), String> {
        if let Some(reason) = &self.unusable {
            return Err(reason.clone());
        }
        let mut patterns = self.patterns.iter();
        let matching =
            patterns.find(|(_, pattern)| texts(returned).any(|text| pattern.find(text).is_some()));
        if let Some((name, _)) = matching {
            report(Alert {
                code: "SENSITIVE_OUTPUT",
                message: format!("the result matches pattern `{name}`"),
            });
        }
        if let Some(keywords) = &self.keywords
            && texts(returned).any(|text| has_keyword(keywords, text))
        {
            report(Alert {
                code: "FORBIDDEN_KEYWORD",
                message: "the result contains a forbidden keyword".to_owned(),
            });
        }
        if let (Some(max), Some(bytes)) = (self.max_bytes, returned.bytes)
            && bytes > max
        {
            report(Alert {
                code: "OVERSIZED_OUTPUT",
                message: format!("the result has {bytes} bytes, {max} are allowed"),
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn validator(options: &str) -> OutputValidator {
        OutputValidator::new(&serde_json::from_str(options).expect("options"))
    }

    fn codes(options: &str, key: &str, text: &str) -> Vec<&'static str> {
        let mut returned = Returned::default();
        let key = returned.add_key(|out| out.extend_from_slice(key.as_bytes()));
        returned.add_leaf(Some(key), |out| out.extend_from_slice(text.as_bytes()));
        returned.bytes = Some(text.len() as u64);
        let mut codes = Vec::new();
        validator(options)
            .returned(&Request::default(), &returned, &mut |alert| {
                codes.push(alert.code);
            })
            .expect("looks");
        codes
    }

    #[test]
    fn each_option_has_its_code() {
        let options = r#"{"patterns":["b+c",{"name":"n","pattern":"^x$"}],
            "forbidden_keywords":["Stra\u00dfe","É"],"max_output_size":5}"#;
        assert_eq!(codes(options, "k", "aBBc"), ["SENSITIVE_OUTPUT"]);
        assert_eq!(codes(options, "x", "a"), ["SENSITIVE_OUTPUT"]);
        assert_eq!(codes(options, "k", "é"), ["FORBIDDEN_KEYWORD"]);
        assert_eq!(codes(options, "k", "zzzzzz"), ["OVERSIZED_OUTPUT"]);
        assert_eq!(codes(options, "k", "zzzzz"), [""; 0]);
        let all = ["SENSITIVE_OUTPUT", "FORBIDDEN_KEYWORD", "OVERSIZED_OUTPUT"];
        assert_eq!(codes(options, "k", "STRAßE bc"), all);
        assert_eq!(codes("{}", "k", &"a".repeat(1 << 20)), [""; 0]);
    }

    #[test]
    fn a_pattern_that_cannot_be_used_is_a_failure() {
        let validator = validator(r#"{"patterns":["a",{"name":"n","pattern":"("}]}"#);
        let looked = validator.returned(&Request::default(), &Returned::default(), &mut |_| ());
        let reason = looked.expect_err("it cannot look");
        assert!(
            reason.starts_with("`n`: the pattern is invalid"),
            "{reason}"
        );
    }
}
