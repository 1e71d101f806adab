//! Values far in the tails, and single rows far from all others.

use scorematch::analysis::row_values;
use scorematch::objective::Specification;

use crate::cases::{Case, Draws, given, has, own, program, right, rounded};

/// The columns log p, score and Laplacian of one-dimensional data, at these parameters.
fn rows(text: &str, x: &[f64], theta: &[f64]) -> Vec<Vec<f64>> {
    let case = Case::own(text, &[("x", x.to_vec())]);
    let outside = scorematch::fit::first_outside(&case.model, &case.rows.slices(), theta, 1);
    assert!(outside.is_none(), "{outside:?}");
    let specification = Specification::of(&case.model).expect("the line has an objective");
    let columns = row_values(&specification, &case.model, &case.rows, theta, 1);
    columns.into_iter().map(|(_, values)| values).collect()
}

#[track_caller]
fn close(got: &[f64], want: &[f64]) {
    for (got, want) in got.iter().zip(want) {
        let (off, most) = ((got - want).abs(), 1e-12 * want.abs().max(1e-6));
        assert!(off <= most, "{got} is {off:e} from {want}, at most {most:e}");
    }
}

/// Computed to 60 digits; far in the tails log p is that of the wider component.
#[test]
fn a_mixture_in_its_tails() {
    let model =
        std::fs::read_to_string("tests/faults/tails-refused/mixture.energy").expect("a model");
    let x = [-1e6, -1000.0, -40.0, 0.3, 50.0, 1e4];
    let got = rows(&model, &x, &[0.3, -1.0, 2.0]);
    let far = |x: f64| 0.35_f64.ln() - (x - 2.0).powi(2) / 8.0;
    let want = [far(-1e6), far(-1e3), far(-40.0), -0.986_850_333_023_009_1, far(50.0), far(1e4)];
    close(&got[0], &want);
    close(&got[1], &[250_000.5, 250.5, 10.5, -0.171_369_152_169_995_58, -12.0, -2499.5]);
    close(&got[2], &[-0.25, -0.25, -0.25, 0.163_789_686_107_198, -0.25, -0.25]);
    let evaluated = program(
        "eval tests/faults/tails-refused/mixture.energy tests/faults/tails-refused/tails.csv \
         --at w=0.3,a=-1,c=2 --rows",
    );
    assert!(evaluated.status.success(), "{evaluated:?}");
}

/// Two normals six apart with standard deviation 0.05, to 800 digits: every row is many standard
/// deviations from both.
#[test]
fn a_mixture_between_its_parts() {
    let text = "log(w*exp(-x^2/(2*s^2))/s + (1 - w)*exp(-(x - 6)^2/(2*s^2))/s)";
    let got = rows(text, &[2.9, 3.1, -4.0, 0.1], &[0.4, 0.05]);
    let want = [
        -1_679.920_558_458_32,
        -1_679.515_093_350_212,
        -3_197.920_558_458_32,
        0.079_441_541_679_835_93,
    ];
    close(&got[0], &want);
    close(&got[1], &[-1160.0, 1160.0, 1600.0, -40.0]);
}

/// log(1 + eˣ) is x for large x and eˣ for small ones; the logistic density is even.
#[test]
fn logistic_densities_in_their_tails() {
    let x = [800.0, -800.0, 5e4, -1e6];
    let sizes = [-800.0, -800.0, -5e4, -1e6];
    for text in ["a*(x - 2*log(1 + exp(x)))", "a*(log(sigmoid(x)) + log(sigmoid(-x)))"] {
        let got = rows(text, &x, &[1.0]);
        close(&got[0], &sizes);
        close(&got[1], &[-1.0, 1.0, -1.0, 1.0]);
    }
}

/// a = mean 2σ(1 - σ) / mean (1 - 2σ)², with σ the logistic function, to 60 digits.
#[test]
fn a_softplus_is_fitted_far_out() {
    let fit = Case::file("tails-refused", "softplus", "tails").fit();
    right(&fit, 1e-12, &[("a", 0.097_351_730_319_659_85)]);
}

/// log cosh z as a function of the language and written out gives one fit.
#[test]
fn a_hyperbolic_cosine_on_wide_data() {
    let written = Case::file("tails-refused", "logcosh", "wide").fit();
    let text = "param k > 0, mu\n-k*log_cosh(x - mu)";
    let columns = std::fs::File::open("tests/faults/tails-refused/wide.csv").expect("data");
    let columns = scorematch::data::Columns::from_csv(columns).expect("columns");
    let named = Case::new(text, &columns).fit();
    assert_eq!(written.objective.to_bits(), named.objective.to_bits());
    let want = [("k", named.parameters[0].estimate), ("mu", named.parameters[1].estimate)];
    right(&written, 1e-12, &want);
}

/// J of the logistic density by its formula, minimised by Nelder and Mead's method.
#[test]
fn a_logistic_density_on_wide_data() {
    let mut draws = Draws::new(501);
    let x = (0..200).map(|_| {
        let u = draws.uniform();
        rounded(-5e4 + 1100.0 * (u / (1.0 - u)).ln(), 1)
    });
    let fit =
        own("param mu, s > 0\n-(x - mu)/s - 2*log(1 + exp(-(x - mu)/s))", &[("x", x.collect())]);
    let want = [("mu", -50224.54503), ("s", 1037.5334889), ("J", -0.15702187703e-6)];
    right(&fit, 1e-6, &want);
}

/// J by its formula, minimised by Nelder and Mead's method.
#[test]
fn a_row_at_a_hundred_million() {
    let fit = given("cauchy-far-outlier");
    right(&fit, 1e-6, &[("mu", 0.0331540), ("s", 1.3509582), ("J", -0.16981820)]);
}

/// Computed as in the test above: 120 normal rows about 20 and the sentinel 999 999 999.
#[test]
fn a_sentinel_among_the_rows() {
    let mut draws = Draws::new(305);
    let mut x: Vec<f64> = (0..120).map(|_| rounded(20.0 + 2.0 * draws.normal(), 4)).collect();
    x.push(999_999_999.0);
    let student = "param mu, s > 0\n-5/2*log(1 + ((x - mu)/s)^2/4)";
    let fit = own(student, &[("x", x.clone())]);
    let want = [("mu", 20.16995389), ("s", 2.15395367), ("J", -0.08511639512598)];
    right(&fit, 1e-6, &want);
    let fit = own("param mu, s > 0\n-log_cosh((x - mu)/s)", &[("x", x)]);
    let want = [("mu", 20.15529894), ("s", 1.80317359), ("J", -0.08269317151693)];
    right(&fit, 1e-6, &want);
    assert!(!has(&fit, "unbounded-objective"));
}
