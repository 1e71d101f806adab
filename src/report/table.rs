//! Blocks of text: aligned columns, wrapped paragraphs.

use std::fmt::Write;

use super::page::{CELL, HANG, Page};

/// Default width of a text, in columns.
pub(super) const WIDTH: usize = 80;
/// Columns of the label of a line, after which its content begins.
pub(super) const INDENT: usize = 12;

/// The alignment of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// For names and words.
    Left,
    /// For numbers.
    Right,
}

/// Rows of cells in aligned columns with two blanks between them; the first row is the heading.
#[must_use]
pub fn aligned(rows: &[Vec<String>], align: &[Align]) -> String {
    Page::PLAIN.set(&table(rows, align))
}

/// The table with marks between its cells, to be laid out for a page.
pub(super) fn table(rows: &[Vec<String>], align: &[Align]) -> String {
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max()
    };
    let widths: Vec<usize> = (0..align.len()).map(|column| width(column).unwrap_or(0)).collect();
    rows.iter().map(|row| line(row, &widths, align)).collect()
}

fn line(row: &[String], widths: &[usize], align: &[Align]) -> String {
    let mut line = String::new();
    for (i, ((cell, width), align)) in row.iter().zip(widths).zip(align).enumerate() {
        if i > 0 {
            line.push(CELL);
        }
        match align {
            Align::Left => write!(line, "{cell:<width$}"),
            Align::Right => write!(line, "{cell:>width$}"),
        }
        .expect("writing to a String");
    }
    format!("{line}\n")
}

/// A labelled line of a report, with a mark, below which its further lines are indented.
pub(super) fn labelled(label: &str, content: &str) -> String {
    format!("{label:<INDENT$}{HANG}{}\n", content.replace('\n', " "))
}

/// Text broken at blanks, so that no line is longer than `width` unless a word
/// is; every line is indented.
#[must_use]
pub fn wrapped(text: &str, width: usize, indent: usize) -> String {
    broken(text, width, [indent, indent])
}

/// A paragraph with a mark at column `indent`, so that its first line is not
/// indented and the others are.
pub(super) fn hanging(text: &str, indent: usize) -> String {
    let at = text.char_indices().nth(indent).map_or(text.len(), |(at, _)| at);
    format!("{}{HANG}{}", &text[..at], &text[at..])
}

/// The words of a text, where a word includes a following operator, both sides of an equals sign or all
/// indices of an entry such as `A[1, 2]`, so that a formula is broken only after an operator.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match words.last_mut() {
            Some(last)
                if matches!(word, "+" | "-" | "=") || last.ends_with(" =") || opened(last) =>
            {
                last.push(' ');
                last.push_str(word);
            }
            Some(_) | None => words.push(word.to_owned()),
        }
    }
    words
}

/// Text that ends within the indices of an entry; a list in brackets begins with none of these.
fn opened(text: &str) -> bool {
    let entry = text.rfind('[').filter(|&at| text[..at].ends_with(char::is_alphanumeric));
    entry.is_some_and(|at| !text[at..].contains(']'))
}

/// Text broken at blanks; `indents` are the indentations of the first line and of the others.
pub(super) fn broken(text: &str, width: usize, indents: [usize; 2]) -> String {
    let [first, indent] = indents;
    let mut lines = vec![" ".repeat(first)];
    let (mut used, mut empty) = (first, true);
    for word in words(text) {
        let length = word.chars().count();
        if !empty && used + 1 + length > width {
            lines.push(" ".repeat(indent));
            (used, empty) = (indent, true);
        }
        let gap = if empty { "" } else { " " };
        let line = lines.last_mut().expect("lines is not empty");
        line.push_str(gap);
        line.push_str(&word);
        used += gap.len() + length;
        empty = false;
    }
    lines.join("\n")
}
