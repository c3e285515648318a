//! The lint `mcp-risk`.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::diagnostic::Route;
use crate::lint::{Context, Fault, ManifestSubject, Severity, mcp};

lint! {
    /// The risk score of a server is 40 or more.
    ///
    /// The score is the platform's, from 0 to 100: what is missing, permissions and dangerous names have
    /// points each; what attacks the model counts 30. From 40 on a server should be reviewed, which is a
    /// warning; from 70 on it should be blocked, which is an error.
    ///
    /// # Why
    ///
    /// Each point alone is common. Together they tell the servers that need an hour of somebody's time
    /// from those that do not.
    ///
    /// # Bad
    ///
    /// ```json also:mcp-incomplete also:mcp-unverified also:mcp-permissions
    /// {
    ///   "name": "weather",
    ///   "permissions": [],
    ///   "tools": []
    /// }
    /// ```
    ///
    /// # Good
    ///
    /// ```json
    /// {
    ///   "name": "weather",
    ///   "version": "1.2.0",
    ///   "source": "https://example.com/weather",
    ///   "publisher": "Example",
    ///   "verified": true,
    ///   "permissions": ["weather.read"],
    ///   "tools": []
    /// }
    /// ```
    "mcp-risk": Warning..Error, Manifest(check)
}

/// From here on a server should be reviewed.
const REVIEW: u32 = 40;
/// From here on it should be blocked.
const BLOCK: u32 = 70;

fn check(manifest: &ManifestSubject, _: &Context, faults: &mut Vec<Fault>) {
    let Some((score, factors)) = mcp::risk(manifest) else {
        return;
    };
    let (recommendation, severity) = match score {
        BLOCK.. => ("block", Severity::Error),
        REVIEW.. => ("review", Severity::Warning),
        _ => return,
    };
    let mut grouped: BTreeMap<&str, (usize, u32)> = BTreeMap::new();
    for (name, points) in factors {
        let group = grouped.entry(name).or_default();
        group.0 += 1;
        group.1 += points;
    }
    let lines: Vec<String> = grouped
        .iter()
        .map(|(name, (count, points))| match count {
            1 => format!("{points} {name}"),
            count => format!("{points} {name}, {count} times"),
        })
        .collect();
    let factors: Map<String, Value> = grouped
        .into_iter()
        .map(|(name, (_, points))| (name.to_owned(), points.into()))
        .collect();
    let fault = Fault::new(
        Route::root(),
        format!("the risk score of the server is {score}"),
    );
    faults.push(
        fault
            .help(match recommendation {
                "block" => "block it until somebody has reviewed it",
                _ => "have somebody review it",
            })
            .severity(severity)
            .detail("risk_score", score)
            .detail("recommendation", recommendation)
            .detail_as("factors", factors, lines.join("\n")),
    );
}
