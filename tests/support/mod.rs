//! Modules that several test files share.
#![allow(dead_code, reason = "every test binary includes this module and uses a part of it")]

pub mod differences;
pub mod dual;
pub mod samples;
pub mod wide;

/// A template with expressions in its places, in order.
pub fn filled(template: &str, children: &[String]) -> String {
    let mut pieces = template.split('@');
    let mut text = pieces.next().expect("splitting leaves a piece").to_owned();
    for (piece, child) in pieces.zip(children) {
        text.push_str(child);
        text.push_str(piece);
    }
    text
}

/// The tolerance for the difference of two values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Tolerance {
    /// Equal bits, or both NaN.
    Exact,
    /// Units in the last place of the wanted value.
    Ulps(f64),
    /// Units in the last place of the larger of the wanted value and this
    /// scale of cancelling terms.
    UlpsOf(f64, f64),
    /// An absolute difference.
    Absolute(f64),
}

/// Whether `got` is close to `want`. NaN is close to NaN only, an infinity to itself only.
#[must_use]
pub fn is_close(got: f64, want: f64, tolerance: Tolerance) -> bool {
    if got.is_nan() || want.is_nan() {
        return got.is_nan() && want.is_nan();
    }
    if got.is_infinite() || want.is_infinite() {
        return got == want;
    }
    let difference = (got - want).abs();
    match tolerance {
        Tolerance::Exact => got.to_bits() == want.to_bits(),
        // An ulp of a subnormal number is that of the smallest normal one.
        Tolerance::Ulps(n) => difference <= n * f64::EPSILON * want.abs().max(f64::MIN_POSITIVE),
        Tolerance::UlpsOf(n, scale) => difference <= n * f64::EPSILON * want.abs().max(scale),
        Tolerance::Absolute(most) => difference <= most,
    }
}

/// Panics unless `got` is close to `want`; the message contains `what`.
#[track_caller]
pub fn assert_close(got: f64, want: f64, tolerance: Tolerance, what: impl std::fmt::Display) {
    assert!(is_close(got, want, tolerance), "{what}: got {got:e}, want {want:e} ({tolerance:?})");
}

/// The number of random cases of a test: `default`, or SCOREMATCH_CASES if it is set.
#[must_use]
pub fn cases(default: usize) -> usize {
    let asked = std::env::var("SCOREMATCH_CASES").ok();
    asked.map_or(default, |text| text.parse().expect("SCOREMATCH_CASES is a count"))
}
