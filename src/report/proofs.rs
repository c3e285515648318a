//! What `lint` proves: requests that rules decide, what two policies decide differently, whether
//! assertions hold. Each as a view for people and as a versioned structure for programs.

use serde::Serialize;
use serde_json::Value;

use super::json::{TOOL, Tool};
use super::{Column, Section, View};
use crate::diagnostic::{Position, Route};
use crate::document::Document;
use crate::logic::{Comparison, Counterexample, Decided, Proof, Reachability};
use crate::model::assertions::Assertion;
use crate::model::bundle::load::LoadedBundle;

/// Who decides something, and where that stands.
#[derive(Debug, Serialize)]
pub(super) struct Decision<'a> {
    pub(super) outcome: &'static str,
    /// The rule; none for the default.
    rule: Option<&'a str>,
    file: &'a str,
    line: usize,
    column: usize,
    route: String,
}

impl<'a> Decision<'a> {
    pub(super) fn of(policy: &'a LoadedBundle, decided: Decided) -> Self {
        let route = route(decided);
        let rule = decided.rule.and_then(|rule| policy.bundle.rules.get(rule));
        let position = position(&policy.document, &route);
        Self {
            outcome: decided.outcome.as_str(),
            rule: rule.map(|rule| rule.id.as_str()),
            file: policy.document.source.name(),
            line: position.line,
            column: position.column,
            route: route.to_string(),
        }
    }

    pub(super) fn by(&self) -> String {
        self.rule
            .map_or("the default".to_owned(), |rule| format!("`{rule}`"))
    }

    fn place(&self) -> String {
        format!("{}:{}:{}", self.file, self.line, self.column)
    }
}

/// The member of a bundle that decides.
pub(super) fn route(decided: Decided) -> Route {
    match decided.rule {
        Some(rule) => Route::root().key("rules").index(rule),
        None => Route::root().key("defaults").key("outcome"),
    }
}

fn position(document: &Document, route: &Route) -> Position {
    let found = document.find(route);
    let offset = found.map_or(0, |found| found.node().span.start);
    document.source.position(offset)
}

/// Two policies and what they decide differently.
#[derive(Clone, Copy, Debug)]
pub struct Diff<'a> {
    /// The one.
    pub old: &'a LoadedBundle,
    /// The other.
    pub new: &'a LoadedBundle,
    /// What was found.
    pub comparison: &'a Comparison,
}

/// [`Diff`] for programs.
#[derive(Debug, Serialize)]
pub struct DiffReport<'a> {
    schema: &'static str,
    tool: Tool,
    old: &'a str,
    new: &'a str,
    /// `same`, `different`, or `unknown`: then no difference was found, and there may be one.
    answer: &'static str,
    /// One for each pair of outcomes that some request sees change.
    changes: Vec<ChangeReport<'a>>,
    /// Why there may be more.
    #[serde(skip_serializing_if = "Option::is_none")]
    undecided: Option<String>,
}

#[derive(Debug, Serialize)]
struct ChangeReport<'a> {
    old: Decision<'a>,
    new: Decision<'a>,
    request: Value,
}

impl<'a> Diff<'a> {
    /// For programs.
    pub fn report(&self) -> DiffReport<'a> {
        let Self {
            old,
            new,
            comparison,
        } = *self;
        let changes = comparison.changes.iter().map(|change| ChangeReport {
            old: Decision::of(old, change.old),
            new: Decision::of(new, change.new),
            request: change.witness.value(),
        });
        DiffReport {
            schema: "agent-spm/lint-diff/1",
            tool: TOOL,
            old: old.document.source.name(),
            new: new.document.source.name(),
            answer: match (comparison.changes.is_empty(), comparison.undecided) {
                (false, _) => "different",
                (true, Some(_)) => "unknown",
                (true, None) => "same",
            },
            changes: changes.collect(),
            undecided: comparison.undecided.map(|why| why.to_string()),
        }
    }

    /// For people.
    pub fn view(&self) -> View {
        let Self {
            old,
            new,
            comparison,
        } = *self;
        let mut sections: Vec<Section> = Vec::new();
        for change in &comparison.changes {
            let (was, is) = (change.old.outcome.as_str(), change.new.outcome.as_str());
            let sides = [("old", old, change.old), ("new", new, change.new)];
            let rows = sides.map(|(side, policy, decided)| {
                let decision = Decision::of(policy, decided);
                let by = decision.by();
                vec![
                    side.to_owned(),
                    decision.outcome.to_owned(),
                    by,
                    decision.place(),
                ]
            });
            sections.push(Section {
                title: match was == is {
                    true => format!("{was} with another approver or other constraints"),
                    false => format!("{was} becomes {is}"),
                },
                columns: ["", "outcome", "decided by", "at"].map(Column::text).into(),
                rows: rows.into(),
                note: Some(change.witness.line()),
            });
        }
        let names = |title: &str, note: Option<String>| Section {
            title: title.to_owned(),
            columns: ["", ""].map(Column::text).into(),
            rows: [("old", old), ("new", new)]
                .map(|(side, policy)| {
                    vec![side.to_owned(), policy.document.source.name().to_owned()]
                })
                .into(),
            note,
        };
        match comparison.undecided {
            None if sections.is_empty() => {
                sections.push(names("No request can tell them apart", None));
            }
            None => {}
            Some(why) => {
                let note = Some(why.to_string());
                let title = match sections.is_empty() {
                    true => "Whether a request can tell them apart is unknown",
                    false => "Whether there are other differences is unknown",
                };
                sections.push(names(title, note));
            }
        }
        View { sections }
    }
}

