//! Separated text: commas, tabs or semicolons, quoted fields, with or without a header.
//!
//! One pass over the text, one record at a time: cells become numbers at once, and no
//! text is kept but the first offence of each column.

use std::io::{self, Cursor, Read};
use std::sync::Arc;

use csv::{ByteRecord, Position, Reader, ReaderBuilder, Terminator};

use super::columns::{Column, Columns, check_names};
use super::error::{Error, ErrorKind};
use super::lines::Lines;
use super::number::Cell;

/// How separated text is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CsvOptions {
    /// What stands between fields.
    pub delimiter: Delimiter,
    /// What the first line is.
    pub header: Header,
}

/// What stands between fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Delimiter {
    /// Whichever of tab, semicolon and comma is the most frequent outside of quotes on the
    /// first line that is not blank.
    #[default]
    Auto,
    /// This byte.
    Byte(u8),
}

/// What the first line is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Header {
    /// The names of the columns.
    #[default]
    Present,
    /// Data; the columns are named x1, x2, …
    Absent,
}

/// Stands alone on a line after the end of the text, where it is a record of its own unless
/// an open quotation mark has swallowed the line feed before it.
const END: u8 = 0x04;

/// Reads on where a signal interrupted.
struct Patient<R>(R);

impl<R: Read> Read for Patient<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.0.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => return result,
            }
        }
    }
}

pub(super) fn read(reader: impl Read, options: &CsvOptions) -> Result<Columns, Error> {
    let mut reader = Patient(reader);
    let beginning = first_line(&mut reader)?;
    let text = without_mark(&beginning);
    let delimiter = match options.delimiter {
        Delimiter::Auto => guess_delimiter(text),
        Delimiter::Byte(byte) => byte,
    };
    let end = Cursor::new([b'\n', END]);
    let mut records = Records::new(Cursor::new(text).chain(reader).chain(end), delimiter);
    if !records.advance()? {
        return Err(Error::new(ErrorKind::Empty));
    }
    let mut table = match options.header {
        Header::Present => Table::with_header(&records)?,
        Header::Absent => Table::without_header(&records)?,
    };
    while records.advance()? {
        table.push(&records)?;
    }
    table.finish()
}

fn unreadable(error: &dyn std::fmt::Display) -> Error {
    Error::new(ErrorKind::Unreadable(error.to_string()))
}

/// The bytes up to the end of the first line that is not blank, or of the text.
fn first_line(reader: &mut impl Read) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let count = reader.read(&mut chunk).map_err(|error| unreadable(&error))?;
        bytes.extend_from_slice(&chunk[..count]);
        let line_ended = || without_mark(&bytes).trim_ascii_start().contains(&b'\n');
        if count == 0 || (chunk[..count].contains(&b'\n') && line_ended()) {
            return Ok(bytes);
        }
    }
}

/// The text without a byte order mark.
fn without_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text)
}

fn guess_delimiter(text: &[u8]) -> u8 {
    let line = text.trim_ascii_start().split(|&byte| byte == b'\n').next().unwrap_or_default();
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    let mut quoted = false;
    for &byte in line {
        quoted ^= byte == b'"';
        for (candidate, count) in &mut counts {
            *count += usize::from(!quoted && byte == *candidate);
        }
    }
    // Of equally frequent ones the last: a comma may be part of a number.
    let most = counts.iter().filter(|(_, count)| *count > 0).max_by_key(|(_, count)| *count);
    most.map_or(b',', |&(candidate, _)| candidate)
}

/// The records of a text, without blank ones, each with the line on which it began.
struct Records<R> {
    reader: Reader<R>,
    record: ByteRecord,
    line: u64,
}

impl<R: Read> Records<R> {
    fn new(text: R, delimiter: u8) -> Self {
        // Only line feeds end a record, so that one is consumed with each and lines can be
        // counted; the carriage return before it is trimmed off with the spaces.
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .terminator(Terminator::Any(b'\n'))
            .buffer_capacity(1 << 16)
            .from_reader(text);
        Self { reader, record: ByteRecord::new(), line: 0 }
    }

