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
use std::panic::{AssertUnwindSafe, catch_unwind};

use clap::Parser as _;

use cli::{Cli, Command};
use exit::{Answer, Failure};

fn main() -> Answer {
    let cli = Cli::parse();
    // The panic's own message is already on standard error. What failed has no answer.
    catch_unwind(AssertUnwindSafe(|| answer(&cli))).unwrap_or(Answer::None)
}

fn answer(cli: &Cli) -> Answer {
    run(cli).unwrap_or_else(|failure| {
        if !failure.is_closed_pipe() {
            output::complain(&failure, cli.global.style());
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
