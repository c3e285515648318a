//! What `lint` found, for programs: JSON with a versioned schema.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::findings::{File, Findings, Range, Shown};
use super::json::{TOOL, Tool};
use super::regex::PatternReport;
use crate::lint::{Before, Effect, LINTS, Lint, Manual, PROBLEMS};

/// The findings of a run, for programs.
#[derive(Debug, Serialize)]
pub struct Report<'a> {
    schema: &'static str,
    tool: Tool,
    files: Vec<FileReport<'a>>,
    /// What was named or found and is no document that can be linted.
    passed_over: Vec<PassedOverReport<'a>>,
    /// How many findings count, by severity: neither suppressed nor known from the baseline.
    summary: BTreeMap<&'static str, u64>,
    findings: Vec<FindingReport<'a>>,
    /// The patterns that were given by themselves, in their order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    patterns: Vec<PatternReport<'a>>,
    /// What the baseline has and is not found any more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    absent: Vec<AbsentReport<'a>>,
    /// What was mended before the findings were looked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixed: Vec<FixedReport<'a>>,
}

#[derive(Debug, Serialize)]
struct FixedReport<'a> {
    file: &'a str,
    /// Whether a signature was there, which does not hold any more.
    was_signed: bool,
    fixes: Vec<AppliedReport<'a>>,
}

#[derive(Debug, Serialize)]
struct AppliedReport<'a> {
    id: &'a str,
    route: &'a str,
    title: &'a str,
}

/// How `--fix` mends a finding.
#[derive(Debug, Serialize)]
struct FixReport<'a> {
    title: &'a str,
    /// Whether `--unsafe-fixes` is needed, since calls may get further.
    #[serde(rename = "unsafe")]
    is_unsafe: bool,
}

#[derive(Debug, Serialize)]
struct FileReport<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    findings: usize,
}

#[derive(Debug, Serialize)]
struct PassedOverReport<'a> {
    file: &'a str,
    reason: &'a str,
}

#[derive(Debug, Serialize)]
struct FindingReport<'a> {
    id: &'static str,
    severity: &'static str,
    file: &'a str,
    #[serde(flatten)]
    place: PlaceReport,
    route: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
    related: Vec<RelatedReport<'a>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    details: BTreeMap<&'static str, &'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<FixReport<'a>>,
    /// How to read its page.
    explain: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    fingerprint: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suppressed: Option<SuppressedReport<'a>>,
    /// `new` or `unchanged`, with a baseline.
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline: Option<&'static str>,
}

#[derive(Debug, Serialize)]
struct SuppressedReport<'a> {
    reason: &'a str,
    until: &'a str,
}

#[derive(Debug, Serialize)]
struct AbsentReport<'a> {
    id: &'a str,
    file: &'a str,
    fingerprint: &'a str,
    message: &'a str,
}

#[derive(Debug, Default, Serialize)]
struct PlaceReport {
    line: Option<usize>,
    column: Option<usize>,
    end_line: Option<usize>,
    end_column: Option<usize>,
}

#[derive(Debug, Serialize)]
struct RelatedReport<'a> {
    file: &'a str,
    #[serde(flatten)]
    place: PlaceReport,
    route: &'a str,
    message: &'a str,
}

/// The findings for programs, and what is known about patterns that were given by themselves.
pub fn report<'a>(findings: &'a Findings, patterns: Vec<PatternReport<'a>>) -> Report<'a> {
    Report {
        schema: "agent-spm/lint/1",
        tool: TOOL,
        files: findings
            .files
            .iter()
            .map(|file| FileReport {
                name: &file.name,
                kind: file.kind,
                findings: file.findings.len(),
            })
            .collect(),
        passed_over: findings
            .passed_over
            .iter()
            .map(|passed| PassedOverReport {
                file: &passed.file,
                reason: &passed.reason,
            })
            .collect(),
        summary: findings
            .counts()
            .into_iter()
            .map(|(severity, count)| (severity.as_str(), count))
            .collect(),
        findings: findings
            .all()
            .map(|(file, shown)| finding(findings, file, shown))
            .collect(),
        patterns,
        absent: findings
            .absent
            .iter()
            .map(|absent| AbsentReport {
                id: &absent.id,
                file: &absent.file,
                fingerprint: &absent.fingerprint,
                message: &absent.message,
            })
            .collect(),
        fixed: findings
            .fixed
            .iter()
            .map(|file| FixedReport {
                file: &file.name,
                was_signed: file.was_signed,
                fixes: file
                    .done
                    .iter()
                    .map(|done| AppliedReport {
                        id: done.id,
                        route: done.route.as_str(),
                        title: &done.title,
                    })
                    .collect(),
            })
            .collect(),
    }
}

fn finding<'a>(findings: &'a Findings, file: &'a File, shown: &'a Shown) -> FindingReport<'a> {
    FindingReport {
        id: shown.id,
        severity: shown.severity.as_str(),
        file: &file.name,
        place: shown.range.map(place).unwrap_or_default(),
        route: &shown.route,
        message: &shown.message,
        help: shown.help.as_deref(),
        related: shown
            .related
            .iter()
            .map(|related| RelatedReport {
                file: related
                    .file
                    .and_then(|index| findings.files.get(index))
                    .map_or(&file.name, |file| &file.name),
                place: place(related.range),
                route: &related.route,
                message: &related.message,
            })
            .collect(),
        details: shown
            .details
            .iter()
            .map(|detail| (detail.name, &detail.value))
            .collect(),
        fix: shown.fix.as_ref().map(|fix| FixReport {
            title: &fix.title,
            is_unsafe: fix.effect == Effect::Widens,
        }),
        explain: format!("agent-spm lint --explain {}", shown.id),
        fingerprint: shown.fingerprint.as_deref(),
        suppressed: shown
            .suppressed
            .as_ref()
            .map(|suppressed| SuppressedReport {
                reason: &suppressed.reason,
                until: &suppressed.until,
            }),
        baseline: shown.before.map(|before| match before {
            Before::New => "new",
            Before::Unchanged => "unchanged",
        }),
    }
}

fn place(range: Range) -> PlaceReport {
    PlaceReport {
        line: Some(range.start.line),
        column: Some(range.start.column),
        end_line: Some(range.end.line),
        end_column: Some(range.end.column),
    }
}

/// All lints, for programs.
#[derive(Debug, Serialize)]
pub struct ListReport {
    schema: &'static str,
    tool: Tool,
    lints: Vec<LintReport>,
    /// What keeps a document from being loaded; all are errors.
    problems: Vec<ProblemReport>,
}

#[derive(Debug, Serialize)]
struct ProblemReport {
    id: &'static str,
    title: String,
}

#[derive(Debug, Serialize)]
struct LintReport {
    id: &'static str,
    severity: &'static str,
    title: String,
}

/// The list of all lints, for programs.
pub fn list() -> ListReport {
    let lint = |lint: &&Lint| LintReport {
        id: lint.id,
        severity: lint.severity.as_str(),
        title: Manual::parse(lint.manual).title,
    };
    ListReport {
        schema: "agent-spm/lints/1",
        tool: TOOL,
        lints: LINTS.iter().map(lint).collect(),
        problems: PROBLEMS
            .iter()
            .map(|(id, manual)| ProblemReport {
                id,
                title: Manual::parse(manual).title,
            })
            .collect(),
    }
}
