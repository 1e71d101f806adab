//! Rows without quotation marks: one pass over the bytes, from number to number.
//!
//! The result is that of `records`. A number is read where a cell begins, and the byte behind it shows
//! whether it is the whole cell; only of other cells the end is looked for. The text is UTF-8 and ends in
//! a line feed.

use memchr::{memchr, memchr_iter, memchr2};

use super::part::{Layout, Part, Piece, ragged};
use crate::data::error::Error;
use crate::data::number::{self, Absent};

/// Appends the rows of the text.
pub(super) fn read(text: &str, layout: &Layout, part: &mut Part) -> Result<(), Error> {
    let Layout { delimiter, ref absent, .. } = *layout;
    let mut rows = Rows { text, bytes: text.as_bytes(), delimiter, absent, at: 0, line: 1 };
    while rows.at < rows.bytes.len() {
        if !rows.skip_blank() {
            rows.row(&mut part.columns)?;
            part.lines.push(rows.line);
        }
        rows.line += 1;
    }
    Ok(())
}

struct Rows<'a> {
    text: &'a str,
    bytes: &'a [u8],
    delimiter: u8,
    absent: &'a Absent,
    at: usize,
    line: u64,
}

impl Rows<'_> {
    /// Passes a line of spaces. A line with a delimiter, which may be a space, is a row of missing values and
    /// is not passed.
    fn skip_blank(&mut self) -> bool {
        if !self.bytes[self.at].is_ascii_whitespace() {
            return false;
        }
        let line = self.line_at(self.at);
        let blank = line.trim_ascii().is_empty() && !line.contains(&self.delimiter);
        self.at += if blank { line.len() + 1 } else { 0 };
        blank
    }

    /// The line that begins at a place, without its line feed.
    fn line_at(&self, start: usize) -> &[u8] {
        let rest = &self.bytes[start..];
        &rest[..memchr(b'\n', rest).expect("the text ends in a line feed")]
    }

    fn row(&mut self, pieces: &mut [Piece]) -> Result<(), Error> {
        let (start, expected) = (self.at, pieces.len());
        let (last, others) = pieces.split_last_mut().expect("a record has a field");
        let as_wide = others.iter_mut().all(|piece| self.cell(piece, self.delimiter))
            && self.cell(last, b'\n');
        if as_wide {
            return Ok(());
        }
        let found = memchr_iter(self.delimiter, self.line_at(start)).count() + 1;
        Err(ragged(expected, found, self.line))
    }

    /// Reads one cell and passes the byte that ends it; false if that is not the one expected.
    #[inline]
    fn cell(&mut self, piece: &mut Piece, stop: u8) -> bool {
        if let Piece::Values(values, _) = piece
            && let Some((x, end)) = self.number(stop)
        {
            values.push(x);
            self.at = end + 1;
            return true;
        }
        self.other(piece, stop)
    }

    /// The number that is the whole cell, and the place of the byte after it.
    #[inline]
    fn number(&self, stop: u8) -> Option<(f64, usize)> {
        let (x, length) = number::leading(&self.bytes[self.at..])?;
        let end = self.at + length;
        let carriage_return = stop == b'\n' && self.bytes[end] == b'\r';
        let end = end + usize::from(carriage_return);
        (self.bytes[end] == stop).then_some((x, end))
    }

    /// A cell that is more than a number, or of which no number is wanted.
    fn other(&mut self, piece: &mut Piece, stop: u8) -> bool {
        let rest = &self.bytes[self.at..];
        let length = memchr2(self.delimiter, b'\n', rest).expect("the text ends in a line feed");
        let end = self.at + length;
        piece.push(&self.text[self.at..end], self.line, self.absent);
        self.at = end + 1;
        self.bytes[end] == stop
    }
}
