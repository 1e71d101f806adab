//! Derivatives by central differences, extrapolated to step zero (Richardson 1911; Ridders 1982),
//! which use no rules of differentiation.

/// A derivative, with the difference of the last two extrapolations as its error.
#[derive(Clone, Copy, Debug)]
pub struct Difference {
    pub value: f64,
    pub error: f64,
}

/// Number of halvings of the step.
const LEVELS: usize = 6;

/// f'(0), with the given initial step.
pub fn first(f: impl Fn(f64) -> f64, step: f64) -> Difference {
    extrapolated(|h| (f(h) - f(-h)) / (2.0 * h), step)
}

/// f''(0), with the given initial step.
pub fn second(f: impl Fn(f64) -> f64, step: f64) -> Difference {
    let centre = f(0.0);
    extrapolated(|h| (f(h) - centre + (f(-h) - centre)) / (h * h), step)
}

/// The limit at zero of a function of h², from the entry of the extrapolation table that agrees
/// best with its neighbours.
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
