//! A typed line or a loaded file, with diagnostics that show places in it.

use scorematch::source::{Diagnostic, Label, Source};

use crate::failure::Failure;
use crate::output::drawn;

use super::statements::Statements;

/// The name of a session's lines in messages.
const SESSION: &str = "<session>";
/// The name of a session's model in messages.
pub const MODEL: &str = "<model>";
/// The note on an error that a line causes in another statement.
const ELSEWHERE: &str = "this is the model as it would be after the line; \
    one line changes several statements at once with `;` between them";

/// A text with its place in a session or a file.
#[derive(Clone, Debug)]
pub struct Typed {
    /// The text as typed.
    pub text: String,
    /// The number of its first line.
    pub first: usize,
    /// The text after blank lines, so that its line numbers are those of the session.
    pub source: Source,
}

impl Typed {
    /// A line of a session; several where a bracket was open.
    pub fn line(text: &str, first: usize) -> Self {
        let padded = format!("{}{text}", "\n".repeat(first - 1));
        let source = Source { name: SESSION.to_owned(), text: padded };
        Self { text: text.to_owned(), first, source }
    }

    pub fn file(source: Source) -> Self {
        Self { text: source.text.clone(), first: 1, source }
    }

    /// A diagnostic about this text.
    pub fn failure(&self, diagnostic: &Diagnostic) -> Failure {
        Failure::drawn(std::slice::from_ref(diagnostic), &self.source)
    }

    /// A diagnostic about the whole model, drawn in this text if all its labels are in it,
    /// otherwise in the model.
    pub fn drawn_of(&self, diagnostic: &Diagnostic, model: &Statements) -> String {
        let label =
            |label: &Label| model.origin(label.span).map(|span| Label { span, ..label.clone() });
        match diagnostic.labels.iter().map(label).collect() {
            Some(labels) => drawn(&Diagnostic { labels, ..diagnostic.clone() }, &self.source),
            None => {
                let source = Source { name: MODEL.to_owned(), text: model.text() };
                let noted = diagnostic.clone().note(ELSEWHERE);
                drawn(if model.are_changing() { &noted } else { diagnostic }, &source)
            }
        }
    }
}
