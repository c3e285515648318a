//! The lint `hidden-characters`.

use crate::document::Path;
use crate::document::locate::Place;
use crate::lint::mcp::{self, Seen};
use crate::lint::text::{self, HiddenKind};
use crate::lint::{Context, Fault, Severity, Subject};

lint! {
    /// A text holds characters that people do not see.
    ///
    /// Tag characters and variation selectors can spell whole sentences; characters that turn the
    /// direction of a text show it in another order than it is read; others take no room. What emoji and
    /// the scripts of the world need is not meant. A single character without room is a warning, and
    /// so is a gap of hundreds of blanks or dozens of lines, after which nobody looks for more text.
    ///
    /// # Why
    ///
    /// Models and matchers read what reviewers do not see. In the description of an MCP tool that is an
    /// attack on the model; in a keyword or a name it makes a rule that never matches what it shows.
    ///
    /// # Bad
    ///
    /// ```json
    /// {
    ///   "name": "weather",
    ///   "version": "1.2.0",
    ///   "source": "https://example.com/weather",
    ///   "publisher": "Example",
    ///   "verified": true,
    ///   "permissions": ["weather.read"],
    ///   "tools": [
    ///     { "name": "forecast", "description": "The weather\u202e of tomorrow" }
    ///   ]
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
    ///   "tools": [
    ///     { "name": "forecast", "description": "The weather of tomorrow ☀️" }
    ///   ]
    /// }
    /// ```
    "hidden-characters": Error, Document(check)
}

fn check(subject: &Subject, _: &Context, faults: &mut Vec<Fault>) {
    mcp::strings(
        &subject.document.root,
        &Path::Root,
        &mut |path, seen, text| {
            let runs = text::hidden(text);
            let Some(worst) = runs.iter().max_by_key(|run| (run.kind, run.count)) else {
                return;
            };
            let total: usize = runs.iter().map(|run| run.count).sum();
            let route = path.route();
            let place = match seen {
                Seen::Key => Place::key(route),
                Seen::Value => Place::text(route, worst.span),
            };
            let message = match (total, worst.kind) {
                (1, kind) => format!("the text holds {}", kind.one()),
                (total, kind) => format!("the text holds {total} {}", kind.plural()),
            };
            let mut fault = Fault::new(place, message)
                .help("remove them, or type the text anew; do not trust where it comes from");
            if let Some(spelled) = runs.iter().find_map(|run| run.spelled.clone()) {
                fault = fault.detail("spelled", spelled);
            }
            faults.push(match worst.kind {
                HiddenKind::Invisible if total == 1 => fault.severity(Severity::Warning),
                HiddenKind::Gap => fault.severity(Severity::Warning),
                _ => fault,
            });
        },
    );
}
