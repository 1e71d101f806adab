//! Fifty samples of each of several designs: whether the reported minimum has the highest
//! likelihood, whether the fit converged, and whether a standard error of 0 is reported.
//!
//! The table: `cargo test --release --test minima -- --ignored --nocapture`; SCOREMATCH_DESIGN
//! selects the designs whose name contains it.

mod support;

use scorematch::fit::{Estimate, Outcome};
use scorematch::numerics::rng::{Stream, stream};
use scorematch::numerics::special::fast;
use support::samples::{self, normal_density};

const SAMPLES: usize = 50;
/// A reported minimum is wrong if the log-likelihood of another listed one is
/// higher by more than this.
const NATS: f64 = 3.0;

const TWO: &str = "param w in (0, 1), m[2], s[2] > 0
log(w*exp(-(x - m[1])^2/(2*s[1]^2))/s[1] + (1 - w)*exp(-(x - m[2])^2/(2*s[2]^2))/s[2])";
const THREE: &str = "param w[3] simplex, m[3], s[3] > 0
log(sum(k in 1:3, w[k]*exp(-(x - m[k])^2/(2*s[k]^2))/s[k]))";
const SKEW: &str = "param a, m, s > 0
-(x - m)^2/(2*s^2) + log_normal_cdf(a*(x - m)/s)";
const STUDENT: &str = "param m, s > 0, nu > 0
-(nu + 1)/2*log(1 + (x - m)^2/(nu*s^2))";

/// The normalised log-density at a point, with parameters in the order of the text.
type LogDensity = fn(f64, &[f64]) -> f64;

fn two(x: f64, p: &[f64]) -> f64 {
    (p[0] * normal_density(x, p[1], p[3]) + (1.0 - p[0]) * normal_density(x, p[2], p[4])).ln()
}

fn three(x: f64, p: &[f64]) -> f64 {
    (0..3).map(|k| p[k] * normal_density(x, p[3 + k], p[6 + k])).sum::<f64>().ln()
}

fn skew(x: f64, p: &[f64]) -> f64 {
    let (a, m, s) = (p[0], p[1], p[2]);
    let z = (x - m) / s;
    std::f64::consts::LN_2 - s.ln() - 0.5 * (z * z + std::f64::consts::TAU.ln())
        + fast::log_normal_cdf(a * z)
}

fn student(x: f64, p: &[f64]) -> f64 {
    let (m, s, nu) = (p[0], p[1], p[2]);
    let z = (x - m) / s;
    fast::lgamma((nu + 1.0) / 2.0)
        - fast::lgamma(nu / 2.0)
        - 0.5 * (nu * std::f64::consts::PI).ln()
        - s.ln()
        - (nu + 1.0) / 2.0 * (z * z / nu).ln_1p()
}

struct Design {
    name: &'static str,
    text: &'static str,
    density: LogDensity,
    truth: &'static [f64],
    draw: fn(&mut Stream) -> f64,
    rows: &'static [usize],
}

const NEAR: &[(f64, f64, f64)] = &[(0.15, 0.0, 1.0), (0.85, 2.5, 1.0)];
const APART: &[(f64, f64, f64)] = &[(0.4, 0.0, 1.0), (0.6, 4.0, 1.0)];
const SCALES: &[(f64, f64, f64)] = &[(0.5, 0.0, 0.3), (0.5, 0.0, 1.5)];
const WIDE: &[(f64, f64, f64)] = &[(0.3, -4.0, 1.0), (0.4, 0.5, 0.8), (0.3, 5.0, 1.2)];
const CLOSE: &[(f64, f64, f64)] = &[(0.3, -3.0, 1.0), (0.4, 0.0, 0.7), (0.3, 3.0, 1.0)];

