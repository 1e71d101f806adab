//! The table: named columns of equal length.

use std::collections::HashMap;
use std::io::Read;
use std::sync::Arc;

use super::csv::{CsvOptions, CsvReader};
use super::error::{Error, ErrorKind};
use super::lines::Lines;
use super::note::Note;
use super::number::Cell;
use super::text::{LABELS_MAX, Text};

/// A table of numbers, one vector a column.
#[derive(Clone, Debug)]
pub struct Columns {
    pub(super) columns: Vec<Column>,
    pub(super) lines: Lines,
    pub(super) notes: Vec<Note>,
}

/// A column, or the first thing in it that is not a finite number.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(super) name: String,
    /// Shared, so that a selection of whole columns copies no numbers. NaN where a value is missing;
    /// empty where the column has a fault.
    pub(super) values: Arc<Vec<f64>>,
    /// The cells of a column of text with at most 10 000 distinct cells.
    pub(super) text: Option<Arc<Text>>,
    pub(super) fault: Option<Error>,
}

impl Columns {
    /// Reads separated text with a header, written in any of the ways that [`CsvOptions`] finds.
    pub fn from_csv(reader: impl Read) -> Result<Self, Error> {
        Self::read(reader, &CsvOptions::default())
    }

    /// Reads separated text.
    pub fn read(reader: impl Read, options: &CsvOptions) -> Result<Self, Error> {
        CsvReader::new(reader, options)?.columns()
    }

    /// Makes a table of vectors in memory. NaN is a missing value; infinity is an error of
    /// its column once that is used, and so is a name that two columns share.
    pub fn from_vecs(columns: Vec<(String, Vec<f64>)>) -> Result<Self, Error> {
        let expected = columns.first().map_or(0, |(_, values)| values.len());
        if expected == 0 {
            return Err(Error::new(ErrorKind::Empty));
        }
        if u32::try_from(expected).is_err() {
            return Err(Error::new(ErrorKind::TooManyRows));
        }
        let columns = columns.into_iter().map(|(name, values)| {
            let found = values.len();
            if found != expected {
                return Err(Error::new(ErrorKind::Ragged { expected, found }).in_column(&name));
            }
            Ok(Column::from_vec(name, values))
        });
        let mut columns: Vec<Column> = columns.collect::<Result<_, _>>()?;
        refuse_shared_names(&mut columns, None);
        Ok(Self { columns, lines: Lines::consecutive(expected), notes: Vec::new() })
    }

    /// This table with a further column that has one value in every row. The numbers of the other columns
    /// are shared.
    #[must_use]
    pub fn with_constant(&self, name: &str, value: f64) -> Self {
        let mut all = self.clone();
        all.columns.push(Column::from_vec(name.to_owned(), vec![value; self.rows()]));
        all
    }

    /// How the text was read where it might have been meant otherwise; empty for vectors.
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// The names of all columns, in the order of the file; empty where the header is.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        self.columns.iter().map(|column| column.name.as_str()).collect()
    }

    /// The names of the columns that hold nothing but finite numbers and missing values.
    #[must_use]
    pub fn numeric_names(&self) -> Vec<&str> {
        let sound = self.columns.iter().filter(|column| column.fault.is_none());
        sound.map(|column| column.name.as_str()).filter(|name| !name.is_empty()).collect()
    }

    /// The number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.lines.rows()
    }

    /// The line of the file on which a row begins, counted from 1; for vectors the row.
    ///
    /// # Panics
    /// If there is no such row.
    #[must_use]
    pub fn line_of(&self, row: usize) -> u64 {
        assert!(row < self.rows(), "row {row} of {}", self.rows());
        self.lines.line(row)
    }

    /// The distinct values of a column in order, numbers by size and before texts.
    ///
    /// # Errors
    /// When there is no such column, it was not read, or more than 10 000 of its values differ.
    ///
    /// # Examples
    /// ```
    /// let data = scorematch::Columns::from_csv("site,year\nS,2001\nN,2000\nS,2000\n".as_bytes())?;
    /// assert_eq!(data.levels("site")?, ["N", "S"]);
    /// assert_eq!(data.levels("year")?, ["2000", "2001"]);
    /// # Ok::<(), scorematch::data::Error>(())
    /// ```
    pub fn levels(&self, name: &str) -> Result<Vec<String>, Error> {
        Ok(self.cells(name)?.levels())
    }

    /// Whether a column holds numbers.
    ///
    /// # Errors
    /// When it does not, or there is no such column.
    pub fn numbers(&self, name: &str) -> Result<(), Error> {
        self.column(name)?.fault.clone().map_or(Ok(()), Err)
    }

    /// The distinct texts of a column that holds some.
    pub(crate) fn levels_of_text(&self, name: &str) -> Option<Vec<String>> {
        self.column(name).ok()?.text.as_ref().map(|text| text.levels())
    }

    /// The cells of a column as texts, a number by its shortest text.
    pub(super) fn cells(&self, name: &str) -> Result<Arc<Text>, Error> {
        let column = self.column(name)?;
        match (&column.text, &column.fault) {
            (Some(text), _) => Ok(Arc::clone(text)),
            (None, Some(fault)) => Err(fault.clone()),
            (None, None) => Text::of_numbers(&column.values).map(Arc::new).ok_or_else(|| {
                Error::new(ErrorKind::TooManyLevels { largest: LABELS_MAX }).in_column(name)
            }),
        }
    }

    /// The column of a name. A column without a name cannot be asked for.
    pub(super) fn column(&self, name: &str) -> Result<&Column, Error> {
        let found = self.columns.iter().find(|column| column.name == name && !name.is_empty());
        found.ok_or_else(|| {
            let known = self.names().into_iter().map(str::to_owned).collect();
            Error::new(ErrorKind::UnknownColumn(known)).in_column(name)
        })
    }
}

