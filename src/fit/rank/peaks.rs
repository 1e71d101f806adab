//! Local maxima of many functions of one variable, found simultaneously.

/// Most steps of an ascent.
const STEPS: usize = 60;
/// Distance from a maximum at which an ascent ends, in units of its scale.
const NEAR: f64 = 0.1;
/// Maxima of one function closer than this multiple of the smaller scale are one.
const SAME: f64 = 0.5;
/// A maximum is ignored where its mass is smaller than the largest by this many nats.
const NEGLIGIBLE: f64 = 20.0;

/// f and its first two derivatives at points, each given with the index of its function.
pub(super) type Taylor<'a> = dyn Fn(&[usize], &[f64]) -> Vec<Vec<f64>> + 'a;

/// A local maximum.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Peak {
    pub at: f64,
    /// (-f'')^-½, or 1/|f'| at a kink.
    pub scale: f64,
    pub height: f64,
}

/// The state of an ascent.
#[derive(Clone, Copy, Debug)]
struct Climb {
    function: usize,
    at: f64,
    value: f64,
    slope: f64,
    curvature: f64,
    /// The longest step that is tried.
    reach: f64,
}

/// The maxima of each of `functions` that ascents from the starts reach; each start is a pair of the
/// index of its function and a point. `reach` is the longest first step. Empty where f is not finite
/// at any start.
pub(super) fn peaks(
    taylor: &Taylor<'_>,
    functions: usize,
    starts: &[(usize, f64)],
    reach: f64,
) -> Vec<Vec<Peak>> {
    let mut found = vec![Vec::new(); functions];
    for climb in climbed(taylor, starts, reach) {
        found[climb.function].push(climb.peak(reach));
    }
    found.into_iter().map(distinct).collect()
}

fn climbed(taylor: &Taylor<'_>, starts: &[(usize, f64)], reach: f64) -> Vec<Climb> {
    let (functions, points): (Vec<usize>, Vec<f64>) = starts.iter().copied().unzip();
    let values = taylor(&functions, &points);
    let begin = |i: usize| Climb {
        function: functions[i],
        at: points[i],
        value: values[0][i],
        slope: values[1][i],
        curvature: values[2][i],
        reach,
    };
    let mut climbs: Vec<Climb> =
        (0..starts.len()).map(begin).filter(|climb| climb.value.is_finite()).collect();
    for _ in 0..STEPS {
        let under_way: Vec<usize> =
            (0..climbs.len()).filter(|&k| !climbs[k].has_arrived()).collect();
        if under_way.is_empty() {
            break;
        }
        let functions: Vec<usize> = under_way.iter().map(|&k| climbs[k].function).collect();
        let points: Vec<f64> = under_way.iter().map(|&k| climbs[k].trial()).collect();
        let values = taylor(&functions, &points);
        for (i, &k) in under_way.iter().enumerate() {
            climbs[k].advance(points[i], [values[0][i], values[1][i], values[2][i]]);
        }
    }
    climbs
}

impl Climb {
    /// The Newton step where the function is concave, else a step of full length uphill.
    fn step(&self) -> f64 {
        if self.curvature < 0.0 {
            (-self.slope / self.curvature).clamp(-self.reach, self.reach)
        } else {
            self.reach.copysign(self.slope)
        }
    }

    fn trial(&self) -> f64 {
        self.at + self.step()
    }

    fn advance(&mut self, at: f64, [value, slope, curvature]: [f64; 3]) {
        let step = (at - self.at).abs();
        if value >= self.value && slope.is_finite() && curvature.is_finite() {
            // If the slope has changed sign, the maximum lies between.
            let crossed = slope * self.slope < 0.0;
            let reach = if crossed { 0.5 * step } else { self.reach.max(2.0 * step) };
            let function = self.function;
            *self = Self { function, at, value, slope, curvature, reach };
        } else {
            self.reach = 0.25 * step;
        }
    }