static DESIGNS: [Design; 9] = [
    Design {
        name: "two normals, 0.4/0.6, 4 sd apart",
        text: TWO,
        density: two,
        truth: &[0.4, 0.0, 4.0, 1.0, 1.0],
        draw: |s| samples::mixture(APART, s),
        rows: &[100, 200, 500],
    },
    Design {
        name: "two normals, 0.15/0.85, 2.5 sd apart",
        text: TWO,
        density: two,
        truth: &[0.15, 0.0, 2.5, 1.0, 1.0],
        draw: |s| samples::mixture(NEAR, s),
        rows: &[100, 200, 500],
    },
    Design {
        name: "two normals, sd 0.3 and 1.5",
        text: TWO,
        density: two,
        truth: &[0.5, 0.0, 0.0, 0.3, 1.5],
        draw: |s| samples::mixture(SCALES, s),
        rows: &[100, 200, 500],
    },
    Design {
        name: "three normals, 4.5 apart",
        text: THREE,
        density: three,
        truth: &[0.3, 0.4, 0.3, -4.0, 0.5, 5.0, 1.0, 0.8, 1.2],
        draw: |s| samples::mixture(WIDE, s),
        rows: &[100, 200, 500],
    },
    Design {
        name: "three normals, 3 apart",
        text: THREE,
        density: three,
        truth: &[0.3, 0.4, 0.3, -3.0, 0.0, 3.0, 1.0, 0.7, 1.0],
        draw: |s| samples::mixture(CLOSE, s),
        rows: &[100, 200, 500],
    },
    Design {
        name: "skew normal, alpha 0",
        text: SKEW,
        density: skew,
        truth: &[0.0, 0.0, 1.0],
        draw: |s| samples::skew_normal(0.0, s),
        rows: &[200],
    },
    Design {
        name: "skew normal, alpha 1",
        text: SKEW,
        density: skew,
        truth: &[1.0, 0.0, 1.0],
        draw: |s| samples::skew_normal(1.0, s),
        rows: &[200],
    },
    Design {
        name: "skew normal, alpha 2",
        text: SKEW,
        density: skew,
        truth: &[2.0, 0.0, 1.0],
        draw: |s| samples::skew_normal(2.0, s),
        rows: &[200],
    },
    Design {
        name: "Student's t, nu 5",
        text: STUDENT,
        density: student,
        truth: &[0.0, 1.0, 5.0],
        draw: |s| samples::student(5, s),
        rows: &[200],
    },
];

/// Counts over the samples of one design and number of rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Count {
    /// Fits with more than one minimum that is not degenerate.
    several: usize,
    /// Fits in which another listed minimum is better than the reported one.
    wrong: usize,
    /// Fits none of whose minima has nearly the likelihood of the truth.
    lost: usize,
    not_converged: usize,
    /// Fits that report a standard error of exactly 0.
    zero: usize,
    /// Converged fits in which an interior parameter has no standard error.
    without: usize,
}

impl Design {
    fn sample(&self, n: usize, sample: usize) -> Vec<f64> {
        let place = DESIGNS.iter().position(|other| other.name == self.name);
        let place = place.expect("a design of the table");
        let mut stream = stream(50, (place * 1_000_000 + n * 1000 + sample) as u64);
        (0..n).map(|_| (self.draw)(&mut stream)).collect()
    }

    fn log_likelihood(&self, x: &[f64], p: &[f64]) -> f64 {
        x.iter().map(|&x| (self.density)(x, p)).sum()
    }

    fn judged(&self, n: usize, sample: usize) -> Count {
        let x = self.sample(n, sample);
        let Ok(fit) = samples::fit(self.text, &vec![("x", x.clone())]) else {
            return Count { not_converged: 1, ..Count::default() };
        };
        let count = self.judge(&x, &fit);
        if count != (Count { several: count.several, ..Count::default() }) {
            self.tell(sample, &x, &fit);
        }
        count
    }

    fn judge(&self, x: &[f64], fit: &Estimate) -> Count {
        let nats: Vec<f64> =
            fit.minima.iter().map(|m| self.log_likelihood(x, &m.estimate)).collect();
        let best = nats.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let converged = fit.outcome == Outcome::Converged;
        let errors = || fit.parameters.iter().map(|p| p.std_error);
        Count {
            several: usize::from(nats.len() > 1),
            wrong: usize::from(nats.first().is_some_and(|&first| first < best - NATS)),
            lost: usize::from(best < self.log_likelihood(x, self.truth) - NATS),
            not_converged: usize::from(!converged),
            zero: usize::from(errors().any(|error| error == Some(0.0))),
            without: usize::from(converged && errors().any(|error| error.is_none())),
        }
    }

