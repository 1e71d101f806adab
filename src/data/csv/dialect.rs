//! The separator and the comments of a text, found on its first lines.
//!
//! Commas, semicolons and tabs are found on the line of the names alone. Another character is taken for
//! a separator only if it divides every one of the first lines into as many fields, two at
//! least, and a note says so.

use super::clean::Cleaning;
use super::{Comment, CsvOptions, Delimiter, Header};
use crate::data::note::{Note, NoteKind};

/// How a text is to be read.
#[derive(Clone, Debug)]
pub(super) struct Dialect {
    pub(super) delimiter: u8,
    /// The parts that are to be taken out before the text is split.
    pub(super) cleaning: Option<Cleaning>,
    pub(super) notes: Vec<Note>,
}

/// A line, with its number from 1.
#[derive(Clone, Copy, Debug)]
struct Line<'a> {
    number: u64,
    text: &'a [u8],
}

impl Dialect {
    /// Looks at the beginning of a text, which may end within a line unless it is the whole.
    pub(super) fn of(head: &[u8], whole: bool, options: &CsvOptions) -> Self {
        let mut lines = lines(head, whole);
        let mut notes = Vec::new();
        let named = separator_line(&lines);
        if named.is_some() {
            lines.remove(0);
        }
        let comments = Comments::of(&lines, options);
        lines.retain(|line| !comments.holds(line));
        let separator = match (options.delimiter, named) {
            (Delimiter::Auto, Some((_, byte))) => {
                notes.push(separator(Delimiter::Byte(byte), true));
                Delimiter::Byte(byte)
            }
            (Delimiter::Auto, None) => guessed(&lines, &mut notes),
            (given @ (Delimiter::Byte(_) | Delimiter::Blanks), _) => given,
        };
        let names = comments.names(&lines, separator, options.header);
        if let (Comment::Auto, Some(first)) = (options.comment, comments.lines.first()) {
            let kind = NoteKind::Comments { first: first.number, names: names.is_some() };
            notes.push(Note { kind });
        }
        let delimiter = byte_of(separator);
        let blanks = separator == Delimiter::Blanks;
        let left_out = named.map(|(line, _)| line);
        let comment = comments.mark;
        let cleaning = (comment.is_some() || blanks || left_out.is_some()).then_some(Cleaning {
            comment,
            blanks,
            delimiter,
            left_out,
            names,
        });
        Self { delimiter, cleaning, notes }
    }
}

fn byte_of(separator: Delimiter) -> u8 {
    match separator {
        Delimiter::Byte(byte) => byte,
        Delimiter::Blanks => b' ',
        Delimiter::Auto => b',',
    }
}

fn separator(delimiter: Delimiter, stated: bool) -> Note {
    Note { kind: NoteKind::Separator { delimiter, stated } }
}

/// The lines that are not blank, without a last one that may go on beyond the head. A field over several
/// lines counts as several lines.
fn lines(head: &[u8], whole: bool) -> Vec<Line<'_>> {
    let mut texts: Vec<&[u8]> = head.split(|&byte| byte == b'\n').collect();
    if !whole && texts.len() > 1 {
        texts.pop();
    }
    let numbered = texts.into_iter().zip(1..).map(|(text, number)| Line { number, text });
    numbered.filter(|line| !line.text.trim_ascii().is_empty()).collect()
}

