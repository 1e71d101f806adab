//! Numbers whose digits stand in groups of three: `1,234.5`, `1'234`.

/// Marks that stand between groups and are never a decimal mark: apostrophes, and blanks at which
/// no line is broken.
const MARKS: [char; 4] = ['\'', '’', '\u{a0}', '\u{202f}'];

/// A number with its digits in groups.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Grouped {
    pub(super) value: f64,
    /// The meaning of its commas: certain where there are two of them, a point follows, or there is none.
    pub(super) comma: Comma,
}

/// The meaning of the commas in a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comma {
    /// The cell has no comma.
    None,
    /// They stand between groups of digits.
    Groups,
    /// The only one stands between groups, or it is a decimal mark.
    Either,
}

/// Reads a cell; `None` unless every group but the first has three digits, and the first one to
/// three of which the first is not 0.
pub(super) fn grouped(text: &str) -> Option<Grouped> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let end = digits.find(['.', 'e', 'E']).unwrap_or(digits.len());
    let (whole, rest) = digits.split_at(end);
    let mark = whole.chars().find(|c| !c.is_ascii_digit())?;
    if mark != ',' && !MARKS.contains(&mark) {
        return None;
    }
    let groups: Vec<&str> = whole.split(mark).collect();
    let (first, others) = groups.split_first().expect("a text has a first part");
    let all_digits = groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_digit()));
    let sizes = (1..=3).contains(&first.len()) && others.iter().all(|group| group.len() == 3);
    if !all_digits || !sizes || first.starts_with('0') {
        return None;
    }
    let sign = if text.starts_with('-') { "-" } else { "" };
    let value: f64 = format!("{sign}{}{rest}", groups.concat()).parse().ok()?;
    let comma = match (mark, others.len(), rest.starts_with('.')) {
        (',', 1, false) => Comma::Either,
        (',', _, _) => Comma::Groups,
        _ => Comma::None,
    };
    value.is_finite().then_some(Grouped { value, comma })
}

/// A cell, with the line on which it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) text: String,
    pub(super) line: u64,
}

/// The grouped numbers of a stretch of a column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Groups {
    pub(super) first: Option<Place>,
    /// The first cell that may have a decimal comma.
    either: Option<Place>,
    /// Some cell has commas that cannot be decimal marks.
    proven: bool,
}

impl Groups {
    pub(super) fn add(&mut self, comma: Comma, text: &str, line: u64) {
        let place = || Place { text: text.to_owned(), line };
        self.first.get_or_insert_with(place);
        match comma {
            Comma::None => {}
            Comma::Groups => self.proven = true,
            Comma::Either => {
                self.either.get_or_insert_with(place);
            }
        }
    }

    /// Adds the cells of a stretch that has this number of lines before it.
    pub(super) fn append(&mut self, other: Self, after: u64) {
        let moved = |place: Place| Place { line: place.line + after, ..place };
        self.first = self.first.take().or_else(|| other.first.map(moved));
        self.either = self.either.take().or_else(|| other.either.map(moved));
        self.proven |= other.proven;
    }

    /// The first cell whose comma may be a decimal mark, unless another cell of the column proves that commas
    /// stand between groups.
    pub(super) fn doubtful(&self) -> Option<&Place> {
        self.either.as_ref().filter(|_| !self.proven)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_of_three_digits() {
        let read = |text| grouped(text).map(|found| (found.value, found.comma));
        assert_eq!(read("1,234.5"), Some((1234.5, Comma::Groups)));
        assert_eq!(read("-12,345,678"), Some((-12_345_678.0, Comma::Groups)));
        assert_eq!(read("4,000"), Some((4000.0, Comma::Either)));
        assert_eq!(read("+1'234'567e2"), Some((123_456_700.0, Comma::None)));
        assert_eq!(read("1\u{202f}234.25"), Some((1234.25, Comma::None)));
        for text in ["1,5", "0,125", "1234,567", "1,23,456", "1.234,5", "1 234", "1_000", "1,", ","]
        {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!((read("1,234'567"), read("1,234.5kg"), read("12")), (None, None, None));
    }
}
