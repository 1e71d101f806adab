//! Densities by name: their values, their equality with formulas written by hand, definitions of a
//! text that replace them, and messages on mistakes.
//!
//! `tests/reference/densities.txt` has values of scipy, written by the script in that folder.

mod support;

use scorematch::analysis::Evaluation;
use scorematch::calculus::gradient;
use scorematch::data::{Columns, Missing};
use scorematch::fit::{self, Method, Options, Outcome};
use scorematch::graph::{ExprId, Graph, evaluate};
use scorematch::model::{Errors, Model, densities};
use scorematch::numerics::rng::stream;
use scorematch::objective::Specification;
use scorematch::source::{Diagnostic, Palette, Source, render};
use scorematch::syntax::parse;
use support::differences::{first, second};
use support::{Tolerance, assert_close, samples};

fn model(text: &str) -> Model {
    Model::parse(text).unwrap_or_else(|errors| panic!("{text}\n{errors}"))
}

fn errors(text: &str) -> Errors {
    Model::parse(text).expect_err(text)
}

/// The diagnostics of a wrong text, drawn.
fn drawn(text: &str) -> String {
    let source = Source { name: "text".to_owned(), text: text.to_owned() };
    let all = Vec::<Diagnostic>::from(&errors(text));
    all.iter().map(|one| render(one, &source, Palette::Plain)).collect::<Vec<_>>().join("\n")
}

/// log p in its canonical form and as written.
fn forms(text: &str) -> [String; 2] {
    let model = model(text);
    let (verbatim, written) = model.verbatim();
    [model.graph().plain(model.log_density()), verbatim.plain(written)]
}

#[test]
fn values_are_those_of_scipy() {
    let table = include_str!("reference/densities.txt");
    for line in table.lines() {
        let (call, value) = line.rsplit_once(' ').expect("a call and its value");
        let want: f64 = value.parse().expect("a number");
        let model = model(call);
        let (verbatim, written) = model.verbatim();
        for (graph, root) in [(model.graph(), model.log_density()), (verbatim, written)] {
            let got = evaluate(graph, &[root], |_| f64::NAN)[0];
            let tolerance = Tolerance::Absolute(4e-14 * want.abs().max(1.0));
            assert_close(got, want, tolerance, call);
        }
    }
    for entry in densities().filter(|entry| entry.normalised) {
        let start = format!("{}(", entry.name);
        assert!(table.lines().filter(|line| line.starts_with(&start)).count() >= 4, "{start}");
    }
}

