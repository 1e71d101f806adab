//! Values that are often written in the place of a missing one, such as -999.

use crate::numerics::median::quantiles_of;

/// Codes that usually stand for a missing value: those below all other values, and those above them.
const LOW: [f64; 6] = [-1.0, -9.0, -99.0, -999.0, -9999.0, -99999.0];
const HIGH: [f64; 4] = [99.0, 999.0, 9999.0, 99999.0];
/// A code is looked for beside at least this number of other values.
const OTHERS_MIN: usize = 10;
/// Gaps are compared with this multiple of the interquartile range.
const RANGES: f64 = 5.0;

/// A value that may stand for a missing one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sentinel {
    pub(crate) value: f64,
    /// The number of rows that have the value.
    pub(crate) rows: usize,
}

impl Sentinel {
    /// Whether a value is a usual code that is hardly ever a measured number: any of them but -1.
    pub(crate) fn is_usual(value: f64) -> bool {
        (LOW.contains(&value) && value != -1.0) || HIGH.contains(&value)
    }

    /// The least or the largest of finite values, if it is a usual code and farther from the next value
    /// than the others are from each other, and than five of their interquartile ranges.
    pub(crate) fn of(values: &[f64]) -> Option<Self> {
        let (low, high) = ends(values.iter().copied());
        let low = Some(low).filter(|low| LOW.contains(low));
        let high = Some(high).filter(|high| HIGH.contains(high));
        low.into_iter().chain(high).find_map(|code| Self::apart(code, values))
    }

    /// This code, if it is far from all other values.
    fn apart(code: f64, values: &[f64]) -> Option<Self> {
        let others = || values.iter().copied().filter(|&x| x != code);
        let count = others().count();
        if count < OTHERS_MIN {
            return None;
        }
        let (low, high) = ends(others());
        let [lower, upper] = quantiles_of(count, others(), [0.25, 0.75]);
        let counts = || low >= 0.0 && others().all(|x| x.fract() == 0.0);
        let gap = if code < low { low - code } else { code - high };
        let far = low < high && gap > high - low && gap > RANGES * (upper - lower);
        // A difference of -1 is a number like any other.
        let found = far && (code != -1.0 || counts());
        found.then_some(Self { value: code, rows: values.len() - count })
    }
}

/// The least and the largest value.
fn ends(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let widened = |(low, high): (f64, f64), x: f64| (low.min(x), high.max(x));
    values.fold((f64::INFINITY, f64::NEG_INFINITY), widened)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numerics::rng::stream;

    fn draws(n: usize, key: u64, draw: impl Fn(f64, f64) -> f64) -> Vec<f64> {
        let mut stream = stream(7, key);
        (0..n).map(|_| draw(stream.uniform(), stream.normal())).collect()
    }

    fn with(mut values: Vec<f64>, code: f64, rows: usize) -> Vec<f64> {
        values.splice(3..3, vec![code; rows]);
        values
    }

    #[test]
    fn codes_far_from_all_others_are_found() {
        for (code, rows) in [(-999.0, 12), (-99.0, 1), (-9.0, 2), (999.0, 3), (99999.0, 40)] {
            let values = with(draws(100, 1, |u, _| 1.0 + 2.0 * u), code, rows);
            assert_eq!(Sentinel::of(&values), Some(Sentinel { value: code, rows }));
        }
        let grades = with(draws(100, 2, |u, _| 30.0 + (4.0 * u).floor()), -1.0, 2);
        assert_eq!(Sentinel::of(&grades).map(|found| found.value), Some(-1.0));
        let binary = with(draws(100, 3, |u, _| u.round()), 99.0, 5);
        assert_eq!(Sentinel::of(&binary).map(|found| found.rows), Some(5));
    }

    #[test]
    fn numbers_are_not_taken_for_codes() {
        let cauchy = |u: f64, _: f64| (std::f64::consts::PI * (u - 0.5)).tan();
        let lognormal = |_: f64, z: f64| (2.0 * z).exp();
        for key in 0..200 {
            // Rounded, so that codes may occur.
            for values in [
                draws(300, key, |u, z| cauchy(u, z).round()),
                draws(300, key, |u, z| lognormal(u, z).round()),
                draws(300, key, |u, _| (8.0 * u * u).floor()),
                draws(300, key, |u, _| u.round()),
            ] {
                assert_eq!(Sentinel::of(&values), None, "{key}: {values:?}");
            }
        }
        let with_99 = with(draws(300, 1, |u, _| (120.0 * u).round().min(98.0)), 99.0, 2);
        assert_eq!(Sentinel::of(&with_99), None);
        let differences = with(draws(300, 1, |u, _| u.round()), -1.0, 9);
        assert_eq!(Sentinel::of(&differences), None);
        assert_eq!(Sentinel::of(&with(vec![0.0; 50], 99.0, 1)), None);
        assert_eq!(Sentinel::of(&[]), None);
    }
}
