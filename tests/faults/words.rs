//! Messages: where derivatives do not exist, and warnings that are true.

use scorematch::fit::{Error, Options, first_not_finite, fit};
use scorematch::objective::Specification;

use crate::cases::{Case, Draws, around, given, has, noisy, own, program, right, told};

/// The derivatives of the text exist: sqrt((x/s)⁴) is (x/s)².
#[test]
fn a_root_of_a_fourth_power_is_checked() {
    let check = program(
        "check tests/faults/check-says-ok/model.energy tests/faults/check-says-ok/data.csv",
    );
    assert!(check.status.success(), "{check:?}");
    let said = String::from_utf8(check.stdout).expect("UTF-8");
    for quantity in ["score", "Laplacian"] {
        let counts = [quantity, "20", "0", "0", "0"];
        let of_it = said.lines().find(|line| line.starts_with(quantity)).expect("a line");
        assert!(of_it.split_whitespace().take(5).eq(counts), "{said}");
    }
    assert!(said.contains("ok: derivatives agree"), "{said}");
}

/// The first derivative of √|x| at 0 does not exist, nor does the second one of |x|^1.2.
#[test]
fn a_check_fails_where_derivatives_do_not_exist() {
    for text in ["-s*sqrt(abs(x))", "-s*(x^2)^0.6"] {
        let data = "tests/faults/check-says-ok/data.csv";
        let text = text.replace(' ', "");
        let check = program(&format!("check -e {text} {data}"));
        assert_eq!(check.status.code(), Some(1), "{text}: {check:?}");
        let eval = program(&format!("eval -e {text} {data} --at s=1"));
        let said = String::from_utf8(eval.stderr).expect("UTF-8")
            + &String::from_utf8(eval.stdout).expect("UTF-8");
        assert!(said.contains("not-finite") && said.contains("x = 0"), "{text}: {said}");
    }
}

/// |x|^½ has no derivative in the first row, which is named, also where J is not finite at any
/// candidate.
#[test]
fn a_row_without_derivatives_is_named() {
    let case = Case::own("param a > 0\n-a*sqrt(abs(x))", &[("x", vec![1.0, 2.0, 0.0, -1.0])]);
    let specification = Specification::of(&case.model).expect("the line has an objective");
    let first = first_not_finite(&specification, &case.model, &case.rows.slices(), &[1.0], 1);
    let first = first.expect("a row");
    assert_eq!(first.row, 2);
    let error: Error = fit(&case.model, &case.rows, &Options::default()).expect_err("no fit");
    let said = format!("{error:?}");
    assert!(said.contains("row: 2"), "{said}");
}

/// Least squares by MINPACK. The marginal density of a response is cut off
/// wherever that of its mean is.
#[test]
fn a_response_has_no_edge() {
    let fit = given("edge-warning-regression");
    assert!(!has(&fit, "evident-edge"), "{}", told(&fit));
    right(&fit, 1e-5, &[("a", 3.005543), ("b", -0.005258927), ("s2", 0.002392846)]);
}

#[test]
fn straight_lines_have_no_edge() {
    let text = around("a, b", "a + b*x");
    for seed in 600..640 {
        let x: Vec<f64> = (0..120).map(|k| f64::from(k) / 120.0).collect();
        let fit = own(&text, &noisy((seed, 0.05, 6), x, |x| 1.0 + 3.0 * x));
        assert!(!has(&fit, "evident-edge"), "seed {seed}\n{}", told(&fit));
    }
}

/// An exponential density is cut off at its edge, which a warning says.
#[test]
fn an_edge_without_covariates_is_warned_of() {
    let mut draws = Draws::new(641);
    let x = (0..400).map(|_| -draws.uniform().ln()).collect();
    let fit = own("param mu, s2 > 0\n-(x - mu)^2/(2*s2)", &[("x", x)]);
    assert!(has(&fit, "evident-edge"), "{}", told(&fit));
}

/// Whether the score jumps at zero was determined by hand.
#[test]
fn kinks_are_jumps_of_the_score() {
    let smooth = ["abs(x)^3", "abs(x)^2.5", "max(x, 0)^3", "x*abs(x)", "if(x > 0, x^2, 0)"];
    let kinked =
        ["abs(x)", "sqrt(x^2)", "(x^2)^0.5", "norm([x, 0])", "if(x > 0, x, 0)", "max(x, 0)"];
    let x = (-20..=20).map(|k| f64::from(k) / 8.0).collect::<Vec<_>>();
    let told_of = |term: &str| {
        let text = format!("data x\nparam a, b\nlogp = -a*x^2 - b*{term}");
        let case = Case::own(&text, &[("x", x.clone())]);
        case.model.warnings().iter().any(|warning| warning.code == "kink-in-data")
    };
    let false_alarms: Vec<_> = smooth.iter().filter(|term| told_of(term)).collect();
    let silent: Vec<_> = kinked.iter().filter(|term| !told_of(term)).collect();
    assert!(false_alarms.is_empty() && silent.is_empty(), "{false_alarms:?} {silent:?}");
}

/// In a density that is not an exponential family, columns are weighted by their units;
/// in a normal they are not.
#[test]
fn units_are_warned_of_where_they_matter() {
    let mut draws = Draws::new(643);
    let mut column = |scale: f64| (0..150).map(|_| scale * draws.normal()).collect::<Vec<_>>();
    let data = [("x1", column(1.0)), ("x2", column(50.0))];
    let cosh = "data x[2]\nparam m, s > 0\n-log_cosh((x[1] - m)/s) - log_cosh((x[2] - m)/s)";
    assert!(has(&own(cosh, &data), "column-units"));
    let normal = "data x[2]\nparam m[2], K[2,2] symmetric\n-(x - m)'*K*(x - m)/2";
    assert!(!has(&own(normal, &data), "column-units"));
}
