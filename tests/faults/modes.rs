//! Mixtures whose components are far apart, points at which J is only nearly minimal,
//! and spikes on a few rows.

use scorematch::fit::Estimate;

use crate::cases::{Draws, given, has, own, right, rounded, told};

const TWO: &str = "param w in (0, 1), m[2], s[2] > 0
log(w*exp(-(x - m[1])^2/(2*s[1]^2))/s[1] + (1 - w)*exp(-(x - m[2])^2/(2*s[2]^2))/s[2])";

const THREE: &str = "param w[3] simplex, m[3], s[3] > 0
log(sum(k in 1:3, w[k]*exp(-(x - m[k])^2/(2*s[k]^2))/s[k]))";

/// Checks that a warning says that the data do not decide this parameter, and that it has no
/// standard error, or one of at least `least`.
#[track_caller]
fn undecided(fit: &Estimate, name: &str, least: f64) {
    let parameter = fit.parameters.iter().find(|p| p.name == name).expect("a parameter");
    assert!(parameter.std_error.is_none_or(|error| error >= least), "{}", told(fit));
    let says = |w: &scorematch::fit::Warning| {
        matches!(w.code, "weight-barely-identified" | "flat-direction") && w.message.contains(name)
    };
    assert!(fit.warnings.iter().any(says), "nothing is said of {name}\n{}", told(fit));
}

/// Means, standard deviations and their standard errors for the rows below and above 5: the overlap
/// of normals 12 standard deviations apart is e⁻¹⁸. The standard error of the weight is the
/// sandwich to 60 digits.
#[test]
fn modes_twelve_deviations_apart() {
    let fit = given("separated-12");
    let want = [("m[1]", -0.0378519), ("m[2]", 11.9647351), ("s[1]", 1.0346434)];
    right(&fit, 1e-5, &want);
    right(&fit, 1e-6, &[("s[2]", 0.9827595), ("J", -0.50251091)]);
    let want = [
        ("error m[1]", 0.094449587),
        ("error m[2]", 0.058731115),
        ("error s[1]", 0.078868414),
        ("error s[2]", 0.039255015),
    ];
    right(&fit, 0.03, &want);
    undecided(&fit, "w", 0.1417 * 0.97);
}

/// Right values are those of two separate samples.
#[test]
fn modes_twenty_deviations_apart() {
    let fit = given("separated-20");
    let want = [
        ("m[1]", -0.03785185604),
        ("m[2]", 19.96473509),
        ("s[1]", 1.034643391),
        ("s[2]", 0.9827595222),
        ("J", -0.5025109),
    ];
    right(&fit, 1e-6, &want);
    let want = [
        ("error m[1]", 0.094449587),
        ("error m[2]", 0.058731115),
        ("error s[1]", 0.078868414),
        ("error s[2]", 0.039255014),
    ];
    right(&fit, 0.03, &want);
    undecided(&fit, "w", 0.14);
}

fn samples(seed: u64, of: &[(usize, f64, f64)]) -> Vec<f64> {
    let mut draws = Draws::new(seed);
    let rows = of.iter().flat_map(|part| std::iter::repeat_n(part, part.0));
    rows.map(|(_, mean, sd)| rounded(mean + sd * draws.normal(), 5)).collect()
}

/// Right values are those of two separate samples; J is the mean of -1/(2s²) over rows.
#[test]
fn unlike_modes_thirty_deviations_apart() {
    let fit = own(TWO, &[("x", samples(207, &[(150, 5.0, 2.0), (90, 65.0, 1.5)]))]);
    let want = [
        ("m[1]", 4.871981133),
        ("m[2]", 65.10143356),
        ("s[1]", 2.104889363),
        ("s[2]", 1.512269638),
        ("J", -0.15251944359),
    ];
    right(&fit, 1e-6, &want);
    let want = [
        ("error m[1]", 0.1718635),
        ("error m[2]", 0.15940722),
        ("error s[1]", 0.10262411),
        ("error s[2]", 0.11886874),
    ];
    right(&fit, 0.03, &want);
    undecided(&fit, "w", 0.14);
}

/// Right values are those of three separate samples.
#[test]
fn three_modes_far_apart() {
    let x = samples(208, &[(80, -40.0, 1.0), (120, 0.0, 1.5), (100, 60.0, 2.0)]);
    let fit = own(THREE, &[("x", x)]);
    let want = [
        ("m[1]", -40.02174488),
        ("m[2]", 0.03852358333),
        ("m[3]", 60.045078),
        ("s[1]", 1.070851235),
        ("s[2]", 1.481586301),
        ("s[3]", 2.054395268),
    ];
    right(&fit, 1e-6, &want);
    let want = [
        ("error m[1]", 0.11972481),
        ("error m[2]", 0.13524971),
        ("error m[3]", 0.20543953),
        ("error s[1]", 0.087820493),
        ("error s[2]", 0.087076402),
        ("error s[3]", 0.14099199),
    ];
    right(&fit, 0.03, &want);
    undecided(&fit, "w[1]", 0.1);
}

