//! How commands end: exit statuses, and messages about failures.

use std::fmt::Display;
use std::process::ExitCode;

use clap::ArgMatches;
use scorematch::objective::{NoMoments, Unsuited};
use scorematch::report::json_opened;
use scorematch::source::{Diagnostic, Severity, Source};
use serde_json::{Map, Value, json};

use crate::args::TargetArgs;
use crate::interrupt::INTERRUPTED;
use crate::output::{drawn, emit_text, say};

/// The outcome of a command that ran, which determines its exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The command succeeded, possibly with warnings.
    Done,
    /// `check` found a mismatch, or in `eval` J is not finite.
    Mismatch,
    /// The fit did not converge, or chains do not agree; the best result is printed.
    NotConverged,
    /// The user interrupted a fit; the best point is printed.
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

/// Diagnostics as text and as JSON.
#[derive(Debug, Default)]
pub struct Messages {
    drawn: String,
    entries: Vec<Value>,
}

impl Messages {
    fn of(diagnostics: &[Diagnostic], source: &Source) -> Self {
        let drawn = diagnostics.iter().map(|one| drawn(one, source));
        let drawn = drawn.collect::<Vec<_>>().join("\n\n");
        Self { drawn, entries: diagnostics.iter().map(|one| entry(one, source)).collect() }
    }

    fn and(mut self, other: Self) -> Self {
        self.drawn = format!("{}\n\n{}", self.drawn, other.drawn);
        self.entries.extend(other.entries);
        self
    }
}

/// Text alone, for sessions, which never print failures as JSON.
impl From<String> for Messages {
    fn from(drawn: String) -> Self {
        Self { drawn, entries: Vec::new() }
    }
}

/// A diagnostic as JSON, with the place of its first label.
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

/// The form in which a command reports its failure.
#[derive(Clone, Copy, Debug, Default)]
pub struct Manner {
    /// Also as JSON on standard output.
    json: bool,
    /// Without text on standard error, if there is JSON.
    quiet: bool,
}

impl Manner {
    /// The form that the options of the command ask for, if it has such options.
    pub fn of(matches: &ArgMatches) -> Self {
        let Some((_, given)) = matches.subcommand() else { return Self::default() };
        let format = given.try_get_raw("format").ok().flatten();
        let json = format.is_some_and(|mut values| values.any(|value| value == "json"));
        let quiet = given.try_get_one::<bool>("quiet").ok().flatten();
        Self { json, quiet: quiet.copied().unwrap_or(false) }
    }
}

/// Where a malformed command line asks for JSON, prints the error of the parser as JSON.
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
    // The exit status reports the failure even if writing fails.
    let _ = emit_text(&TargetArgs::default(), &text);
}

/// The reason for which a command has no result.
#[derive(Debug)]
pub enum Failure {
    /// The model, the data or a file is wrong.
    Wrong(Messages),
    /// The command line is wrong.
    Usage(Messages),
    /// The user interrupted the command before there was a result.
    Interrupted(Messages),
    /// The fit found no minimum, or the chains do not mix, so that a result would have no basis.
    Unfounded(Messages),
    /// The reader of the output has closed it.
    OutputClosed,
}

impl Failure {
    /// Diagnostics about the text of a model.
    pub fn drawn(diagnostics: &[Diagnostic], source: &Source) -> Self {
        Self::Wrong(Messages::of(diagnostics, source))
    }

    /// A diagnostic without a place in a text.
    pub fn plain(diagnostic: &Diagnostic) -> Self {
        let nowhere = Source { name: String::new(), text: String::new() };
        Self::drawn(std::slice::from_ref(diagnostic), &nowhere)
    }

    /// A model that no objective suits, with the place in its text.
    pub fn unsuited(unsuited: &Unsuited, source: &Source) -> Self {
        Self::drawn(&[unsuited.diagnostic()], source)
    }

    /// The option `--path moments` for an objective without moments.
    pub fn no_moments(none: &NoMoments) -> Self {
        Self::usage(format_args!("`--path moments` does not suit this model: {none}"))
    }

    /// A file that cannot be read or written.
    pub fn file(verb: &str, file: impl Display, reason: &std::io::Error) -> Self {
        let message = format!("cannot {verb} `{file}`: {}", sentence(reason));
        Self::plain(&Diagnostic::error("file", message))
    }

    /// The failure as an error of the command line, if it was one of model, data or files.
    pub fn on_command_line(self) -> Self {
        match self {
            Self::Wrong(message) => Self::Usage(message),
            Self::Usage(_) | Self::Interrupted(_) | Self::Unfounded(_) | Self::OutputClosed => self,
        }
    }

    pub fn usage(message: impl Display) -> Self {
        Self::plain(&Diagnostic::error("usage", message.to_string())).on_command_line()
    }

    /// An interrupt, with a sentence that names what was interrupted.
    pub fn interrupted(message: &str) -> Self {
        match Self::plain(&Diagnostic::error("interrupted", message)) {
            Self::Wrong(message) => Self::Interrupted(message),
            other => other,
        }
    }

    /// A search that found no minimum, or chains that do not mix, with a code and a sentence.
    pub fn unfounded(code: &'static str, message: &str) -> Self {
        match Self::plain(&Diagnostic::error(code, message)) {
            Self::Wrong(message) => Self::Unfounded(message),
            other => other,
        }
    }

    /// The messages of both failures, if both are about model, data or files;
    /// otherwise the first failure.
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Wrong(first), Self::Wrong(second)) => Self::Wrong(first.and(second)),
            (first, _) => first,
        }
    }

    /// The text of the messages; `None` where the reader has closed the output.
    pub fn message(&self) -> Option<&str> {
        match self {
            Self::Wrong(message)
            | Self::Usage(message)
            | Self::Interrupted(message)
            | Self::Unfounded(message) => Some(&message.drawn),
            Self::OutputClosed => None,
        }
    }

    /// Prints the messages, and returns the exit status.
    pub fn report(self, manner: Manner) -> ExitCode {
        let (said, status) = match self {
            Self::Wrong(said) => (said, ExitCode::from(1)),
            Self::Usage(mut said) => {
                said.drawn.push_str("\n\nFor more information, try '--help'.");
                (said, ExitCode::from(2))
            }
            Self::Interrupted(said) => (said, ExitCode::from(INTERRUPTED)),
            Self::Unfounded(said) => (said, Ending::NotConverged.into()),
            Self::OutputClosed => return ExitCode::SUCCESS,
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

/// The message of an error of the operating system, without its number.
fn sentence(error: &std::io::Error) -> String {
    let text = error.to_string();
    match text.find(" (os error") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}

/// Panics are bugs of the program: the hook reports them in one line, without a backtrace.
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
