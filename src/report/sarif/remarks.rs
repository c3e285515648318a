//! A simulation as SARIF 2.1.0: what belongs to lines of recordings, with those lines.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::{SCHEMA, artifact, message};
use crate::digest::sha256_hex;
use crate::report::json::TOOL;
use crate::report::remarks::{self, Kind, Remark, Weight};
use crate::report::simulate::MadeFrom;
use crate::simulate::{Place, Simulation};

/// The name and version of how fingerprints are made.
const FINGERPRINT: &str = "agentSpmSimulate/v1";

/// The simulation as one SARIF log.
pub fn of_simulation(simulation: &Simulation, made_from: &MadeFrom<'_>) -> Value {
    let MadeFrom {
        digest, custody, ..
    } = *made_from;
    let rules = Kind::ALL.map(|kind| {
        json!({
            "id": kind.id(),
            "shortDescription": { "text": kind.title() },
            "defaultConfiguration": { "level": level(kind) },
        })
    });
    let artifacts = simulation.inputs.iter().map(|input| {
        let mut described = Map::new();
        described.insert("location".to_owned(), artifact(&input.name));
        if let Some(sha256) = &input.sha256 {
            described.insert("hashes".to_owned(), json!({ "sha-256": sha256 }));
        }
        Value::Object(described)
    });
    let remarks = remarks::of(simulation);
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": TOOL.name,
                "version": TOOL.version,
                "semanticVersion": TOOL.version,
                "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "invocations": [{ "executionSuccessful": true }],
            "artifacts": artifacts.collect::<Vec<_>>(),
            "results": remarks.iter().map(result).collect::<Vec<_>>(),
            "properties": {
                "summary": message(&remarks::summary(simulation, digest)),
                "policyDigest": digest,
                "files": custody.files,
                "options": custody.options,
            },
        }],
    })
}

const fn level(kind: Kind) -> &'static str {
    match kind.weight() {
        Weight::Error => "error",
        Weight::Warning => "warning",
        Weight::Note => "note",
    }
}

fn result(remark: &Remark) -> Value {
    let kind = remark.kind;
    let mut text = message(&remark.message);
    for detail in &remark.details {
        let _ = write!(text, "\n{}", message(detail));
    }
    let index = Kind::ALL.iter().position(|other| *other == kind);
    let identity = format!("{}\0{}", kind.id(), remark.key);
    let mut result = json!({
        "ruleId": kind.id(),
        "ruleIndex": index,
        "level": level(kind),
        "message": { "text": text },
        "partialFingerprints": { FINGERPRINT: sha256_hex(identity.as_bytes()) },
    });
    if let (Value::Object(result), Some((first, others))) =
        (&mut result, remark.places.split_first())
    {
        result.insert("locations".to_owned(), json!([location(first)]));
        if !others.is_empty() {
            let others = others.iter().map(location);
            result.insert("relatedLocations".to_owned(), others.collect());
        }
    }
    result
}

fn location(place: &Place) -> Value {
    json!({ "physicalLocation": {
        "artifactLocation": artifact(&place.source),
        "region": { "startLine": place.line },
    } })
}
