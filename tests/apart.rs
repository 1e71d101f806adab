//! Two normals far apart: each component is fitted as if alone, and a warning says that score
//! matching cannot identify the weight across the empty space between them.

mod support;

use scorematch::fit::{Estimate, Outcome};
use scorematch::numerics::rng::stream;
use support::samples::{fit, parameter};

const TWO: &str = "param w in (0, 1), m[2], s[2] > 0
log(w*exp(-(x - m[1])^2/(2*s[1]^2))/s[1] + (1 - w)*exp(-(x - m[2])^2/(2*s[2]^2))/s[2])";
const ONE: &str = "param m, s > 0\n-(x - m)^2/(2*s^2)";

/// 120 rows around 0 and 280 around `gap`, both with standard deviation 1.
fn groups(gap: f64, key: u64) -> [Vec<f64>; 2] {
    let mut s = stream(40, key);
    let low = (0..120).map(|_| s.normal()).collect();
    let high = (0..280).map(|_| gap + s.normal()).collect();
    [low, high]
}

/// The differences from fits of the groups alone, in words.
fn faults(gap: f64, key: u64) -> Vec<String> {
    let [low, high] = groups(gap, key);
    let together = fit(TWO, &vec![("x", [low.clone(), high.clone()].concat())]).expect("a fit");
    let mut faults = Vec::new();
    if together.outcome != Outcome::Converged {
        faults.push(format!("{:?}: {}", together.outcome, together.stop_reason));
    }
    for (k, group) in [low, high].into_iter().enumerate() {
        let alone = fit(ONE, &vec![("x", group)]).expect("a fit");
        for name in ["m", "s"] {
            faults.extend(difference(&together, &alone, name, k + 1));
        }
    }
    if !weight_is_undecided(&together) {
        let codes: Vec<&str> = together.warnings.iter().map(|w| w.code).collect();
        faults.push(format!("w: {:?}, {codes:?}", parameter(&together, "w")));
    }
    faults
}

/// Compares a component's parameter with that of its group alone: estimates may differ by 3 % of a
/// standard error, standard errors by 3 %.
fn difference(together: &Estimate, alone: &Estimate, name: &str, k: usize) -> Option<String> {
    let name_of = format!("{name}[{k}]");
    let (got, want) = (parameter(together, &name_of), parameter(alone, name));
    let error = want.std_error.expect("a normal alone has errors");
    let near = (got.estimate - want.estimate).abs() < 0.03 * error
        && got.std_error.is_some_and(|got| (got / error - 1.0).abs() < 0.03);
    (!near).then(|| {
        format!(
            "{name_of}: {} ± {:?}, alone {} ± {error}",
            got.estimate, got.std_error, want.estimate
        )
    })
}

/// Whether the weight has no standard error, or a warning that names it.
fn weight_is_undecided(fit: &Estimate) -> bool {
    let codes = ["weight-barely-identified", "flat-direction", "unidentified"];
    let warned = fit.warnings.iter().any(|w| codes.contains(&w.code) && w.message.contains('w'));
    parameter(fit, "w").std_error.is_none() || warned
}

#[test]
fn components_far_apart_are_as_if_alone() {
    // In the last three the weight is within rounding of 0 or 1, and the labels are exchanged.
    for (gap, key) in [(12.0, 0), (30.0, 0), (15.0, 3), (20.0, 7), (40.0, 1)] {
        let faults = faults(gap, key);
        assert!(faults.is_empty(), "{gap} sd, sample {key}: {faults:#?}");
    }
}

#[test]
#[ignore = "fifty fits"]
fn ten_to_forty_deviations_apart() {
    let mut failed = 0;
    for gap in [10.0, 15.0, 20.0, 30.0, 40.0] {
        for key in 0..10 {
            let faults = faults(gap, key);
            let [low, high] = groups(gap, key);
            let fit = fit(TWO, &vec![("x", [low, high].concat())]).expect("a fit");
            let w = parameter(&fit, "w");
            let codes: Vec<&str> = fit.warnings.iter().map(|w| w.code).collect();
            println!(
                "{gap} sd, sample {key}: w {:.4} ± {:?}, {:?}, {codes:?}, {} minima {faults:#?}",
                w.estimate,
                w.std_error,
                w.status,
                fit.minima.len()
            );
            failed += usize::from(!faults.is_empty());
        }
    }
    assert_eq!(failed, 0, "of 50 samples");
}
