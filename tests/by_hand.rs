//! The handwritten kernels of the benches are right on every instruction set, and for numbers of
//! rows that do not fill vectors or tiles, so that the benches compare equal results.

#[path = "../benches/support/mod.rs"]
mod support;

use scorematch::calculus::gradient;
use scorematch::graph::{ExprId, InputId, evaluate};
use scorematch::model::Model;
use support::evaluator::{compile, distance, loss, slices};
use support::hand::elementary::{STEP, exp_in_place, tanh_in_place};
use support::hand::simd::{Isa, Kernel, Simd};
use support::sample::Stream;
use support::workloads::{Workload, all};

/// Numbers of rows around those of lanes, unrolled lanes and tiles.
const SIZES: [usize; 5] = [1, 7, 40, 129, 200];

/// By number of rows, mean ρ and ∂ρ over the first rows by the reference evaluator, with the mean
/// sizes of their terms.
fn reference(workload: &Workload, columns: &[Vec<f64>]) -> Vec<(Vec<f64>, Vec<f64>)> {
    let model = Model::parse(workload.text).expect("a model");
    let (mut graph, loss) = loss(&model);
    let parameters: Vec<ExprId> =
        model.parameters().iter().map(|p| graph.input_node(p.input)).collect();
    let slopes = gradient(&mut graph, loss.total, &parameters);
    let roots: Vec<ExprId> = [loss.total].into_iter().chain(slopes).collect();
    let mut point = vec![0.0; graph.inputs().len()];
    for (parameter, &value) in model.parameters().iter().zip(&workload.theta) {
        point[parameter.input.index()] = value;
    }
    let (mut sums, mut sizes) = (vec![0.0; roots.len()], vec![0.0; roots.len()]);
    let mut means = Vec::new();
    for row in 0..columns[0].len() {
        for (component, column) in model.data().iter().zip(columns) {
            point[component.input.index()] = column[row];
        }
        let values = evaluate(&graph, &roots, |input| point[input.index()]);
        for ((sum, size), value) in sums.iter_mut().zip(&mut sizes).zip(values) {
            *sum += value;
            *size += f64::abs(value);
        }
        let mean = |sums: &[f64]| sums.iter().map(|sum| sum / (row + 1) as f64).collect();
        means.push((mean(&sums), mean(&sizes)));
    }
    means
}

#[test]
fn every_kernel_on_every_instruction_set() {
    for workload in all() {
        let columns = (workload.sample)(SIZES[SIZES.len() - 1]);
        let expected = reference(&workload, &columns);
        for (rows, isa) in
            SIZES.iter().flat_map(|&n| Isa::available().into_iter().map(move |i| (n, i)))
        {
            let head: Vec<&[f64]> = slices(&columns).iter().map(|column| &column[..rows]).collect();
            let by_hand = (workload.by_hand)(isa, &head, &workload.theta);
            let (means, sizes) = &expected[rows - 1];
            let scale: Vec<f64> = sizes.iter().map(|size| size + 1.0).collect();
            let off = distance(&by_hand, means, &scale);
            assert!(off <= 1e-11, "{} with {isa:?}, {rows} rows: off by {off:e}", workload.name);
        }
    }
}

/// The values in ascending order, since kernels order their sums differently.
fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values
}

#[test]
fn the_moments_by_hand_are_those_of_the_objective() {
    for workload in all() {
        let Some(by_hand) = workload.moments else { continue };
        let objective = compile(workload.text);
        let means = objective.moments().expect("a polynomial in data");
        for (rows, isa) in
            SIZES.iter().flat_map(|&n| Isa::available().into_iter().map(move |i| (n, i)))
        {
            let columns = (workload.sample)(rows);
            let want = means.formulas().iter().map(|formula| mean_of(&workload, formula, &columns));
            let (got, want) = (sorted(by_hand(isa, &slices(&columns))), sorted(want.collect()));
            let off =
                distance(&got, &want, &want.iter().map(|m| m.abs() + 1.0).collect::<Vec<_>>());
            assert!(off <= 1e-12, "{} with {isa:?}, {rows} rows: off by {off:e}", workload.name);
        }
    }
}

/// E[formula] by the reference evaluator.
fn mean_of(workload: &Workload, formula: &str, columns: &[Vec<f64>]) -> f64 {
    let inner = formula.strip_prefix("E[").and_then(|rest| rest.strip_suffix(']'));
    let declared = workload.text.split(';').next().expect("data come first");
    let text = format!("{declared}\nlogp = {}", inner.expect("a mean"));
    let model = Model::parse(&text).expect("a formula of the data");
    let place = |input: InputId| model.data().iter().position(|c| c.input == input);
    let value = |row: usize| {
        let at = |input| columns[place(input).expect("a column")][row];
        evaluate(model.graph(), &[model.log_density()], at)[0]
    };
    (0..columns[0].len()).map(value).sum::<f64>() / columns[0].len() as f64
}

#[test]
fn parameters_are_in_the_order_of_the_declarations() {
    for workload in all() {
        let model = Model::parse(workload.text).expect("a model");
        assert_eq!(model.parameters().len(), workload.theta.len(), "{}", workload.name);
        assert_eq!(model.data().len(), (workload.sample)(1).len(), "{}", workload.name);
    }
}

/// A function applied to every number of a list.
struct Map<'a>(&'a mut [f64], Function);

#[derive(Clone, Copy)]
enum Function {
    Exp,
    Tanh,
}

impl Kernel for Map<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        match self.1 {
            Function::Exp => exp_in_place(simd, self.0),
            Function::Tanh => tanh_in_place(simd, self.0),
        }
    }
}

/// The largest difference of a function from the standard library's, in units in the last place.
fn ulps(isa: Isa, function: Function, points: &[f64]) -> f64 {
    let mut got = points.to_vec();
    isa.run(Map(&mut got, function));
    let exact: fn(f64) -> f64 = match function {
        Function::Exp => f64::exp,
        Function::Tanh => f64::tanh,
    };
    let off = |(&x, got): (&f64, f64)| {
        let want = exact(x);
        (got - want).abs() / (want.abs() * f64::EPSILON).max(f64::MIN_POSITIVE)
    };
    points.iter().zip(got).map(off).fold(0.0, f64::max)
}

#[test]
fn functions_are_good_to_two_units() {
    // The standard library's tanh itself has an error of a unit.
    const MOST: f64 = 3.0;
    let mut stream = Stream::new(7);
    let mut spread = |scale: f64| -> Vec<f64> {
        (0..4096 * STEP).map(|_| scale * (2.0 * stream.uniform() - 1.0)).collect()
    };
    let (near, far, tiny) = (spread(1.0), spread(700.0), spread(1e-9));
    for isa in Isa::available() {
        for points in [&near, &far, &tiny] {
            assert!(ulps(isa, Function::Exp, points) <= MOST, "exp with {isa:?}");
            assert!(ulps(isa, Function::Tanh, points) <= MOST, "tanh with {isa:?}");
        }
        let mut ends = vec![-800.0; 8 * STEP];
        isa.run(Map(&mut ends, Function::Exp));
        assert!(ends.iter().all(|&value| value == 0.0), "exp of -800 with {isa:?}");
    }
}
