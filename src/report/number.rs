//! Numbers for people.

/// A number to so many significant digits: plain where that is short, else with an exponent.
///
/// # Examples
/// ```
/// use scorematch::report::significant;
/// assert_eq!(significant(3.487783, 4), "3.488");
/// assert_eq!(significant(1.5e-12, 3), "1.50e-12");
/// ```
#[must_use]
pub fn significant(value: f64, digits: usize) -> String {
    if !value.is_finite() || value == 0.0 {
        return special(value);
    }
    let scientific = format!("{value:.*e}", digits.saturating_sub(1));
    let exponent = exponent_of(&scientific);
    match usize::try_from(exponent) {
        Ok(exponent) if exponent < digits => format!("{value:.*}", digits - 1 - exponent),
        Err(_) if exponent >= -4 => {
            format!("{value:.*}", digits - 1 + exponent.unsigned_abs() as usize)
        }
        Ok(_) | Err(_) => scientific,
    }
}

/// The same without zeros at the end that say nothing.
///
/// # Examples
/// ```
/// use scorematch::report::trimmed;
/// assert_eq!(trimmed(-0.5, 8), "-0.5");
/// assert_eq!(trimmed(2e-9, 8), "2e-9");
/// ```
#[must_use]
pub fn trimmed(value: f64, digits: usize) -> String {
    let text = significant(value, digits);
    let (mantissa, exponent) = match text.split_once('e') {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text.as_str(), None),
    };
    let kept = match mantissa.contains('.') {
        true => mantissa.trim_end_matches('0').trim_end_matches('.'),
        false => mantissa,
    };
    exponent.map_or_else(|| kept.to_owned(), |exponent| format!("{kept}e{exponent}"))
}

/// A p value: four decimals are all that anybody reads.
pub(super) fn probability(p: f64) -> String {
    if p < 0.0001 { "<0.0001".to_owned() } else { format!("{p:.4}") }
}

fn special(value: f64) -> String {
    if value == 0.0 {
        "0".to_owned()
    } else if value.is_nan() {
        "-".to_owned()
    } else if value > 0.0 {
        "inf".to_owned()
    } else {
        "-inf".to_owned()
    }
}

fn exponent_of(scientific: &str) -> i32 {
    let exponent = scientific.split_once('e').and_then(|(_, exponent)| exponent.parse().ok());
    exponent.expect("scientific notation ends in an exponent")
}
