//! The columns of one block.

use std::borrow::Cow;

use memchr::memchr;

use super::blocks::{Block, Syntax};
use super::grouped::{Comma, Groups, grouped};
use super::records::END;
use super::{plain, records};
use crate::data::error::{Error, ErrorKind};
use crate::data::lines::Lines;
use crate::data::number::{Absent, Cell, unquoted};
use crate::data::text::Text;

/// The dialect and the columns in use, for readers of rows.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    pub(super) delimiter: u8,
    /// One a column.
    pub(super) uses: Vec<Use>,
    pub(super) absent: Absent,
}

/// Whether the numbers of a column are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    Kept,
    Skipped,
}

/// The rows of one block. Lines are counted from the first of the block.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) columns: Vec<Piece>,
    /// The lines of the rows.
    pub(super) lines: Lines,
    /// How many lines the block has.
    pub(super) feeds: u64,
    /// The error that ended the reading of the block.
    pub(super) error: Option<Error>,
}

/// A stretch of a column.
#[derive(Debug)]
pub(super) enum Piece {
    /// Numbers, NaN where a value is missing; with the cells whose digits stand in groups, if any do.
    Values(Vec<f64>, Option<Box<Groups>>),
    /// Cells of text, and the error of the first cell that is no number.
    Text(Box<Text>, Error),
    /// The first cell that is no finite number, of a column that cannot be used.
    Faulty(Error),
    /// The column was not asked for.
    Skipped,
}

impl Part {
    pub(super) fn of(block: &Block, layout: &Layout) -> Self {
        let feeds = block.line_feeds();
        let room = usize::try_from(feeds).expect("there are fewer than bytes");
        let mut part = Self {
            columns: layout.uses.iter().map(|&used| Piece::new(used, room)).collect(),
            lines: Lines::default(),
            feeds,
            error: None,
        };
        part.error = part.read(block, layout).err();
        for piece in &mut part.columns {
            if let Piece::Values(values, _) = piece {
                layout.absent.replace(values);
            }
        }
        part
    }

    fn read(&mut self, block: &Block, layout: &Layout) -> Result<(), Error> {
        let text = block.text();
        let plain = block.syntax() == Syntax::Plain && memchr(END, text).is_none();
        match std::str::from_utf8(text) {
            Ok(text) if plain => plain::read(text, layout, self),
            Ok(_) | Err(_) => records::read(text, layout, self),
        }
    }
}

impl Piece {
    pub(super) fn new(used: Use, room: usize) -> Self {
        match used {
            Use::Kept => Self::Values(Vec::with_capacity(room), None),
            Use::Skipped => Self::Skipped,
        }
    }

    /// Appends the meaning of a cell.
    pub(super) fn push(&mut self, cell: &str, line: u64, absent: &Absent) {
        match self {
            Self::Values(values, groups) => match Meaning::of(cell, absent) {
                Meaning::Number(x, comma) => {
                    values.push(x);
                    if let Some(comma) = comma {
                        groups.get_or_insert_default().add(comma, cell.trim(), line);
                    }
                }
                Meaning::Infinite => self.fail(ErrorKind::Infinite(cell.trim().to_owned()), line),
                Meaning::Text(_) => {
                    absent.replace(values);
                    let kind = ErrorKind::NotANumber(cell.trim().to_owned());
                    self.turn_to_text(Error::new(kind).at_line(line));
                    self.push(cell, line, absent);
                }
            },
            Self::Text(text, first) => {
                let pushed = match Meaning::of(cell, absent) {
                    Meaning::Number(x, _) => text.push_number(x),
                    // A column with an infinite number cannot be used, be it one of text.
                    Meaning::Infinite => None,
                    Meaning::Text(cell) => text.push(&cell),
                };
                if pushed.is_none() {
                    *self = Self::Faulty(first.clone());
                }
            }
            Self::Faulty(_) | Self::Skipped => {}
        }
    }

    /// From here on cells are texts, and those before are named by their numbers.
    pub(super) fn turn_to_text(&mut self, first: Error) {
        let Self::Values(values, _) = self else { return };
        *self = match Text::of_numbers(values) {
            Some(text) => Self::Text(Box::new(text), first),
            None => Self::Faulty(first),
        };
    }

    /// A column that cannot be used needs no room.
    fn fail(&mut self, kind: ErrorKind, line: u64) {
        *self = Self::Faulty(Error::new(kind).at_line(line));
    }
}

/// The meaning of a cell, its digits in groups or not.
enum Meaning<'a> {
    /// A finite number, or NaN for a missing value; with what its comma means where its digits stand in
    /// groups.
    Number(f64, Option<Comma>),
    Infinite,
    /// Anything else, without blanks and quotation marks around it.
    Text(Cow<'a, str>),
}

impl<'a> Meaning<'a> {
    fn of(cell: &'a str, absent: &Absent) -> Self {
        match absent.cell(cell) {
            Cell::Number(x) => Self::Number(x, None),
            Cell::Missing => Self::Number(f64::NAN, None),
            Cell::Infinite => Self::Infinite,
            Cell::Text => {
                let text = unquoted(cell.trim());
                if let Some(x) = absent.with_decimal_comma(&text) {
                    return Self::Number(x, None);
                }
                match grouped(&text) {
                    Some(found) => Self::Number(absent.or_nan(found.value), Some(found.comma)),
                    None => Self::Text(text),
                }
            }
        }
    }
}

/// A row of another width than the first line.
pub(super) fn ragged(expected: usize, found: usize, line: u64) -> Error {
    Error::new(ErrorKind::Ragged { expected, found }).at_line(line)
}
