//! Objectives from moments of the data: compared with evaluation over the rows, on any scale, on
//! any number of threads.

#[path = "../benches/support/mod.rs"]
mod support;
#[path = "support/wide.rs"]
#[allow(dead_code, reason = "this test uses its part")]
mod wide;

use f256::f256;
use proptest::prelude::*;
use scorematch::data::{Columns, Missing};
use scorematch::fit::{self, Method, Options, Outcome};
use scorematch::graph::{ExprId, Function, Graph, Number, Part, Support, evaluate};
use scorematch::model::Model;
use scorematch::objective::{Batch, NoMoments, Objective, Path};
use support::evaluator::{compile, distance, gradient, scale, slices, suited};
use support::sample::Stream;
use support::workloads::{Workload, all};
use wide::Wide;

/// The workloads whose loss is a polynomial in data.
fn polynomial() -> Vec<Workload> {
    all().into_iter().filter(|w| ["W1", "W3", "W6", "W7"].contains(&w.name)).collect()
}

fn by<'a>(objective: &'a Objective, columns: &'a [Vec<f64>], path: Path) -> Batch<'a> {
    objective.on(slices(columns), 1).by(path).expect("a polynomial in data")
}

#[test]
fn moments_agree_with_the_rows() {
    for workload in polynomial() {
        let columns = (workload.sample)(10_001);
        let objective = compile(workload.text);
        let (rows, moments) =
            (by(&objective, &columns, Path::Rows), by(&objective, &columns, Path::Moments));
        let theta = &workload.theta;
        assert_eq!(moments.path_at(theta), Path::Moments, "{}", workload.name);
        assert_eq!(rows.path(), Path::Rows);
        let off =
            distance(&gradient(&moments, theta), &gradient(&rows, theta), &scale(&rows, theta));
        assert!(off <= 1e-12, "{}: off by {off:e}", workload.name);
        assert_eq!(moments.value(theta), moments.gradient(theta).0);
    }
}

#[test]
fn second_derivatives_too() {
    for workload in polynomial() {
        let columns = (workload.sample)(3_000);
        let objective = compile(workload.text);
        let (rows, moments) =
            (by(&objective, &columns, Path::Rows), by(&objective, &columns, Path::Moments));
        let (want, got) = (rows.expand(&workload.theta), moments.expand(&workload.theta));
        let size = want.hessian.amax();
        assert!((&got.hessian - &want.hessian).amax() <= 1e-12 * size, "{}", workload.name);
        let most = want.outer.amax();
        assert!((&got.outer - &want.outer).amax() <= 1e-13 * most, "{}", workload.name);
        assert!((got.magnitude - want.magnitude).abs() <= 1e-13 * want.magnitude);
    }
}

#[test]
fn losses_that_are_no_polynomials_are_evaluated_over_the_rows() {
    for workload in all().into_iter().filter(|w| ["W2", "W4", "W5"].contains(&w.name)) {
        let columns = (workload.sample)(100);
        let objective = compile(workload.text);
        assert_eq!(objective.moments(), None);
        let batch = objective.on(slices(&columns), 1);
        assert_eq!(batch.path(), Path::Rows);
        assert_eq!(batch.by(Path::Moments).err(), Some(NoMoments));
    }
}

/// Weights at edges, and conditions on data alone, are treated as further columns.
#[test]
fn conditions_on_data_alone_leave_moments() {
    let mut stream = Stream::new(23);
    let columns = vec![(0..5_000).map(|_| (0.4 + stream.normal()).abs()).collect::<Vec<f64>>()];
    for text in [
        "data x > 0; param a, b; -(x - a)^2*b",
        "data x > 0; param a, b; (a - 1)*log(x) - b*x",
        "data x; param a, b; if(x > 1, a*x^2, b*x^3) - b*if(x < 1/2, 0, x)",
    ] {
        let objective = suited(text, &slices(&columns));
        let (rows, moments) =
            (by(&objective, &columns, Path::Rows), by(&objective, &columns, Path::Moments));
        let theta = [0.7, 1.9];
        assert_eq!(moments.path_at(&theta), Path::Moments, "{text}");
        let off =
            distance(&gradient(&moments, &theta), &gradient(&rows, &theta), &scale(&rows, &theta));
        // Centred moments of reciprocals keep twelve digits of J.
        assert!(off <= 3e-11, "{text}: off by {off:e}");
    }
    let parameter = "data x; param a, b; if(x > a, b*x^2, x^3)";
    assert_eq!(suited(parameter, &slices(&columns)).moments(), None);
}

const NORMAL: &str = "data x; param mu, s2 > 0\nlogp = -(x - mu)^2/(2*s2)";
/// The same family in natural parameters, for which moments cancel when the data are far from zero.
const NATURAL: &str = "data x; param a, b\nlogp = a*x + b*x^2";

