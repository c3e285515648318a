//! Findings as JUnit XML, which continuous integration shows as tests: a suite a file, a case a
//! finding. What is accepted or known is skipped.
//!
//! Source: the schema of the Apache Ant JUnit task, as Jenkins and GitLab read it; the characters
//! that XML 1.0 allows, §2.2.

use std::fmt::Write as _;

use super::asserted;
use super::custody::Property;
use super::escape::terminal;
use super::findings::{File, Findings, Shown};
use super::proofs::Proofs;
use super::remarks::verdict;
use super::review::trace_lines;
use crate::lint::Before;
use crate::logic::Proof;
use crate::simulate::TestCases;

/// The findings as one XML document.
pub fn render(findings: &Findings) -> String {
    let suites: Vec<Suite<'_>> = findings.files.iter().map(Suite::new).collect();
    let sum = |count: fn(&Suite<'_>) -> usize| suites.iter().map(count).sum::<usize>();
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(
        out,
        "<testsuites name=\"agent-spm lint\" tests=\"{}\" failures=\"{}\" skipped=\"{}\">",
        sum(|suite| suite.tests()),
        sum(|suite| suite.failures),
        sum(|suite| suite.skipped),
    );
    for suite in &suites {
        suite.render(&mut out);
    }
    out.push_str("</testsuites>\n");
    out
}

/// Assertions as one XML document: a suite a policy, a case an assertion.
pub fn of_assertions(policies: &[Proofs<'_>]) -> String {
    let all = policies.iter().flat_map(|policy| policy.proofs);
    let counts = |proofs: &mut dyn Iterator<Item = &Proof>| {
        let (mut tests, mut failures) = (0, 0);
        for proof in proofs {
            tests += 1;
            failures += usize::from(*proof != Proof::Proved);
        }
        format!("tests=\"{tests}\" failures=\"{failures}\"")
    };
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuites name=\"agent-spm lint\" {}>\n",
        counts(&mut all.into_iter())
    );
    for policy in policies {
        let file = escaped(policy.policy.document.source.name());
        let counts = counts(&mut policy.proofs.iter());
        let _ = writeln!(out, "  <testsuite name=\"{file}\" {counts}>");
        for (assertion, proof) in policy.assertions.iter().zip(policy.proofs) {
            let name = escaped(&assertion.id);
            let _ = write!(out, "    <testcase classname=\"{file}\" name=\"{name}\"");
            let faults = asserted::faults(policy.policy, assertion, proof);
            if faults.is_empty() {
                out.push_str("/>\n");
                continue;
            }
            out.push_str(">\n");
            for fault in &faults {
                failure(&mut out, &file, fault);
            }
            out.push_str("    </testcase>\n");
        }
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

/// Test cases of a policy as one XML document: a test a case, and an error if so many cannot be
/// read.
pub fn of_cases(cases: &TestCases, unreadable: u64, made_from: &[Property]) -> String {
    let errors = u64::from(unreadable > 0);
    let counts = format!(
        "tests=\"{}\" failures=\"{}\" errors=\"{errors}\"",
        cases.passed + cases.failed + errors,
        cases.failed
    );
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuites name=\"agent-spm simulate\" {counts}>\n  \
         <testsuite name=\"test cases\" {counts}>\n    <properties>\n"
    );
    for (name, value) in made_from {
        let (name, value) = (escaped(name), escaped(value));
        let _ = writeln!(out, "      <property name=\"{name}\" value=\"{value}\"/>");
    }
    out.push_str("    </properties>\n");
    if unreadable > 0 {
        let _ = writeln!(
            out,
            "    <testcase name=\"unreadable test cases\">\n      \
             <error message=\"test cases that cannot be read: {unreadable}\"/>\n    </testcase>"
        );
    }
    for case in &cases.cases {
        let place = escaped(&case.place.to_string());
        let file = escaped(&case.place.source);
        let _ = write!(
            out,
            "    <testcase classname=\"{file}\" name=\"{} ({place})\" file=\"{file}\" line=\"{}\"",
            escaped(&case.request_id),
            case.place.line,
        );
        let Some(failure) = &case.failure else {
            out.push_str("/>\n");
            continue;
        };
        let (expected, got) = verdict(failure);
        let message = escaped(&format!("expected {expected}, got {got}"));
        let _ = writeln!(
            out,
            ">\n      <failure type=\"unexpected-decision\" message=\"{message}\">{place}: {message}"
        );
        for line in trace_lines(&failure.trace) {
            let _ = writeln!(out, "{}", escaped(&line));
        }
        out.push_str("</failure>\n    </testcase>\n");
    }
    out.push_str("  </testsuite>\n</testsuites>\n");
    out
}

struct Suite<'a> {
    file: &'a File,
    failures: usize,
    skipped: usize,
}

impl<'a> Suite<'a> {
    fn new(file: &'a File) -> Self {
        let failures = file.findings.iter().filter(|shown| shown.counts()).count();
        Self {
            file,
            failures,
            skipped: file.findings.len() - failures,
        }
    }

    /// A file without findings is one test that passes.
    fn tests(&self) -> usize {
        self.file.findings.len().max(1)
    }

    fn render(&self, out: &mut String) {
        let name = escaped(&self.file.name);
        let _ = writeln!(
            out,
            "  <testsuite name=\"{name}\" tests=\"{}\" failures=\"{}\" skipped=\"{}\">",
            self.tests(),
            self.failures,
            self.skipped,
        );
        if self.file.findings.is_empty() {
            let _ = writeln!(
                out,
                "    <testcase classname=\"{name}\" name=\"no findings\"/>"
            );
        }
        for shown in &self.file.findings {
            case(out, &name, shown);
        }
        out.push_str("  </testsuite>\n");
    }
}

fn case(out: &mut String, file: &str, shown: &Shown) {
    let title = match shown.route.as_str() {
        "" => shown.id.to_owned(),
        route => format!("{}: {}", shown.id, escaped(route)),
    };
    let line = shown.range.map_or(String::new(), |range| {
        format!(" file=\"{file}\" line=\"{}\"", range.start.line)
    });
    let _ = writeln!(
        out,
        "    <testcase classname=\"{file}\" name=\"{title}\"{line}>"
    );
    let message = escaped(&shown.message);
    match (&shown.suppressed, shown.before) {
        (Some(suppressed), _) => {
            let reason = escaped(&suppressed.reason);
            let _ = writeln!(out, "      <skipped message=\"accepted: {reason}\"/>");
        }
        (None, Some(Before::Unchanged)) => {
            let _ = writeln!(out, "      <skipped message=\"known: {message}\"/>");
        }
        (None, _) => failure(out, file, shown),
    }
    out.push_str("    </testcase>\n");
}

fn failure(out: &mut String, file: &str, shown: &Shown) {
    let severity = shown.severity.as_str();
    let message = escaped(&shown.message);
    let place = shown.range.map_or(String::new(), |range| {
        format!(":{}:{}", range.start.line, range.start.column)
    });
    let help = shown
        .help
        .as_deref()
        .map_or(String::new(), |help| format!("\nhelp: {}", escaped(help)));
    let _ = writeln!(
        out,
        "      <failure type=\"{}\" message=\"{message}\">{file}{place}: {severity}: {message}{help}</failure>",
        shown.id,
    );
}

/// Text from outside for XML: first made visible, then its markup escaped.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in terminal(text).chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            // Forbidden in XML, and hidden by no terminal.
            '\u{FFFE}' | '\u{FFFF}' => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(character));
            }
            other => out.push(other),
        }
    }
    out
}
