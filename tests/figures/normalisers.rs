//! log ∫ p of a figure compared with closed forms, and with scipy 1.17.1, whose `quad` and
//! `dblquad` had the relative tolerance 1e-11.

use scorematch::analysis::{NoNormaliser, normaliser};

use super::{Case, spread};

#[track_caller]
fn normalises(case: &Case, theta: &[f64], want: f64) {
    let figure = case.figure(theta);
    let got = figure.log_normaliser.expect("quadrature finds the integral");
    assert!((got - want).abs() < 1e-6, "got {got}, want {want}; {:?}", figure.notes);
    let alone = normaliser(&case.model, &case.data, theta).expect("quadrature finds the integral");
    let off = (alone.log - want).abs();
    assert!(off < 1e-6 && off <= alone.error + 1e-11, "{alone:?}, want {want}");
}

#[test]
fn lines() {
    let x = || [("x", spread(-2.0, 3.0, 60))];
    // quad(lambda x: exp(-x**4/4 + x), -inf, inf)
    let quartic = Case::of("-x^4/4 + k*x", &x());
    normalises(&quartic, &[1.0], 1.265_414_992_571_508_1);
    // √(2π)·(1 + 2·½), for exp(-(x+1)²/2) + 2 exp(-(x-3)²/(2·¼))
    let two = Case::of("log(exp(-(x-a)^2/2) + w*exp(-2*(x-b)^2))", &x());
    normalises(&two, &[-1.0, 2.0, 3.0], 1.612_085_713_764_617_8);
}

#[test]
fn half_lines_and_intervals() {
    // log Γ(½)
    let gamma = Case::of("data x > 0\n-k*log(x) - x", &[("x", spread(0.01, 3.0, 60))]);
    normalises(&gamma, &[0.5], 0.572_364_942_924_700_1);
    // quad(lambda x: exp(-(x-1)**2/8), 0, 60)
    let above = Case::of("data x > 0\n-(x - m)^2/8", &[("x", spread(0.01, 4.0, 60))]);
    normalises(&above, &[1.0], 1.243_139_298_475_961_7);
    // scipy.special.betaln(2.5, 0.5)
    let beta = "data x in (0, 1)\na*log(x) + b*log(1-x)";
    let beta = Case::of(beta, &[("x", spread(0.05, 0.99, 60))]);
    normalises(&beta, &[1.5, -0.5], 0.163_900_632_837_673_9);
}

#[test]
fn circles() {
    let angles = [("x", spread(-3.0, 3.0, 60))];
    // log(2π I₀(2)): log(2*pi*i0(2.0))
    let mises = Case::of("data x on circle\nk*cos(x - m)", &angles);
    normalises(&mises, &[2.0, 0.4], 2.661_870_607_892_302);
    // quad(lambda x: exp(1.5*cos(x-1) + .8*cos(2*x) - .5*sin(2*x)), -pi, pi)
    let two = Case::of("data x on circle\nk*cos(x - 1) + a*cos(2*x) + b*sin(2*x)", &angles);
    normalises(&two, &[1.5, 0.8, -0.5], 2.390_967_158_191_045_4);
}

#[test]
fn planes() {
    // dblquad(lambda y, x: exp(-.5*(x*x - 1.2*x*y + y*y) - .1*x**4 + .5*y), -7, 7, -14, 14)
    let plane = Case::of(
        "-(x^2 - 1.2*x*y + y^2)/2 - a*x^4 + b*y",
        &[("x", spread(-2.0, 2.0, 55)), ("y", spread(-2.0, 3.0, 89)[..55].to_vec())],
    );
    normalises(&plane, &[0.1, 0.5], 1.963_518_735_403_801_5);
    // dblquad(lambda y, x: exp((1+y)*cos(x) + log(y) - 3*y), -pi, pi, 0, 60)
    let mixed = Case::of(
        "data x on circle, y > 0\n(1 + y)*cos(x) + a*log(y) - b*y",
        &[("x", spread(-3.0, 3.0, 55)), ("y", spread(0.1, 4.0, 89)[..55].to_vec())],
    );
    normalises(&mixed, &[1.0, 3.0], 0.328_221_320_046_725_1);
}

