//! Source text, places in it, the diagnostics that point at them, and warnings without a place.
//!
//! Every stage turns its own error into a [`Diagnostic`]; [`render`] is the only
//! place that draws one.

mod codes;
mod excerpt;
mod nearest;
mod printable;
mod render;
mod warning;

pub use codes::{CodeEntry, codes, explain};
pub use nearest::nearest;
pub(crate) use printable::first_of;
pub use printable::{one_line, printable};
pub use render::{Palette, render};
pub use warning::{Warning, by_weight, weight};

/// A named text: a model file, or the text given on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its name in messages: a file name, or `<text>`.
    pub name: String,
    /// The whole text.
    pub text: String,
}

impl Source {
    /// Line and column where a place begins, from one, the column in characters.
    #[must_use]
    pub fn line_and_column(&self, span: Span) -> (usize, usize) {
        excerpt::line_and_column(&self.text, excerpt::clamped(&self.text, span).start)
    }
}

/// A half-open range of byte offsets in a [`Source`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The smallest span that covers both spans.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// The severity of a diagnostic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The work was not done.
    Error,
    /// The work was done, but its result may be wrong.
    Warning,
    /// For information.
    Note,
}

/// A place in the source with a short text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// Short text beside the caret; may be empty.
    pub text: String,
}

/// A message to the user: what is wrong, where, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its severity.
    pub severity: Severity,
    /// A stable kebab-case code, as in `unknown-name`.
    pub code: &'static str,
    /// One sentence without a full stop, lower case at the start.
    pub message: String,
    /// Places; the first is the main one. Empty where there is no place.
    pub labels: Vec<Label>,
    /// Further facts, one a line.
    pub notes: Vec<String>,
    /// What to do about it.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error at a place.
    #[must_use]
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            code,
            message: message.into(),
            labels: Vec::new(),
            notes: Vec::new(),
            help: None,
        }
    }
    /// A warning.
    #[must_use]
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, message) }
    }
    /// Adds a place.
    #[must_use]
    pub fn at(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }
    /// Adds a further fact.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }
    /// Sets the help line.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