/// Declarations, a call, and the formula that it abbreviates.
const BY_HAND: [(&str, &str, &str); 28] = [
    ("data x; param m, s > 0", "normal_lpdf(x, m, s)", "-((x - m)/s)^2/2 - log(s) - log(2*pi)/2"),
    (
        "data x; param v > 0, m, s > 0",
        "student_t_lpdf(x, v, m, s)",
        "lgamma((v + 1)/2) - lgamma(v/2) - log(v*pi)/2 - log(s) - (v + 1)/2*log1p(((x - m)/s)^2/v)",
    ),
    ("data x; param m, s > 0", "cauchy_lpdf(x, m, s)", "-log(pi) - log(s) - log1p(((x - m)/s)^2)"),
    (
        "data x; param m, s > 0",
        "logistic_lpdf(x, m, s)",
        "-log(s) - log(4) - 2*log_cosh((x - m)/(2*s))",
    ),
    (
        "data x; param m, s > 0",
        "hyperbolic_secant_lpdf(x, m, s)",
        "-log(s) - log(2) - log_cosh(pi*(x - m)/(2*s))",
    ),
    ("data x; param m, s > 0", "gumbel_lpdf(x, m, s)", "-log(s) - (x - m)/s - exp(-(x - m)/s)"),
    (
        "data x; param m, s > 0, a",
        "skew_normal_lpdf(x, m, s, a)",
        "-((x - m)/s)^2/2 - log(s) - log(2*pi)/2 + log(2) + log_normal_cdf(a*(x - m)/s)",
    ),
    (
        "data x; param m, a > 0, b > 0",
        "generalised_normal_lpdf(x, m, a, b)",
        "-(abs(x - m)/a)^b - lgamma(1/b) - log(2*a/b)",
    ),
    (
        "data x > 0; param m, s > 0",
        "lognormal_lpdf(x, m, s)",
        "-((log(x) - m)/s)^2/2 - log(s) - log(2*pi)/2 - log(x)",
    ),
    (
        "data x > 0; param a > 0, b > 0",
        "gamma_lpdf(x, a, b)",
        "a*log(b) - lgamma(a) + (a - 1)*log(x) - b*x",
    ),
    (
        "data x > 0; param a > 0, b > 0",
        "inverse_gamma_lpdf(x, a, b)",
        "a*log(b) - lgamma(a) - (a + 1)*log(x) - b/x",
    ),
    (
        "data x > 0; param k > 0, l > 0",
        "weibull_lpdf(x, k, l)",
        "log(k) - k*log(l) + (k - 1)*log(x) - (x/l)^k",
    ),
    ("data x > 0; param b > 0", "exponential_lpdf(x, b)", "log(b) - b*x"),
    (
        "data x in (0, 1); param a > 0, b > 0",
        "beta_lpdf(x, a, b)",
        "(a - 1)*log(x) + (b - 1)*log1p(-x) + lgamma(a + b) - lgamma(a) - lgamma(b)",
    ),
    (
        "data t on circle; param m, r in (0, 1)",
        "wrapped_cauchy_lpdf(t, m, r)",
        "log1p(-r^2) - log(1 + r^2 - 2*r*cos(t - m)) - log(2*pi)",
    ),
    (
        "data t on circle; param m, k > 0",
        "von_mises_lpdf(t, m, k)",
        "k*cos(t - m) - log_bessel_even(0, k) - log(2*pi)",
    ),
    (
        "data x[4] on sphere; param k > 0, b[4]",
        "von_mises_fisher_lpdf(x, b, k)",
        "k*dot(b, x) + log(k/2) - log_bessel_i(1, k) - log(2) - 2*log(pi)",
    ),
    (
        "data u[3] on simplex; param a[3] > 0",
        "dirichlet_lpdf(u, a)",
        "dot(a - 1, log(u)) + lgamma(sum(a)) - sum(lgamma(a))",
    ),
    (
        "data x[2]; param m[2], S[2,2] posdef",
        "multi_normal_lpdf(x, m, S)",
        "-(x - m)'*inv(S)*(x - m)/2 - log_det(S)/2 - log(2*pi)",
    ),
    (
        "data x[3]; param m[3], K[3,3] posdef",
        "multi_normal_prec_lpdf(x, m, K)",
        "-(x - m)'*K*(x - m)/2 + log_det(K)/2 - 3*log(2*pi)/2",
    ),
    (
        "data x; param w[2] simplex, m, s > 0",
        "mixture(w, [normal_lpdf(x, m, s), cauchy_lpdf(x, m, s)])",
        "log_dot_exp(w, [-((x - m)/s)^2/2 - log(s) - log(2*pi)/2, \
         -log1p(((x - m)/s)^2) - log(s) - log(pi)])",
    ),
    (
        "data x; param w[3] simplex, m[3], s[3] > 0",
        "mixture(w, normal_lpdf(x, m, s))",
        "log_dot_exp(w, -((x - m)./s)^2/2 - log(s) - log(2*pi)/2)",
    ),
    ("data x; param m, b > 0", "laplace_smooth(x, m, b, 1/10)", "-sqrt(((x - m)/b)^2 + 1/10)"),
    ("data x[2]; param m[2], K[2,2] posdef", "multi_normal_prec(x, m, K)", "-(x - m)'*K*(x - m)/2"),
    ("data t on circle; param m, k > 0", "von_mises(t, m, k)", "k*cos(t - m)"),
    ("data x[3] on sphere; param k, b[3]", "von_mises_fisher(x, b, k)", "k*dot(b, x)"),
    ("data x[3] on sphere; param A[3,3] symmetric", "bingham(x, A)", "x'*A*x"),
    (
        "data x[3] on sphere; param k, b, c",
        "kent(x, k, b, [0, 0, 1], [1, c, 0], [0, 1, 0])",
        "k*x[3] + b*((x[1] + c*x[2])^2 - x[2]^2)",
    ),
];

