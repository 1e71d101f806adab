//! Numbers as readable text: significant digits, round numbers.

/// A number to `digits` significant digits: plain where that is short, else with an exponent.
///
/// # Examples
/// ```
/// use scorematch::numerics::digits::significant;
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

/// [`significant`] without trailing zeros.
///
/// # Examples
/// ```
/// use scorematch::numerics::digits::trimmed;
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

/// Tolerance for rounding errors of a few operations, relative to a step between round numbers.
pub const SLACK: f64 = 1e-9;

/// The largest of 1, 2, 5, 10, 20, … and their tenths that is not above a positive number.
#[must_use]
pub fn round_below(number: f64) -> f64 {
    let unit = decade(number);
    let fits = |times: &f64| times * unit <= number * (1.0 + SLACK);
    [10.0, 5.0, 2.0].into_iter().find(fits).map_or(unit, |times| times * unit)
}

/// The smallest of 1, 2, 5, 10, 20, … and their tenths that is not below a positive number.
#[must_use]
pub fn round_above(number: f64) -> f64 {
    let unit = decade(number);
    let fits = |times: &f64| times * unit >= number * (1.0 - SLACK);
    [1.0, 2.0, 5.0].into_iter().find(fits).map_or(10.0 * unit, |times| times * unit)
}

fn decade(number: f64) -> f64 {
    10_f64.powi(number.log10().floor() as i32)
}

/// A whole number of π/2 as text: `-π/2`, `0`, `3π/2`, `2π`.
#[must_use]
pub fn quarters_of_pi(quarters: f64) -> String {
    let whole = quarters % 2.0 == 0.0;
    let (count, below) = if whole { (quarters / 2.0, "") } else { (quarters, "/2") };
    match count {
        0.0 => "0".to_owned(),
        1.0 => format!("π{below}"),
        -1.0 => format!("-π{below}"),
        _ => format!("{count}π{below}"),
    }
}
