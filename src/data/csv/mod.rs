//! Separated text: commas, tabs, semicolons, bars or blanks, quoted fields, with or without a
//! header.
//!
//! The first lines show the separator (`dialect`); comments and runs of blanks are taken out first
//! (`clean`). The text is read in blocks that end with a line (`blocks`). Each block is turned into numbers
//! on any thread (`share`): plain text in one pass over its bytes (`plain`), text with quotation marks or
//! anything unusual by the `csv` crate (`records`), which defines the meaning of both. The parts (`part`)
//! are joined in the order of the text (`table`, `growing`), so that columns, line numbers and errors do
//! not depend on blocks or threads. Of a column of text the distinct cells are kept, and for each row the
//! place of its cell among them. Of a column with too many distinct cells, or with an infinite number, only
//! the first cell that is no finite number is kept.

mod blocks;
mod clean;
mod dialect;
mod grouped;
mod growing;
mod part;
mod plain;
mod records;
mod share;
mod table;

use std::fmt;
use std::io::{self, Chain, Cursor, Read};
use std::num::NonZeroUsize;
use std::thread;

use self::blocks::{Block, Blocks};
use self::clean::Cleaned;
use self::dialect::Dialect;
use self::part::{Layout, Use};
use self::records::Records;
use self::table::Table;
use super::columns::Columns;
use super::error::{Error, ErrorKind};
use super::note::Note;
use super::number::{Absent, unquoted};

/// Bytes of a block: enough work for a thread, and less than its cache holds.
const BLOCK: usize = 1 << 20;
/// Bytes at the beginning of a text in which its dialect is looked for.
const HEAD: usize = 1 << 14;

/// The dialect of a separated text.
///
/// ```
/// use scorematch::data::{Columns, CsvOptions, Delimiter, Missing};
/// let text = "x   y\n1   2\n-99 4\n";
/// let missing = vec!["-99".to_owned()];
/// let options = CsvOptions { delimiter: Delimiter::Blanks, missing, ..CsvOptions::default() };
/// let data = Columns::read(text.as_bytes(), &options)?;
/// assert_eq!(data.select(&["x", "y"], Missing::Drop)?.slices(), [[1.0], [2.0]]);
/// # Ok::<(), scorematch::data::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CsvOptions {
    /// The separator of fields.
    pub delimiter: Delimiter,
    /// The meaning of the first line.
    pub header: Header,
    /// Which lines are left out.
    pub comment: Comment,
    /// Cells that stand for a missing value, beside the empty one, `NA`, `N/A`, `nan`, `null`,
    /// `.` and `?`. One that is a number stands for it in every spelling.
    pub missing: Vec<String>,
}

/// The separator of fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Delimiter {
    /// The character behind `sep=` where the first line is this, as Excel writes it. Else
    /// whichever of tab, semicolon and comma is the most frequent outside of quotes on the
    /// first line; where there is none, a vertical bar or runs of blanks, if these divide every
    /// one of the first lines into as many fields.
    #[default]
    Auto,
    /// This byte.
    Byte(u8),
    /// Runs of blanks and tabs.
    Blanks,
}

/// Which lines are left out as comments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Comment {
    /// Those that begin with `#`, if the first lines begin so, or if such lines have another
    /// number of fields than all others at the beginning of the text. The last of them above
    /// the rows may hold the names of the columns.
    #[default]
    Auto,
    /// None.
    None,
    /// Those that begin with this byte, blanks before it or not.
    Byte(u8),
}

/// The meaning of the first line.
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
    blocks: Blocks<Text<R>>,
    first: Block,
    names: Vec<String>,
    /// The line of the names.
    header: Option<u64>,
    layout: Layout,
    notes: Vec<Note>,
    /// Lines of the text before the first block of rows.
    lines: u64,
    threads: NonZeroUsize,
}

impl<R: Read> CsvReader<R> {
    /// Reads as far as the names of the columns.
    pub fn new(reader: R, options: &CsvOptions) -> Result<Self, Error> {
        Self::in_blocks(reader, options, BLOCK)
    }

