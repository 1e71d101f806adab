//! A column while it grows.

use super::part::Piece;
use crate::data::error::Error;
use crate::data::text::Text;

/// A column to which pieces are appended. The numbers of the pieces stay where they are until the last
/// one is there: a vector that grows is copied each time that its room doubles.
pub(super) struct Growing {
    /// The column without the numbers of `stretches`, which are joined in it at the end.
    piece: Piece,
    /// Numbers, piece by piece.
    stretches: Vec<Vec<f64>>,
}

impl Growing {
    /// A column without rows.
    pub(super) fn new(piece: Piece) -> Self {
        Self { piece, stretches: Vec::new() }
    }

    /// Appends a piece of a text that has this number of lines before it.
    pub(super) fn append(&mut self, piece: Piece, after: u64) {
        match (&mut self.piece, piece) {
            (Piece::Values(_, groups), Piece::Values(mut more, added)) => {
                // There was room for a row on every line.
                more.shrink_to_fit();
                self.stretches.push(more);
                if let Some(added) = added {
                    groups.get_or_insert_default().append(*added, after);
                }
            }
            (Piece::Values(..), Piece::Faulty(error)) => self.fail(error.further_down(after)),
            (Piece::Values(..), Piece::Text(more, first)) => {
                self.settle();
                self.piece.turn_to_text(first.further_down(after));
                self.append_text(&more);
            }
            (Piece::Text(..), Piece::Text(more, _)) => self.append_text(&more),
            (Piece::Text(_, first), Piece::Values(more, _)) => match Text::of_numbers(&more) {
                Some(more) => self.append_text(&more),
                None => self.piece = Piece::Faulty(first.clone()),
            },
            (Piece::Text(_, first), Piece::Faulty(_)) => self.piece = Piece::Faulty(first.clone()),
            (Piece::Values(..) | Piece::Text(..), Piece::Skipped)
            | (Piece::Faulty(_) | Piece::Skipped, _) => {}
        }
    }

    /// The whole column.
    pub(super) fn finish(mut self) -> Piece {
        self.settle();
        self.piece
    }

    /// Joins the numbers in a vector that is as long as they are; those of a piece are freed once they
    /// are copied.
    fn settle(&mut self) {
        let Piece::Values(values, _) = &mut self.piece else { return };
        values.reserve_exact(self.stretches.iter().map(Vec::len).sum());
        for stretch in std::mem::take(&mut self.stretches) {
            values.extend_from_slice(&stretch);
        }
    }

    /// A column that cannot be used needs no room.
    fn fail(&mut self, error: Error) {
        *self = Self::new(Piece::Faulty(error));
    }

    /// Appends rows to a column of text, which becomes faulty where too many cells are distinct.
    fn append_text(&mut self, more: &Text) {
        let Piece::Text(text, first) = &mut self.piece else { return };
        if text.append(more).is_none() {
            self.piece = Piece::Faulty(first.clone());
        }
    }
}
