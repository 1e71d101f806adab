//! How a command ends: exit statuses, and messages for what went wrong.

use std::fmt::Display;
use std::process::ExitCode;

use scorematch::objective::{NoMoments, Unsuited};
use scorematch::source::{Diagnostic, Source, render};

use crate::interrupt::INTERRUPTED;
use crate::output::{palette, say};

/// The exit status of a command that ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Done, warnings or not.
    Done,
    /// `check` found a mismatch, or `eval` no J.
    Mismatch,
    /// No minimum was found; the best point is printed.
    NotConverged,
    /// Stopped by the user; the best point is printed.
    Interrupted,
}

impl From<Ending> for ExitCode {
    fn from(ending: Ending) -> Self {
        Self::from(match ending {
            Ending::Done => 0,
            Ending::Mismatch => 1,
            Ending::NotConverged => 3,
            Ending::Interrupted => INTERRUPTED,
        })
    }
}

/// Why a command did not run.
#[derive(Debug)]
pub enum Failure {
    /// The model, the data or a file is wrong: drawn diagnostics.
    Wrong(String),
    /// The command line is wrong.
    Usage(String),
    /// The user stopped it before there was a result.
    Interrupted(String),
    /// There is no minimum, or there are no draws, that a result could stand on.
    Unfounded(String),
    /// Nobody reads the output any more.
    Unread,
}

impl Failure {
    /// Diagnostics about a text.
    pub fn drawn(diagnostics: &[Diagnostic], source: &Source) -> Self {
        let drawn: Vec<_> =
            diagnostics.iter().map(|diagnostic| render(diagnostic, source, palette())).collect();
        Self::Wrong(drawn.join("\n\n"))
    }

    /// A diagnostic without a place in a text.
    pub fn plain(diagnostic: &Diagnostic) -> Self {
        let nowhere = Source { name: String::new(), text: String::new() };
        Self::drawn(std::slice::from_ref(diagnostic), &nowhere)
    }

    /// A model that no objective suits, drawn on its text.
    pub fn unsuited(unsuited: &Unsuited, source: &Source) -> Self {
        Self::drawn(&[unsuited.diagnostic()], source)
    }

    /// Moments were asked of an objective that has none.
    pub fn no_moments(none: &NoMoments) -> Self {
        Self::usage(format_args!("`--path moments` does not suit this model: {none}"))
    }

    /// A file that cannot be read or written.
    pub fn file(verb: &str, file: impl Display, reason: &std::io::Error) -> Self {
        let message = format!("cannot {verb} `{file}`: {}", sentence(reason));
        Self::plain(&Diagnostic::error("file", message))
    }

    /// The same mistake, but made on the command line.
    pub fn on_command_line(self) -> Self {
        match self {
            Self::Wrong(message) => Self::Usage(message),
            Self::Usage(_) | Self::Interrupted(_) | Self::Unfounded(_) | Self::Unread => self,
        }
    }

    pub fn usage(message: impl Display) -> Self {
        Self::plain(&Diagnostic::error("usage", message.to_string())).on_command_line()
    }

    /// An interrupt came first: what was stopped, as a sentence.
    pub fn interrupted(message: &str) -> Self {
        match Self::plain(&Diagnostic::error("interrupted", message)) {
            Self::Wrong(message) => Self::Interrupted(message),
            other => other,
        }
    }

    /// A search or chains ended nowhere, by a code and as a sentence.
    pub fn unfounded(code: &'static str, message: &str) -> Self {
        match Self::plain(&Diagnostic::error(code, message)) {
            Self::Wrong(message) => Self::Unfounded(message),
            other => other,
        }
    }

    /// Both, one after the other.
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Wrong(first), Self::Wrong(second)) => {
                Self::Wrong(format!("{first}\n\n{second}"))
            }
            (first, _) => first,
        }
    }

    /// What there is to be said, where anybody listens.
    pub fn message(&self) -> Option<&str> {
        match self {
            Self::Wrong(message)
            | Self::Usage(message)
            | Self::Interrupted(message)
            | Self::Unfounded(message) => Some(message),
            Self::Unread => None,
        }
    }

    /// Tells the user, and gives the exit status.
    pub fn report(self) -> ExitCode {
        match self {
            Self::Wrong(message) => {
                say(&message);
                ExitCode::from(1)
            }
            Self::Usage(message) => {
                say(&format!("{message}\n\nFor more information, try '--help'."));
                ExitCode::from(2)
            }
            Self::Interrupted(message) => {
                say(&message);
                ExitCode::from(INTERRUPTED)
            }
            Self::Unfounded(message) => {
                say(&message);
                Ending::NotConverged.into()
            }
            Self::Unread => ExitCode::SUCCESS,
        }
    }
}

/// The system's words without its error number.
fn sentence(error: &std::io::Error) -> String {
    let text = error.to_string();
    match text.find(" (os error") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}

/// A panic is a bug of the program: says so in one line, without a backtrace.
pub fn announce_bugs() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(String::new, |place| format!(" at {place}"));
        let payload = panic.payload();
        let literal = payload.downcast_ref::<&str>().copied();
        let message = literal.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        let message = message.unwrap_or("no message");
        say(&format!("internal error, please report: {message}{place}"));
    }));
}
