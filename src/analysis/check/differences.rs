//! Derivatives by finite differences, with an estimate of their error.

/// A difference quotient with an estimate of its error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    pub value: f64,
    pub error: f64,
}

/// Factor by which steps shrink.
const SHRINK: f64 = 1.4;
/// Number of steps.
const ROWS: usize = 10;
/// The first step, relative to the point.
const FIRST: f64 = 0.05;
/// The search ends where the change of extrapolations exceeds the error of the best by this factor.
const WORSE: f64 = 2.0;

/// f'(x) by central differences, extrapolated to step zero (Ridders 1982).
///
/// The error is the largest of the smallest change between extrapolations of neighbouring order, half
/// the jump of the slope at a kink at the point, which central differences do not see, and rounding.
pub fn derivative(f: impl Fn(f64) -> f64, x: f64) -> Difference {
    let central = |step: f64| (f(x + step) - f(x - step)) / (2.0 * step);
    let mut step = FIRST * x.abs().max(1.0);
    let mut last = vec![central(step)];
    let mut best = Difference { value: last[0], error: f64::INFINITY };
    for _ in 1..ROWS {
        step /= SHRINK;
        let row = extrapolated(central(step), &last);
        best = row_best(best, &row, &last);
        let drift = (row[row.len() - 1] - last[last.len() - 1]).abs();
        if drift >= WORSE * best.error {
            break;
        }
        last = row;
    }
    // Rounding errors of values are largest relative to the shortest step.
    let rounding = f64::EPSILON * f(x).abs() / step;
    Difference { error: best.error.max(bend(f, x, step)).max(rounding), ..best }
}

/// Half the jump of the slope at a point: half the difference of the one-sided quotients,
/// extrapolated to step zero.
fn bend(f: impl Fn(f64) -> f64, x: f64, step: f64) -> f64 {
    let jump = |step: f64| (f(x + step) - 2.0 * f(x) + f(x - step)) / step;
    (2.0 * jump(step / 2.0) - jump(step)).abs() / 2.0
}

/// The next row of Richardson's tableau: each entry cancels one more even power of the step.
fn extrapolated(first: f64, last: &[f64]) -> Vec<f64> {
    let mut row = vec![first];
    let mut factor = SHRINK * SHRINK;
    for (k, above) in last.iter().enumerate() {
        row.push((row[k] * factor - above) / (factor - 1.0));
        factor *= SHRINK * SHRINK;
    }
    row
}

fn row_best(best: Difference, row: &[f64], last: &[f64]) -> Difference {
    let errors = (1..row.len()).map(|k| {
        let (left, above) = (row[k - 1], last[k - 1]);
        Difference { value: row[k], error: (row[k] - left).abs().max((row[k] - above).abs()) }
    });
    errors.fold(best, |best, next| if next.error <= best.error { next } else { best })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smooth_functions_are_differentiated_to_ten_digits() {
        for (f, x, slope) in [
            (f64::exp as fn(f64) -> f64, 1.0, 1.0_f64.exp()),
            (f64::sin, 0.3, 0.3_f64.cos()),
            (f64::ln, 2.0, 0.5),
            (|x| x.powi(4), 100.0, 4e6),
            (|x| 1e-9 * x.tanh(), 0.0, 1e-9),
        ] {
            let found = derivative(f, x);
            assert!((found.value - slope).abs() <= 1e-10 * slope.abs(), "{found:?} {slope}");
            assert!(found.error <= 1e-5 * slope.abs(), "{found:?}");
        }
    }

    #[test]
    fn a_kink_shows_in_the_error() {
        for kink in [0.0, 1e-9, 1e-3, 0.01] {
            let found = derivative(|x| (x - kink).abs(), 0.0);
            assert!((found.value - -1.0).abs() <= 10.0 * found.error, "{kink}: {found:?}");
        }
    }
}
