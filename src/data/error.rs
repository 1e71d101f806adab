//! Errors in data: their kinds, messages, and remedies.

use std::fmt;

use crate::source::{Diagnostic, first_of, nearest};

/// An error in the data with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The kind of the error.
    pub kind: ErrorKind,
    /// The line of the file, counted from 1; for vectors the row.
    pub line: Option<u64>,
    /// The name of the column.
    pub column: Option<String>,
}

/// The ways in which data can be wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The reader failed with this message.
    Unreadable(String),
    /// There is no line with anything on it.
    Empty,
    /// There is a header and no row.
    HeaderOnly,
    /// The column that is asked for shares its name with others.
    DuplicateColumn {
        /// Where the columns of that name stand, counted from 1 in the order of the data.
        positions: Vec<usize>,
    },
    /// A row is shorter or longer than the first line, or a vector than the first one.
    Ragged {
        /// The number of fields of the first line.
        expected: usize,
        /// The number found.
        found: usize,
    },
    /// The text is not UTF-8.
    InvalidUtf8,
    /// A quotation mark opens and nothing closes it.
    UnclosedQuote,
    /// Lines end in carriage returns alone.
    CarriageReturns,
    /// More rows than can be numbered.
    TooManyRows,
    /// A cell that is not a number, with its text.
    NotANumber(String),
    /// A cell that is infinite or too large, with its text.
    Infinite(String),
    /// A cell without a value.
    MissingValue,
    /// Every row lacks a value in one of the selected columns.
    NoCompleteRow,
    /// The column was left out when the file was read.
    NotRead,
    /// No column has this name; the names there are.
    UnknownColumn(Vec<String>),
    /// More distinct values than a group may have levels.
    TooManyLevels {
        /// Most levels.
        largest: usize,
    },
    /// A value that is none of the levels of a group.
    UnknownLevel {
        /// The value.
        level: String,
        /// The levels.
        known: Vec<String>,
    },
    /// The entries of a unit vector or a composition do not add up, the sum as text.
    Unnormalised {
        /// `length` or `sum`.
        what: &'static str,
        /// The length or the sum in this row.
        found: String,
    },
}

impl Error {
    pub(super) fn new(kind: ErrorKind) -> Self {
        Self { kind, line: None, column: None }
    }

    pub(super) fn at_line(self, line: u64) -> Self {
        Self { line: Some(line), ..self }
    }

    /// The error with its line counted from a text that has this number of lines before.
    pub(super) fn further_down(self, lines: u64) -> Self {
        Self { line: self.line.map(|line| line + lines), ..self }
    }

    pub(super) fn in_column(self, column: &str) -> Self {
        Self { column: Some(column.to_owned()), ..self }
    }

    /// The message for the user, with the name of the data file.
    #[must_use]
    pub fn diagnostic(&self, file: &str) -> Diagnostic {
        let place = match self.line {
            Some(line) => format!("{file}:{line}"),
            None => file.to_owned(),
        };
        let diagnostic = Diagnostic::error(self.code(), format!("{place}: {}", self.sentence()));
        let diagnostic = match self.note() {
            Some(note) => diagnostic.note(note),
            None => diagnostic,
        };
        match self.help() {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        }
    }

