//! The meaning of a cell of a table: a number, a missing value, or a text.

use std::borrow::Cow;

/// Spellings of a missing value, beside the empty cell and `nan` in any case.
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

/// How cells are read: the texts and numbers that stand for a missing value because the user says so, and
/// the decimal mark.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Absent {
    texts: Vec<String>,
    /// The texts that are numbers, as numbers.
    numbers: Vec<f64>,
    /// A comma is a decimal mark beside the point, as where semicolons separate the fields.
    decimal_comma: bool,
}

impl Absent {
    pub(super) fn of(texts: &[String], delimiter: u8) -> Self {
        let texts: Vec<String> = texts.iter().map(|text| text.trim().to_owned()).collect();
        let numbers = texts.iter().filter_map(|text| text.parse().ok()).collect();
        Self { texts, numbers, decimal_comma: delimiter == b';' }
    }

    /// A number with a decimal comma, such as `0,125` or `1.234,5`; NaN if it stands for a missing value.
    pub(super) fn with_decimal_comma(&self, text: &str) -> Option<f64> {
        let (whole, rest) = text.split_once(',').filter(|_| self.decimal_comma)?;
        let mut groups = whole.split('.');
        let first = groups.next()?;
        let others: Vec<&str> = groups.collect();
        let is_group = |group: &&str| group.len() == 3 && group.bytes().all(|b| b.is_ascii_digit());
        let is_fraction = rest.starts_with(|c: char| c.is_ascii_digit()) && !rest.contains('.');
        if !is_fraction || !others.iter().all(is_group) {
            return None;
        }
        let x: f64 = format!("{first}{}.{rest}", others.concat()).parse().ok()?;
        x.is_finite().then(|| self.or_nan(x))
    }

    /// The meaning of a cell, which may have one of these texts or be one of these numbers.
    pub(super) fn cell(&self, text: &str) -> Cell {
        if self.texts.iter().any(|absent| absent == text.trim()) {
            return Cell::Missing;
        }
        match Cell::parse(text) {
            Cell::Number(x) => Cell::from(self.or_nan(x)),
            other @ (Cell::Missing | Cell::Infinite | Cell::Text) => other,
        }
    }

    /// A number, or NaN if it stands for a missing value.
    pub(super) fn or_nan(&self, x: f64) -> f64 {
        if self.numbers.contains(&x) { f64::NAN } else { x }
    }

    /// Replaces numbers that stand for a missing value by NaN.
    pub(super) fn replace(&self, values: &mut [f64]) {
        if !self.numbers.is_empty() {
            values.iter_mut().for_each(|value| *value = self.or_nan(*value));
        }
    }
}

/// A trimmed text without the quotation marks around it, which are left where blanks stand
/// before the first of them.
pub(super) fn unquoted(text: &str) -> Cow<'_, str> {
    let inside = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    match inside {
        Some(inside) if inside.contains("\"\"") => Cow::Owned(inside.replace("\"\"", "\"")),
        Some(inside) => Cow::Borrowed(inside.trim()),
        None => Cow::Borrowed(text),
    }
}

impl Cell {
    /// Reads the text of a cell; spaces around it are ignored, and quotation marks behind spaces.
    pub(super) fn parse(text: &str) -> Self {
        let text = text.trim();
        let text = if text.starts_with('"') { &unquoted(text) } else { text };
        match text.parse::<f64>() {
            Ok(x) => Self::from(x),
            Err(_) if text.is_empty() || MISSING.contains(&text) => Self::Missing,
            Err(_) => Self::Text,
        }
    }
}

/// The finite number at the beginning of a text, and how many bytes it takes. A cell that is
/// that number and no more means it.
#[inline]
pub(super) fn leading(text: &[u8]) -> Option<(f64, usize)> {
    let (x, length) = fast_float2::parse_partial::<f64, _>(text).ok()?;
    x.is_finite().then_some((x, length))
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
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(texts: &[&str], meaning: Cell) {
        for text in texts {
            assert_eq!(Cell::parse(text), meaning, "{text:?}");
        }
    }

    #[test]
    fn a_comma_is_a_decimal_mark_beside_semicolons() {
        let read = |text| Absent::of(&["-9,5".to_owned()], b';').with_decimal_comma(text);
        for (text, number) in [
            ("0,125", 0.125),
            ("-3,5e2", -350.0),
            ("1.234,5", 1234.5),
            (",5", 0.5),
            ("5,189", 5.189),
        ] {
            assert_eq!(read(text), Some(number), "{text}");
        }
        for text in ["1,234,567", "1,234.5", "12.34,5", "1,", "a,5", "5"] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(Absent::of(&[], b',').with_decimal_comma("0,125"), None);
    }

    #[test]
    fn meanings() {
        check(
            &["1.5", " 1.5\t", "+1.5", "15e-1", "1.50", "0.15E1", "1.5\r", " \"1.5\" "],
            Cell::Number(1.5),
        );
        check(
            &["", "  ", " \"\"", "NA", "N/A", "nan", "NaN", "-nan", "null", ".", "?"],
            Cell::Missing,
        );
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
    /// A text that is a number as a whole is read as the standard library reads it.
    #[track_caller]
    fn leads(text: &str) {
        let begun = format!("{text},");
        if let Some((x, length)) = leading(begun.as_bytes())
            && length >= text.len()
        {
            assert_eq!(text.parse::<f64>().map(f64::to_bits), Ok(x.to_bits()), "{text:?}");
        }
    }

    #[test]
    fn numbers_are_found_at_the_beginning() {
        assert_eq!(leading(b"1.5,2"), Some((1.5, 3)));
        assert_eq!(leading(b"-0\n").map(|(x, end)| (x.to_bits(), end)), Some((1 << 63, 2)));
        assert_eq!(leading(b"12kg"), Some((12.0, 2)));
        assert_eq!(leading(b"1e999,"), None);
        assert_eq!(leading(b"nan,"), None);
        assert_eq!(leading(b" 1,"), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(5000))]

        #[test]
        fn shortest_texts_of_doubles(bits: u64) {
            let x = f64::from_bits(bits);
            leads(&format!("{x}"));
            leads(&format!("{x:e}"));
        }

        #[test]
        fn any_digits_at_any_scale(w: u64, exponent in -360..340i32) {
            leads(&format!("{w}e{exponent}"));
        }

        /// The middle of two neighbouring doubles, and the numbers next to it in the last place.
        #[test]
        fn near_ties(m in 1u64 << 52..1 << 53, k in 0..12u32, off in 0..3u128) {
            // (2m + 1)/2^(k + 1) is (2m + 1)·5^(k + 1)/10^(k + 1).
            let middle = u128::from(2 * m + 1) * 5u128.pow(k + 1) - 1 + off;
            leads(&format!("{middle}e-{}", k + 1));
        }

        #[test]
        fn any_text(text in "[-+]?[0-9.]{0,22}([eE][-+]?[0-9]{0,3})?[x ]?") {
            leads(&text);
        }
    }
}
