//! What a cell of a table means.

/// Spellings of a value that is not there, beside the empty cell and any case of `nan`.
const MISSING: [&str; 6] = ["NA", "N/A", "null", "NULL", ".", "?"];

/// The meaning of a cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Cell {
    /// A finite number.
    Number(f64),
    /// No value.
    Missing,
    /// An infinity, written so or too large for a double.
    Infinite,
    /// Not a number.
    Text,
}

impl Cell {
    /// Reads the text of a cell; spaces around it are ignored.
    pub(super) fn parse(text: &str) -> Self {
        let text = text.trim();
        if text.is_empty() || MISSING.contains(&text) {
            return Self::Missing;
        }
        text.parse::<f64>().map_or(Self::Text, Self::from)
    }
}

impl From<f64> for Cell {
    fn from(x: f64) -> Self {
        if x.is_nan() {
            Self::Missing
        } else if x.is_infinite() {
            Self::Infinite
        } else {
            Self::Number(x)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(texts: &[&str], meaning: Cell) {
        for text in texts {
            assert_eq!(Cell::parse(text), meaning, "{text:?}");
        }
    }

    #[test]
    fn meanings() {
        check(&["1.5", " 1.5\t", "+1.5", "15e-1", "1.50", "0.15E1", "1.5\r"], Cell::Number(1.5));
        check(&["", "  ", "NA", "N/A", "nan", "NaN", "-nan", "null", ".", "?"], Cell::Missing);
        check(&["inf", "-inf", "Infinity", "1e999", "-1e999"], Cell::Infinite);
        check(&["one", "1,5", "1 2", "0x10", "1_000", "na na", "1.5kg", "−1", "TRUE"], Cell::Text);
    }

    #[test]
    fn parsing_is_correctly_rounded() {
        check(&["0.1"], Cell::Number(0.1));
        check(&["9007199254740993"], Cell::Number(9_007_199_254_740_992.0));
        check(&["2.2250738585072011e-308"], Cell::Number(2.225_073_858_507_201e-308));
        check(&["1e-400"], Cell::Number(0.0));
    }
}