/// The line and the byte of `sep=;`, by which a file tells Excel its separator.
fn separator_line(lines: &[Line<'_>]) -> Option<(u64, u8)> {
    let first = lines.first()?;
    let text = first.text.strip_suffix(b"\r").unwrap_or(first.text);
    let bare = text.strip_prefix(b"\"").and_then(|text| text.strip_suffix(b"\""));
    let (word, byte) = bare.unwrap_or(text).split_at_checked(4)?;
    match byte {
        &[byte] if word.eq_ignore_ascii_case(b"sep=") && super::separates(byte) => {
            Some((first.number, byte))
        }
        _ => None,
    }
}

/// The separator that the first lines show.
fn guessed(lines: &[Line<'_>], notes: &mut Vec<Note>) -> Delimiter {
    let Some(first) = lines.first() else { return Delimiter::Auto };
    let frequent = most_frequent(first.text).map(Delimiter::Byte);
    if let Some(frequent) = frequent.filter(|&frequent| width_of_all(lines, frequent).is_some()) {
        return frequent;
    }
    let mut others = vec![Delimiter::Byte(b'|')];
    // A tab may be part of a run of blanks.
    let tab = frequent.is_none_or(|frequent| frequent == Delimiter::Byte(b'\t'));
    others.extend(tab.then_some(Delimiter::Blanks));
    match others.into_iter().find(|&other| width_of_all(lines, other).is_some()) {
        Some(other) => {
            notes.push(separator(other, false));
            other
        }
        None => frequent.unwrap_or(Delimiter::Auto),
    }
}

/// Whichever of comma, semicolon and tab is the most frequent outside of quotes.
fn most_frequent(line: &[u8]) -> Option<u8> {
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    for (candidate, count) in &mut counts {
        *count = width(line, Delimiter::Byte(*candidate)) - 1;
    }
    // Of equally frequent ones the last: a comma may be part of a number.
    let most = counts.iter().filter(|(_, count)| *count > 0).max_by_key(|(_, count)| *count);
    most.map(|&(candidate, _)| candidate)
}

/// The number of fields that all lines have; none if lines differ or have one field.
fn width_of_all(lines: &[Line<'_>], separator: Delimiter) -> Option<usize> {
    let mut widths = lines.iter().map(|line| width(line.text, separator));
    let first = widths.next().filter(|&first| first >= 2)?;
    widths.all(|width| width == first).then_some(first)
}

/// The number of fields of a line.
fn width(line: &[u8], separator: Delimiter) -> usize {
    fields(line, separator).len()
}

/// The fields of a line; separators in quotation marks do not separate.
fn fields(line: &[u8], separator: Delimiter) -> Vec<&[u8]> {
    let mut quoted = false;
    let mut separates = |&byte: &u8| {
        quoted ^= byte == b'"';
        !quoted
            && match separator {
                Delimiter::Blanks => byte.is_ascii_whitespace(),
                Delimiter::Byte(_) | Delimiter::Auto => byte == byte_of(separator),
            }
    };
    let fields = line.split(&mut separates);
    let blanks = separator == Delimiter::Blanks;
    fields.filter(|field| !blanks || !field.is_empty()).collect()
}

fn is_number(field: &[u8]) -> bool {
    std::str::from_utf8(field).is_ok_and(|text| text.trim().parse::<f64>().is_ok())
}

/// The comments among the first lines.
struct Comments<'a> {
    mark: Option<u8>,
    lines: Vec<Line<'a>>,
    /// The number of comments before all other lines.
    on_top: usize,
}

impl<'a> Comments<'a> {
    fn of(lines: &[Line<'a>], options: &CsvOptions) -> Self {
        let (mark, sure) = match options.comment {
            Comment::Byte(byte) => (byte, true),
            Comment::Auto => (b'#', false),
            Comment::None => return Self { mark: None, lines: Vec::new(), on_top: 0 },
        };
        let begins = |line: &&Line<'_>| line.text.trim_ascii_start().first() == Some(&mark);
        let found: Vec<Line<'a>> = lines.iter().filter(begins).copied().collect();
        let on_top = lines.iter().take_while(begins).count();
        let mark = (sure || unlike(lines, &found, on_top, options)).then_some(mark);
        let lines = if mark.is_some() { found } else { Vec::new() };
        Self { mark, lines, on_top }
    }

    fn holds(&self, line: &Line<'_>) -> bool {
        self.lines.iter().any(|comment| comment.number == line.number)
    }

    /// The last comment on top, if it holds the names of the columns, as those of numpy and of
    /// tables in genetics do: it has as many fields as every other line and none of them is a
    /// number, while the line after it has numbers already.
    fn names(&self, rest: &[Line<'_>], separator: Delimiter, header: Header) -> Option<u64> {
        let last = self.lines.get(self.on_top.checked_sub(1)?)?;
        let names = fields(&last.text.trim_ascii_start()[1..], separator);
        let width = width_of_all(rest, separator)?;
        let data = rest
            .first()
            .is_some_and(|line| fields(line.text, separator).into_iter().any(is_number));
        let named = names.len() == width && !names.into_iter().any(is_number);
        (header == Header::Present && data && named).then_some(last.number)
    }
}

/// Whether lines that begin with a mark differ from rows: they come before all others, or have
/// another number of fields than these have. A mark alone may be the name of a first column.
fn unlike(lines: &[Line<'_>], found: &[Line<'_>], on_top: usize, options: &CsvOptions) -> bool {
    let is_found = |line: &Line<'_>| found.iter().any(|other| other.number == line.number);
    let rest: Vec<Line<'_>> = lines.iter().filter(|line| !is_found(line)).copied().collect();
    let separator = match options.delimiter {
        Delimiter::Auto => guessed(&rest, &mut Vec::new()),
        given @ (Delimiter::Byte(_) | Delimiter::Blanks) => given,
    };
    if found.is_empty() || rest.is_empty() {
        return false;
    }
    let common = width_of_all(&rest, separator);
    let as_wide = |line: &Line<'_>| Some(width(line.text, separator)) == common;
    let name = |line: &Line<'_>| fields(line.text, separator)[0].trim_ascii().len() == 1;
    match (found, on_top) {
        ([only], 1) => !(as_wide(only) && name(only)),
        (_, 1..) => true,
        (_, 0) => common.is_some() && !found.iter().any(as_wide),
    }
}
