//! What several test files share; see each module.
#![allow(dead_code, reason = "every test binary includes all of it and uses its part")]

pub mod differences;
pub mod dual;
pub mod wide;

/// Holds where the two differ by at most the tolerance; a NaN on either side never does.
///
/// The one comparison of floating-point results in these tests.
#[track_caller]
pub fn assert_close(what: &str, got: f64, want: f64, tolerance: f64) {
    assert!(
        is_close(got, want, tolerance),
        "{what}: got {got:e}, want {want:e}, off by {:e} > {tolerance:e}",
        (got - want).abs()
    );
}

/// The judgement of [`assert_close`]: the absolute difference, or both the same infinity.
#[must_use]
pub fn is_close(got: f64, want: f64, tolerance: f64) -> bool {
    assert!(tolerance >= 0.0, "a tolerance is a distance");
    got == want || (got - want).abs() <= tolerance
}

/// How many random cases a test runs: `default`, or what SCOREMATCH_CASES asks for.
#[must_use]
pub fn cases(default: usize) -> usize {
    let asked = std::env::var("SCOREMATCH_CASES").ok();
    asked.map_or(default, |text| text.parse().expect("SCOREMATCH_CASES is a count"))
}