#[test]
fn each_density_equals_its_formula() {
    for (declarations, call, hand) in BY_HAND {
        let ([named, _], [written, _]) =
            (forms(&format!("{declarations}; {call}")), forms(&format!("{declarations}; {hand}")));
        assert_eq!(named, written, "{call}");
        let both =
            format!("{declarations}; let named = {call}; let written = {hand}; named - written");
        let difference = model(&both);
        assert_eq!(difference.graph().plain(difference.log_density()), "0", "{call}");
    }
    for entry in densities() {
        let call = format!("{}(", entry.name);
        assert!(BY_HAND.iter().any(|(_, text, _)| text.starts_with(&call)), "{call}");
    }
}

/// A density at a point: its canonical graph and the values of its inputs.
struct At {
    graph: Graph,
    root: ExprId,
    point: Vec<f64>,
}

impl At {
    fn value(&self, input: usize, step: f64) -> f64 {
        evaluate(&self.graph, &[self.root], |id| {
            self.point[id.index()] + if id.index() == input { step } else { 0.0 }
        })[0]
    }

    /// The first two derivatives with respect to an input; `None` where the
    /// density does not depend on it.
    fn slopes(&mut self, input: usize) -> Option<[f64; 2]> {
        let below = self.graph.live(&[self.root]);
        let is_input = |id: ExprId| self.graph.as_input(id).is_some_and(|id| id.index() == input);
        let node = below.into_iter().find(|&id| is_input(id))?;
        let slope = gradient(&mut self.graph, self.root, &[node])[0];
        let curvature = gradient(&mut self.graph, slope, &[node])[0];
        let values = evaluate(&self.graph, &[slope, curvature], |id| self.point[id.index()]);
        Some([values[0], values[1]])
    }
}

#[test]
fn derivatives_are_those_of_differences() {
    for entry in densities() {
        let model = model(entry.example);
        let inputs = model.graph().inputs().len();
        let point = (0..inputs).map(|k| inside(&model, k)).collect();
        let (graph, root) = (model.graph().clone(), model.log_density());
        let mut at = At { graph, root, point };
        for input in 0..inputs {
            let Some([slope, curvature]) = at.slopes(input) else { continue };
            let (one, two) = (
                first(|step| at.value(input, step), 0.02),
                second(|step| at.value(input, step), 0.02),
            );
            let close = |error: f64| Tolerance::Absolute(1e-9 + 10.0 * error);
            assert_close(slope, one.value, close(one.error), format!("{} by {input}", entry.name));
            let what = format!("{} twice by {input}", entry.name);
            assert_close(curvature, two.value, Tolerance::Absolute(1e-6 + 10.0 * two.error), what);
        }
    }
}

/// A number in the support of an input, different for each input.
fn inside(model: &Model, input: usize) -> f64 {
    let support = model.graph().inputs()[input].support;
    let share = 0.31 + 0.07 * input as f64;
    match (support.low.is_finite(), support.high.is_finite()) {
        (true, true) => support.low + share * (support.high - support.low),
        (true, false) => support.low + share,
        (false, _) => share - 0.2,
    }
}