    /// Reads the header, with blocks of any size; the rows do not depend on it.
    fn in_blocks(reader: R, options: &CsvOptions, size: usize) -> Result<Self, Error> {
        let mut reader = Patient(reader);
        let (head, whole) = head(&mut reader)?;
        let Dialect { delimiter, cleaning, notes } = Dialect::of(&head, whole, options);
        let text = Cleaned::new(Cursor::new(head).chain(reader), cleaning);
        let mut blocks = Blocks::new(text, Vec::new(), delimiter, size);
        let mut lines = 0;
        while let Some(mut block) = blocks.next()? {
            let mut records = Records::new(block.text(), delimiter);
            if !records.advance().map_err(|error| error.further_down(lines))? {
                lines += block.line_feeds();
                continue;
            }
            let names = names(&records, options.header).map_err(|e| e.further_down(lines))?;
            let mut header = None;
            if options.header == Header::Present {
                header = Some(lines + records.line());
                lines += records.lines_read();
                let header = records.bytes_read();
                block.skip(header);
            }
            let uses = vec![Use::Kept; names.len()];
            let absent = Absent::of(&options.missing, delimiter);
            let layout = Layout { delimiter, uses, absent };
            let threads = thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
            return Ok(Self { blocks, first: block, names, header, layout, notes, lines, threads });
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

    /// Sets the number of threads, the calling one included. By default it is that of the machine. The
    /// result does not depend on it.
    #[must_use]
    pub fn threads(mut self, threads: NonZeroUsize) -> Self {
        self.threads = threads;
        self
    }

    /// Reads the rows.
    pub fn columns(self) -> Result<Columns, Error> {
        let mut table = Table::new(self.names, &self.layout, self.lines);
        share::rows(self.blocks, self.first, &self.layout, self.threads, &mut table)?;
        table.finish(self.header, self.notes)
    }
}

impl<R> fmt::Debug for CsvReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("CsvReader");
        shown.field("names", &self.names).field("layout", &self.layout).finish_non_exhaustive()
    }
}

/// The cleaned text: the head, which has been read already, then the rest.
type Text<R> = Cleaned<Chain<Cursor<Vec<u8>>, Patient<R>>>;

/// A reader that reads on after an interrupt by a signal.
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

/// Whether a byte is never part of a number, and neither ends a line nor quotes a field.
fn separates(delimiter: u8) -> bool {
    let other = matches!(delimiter, b'"' | b'\n' | b'\r' | b'+' | b'-' | b'.' | records::END);
    delimiter.is_ascii() && !delimiter.is_ascii_alphanumeric() && !other
}

fn unreadable(error: &dyn fmt::Display) -> Error {
    Error::new(ErrorKind::Unreadable(error.to_string()))
}

/// The first bytes of a text without its mark, and whether there are no more.
fn head(reader: &mut impl Read) -> Result<(Vec<u8>, bool), Error> {
    let mut head = Vec::new();
    let read = reader.take(HEAD as u64).read_to_end(&mut head);
    read.map_err(|error| unreadable(&error))?;
    Ok((without_mark(&head).to_vec(), head.len() < HEAD))
}

/// The text without a byte order mark, or the two that a careless program leaves.
fn without_mark(text: &[u8]) -> &[u8] {
    let mark = b"\xEF\xBB\xBF";
    let text = text.strip_prefix(mark).unwrap_or(text);
    text.strip_prefix(mark).unwrap_or(text)
}

/// The names of the columns, from the first record.
fn names(first: &Records<'_>, header: Header) -> Result<Vec<String>, Error> {
    match header {
        Header::Absent => Ok((1..=first.width()).map(|i| format!("x{i}")).collect()),
        Header::Present => {
            let names = first.fields().map(|field| Ok(unquoted(field?.trim()).into_owned()));
            let names: Vec<String> = names.collect::<Result<_, _>>()?;
            if names.iter().any(|name| name.contains('\r')) {
                return Err(Error::new(ErrorKind::CarriageReturns).at_line(first.line()));
            }
            Ok(names)
        }
    }
}

#[cfg(test)]
mod tests;
