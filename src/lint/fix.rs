//! Fixes: findings that can be mended without asking. Owns which are applied together and in which
//! order; how a text is changed is the document's to know.
//!
//! A text is fixed in rounds until nothing is left that can be: what two fixes of one round would
//! both touch is left to the next, in which it is looked at anew. So fixing twice is fixing once.

use std::collections::BTreeSet;

use super::baseline::Baseline;
use super::examine::{Examined, Input, examine};
use super::finding::Finding;
use super::settings::LoadedSettings;
use super::subject::{Beside, Content, Subject};
use super::{Options, run, treat};
use crate::diagnostic::Route;
use crate::document::Limits;
use crate::document::edit::{Edit, apply};
use crate::model::decision::Outcome;

/// How one finding is mended.
#[derive(Clone, Debug, PartialEq)]
pub struct Fix {
    /// What it does, as an order: lower case, no final period.
    pub title: String,
    /// The changes.
    pub edits: Vec<Edit>,
    /// What it may do to the policy.
    pub effect: Effect,
}

/// What a fix may do to a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// It says what the author says, or stops more calls than before.
    Mends,
    /// Calls may get further than before.
    Widens,
    /// It decides every call alike. Such fixes wait until nothing else is left to do, since they were
    /// found on rules that are to stay as they are.
    Tidies,
}

impl Effect {
    /// What it may do to a policy that a rule of that outcome decides more calls. Anything but a
    /// denial may take the place of one.
    pub fn of_firing_more(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Deny => Self::Mends,
            _ => Self::Widens,
        }
    }
}

/// Which fixes are applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allowed {
    /// Those by which no call gets further.
    Safe,
    /// All of them.
    All,
}

/// A text that was fixed.
#[derive(Clone, Debug, PartialEq)]
pub struct Fixed {
    /// The text.
    pub text: String,
    /// What was done, in the order in which it was.
    pub done: Vec<Applied>,
    /// Whether the text before was signed, in itself or beside it, so that its signature does not
    /// hold any more.
    pub was_signed: bool,
}

/// A fix that was applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The lint.
    pub id: &'static str,
    /// What was done.
    pub title: String,
    /// The member concerned, in the text as it was then.
    pub route: Route,
}

/// What decides which findings count, and which of them are fixed.
#[derive(Clone, Copy, Debug)]
pub struct Order<'a> {
    /// The options of the run.
    pub options: &'a Options,
    /// The project's settings.
    pub settings: Option<&'a LoadedSettings>,
    /// What is known.
    pub baseline: Option<&'a Baseline>,
    /// Which fixes are applied.
    pub allowed: Allowed,
}

/// More rounds than any text needs that is not made to need them.
const MAX_ROUNDS: usize = 100;

/// Fixes a text as far as it can be; `None` if nothing can. What is accepted or known stays as it
/// is.
pub fn fix(input: Input<'_>, order: &Order<'_>) -> Option<Fixed> {
    let mut subject = document(input)?;
    let was_signed = input.beside == Beside::Envelope || is_signed(&subject);
    let mut fixed = Fixed {
        text: String::new(),
        done: Vec::new(),
        was_signed,
    };
    for _ in 0..MAX_ROUNDS {
        let Some((text, done)) = round(&subject, input.limits, order) else {
            break;
        };
        let read = document(Input {
            bytes: text.as_bytes(),
            ..input
        });
        // What is fixed has fewer problems; what has others is not what was meant.
        match read {
            Some(read) if read.problems.len() <= subject.problems.len() => subject = read,
            _ => break,
        }
        fixed.text = text;
        fixed.done.extend(done);
    }
    (!fixed.done.is_empty()).then_some(fixed)
}

fn document(input: Input<'_>) -> Option<Subject> {
    match examine(input) {
        Examined::Document(subject) => Some(*subject),
        Examined::Broken(_) | Examined::Other { .. } => None,
    }
}

fn is_signed(subject: &Subject) -> bool {
    matches!(&subject.content, Content::Bundle(bundle) if bundle.root.get("signature").is_some())
}

/// A fix, and what it is for.
struct Wanted {
    id: &'static str,
    route: Route,
    fix: Fix,
}

/// The text after as many fixes as can be applied at once.
fn round(subject: &Subject, limits: Limits, order: &Order<'_>) -> Option<(String, Vec<Applied>)> {
    let wanted = wanted(subject, order);
    let attempt = |chosen: &[&Wanted]| {
        let edits = chosen.iter().flat_map(|wanted| wanted.fix.edits.iter());
        let edits: Vec<Edit> = edits.cloned().collect();
        let text = apply(&subject.document, &edits, limits)?;
        Some((text, chosen.iter().map(|wanted| applied(wanted)).collect()))
    };
    let chosen = chosen(&wanted);
    if chosen.is_empty() {
        return None;
    }
    // If one of them does not fit the layout of the text, the first that does is done alone.
    attempt(&chosen).or_else(|| wanted.iter().find_map(|wanted| attempt(&[wanted])))
}

/// The fixes that are wanted, in the order of the text; those that wait for others only when there
/// are no others.
fn wanted(subject: &Subject, order: &Order<'_>) -> Vec<Wanted> {
    let subjects = std::slice::from_ref(subject);
    let found = run(subjects, order.options);
    let treatment = treat(
        subjects,
        found,
        order.settings,
        order.baseline,
        order.options,
    );
    let counting = treatment.documents.into_iter().flatten();
    let counting = counting.filter(super::Treated::counts);
    let fixes = counting.filter_map(|treated| {
        let Finding { id, fault, .. } = treated.finding;
        let (route, fix) = (fault.place.route, fault.fix?);
        let is_allowed = order.allowed == Allowed::All || fix.effect != Effect::Widens;
        is_allowed.then_some(Wanted { id, route, fix })
    });
    let mut fixes: Vec<Wanted> = fixes.collect();
    let tidies = |wanted: &Wanted| wanted.fix.effect == Effect::Tidies;
    if !fixes.iter().all(tidies) {
        fixes.retain(|wanted| !tidies(wanted));
    }
    fixes
}

/// The first fixes of which no two are about the same.
fn chosen(wanted: &[Wanted]) -> Vec<&Wanted> {
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let mut chosen = Vec::new();
    for wanted in wanted {
        let own: Vec<String> = wanted.fix.edits.iter().flat_map(territory).collect();
        if own.iter().all(|own| is_free(own, &taken)) {
            taken.extend(own);
            chosen.push(wanted);
        }
    }
    chosen
}

/// What a change is about: its member or element, and the key that it gives.
fn territory(edit: &Edit) -> Vec<String> {
    let mut own = vec![edit.route()];
    if let Edit::Rename { object, to, .. } = edit {
        own.push(object.key(to));
    }
    own.iter().map(|route| route.as_str().to_owned()).collect()
}

/// Whether nothing that is taken is this, has this, or is a part of this.
fn is_free(own: &str, taken: &BTreeSet<String>) -> bool {
    let holders = own
        .match_indices(['.', '['])
        .filter_map(|(end, _)| own.get(..end));
    let is_held = holders.chain([own]).any(|holder| taken.contains(holder));
    let has_part = ['.', '['].into_iter().any(|separator| {
        let part = format!("{own}{separator}");
        let next = taken.range(part.clone()..).next();
        next.is_some_and(|next| next.starts_with(&part))
    });
    !is_held && !has_part
}

fn applied(wanted: &Wanted) -> Applied {
    Applied {
        id: wanted.id,
        title: wanted.fix.title.clone(),
        route: wanted.route.clone(),
    }
}
