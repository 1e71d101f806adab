//! The columns while they grow.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::grouped::Place;
use super::growing::Growing;
use super::part::{Layout, Part, Piece};
use crate::data::columns::{Column, Columns, refuse_shared_names};
use crate::data::error::{Error, ErrorKind};
use crate::data::lines::Lines;
use crate::data::note::{Note, NoteKind};

/// Rows are numbered in 32 bits.
const MOST_ROWS: usize = u32::MAX as usize;

/// Columns to which parts are appended in the order of the text; parts may arrive in any order.
pub(super) struct Table {
    names: Vec<String>,
    columns: Vec<Growing>,
    lines: Lines,
    /// Lines of the text before the next part.
    before: u64,
    /// The number of the next part.
    next: usize,
    /// Parts that have arrived before their turn.
    waiting: BTreeMap<usize, Part>,
}

impl Table {
    /// A table without rows; `before` is the number of lines before the first part.
    pub(super) fn new(names: Vec<String>, layout: &Layout, before: u64) -> Self {
        let uses = layout.uses.iter();
        let columns = uses.map(|&used| Growing::new(Piece::new(used, 0))).collect();
        let (lines, waiting) = (Lines::default(), BTreeMap::new());
        Self { names, columns, lines, before, next: 0, waiting }
    }

    /// Takes the part of a number. An error is the first in the order of the text.
    pub(super) fn accept(&mut self, number: usize, part: Part) -> Result<(), Error> {
        self.waiting.insert(number, part);
        while let Some(part) = self.waiting.remove(&self.next) {
            self.append(part, MOST_ROWS)?;
            self.next += 1;
        }
        Ok(())
    }

    fn append(&mut self, part: Part, most: usize) -> Result<(), Error> {
        let room = most - self.lines.rows();
        if part.lines.rows() > room {
            let line = self.before + part.lines.line(room);
            return Err(Error::new(ErrorKind::TooManyRows).at_line(line));
        }
        if let Some(error) = part.error {
            return Err(error.further_down(self.before));
        }
        for (column, piece) in self.columns.iter_mut().zip(part.columns) {
            column.append(piece, self.before);
        }
        self.lines.append(part.lines, self.before);
        self.before += part.feeds;
        Ok(())
    }

    /// The columns; `header` is the line of the names, `notes` those of the header.
    pub(super) fn finish(
        self,
        header: Option<u64>,
        mut notes: Vec<Note>,
    ) -> Result<Columns, Error> {
        let rows = self.lines.rows();
        if rows == 0 {
            return Err(Error::new(ErrorKind::HeaderOnly));
        }
        let columns = self.names.into_iter().zip(self.columns);
        let mut columns: Vec<_> =
            columns.map(|(name, grown)| column(name, grown.finish(), &mut notes)).collect();
        refuse_shared_names(&mut columns, header);
        if let [Column { name, fault: Some(fault), .. }] = &columns[..]
            && matches!(fault.kind, ErrorKind::NotANumber(_))
        {
            notes.push(Note { kind: NoteKind::OneField { column: name.clone(), rows } });
        }
        Ok(Columns { columns, lines: self.lines, notes })
    }
}

fn column(name: String, piece: Piece, notes: &mut Vec<Note>) -> Column {
    let mut text = None;
    let (values, fault) = match piece {
        Piece::Text(found, first) => {
            text = Some(Arc::new(*found));
            (Vec::new(), Some(first.in_column(&name)))
        }
        Piece::Values(values, None) => (values, None),
        Piece::Values(values, Some(groups)) => match groups.doubtful() {
            Some(Place { text, line }) => {
                let fault = Error::new(ErrorKind::NotANumber(text.clone())).at_line(*line);
                (Vec::new(), Some(fault.in_column(&name)))
            }
            None => {
                let first = groups.first.expect("groups are made for a cell");
                let kind = NoteKind::Grouped { column: name.clone(), cell: first.text };
                notes.push(Note { kind });
                (values, None)
            }
        },
        Piece::Faulty(error) => (Vec::new(), Some(error.in_column(&name))),
        Piece::Skipped => (Vec::new(), Some(Error::new(ErrorKind::NotRead).in_column(&name))),
    };
    Column { name, values: Arc::new(values), text, fault }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::csv::part::Use;
    use crate::data::number::Absent;

    fn table() -> Table {
        let absent = Absent::default();
        let layout = Layout { delimiter: b',', uses: vec![Use::Kept], absent };
        Table::new(vec!["x".to_owned()], &layout, 1)
    }

    /// A part of this number of lines, with rows on some of them.
    fn part(feeds: u64, rows: &[u64]) -> Part {
        let mut lines = Lines::default();
        rows.iter().for_each(|&line| lines.push(line));
        let values = rows.iter().map(|&line| line as f64).collect();
        Part { columns: vec![Piece::Values(values, None)], lines, feeds, error: None }
    }

    #[test]
    fn parts_wait_for_their_turn() {
        let mut table = table();
        for (number, part) in [(2, part(1, &[1])), (0, part(3, &[1, 3])), (1, part(2, &[1]))] {
            table.accept(number, part).expect("it is sound");
        }
        let columns = table.finish(Some(1), Vec::new()).expect("it has rows");
        assert_eq!(**columns.columns[0].values, [1.0, 3.0, 1.0, 1.0]);
        assert_eq!((0..4).map(|row| columns.line_of(row)).collect::<Vec<_>>(), [2, 4, 5, 7]);
    }

    #[test]
    fn the_first_row_too_many_is_named() {
        let mut table = table();
        table.append(part(3, &[1, 3]), 3).expect("there is room for three");
        let error = table.append(part(3, &[1, 3]), 3).expect_err("there is none for four");
        assert_eq!((error.kind, error.line), (ErrorKind::TooManyRows, Some(7)));
    }

    #[test]
    fn the_first_fault_stands() {
        let mut table = table();
        for text in ["a", "b"] {
            let mut faulty = part(1, &[1]);
            faulty.columns[0].push(text, 1, &Absent::default());
            table.append(faulty, MOST_ROWS).expect("a fault is no error yet");
        }
        let columns = table.finish(Some(1), Vec::new()).expect("it has rows");
        let fault = columns.columns[0].fault.clone().expect("it is faulty");
        assert_eq!(fault.to_string(), "line 2: `a` in column `x` is not a number");
    }
}