/// A policy and what was found about each assertion.
#[derive(Clone, Copy, Debug)]
pub struct Proofs<'a> {
    /// The policy.
    pub policy: &'a LoadedBundle,
    /// The assertions.
    pub assertions: &'a [Assertion],
    /// Where these stand.
    pub document: &'a Document,
    /// A proof for each.
    pub proofs: &'a [Proof],
}

/// [`Proofs`] for programs.
#[derive(Debug, Serialize)]
pub struct ProofsReport<'a> {
    schema: &'static str,
    tool: Tool,
    policies: Vec<PolicyReport<'a>>,
}

#[derive(Debug, Serialize)]
struct PolicyReport<'a> {
    file: &'a str,
    assertions: Vec<AssertionReport<'a>>,
}

#[derive(Debug, Serialize)]
struct AssertionReport<'a> {
    id: &'a str,
    description: &'a str,
    file: &'a str,
    line: usize,
    column: usize,
    /// `proved`, `refuted`, `empty` or `unknown`.
    answer: &'static str,
    /// For each rule that refutes it, a request.
    counterexamples: Vec<CounterexampleReport<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    undecided: Option<String>,
}

#[derive(Debug, Serialize)]
struct CounterexampleReport<'a> {
    decided: Decision<'a>,
    request: Value,
}

/// For programs.
pub fn proofs_report<'a>(policies: &[Proofs<'a>]) -> ProofsReport<'a> {
    let report = |all: &Proofs<'a>| PolicyReport {
        file: all.policy.document.source.name(),
        assertions: all
            .places()
            .map(|(assertion, proof, position)| AssertionReport {
                id: &assertion.id,
                description: &assertion.description,
                file: all.document.source.name(),
                line: position.line,
                column: position.column,
                answer: name(proof),
                counterexamples: counterexamples(proof)
                    .iter()
                    .map(|found| CounterexampleReport {
                        decided: Decision::of(all.policy, found.decided),
                        request: found.witness.value(),
                    })
                    .collect(),
                undecided: match proof {
                    Proof::Unknown(why) => Some(why.to_string()),
                    _ => None,
                },
            })
            .collect(),
    };
    ProofsReport {
        schema: "agent-spm/lint-assertions/1",
        tool: TOOL,
        policies: policies.iter().map(report).collect(),
    }
}

/// For people.
pub fn proofs_view(policies: &[Proofs<'_>]) -> View {
    policies.iter().flat_map(Proofs::sections).collect()
}

impl<'a> Proofs<'a> {
    fn places(&self) -> impl Iterator<Item = (&'a Assertion, &'a Proof, Position)> {
        let all = self.assertions.iter().zip(self.proofs).enumerate();
        let document = self.document;
        all.map(move |(index, (assertion, proof))| {
            let route = Route::root().key("assertions").index(index);
            (assertion, proof, position(document, &route))
        })
    }

    fn sections(&self) -> Vec<Section> {
        let file = self.policy.document.source.name();
        let rows = self.places().map(|(assertion, proof, position)| {
            let place = format!("{}:{}", self.document.source.name(), position.line);
            let answer = match proof {
                Proof::Proved => "proved: no request refutes it".to_owned(),
                Proof::Empty => "says nothing: there are no such requests".to_owned(),
                Proof::Refuted(found) => {
                    let by = found.iter().map(|found| {
                        let decision = Decision::of(self.policy, found.decided);
                        format!("{} by {}", decision.outcome, decision.by())
                    });
                    format!("refuted: {}", by.collect::<Vec<_>>().join(", "))
                }
                Proof::Unknown(why) => format!("unknown: {why}"),
            };
            vec![
                assertion.id.clone(),
                answer,
                assertion.description.clone(),
                place,
            ]
        });
        let mut sections = vec![Section {
            title: format!("Assertions about `{file}`"),
            columns: ["assertion", "answer", "claim", "at"]
                .map(Column::text)
                .into(),
            rows: rows.collect(),
            note: None,
        }];
        for (assertion, proof, _) in self.places() {
            for found in counterexamples(proof) {
                let decision = Decision::of(self.policy, found.decided);
                sections.push(Section {
                    title: format!("`{}` is refuted", assertion.id),
                    columns: ["outcome", "decided by", "at"].map(Column::text).into(),
                    rows: vec![vec![
                        decision.outcome.to_owned(),
                        decision.by(),
                        decision.place(),
                    ]],
                    note: Some(found.witness.line()),
                });
            }
        }
        sections
    }
}

const fn name(proof: &Proof) -> &'static str {
    match proof {
        Proof::Proved => "proved",
        Proof::Empty => "empty",
        Proof::Refuted(_) => "refuted",
        Proof::Unknown(_) => "unknown",
    }
}

