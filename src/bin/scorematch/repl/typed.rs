//! A line as typed, or a file as loaded, and diagnostics drawn on it.

use scorematch::source::{Diagnostic, Label, Source, Span, render};

use crate::failure::Failure;
use crate::output::palette;

use super::statements::Statements;

/// What they call the statements of before.
const MODEL: &str = "<model>";

/// A text with the number of its first line in the session.
#[derive(Clone, Debug)]
pub struct Typed {
    /// What messages call it.
    pub name: String,
    pub text: String,
    pub first: usize,
}

impl Typed {
    /// The lines in front of it are blank, so that lines are counted as the session counts them.
    fn source(&self) -> Source {
        let text = format!("{}{}", "\n".repeat(self.before()), self.text);
        Source { name: self.name.clone(), text }
    }

    fn before(&self) -> usize {
        self.first - 1
    }

    fn moved(&self, span: Span) -> Span {
        let before = u32::try_from(self.before()).expect("nobody types so many lines");
        Span { start: span.start + before, end: span.end + before }
    }

    /// A diagnostic about the text itself.
    pub fn drawn(&self, diagnostic: &Diagnostic) -> String {
        let label = |label: &Label| Label { span: self.moved(label.span), ..label.clone() };
        let labels = diagnostic.labels.iter().map(label).collect();
        render(&Diagnostic { labels, ..diagnostic.clone() }, &self.source(), palette())
    }

    pub fn failure(&self, diagnostic: &Diagnostic) -> Failure {
        Failure::Wrong(self.drawn(diagnostic))
    }

    /// A diagnostic about the whole model: on this line where it is about this line alone.
    pub fn drawn_of(&self, diagnostic: &Diagnostic, model: &Statements) -> String {
        let label =
            |label: &Label| model.origin(label.span).map(|span| Label { span, ..label.clone() });
        match diagnostic.labels.iter().map(label).collect() {
            Some(labels) => self.drawn(&Diagnostic { labels, ..diagnostic.clone() }),
            None => {
                let source = Source { name: MODEL.to_owned(), text: model.text() };
                render(diagnostic, &source, palette())
            }
        }
    }
}
