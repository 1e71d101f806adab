//! A column of text: its distinct cells, and for each row the place of its cell among them.

use std::cmp::Ordering;
use std::collections::HashMap;

use crate::numerics::decimal::shortest;

/// Most distinct cells that are kept. A column with more is taken for names of single rows, not of groups.
pub(super) const LABELS_MAX: usize = 10_000;
/// Stands for a cell without a value.
const MISSING: u32 = u32::MAX;

/// The cells of a column as places in the list of its distinct cells.
#[derive(Clone, Debug, Default)]
pub(super) struct Text {
    labels: Vec<String>,
    /// The place of each label.
    places: HashMap<String, u32>,
    rows: Vec<u32>,
}

impl Text {
    /// A column of cells that were read as numbers: the text of a cell is the shortest one of its number.
    pub(super) fn of_numbers(values: &[f64]) -> Option<Self> {
        let mut text = Self::default();
        values.iter().try_for_each(|&x| text.push_number(x))?;
        Some(text)
    }

    /// Appends a cell, NaN for one without a value; `None` where there are too many different ones.
    pub(super) fn push_number(&mut self, x: f64) -> Option<()> {
        if x.is_nan() {
            self.rows.push(MISSING);
            return Some(());
        }
        self.push(&shortest(x))
    }

    /// Appends a cell; `None` where there are too many different ones.
    pub(super) fn push(&mut self, cell: &str) -> Option<()> {
        let place = self.place(cell)?;
        self.rows.push(place);
        Some(())
    }

    fn place(&mut self, cell: &str) -> Option<u32> {
        if let Some(&place) = self.places.get(cell) {
            return Some(place);
        }
        if self.labels.len() == LABELS_MAX {
            return None;
        }
        let place = self.labels.len() as u32;
        self.labels.push(cell.to_owned());
        self.places.insert(cell.to_owned(), place);
        Some(place)
    }

    /// Appends the rows of another stretch of the column; `None` where there are too many different
    /// cells.
    pub(super) fn append(&mut self, other: &Self) -> Option<()> {
        let places: Vec<u32> =
            other.labels.iter().map(|label| self.place(label)).collect::<Option<_>>()?;
        let own = |&row: &u32| if row == MISSING { MISSING } else { places[row as usize] };
        self.rows.extend(other.rows.iter().map(own));
        Some(())
    }

    /// The distinct cells, numbers first and by size, then texts by their letters.
    pub(super) fn levels(&self) -> Vec<String> {
        let mut levels = self.labels.clone();
        levels.sort_by(|a, b| by_size_or_letters(a, b));
        levels
    }

    /// For each row the place of its cell in a list of labels, from one, and NaN where there is none;
    /// the first row whose cell is not in the list is an error.
    pub(super) fn places_in(&self, labels: &[String]) -> Result<Vec<f64>, (usize, String)> {
        let place = |label: &String| labels.iter().position(|one| one == label);
        let places: Vec<Option<usize>> = self.labels.iter().map(place).collect();
        let of_row = |(row, &cell): (usize, &u32)| match cell {
            MISSING => Ok(f64::NAN),
            _ => match places[cell as usize] {
                Some(place) => Ok((place + 1) as f64),
                None => Err((row, self.labels[cell as usize].clone())),
            },
        };
        self.rows.iter().enumerate().map(of_row).collect()
    }
}

fn by_size_or_letters(a: &str, b: &str) -> Ordering {
    match (a.parse::<f64>(), b.parse::<f64>()) {
        (Ok(x), Ok(y)) => x.total_cmp(&y),
        (Ok(_), Err(_)) => Ordering::Less,
        (Err(_), Ok(_)) => Ordering::Greater,
        (Err(_), Err(_)) => a.cmp(b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(cells: &[&str]) -> Text {
        let mut text = Text::default();
        for cell in cells {
            text.push(cell).expect("they are few");
        }
        text
    }

    #[test]
    fn levels_stand_in_order_whatever_comes_first() {
        let mut one = text(&["south", "10", "9"]);
        one.append(&text(&["north", "10"])).expect("they are few");
        assert_eq!(one.levels(), ["9", "10", "north", "south"]);
        assert_eq!(one.places_in(&one.levels()), Ok(vec![4.0, 2.0, 1.0, 3.0, 2.0]));
        assert_eq!(one.places_in(&["south".to_owned()]), Err((1, "10".to_owned())));
    }

    #[test]
    fn numbers_are_named_by_their_value() {
        let mut numbers = Text::of_numbers(&[1.0, f64::NAN, 1.0]).expect("one is few");
        numbers.push("a").expect("two are few");
        assert_eq!(numbers.levels(), ["1", "a"]);
        let places = numbers.places_in(&numbers.levels()).expect("all are known");
        assert!(places[1].is_nan() && places[3] == 2.0);
    }

    #[test]
    fn too_many_are_not_kept() {
        let many: Vec<f64> = (0..=LABELS_MAX).map(|k| k as f64).collect();
        assert!(Text::of_numbers(&many).is_none());
        assert!(Text::of_numbers(&many[1..]).is_some());
    }
}