const SKEW: &str = "param mu, s > 0, a
-(x - mu)^2/(2*s^2) + log_normal_cdf(a*(x - mu)/s)";

/// Checks that no reported minimum is the inflection at a = 0, through which J decreases.
#[track_caller]
fn no_inflection(fit: &Estimate) {
    assert!(fit.minima.iter().all(|minimum| minimum.estimate[2].abs() > 1e-3), "{}", told(fit));
}

/// J by its formula, minimised by Nelder and Mead's method from three starts.
#[test]
fn a_skew_normal_has_no_minimum_at_zero() {
    let fit = given("skew-normal-inflection");
    let want = [("a", 3.639012), ("mu", -0.2138090), ("s", 1.0897786), ("J", -1.3586796)];
    right(&fit, 1e-6, &want);
    no_inflection(&fit);
}

/// Draws of a skew normal: shape times |u|, plus v, for standard normal u and v.
fn skewed(seed: u64, shape: f64) -> Vec<f64> {
    let mut draws = Draws::new(seed);
    let d = shape / (1.0 + shape * shape).sqrt();
    let draw = |_| {
        let (u, v) = (draws.normal().abs(), draws.normal());
        rounded(1000.0 + 50.0 * (d * u + (1.0 - d * d).sqrt() * v), 2)
    };
    (0..200).map(draw).collect()
}

/// Computed as in the test above, from six starts, in units of a fiftieth.
#[test]
fn skew_normals_in_other_units() {
    let fit = own(SKEW, &[("x", skewed(212, -2.5))]);
    let want = [("a", -3.5969855), ("mu", 1004.270302), ("s", 47.902868), ("J", -0.000730659409)];
    right(&fit, 1e-6, &want);
    no_inflection(&fit);
    let fit = own(SKEW, &[("x", skewed(210, 1.2))]);
    let want = [("a", 1.0209891), ("mu", 1002.582928), ("s", 48.4068895), ("J", -0.000319738561)];
    right(&fit, 1e-6, &want);
    no_inflection(&fit);
}

/// J by its formula; of the minima that Nelder and Mead's method finds, the one
/// with the highest likelihood.
#[test]
fn a_spike_does_not_win() {
    let want = [
        ("w", 0.415835),
        ("m[1]", -0.032623),
        ("m[2]", 2.670647),
        ("s[1]", 0.830011),
        ("s[2]", 0.853607),
        ("J", -0.3869371),
    ];
    right(&given("mixture-spike"), 2e-5, &want);
}

fn mixed(seed: u64, n: usize, weight: f64, parts: [(f64, f64); 2]) -> Vec<f64> {
    let mut draws = Draws::new(seed);
    let draw = |_| {
        let (mean, sd) = parts[usize::from(draws.uniform() >= weight)];
        rounded(mean + sd * draws.normal(), 5)
    };
    (0..n).map(draw).collect()
}

/// Computed as in the test above, from 25 starts: two normals with one mean, and two with different
/// variances. J is lower at less likely minima: -1.567370 (log-likelihood per row -1.649768 against
/// -1.641778) in the first, -0.880586 (-2.768865 against -2.591119) in the second.
#[test]
fn spikes_do_not_win_elsewhere() {
    let fit = own(TWO, &[("x", mixed(301, 250, 0.35, [(0.0, 0.3), (0.0, 1.5)]))]);
    let want = [
        ("w", 0.597051),
        ("m[1]", -0.2479393),
        ("m[2]", -0.0110410),
        ("s[1]", 1.6766581),
        ("s[2]", 0.2649848),
        ("J", -1.480428),
    ];
    right(&fit, 1e-5, &want);
    let fit = own(TWO, &[("x", mixed(303, 300, 0.25, [(10.0, 1.0), (16.0, 2.5)]))]);
    let want = [
        ("w", 0.2582072),
        ("m[1]", 9.8275421),
        ("m[2]", 15.6478092),
        ("s[1]", 0.7539536),
        ("s[2]", 3.1452550),
        ("J", -0.169236),
    ];
    right(&fit, 1e-5, &want);
    assert!(!has(&fit, "flat-direction"));
}