#[test]
fn definitions_of_the_text_replace_densities() {
    let own = "data x; param m, s > 0\ndef normal_lpdf(x) = -(x - m)^4/s\nlogp = normal_lpdf(x)";
    assert_eq!(forms(own), forms("data x; param m, s > 0\nlogp = -(x - m)^4/s"));
    let inner = "data x; param m, s > 0, a\ndef normal_lpdf(x, m, s) = 7*x\n\
                 logp = skew_normal_lpdf(x, m, s, a)";
    let plain = "data x; param m, s > 0, a\nlogp = skew_normal_lpdf(x, m, s, a)";
    assert_eq!(forms(inner), forms(plain), "a density does not see the text's own");
    for (variable, same) in [
        ("data x; param kent\nlogp = -(x - kent)^2", "data x; param a\nlogp = -(x - a)^2"),
        (
            "data x; param m, s > 0\nlet normal_lpdf = normal_lpdf(x, m, s)\nlogp = normal_lpdf",
            "data x; param m, s > 0\nlogp = normal_lpdf(x, m, s)",
        ),
        ("data mixture; logp = -mixture^2", "data x; logp = -x^2"),
    ] {
        let [variable, same] = [variable, same].map(|text| forms(text)[0].clone());
        let renamed = variable.replace("kent", "a").replace("mixture", "x");
        assert_eq!(renamed, same);
    }
}

#[test]
fn mistakes_are_shown_at_the_call() {
    let text = "data x[3]; param m[2], s > 0\nlogp = sum(normal_lpdf(x, m, s))";
    let error = errors(text).as_slice()[0].clone();
    let span = error.span.expect("a place");
    assert_eq!(&text[span.start as usize..span.end as usize], "normal_lpdf(x, m, s)");
    assert!(error.calls.is_empty());
    assert!(drawn(text).contains("inside `normal_lpdf(x, mu, s)`"), "{}", drawn(text));

    let text = "data x[3]; param m[2], s > 0\ndef f(y) = sum(skew_normal_lpdf(y, m, s, 1))\nf(x)";
    let error = errors(text).as_slice()[0].clone();
    let place = |span: scorematch::source::Span| &text[span.start as usize..span.end as usize];
    assert_eq!(error.span.map(place), Some("skew_normal_lpdf(y, m, s, 1)"));
    assert_eq!(error.calls.iter().map(|&call| place(call)).collect::<Vec<_>>(), ["f(x)"]);

    let count = drawn("data x; param m\nnormal_lpdf(x, m)");
    assert!(count.contains("write `normal_lpdf(x, mu, s)`"), "{count}");
    let value = drawn("data x; param m\nnormal_lpdf(x, m, -1)");
    assert!(value.contains("normal_lpdf(x, m, -1)\n  | ^^^^^^^^^^^^^^^^^^^^^"), "{value}");
    let generated = drawn("data x; normal_lpdf(i in 1:3, x)");
    assert!(generated.contains("error[not-a-reduction]"), "{generated}");
    let near = drawn("data x; param m, s > 0\nnormal_lpfd(x, m, s)");
    assert!(near.contains("did you mean `normal_lpdf`?"), "{near}");
}

#[test]
fn a_kink_is_that_of_the_density() {
    let text = "data x; param m, a > 0\ngeneralised_normal_lpdf(x, m, a, 1)";
    let model = model(text);
    let [warning] = model.warnings() else { panic!("{:?}", model.warnings()) };
    assert!(warning.message.starts_with("`generalised_normal_lpdf` gives"), "{}", warning.message);
    let span = warning.labels[0].span;
    assert_eq!(
        &text[span.start as usize..span.end as usize],
        "generalised_normal_lpdf(x, m, a, 1)"
    );
}

