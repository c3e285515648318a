//! The command line: arguments in, the engine's answer out. One file a subcommand.

mod audit_log;
mod cli;
mod exit;
#[cfg(test)]
mod generated;
mod git;
mod keys;
mod lint;
mod load;
#[cfg(test)]
mod man;
mod output;
mod progress;
mod replay;
mod review;
mod schema;
mod sign;
mod sign_report;
mod simulate;
mod verify;

use std::io;
use std::panic::catch_unwind;

use agent_spm::report::problems::Style;
use clap::Parser as _;

use cli::{Cli, Command};
use exit::{Answer, Failure};

fn main() -> Answer {
    // The panic's own message is already on standard error. What failed has no answer.
    catch_unwind(answer).unwrap_or(Answer::None)
}

fn answer() -> Answer {
    let (answer, style) = match Cli::try_parse() {
        Ok(cli) => (run(&cli), cli.global.style()),
        Err(said) => (output::usage(&said), Style::Plain),
    };
    answer.unwrap_or_else(|failure| {
        if !failure.is_closed_pipe() {
            output::complain(&failure, style);
        }
        failure.answer()
    })
}

fn run(cli: &Cli) -> Result<Answer, Failure> {
    match &cli.command {
        Command::Sign(arguments) => sign::run(arguments, &cli.global),
        Command::Verify(arguments) => verify::run(arguments, &cli.global),
        Command::Lint(arguments) => lint::run(arguments, &cli.global),
        Command::Simulate(arguments) => simulate::run(arguments, &cli.global),
        Command::AuditReplay(arguments) => replay::run(arguments, &cli.global),
        Command::Schema(arguments) => schema::run(arguments, &mut io::stdout().lock()),
    }
}
