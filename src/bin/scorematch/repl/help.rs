//! `:help`: the commands, each with an example, and all topics of help.

use scorematch::report::wrapped;
use scorematch::source::nearest;

use crate::failure::Failure;
use crate::help::{Kind, meanings};
use crate::output::page;

use super::command::{COMMANDS, Command, named};
use super::state::Answer;

/// Columns before a summary.
const INDENT: usize = 14;
const HEAD: &str = "\
    A line is a piece of a model. An expression that contains data is the log-density; `data x`, \
    `param s2 > 0`, `let r = x - mu` and the like say more of it. A later line of the same name \
    replaces the former. An expression without data is answered: `mu + 1.96*s` has a value once `:set` \
    or `:fit` gave its parameters theirs, and after `:fit` a standard error. Lines with a colon are \
    commands; `:help fit` tells more of one, `:help language` shows the language, and `:help NAME` explains \
    any function, option or warning.";

pub fn run(rest: &str) -> Result<Answer, Failure> {
    let name = rest.trim_start_matches(':');
    if name.is_empty() {
        let lines = COMMANDS.iter().map(summary);
        let head = wrapped(HEAD, page().width(), 0);
        return Ok(Answer::text(format!("{head}\n\n{}", lines.collect::<String>())));
    }
    let own = named(name);
    let without: &[Kind] = if own.is_some() { &[Kind::Command] } else { &[] };
    match (own.map(detail), meanings(name, without)) {
        (Some(own), Some(others)) => Ok(Answer::text(format!("{own}\n{others}"))),
        (Some(text), None) | (None, Some(text)) => Ok(Answer::text(text)),
        (None, None) => Err(unknown(name)),
    }
}

fn summary(command: &Command) -> String {
    let summary = wrapped(command.summary, page().width(), INDENT);
    format!("{:<INDENT$}{}\n", format!("  :{}", command.name), summary.trim_start())
}

fn detail(command: &Command) -> String {
    let Command { name, arguments, summary, example, .. } = command;
    let usage = wrapped(&format!(":{name} {arguments}"), page().width(), name.len() + 2);
    let summary = wrapped(summary, page().width(), 4);
    format!("{}\n{summary}\n\nFor example:\n    {example}\n", usage.trim())
}

/// The refusal of an unknown topic, which offers a similar command first, then similar topics.
fn unknown(name: &str) -> Failure {
    match nearest(name, COMMANDS.iter().map(|command| command.name)) {
        Some(near) => {
            Failure::usage(format_args!("there is no command `{name}`: did you mean `{near}`?"))
        }
        None => crate::help::unknown(name),
    }
}
