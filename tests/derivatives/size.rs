//! The cost of derivatives, counted in nodes and operations, which does not depend on timing.

use scorematch::calculus::{gradient, laplacian};
use scorematch::graph::{ExprId, Function, Graph, InputId, Number, Part, Support, evaluate};
use scorematch::program::{Layout, Operations, Program};

use crate::support::Tolerance::Absolute;
use crate::support::assert_close;

/// -Σ log cosh(w_i·x) with K units in d dimensions, with its inputs.
struct Ica {
    g: Graph,
    root: ExprId,
    data: Vec<ExprId>,
    weights: Vec<ExprId>,
}

fn ica(units: usize, dimension: usize) -> Ica {
    let mut g = Graph::new();
    let input = |g: &mut Graph, name: String| g.input(&name, Support::LINE);
    let data: Vec<_> = (1..=dimension).map(|j| input(&mut g, format!("x[{j}]"))).collect();
    let mut weights = Vec::new();
    let mut terms = Vec::new();
    for i in 1..=units {
        let row: Vec<_> = (1..=dimension).map(|j| input(&mut g, format!("W[{i},{j}]"))).collect();
        let projection = g.dot(&row, &data);
        let cosh = g.call(Function::Cosh, projection);
        terms.push(g.call(Function::Log, cosh));
        weights.extend(row);
    }
    let sum = g.total(&terms);
    let minus = g.neg(sum);
    let root = g.stabilise(&[minus])[0];
    Ica { g, root, data, weights }
}

impl Ica {
    fn laplacian(&mut self) -> ExprId {
        laplacian(&mut self.g, self.root, &self.data)
    }

    fn operations(&self, outputs: &[ExprId]) -> Operations {
        let inputs = |ids: &[ExprId]| -> Vec<InputId> {
            ids.iter().map(|&id| self.g.as_input(id).expect("an input")).collect()
        };
        let layout = Layout { rows: inputs(&self.data), parameters: inputs(&self.weights) };
        Program::compile(&self.g, &layout, outputs).operations()
    }
}

fn ica_row_operations(units: usize) -> usize {
    let mut model = ica(units, 16);
    let laplacian = model.laplacian();
    model.operations(&[laplacian]).row
}

#[test]
fn the_laplacian_of_ica_costs_a_row_the_same_for_every_unit() {
    let [eight, sixteen, more] = [8, 16, 32].map(ica_row_operations);
    println!("row operations for 8, 16, 32 units: {eight} {sixteen} {more}");
    assert!(sixteen > eight);
    assert_eq!(more - sixteen, 2 * (sixteen - eight), "{eight} {sixteen} {more}");
    // w·x, log cosh, its curvature, times ‖w‖² and into the sum; only w·x depends on the dimension.
    assert!(more <= 32 * (16 + 5), "{more} row operations for 32 units");
}

/// Δ = -Σ sech²(w_i·x) ‖w_i‖², with ‖w_i‖² free of the data.
#[test]
fn the_laplacian_of_ica_is_that_of_the_paper() {
    let mut model = ica(16, 16);
    let laplacian = model.laplacian();
    let value = |id: InputId| ((id.index() * 37 % 19) as f64 - 9.0) / 20.0;
    let got = evaluate(&model.g, &[laplacian], value)[0];
    let of = |id: &ExprId| value(model.g.as_input(*id).expect("an input"));
    let x: Vec<f64> = model.data.iter().map(of).collect();
    let want: f64 = (model.weights.chunks(16))
        .map(|row| {
            let w: Vec<f64> = row.iter().map(of).collect();
            let projection: f64 = w.iter().zip(&x).map(|(w, x)| w * x).sum();
            -w.iter().map(|w| w * w).sum::<f64>() / projection.cosh().powi(2)
        })
        .sum();
    assert_close(got, want, Absolute(1e-12 * want.abs()), "Δ");
    let moving = model.g.dependents(&model.data);
    let squares = model.g.live(&[laplacian]).into_iter().filter(|&id| {
        let dot = matches!(model.g.node(id), scorematch::graph::Node::Dot(a, b) if a == b);
        dot && !moving[id.index()]
    });
    assert_eq!(squares.count(), 16, "one ‖w_i‖² for every unit, without data in it");
}

