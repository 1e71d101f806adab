//! The lines of a source that a diagnostic shows, long ones cut to a window.

use std::ops::Range;

use super::Span;

/// Most bytes of a line that are shown; longer lines are cut.
const LINE_MAX: usize = 120;
/// Replaces the parts that were cut off.
const ELLIPSIS: &str = "…";

/// Whole lines from the first to the last label.
#[derive(Debug)]
pub(super) struct Excerpt {
    /// The text shown.
    pub text: String,
    /// The number of the first line, from one.
    pub first_line: usize,
    lines: Vec<Line>,
    cut_in_front: bool,
}

/// A line, possibly cut.
#[derive(Debug)]
struct Line {
    /// The range of the source that is shown.
    kept: Range<usize>,
    /// The offset in the excerpt at which it begins.
    shown_at: usize,
}

impl Excerpt {
    /// The lines of all spans; these must lie in the text, see [`clamped`].
    pub fn new(text: &str, spans: &[Range<usize>]) -> Self {
        let first = spans.iter().map(|span| span.start).min().unwrap_or(0);
        let last = spans.iter().map(|span| span.end).max().unwrap_or(0);
        let mut start = text[..first].rfind('\n').map_or(0, |newline| newline + 1);
        let first_line = text[..start].matches('\n').count() + 1;
        let mut excerpt =
            Self { text: String::new(), first_line, lines: Vec::new(), cut_in_front: false };
        while start <= last {
            let end = text[start..].find('\n').map_or(text.len(), |length| start + length);
            excerpt.push(text, window(text, start..end, spans), start..end);
            start = end + 1;
        }
        excerpt
    }

    fn push(&mut self, text: &str, kept: Range<usize>, line: Range<usize>) {
        if !self.lines.is_empty() {
            self.text.push('\n');
        }
        if kept.start > line.start {
            self.text.push_str(ELLIPSIS);
            self.cut_in_front = true;
        }
        let shown_at = self.text.len();
        self.text.push_str(&text[kept.clone()]);
        if kept.end < line.end {
            self.text.push_str(ELLIPSIS);
        }
        self.lines.push(Line { kept, shown_at });
    }

    /// Whether every line is shown from its beginning.
    pub fn keeps_columns(&self) -> bool {
        !self.cut_in_front
    }

    /// A range of the source as a range of the excerpt, clamped to the parts shown.
    pub fn place(&self, span: &Range<usize>) -> Range<usize> {
        self.offset(span.start)..self.offset(span.end)
    }

    fn offset(&self, offset: usize) -> usize {
        let after = self.lines.partition_point(|line| line.kept.start <= offset);
        let line = &self.lines[after.saturating_sub(1)];
        line.shown_at + offset.clamp(line.kept.start, line.kept.end) - line.kept.start
    }
}

/// The part of a line to keep: around the first label in it.
fn window(text: &str, line: Range<usize>, spans: &[Range<usize>]) -> Range<usize> {
    if line.len() <= LINE_MAX {
        return line;
    }
    let ends = spans.iter().flat_map(|span| [span.start, span.end]);
    let focus = ends.filter(|end| (line.start..=line.end).contains(end)).min();
    let before = focus.unwrap_or(line.start).saturating_sub(LINE_MAX / 2);
    let start = before.clamp(line.start, line.end - LINE_MAX);
    boundary(text, start)..boundary(text, start + LINE_MAX)
}

/// A span as a range within the text that begins and ends between characters.
pub(super) fn clamped(text: &str, span: Span) -> Range<usize> {
    let start = boundary(text, span.start as usize);
    start..boundary(text, span.end as usize).max(start)
}

/// The offset, or the nearest one before it at which a character begins.
fn boundary(text: &str, offset: usize) -> usize {
    let start = offset.min(text.len());
    (0..=start).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// Line and column of an offset, from one, the column in characters.
pub(super) fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let start = text[..offset].rfind('\n').map_or(0, |newline| newline + 1);
    (text[..start].matches('\n').count() + 1, text[start..offset].chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_cut_around_its_label() {
        let text = format!("{}!{}", "ä".repeat(1000), "b".repeat(1000));
        let span = 2000..2001;
        let excerpt = Excerpt::new(&text, std::slice::from_ref(&span));
        assert!(excerpt.text.len() <= LINE_MAX + 2 * ELLIPSIS.len());
        assert!(excerpt.text.starts_with("…ä") && excerpt.text.ends_with("b…"));
        assert_eq!(&excerpt.text[excerpt.place(&span)], "!");
    }

    #[test]
    fn offsets_keep_their_place_over_several_lines() {
        let text = "one\ntwo\n\nthree\nfour";
        let spans = [4..7, 9..14];
        let excerpt = Excerpt::new(text, &spans);
        assert_eq!((excerpt.first_line, excerpt.text.as_str()), (2, "two\n\nthree"));
        assert_eq!(&excerpt.text[excerpt.place(&spans[1])], "three");
    }

    #[test]
    fn a_span_beyond_the_text_is_clamped() {
        assert_eq!(clamped("ä", Span { start: 1, end: 9 }), 0..2);
        assert_eq!(clamped("abc", Span { start: 2, end: 1 }), 2..2);
        assert_eq!(clamped("", Span { start: 7, end: u32::MAX }), 0..0);
    }
}