    /// The stable code of the kind.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match &self.kind {
            ErrorKind::Unreadable(_) => "unreadable-data",
            ErrorKind::Empty => "no-data",
            ErrorKind::HeaderOnly => "no-rows",
            ErrorKind::DuplicateColumn { .. } => "duplicate-column",
            ErrorKind::Ragged { .. } => "ragged-row",
            ErrorKind::InvalidUtf8 => "invalid-utf8",
            ErrorKind::UnclosedQuote => "unclosed-quote",
            ErrorKind::CarriageReturns => "carriage-returns",
            ErrorKind::TooManyRows => "too-many-rows",
            ErrorKind::NotANumber(_) => "not-a-number",
            ErrorKind::Infinite(_) => "infinite-value",
            ErrorKind::MissingValue => "missing-value",
            ErrorKind::NoCompleteRow => "no-complete-row",
            ErrorKind::NotRead => "column-not-read",
            ErrorKind::UnknownColumn(_) => "unknown-column",
            ErrorKind::TooManyLevels { .. } => "too-many-levels",
            ErrorKind::UnknownLevel { .. } => "unknown-level",
            ErrorKind::Unnormalised { .. } => "outside-support",
        }
    }

    fn name(&self) -> &str {
        self.column.as_deref().unwrap_or_default()
    }

    fn sentence(&self) -> String {
        let name = self.name();
        match &self.kind {
            ErrorKind::Unreadable(reason) => format!("cannot read the data: {reason}"),
            ErrorKind::Empty => "the data are empty".to_owned(),
            ErrorKind::HeaderOnly => "a header and no rows".to_owned(),
            ErrorKind::DuplicateColumn { positions } => {
                format!("columns {} are named `{name}`", enumerated(positions))
            }
            ErrorKind::Ragged { expected, found } if self.column.is_some() => {
                format!("column `{name}` has {found} values, the first column {expected}")
            }
            ErrorKind::Ragged { expected, found } => {
                format!("expected {}, found {found}", fields(*expected))
            }
            ErrorKind::InvalidUtf8 => "the text is not UTF-8".to_owned(),
            ErrorKind::UnclosedQuote => "nothing closes the quotation mark".to_owned(),
            ErrorKind::CarriageReturns => "lines end in carriage returns alone".to_owned(),
            ErrorKind::TooManyRows => format!("more than {} rows", u32::MAX),
            ErrorKind::NotANumber(text) => {
                format!("`{}` in column `{name}` is not a number", shown(text))
            }
            ErrorKind::Infinite(text) => {
                format!("`{}` in column `{name}` is not finite", shown(text))
            }
            ErrorKind::MissingValue => format!("no value in column `{name}`"),
            ErrorKind::NoCompleteRow => "no row has a value in every column in use".to_owned(),
            ErrorKind::NotRead => format!("column `{name}` was left out when the data were read"),
            ErrorKind::UnknownColumn(_) => format!("no column is named `{name}`"),
            ErrorKind::TooManyLevels { largest } => {
                format!("column `{name}` has more than {largest} distinct values")
            }
            ErrorKind::UnknownLevel { level, .. } => {
                format!("`{}` in column `{name}` is no level of the model", shown(level))
            }
            ErrorKind::Unnormalised { what, found } => {
                format!("the {what} of `{name}` is {found}, and has to be 1 where it is declared")
            }
        }
    }

    fn note(&self) -> Option<String> {
        match &self.kind {
            ErrorKind::UnknownColumn(known) => {
                let named: Vec<_> = known.iter().filter(|name| !name.is_empty()).collect();
                let list: Vec<_> = named.iter().take(20).map(|name| format!("`{name}`")).collect();
                let more = if named.len() > 20 { ", …" } else { "" };
                Some(format!("the columns are {}{more}", list.join(", ")))
            }
            ErrorKind::Unreadable(_)
            | ErrorKind::Empty
            | ErrorKind::HeaderOnly
            | ErrorKind::DuplicateColumn { .. }
            | ErrorKind::Ragged { .. }
            | ErrorKind::InvalidUtf8
            | ErrorKind::UnclosedQuote
            | ErrorKind::CarriageReturns
            | ErrorKind::TooManyRows
            | ErrorKind::NotANumber(_)
            | ErrorKind::Infinite(_)
            | ErrorKind::MissingValue
            | ErrorKind::NoCompleteRow
            | ErrorKind::NotRead
            | ErrorKind::TooManyLevels { .. }
            | ErrorKind::Unnormalised { .. } => None,
            ErrorKind::UnknownLevel { known, .. } => {
                Some(format!("its levels are {}", first_of(known)))
            }
        }
    }

    fn help(&self) -> Option<String> {
        match &self.kind {
            ErrorKind::HeaderOnly => Some("if the line holds data, say `--no-header`".to_owned()),
            ErrorKind::DuplicateColumn { .. } => Some(
                "a column in use needs a name of its own: rename it in the data; columns that are not \
                 in use may share theirs"
                    .to_owned(),
            ),
            ErrorKind::Ragged { .. } if self.column.is_none() => Some(
                "every row has as many fields as the first line; `--delimiter` names the separator, \
                 `--comment` the mark of lines to leave out"
                    .to_owned(),
            ),
            ErrorKind::InvalidUtf8 => Some("save the file as UTF-8".to_owned()),
            ErrorKind::CarriageReturns => Some("save the file with line feeds".to_owned()),
            ErrorKind::NotANumber(text) => help_for_text(text),
            ErrorKind::MissingValue => {
                Some("`--missing drop` leaves out rows without a value".to_owned())
            }
            ErrorKind::UnknownColumn(known) => help_for_name(self.name(), known),
            ErrorKind::Unnormalised { what, .. } => Some(format!(
                "divide the entries of each row by their {what}; rows that rounding has put off by no \
                 more than 0.002 are rescaled for you"
            )),
            ErrorKind::TooManyLevels { .. } => {
                Some("a group has few levels, each in many rows".to_owned())
            }
            ErrorKind::UnknownLevel { level, .. } => Some(format!(
                "add it where the model lists the levels, or leave such rows out: `--na '{}'` and \
                 `--missing drop`",
                shown(level)
            )),
            ErrorKind::Unreadable(_)
            | ErrorKind::Empty
            | ErrorKind::Ragged { .. }
            | ErrorKind::UnclosedQuote
            | ErrorKind::TooManyRows
            | ErrorKind::Infinite(_)
            | ErrorKind::NoCompleteRow
            | ErrorKind::NotRead => None,
        }
    }
}

