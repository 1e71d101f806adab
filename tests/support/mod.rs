//! What several test files share; see each module.
#![allow(dead_code, reason = "every test binary includes all of it and uses its part")]

pub mod differences;
pub mod dual;
pub mod samples;
pub mod wide;

/// A template with expressions at its places, in order.
pub fn filled(template: &str, children: &[String]) -> String {
    let mut pieces = template.split('@');
    let mut text = pieces.next().expect("splitting leaves a piece").to_owned();
    for (piece, child) in pieces.zip(children) {
        text.push_str(child);
        text.push_str(piece);
    }
    text
}

/// How far a value may be from the one that is wanted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Tolerance {
    /// The same bits; any NaN for a NaN.
    Exact,
    /// So many units in the last place of the wanted value.
    Ulps(f64),
    /// Units in the last place of the value or of the scale of what cancels in it.
    UlpsOf(f64, f64),
    /// At most this difference.
    Absolute(f64),
}

/// Whether `got` is close to `want`. NaN is close to NaN, an infinity to itself alone.
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
        // Below the least normal number an ulp stays what it is there.
        Tolerance::Ulps(n) => difference <= n * f64::EPSILON * want.abs().max(f64::MIN_POSITIVE),
        Tolerance::UlpsOf(n, scale) => difference <= n * f64::EPSILON * want.abs().max(scale),
        Tolerance::Absolute(most) => difference <= most,
    }
}

/// Panics unless `got` is close to `want`; `what` says where.
#[track_caller]
pub fn assert_close(got: f64, want: f64, tolerance: Tolerance, what: impl std::fmt::Display) {
    assert!(is_close(got, want, tolerance), "{what}: got {got:e}, want {want:e} ({tolerance:?})");
}

/// How many random cases a test runs: `default`, or what SCOREMATCH_CASES asks for.
#[must_use]
pub fn cases(default: usize) -> usize {
    let asked = std::env::var("SCOREMATCH_CASES").ok();
    asked.map_or(default, |text| text.parse().expect("SCOREMATCH_CASES is a count"))
}