    /// Moves to the next record that is not blank; false at the end of the text.
    fn advance(&mut self) -> Result<bool, Error> {
        loop {
            let before = self.reader.position().clone();
            if !self.reader.read_byte_record(&mut self.record).map_err(|e| unreadable(&e))? {
                return Ok(false);
            }
            if self.record.as_slice().ends_with(&[b'\n', END]) {
                return Err(Error::new(ErrorKind::UnclosedQuote).at_line(self.last_line()));
            }
            if self.record.as_slice() == [END] || self.is_blank(&before) {
                continue;
            }
            self.line = self.first_line_since(&before);
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

    fn fields(&self) -> impl Iterator<Item = Result<&str, Error>> {
        self.record.iter().map(|field| {
            let text = std::str::from_utf8(field);
            text.map_err(|_| Error::new(ErrorKind::InvalidUtf8).at_line(self.line))
        })
    }
}

/// The columns while they grow.
struct Table {
    columns: Vec<Growing>,
    lines: Lines,
}

struct Growing {
    name: String,
    values: Vec<f64>,
    fault: Option<Error>,
}

impl Table {
    fn named(names: impl Iterator<Item = String>) -> Self {
        let grow = |name| Growing { name, values: Vec::new(), fault: None };
        Self { columns: names.map(grow).collect(), lines: Lines::default() }
    }

    fn with_header<R: Read>(records: &Records<R>) -> Result<Self, Error> {
        let names = records.fields().map(|field| Ok(field?.trim().to_owned()));
        let names: Vec<String> = names.collect::<Result<_, _>>()?;
        if names.iter().any(|name| name.contains('\r')) {
            return Err(Error::new(ErrorKind::CarriageReturns).at_line(records.line));
        }
        check_names(names.iter().map(String::as_str))
            .map_err(|error| error.at_line(records.line))?;
        Ok(Self::named(names.into_iter()))
    }

    fn without_header<R: Read>(records: &Records<R>) -> Result<Self, Error> {
        let mut table = Self::named((1..=records.record.len()).map(|i| format!("x{i}")));
        table.push(records)?;
        Ok(table)
    }

    fn push<R: Read>(&mut self, records: &Records<R>) -> Result<(), Error> {
        let (expected, found) = (self.columns.len(), records.record.len());
        if expected != found {
            return Err(Error::new(ErrorKind::Ragged { expected, found }).at_line(records.line));
        }
        if u32::try_from(self.lines.rows()).is_err() {
            return Err(Error::new(ErrorKind::TooManyRows).at_line(records.line));
        }
        for (column, field) in self.columns.iter_mut().zip(records.fields()) {
            column.push(field?, records.line);
        }
        self.lines.push(records.line);
        Ok(())
    }

    fn finish(self) -> Result<Columns, Error> {
        if self.lines.rows() == 0 {
            return Err(Error::new(ErrorKind::HeaderOnly));
        }
        let columns = self.columns.into_iter().map(Growing::finish).collect();
        Ok(Columns { columns, lines: self.lines })
    }
}

impl Growing {
    fn push(&mut self, text: &str, line: u64) {
        if self.fault.is_some() {
            return;
        }
        match Cell::parse(text) {
            Cell::Number(x) => self.values.push(x),
            Cell::Missing => self.values.push(f64::NAN),
            Cell::Infinite => self.fail(ErrorKind::Infinite(text.trim().to_owned()), line),
            Cell::Text => self.fail(ErrorKind::NotANumber(text.trim().to_owned()), line),
        }
    }

    /// A column that cannot be used needs no room.
    fn fail(&mut self, kind: ErrorKind, line: u64) {
        self.fault = Some(Error::new(kind).at_line(line).in_column(&self.name));
        self.values = Vec::new();
    }

    fn finish(mut self) -> Column {
        self.values.shrink_to_fit();
        Column { name: self.name, values: Arc::new(self.values), fault: self.fault }
    }
}

#[cfg(test)]
#[path = "csv_tests.rs"]
mod tests;
