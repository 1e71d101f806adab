//! The command line: reads files, calls the library, writes reports.
//!
//! Each command is a file of its name; nothing is computed here.

#[cfg(feature = "plot")]
mod animate;
mod args;
mod asked;
mod bound;
mod check;
#[cfg(feature = "parquet")]
mod columnar;
mod command;
mod compare;
mod completions;
mod derive;
mod draft;
mod eval;
mod examples;
mod failure;
mod fit;
mod functions;
mod help;
mod input;
mod interrupt;
#[cfg(feature = "plot")]
mod located;
mod man;
mod new;
mod objectives;
mod output;
#[cfg(feature = "plot")]
mod page;
#[cfg(feature = "plot")]
mod pictured;
#[cfg(feature = "plot")]
mod plot;
mod progress;
mod repl;
mod sample;
mod score;
mod test;
mod timing;
mod values;

use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches};

use args::{Arguments, Command};
use failure::{Ending, Failure, Manner};
use repl::OnFailure;

fn main() -> ExitCode {
    failure::announce_bugs();
    let read = Arguments::command().try_get_matches();
    let read = read.and_then(|all| Ok((Manner::of(&all), Arguments::from_arg_matches(&all)?)));
    match read {
        Ok((manner, arguments)) => {
            output::paint(arguments.color);
            run(arguments).map_or_else(|failure| failure.report(manner), ExitCode::from)
        }
        Err(refusal) => {
            failure::refused_as_json(&refusal);
            // Help and version take this path too; a failure to print them is ignored.
            let _ = refusal.print();
            if refusal.kind() == ErrorKind::UnknownArgument && std::env::args().any(|a| formula(&a))
            {
                output::say("a model as a text is written after `-e`");
            }
            ExitCode::from(u8::try_from(refusal.exit_code()).unwrap_or(2))
        }
    }
}

/// Whether an argument may be a formula without `-e`, which the parser takes for an option.
fn formula(argument: &str) -> bool {
    argument.starts_with('-') && argument.contains(['(', '^', '*', '/'])
}

fn run(arguments: Arguments) -> Result<Ending, Failure> {
    if arguments.strict && arguments.command.is_some() {
        return Err(Failure::usage("`--strict` is for a session, which starts without a command"));
    }
    let Some(command) = arguments.command else {
        return repl::run(if arguments.strict { OnFailure::Stop } else { OnFailure::GoOn });
    };
    let answer = interrupt::attended(move |watch| match &command {
        Command::Fit(args) => fit::run(args, command::line(std::env::args_os().skip(1)), watch),
        Command::Eval(args) => eval::run(args, watch),
        Command::Test(args) => test::run(args, watch),
        Command::Compare(args) => compare::run(args, watch),
        Command::Derive(args) => derive::run(args, watch),
        Command::Check(args) => check::run(args, watch),
        Command::Score(args) => score::run(args, watch),
        Command::Sample(args) => sample::run(args, watch),
        #[cfg(feature = "plot")]
        Command::Plot(args) => plot::run(args, watch),
        #[cfg(feature = "plot")]
        Command::Animate(args) => animate::run(args, watch),
        #[cfg(feature = "plot")]
        Command::Report(args) => page::run(args, command::line(std::env::args_os().skip(1)), watch),
        Command::Functions(args) => functions::run(args),
        Command::Objectives(args) => objectives::run(args),
        Command::New(args) => new::run(args, watch),
        Command::Help(args) => help::run(args),
        Command::Completions(args) => completions::run(args),
        Command::Man(args) => man::run(args),
    });
    answer.unwrap_or_else(|| {
        output::finish();
        Err(Failure::interrupted("interrupted before there was a result"))
    })
}
