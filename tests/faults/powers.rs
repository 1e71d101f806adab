//! Powers with estimated exponents of zero and of negative numbers, and under roots.

use scorematch::analysis::Evaluation;
use scorematch::fit::Options;

use crate::cases::{Case, Draws, around, given, noisy, own, right, rounded};

fn grid(count: usize, at: impl Fn(usize) -> f64) -> Vec<f64> {
    (0..count).map(at).collect()
}

/// Least squares by MINPACK in doubles, from several starts.
const HILL: [(&str, f64); 6] = [
    ("bottom", 1.917599232),
    ("top", 9.776923543),
    ("ec50", 5.180124813),
    ("h", 1.431903168),
    ("s2", 0.0837507737713),
    ("J", -5.970094),
];

#[test]
fn a_dose_of_zero_is_fitted() {
    right(&given("zero-dose-hill"), 1e-6, &HILL);
}

#[test]
fn a_dose_of_zero_is_fitted_from_the_right_values() {
    let start = |options: Options, (name, value): &(&str, f64)| options.start(name, *value);
    let options = HILL.iter().take(5).fold(Options::default(), start);
    let case = Case::file("zero-dose-hill", "model", "data");
    right(&case.fit_with(&options), 1e-6, &HILL);
}

/// Least squares by MINPACK.
#[test]
fn a_power_law_begins_at_zero() {
    let want = [("a", 2.421390001), ("b", 1.414043175), ("s2", 0.125653495165)];
    right(&given("zero-power-law"), 1e-6, &want);
}

/// The mean over rows of ∂ρ/∂b with ρ = (y - f)²/(2·s2²) - 1/s2, to 60 digits; the row at zero does
/// not contribute.
#[test]
fn the_slope_in_an_exponent_exists_at_zero() {
    let case = Case::file("zero-power-law", "model", "data");
    let at = Evaluation::of(&case.model, &case.rows, &[2.0, 1.5, 1.0], 1).expect("an evaluation");
    let (name, slope) = &at.gradient[1];
    assert_eq!(name, "b");
    assert!((slope + 2.100_742_082_742_65).abs() < 1e-12, "{slope}");
}

/// Least squares by MINPACK.
#[test]
fn growth_from_zero_with_a_fitted_exponent() {
    let curve = |x: f64| 9.0 - 7.0 * (-(x / 4.0).powf(1.6)).exp();
    let data = noisy((101, 0.15, 4), grid(30, |k| (k % 15) as f64), curve);
    let fit = own(&around("a, b, c > 0, d > 0", "a - b*exp(-(x/c)^d)"), &data);
    let want = [
        ("a", 9.008292581),
        ("b", 7.11454051),
        ("c", 3.925411156),
        ("d", 1.578719259),
        ("s2", 0.0241290340215),
    ];
    right(&fit, 1e-6, &want);
}

/// Least squares by MINPACK.
#[test]
fn a_quotient_with_a_fitted_exponent() {
    let curve = |x: f64| 8.0 / (1.0 + 0.3 * x.powf(1.7));
    let data = noisy((102, 0.1, 4), grid(36, |k| (k % 12) as f64 / 2.0), curve);
    let fit = own(&around("a, b > 0, c > 0", "a/(1 + b*x^c)"), &data);
    let want =
        [("a", 7.963779228), ("b", 0.2984709406), ("c", 1.704994054), ("s2", 0.00706557586997)];
    right(&fit, 1e-6, &want);
}

/// J by its formula, minimised by Nelder and Mead's method from four starts.
#[test]
fn a_generalised_normal_is_fitted() {
    let want = [("mu", 2.8654622), ("s", 1.8914219), ("p", 3.1474318), ("J", -0.45424062)];
    right(&given("generalised-normal"), 1e-6, &want);
}

