//! The one renderer of diagnostics.

use std::borrow::Cow;
use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::excerpt::{Excerpt, clamped, line_and_column};
use super::{Diagnostic, Label, Severity, Source};

/// Plain text, or ANSI colours for a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Palette {
    /// No escape sequences.
    Plain,
    /// ANSI colours.
    Ansi,
}

/// Draws a diagnostic: message, source line, caret, notes and help, without a final newline.
///
/// A diagnostic without labels is drawn without a snippet; a label outside of the text is moved
/// into it.
#[must_use]
pub fn render(diagnostic: &Diagnostic, source: &Source, palette: Palette) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = level.primary_title(visible(&diagnostic.message)).id(diagnostic.code);
    let group = with_snippet(Group::with_title(title), &diagnostic.labels, source);
    let notes = diagnostic.notes.iter().map(|note| Level::NOTE.message(visible(note)));
    let help = diagnostic.help.iter().map(|help| Level::HELP.message(visible(help)));
    let renderer = match palette {
        Palette::Plain => Renderer::plain(),
        Palette::Ansi => Renderer::styled(),
    };
    renderer.render(&[group.elements(notes).elements(help)])
}

fn with_snippet<'a>(group: Group<'a>, labels: &'a [Label], source: &'a Source) -> Group<'a> {
    let spans: Vec<_> = labels.iter().map(|label| clamped(&source.text, label.span)).collect();
    let Some(main) = spans.first() else { return group };
    let excerpt = Excerpt::new(&source.text, &spans);
    let annotations = labels.iter().zip(&spans).enumerate();
    let annotations =
        annotations.map(|(i, (label, span))| annotation(i, label, excerpt.place(span)));
    let snippet = Snippet::source(excerpt.text.clone())
        .line_start(excerpt.first_line)
        .annotations(annotations);
    let name = visible(&source.name);
    if excerpt.keeps_columns() {
        return group.element(snippet.path(name));
    }
    // The snippet itself would count the column in the cut line.
    let (line, column) = line_and_column(&source.text, main.start);
    group.element(Origin::path(name).line(line).char_column(column)).element(snippet)
}

fn annotation(position: usize, label: &Label, place: Range<usize>) -> Annotation<'_> {
    let kind = if position == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
    let annotation = kind.span(place);
    if label.text.is_empty() { annotation } else { annotation.label(visible(&label.text)) }
}

/// The text without control characters: names from data files may contain escape sequences.
fn visible(text: &str) -> Cow<'_, str> {
    let hidden = |c: char| c.is_control() && c != '\n';
    if !text.contains(hidden) {
        return Cow::Borrowed(text);
    }
    let show = |c: char| if hidden(c) { c.escape_unicode().to_string() } else { c.to_string() };
    Cow::Owned(text.chars().map(show).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;

    fn source(text: &str) -> Source {
        Source { name: "model.energy".to_owned(), text: text.to_owned() }
    }

    fn plain(diagnostic: &Diagnostic, text: &str) -> String {
        render(diagnostic, &source(text), Palette::Plain)
    }

    #[test]
    fn everything_has_its_line() {
        let diagnostic = Diagnostic::error("unknown-name", "`muu` is not known")
            .at(Span { start: 22, end: 25 }, "not declared")
            .at(Span { start: 6, end: 8 }, "near this")
            .note("first fact")
            .note("second fact")
            .help("did you mean `mu`?");
        let expected = "\
error[unknown-name]: `muu` is not known
 --> model.energy:2:14
  |
1 | param mu
  |       -- near this
2 | logp = -(x - muu)^2
  |              ^^^ not declared
  |
  = note: first fact
  = note: second fact
  = help: did you mean `mu`?";
        assert_eq!(plain(&diagnostic, "param mu\nlogp = -(x - muu)^2\n"), expected);
    }

    #[test]
    fn no_label_no_snippet() {
        let diagnostic = Diagnostic::warning("few-rows", "only 3 rows").note("for 5 parameters");
        assert_eq!(
            plain(&diagnostic, "x"),
            "warning[few-rows]: only 3 rows\n |\n = note: for 5 parameters"
        );
    }

    #[test]
    fn colours_only_when_asked_for() {
        let diagnostic = Diagnostic::error("code", "message").at(Span { start: 0, end: 1 }, "");
        assert!(!plain(&diagnostic, "x").contains('\u{1b}'));
        assert!(render(&diagnostic, &source("x"), Palette::Ansi).contains('\u{1b}'));
    }

    #[test]
    fn no_place_and_no_text_is_too_strange() {
        let texts = ["", "\n", "\t\tx\t", "ä\u{0}\u{1b}[31m\r\n日本", "a\n\n\n\nb\n", "e\u{301}"];
        for text in texts {
            for start in 0..20 {
                for end in [0, start, start + 1, start + 5, u32::MAX] {
                    let diagnostic = Diagnostic::error("code", "a\u{7}b")
                        .at(Span { start, end }, "here\u{1b}")
                        .at(Span { start: end, end: start }, "");
                    let drawn = plain(&diagnostic, text);
                    assert!(!drawn.contains(['\u{7}', '\u{1b}']), "{drawn}");
                }
            }
        }
    }

    #[test]
    fn a_long_line_is_drawn_short() {
        let text = format!("{}?{}", "x + ".repeat(1 << 18), "y".repeat(300));
        let diagnostic = Diagnostic::error("code", "message")
            .at(Span { start: 1 << 20, end: (1 << 20) + 1 }, "");
        let drawn = plain(&diagnostic, &text);
        assert!(drawn.len() < 600, "{drawn}");
        assert!(drawn.contains("model.energy:1:1048577"), "{drawn}");
    }
}