/// `1 and 3`, `1, 3 and 4`.
fn enumerated(positions: &[usize]) -> String {
    let all: Vec<String> = positions.iter().map(usize::to_string).collect();
    let (last, others) = all.split_last().expect("a name that is shared has two columns");
    format!("{} and {last}", others.join(", "))
}

fn fields(count: usize) -> String {
    if count == 1 { "1 field".to_owned() } else { format!("{count} fields") }
}

/// The beginning of a text, on one line.
fn shown(text: &str) -> String {
    let mut shown: String = text.chars().take(40).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown.escape_debug().to_string()
}

/// Texts that often stand for a missing value. They are read as texts unless `--na` names them.
const ABSENT: [&str; 9] = ["-", "--", "–", "—", "none", "missing", "n/a", "na", "#n/a"];

/// The remedy for a text that is often written in the place of a number.
fn help_for_text(text: &str) -> Option<String> {
    if ABSENT.contains(&text.to_lowercase().as_str()) {
        return Some(format!(
            "if it stands for a missing value, say `--na '{text}'`, and `--missing drop` to leave \
             such rows out"
        ));
    }
    if text.starts_with('#') {
        return Some("`--comment '#'` leaves out lines that begin with `#`".to_owned());
    }
    let is_number = |text: &String| text.parse::<f64>().is_ok();
    let decimal = Some(text.replace(',', ".").replace('−', "-")).filter(is_number);
    let whole = ungrouped(text);
    match (decimal, whole) {
        (Some(decimal), Some(whole)) if decimal != whole => {
            Some(format!("write `{whole}` or `{decimal}`: the comma may mean either"))
        }
        (Some(one), _) | (None, Some(one)) => Some(format!("numbers are written as `{one}`")),
        (None, None) => None,
    }
}

/// A number without the mark between its groups of three digits. A second kind of mark, behind the groups,
/// is taken for the decimal one.
fn ungrouped(text: &str) -> Option<String> {
    let marks = [',', '.', ' ', '_', '\''];
    let digits = text.strip_prefix(['-', '+', '−']).unwrap_or(text);
    let mark = digits.chars().find(|c| marks.contains(c))?;
    let end = digits.find(|c| marks.contains(&c) && c != mark).unwrap_or(digits.len());
    let (whole, rest) = digits.split_at(end);
    let mut groups = whole.split(mark);
    let first = groups.next().is_some_and(|group| (1..=3).contains(&group.len()));
    if !first || !groups.all(|group| group.len() == 3) {
        return None;
    }
    let sign = if digits.len() < text.len() && !text.starts_with('+') { "-" } else { "" };
    let number = format!("{sign}{}{}", whole.replace(mark, ""), rest.replace(',', "."));
    number.parse::<f64>().is_ok().then_some(number)
}

fn help_for_name(name: &str, known: &[String]) -> Option<String> {
    if known.iter().all(|name| name.parse::<f64>().is_ok()) {
        return Some("if the first line holds data, say `--no-header`".to_owned());
    }
    if let [only] = known
        && only.contains(|c: char| !c.is_alphanumeric() && c != '_')
    {
        let help = "if fields are separated by something else, say what: `--delimiter` takes a \
                    character, `tab`, or `blanks` for runs of blanks and tabs";
        return Some(help.to_owned());
    }
    let meant = nearest(name, known.iter().map(String::as_str))?;
    Some(format!("did you mean `{meant}`?"))
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        f.write_str(&self.sentence())
    }
}

impl std::error::Error for Error {}