/// Computed as in the test above, from five starts.
#[test]
fn a_flat_topped_density_is_fitted() {
    let mut draws = Draws::new(201);
    let x = (0..500).map(|_| {
        let middle = -4.0 + 6.0 * (draws.uniform() - 0.5);
        rounded(middle + 0.5 * draws.normal(), 5)
    });
    let fit = own("param mu, s > 0, p > 1\n-abs((x - mu)/s)^p", &[("x", x.collect())]);
    let want = [("mu", -3.92526131), ("s", 3.06718804), ("p", 4.83220913), ("J", -0.2696056081)];
    right(&fit, 1e-6, &want);
}

/// For -a x² J is -2a + 2a² mean x², so that a = 1/(2 mean x²).
#[test]
fn a_held_exponent_is_a_number() {
    let mut draws = Draws::new(203);
    let x = (0..100).map(|_| rounded(1.3 * draws.normal(), 3)).collect();
    let case = Case::own("param a > 0, p\n-a*x^p", &[("x", x)]);
    let fit = case.fit_with(&Options::default().hold("p", 2.0));
    right(&fit, 1e-9, &[("a", 0.2733702460073606), ("p", 2.0)]);
}

/// With f = x^n, the estimate of a is Σ f y / Σ f².
#[test]
fn whole_exponents_in_a_column_have_negative_bases() {
    let bases = [-3.0, -2.5, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0_f64];
    let x: Vec<f64> = (0..30).map(|k| bases[k % 10]).collect();
    let n: Vec<f64> = (0..30).map(|k| (1 + k / 10) as f64).collect();
    let mut draws = Draws::new(203);
    let mean = x.iter().zip(&n).map(|(x, n)| 1.7 * x.powf(*n));
    let y = mean.map(|mean| rounded(mean + 0.2 * draws.normal(), 4)).collect();
    let text = "data y\ncovariate x, n\nparam a, s2 > 0\nlogp = -(y - a*x^n)^2/(2*s2)";
    let fit = own(text, &[("y", y), ("x", x), ("n", n)]);
    right(&fit, 1e-9, &[("a", 1.70299651392), ("s2", 0.0420619276276)]);
}

/// |x|³ written in four ways, with derivatives by hand: score -3x|x|, Laplacian -6|x|.
#[test]
fn powers_under_roots_have_derivatives_at_zero() {
    let data = [("x", vec![0.0, 1.0, -2.0])];
    for text in ["(x^2)^1.5", "sqrt(x^6)", "x^2*sqrt(x^2)", "abs(x)^3", "(x^4)^0.75"] {
        let case = Case::own(&format!("param a\n-a*{text}"), &data);
        let at = Evaluation::of(&case.model, &case.rows, &[1.0], 1).expect("an evaluation");
        let want = (-6.0 * (0.0 + 1.0 + 2.0) + (0.0 + 9.0 + 144.0) / 2.0) / 3.0;
        assert!((at.objective - want).abs() < 1e-13, "{text}: {} {want}", at.objective);
    }
}

/// sqrt(x⁴) is x²: score -2x and Laplacian -2 in every row.
#[test]
fn the_root_of_a_fourth_power_is_a_square() {
    let text = "data x\nparam a\n-a*sqrt(x^4)";
    let case = Case::own(text, &[("x", vec![0.0, 1.0, -3.0])]);
    let specification = scorematch::objective::Specification::of(&case.model).expect("a line");
    let rows = scorematch::analysis::row_values(&specification, &case.model, &case.rows, &[1.0], 1);
    let values: Vec<Vec<f64>> = rows.into_iter().map(|(_, values)| values).collect();
    assert_eq!(values[1..], [vec![0.0, -2.0, 6.0], vec![-2.0; 3], vec![-2.0, 0.0, 16.0]]);
}

/// J of |z|³ by its formula, minimised by Nelder and Mead's method from three starts.
#[test]
fn a_location_under_a_root_of_a_power() {
    let mut draws = Draws::new(202);
    let x = (0..150).map(|_| rounded(7.0 + 2.0 * draws.normal(), 4)).collect();
    let fit = own("param mu, s > 0\n-((x - mu)^2/s^2)^1.5", &[("x", x)]);
    right(&fit, 1e-6, &[("mu", 7.1809724), ("s", 3.10827313), ("J", -0.144327747107267)]);
}
