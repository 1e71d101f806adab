//! The session: `scorematch` without a command.
//!
//! Lines come from an editor or from a pipe, go to one [`Session`], and what it says goes to
//! standard output. Promises: a line that fails leaves the session as it was; a session from a
//! pipe is the same session, without prompts. Deliberately not known here: what a line means.

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

/// What becomes of a session from a pipe when a line fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnFailure {
    /// It goes on, and ends well.
    GoOn,
    /// It stops with the exit status that the line would have as a command.
    Stop,
}

/// What a source of lines has to give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// Text to be run; several lines where a bracket was open.
    Text(String),
    /// Ctrl-C: the text is thrown away.
    Cancelled,
    /// There is no more.
    End,
}

/// What a conversation begins with.
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

/// Errors stand where the results stand, in the order of the lines.
fn terminal() -> Result<Ending, Failure> {
    let mut session = Session::new();
    let mut editor = Editor::new()?;
    tell(BANNER)?;
    loop {
        match editor.line(&session)? {
            Line::Text(text) => match session.run(&text, &mut stdout()) {
                Ok(Flow::Continue(_)) => {}
                Ok(Flow::Leave) => return Ok(Ending::Done),
                Err(failure) => tell(failure.message().ok_or(Failure::Unread)?)?,
            },
            Line::Cancelled => {}
            Line::End => return Ok(Ending::Done),
        }
    }
}

fn tell(message: &str) -> Result<(), Failure> {
    writeln!(stdout(), "{message}").or_else(unread)
}

/// Results go to standard output, what went wrong to standard error.
fn piped(on_failure: OnFailure) -> Result<Ending, Failure> {
    let mut session = Session::new();
    let mut lines = Pipe::default();
    while let Line::Text(text) = lines.line().map_err(|reason| unreadable(&reason))? {
        match (session.run(&text, &mut stdout()), on_failure) {
            (Ok(Flow::Leave), _) => break,
            (Ok(Flow::Continue(Ending::Done)), _) | (Ok(_), OnFailure::GoOn) => {}
            (Ok(Flow::Continue(ending)), OnFailure::Stop) => return Ok(ending),
            (Err(failure), OnFailure::Stop) => return Err(failure),
            (Err(failure), OnFailure::GoOn) => say(failure.message().ok_or(Failure::Unread)?),
        }
    }
    Ok(Ending::Done)
}

fn unreadable(reason: &io::Error) -> Failure {
    Failure::file("read", "standard input", reason)
}