fn counterexamples(proof: &Proof) -> &[Counterexample] {
    match proof {
        Proof::Refuted(found) => found,
        _ => &[],
    }
}

/// A policy and whether each of its rules can decide.
#[derive(Clone, Copy, Debug)]
pub struct Reach<'a> {
    /// The policy.
    pub policy: &'a LoadedBundle,
    /// An answer for each rule.
    pub rules: &'a [Reachability],
}

/// [`Reach`] for programs.
#[derive(Debug, Serialize)]
pub struct ReachReport<'a> {
    schema: &'static str,
    tool: Tool,
    rules: Vec<RuleReport<'a>>,
}

#[derive(Debug, Serialize)]
struct RuleReport<'a> {
    #[serde(flatten)]
    decision: Decision<'a>,
    /// `decides`, `hidden`, `impossible` or `unknown`.
    answer: &'static str,
    /// A request that it decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<Value>,
    /// The rules that decide all its requests first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hidden_by: Vec<Decision<'a>>,
    /// The parts of its condition that exclude each other.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    because: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    undecided: Option<String>,
}

/// For programs.
pub fn reach_report<'a>(policies: &[Reach<'a>]) -> ReachReport<'a> {
    ReachReport {
        schema: "agent-spm/lint-witness/1",
        tool: TOOL,
        rules: policies.iter().flat_map(Reach::reports).collect(),
    }
}

/// For people.
pub fn reach_view(policies: &[Reach<'_>]) -> View {
    policies.iter().flat_map(Reach::sections).collect()
}

impl<'a> Reach<'a> {
    fn decision(&self, rule: usize) -> Option<Decision<'a>> {
        let outcome = self.policy.bundle.rules.get(rule)?.outcome;
        let rule = Some(rule);
        Some(Decision::of(self.policy, Decided { outcome, rule }))
    }

    fn reports(&self) -> Vec<RuleReport<'a>> {
        let rules = self.rules.iter().enumerate();
        let report = |(rule, found): (usize, &Reachability)| {
            let mut report = RuleReport {
                decision: self.decision(rule)?,
                answer: "decides",
                request: None,
                hidden_by: Vec::new(),
                because: Vec::new(),
                undecided: None,
            };
            match found {
                Reachability::Reachable(witness) => report.request = Some(witness.value()),
                Reachability::Hidden(by) => {
                    report.answer = "hidden";
                    report.hidden_by = by.iter().filter_map(|&by| self.decision(by)).collect();
                }
                Reachability::Impossible(parts) => {
                    report.answer = "impossible";
                    let route = Route::root().key("rules").index(rule);
                    let parts = parts.iter().map(|part| part.route(&route).to_string());
                    report.because = parts.collect();
                }
                Reachability::Unknown(why) => {
                    report.answer = "unknown";
                    report.undecided = Some(why.to_string());
                }
            }
            Some(report)
        };
        rules.filter_map(report).collect()
    }

    fn sections(&self) -> Vec<Section> {
        let file = self.policy.document.source.name();
        let (mut rows, mut calls) = (Vec::new(), Vec::new());
        for (report, found) in self.reports().iter().zip(self.rules) {
            let answer = match found {
                Reachability::Reachable(_) => "decides".to_owned(),
                Reachability::Hidden(_) => {
                    let by: Vec<String> = report.hidden_by.iter().map(Decision::by).collect();
                    format!("never: hidden by {}", by.join(", "))
                }
                Reachability::Impossible(_) => {
                    format!("never: {} exclude each other", report.because.join(", "))
                }
                Reachability::Unknown(why) => format!("unknown: {why}"),
            };
            let id = report.decision.rule.unwrap_or_default().to_owned();
            if let Reachability::Reachable(witness) = found {
                calls.push(vec![id.clone(), witness.line()]);
            }
            let place = report.decision.place();
            rows.push(vec![id, report.decision.outcome.to_owned(), answer, place]);
        }
        let rules = Section {
            title: format!("Rules of `{file}`"),
            columns: ["rule", "outcome", "answer", "at"].map(Column::text).into(),
            rows,
            note: None,
        };
        let requests = Section {
            title: format!("Requests that rules of `{file}` decide"),
            columns: ["rule", "request"].map(Column::text).into(),
            rows: calls,
            note: None,
        };
        vec![rules, requests]
    }
}

impl FromIterator<Section> for View {
    fn from_iter<T: IntoIterator<Item = Section>>(sections: T) -> Self {
        Self {
            sections: sections.into_iter().collect(),
        }
    }
}