#[test]
fn a_mixture_takes_whole_densities_only() {
    let parts = [
        ("", "von_mises(t, m, k)"),
        ("", "log(2) + von_mises(t, m, k)"),
        ("let p = von_mises(t, m, k)\n", "p"),
        ("def p(t) = von_mises(t, m, k)\n", "p(t)"),
        ("def p(t) = von_mises(t, m, k)\nlet q = 2*p(t)\n", "q"),
    ];
    for (before, part) in parts {
        let head = "data t on circle; param m, k > 0, r in (0, 1), w[2] simplex\n";
        let text = format!("{head}{before}mixture(w, [wrapped_cauchy_lpdf(t, m, r), {part}])");
        let drawn = drawn(&text);
        assert!(drawn.starts_with("error[unnormalised-in-mixture]: `von_mises` lacks"), "{drawn}");
        let whole = "write `von_mises_lpdf(t, mu, kappa)`, which has the constant";
        assert!(drawn.contains(whole), "{drawn}");
        let span = errors(&text).as_slice()[0].span.expect("a place");
        assert_eq!(&text[span.start as usize..span.end as usize], part);
    }
    let own = "data t on circle; param m, k > 0, w[2] simplex\n";
    let kent = drawn(&format!("{own}mixture(w, [bingham([t, t], eye(2)), k])"));
    assert!(kent.contains("log_dot_exp(w, […])"), "{kent}");
    model(&format!("{own}mixture(w, [von_mises_lpdf(t, m, k), -log(2*pi)])"));
    model(&format!("{own}def mixture(w, p) = log_dot_exp(w, p)\nmixture(w, von_mises(t, m*w, k))"));
    model(&format!("{own}def kent(t) = -cos(t - m)\nmixture(w, [kent(t), k])"));
}

/// A definition that uses its argument as component of a mixture has the same requirement.
#[test]
fn a_definition_takes_whole_densities_where_it_mixes_them() {
    let head = "data t on circle; param m, k > 0, w[2] simplex\n\
                def half(u, p) = mixture(w, [p, -log(2*pi)]) + 0*u\n\
                def twice(p, u) = half(u, [p, p][1])\n";
    for (call, part) in [
        ("half(k, von_mises(t, m, k))", "von_mises(t, m, k)"),
        ("twice(2*von_mises(t, m, k), k)", "2*von_mises(t, m, k)"),
    ] {
        let text = format!("{head}{call}");
        let found = errors(&text);
        let [error] = found.as_slice() else { panic!("{call}: {found}") };
        let span = error.span.expect("a place");
        assert_eq!(&text[span.start as usize..span.end as usize], part);
        assert!(drawn(&text).starts_with("error[unnormalised-in-mixture]"), "{}", drawn(&text));
    }
    model(&format!("{head}half(von_mises(t, m, k), von_mises_lpdf(t, m, k))"));
    model(&format!("{head}sum(p in 1:2, half(p, k)) + von_mises(t, m, k)"));
}

/// The constant depends on parameters only, so the score is that of the density without it.
#[test]
fn a_constant_leaves_the_score_alone() {
    for (declarations, whole, bare) in [
        ("data t on circle; param m, k > 0", "von_mises_lpdf(t, m, k)", "von_mises(t, m, k)"),
        (
            "data x[3] on sphere; param k > 0, b[3]",
            "von_mises_fisher_lpdf(x, b, k)",
            "von_mises_fisher(x, b, k)",
        ),
    ] {
        let [whole, bare] = [whole, bare].map(|call| {
            let model = model(&format!("{declarations}; {call}"));
            let (mut graph, root) = (model.graph().clone(), model.log_density());
            let data: Vec<ExprId> = inputs(&graph, root, |name| !"mkb".contains(&name[..1]));
            let scores = gradient(&mut graph, root, &data);
            scores.into_iter().map(|score| graph.plain(score)).collect::<Vec<_>>()
        });
        assert_eq!(whole, bare);
    }
}

/// Angles from two von Mises components: 0.4 with direction 0.5 and
/// concentration 4, 0.6 with 3 and 8.
fn angles(rows: usize) -> Columns {
    let mut s = stream(7, 0);
    let t = (0..rows).map(|_| match s.uniform() < 0.4 {
        true => 0.5 + samples::von_mises(4.0, &mut s),
        false => 3.0 + samples::von_mises(8.0, &mut s),
    });
    Columns::from_vecs(vec![("t".to_owned(), t.collect())]).expect("a column")
}

