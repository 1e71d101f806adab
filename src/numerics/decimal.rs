//! Doubles as decimal numbers.

/// The shortest text that is parsed as the number, at most 17 digits: `-3`, `0.25`, `1e200`.
///
/// # Examples
/// ```
/// use scorematch::numerics::decimal::shortest;
/// assert_eq!(shortest(-1e6), "-1000000");
/// assert_eq!(shortest(5e-324), "5e-324");
/// ```
#[must_use]
pub fn shortest(value: f64) -> String {
    let text = format!("{value:?}");
    match text.strip_suffix(".0") {
        Some(whole) => whole.to_owned(),
        None => text,
    }
}

/// `x = 1, y = -2`, at most eight of them: a row of a wide model would fill the screen.
#[must_use]
pub fn assignments(values: &[(String, f64)]) -> String {
    let one = |(name, value): &(String, f64)| format!("{name} = {}", shortest(*value));
    let shown: Vec<String> = values.iter().take(8).map(one).collect();
    let more = if values.len() > 8 { ", …" } else { "" };
    shown.join(", ") + more
}

#[cfg(test)]
mod tests {
    use super::shortest;

    #[test]
    fn no_number_takes_more_than_17_digits() {
        for value in [1e200, -1e-320, 0.1 + 0.2, f64::MAX, -f64::MIN_POSITIVE, 1e16, 123_456.0] {
            let text = shortest(value);
            assert_eq!(text.parse::<f64>(), Ok(value));
            let mantissa = text.split('e').next().expect("a text has a first part");
            let digits = mantissa.trim_start_matches(['-', '0', '.']);
            assert!(digits.chars().filter(char::is_ascii_digit).count() <= 17, "{text}");
        }
    }
}
