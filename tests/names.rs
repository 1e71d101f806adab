//! The names of a model have no influence on its numbers.

use nalgebra::{DMatrix, DVector};
use proptest::prelude::*;
use proptest::sample::subsequence;
use scorematch::calculus::{gradient, laplacian};
use scorematch::data::Columns;
use scorematch::graph::{ExprId, Graph, InputId, evaluate};
use scorematch::numerics::rng::stream;
use scorematch::objective::{Objective, Path, hyvarinen};
use scorematch::{Fit, Model};

/// Names that the program might give to its own quantities, and names of other texts.
const NAMES: [&str; 23] = [
    "direction",
    "moment",
    "centre",
    "probe",
    "x",
    "i",
    "rho",
    "k",
    "t1",
    "v1",
    "mu",
    "theta",
    "free",
    "weight1",
    "`moment 1`",
    "`centre 1`",
    "`direction 1`",
    "`direction[1]`",
    "`probe direction 0`",
    "`log(s)`",
    "`log(x)`",
    "`cholesky(K[1,1])`",
    "σ",
];

/// A text with `@a`, `@b`, … in place of names, and its columns by letter.
struct Case {
    text: &'static str,
    columns: &'static [&'static str],
    letters: usize,
}

const CASES: [Case; 6] = [
    Case {
        text: "data @a; param @b, @c > 0; let @d = @a - @b; -@d^2/(2*@c)",
        columns: &["@a"],
        letters: 4,
    },
    Case {
        text: "data @a; covariate @b; param @c, @d, @e > 0; let @f = @a - @c - @d*@b
               -@f^2/(2*@e) - log(cosh(@f/3))",
        columns: &["@a", "@b"],
        letters: 6,
    },
    Case {
        text: "data @a; param @b[2], @c > 0; def @d(@e, @f) = exp(-(@e - @f)^2/(2*@c))
               log(sum(@g in 1:2, @d(@a, @b[@g])))",
        columns: &["@a"],
        letters: 7,
    },
    Case {
        text: "data @a, @b; param @c[2,2] posdef, @d[2]; let @e = [@a, @b] - @d; -0.5*@e'*@c*@e",
        columns: &["@a", "@b"],
        letters: 5,
    },
    Case {
        text: "data @a; param @b, @c in (0, 20), @d < 0; @b*@a - @c*@a^2 + @d*@a^4",
        columns: &["@a"],
        letters: 4,
    },
    Case {
        text: "data @a; param @b[3] ordered, @c > 0; -@c*sum(@d in 1:3, (@a - @b[@d])^2/@d)/2",
        columns: &["@a"],
        letters: 4,
    },
];

impl Case {
    fn named(&self, names: &[&str]) -> (String, Columns) {
        let spell = |text: &str| {
            let letters = ('a'..='z').zip(names);
            letters.fold(text.to_owned(), |text, (letter, name)| {
                text.replace(&format!("@{letter}"), name)
            })
        };
        let column = |(k, letter): (usize, &&str)| {
            let mut stream = stream(5, k as u64);
            let values = (0..60).map(|_| 1.5 + (1.0 + k as f64) * stream.normal()).collect();
            (spell(letter).trim_matches('`').to_owned(), values)
        };
        let columns = self.columns.iter().enumerate().map(column).collect();
        (spell(self.text), Columns::from_vecs(columns).expect("columns of one length"))
    }
}

