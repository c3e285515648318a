//! What a search with a pattern can cost, as lints say it. Owns the words for growth, attack and
//! run; which growth matters how much is for the lints.

use serde_json::{Value, json};

use super::finding::Fault;
use super::patterns::PatternSubject;
use crate::document::locate::Place;
use crate::redos::{Analysis, Attack, Fit, Verdict};

/// The fault of a pattern that a text can make expensive, with the text and what it was seen to
/// cost. `None` if there is no such text.
pub(super) fn fault(pattern: &PatternSubject<'_>, analysis: &Analysis) -> Option<Fault> {
    let attack = analysis.attack.as_ref()?;
    let place = |span| Place::text(pattern.route.clone(), span);
    let mut spots = analysis.hotspots.iter();
    let first = spots.next().map(|&span| place(span));
    let message = format!(
        "a search with this pattern can take {} time",
        growth(analysis)
    );
    let mut fault = Fault::new(
        first.unwrap_or_else(|| Place::value(pattern.route.clone())),
        message,
    );
    for &span in spots {
        fault = fault.related(place(span), "and here");
    }
    fault = fault.help(pattern.repair_or(advice(analysis)));
    fault = fault.detail_as("attack", attack_value(attack), attack.to_string());
    let run: Vec<Value> = analysis
        .evidence
        .iter()
        .map(
            |run| json!({"repetitions": run.repetitions, "length": run.length, "steps": run.steps}),
        )
        .collect();
    fault = fault.detail_as("run", run, run_text(analysis));
    Some(match analysis.length_for_a_second {
        Some(length) => fault.detail("characters_for_a_second", length),
        None => fault,
    })
}

/// How the time grows: `exponential`, `quadratic`, `cubic`, `degree 4 polynomial`.
pub fn growth(analysis: &Analysis) -> String {
    match analysis.verdict {
        Verdict::Exponential => "exponential".to_owned(),
        Verdict::Polynomial(2) => "quadratic".to_owned(),
        Verdict::Polynomial(3) => "cubic".to_owned(),
        Verdict::Polynomial(degree) => format!("degree {degree} polynomial"),
        Verdict::Safe => "linear".to_owned(),
        Verdict::Unknown(_) => "unknown".to_owned(),
    }
}

/// An attack as programs read it: the text is `prefix`, `pump` as often as wanted, `suffix`. With
/// several pumps, `more` has those after the first, each with what precedes it.
pub fn attack_value(attack: &Attack) -> Value {
    let text = |units: &[u16]| String::from_utf16_lossy(units);
    let mut pumps = attack.pumps.iter();
    let first = pumps.next();
    let more: Vec<Value> = pumps
        .map(|pump| json!({"prefix": text(&pump.prefix), "pump": text(&pump.word)}))
        .collect();
    let mut value = json!({
        "prefix": first.map(|pump| text(&pump.prefix)),
        "pump": first.map(|pump| text(&pump.word)),
        "suffix": text(&attack.suffix),
    });
    if let (Value::Object(members), false) = (&mut value, more.is_empty()) {
        members.insert("more".to_owned(), more.into());
    }
    value
}

/// `1,024 steps for 16 repetitions, 2,048 for 17`: the last two measurements.
fn run_text(analysis: &Analysis) -> String {
    let shown = analysis.evidence.len().saturating_sub(2);
    let runs = analysis.evidence.iter().skip(shown);
    let runs: Vec<String> = runs
        .map(|run| format!("{} steps for n = {}", run.steps, run.repetitions))
        .collect();
    let mut text = runs.join(", ");
    match analysis.fit() {
        Some(Fit::Factor(factor)) => {
            text.push_str(&format!("; each repetition multiplies them by {factor:.2}"));
        }
        Some(Fit::Exponent(exponent)) => {
            text.push_str(&format!(
                "; they grow as the length to the power of {exponent:.2}"
            ));
        }
        None => {}
    }
    text
}

fn advice(analysis: &Analysis) -> &'static str {
    match analysis.verdict {
        Verdict::Exponential => "write the loop so that every text has one way through it",
        _ => {
            "let what follows a repetition begin with a character that the repetition cannot take, \
             limit it as in `{0,100}`, or anchor the pattern with `^`"
        }
    }
}