/// The nodes below score, Laplacian, and the gradient with respect to W of a
/// loss that contains both.
fn derived_nodes(units: usize, dimension: usize) -> [usize; 2] {
    let mut model = ica(units, dimension);
    let data = model.data.clone();
    let score = gradient(&mut model.g, model.root, &data);
    let laplacian = model.laplacian();
    let norm = model.g.sum_of_squares(&score);
    let half = Part { weight: Number::ratio(1, 2), expr: norm };
    let rho = model.g.sum(&[Part::one(laplacian), half]);
    let weights = model.weights.clone();
    let slopes = gradient(&mut model.g, rho, &weights);
    [model.g.live(&[rho]).len(), model.g.live(&slopes).len()]
}

#[test]
fn a_hidden_layer_of_128_in_100_dimensions_has_a_small_graph() {
    let (small, large) = (derived_nodes(64, 100), derived_nodes(128, 100));
    println!("nodes of the loss and of its gradient, 64 and 128 units: {small:?} {large:?}");
    let inputs = 100 + 128 * 100;
    // Besides the inputs, a loss has some nodes per unit and dimension, and a
    // gradient some per weight.
    assert!(large[0] < inputs + 10 * (128 + 100), "{large:?}");
    assert!(large[1] < 6 * inputs, "{large:?}");
    assert!(large[0] <= 2 * small[0] && large[1] <= 2 * small[1], "{small:?} {large:?}");
}

/// u ↦ atan(u) + x, iterated from a·x: no nodes merge, and none are shared.
fn chain(g: &mut Graph, depth: usize) -> (ExprId, ExprId) {
    let x = g.input("x", Support::LINE);
    let a = g.input("a", Support::LINE);
    let mut top = g.mul(a, x);
    for _ in 0..depth {
        top = g.call(Function::Atan, top);
        top = g.add(top, x);
    }
    (top, x)
}

/// Live nodes of the gradient and of the Laplacian of a chain.
fn chain_nodes(depth: usize) -> [usize; 2] {
    let mut g = Graph::new();
    let (top, x) = chain(&mut g, depth);
    let slope = gradient(&mut g, top, &[x]);
    let curvature = laplacian(&mut g, top, &[x]);
    [g.live(&slope).len(), g.live(&[curvature]).len()]
}

/// Runs on a thread with a small stack, which recursion over the graph would overflow.
fn on_a_small_stack<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let thread = std::thread::Builder::new().stack_size(1 << 20);
    thread.spawn(work).expect("a thread").join().expect("the work does not panic")
}

#[test]
fn chains_a_hundred_thousand_deep_cost_linear_space_and_no_stack() {
    let [short, long] = on_a_small_stack(|| [chain_nodes(10_000), chain_nodes(100_000)]);
    println!("nodes of gradient and Laplacian at depths 1e4, 1e5: {short:?} {long:?}");
    for (short, long) in short.into_iter().zip(long) {
        assert!(long > 100_000 && long <= 10 * short + 100, "{short} {long}");
    }
}

/// The nodes of Σ_k sin(k x), which is wide instead of deep, of its gradient and of its Laplacian.
fn wide_nodes(terms: i64) -> [usize; 3] {
    let mut g = Graph::new();
    let x = g.input("x", Support::LINE);
    let mut all = Vec::new();
    for k in 1..=terms {
        let multiple = g.scale(Number::integer(k), x);
        all.push(g.call(Function::Sin, multiple));
    }
    let root = g.total(&all);
    let size = g.live(&[root]).len();
    let slope = gradient(&mut g, root, &[x]);
    let curvature = laplacian(&mut g, root, &[x]);
    [size, g.live(&slope).len(), g.live(&[curvature]).len()]
}

#[test]
fn a_graph_of_a_million_nodes_is_differentiated_in_linear_space() {
    let [small, large] = on_a_small_stack(|| [wide_nodes(50_000), wide_nodes(500_000)]);
    println!("nodes of a sum, its gradient and its Laplacian: {small:?} {large:?}");
    assert!(large[0] >= 1_000_000);
    for (small, large) in small.into_iter().zip(large) {
        assert!(large <= 10 * small + 100, "{small} {large}");
    }
}
