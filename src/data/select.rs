//! The columns in use: finite, complete, in the order asked for.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use super::columns::{Column, Columns};
use super::error::{Error, ErrorKind};
use super::kept::OriginalRows;

/// The treatment of rows that lack a value in a column in use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Missing {
    /// Refuse the data.
    #[default]
    Error,
    /// Leave the row out; valid if values are missing completely at random.
    Drop,
}

/// The name of a column; with labels, the places of its cells among them are taken in place of numbers.
pub(crate) type Wanted<'a> = (&'a str, Option<&'a [String]>);

/// Columns of equal length without missing or infinite values.
#[derive(Clone, Debug)]
pub struct Selection {
    names: Vec<String>,
    columns: Vec<Arc<Vec<f64>>>,
    kept: Kept,
    dropped: usize,
    rescaled: usize,
}

/// The rows of the data that a selection keeps, from 0.
#[derive(Clone, Debug)]
enum Kept {
    /// All, this many.
    All(usize),
    Some(Vec<u32>),
}

impl Columns {
    /// Selects columns by name. A column that holds anything but finite numbers is an
    /// error here and not before. Numbers are copied only where rows are dropped.
    pub fn select(&self, names: &[&str], missing: Missing) -> Result<Selection, Error> {
        let wanted: Vec<Wanted<'_>> = names.iter().map(|&name| (name, None)).collect();
        self.select_places(&wanted, missing)
    }

