//! The session: `scorematch` without a command.
//!
//! Lines come from an editor or a pipe and go to one [`Session`], whose answers go to standard
//! output. Promises: a line that fails leaves the session unchanged; a session from a pipe behaves
//! like one from a terminal, without prompts. Deliberately not known here: the meaning of a line.

mod answers;
mod arguments;
mod command;
mod complete;
mod current;
mod data;
mod drawing;
mod echo;
mod editor;
mod files;
mod fitting;
mod formulas;
mod help;
mod highlight;
mod hint;
mod judging;
mod outline;
mod past;
mod pipe;
mod plain;
mod plot;
mod replay;
mod session;
mod state;
mod statements;
mod typed;
mod understood;

use std::io::{self, IsTerminal, Write, stdin, stdout};

use crate::failure::{Ending, Failure};
use crate::output::{say, unread};

use editor::Editor;
use pipe::Pipe;
use session::{Flow, Session};

/// The reaction of a session from a pipe to a line that fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnFailure {
    /// The session continues, and its exit status is 0.
    GoOn,
    /// The session ends with the exit status that the line would have as a command.
    Stop,
}

/// The next input of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// Text to be run; several lines where a bracket was open.
    Text(String),
    /// Ctrl-C: the text is discarded.
    Cancelled,
    /// The end of input.
    End,
}

/// The greeting of a session on a terminal.
const BANNER: &str = concat!(
    "scorematch ",
    env!("CARGO_PKG_VERSION"),
    ": fits unnormalised log-densities\n",
    "Type one, as -(x - mu)^2/2, or :data FILE; :help has more"
);

/// Runs a session until its end.
pub fn run(on_failure: OnFailure) -> Result<Ending, Failure> {
    let conversation = stdin().is_terminal() && stdout().is_terminal();
    if conversation { terminal() } else { piped(on_failure) }
}

/// A session on a terminal. Errors go to standard output, between the results,
/// in the order of the lines.
fn terminal() -> Result<Ending, Failure> {
    let mut session = Session::new();
    let mut editor = Editor::new()?;
    tell(BANNER)?;
    loop {
        match editor.line(&session)? {
            Line::Text(text) => match session.run(&text, &mut stdout()) {
                Ok(Flow::Continue(_)) => {}
                Ok(Flow::Leave) => return Ok(Ending::Done),
                Err(failure) => tell(failure.message().ok_or(Failure::OutputClosed)?)?,
            },
            Line::Cancelled => {}
            Line::End => return Ok(Ending::Done),
        }
    }
}

fn tell(message: &str) -> Result<(), Failure> {
    writeln!(stdout(), "{message}").or_else(unread)
}

/// A session from a pipe. Results go to standard output, errors to standard error.
fn piped(on_failure: OnFailure) -> Result<Ending, Failure> {
    let mut session = Session::new();
    let mut lines = Pipe::default();
    while let Line::Text(text) = lines.line().map_err(|reason| unreadable(&reason))? {
        match (session.run(&text, &mut stdout()), on_failure) {
            (Ok(Flow::Leave), _) => break,
            (Ok(Flow::Continue(Ending::Done)), _) | (Ok(_), OnFailure::GoOn) => {}
            (Ok(Flow::Continue(ending)), OnFailure::Stop) => return Ok(ending),
            (Err(failure), OnFailure::Stop) => return Err(failure),
            (Err(failure), OnFailure::GoOn) => {
                say(failure.message().ok_or(Failure::OutputClosed)?)
            }
        }
    }
    Ok(Ending::Done)
}

fn unreadable(reason: &io::Error) -> Failure {
    Failure::file("read", "standard input", reason)
}
