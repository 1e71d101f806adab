//! How a command ends: exit statuses, and messages for what went wrong.

use std::fmt::Display;
use std::process::ExitCode;

use clap::ArgMatches;
use scorematch::objective::{NoMoments, Unsuited};
use scorematch::report::json_opened;
use scorematch::source::{Diagnostic, Severity, Source, render};
use serde_json::{Map, Value, json};

use crate::args::TargetArgs;
use crate::interrupt::INTERRUPTED;
use crate::output::{emit_text, palette, say};

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

/// Diagnostics, drawn for people and as entries for programs.
#[derive(Debug, Default)]
pub struct Said {
    drawn: String,
    entries: Vec<Value>,
}

impl Said {
    fn of(diagnostics: &[Diagnostic], source: &Source) -> Self {
        let drawn = diagnostics.iter().map(|one| render(one, source, palette()));
        let drawn = drawn.collect::<Vec<_>>().join("\n\n");
        Self { drawn, entries: diagnostics.iter().map(|one| entry(one, source)).collect() }
    }

    fn and(mut self, other: Self) -> Self {
        self.drawn = format!("{}\n\n{}", self.drawn, other.drawn);
        self.entries.extend(other.entries);
        self
    }
}

/// What is drawn only, where nobody asks for JSON: in a session.
impl From<String> for Said {
    fn from(drawn: String) -> Self {
        Self { drawn, entries: Vec::new() }
    }
}

/// A diagnostic as JSON; the place is that of its first label.
fn entry(diagnostic: &Diagnostic, source: &Source) -> Value {
    let Diagnostic { severity, code, message, labels, notes, help } = diagnostic;
    let severity = match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    let mut entry = Map::new();
    let mut put = |key: &str, value: Value| drop(entry.insert(key.to_owned(), value));
    put("severity", severity.into());
    put("code", (*code).into());
    put("message", message.as_str().into());
    if let Some(main) = labels.first() {
        let (line, column) = source.line_and_column(main.span);
        put("file", source.name.as_str().into());
        put("line", line.into());
        put("column", column.into());
    }
    if !notes.is_empty() {
        put("notes", json!(notes));
    }
    if let Some(help) = help {
        put("help", help.as_str().into());
    }
    Value::Object(entry)
}

/// How a command is to say that it failed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Manner {
    /// As JSON on standard output too.
    json: bool,
    /// Where there is JSON, no words beside it.
    quiet: bool,
}

impl Manner {
    /// As the options of the command ask, where it has them.
    pub fn of(matches: &ArgMatches) -> Self {
        let Some((_, given)) = matches.subcommand() else { return Self::default() };
        let format = given.try_get_raw("format").ok().flatten();
        let json = format.is_some_and(|mut values| values.any(|value| value == "json"));
        let quiet = given.try_get_one::<bool>("quiet").ok().flatten();
        Self { json, quiet: quiet.copied().unwrap_or(false) }
    }
}

/// A command line that could not be read asks for JSON: it is told what was wrong with it.
pub fn refused_as_json(refusal: &clap::Error) {
    let arguments: Vec<_> = std::env::args_os().collect();
    let apart = arguments.windows(2).any(|two| two[0] == "--format" && two[1] == "json");
    if refusal.use_stderr() && (apart || arguments.iter().any(|one| one == "--format=json")) {
        let text = refusal.render().to_string();
        let text = text.strip_prefix("error: ").unwrap_or(&text);
        let end = text.find("\n\nUsage:").or_else(|| text.find("\n\nFor more"));
        let message = text[..end.unwrap_or(text.len())].trim_end();
        write_json(&[json!({"severity": "error", "code": "usage", "message": message})]);
    }
}

fn write_json(entries: &[Value]) {
    let mut object = json_opened();
    object.insert("error".to_owned(), json!(entries));
    let text = format!("{:#}\n", Value::Object(object));
    // The exit status tells of the failure in any case.
    let _ = emit_text(&TargetArgs::default(), &text);
}

/// Why a command did not run.
#[derive(Debug)]
pub enum Failure {
    /// The model, the data or a file is wrong.
    Wrong(Said),
    /// The command line is wrong.
    Usage(Said),
    /// The user stopped it before there was a result.
    Interrupted(Said),
    /// There is no minimum, or there are no draws, that a result could stand on.
    Unfounded(Said),
    /// Nobody reads the output any more.
    Unread,
}

impl Failure {
    /// Diagnostics about a text.
    pub fn drawn(diagnostics: &[Diagnostic], source: &Source) -> Self {
        Self::Wrong(Said::of(diagnostics, source))
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
            (Self::Wrong(first), Self::Wrong(second)) => Self::Wrong(first.and(second)),
            (first, _) => first,
        }
    }

    /// What there is to be said, where anybody listens.
    pub fn message(&self) -> Option<&str> {
        match self {
            Self::Wrong(message)
            | Self::Usage(message)
            | Self::Interrupted(message)
            | Self::Unfounded(message) => Some(&message.drawn),
            Self::Unread => None,
        }
    }

    /// Tells the user, and gives the exit status.
    pub fn report(self, manner: Manner) -> ExitCode {
        let (said, status) = match self {
            Self::Wrong(said) => (said, ExitCode::from(1)),
            Self::Usage(mut said) => {
                said.drawn.push_str("\n\nFor more information, try '--help'.");
                (said, ExitCode::from(2))
            }
            Self::Interrupted(said) => (said, ExitCode::from(INTERRUPTED)),
            Self::Unfounded(said) => (said, Ending::NotConverged.into()),
            Self::Unread => return ExitCode::SUCCESS,
        };
        if !(manner.json && manner.quiet) {
            say(&said.drawn);
        }
        if manner.json {
            write_json(&said.entries);
        }
        status
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
