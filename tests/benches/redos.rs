//! Runs the analysis of patterns over a file and prints how it did.
//!
//! `cargo run --release --example redos-bench -- PATTERNS.jsonl [RESULTS.jsonl]`: every line of the
//! file is an object with a `pattern` and, when there are labels to compare with, `v8_confirmed`
//! and `growth` (`exp`, `poly2`, …). The results are written a line a pattern.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program for developers"
)]

mod cpu;

use agent_spm::ecma::Pattern;
use agent_spm::redos::{Attack, Verdict, analyse};
use cpu::Start;
use serde_json::{Value, json};
use std::io::Write as _;
use std::time::Duration;

/// Compared with the labels, of those that have any.
#[derive(Default)]
struct Tally {
    patterns: u32,
    claims: u32,
    claims_confirmed: u32,
    confirmed: u32,
    exponential: u32,
    exponential_found: u32,
    exponential_found_as_such: u32,
    exponential_claims: u32,
    unknown: u32,
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let input = arguments.next().unwrap();
    let mut results = arguments
        .next()
        .map(|path| std::fs::File::create(path).unwrap());
    let mut tally = Tally::default();
    let mut times: Vec<(Duration, String)> = Vec::new();
    for line in std::fs::read_to_string(input).unwrap().lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let text = line.get("pattern").and_then(Value::as_str).unwrap();
        // The shortest of three runs, without what others ran in between, so that a busy machine
        // matters little.
        let mut took = Duration::MAX;
        let mut analysis = None;
        for _ in 0..3 {
            let started = Start::now();
            analysis = Pattern::parse(text).ok().map(|pattern| analyse(&pattern));
            took = took.min(started.elapsed());
        }
        let Some(analysis) = analysis else {
            continue;
        };
        times.push((took, text.to_owned()));
        tally.add(&line, analysis.verdict);
        if let Some(results) = &mut results {
            let result = json!({
                "pattern": text,
                "verdict": format!("{:?}", analysis.verdict),
                "attack": analysis.attack.as_ref().map(attack),
                "hotspots": analysis.hotspots.iter().map(|s| [s.start, s.end]).collect::<Vec<_>>(),
                "evidence": analysis.evidence.iter()
                    .map(|m| json!([m.repetitions, m.length, m.steps])).collect::<Vec<_>>(),
                "second": analysis.length_for_a_second,
                "microseconds": took.as_micros() as u64,
                "label": line.get("growth"),
                "confirmed": line.get("v8_confirmed"),
            });
            writeln!(results, "{result}").unwrap();
        }
    }
    tally.print();
    print_times(&mut times);
}

fn attack(attack: &Attack) -> Value {
    let text = |units: &[u16]| String::from_utf16_lossy(units);
    json!({
        "pumps": attack.pumps.iter()
            .map(|pump| json!({"prefix": text(&pump.prefix), "pump": text(&pump.word)}))
            .collect::<Vec<_>>(),
        "suffix": text(&attack.suffix),
    })
}

impl Tally {
    fn add(&mut self, line: &Value, verdict: Verdict) {
        let confirmed = line.get("v8_confirmed").and_then(Value::as_bool) == Some(true);
        let exponential = line.get("growth").and_then(Value::as_str) == Some("exp");
        let claim = matches!(verdict, Verdict::Polynomial(_) | Verdict::Exponential);
        let as_such = verdict == Verdict::Exponential;
        self.patterns += 1;
        self.claims += u32::from(claim);
        self.claims_confirmed += u32::from(claim && confirmed);
        self.confirmed += u32::from(confirmed);
        self.exponential += u32::from(exponential);
        self.exponential_found += u32::from(exponential && claim);
        self.exponential_found_as_such += u32::from(exponential && as_such);
        self.exponential_claims += u32::from(as_such);
        self.unknown += u32::from(matches!(verdict, Verdict::Unknown(_)));
    }

    fn print(&self) {
        let share = |part: u32, whole: u32| 100.0 * f64::from(part) / f64::from(whole.max(1));
        println!(
            "patterns {}, claims {}, unknown {}",
            self.patterns, self.claims, self.unknown
        );
        println!(
            "claims with a confirmed label {:.2} %, confirmed labels found {:.2} % ({} of {})",
            share(self.claims_confirmed, self.claims),
            share(self.claims_confirmed, self.confirmed),
            self.claims_confirmed,
            self.confirmed
        );
        println!(
            "exponential labels {}: found {:.2} %, as exponential {:.2} %; exponential claims {}",
            self.exponential,
            share(self.exponential_found, self.exponential),
            share(self.exponential_found_as_such, self.exponential),
            self.exponential_claims
        );
    }
}

fn print_times(times: &mut [(Duration, String)]) {
    times.sort();
    let at = |share: f64| {
        let index = (times.len() as f64 * share) as usize;
        times
            .get(index.min(times.len().saturating_sub(1)))
            .map_or(0.0, |(time, _)| time.as_secs_f64() * 1e3)
    };
    let mean = times
        .iter()
        .map(|(time, _)| time.as_secs_f64())
        .sum::<f64>()
        * 1e3
        / times.len().max(1) as f64;
    println!(
        "milliseconds: median {:.3}, mean {:.3}, 90 % {:.3}, 99 % {:.3}, longest {:.1}",
        at(0.5),
        mean,
        at(0.9),
        at(0.99),
        at(1.0)
    );
}
