//! Separated text: commas, tabs or semicolons, quoted fields, with or without a header.
//!
//! The text is read in blocks that end with a line (`blocks`). Each block becomes numbers on
//! its own and on any thread (`share`): plain text in one pass over its bytes (`plain`), text
//! with quotation marks and everything unusual through the `csv` crate (`records`), which is
//! the meaning of both. What the blocks held is joined in the order of the text (`table`), so
//! columns, line numbers and errors do not depend on blocks or threads. No text is kept but
//! the first offence of each column.

mod blocks;
mod part;
mod plain;
mod records;
mod share;
mod table;

use std::fmt;
use std::io::{self, Read};
use std::num::NonZeroUsize;
use std::thread;

use self::blocks::{Block, Blocks};
use self::part::{Layout, Use};
use self::records::Records;
use self::table::Table;
use super::columns::{Columns, check_names};
use super::error::{Error, ErrorKind};

/// How many bytes are worth a thread's attention: less than its cache holds.
const BLOCK: usize = 1 << 20;

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

/// Separated text of which the header has been read, and the rows are still to come.
///
/// ```
/// use scorematch::data::{CsvOptions, CsvReader, Missing};
/// let text = "x,y,z\n1,2,3\n4,5,6\n";
/// let reader = CsvReader::new(text.as_bytes(), &CsvOptions::default())?;
/// assert_eq!(reader.names(), ["x", "y", "z"]);
/// let data = reader.only(&["z"]).columns()?;
/// assert_eq!(data.select(&["z"], Missing::Error)?.column(0), [3.0, 6.0]);
/// # Ok::<(), scorematch::data::Error>(())
/// ```
pub struct CsvReader<R> {
    blocks: Blocks<Patient<R>>,
    first: Block,
    names: Vec<String>,
    layout: Layout,
    /// Lines of the text before the first block of rows.
    lines: u64,
    threads: NonZeroUsize,
}

impl<R: Read> CsvReader<R> {
    /// Reads as far as the names of the columns.
    pub fn new(reader: R, options: &CsvOptions) -> Result<Self, Error> {
        Self::in_blocks(reader, options, BLOCK)
    }

    /// The same for blocks of any size, to which the rows are indifferent.
    fn in_blocks(reader: R, options: &CsvOptions, size: usize) -> Result<Self, Error> {
        let mut reader = Patient(reader);
        let beginning = first_line(&mut reader)?;
        let text = without_mark(&beginning);
        let delimiter = match options.delimiter {
            Delimiter::Auto => guess_delimiter(text),
            Delimiter::Byte(byte) => byte,
        };
        let mut blocks = Blocks::new(reader, text.to_vec(), delimiter, size);
        let mut lines = 0;
        while let Some(mut block) = blocks.next()? {
            let mut records = Records::new(block.text(), delimiter);
            if !records.advance().map_err(|error| error.further_down(lines))? {
                lines += block.line_feeds();
                continue;
            }
            let names = names(&records, options.header).map_err(|e| e.further_down(lines))?;
            if options.header == Header::Present {
                lines += records.lines_read();
                let header = records.bytes_read();
                block.skip(header);
            }
            let layout = Layout { delimiter, uses: vec![Use::Kept; names.len()] };
            let threads = thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
            return Ok(Self { blocks, first: block, names, layout, lines, threads });
        }
        Err(Error::new(ErrorKind::Empty))
    }

    /// The names of all columns, in the order of the text; empty where the header is.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        self.names.iter().map(String::as_str).collect()
    }

    /// Keeps the numbers of these columns only. The others keep their names; to select one of
    /// them later is an error.
    #[must_use]
    pub fn only(mut self, names: &[&str]) -> Self {
        for (name, used) in self.names.iter().zip(&mut self.layout.uses) {
            *used = if names.contains(&name.as_str()) { Use::Kept } else { Use::Skipped };
        }
        self
    }

    /// Shares the work among so many threads, the calling one included; as many as the
    /// machine has unless this is called. The result is the same for any number.
    #[must_use]
    pub fn threads(mut self, threads: NonZeroUsize) -> Self {
        self.threads = threads;
        self
    }

    /// Reads the rows.
    pub fn columns(self) -> Result<Columns, Error> {
        let mut table = Table::new(self.names, &self.layout, self.lines);
        share::rows(self.blocks, self.first, &self.layout, self.threads, &mut table)?;
        table.finish()
    }
}

impl<R> fmt::Debug for CsvReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("CsvReader");
        shown.field("names", &self.names).field("layout", &self.layout).finish_non_exhaustive()
    }
}

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

fn unreadable(error: &dyn fmt::Display) -> Error {
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

/// The text without a byte order mark, or the two that a careless program leaves.
fn without_mark(text: &[u8]) -> &[u8] {
    let mark = b"\xEF\xBB\xBF";
    let text = text.strip_prefix(mark).unwrap_or(text);
    text.strip_prefix(mark).unwrap_or(text)
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

/// The names of the columns, from the first record.
fn names(first: &Records<'_>, header: Header) -> Result<Vec<String>, Error> {
    match header {
        Header::Absent => Ok((1..=first.width()).map(|i| format!("x{i}")).collect()),
        Header::Present => {
            let names = first.fields().map(|field| Ok(field?.trim().to_owned()));
            let names: Vec<String> = names.collect::<Result<_, _>>()?;
            if names.iter().any(|name| name.contains('\r')) {
                return Err(Error::new(ErrorKind::CarriageReturns).at_line(first.line()));
            }
            check_names(names.iter().map(String::as_str))
                .map_err(|error| error.at_line(first.line()))?;
            Ok(names)
        }
    }
}

#[cfg(test)]
mod tests;