    /// Whether the point is within [`NEAR`] of the maximum, or as close as rounding permits.
    fn has_arrived(&self) -> bool {
        let (step, rounding) = (self.step().abs(), 2.0 * f64::EPSILON * self.at.abs());
        self.slope * self.slope <= NEAR * NEAR * -self.curvature
            || self.slope == 0.0
            || step.is_nan()
            || step <= rounding
    }

    fn peak(&self, reach: f64) -> Peak {
        let scales = [(-self.curvature).sqrt().recip(), self.slope.abs().recip(), reach];
        let scale = scales.into_iter().find(|scale| scale.is_finite() && *scale > 0.0);
        Peak { at: self.at, scale: scale.unwrap_or(1.0), height: self.value }
    }
}

impl Peak {
    /// Logarithm of the mass by Laplace's approximation, up to a constant.
    fn mass(&self) -> f64 {
        self.height + self.scale.ln()
    }

    fn is_same(&self, other: &Self) -> bool {
        let rounding = 8.0 * f64::EPSILON * self.at.abs();
        (self.at - other.at).abs() <= SAME * self.scale.min(other.scale) + rounding
    }
}

/// The distinct maxima of non-negligible mass, that of largest mass first.
fn distinct(mut found: Vec<Peak>) -> Vec<Peak> {
    found.sort_by(|a, b| b.mass().total_cmp(&a.mass()));
    let mut kept: Vec<Peak> = Vec::new();
    for peak in found {
        let small = kept.first().is_some_and(|first| peak.mass() < first.mass() - NEGLIGIBLE);
        if !small && !kept.iter().any(|other| other.is_same(&peak)) {
            kept.push(peak);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(f: impl Fn(f64) -> [f64; 3], starts: &[f64]) -> Vec<Peak> {
        let taylor = |_: &[usize], points: &[f64]| {
            let at = |k: usize| points.iter().map(|&x| f(x)[k]).collect();
            (0..3).map(at).collect()
        };
        let starts: Vec<(usize, f64)> = starts.iter().map(|&x| (0, x)).collect();
        peaks(&taylor, 1, &starts, 1.0).swap_remove(0)
    }

    #[test]
    fn a_parabola_takes_one_step() {
        let f = |x: f64| [-0.5 * ((x - 3.0) / 1e-9).powi(2), (3.0 - x) * 1e18, -1e18];
        let found = of(f, &[2.5, 3.0 + 1e-8, 3.9]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!((found[0].at - 3.0).abs() < 1e-10 && (found[0].scale * 1e9 - 1.0).abs() < 1e-12);
    }

    #[test]
    fn ascents_from_tails_arrive() {
        // -log cosh x has the curvature 4 exp(-2|x|) in the tails, and the log-density of Student's t
        // is convex there.
        let logistic = |x: f64| [-x.cosh().ln(), -x.tanh(), -x.cosh().powi(-2)];
        let student = |x: f64| {
            let q = 1.0 + x * x;
            [-q.ln(), -2.0 * x / q, -2.0 / q + 4.0 * x * x / (q * q)]
        };
        for start in [0.3, -2.0, 17.0, -300.0] {
            for found in [of(logistic, &[start]), of(student, &[start])] {
                assert!(found[0].at.abs() < 0.2, "{start} {found:?}");
            }
        }
    }

    #[test]
    fn a_kink_and_two_maxima() {
        let laplace = |x: f64| [-(x - 0.4).abs() / 0.01, (0.4 - x).signum() / 0.01, 0.0];
        let found = of(laplace, &[0.0, 2.0]);
        assert!(found.len() == 1 && (found[0].at - 0.4).abs() < 1e-9, "{found:?}");
        assert!((found[0].scale - 0.01).abs() < 1e-12);
        // -(x² - 1)²
        let well = |x: f64| [-(x * x - 1.0).powi(2), -4.0 * x * (x * x - 1.0), 4.0 - 12.0 * x * x];
        let found = of(well, &[-3.0, 0.2, 5.0]);
        assert!(found.len() == 2 && found.iter().all(|peak| (peak.at.abs() - 1.0).abs() < 0.05));
    }
}
