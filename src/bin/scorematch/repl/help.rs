//! `:help`: the commands, each with an example.

use scorematch::source::nearest;

use crate::failure::Failure;

use super::command::{COMMANDS, Command, named};
use super::state::Answer;

/// Where summaries stand.
const INDENT: usize = 12;
const HEAD: &str = "\
A line is a piece of a model. An expression is the log-density; `data x`,
`param s2 > 0`, `let r = x - mu` and the like say more of it. A later line of
the same name replaces the former. Lines with a colon are commands; `:help fit`
tells more of one.

";

pub fn run(rest: &str) -> Result<Answer, Failure> {
    let name = rest.trim_start_matches(':');
    if name.is_empty() {
        let lines = COMMANDS.iter().map(summary);
        return Ok(Answer::text(format!("{HEAD}{}", lines.collect::<String>())));
    }
    match named(name) {
        Some(command) => Ok(Answer::text(detail(command))),
        None => Err(unknown(name)),
    }
}

fn summary(command: &Command) -> String {
    format!("  {:<INDENT$}{}\n", format!(":{}", command.name), command.summary)
}

fn detail(command: &Command) -> String {
    let Command { name, arguments, summary, example, .. } = command;
    let usage = format!(":{name} {arguments}");
    format!("{}\n    {summary}\n\nFor example:\n    {example}\n", usage.trim_end())
}

fn unknown(name: &str) -> Failure {
    let hint = match nearest(name, COMMANDS.iter().map(|command| command.name)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`:help` lists them".to_owned(),
    };
    Failure::usage(format_args!("there is no command `{name}`: {hint}"))
}
