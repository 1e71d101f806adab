//! Notes about how data were read, where another reading is possible.

use std::fmt;

use super::csv::Delimiter;

/// A note about how a text was read, where another reading is possible. Its `Display` is a sentence with
/// the option of the command line that makes the reading explicit.
///
/// ```
/// use scorematch::data::Columns;
/// let data = Columns::from_csv("x y\n1 2\n3 4\n".as_bytes())?;
/// assert_eq!(data.names(), ["x", "y"]);
/// assert_eq!(data.notes()[0].code(), "separator");
/// # Ok::<(), scorematch::data::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The kind of reading.
    pub kind: NoteKind,
}

/// Readings that a note tells of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoteKind {
    /// A separator was found that is not comma, semicolon or tab.
    Separator {
        /// The separator.
        delimiter: Delimiter,
        /// The first line, `sep=…`, says so.
        stated: bool,
    },
    /// Lines that begin with `#` were left out.
    Comments {
        /// The first of them, counted from 1.
        first: u64,
        /// The last one before the rows holds the names of the columns.
        names: bool,
    },
    /// Marks between groups of three digits were read as such.
    Grouped {
        /// The name of the column.
        column: String,
        /// The first cell that has such a mark.
        cell: String,
    },
    /// No separator was found, and the only column is not one of numbers.
    OneField {
        /// The name of the column.
        column: String,
        /// The number of rows.
        rows: usize,
    },
}

impl Note {
    /// The stable code of the kind.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match &self.kind {
            NoteKind::Separator { .. } => "separator",
            NoteKind::Comments { .. } => "comment-lines",
            NoteKind::Grouped { .. } => "grouped-digits",
            NoteKind::OneField { .. } => "one-field",
        }
    }

    /// The column that the note is about; none where it is about the whole table.
    #[must_use]
    pub fn column(&self) -> Option<&str> {
        match &self.kind {
            NoteKind::Separator { .. } | NoteKind::Comments { .. } => None,
            NoteKind::Grouped { column, .. } | NoteKind::OneField { column, .. } => Some(column),
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            NoteKind::Separator { delimiter: Delimiter::Blanks, .. } => f.write_str(
                "blanks and tabs are read as what separates fields: `--delimiter blanks` says so",
            ),
            NoteKind::Separator { delimiter: Delimiter::Byte(byte), stated } => {
                let (byte, why) =
                    (char::from(*byte), if *stated { ", as the first line has it" } else { "" });
                let option = if byte == '\t' { "tab".to_owned() } else { format!("'{byte}'") };
                let byte = byte.escape_debug();
                write!(
                    f,
                    "`{byte}` is read as what separates fields{why}: `--delimiter {option}` says so"
                )
            }
            NoteKind::Separator { delimiter: Delimiter::Auto, .. } => {
                f.write_str("commas are read as what separates fields")
            }
            NoteKind::Comments { first, names: false } => write!(
                f,
                "lines that begin with `#`, as line {first} does, are left out: `--comment '#'` says so"
            ),
            NoteKind::Comments { names: true, .. } => f.write_str(
                "lines that begin with `#` are left out, but the last one on top names the columns: \
                 `--comment '#'` says so",
            ),
            NoteKind::Grouped { column, cell } => write!(
                f,
                "`{cell}` in column `{column}` is read with its digits in groups of three, as {}",
                cell.chars()
                    .filter(|c| c.is_ascii_digit() || ".eE+-".contains(*c))
                    .collect::<String>()
            ),
            NoteKind::OneField { column, rows } => {
                let rows = if *rows == 1 {
                    "the only row has".to_owned()
                } else {
                    format!("all {rows} rows have")
                };
                write!(
                    f,
                    "`{column}` is the only column found, and {rows} one field: name the separator, \
                     `--delimiter blanks` or another"
                )
            }
        }
    }
}
