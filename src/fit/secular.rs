//! The trust-region subproblem in the eigenbasis: minimise cᵀy + ½ yᵀΛy subject to ‖y‖ ≤ r.

/// Slopes below the first number with curvatures below the second, relative to the largest, are
/// rounding errors: the step is zero there.
const NO_SLOPE: f64 = 1e-12;
const NO_CURVATURE: f64 = 1e-12;
const ROUNDS: usize = 100;

/// A solution of the subproblem.
#[derive(Clone, Debug)]
pub(super) struct Step {
    /// In the eigenbasis.
    pub step: Vec<f64>,
    /// The decrease predicted by the quadratic model, ≥ 0.
    pub decrease: f64,
    /// Whether the unconstrained Newton step lies within the radius.
    pub interior: bool,
}

/// Solves the subproblem for ascending curvatures, saddle points included.
pub(super) fn solve(curvature: &[f64], slope: &[f64], radius: f64) -> Step {
    let largest = curvature.iter().fold(0.0, |m, c| f64::max(m, c.abs()));
    let live: Vec<usize> = (0..curvature.len())
        .filter(|&k| slope[k].abs() > NO_SLOPE || curvature[k].abs() > NO_CURVATURE * largest)
        .collect();
    let values: Vec<f64> = live.iter().map(|&k| curvature[k]).collect();
    let slopes: Vec<f64> = live.iter().map(|&k| slope[k]).collect();
    let (short, interior) = reduced(&values, &slopes, radius);
    let mut step = vec![0.0; curvature.len()];
    live.iter().zip(&short).for_each(|(&k, &y)| step[k] = y);
    let terms = step.iter().zip(slope).zip(curvature);
    let decrease = -terms.map(|((y, c), l)| y * (c + 0.5 * l * y)).sum::<f64>();
    Step { step, decrease: decrease.max(0.0), interior }
}

fn reduced(curvature: &[f64], slope: &[f64], radius: f64) -> (Vec<f64>, bool) {
    let Some(&lowest) = curvature.first() else { return (Vec::new(), true) };
    if lowest > 0.0 {
        let newton = damped(curvature, slope, 0.0);
        if norm(&newton) <= radius {
            return (newton, true);
        }
    }
    let low = (-lowest).max(0.0);
    if let Some(step) = hard_case(curvature, slope, radius, low) {
        return (step, false);
    }
    (damped(curvature, slope, damping(curvature, slope, radius, low)), false)
}

/// -c/(λ + μ); zero where c is zero.
fn damped(curvature: &[f64], slope: &[f64], damping: f64) -> Vec<f64> {
    let entry = |(&l, &c): (&f64, &f64)| if c == 0.0 { 0.0 } else { -c / (l + damping) };
    curvature.iter().zip(slope).map(entry).collect()
}

/// The step in the hard case, in which the slope has no component along the eigenvectors of the
/// smallest curvature: it is extended to the boundary along one of them.
fn hard_case(curvature: &[f64], slope: &[f64], radius: f64, low: f64) -> Option<Vec<f64>> {
    let lowest = *curvature.first()?;
    let tied = |l: f64| l - lowest <= 1e-12 * lowest.abs();
    let blind = curvature.iter().zip(slope).all(|(&l, &c)| !tied(l) || c.abs() <= NO_SLOPE);
    if lowest >= 0.0 || !blind {
        return None;
    }
    let rest: Vec<f64> =
        curvature.iter().zip(slope).map(|(&l, &c)| if tied(l) { 0.0 } else { c }).collect();
    let mut step = damped(curvature, &rest, low);
    let room = radius * radius - norm(&step).powi(2);
    (room >= 0.0).then(|| {
        step[0] = room.sqrt();
        step
    })
}

/// The damping μ at which the step has length `radius`: Newton's method on 1/‖y‖, safeguarded by
/// bisection of a bracket of the solution.
fn damping(curvature: &[f64], slope: &[f64], radius: f64, low: f64) -> f64 {
    let (mut low, mut high) = (low, low + norm(slope) / radius);
    let mut at = 0.5 * (low + high);
    for _ in 0..ROUNDS {
        let step = damped(curvature, slope, at);
        let length = norm(&step);
        if (length - radius).abs() <= 1e-10 * radius {
            break;
        }
        if length > radius {
            low = at
        } else {
            high = at
        }
        let terms = step.iter().zip(curvature).filter(|(y, _)| **y != 0.0);
        let bend: f64 = terms.map(|(y, l)| y * y / (l + at)).sum();
        let next = at + (length * length / bend) * (length - radius) / radius;
        at = if next > low && next < high { next } else { 0.5 * (low + high) };
    }
    at
}

fn norm(values: &[f64]) -> f64 {
    values.iter().map(|v| v * v).sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_optimal(curvature: &[f64], slope: &[f64], radius: f64) -> Step {
        let found = solve(curvature, slope, radius);
        assert!(norm(&found.step) <= radius * (1.0 + 1e-9));
        let model = |y: &[f64]| -> f64 {
            (0..y.len()).map(|k| y[k] * (slope[k] + 0.5 * curvature[k] * y[k])).sum()
        };
        let best = model(&found.step);
        for k in 0..360 {
            let angle = f64::from(k).to_radians();
            for share in [0.3, 0.7, 1.0] {
                let other = [radius * share * angle.cos(), radius * share * angle.sin()];
                assert!(best <= model(&other) + 1e-9, "{other:?} is lower");
            }
        }
        assert!((found.decrease + best).abs() < 1e-12);
        found
    }

    #[test]
    fn newton_step_inside() {
        let found = check_optimal(&[1.0, 2.0], &[0.1, -0.2], 10.0);
        assert!(found.interior);
        assert!((found.step[0] + 0.1).abs() < 1e-15 && (found.step[1] - 0.1).abs() < 1e-15);
    }

    #[test]
    fn boundary_saddle_and_hard_cases() {
        assert!(!check_optimal(&[1.0, 2.0], &[0.5, -0.2], 0.1).interior);
        assert!(!check_optimal(&[-1.0, 2.0], &[0.5, -0.2], 1.0).interior);
        assert!(!check_optimal(&[-1.0, 2.0], &[0.0, -0.2], 1.0).interior);
        assert!(!check_optimal(&[-3.0, -1.0], &[0.0, 0.0], 0.5).interior);
        assert!(!check_optimal(&[0.0, 1.0], &[0.5, 0.1], 2.0).interior);
    }

    #[test]
    fn a_direction_without_slope_or_curvature_is_left_alone() {
        let found = solve(&[1e-17, 1.0], &[1e-16, 0.5], 10.0);
        assert_eq!(found.step[0], 0.0);
        assert!(found.interior);
    }
}