fn around(offset: f64, spread: f64, rows: usize) -> Vec<Vec<f64>> {
    let mut stream = Stream::new(21);
    vec![(0..rows).map(|_| offset + spread * (2.0 * stream.uniform() - 1.0)).collect()]
}

/// Mean and variance of the given numbers, to 71 digits, rounded to doubles.
fn exactly(column: &[f64]) -> (f64, f64) {
    let n = f256::from(column.len() as f64);
    let sum = column.iter().fold(f256::ZERO, |sum, &x| sum + f256::from(x));
    let mean = sum / n;
    let square = |x: f64| (f256::from(x) - mean) * (f256::from(x) - mean);
    let squares = column.iter().fold(f256::ZERO, |sum, &x| sum + square(x));
    (Wide(mean).narrow(), Wide(squares / n).narrow())
}

#[test]
fn a_variance_far_from_zero_keeps_its_digits() {
    for offset in [0.0, 1e7, 1e9, -1e11, 1e13] {
        let column = around(offset, 0.1, 20_000).remove(0);
        let (mean, variance) = exactly(&column);
        let columns = Columns::from_vecs(vec![("x".to_owned(), column)]).expect("a column");
        let model =
            Model::parse(NORMAL).expect("a model").bind(&["x"], &["x"]).expect("the columns bind");
        let data = columns.select(&["x"], Missing::Error).expect("complete");
        let fit = fit::fit(&model, &data, &Options::default()).expect("a fit");
        assert_eq!(fit.outcome, Outcome::Converged);
        assert_eq!((fit.path, fit.method), (Path::Moments, Method::Moments), "{offset}");
        let [mu, s2] = [0, 1].map(|j| fit.parameters[j].estimate);
        assert!((s2 - variance).abs() <= 1e-15 * variance, "{offset}: {s2:e}, not {variance:e}");
        assert!((mu - mean).abs() <= 1e-15 * mean.abs() + 1e-17, "{offset}: {mu:e}, not {mean:e}");
    }
}

#[test]
fn moments_far_from_zero_agree_with_the_rows() {
    for offset in [0.0, 1e7, 1e9, 1e11] {
        let columns = around(offset, 0.5, 9_000);
        let objective = compile(NORMAL);
        let (rows, moments) =
            (by(&objective, &columns, Path::Rows), by(&objective, &columns, Path::Moments));
        for theta in [[offset + 0.01, 0.08], [offset - 3.0, 2.0], [offset, 1e-3]] {
            assert_eq!(moments.path_at(&theta), Path::Moments, "{offset}");
            let (got, want) = (gradient(&moments, &theta), gradient(&rows, &theta));
            let off = distance(&got, &want, &scale(&rows, &theta));
            assert!(off <= 1e-12, "{offset}: off by {off:e}");
        }
    }
}

#[test]
fn where_moments_would_cancel_the_rows_are_used() {
    let columns = around(1e6, 1.0, 5_000);
    let objective = compile(NATURAL);
    let (rows, moments) =
        (by(&objective, &columns, Path::Rows), by(&objective, &columns, Path::Moments));
    let theta = [3e6, -1.5];
    assert_eq!(moments.path(), Path::Moments);
    assert_eq!(moments.path_at(&theta), Path::Rows);
    assert_eq!(gradient(&moments, &theta), gradient(&rows, &theta));
    // With values like those of the data, nothing cancels.
    assert_eq!(moments.path_at(&[0.1, 0.1]), Path::Moments);
}

#[test]
fn too_many_monomials_are_evaluated_over_the_rows() {
    let text = |power: u32| {
        format!("data x[8]; param m[8], a > 0\nlogp = -a*sum(k in 1:8, x[k] - m[k])^{power}")
    };
    assert!(compile(&text(2)).moments().is_some());
    assert_eq!(compile(&text(8)).moments(), None);
}

#[test]
fn functions_of_the_data_alone_are_columns() {
    let text = "data x > 0; param a, b\nlogp = (a - 1)*log(x) - b*x + a*sqrt(x)";
    let objective = compile(text);
    let means = objective.moments().expect("sums of products");
    assert!(means.formulas().contains(&"E[1/x^2]".to_owned()), "{means}");
    let mut stream = Stream::new(3);
    let columns = vec![(0..4000).map(|_| 0.2 + stream.uniform()).collect()];
    let (rows, moments) =
        (by(&objective, &columns, Path::Rows), by(&objective, &columns, Path::Moments));
    let theta = [2.5, 1.25];
    assert_eq!(moments.path_at(&theta), Path::Moments);
    let off =
        distance(&gradient(&moments, &theta), &gradient(&rows, &theta), &scale(&rows, &theta));
    assert!(off <= 1e-12, "off by {off:e}");
}