#[test]
fn a_mixture_of_angles_is_found_and_is_whole() {
    let text =
        "data t on circle; param w[2] simplex, m[2], k[2] > 0; mixture(w, von_mises_lpdf(t, m, k))";
    let model = model(text).bind(&["t"], &["t"]).expect("the column binds");
    let data = angles(3000).select(&["t"], Missing::Error).expect("complete");
    let fit = fit::fit(&model, &data, &Options::default()).expect("a fit");
    assert_eq!(fit.outcome, Outcome::Converged, "{fit:#?}");
    let parts = |name: &str| -> Vec<_> {
        fit.parameters.iter().filter(|one| one.name.starts_with(name)).collect()
    };
    let first = usize::from(parts("k[")[0].estimate > parts("k[")[1].estimate);
    for (name, truth) in [("w[", [0.4, 0.6]), ("m[", [0.5, 3.0]), ("k[", [4.0, 8.0])] {
        for (position, truth) in truth.into_iter().enumerate() {
            let found = parts(name)[(first + position) % 2];
            let error = found.std_error.expect("an error");
            assert!(
                error < 0.1 * truth && (found.estimate - truth).abs() < 4.0 * error,
                "{found:?}"
            );
        }
    }
    let theta: Vec<f64> = fit.parameters.iter().map(|one| one.estimate).collect();
    // Normalisation by quadrature, compared with log p itself.
    let specification = Specification::of(&model).expect("a circle");
    let evaluation = Evaluation::of(&model, &data, &theta, 1).expect("an objective");
    let found = evaluation.normalised(&specification, &model, &data, &theta, &[], 1);
    let found = found.expect("a circle").normalised.expect("normalisation was asked for");
    let mass = found.normaliser.expect("without covariates").log;
    assert!(mass.abs() < 1e-9, "{mass:e}");
    let mean = mean_log_density(&model, &theta, data.slices()[0]);
    assert!((found.log_likelihood - mean).abs() < 1e-9, "{}, not {mean}", found.log_likelihood);
    let reported = fit.minima[0].log_likelihood.unwrap_or(mean);
    assert!((reported - mean).abs() < 1e-7, "{reported}, not {mean}");
}

/// The mean of log p over the rows of one column, without normalisation.
fn mean_log_density(model: &Model, theta: &[f64], rows: &[f64]) -> f64 {
    let parameters: Vec<usize> = model.parameters().iter().map(|one| one.input.index()).collect();
    let value = |t: f64| {
        let at = |id: usize| parameters.iter().position(|&one| one == id).map_or(t, |k| theta[k]);
        evaluate(model.graph(), &[model.log_density()], |id| at(id.index()))[0]
    };
    rows.iter().map(|&t| value(t)).sum::<f64>() / rows.len() as f64
}

#[test]
fn one_von_mises_part_has_a_closed_form() {
    let data = angles(300).select(&["t"], Missing::Error).expect("complete");
    let fits = ["von_mises_lpdf(t, m, k)", "von_mises(t, m, k)"].map(|call| {
        let model = model(&format!("data t on circle; param m, k > 0; {call}"));
        let model = model.bind(&["t"], &["t"]).expect("the column binds");
        fit::fit(&model, &data, &Options::default()).expect("a fit")
    });
    assert_eq!(fits[0].method, fits[1].method);
    for (whole, bare) in fits[0].parameters.iter().zip(&fits[1].parameters) {
        assert_eq!(whole.estimate.to_bits(), bare.estimate.to_bits());
    }
    assert_eq!(fits[0].method, Method::ClosedForm);
}

/// The inputs below a root whose names satisfy a condition.
fn inputs(graph: &Graph, root: ExprId, asked: impl Fn(&str) -> bool) -> Vec<ExprId> {
    let named = |&id: &ExprId| {
        graph.as_input(id).is_some_and(|input| asked(&graph.inputs()[input.index()].name))
    };
    graph.live(&[root]).into_iter().filter(named).collect()
}