    /// Selects columns; one that comes with labels gives each row the place of its cell among these, counted
    /// from one.
    ///
    /// # Errors
    /// As for [`Columns::select`], and where a value is none of the labels.
    pub(crate) fn select_places(
        &self,
        wanted: &[Wanted<'_>],
        missing: Missing,
    ) -> Result<Selection, Error> {
        let columns: Vec<Cow<'_, Column>> =
            wanted.iter().map(|&one| self.wanted(one)).collect::<Result<_, _>>()?;
        if let Some(fault) = columns.iter().find_map(|column| column.fault.as_ref()) {
            return Err(fault.clone());
        }
        let names = wanted.iter().map(|&(name, _)| name.to_owned()).collect();
        let complete = self.complete(&columns);
        let dropped = self.rows() - complete;
        let (values, kept) = match (dropped, missing) {
            (0, Missing::Error | Missing::Drop) => {
                let values = columns.iter().map(|column| Arc::clone(&column.values)).collect();
                (values, Kept::All(complete))
            }
            (1.., Missing::Error) => return Err(self.first_missing(&columns)),
            (1.., Missing::Drop) if complete == 0 => {
                return Err(Error::new(ErrorKind::NoCompleteRow));
            }
            (1.., Missing::Drop) => {
                let mut rows = Vec::with_capacity(complete);
                rows.extend((0..self.rows() as u32).filter(|&row| is_complete(&columns, row)));
                (columns.iter().map(|column| gather(column, &rows)).collect(), Kept::Some(rows))
            }
        };
        Ok(Selection { names, columns: values, kept, dropped, rescaled: 0 })
    }

    /// How many rows have a value in each of these columns.
    fn complete(&self, columns: &[Cow<'_, Column>]) -> usize {
        let rows = u32::try_from(self.rows()).expect("readers refuse more rows than u32 counts");
        (0..rows).filter(|&row| is_complete(columns, row)).count()
    }

    fn wanted(&self, (name, labels): Wanted<'_>) -> Result<Cow<'_, Column>, Error> {
        let Some(labels) = labels else { return self.column(name).map(Cow::Borrowed) };
        let places = self.cells(name)?.places_in(labels).map_err(|(row, level)| {
            Error::new(ErrorKind::UnknownLevel { level, known: labels.to_vec() })
                .at_line(self.line_of(row))
                .in_column(name)
        })?;
        Ok(Cow::Owned(Column::from_vec(name.to_owned(), places)))
    }

    /// The first missing value, row by row.
    fn first_missing(&self, columns: &[Cow<'_, Column>]) -> Error {
        let holes = columns.iter().filter_map(|column| {
            let row = column.values.iter().position(|x| x.is_nan())?;
            Some((row, column))
        });
        let (row, column) =
            holes.min_by_key(|&(row, _)| row).expect("a row was dropped for a missing value");
        Error::new(ErrorKind::MissingValue).at_line(self.line_of(row)).in_column(&column.name)
    }
}

fn is_complete(columns: &[Cow<'_, Column>], row: u32) -> bool {
    columns.iter().all(|column| !column.values[row as usize].is_nan())
}

fn gather(column: &Column, rows: &[u32]) -> Arc<Vec<f64>> {
    Arc::new(rows.iter().map(|&row| column.values[row as usize]).collect())
}

impl Selection {
    /// The number of columns.
    #[must_use]
    pub fn width(&self) -> usize {
        self.columns.len()
    }

    /// The number of rows kept.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.original_rows().len()
    }

    /// The number of rows left out.
    #[must_use]
    pub fn dropped(&self) -> usize {
        self.dropped
    }

    /// Some of the rows kept, by position.
    pub(crate) fn at(&self, positions: &[u32]) -> Self {
        let chosen = |column: &Arc<Vec<f64>>| {
            Arc::new(positions.iter().map(|&row| column[row as usize]).collect())
        };
        let rows = positions.iter().map(|&row| self.original_rows().at(row as usize));
        Self {
            names: self.names.clone(),
            columns: self.columns.iter().map(chosen).collect(),
            kept: Kept::Some(rows.collect()),
            dropped: self.dropped,
            rescaled: self.rescaled,
        }
    }

    /// In how many rows some entries were divided by a common factor, to make up for rounding.
    #[must_use]
    pub fn rescaled(&self) -> usize {
        self.rescaled
    }

    /// Divides the entries of each row in these columns by the factor of the row. Without factors, and where
    /// all are one, the columns stay as they are.
    pub(crate) fn divide(&mut self, columns: Range<usize>, factors: &[f64]) {
        let changed = factors.iter().filter(|&&factor| factor != 1.0).count();
        if changed == 0 {
            return;
        }
        self.rescaled += changed;
        for column in &mut self.columns[columns] {
            let divided = column.iter().zip(factors).map(|(x, factor)| x / factor);
            *column = Arc::new(divided.collect());
        }
    }

    /// The names of the columns, in the order asked for.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The values of the column at a position in the order asked for.
    #[must_use]
    pub fn column(&self, position: usize) -> &[f64] {
        &self.columns[position]
    }

    /// All columns, as a program takes them.
    #[must_use]
    pub fn slices(&self) -> Vec<&[f64]> {
        self.columns.iter().map(|column| column.as_slice()).collect()
    }

    /// The row of the data, counted from 0 before any was left out, of each row kept.
    #[must_use]
    pub fn original_rows(&self) -> OriginalRows<'_> {
        match &self.kept {
            Kept::All(count) => OriginalRows::all(*count),
            Kept::Some(rows) => rows.into(),
        }
    }

    /// A fingerprint of the data in use, 16 hexadecimal digits: a 64-bit hash of the
    /// names and of the bits of the values in order, column by column. Equal numbers give equal digests,
    /// however they were spelt and whatever other columns the file has.
    #[must_use]
    pub fn digest(&self) -> String {
        let mut digest = Hash64::default();
        for (name, column) in self.names.iter().zip(&self.columns) {
            digest.word(name.len() as u64);
            name.bytes().for_each(|byte| digest.word(byte.into()));
            digest.word(column.len() as u64);
            column.iter().for_each(|x| digest.word(x.to_bits()));
        }
        format!("{:016x}", digest.finish())
    }
}

/// A hash in the manner of Fowler, Noll and Vo, a word at a time.
struct Hash64(u64);

impl Default for Hash64 {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hash64 {
    fn word(&mut self, word: u64) {
        // Small integers as doubles differ in their high bits alone. The rotation brings these down, so
        // that the next multiplication spreads them.
        self.0 = ((self.0 ^ word).wrapping_mul(0x0000_0100_0000_01b3)).rotate_left(29);
    }

    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(text: &str) -> Columns {
        Columns::from_csv(text.as_bytes()).expect("the text is a table")
    }

    fn select(text: &str, names: &[&str], missing: Missing) -> Result<Selection, Error> {
        columns(text).select(names, missing)
    }

    #[test]
    fn order_is_the_order_asked_for() {
        let both = select("x,y\n1,2\n3,4\n", &["y", "x"], Missing::Error).expect("complete");
        assert_eq!(both.slices(), [[2.0, 4.0], [1.0, 3.0]]);
        assert_eq!(both.names(), ["y", "x"]);
        assert_eq!(both.width(), 2);
    }

    #[test]
    fn rows_drop_for_columns_in_use_only() {
        let text = "x,y,z\n1,NA,5\n2,6,NA\n3,7,8\n";
        let x = select(text, &["x"], Missing::Error).expect("x is complete");
        assert_eq!((x.rows(), x.dropped()), (3, 0));
        let both = select(text, &["x", "z"], Missing::Drop).expect("two rows are complete");
        assert_eq!(both.slices(), [[1.0, 3.0], [5.0, 8.0]]);
        assert_eq!(both.original_rows(), (&[0, 2]).into());
        assert_eq!(both.dropped(), 1);
    }

    #[test]
    fn the_first_missing_value_is_named() {
        let error = select("x,y\n1,2\n\n3,\n,4\n", &["x", "y"], Missing::Error);
        assert_eq!(error.expect_err("values lack").to_string(), "line 4: no value in column `y`");
    }

    #[test]
    fn whole_columns_are_shared() {
        let columns = columns("x\n1\n2\n");
        let one = columns.select(&["x"], Missing::Error).expect("complete");
        let two = columns.select(&["x"], Missing::Drop).expect("complete");
        assert_eq!(one.column(0).as_ptr(), two.column(0).as_ptr());
    }

    #[test]
    fn no_column_keeps_every_row() {
        let none = select("x\n1\n2\n", &[], Missing::Error).expect("nothing is asked for");
        assert_eq!((none.rows(), none.width()), (2, 0));
    }

    #[test]
    fn digests_see_numbers_and_names_only() {
        let digest = |text, names: &[&str]| {
            select(text, names, Missing::Drop).expect("it is a table").digest()
        };
        let one = digest("x,y\n1,2\n", &["x"]);
        assert_eq!(one, digest("y;x\r\nno;1.0e0\r\n;NA\r\n", &["x"]));
        assert_ne!(one, digest("x\n2\n", &["x"]));
        assert_ne!(one, digest("y\n1\n", &["y"]));
        assert_ne!(digest("x\n1\n2\n", &["x"]), digest("x\n2\n1\n", &["x"]));
        assert_ne!(digest("x,y\n1,2\n", &["x", "y"]), digest("x,y\n1,2\n", &["y", "x"]));
        assert_eq!(one.len(), 16);
    }
}