#[test]
fn the_means_are_named() {
    let means = compile(NORMAL).moments().expect("moments");
    assert_eq!(means.to_string(), "depends on the data only through E[x], E[x^2]");
}

#[test]
fn the_same_bytes_on_any_number_of_threads() {
    let workload = polynomial().pop().expect("W7");
    let columns = (workload.sample)(100_000);
    let objective = compile(workload.text);
    let on = |threads: usize| gradient(&objective.on(slices(&columns), threads), &workload.theta);
    let one = on(1);
    assert_eq!(objective.on(slices(&columns), 1).path(), Path::Moments);
    for threads in [2, 3, 5] {
        assert_eq!(on(threads), one, "{threads} threads");
    }
}

#[test]
fn few_rows_are_not_worth_many_moments() {
    let workload = polynomial().remove(1);
    let columns = (workload.sample)(20);
    let objective = compile(workload.text);
    assert_eq!(objective.on(slices(&columns), 1).path(), Path::Rows);
}

/// A step that makes an expression from earlier results, by their number modulo their count.
#[derive(Clone, Debug)]
enum Step {
    Sum(Vec<(u8, i8)>),
    Product(Vec<(u8, u8)>),
    Dot(Vec<(u8, u8)>),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let pairs = |most| prop::collection::vec((any::<u8>(), any::<u8>()), 1..most);
    let weighted = prop::collection::vec((any::<u8>(), -3..4i8), 1..5);
    let step = prop_oneof![
        3 => weighted.prop_map(Step::Sum),
        3 => pairs(3).prop_map(Step::Product),
        1 => pairs(12).prop_map(Step::Dot),
    ];
    prop::collection::vec(step, 1..6)
}

fn build(g: &mut Graph, leaves: &[ExprId], steps: &[Step]) -> ExprId {
    let mut made = leaves.to_vec();
    for step in steps {
        let pick = |k: u8| made[made.len() - 1 - usize::from(k) % made.len()];
        let next = match step {
            Step::Sum(terms) => {
                let part =
                    |&(k, w): &(u8, i8)| Part { weight: Number::integer(w.into()), expr: pick(k) };
                g.sum(&terms.iter().map(part).collect::<Vec<_>>())
            }
            Step::Product(factors) => {
                let part = |&(k, n): &(u8, u8)| Part {
                    weight: Number::integer(i64::from(n % 3) + 1),
                    expr: pick(k),
                };
                g.product(&factors.iter().map(part).collect::<Vec<_>>())
            }
            Step::Dot(pairs) => {
                let (a, b): (Vec<_>, Vec<_>) =
                    pairs.iter().map(|&(i, j)| (pick(i), pick(j))).unzip();
                g.dot(&a, &b)
            }
        };
        made.push(next);
    }
    made[made.len() - 1]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// Σ coefficient · Π (atom - centre) equals the expression, up to rounding of its terms.
    #[test]
    fn expansion_changes_no_value(
        steps in steps(),
        at in prop::collection::vec(0.3..2.0f64, 4),
        centre in 0.0..1.5f64,
    ) {
        let mut g = Graph::new();
        let names = ["x", "y", "a", "b"];
        let inputs = names.map(|name| g.input(name, Support { low: 0.0, high: f64::INFINITY }));
        let [x, y, a, b] = inputs;
        let data_only = [g.powi(x, -1), g.call(Function::Log, y)];
        let of_parameter = g.call(Function::Exp, a);
        let leaves = [&[x, y, a, b][..], &data_only, &[of_parameter]].concat();
        let root = build(&mut g, &leaves, &steps);
        let c = Number::float(centre);
        let Some(polynomial) = g.expand(&[x, y], root, |g, _| g.number(c)) else {
            return Ok(());
        };
        let pairs = polynomial.atoms.iter().zip(&polynomial.centres);
        let differences: Vec<ExprId> = pairs.map(|(&atom, &centre)| g.sub(atom, centre)).collect();
        let factors: Vec<[ExprId; 2]> = polynomial
            .terms
            .iter()
            .map(|(monomial, coefficient)| [*coefficient, g.monomial(monomial, &differences)])
            .collect();
        let free = g.dependents(&[x, y]);
        prop_assert!(polynomial.terms.iter().all(|(_, c)| c.index() >= free.len() || !free[c.index()]));
        let roots: Vec<ExprId> = factors.into_iter().flatten().chain([root]).collect();
        let values = evaluate(&g, &roots, |input| at[input.index()]);
        let (want, products) = values.split_last().expect("the root");
        let terms: Vec<f64> = products.chunks(2).map(|pair| pair[0] * pair[1]).collect();
        let size: f64 = terms.iter().map(|term| term.abs()).sum();
        let got: f64 = terms.iter().sum();
        let most = 1e-9 * (size + want.abs());
        prop_assert!((got - want).abs() <= most || !size.is_finite(), "got {got:e}, want {want:e}");
    }
}
