//! What is said of many patterns, in full: `cases.txt`.
//! Every attack in it was run on V8, where its time grew as told.

use super::*;
use crate::redos::{Ambiguity, ambiguity, repaired};
use std::fmt::Write as _;

#[test]
fn cases_have_their_findings() {
    let text = include_str!("cases.txt");
    let patterns = text.lines();
    let patterns = patterns.filter(|line| !line.is_empty() && !line.starts_with('\t'));
    let found: String = patterns.map(told).collect();
    for (found, expected) in found.split("\n\n").zip(text.split("\n\n")) {
        assert_eq!(found, expected);
    }
    assert_eq!(found.len(), text.len());
}

/// The pattern, and on a line each: the verdict with the bytes to blame, the attack, what it costs,
/// whether a loop is ambiguous, and a better pattern.
fn told(text: &str) -> String {
    let pattern = Pattern::parse(text).unwrap();
    let analysis = analyse(&pattern);
    let mut told = format!("{text}\n\t{:?}", analysis.verdict);
    for span in &analysis.hotspots {
        write!(told, " {}", text.get(span.start..span.end).unwrap()).unwrap();
    }
    if let Some(attack) = &analysis.attack {
        write!(told, "\n\tattack: {attack}\n\tcosts:").unwrap();
        for measured in &analysis.evidence {
            let Measurement {
                repetitions,
                length,
                steps,
            } = measured;
            write!(told, " {repetitions}: {steps}/{length},").unwrap();
        }
        let second = analysis.length_for_a_second.unwrap_or(0);
        write!(told, " a second at {second}").unwrap();
    }
    if let Ambiguity::Exponential { span } = ambiguity(&pattern) {
        let span = text.get(span.start..span.end).unwrap();
        write!(told, "\n\tambiguous: {span}").unwrap();
    }
    if let Some(better) = repaired(text) {
        write!(told, "\n\tbetter: {better}").unwrap();
    }
    told + "\n\n"
}
