//! Derivatives by central differences, extrapolated to step zero (Richardson 1911; Ridders 1982):
//! the judge that knows nothing of rules.

/// A derivative and how far the last two extrapolations are apart.
#[derive(Clone, Copy, Debug)]
pub struct Difference {
    pub value: f64,
    pub error: f64,
}

/// Halvings of the step.
const LEVELS: usize = 6;

/// f'(0), starting from the given step.
pub fn first(f: impl Fn(f64) -> f64, step: f64) -> Difference {
    extrapolated(|h| (f(h) - f(-h)) / (2.0 * h), step)
}

/// f''(0), starting from the given step.
pub fn second(f: impl Fn(f64) -> f64, step: f64) -> Difference {
    let centre = f(0.0);
    extrapolated(|h| (f(h) - centre + (f(-h) - centre)) / (h * h), step)
}

/// The limit of a function of h² at zero, at the place of the table where neighbours agree best.
fn extrapolated(estimate: impl Fn(f64) -> f64, step: f64) -> Difference {
    let mut best = Difference { value: f64::NAN, error: f64::INFINITY };
    let mut above: Vec<f64> = Vec::new();
    for level in 0..LEVELS {
        let mut row = vec![estimate(step / f64::from(1 << level))];
        for (order, &coarse) in above.iter().enumerate() {
            let fine = row[order];
            let value = fine + (fine - coarse) / (4f64.powi(order as i32 + 1) - 1.0);
            let error = (value - fine).abs().max((value - coarse).abs());
            if error < best.error {
                best = Difference { value, error };
            }
            row.push(value);
        }
        above = row;
    }
    best
}
