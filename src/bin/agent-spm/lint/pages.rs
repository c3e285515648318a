//! `lint --list` and `lint --explain`: what the lints say of themselves.

use std::io;

use agent_spm::lint::{self, LINTS, Lint, Manual, PROBLEMS};
use agent_spm::report::{Column, Section, View, json, lint as report};

use super::{Arguments, Format};
use crate::exit::{Answer, Failure};
use crate::output;

/// Lists all lints.
pub(super) fn list(arguments: &Arguments) -> Result<Answer, Failure> {
    let output = arguments.output.as_deref();
    let text = match arguments.format {
        Format::Json => json::render(&report::list()).map_err(io::Error::from)?,
        _ => {
            let row = |lint: &&Lint| {
                let title = Manual::parse(lint.manual).title;
                vec![lint.id.to_owned(), lint.severity.as_str().to_owned(), title]
            };
            let lints = Section {
                title: "Lints".to_owned(),
                columns: vec![
                    Column::text("lint"),
                    Column::text("severity"),
                    Column::text("what is found"),
                ],
                rows: LINTS.iter().map(row).collect(),
                note: None,
            };
            let row =
                |(id, manual): &(&str, &str)| vec![(*id).to_owned(), Manual::parse(manual).title];
            let problems = Section {
                title: "Problems that keep a document from being loaded, all errors".to_owned(),
                columns: vec![Column::text("problem"), Column::text("what is found")],
                rows: PROBLEMS.iter().map(row).collect(),
                note: None,
            };
            let view = View {
                sections: vec![lints, problems],
            };
            output::for_people(&view, output)
        }
    };
    output::write(&text, output)?;
    Ok(Answer::Yes)
}

/// Prints the page of a lint.
pub(super) fn explain(arguments: &Arguments, id: &str) -> Result<Answer, Failure> {
    let Some(page) = lint::manual(id) else {
        return Err(Failure::Usage {
            message: format!("there is no lint `{id}`"),
            help: "`agent-spm lint --list` names them all",
        });
    };
    let (severity, markdown) = (page.severity.as_str(), page.manual.markdown);
    let text = format!("{} ({severity})\n\n{markdown}\n", page.id);
    output::write(&text, arguments.output.as_deref())?;
    Ok(Answer::Yes)
}
