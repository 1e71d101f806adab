//! Records by the `csv` crate, for text with quoted fields and for any other text.

use std::io::{Chain, Read};

use csv::{ByteRecord, Position, Reader, ReaderBuilder, Terminator};

use super::part::{Layout, Part, ragged};
use super::unreadable;
use crate::data::error::{Error, ErrorKind};

/// Stands alone on a line after the end of the text, where it is a record of its own unless
/// an open quotation mark has swallowed the line feed before it.
pub(super) const END: u8 = 0x04;

/// Comes before the text: a blank line, so that a byte order mark inside of a file is not
/// taken for one at its beginning.
const BEFORE: &[u8] = b"\n";
const AFTER: &[u8] = &[b'\n', END];

type Framed<'a> = Chain<Chain<&'static [u8], &'a [u8]>, &'static [u8]>;

/// Appends the rows of a text.
pub(super) fn read(text: &[u8], layout: &Layout, part: &mut Part) -> Result<(), Error> {
    let mut records = Records::new(text, layout.delimiter);
    while records.advance()? {
        let (expected, found) = (part.columns.len(), records.width());
        if expected != found {
            return Err(ragged(expected, found, records.line));
        }
        for (piece, field) in part.columns.iter_mut().zip(records.fields()) {
            piece.push(field?, records.line, &layout.absent);
        }
        part.lines.push(records.line);
    }
    Ok(())
}

/// The records of a text, without blank ones, each with the line on which it began.
pub(super) struct Records<'a> {
    reader: Reader<Framed<'a>>,
    record: ByteRecord,
    line: u64,
}

impl<'a> Records<'a> {
    pub(super) fn new(text: &'a [u8], delimiter: u8) -> Self {
        // Only line feeds end a record, so that one is consumed with each and lines can be
        // counted; the carriage return before it is trimmed off with the spaces.
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .terminator(Terminator::Any(b'\n'))
            .buffer_capacity(1 << 16)
            .from_reader(BEFORE.chain(text).chain(AFTER));
        Self { reader, record: ByteRecord::new(), line: 0 }
    }

    /// Moves to the next record that is not blank; false at the end of the text.
    pub(super) fn advance(&mut self) -> Result<bool, Error> {
        loop {
            let before = self.reader.position().clone();
            if !self.reader.read_byte_record(&mut self.record).map_err(|e| unreadable(&e))? {
                return Ok(false);
            }
            if self.record.as_slice().ends_with(AFTER) {
                return Err(Error::new(ErrorKind::UnclosedQuote).at_line(self.last_line() - 1));
            }
            if self.record.as_slice() == [END] || self.is_blank(&before) {
                continue;
            }
            self.line = self.first_line_since(&before) - 1;
            return Ok(true);
        }
    }

    /// The line on which the record began, given where the reader stood before: blank lines
    /// come before it, line feeds of quoted fields are inside it.
    fn first_line_since(&self, before: &Position) -> u64 {
        let after = self.reader.position().line();
        if after == before.line() + 1 {
            return before.line();
        }
        self.last_line().saturating_sub(1)
    }

    /// The line on which a record began that the end of the text cuts off.
    fn last_line(&self) -> u64 {
        let inside = self.record.as_slice().iter().filter(|&&byte| byte == b'\n').count();
        self.reader.position().line().saturating_sub(inside as u64)
    }

    /// Spaces only. A pair of quotation marks is a missing value instead; it took more bytes
    /// than its text, its line feed and those of the lines before it.
    fn is_blank(&self, before: &Position) -> bool {
        let text = self.record.as_slice();
        if self.record.len() != 1 || !text.trim_ascii().is_empty() {
            return false;
        }
        let after = self.reader.position();
        after.byte() - before.byte() == text.len() as u64 + (after.line() - before.line())
    }

    /// The line of the record in the text.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// How many fields the record has.
    pub(super) fn width(&self) -> usize {
        self.record.len()
    }

    pub(super) fn fields(&self) -> impl Iterator<Item = Result<&str, Error>> {
        self.record.iter().map(|field| {
            let text = std::str::from_utf8(field);
            text.map_err(|_| Error::new(ErrorKind::InvalidUtf8).at_line(self.line))
        })
    }

    /// How many bytes of the text the records so far have taken.
    pub(super) fn bytes_read(&self) -> usize {
        let framed = usize::try_from(self.reader.position().byte()).expect("the text is in memory");
        framed - BEFORE.len()
    }

    /// How many lines of the text the records so far have taken.
    pub(super) fn lines_read(&self) -> u64 {
        // The position counts from 1, and the line before the text.
        self.reader.position().line() - 2
    }
}