/// Values by mpmath: twice the order, the argument, log I_k and two further functions.
#[test]
fn logarithms_of_bessel_functions_are_published_ones() {
    for line in include_str!("reference/bessel.txt").lines() {
        let numbers: Vec<&str> = line.split(' ').collect();
        let [twice, x, want, ..] = numbers[..] else { panic!("{line}") };
        let call = format!("log_bessel_i({twice}/2, {x})");
        let (model, want) = (model(&call), want.parse::<f64>().expect("a number"));
        let got = evaluate(model.graph(), &[model.log_density()], |_| f64::NAN)[0];
        // Errors are relative to the larger of the terms k*log(x/2) and log gamma(k + 1).
        let order: f64 = twice.parse::<f64>().expect("a number") / 2.0;
        let size = 1.0 + order * (2.0 + (x.parse::<f64>().expect("a number") / 2.0).ln().abs());
        assert_close(got, want, Tolerance::Absolute(1e-15 * size.max(3.0 * want.abs())), call);
    }
}

#[test]
fn orders_of_bessel_functions_are_halves() {
    let wrong = |order: &str| drawn(&format!("param a; -log_bessel_i({order}, x)"));
    let third = wrong("1/3");
    assert!(
        third.contains("error[bad-order]: the order of `log_bessel_i` must be one of"),
        "{third}"
    );
    assert!(third.contains("write `log_bessel_i(0.5, x)`"), "{third}");
    assert!(third.contains("-log_bessel_i(1/3, x)\n  |                        ^^^\n"), "{third}");
    assert!(wrong("-1").contains("write `log_bessel_i(0, x)`"), "{}", wrong("-1"));
    assert!(wrong("1e9").contains("write `log_bessel_i(100, x)`"), "{}", wrong("1e9"));
    assert!(wrong("0/0").contains("error["), "{}", wrong("0/0"));
    assert!(wrong("a").contains("must be constant, but `a` is"), "{}", wrong("a"));
    assert!(wrong("a").contains("as `length(x)/2 - 1`"), "{}", wrong("a"));
    let order = "data x[5]; param k; log_bessel_i(length(x)/2 - 1, k) - sumsq(x)";
    let same = "data x[5]; param k; log_bessel_i(3/2, k) - sumsq(x)";
    assert_eq!(forms(order)[0], forms(same)[0]);
}

/// The printed text of a Bessel function and of its derivatives is parsed to the same node.
#[test]
fn printed_bessel_functions_are_read_back() {
    for text in ["log_bessel_i(5/2, x)", "log_bessel_even(0, x)", "bessel_ratio(1/2, x)"] {
        let model = model(text);
        let (mut graph, mut root) = (model.graph().clone(), model.log_density());
        let x = inputs(&graph, root, |_| true)[0];
        for _ in 0..3 {
            let printed = graph.plain(root);
            assert_eq!(forms(&printed)[0], printed, "{text}");
            root = gradient(&mut graph, root, &[x])[0];
        }
    }
}

#[test]
fn densities_of_other_systems_are_translated() {
    let text = drawn("param v; -log_modified_bessel_first_kind(0, x)");
    assert!(text.contains("write `log_bessel_i(1/2, x)`"), "{text}");
    let text = drawn("data t on circle; param m, k > 0\ndvonmises(t, m, k)");
    assert!(text.contains("write `von_mises_lpdf(t, mu, kappa)`"), "{text}");

    let text = drawn("data x; param mu, s > 0\nnormal(x, mu, s)");
    assert!(text.contains("write `normal_lpdf(x, mu, s)`: the normal distribution"), "{text}");
    // Densities with and without constant are translated to the one with it.
    let others =
        ["mixture", "laplace_smooth", "multi_normal_prec", "von_mises", "von_mises_fisher"];
    for entry in densities().filter(|entry| !others.contains(&entry.name)) {
        let stem = entry.name.trim_end_matches("_lpdf");
        let error = parse(&format!("y ~ {stem}(a, b)")).expect_err(stem);
        let want = format!("write the log-density itself, `logp = {}(y, a, b)`", entry.name);
        assert_eq!(Diagnostic::from(&error).help, Some(want));
    }
}