/// Numbers that are computed from a model, by kind.
type Numbers = Vec<(&'static str, Vec<f64>)>;

fn numbers(text: &str, columns: &Columns) -> Numbers {
    let names = columns.names();
    let model = Model::parse(text).unwrap_or_else(|errors| panic!("{text}\n{errors}"));
    let model = model.bind(&names, &names).unwrap_or_else(|errors| panic!("{text}\n{errors}"));
    let p = model.parameters().len();
    let theta: Vec<f64> =
        model.from_free(&(0..p).map(|j| 0.3 + 0.1 * j as f64).collect::<Vec<_>>());
    let mut numbers = derived(&model, &theta);
    let v = DVector::from_fn(p, |j, _| 1.0 - 0.7 * j as f64);
    let selection = model.select(columns, scorematch::data::Missing::Error).expect("numbers");
    let slices: Vec<&[f64]> = (0..selection.width()).map(|k| selection.column(k)).collect();
    let objective = objective(&model);
    for path in [Path::Rows, Path::Moments] {
        let Ok(batch) = objective.on(slices.clone(), 1).by(path) else { continue };
        let (value, gradient) = batch.gradient(&theta);
        numbers.push(("J", vec![value]));
        numbers.push(("gradient", gradient.as_slice().to_vec()));
        numbers.push(("H v", batch.hessian_times(&theta, &v).as_slice().to_vec()));
        let hessian: DMatrix<f64> = batch.expand(&theta).hessian;
        numbers.push(("H", hessian.as_slice().to_vec()));
    }
    numbers
}

fn objective(model: &Model) -> Objective {
    let mut graph = model.graph().clone();
    let data: Vec<InputId> = model.data().iter().map(|one| one.input).collect();
    let rows: Vec<InputId> =
        data.iter().copied().chain(model.covariates().iter().map(|one| one.input)).collect();
    let parameters: Vec<InputId> = model.parameters().iter().map(|one| one.input).collect();
    let nodes: Vec<ExprId> = data.iter().map(|&input| graph.input_node(input)).collect();
    let loss = hyvarinen(&mut graph, model.log_density(), &nodes);
    Objective::new(&graph, loss.total, &rows, &parameters)
}

/// log p, score and Laplacian at one point.
fn derived(model: &Model, theta: &[f64]) -> Numbers {
    let mut graph: Graph = model.graph().clone();
    let data: Vec<ExprId> = model.data().iter().map(|one| graph.input_node(one.input)).collect();
    let score = gradient(&mut graph, model.log_density(), &data);
    let laplacian = laplacian(&mut graph, model.log_density(), &data);
    let mut table = vec![f64::NAN; graph.inputs().len()];
    let columns = model.data().iter().chain(model.covariates());
    columns.zip(1..).for_each(|(one, k)| table[one.input.index()] = 0.4 * f64::from(k));
    let parameters = model.parameters().iter().zip(theta);
    parameters.for_each(|(one, &value)| table[one.input.index()] = value);
    let at = |roots: &[ExprId]| evaluate(&graph, roots, |input| table[input.index()]);
    vec![
        ("log p", at(&[model.log_density()])),
        ("score", at(&score)),
        ("Laplacian", at(&[laplacian])),
    ]
}

fn fitted(text: &str, columns: &Columns) -> Numbers {
    let fit: Fit = Model::parse(text).expect("a model").fit(columns).expect("a fit");
    let of = |value: fn(&scorematch::fit::FittedParameter) -> f64| -> Vec<f64> {
        fit.estimate().parameters.iter().map(value).collect()
    };
    vec![
        ("fitted J", vec![fit.estimate().objective]),
        ("estimates", of(|one| one.estimate)),
        ("errors", of(|one| one.std_error.unwrap_or(-1.0))),
    ]
}

/// Names determine the order of terms, and this order determines rounding errors.
#[track_caller]
fn assert_same(text: &str, want: &Numbers, got: &Numbers, tolerance: f64) {
    assert_eq!(want.len(), got.len(), "{text}");
    for ((what, want), (_, got)) in want.iter().zip(got) {
        let size = want.iter().fold(1e-3, |most: f64, value| most.max(value.abs()));
        let near = |(a, b): (&f64, &f64)| (a - b).abs() <= tolerance * size;
        let same = want.len() == got.len() && want.iter().zip(got).all(near);
        assert!(same, "{text}\n{what}: {want:?} became {got:?}");
    }
}

const PLAIN: [&str; 7] = ["aa", "bb", "cc", "dd", "ee", "ff", "gg"];

fn names() -> impl Strategy<Value = Vec<&'static str>> {
    subsequence(NAMES.to_vec(), PLAIN.len()).prop_shuffle()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn renaming_changes_no_number(case in 0..CASES.len(), names in names()) {
        let case = &CASES[case];
        let (text, columns) = case.named(&names[..case.letters]);
        let (plain, plain_columns) = case.named(&PLAIN[..case.letters]);
        assert_same(&text, &numbers(&plain, &plain_columns), &numbers(&text, &columns), 1e-11);
        assert_same(&text, &fitted(&plain, &plain_columns), &fitted(&text, &columns), 1e-4);
    }
}

#[test]
fn a_parameter_called_direction() {
    let text =
        |name: &str| format!("data x; covariate z[4]; param {name}[4]; -log(cosh(x - {name}'*z))");
    let column = |k: u64| (0..80).map(|i| stream(k, i).normal()).collect::<Vec<f64>>();
    let names = ["x", "z[1]", "z[2]", "z[3]", "z[4]"];
    let columns = (1..).zip(names).map(|(k, name)| (name.to_owned(), column(k))).collect();
    let columns = Columns::from_vecs(columns).expect("columns of one length");
    let (plain, other) = (text("dirx"), text("direction"));
    assert_same(&other, &numbers(&plain, &columns), &numbers(&other, &columns), 1e-12);
}

/// A model with so many parameters that curvature is computed by products with vectors.
#[test]
fn a_wide_parameter_called_direction() {
    const WIDTH: usize = 165;
    let text = |name: &str| {
        format!(
            "data x; covariate z[{WIDTH}]; param {name}[{WIDTH}]
             let r = x - {name}'*z; -r^2/2 - log(cosh(r))/10"
        )
    };
    let column = |k: u64| (0..600).map(|i| stream(k, i).normal()).collect::<Vec<f64>>();
    let name = |k: usize| if k == 0 { "x".to_owned() } else { format!("z[{k}]") };
    let columns = (0..=WIDTH).map(|k| (name(k), column(k as u64))).collect();
    let columns = Columns::from_vecs(columns).expect("columns of one length");
    let (plain, other) = (text("dirx"), text("direction"));
    assert_same(&other, &fitted(&plain, &columns), &fitted(&other, &columns), 1e-6);
}
