//! Patterns by themselves, and what was found out about each: for programs, and the run of an
//! attack for people.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

use super::{Column, Section, View, grouped};
use crate::lint::{Compiled, attack_value, growth};
use crate::redos::{Analysis, Fit, Verdict};

/// A pattern and what was found out about it.
#[derive(Debug, Serialize)]
pub struct PatternReport<'a> {
    pattern: &'a str,
    /// `safe`, `polynomial`, `exponential`, `unknown` or `invalid`.
    verdict: &'static str,
    /// Of the polynomial.
    #[serde(skip_serializing_if = "Option::is_none")]
    degree: Option<u32>,
    /// Why the verdict is `unknown`, or `invalid`.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    /// The byte at which an invalid pattern goes wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<usize>,
    /// Whether an attack was run and took the steps that it should.
    confirmed: bool,
    /// Why evaluation never uses the pattern.
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attack: Option<Value>,
    /// The bytes of the pattern that make it grow, each as start and end.
    hotspots: Vec<[usize; 2]>,
    /// What the attack cost.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    run: Vec<RunReport>,
    /// By how much each repetition multiplies the steps.
    #[serde(skip_serializing_if = "Option::is_none")]
    factor: Option<f64>,
    /// As which power of the length the steps grow.
    #[serde(skip_serializing_if = "Option::is_none")]
    exponent: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    characters_for_a_second: Option<u64>,
    /// A pattern that is proved to be found in the same texts, at less cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    repair: Option<&'a str>,
    /// The search that takes about a second, as an expression.
    #[serde(skip_serializing_if = "Option::is_none")]
    javascript: Option<String>,
    /// How long the analysis took: the one member that differs from run to run.
    micros: u64,
}

#[derive(Debug, Serialize)]
struct RunReport {
    repetitions: usize,
    length: usize,
    steps: u64,
}

impl<'a> PatternReport<'a> {
    /// What is known about the pattern `text`, which took `micros` microseconds to find out.
    pub fn new(text: &'a str, compiled: &'a Compiled, micros: u64) -> Self {
        let mut report = Self {
            pattern: text,
            verdict: "invalid",
            degree: None,
            reason: None,
            at: None,
            confirmed: false,
            refused: compiled.refusal().map(ToString::to_string),
            attack: None,
            hotspots: Vec::new(),
            run: Vec::new(),
            factor: None,
            exponent: None,
            characters_for_a_second: None,
            repair: None,
            javascript: None,
            micros,
        };
        match (&compiled.parsed, compiled.analysis()) {
            (Err(error), _) => {
                report.reason = Some(&error.message);
                report.at = Some(error.at);
            }
            (Ok(_), analysis) => {
                report.set(analysis);
                report.repair = compiled.repair();
            }
        }
        report
    }

    fn set(&mut self, analysis: Option<&'a Analysis>) {
        let Some(analysis) = analysis else {
            return;
        };
        (self.verdict, self.degree, self.reason) = match analysis.verdict {
            Verdict::Safe => ("safe", None, None),
            Verdict::Polynomial(degree) => ("polynomial", Some(degree), None),
            Verdict::Exponential => ("exponential", None, None),
            Verdict::Unknown(reason) => ("unknown", None, Some(reason)),
        };
        self.confirmed = analysis.attack.is_some();
        self.attack = analysis.attack.as_ref().map(attack_value);
        self.hotspots = analysis
            .hotspots
            .iter()
            .map(|span| [span.start, span.end])
            .collect();
        self.run = analysis
            .evidence
            .iter()
            .map(|run| RunReport {
                repetitions: run.repetitions,
                length: run.length,
                steps: run.steps,
            })
            .collect();
        match analysis.fit() {
            Some(Fit::Factor(factor)) => self.factor = Some(factor),
            Some(Fit::Exponent(exponent)) => self.exponent = Some(exponent),
            None => {}
        }
        self.characters_for_a_second = analysis.length_for_a_second;
        self.javascript = javascript(self.pattern, analysis);
    }
}

/// The search that takes about a second.
fn javascript(pattern: &str, analysis: &Analysis) -> Option<String> {
    let attack = analysis.attack.as_ref()?;
    let repetitions = attack.repetitions(analysis.length_for_a_second?);
    Some(attack.javascript(pattern, repetitions))
}

/// What the analysis of a pattern did, for people: the verdict, and the run of the attack.
pub fn explained(pattern: &str, analysis: &Analysis) -> View {
    let Some(attack) = &analysis.attack else {
        let (title, row) = match analysis.verdict {
            Verdict::Unknown(reason) => ("Not known", reason),
            _ => ("Safe", "no text was found that takes more than linear time"),
        };
        return View::from(Section {
            title: title.to_owned(),
            columns: vec![Column::text("")],
            rows: vec![vec![row.to_owned()]],
            note: None,
        });
    };
    let run = Section {
        title: format!("Steps of a backtracking search of {attack}"),
        columns: vec![
            Column::number("n"),
            Column::number("characters"),
            Column::number("steps"),
        ],
        rows: analysis
            .evidence
            .iter()
            .map(|run| {
                vec![
                    grouped(run.repetitions as u64),
                    grouped(run.length as u64),
                    match run.steps {
                        u64::MAX => "more than can be counted".to_owned(),
                        steps => grouped(steps),
                    },
                ]
            })
            .collect(),
        note: Some(fitted(analysis)),
    };
    let javascript = javascript(pattern, analysis).map(|expression| vec![expression]);
    let seen = Section {
        title: "About a second in JavaScript".to_owned(),
        columns: vec![Column::text("")],
        rows: javascript.into_iter().collect(),
        note: None,
    };
    View {
        sections: vec![run, seen],
    }
}

fn fitted(analysis: &Analysis) -> String {
    let mut text = growth(analysis);
    // Writing to a string cannot fail.
    let _ = match analysis.fit() {
        Some(Fit::Factor(factor)) => write!(text, ": × {factor:.2} for each n"),
        Some(Fit::Exponent(exponent)) => write!(text, ": the length to the power of {exponent:.2}"),
        None => Ok(()),
    };
    if let Some(length) = analysis.length_for_a_second {
        let _ = write!(text, "; {} characters take about a second", grouped(length));
    }
    text
}