    /// Prints the minima of a sample that counts as a failure.
    fn tell(&self, sample: usize, x: &[f64], fit: &Estimate) {
        println!("  sample {sample}: {:?}, {}", fit.outcome, fit.stop_reason);
        println!("    truth {:.2}", self.log_likelihood(x, self.truth));
        for m in fit.minima.iter().take(4) {
            let nats = self.log_likelihood(x, &m.estimate);
            println!("    {nats:.2} nats, J {:.6}, at {:.4?}", m.objective, m.estimate);
        }
        let errors: Vec<_> = fit.parameters.iter().map(|p| p.std_error).collect();
        let at: Vec<f64> = fit.parameters.iter().map(|p| p.estimate).collect();
        let codes: Vec<&str> = fit.warnings.iter().map(|w| w.code).collect();
        println!("    at {at:.4?}, errors {errors:.3?}, warnings {codes:?}");
    }

    fn count(&self, n: usize, samples: usize) -> Count {
        let one = |total: Count, sample| total.plus(self.judged(n, sample));
        (0..samples).fold(Count::default(), one)
    }
}

impl Count {
    fn plus(self, other: Self) -> Self {
        Self {
            several: self.several + other.several,
            wrong: self.wrong + other.wrong,
            lost: self.lost + other.lost,
            not_converged: self.not_converged + other.not_converged,
            zero: self.zero + other.zero,
            without: self.without + other.without,
        }
    }
}

/// Compares each density with simpler ones that it contains.
#[test]
fn densities_agree_where_they_meet() {
    for x in [-3.0, -0.2, 0.0, 1.7] {
        let normal = normal_density(x, 0.3, 1.2).ln();
        let close = |got: f64, want: f64| assert!((got - want).abs() < 1e-12, "{got} {want}");
        close(skew(x, &[0.0, 0.3, 1.2]), normal);
        close(two(x, &[0.4, 0.3, 0.3, 1.2, 1.2]), normal);
        close(three(x, &[0.2, 0.5, 0.3, 0.3, 0.3, 0.3, 1.2, 1.2, 1.2]), normal);
        // One degree of freedom is Cauchy's distribution.
        let z = (x - 0.3) / 1.2;
        close(student(x, &[0.3, 1.2, 1.0]), -(std::f64::consts::PI * 1.2 * (1.0 + z * z)).ln());
    }
    // The skew normal has mass one under the midpoint rule, and a skewness of the right sign.
    let mass: f64 = (0..4000)
        .map(|k| skew(-10.0 + 0.005 * (f64::from(k) + 0.5), &[2.0, 0.3, 1.2]))
        .map(f64::exp)
        .sum();
    assert!((0.005 * mass - 1.0).abs() < 1e-9, "{mass}");
}

#[test]
fn three_samples_of_two_normals() {
    let count = DESIGNS[0].count(500, 3);
    assert_eq!((count.wrong, count.lost, count.not_converged, count.zero), (0, 0, 0, 0));
}

#[test]
#[ignore = "prints a table of some minutes"]
fn share_of_wrong_minima() {
    let asked = std::env::var("SCOREMATCH_DESIGN").unwrap_or_default();
    let mut table = vec![
        "| design | n | several | wrong | lost | not converged | error 0 | no error |".to_owned(),
    ];
    let mut failures = Vec::new();
    for design in DESIGNS.iter().filter(|design| design.name.contains(&asked)) {
        for &n in design.rows {
            println!("{}, n = {n}", design.name);
            let c = design.count(n, SAMPLES);
            table.push(format!(
                "| {} | {n} | {} | {} | {} | {} | {} | {} |",
                design.name, c.several, c.wrong, c.lost, c.not_converged, c.zero, c.without
            ));
            // Failures may be 15 % below 300 rows, and 5 % from there on.
            let most = if n < 300 { 7 } else { 2 };
            if c.wrong > most || c.zero > 0 {
                failures.push(format!("{}, n = {n}: {c:?}", design.name));
            }
        }
    }
    println!("{}", table.join("\n"));
    assert!(failures.is_empty(), "{failures:#?}");
}