#[test]
fn compositions() {
    let rows: Vec<Vec<f64>> = spread(0.02, 0.9, 60)
        .iter()
        .zip(spread(0.05, 0.95, 97))
        .map(|(&a, s)| vec![a, (1.0 - a) * s, (1.0 - a) * (1.0 - s)])
        .collect();
    // log B(0.6, 2, 3): gammaln([.6, 2, 3]).sum() - gammaln(5.6)
    let text = "data x[3] on simplex\na*log(x[1]) + b*log(x[2]) + c*log(x[3])";
    let dirichlet = Case::rows(text, &["x1", "x2", "x3"], &rows);
    normalises(&dirichlet, &[-0.4, 1.0, 2.0], -3.028_532_418_904_349_7);
    // f = lambda u, v: u**-.3*v**.4*(1-u-v)**1.2*exp(-6*u*u + 4*u*v - 4*v*v), by
    // dblquad(lambda s, t: f(t**3, (1-t**3)*s)*3*t*t*(1-t**3), 0, 1, 0, 1)
    let text = "data x[3] on simplex\n\
                a*log(x[1]) + b*log(x[2]) + c*log(x[3]) - 6*x[1]^2 + 4*x[1]*x[2] - 4*x[2]^2";
    let interaction = Case::rows(text, &["x1", "x2", "x3"], &rows);
    normalises(&interaction, &[-0.3, 0.4, 1.2], -2.510_959_721_182_988);
}

#[test]
fn directions() {
    let rows: Vec<Vec<f64>> = spread(-0.95, 0.95, 60)
        .iter()
        .zip(spread(-3.0, 3.0, 97))
        .map(|(&z, a)| {
            let r = (1.0 - z * z).sqrt();
            vec![r * a.cos(), r * a.sin(), z]
        })
        .collect();
    // log(4π sinh κ / κ) with κ² = 1 + 4 + ¼
    let text = "data x[3] on sphere\na*x[1] + b*x[2] + c*x[3]";
    let fisher = Case::rows(text, &["x1", "x2", "x3"], &rows);
    normalises(&fisher, &[1.0, -2.0, 0.5], 3.289_769_688_038_206);
    // dblquad(lambda t, z: exp((1-z*z)*(2*cos(t)**2 - 3*sin(t)**2 + cos(t)*sin(t))
    //                          + .5*sqrt(1-z*z)*cos(t)*z), -1, 1, -pi, pi)
    let text = "data x[3] on sphere\na*x[1]^2 + b*x[2]^2 + c*x[1]*x[2] + e*x[1]*x[3]";
    let bingham = Case::rows(text, &["x1", "x2", "x3"], &rows);
    normalises(&bingham, &[2.0, -3.0, 1.0, 0.5], 2.941_044_859_893_146_7);
}

/// Domains whose figures show pairs of columns or patterns.
#[test]
fn circles_of_vectors_pairs_of_shares_and_patterns() {
    let (cosines, sines) = (0..40).map(|k| f64::from(k).sin_cos()).unzip();
    let vectors = Case::of("data v[2] on sphere; k*v[1]", &[("v[1]", cosines), ("v[2]", sines)]);
    let alone = |case: &Case, theta: &[f64]| normaliser(&case.model, &case.data, theta);
    // log 2π + log I₀(1.3), I₀ by its series.
    let found = alone(&vectors, &[1.3]).expect("an integrable density");
    assert!((found.log - 2.222_648_052_560_116_7).abs() < 1e-9, "{found:?}");
    let first = spread(0.05, 0.9, 30);
    let rest = first.iter().map(|x| 1.0 - x).collect();
    let shares = "data u[2] on simplex; a*log(u[1]) + b*log(u[2])";
    let shares = Case::of(shares, &[("u[1]", first), ("u[2]", rest)]);
    // scipy.special.betaln(2.5, 0.5)
    let found = alone(&shares, &[1.5, -0.5]).expect("an integrable density");
    assert!((found.log - 0.163_900_632_837_673_9).abs() < found.error, "{found:?}");
    assert!(found.error < 1e-6, "{found:?}");
    let bits = || vec![0.0, 1.0, 1.0, 0.0];
    let two =
        Case::of("data y[2] in {0, 1}; a*y[1] + b*y[2]", &[("y[1]", bits()), ("y[2]", bits())]);
    let found = alone(&two, &[0.5, -2.0]).expect("a sum over patterns");
    assert!((found.log - (0.5_f64.exp().ln_1p() + (-2.0_f64).exp().ln_1p())).abs() < 1e-14);
}

#[test]
fn models_without_a_normaliser() {
    let x = || spread(-2.0, 3.0, 30);
    let refused = |text: &str, columns: &[(&str, Vec<f64>)], theta: &[f64]| {
        let case = Case::of(text, columns);
        normaliser(&case.model, &case.data, theta).expect_err("a model without normaliser")
    };
    let given = "data x; covariate z; -(x - b*z)^2";
    assert_eq!(refused(given, &[("x", x()), ("z", x())], &[1.0]), NoNormaliser::Covariates);
    let three = "data x, y, z; -k*(x^2 + y^2 + z^2)";
    let columns = [("x", x()), ("y", x()), ("z", x())];
    assert_eq!(refused(three, &columns, &[1.0]), NoNormaliser::Dimensions);
    assert_eq!(refused("k*x^2", &[("x", x())], &[1.0]), NoNormaliser::Divergent);
    assert_eq!(refused("k*log(-x^2 - 1)", &[("x", x())], &[1.0]), NoNormaliser::Undefined);
}