impl Column {
    pub(super) fn from_vec(name: String, values: Vec<f64>) -> Self {
        let infinite = values.iter().position(|&x| Cell::from(x) == Cell::Infinite);
        let fault = infinite.map(|row| {
            Error::new(ErrorKind::Infinite(values[row].to_string()))
                .at_line(row as u64 + 1)
                .in_column(&name)
        });
        let values = if fault.is_none() { values } else { Vec::new() };
        Self { name, values: Arc::new(values), text: None, fault }
    }
}

/// Makes each name that several columns share a fault of these columns; `header` is the line of the names.
/// Columns without a name are left as they are: they cannot be asked for.
pub(super) fn refuse_shared_names(columns: &mut [Column], header: Option<u64>) {
    let mut positions: HashMap<String, Vec<usize>> = HashMap::new();
    for (column, position) in columns.iter().zip(1..).filter(|(one, _)| !one.name.is_empty()) {
        positions.entry(column.name.clone()).or_default().push(position);
    }
    for column in columns {
        let Some(positions) = positions.get(&column.name).filter(|all| all.len() > 1) else {
            continue;
        };
        let kind = ErrorKind::DuplicateColumn { positions: positions.clone() };
        let error = Error::new(kind).in_column(&column.name);
        column.fault = Some(Error { line: header, ..error });
        column.values = Arc::default();
        column.text = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Missing;

    fn vecs(columns: &[(&str, &[f64])]) -> Result<Columns, Error> {
        let own = |&(name, values): &(&str, &[f64])| (name.to_owned(), values.to_vec());
        Columns::from_vecs(columns.iter().map(own).collect())
    }

    #[test]
    fn vectors_become_columns() {
        let columns = vecs(&[("x", &[1.0, 2.0]), ("y", &[3.0, f64::NAN])]).expect("equal lengths");
        assert_eq!(columns.names(), ["x", "y"]);
        assert_eq!(columns.rows(), 2);
        assert_eq!(columns.line_of(1), 2);
    }

    #[test]
    fn infinity_is_a_fault_of_its_column() {
        let columns =
            vecs(&[("x", &[1.0, f64::NEG_INFINITY]), ("y", &[3.0, 4.0])]).expect("equal lengths");
        assert_eq!(columns.numeric_names(), ["y"]);
        let fault =
            columns.column("x").expect("it is there").fault.clone().expect("it is infinite");
        assert_eq!(fault.to_string(), "line 2: `-inf` in column `x` is not finite");
    }

    #[test]
    fn a_shared_name_is_a_fault_of_the_columns_that_have_it() {
        let columns = vecs(&[("x", &[1.0]), ("y", &[2.0]), ("x", &[3.0]), ("x", &[4.0])]);
        let columns = columns.expect("equal lengths");
        assert_eq!(columns.numeric_names(), ["y"]);
        assert!(columns.select(&["y"], Missing::Error).is_ok());
        let error = columns.select(&["y", "x"], Missing::Error).expect_err("three are named x");
        assert_eq!(error.to_string(), "columns 1, 3 and 4 are named `x`");
    }

    #[test]
    fn bad_vectors_are_refused() {
        let kind = |columns: &[(&str, &[f64])]| vecs(columns).expect_err("they are bad").kind;
        assert_eq!(kind(&[]), ErrorKind::Empty);
        assert_eq!(kind(&[("x", &[])]), ErrorKind::Empty);
        assert_eq!(
            kind(&[("x", &[1.0]), ("y", &[1.0, 2.0])]),
            ErrorKind::Ragged { expected: 1, found: 2 }
        );
    }
}
