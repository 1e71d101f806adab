//! Means over the rows of each level of an index, and of each cell of two indices, against the
//! reference evaluator: levels without rows, one with all rows, rows of no level, values that are not
//! finite in other rows, several blocks, threads, instruction sets.

use scorematch::calculus::gradient;
use scorematch::graph::{ExprId, Function, Graph, InputId, Relation, Support, evaluate};
use scorematch::program::{BLOCK, Isa, Layout, Program};

use crate::judge::noise;

/// Three columns x, g and h, and further parameters.
struct Rows {
    graph: Graph,
    x: ExprId,
    g: ExprId,
    h: ExprId,
    columns: [Vec<f64>; 3],
}

impl Rows {
    /// `g` and `h` are functions of the row.
    fn new(count: usize, g: impl Fn(usize) -> f64, h: impl Fn(usize) -> f64) -> Self {
        let mut graph = Graph::new();
        let inputs = ["x", "g", "h"].map(|name| graph.input(name, Support::LINE));
        let columns = [noise(count, 3), (0..count).map(g).collect(), (0..count).map(h).collect()];
        Self { graph, x: inputs[0], g: inputs[1], h: inputs[2], columns }
    }

    fn slices(&self) -> [&[f64]; 3] {
        self.columns.each_ref().map(Vec::as_slice)
    }

    /// `value` where the index has the level, else zero.
    fn masked(&mut self, index: ExprId, level: i64, value: ExprId) -> ExprId {
        let (level, zero) = (self.graph.integer(level), self.graph.zero());
        let holds = self.graph.compare(Relation::Equal, index, level);
        self.graph.select(holds, value, zero)
    }

    fn layout(&self, parameters: &[ExprId]) -> Layout {
        let inputs = |ids: &[ExprId]| -> Vec<InputId> {
            ids.iter().map(|&id| self.graph.as_input(id).expect("an input")).collect()
        };
        Layout { rows: inputs(&[self.x, self.g, self.h]), parameters: inputs(parameters) }
    }

    /// The mean and the mean size of each root, added up with Neumaier's compensation.
    fn reference(&self, roots: &[ExprId], parameters: &[f64]) -> Vec<(f64, f64)> {
        let rows = self.columns[0].len();
        let mut sums = vec![(0.0_f64, 0.0_f64, 0.0_f64); roots.len()];
        for row in 0..rows {
            let point = |input: InputId| match input.index() {
                k @ 0..3 => self.columns[k][row],
                k => parameters[k - 3],
            };
            for ((sum, lost, size), value) in
                sums.iter_mut().zip(evaluate(&self.graph, roots, point))
            {
                let next = *sum + value;
                *lost += match sum.abs() >= value.abs() {
                    true => (*sum - next) + value,
                    false => (value - next) + *sum,
                };
                *sum = next;
                *size += value.abs();
            }
        }
        let mean = |(sum, lost, size): (f64, f64, f64)| {
            let total = if sum.is_finite() { sum + lost } else { sum };
            (total / rows as f64, size / rows as f64)
        };
        sums.into_iter().map(mean).collect()
    }

    /// Compares means on every instruction set, by code and by kernels, on one thread and on two.
    #[track_caller]
    fn check(&self, program: impl Fn() -> Program, want: &[(f64, f64)], parameters: &[f64]) {
        for isa in Isa::available() {
            for program in [program().on(isa), program().on(isa).interpreted()] {
                let one = program.evaluate(&self.slices(), parameters, 1);
                let two = program.evaluate(&self.slices(), parameters, 2);
                for (k, (&got, &(mean, size))) in one.iter().zip(want).enumerate() {
                    let close = (got - mean).abs() <= 1e-14 * size
                        || got == mean
                        || got.is_nan() && mean.is_nan();
                    assert!(close, "{isa}: mean {k} is {got}, not {mean}");
                    assert_eq!(got.to_bits(), two[k].to_bits(), "{isa}: mean {k} on two threads");
                }
                assert_eq!(one.len(), want.len());
            }
        }
    }
}

/// More than eight blocks, so that two threads take some of them, and a last tile that fills no
/// vector.
const COUNT: usize = 9 * BLOCK + 37;
const LEVELS: usize = 12;

/// Levels 3 and 12 have no rows; some rows have none of the levels.
fn uneven(row: usize) -> f64 {
    const NONE: [f64; 7] = [0.0, -1.0, 13.0, 2.5, f64::NAN, f64::INFINITY, 4_294_967_297.0];
    match row % 13 {
        2 | 11 => NONE[row % 7],
        12 => ((row / 13) % 11 + 1) as f64,
        k => (k + 1) as f64,
    }
}

#[test]
fn levels_without_rows_and_rows_without_a_level() {
    let mut rows = Rows::new(COUNT, uneven, |_| 1.0);
    let (x, g) = (rows.x, rows.g);
    let value = rows.graph.call(Function::Tanh, x);
    let masked: Vec<ExprId> = (1..=LEVELS).map(|k| rows.masked(g, k as i64, value)).collect();
    let layout = rows.layout(&[]);
    let program = || Program::compile_means(&rows.graph, &layout, &masked);
    let want = rows.reference(&masked, &[]);
    assert_eq!([want[11].0, want[11].1], [0.0; 2]);
    rows.check(program, &want, &[]);
    let operations = program().operations();
    assert_eq!((operations.row + operations.data, operations.mean), (1, 1), "{}", program());
}

#[test]
fn one_level_has_all_rows() {
    let mut rows = Rows::new(COUNT, |_| 4.0, |_| 1.0);
    let (x, g) = (rows.x, rows.g);
    let masked: Vec<ExprId> = (1..=5).map(|k| rows.masked(g, k, x)).collect();
    let layout = rows.layout(&[]);
    rows.check(
        || Program::compile_means(&rows.graph, &layout, &masked),
        &rows.reference(&masked, &[]),
        &[],
    );
}

/// log x does not exist in the rows of all levels but one, and is infinite there.
#[test]
fn what_is_not_finite_stays_in_its_level() {
    let mut rows = Rows::new(COUNT, |row| (row % 6 + 1) as f64, |_| 1.0);
    rows.columns[0] = (0..COUNT)
        .map(|row| match row % 6 {
            2 => f64::NAN,
            3 => f64::INFINITY,
            k => k as f64 - 0.5,
        })
        .collect();
    let (x, g) = (rows.x, rows.g);
    let masked: Vec<ExprId> = (1..=6).map(|k| rows.masked(g, k, x)).collect();
    let want = rows.reference(&masked, &[]);
    let finite: Vec<bool> = want.iter().map(|(mean, _)| mean.is_finite()).collect();
    assert_eq!(finite, [true, true, false, false, true, true]);
    let layout = rows.layout(&[]);
    rows.check(|| Program::compile_means(&rows.graph, &layout, &masked), &want, &[]);
}

/// Five values in the cells of two indices, more than one pass adds, and in the levels of one.
#[test]
fn cells_of_two_indices() {
    let mut rows = Rows::new(COUNT, uneven, |row| (row * row % 7) as f64);
    let (x, g, h) = (rows.x, rows.g, rows.h);
    let values: Vec<ExprId> = (1..=5)
        .map(|k| {
            let shift = rows.graph.integer(k);
            let shifted = rows.graph.add(x, shift);
            rows.graph.call(Function::Tanh, shifted)
        })
        .collect();
    let mut roots = Vec::new();
    for &value in &values {
        for j in 1..=4 {
            for k in 1..=5 {
                let inner = rows.masked(h, k, value);
                roots.push(rows.masked(g, j, inner));
            }
            roots.push(rows.masked(h, j, value));
        }
    }
    let layout = rows.layout(&[]);
    let program = || Program::compile_means(&rows.graph, &layout, &roots);
    assert_eq!(program().operations().mean, 10, "{}", program());
    rows.check(program, &rows.reference(&roots, &[]), &[]);
}

/// Fewer than four levels, or levels far apart, are sums over all rows.
#[test]
fn few_levels_make_no_table() {
    let mut rows = Rows::new(COUNT, uneven, |_| 1.0);
    let (x, g) = (rows.x, rows.g);
    for levels in [vec![1, 2, 4], vec![1, 2, 4, 1_000_000], vec![1, 2, 4, i64::MAX]] {
        let roots: Vec<ExprId> = levels.iter().map(|&k| rows.masked(g, k, x)).collect();
        let layout = rows.layout(&[]);
        let program = || Program::compile_means(&rows.graph, &layout, &roots);
        assert_eq!(program().operations().mean, levels.len());
        rows.check(program, &rows.reference(&roots, &[]), &[]);
    }
}

/// A difference of two entries of one list, as of two players, and a scale for each level: slopes, their
/// products and second derivatives, some of which are zero.
#[test]
fn slopes_in_entries_of_a_list() {
    const PLAYERS: usize = 6;
    let mut rows = Rows::new(
        COUNT,
        |row| (row % PLAYERS + 1) as f64,
        |row| ((row / 3 + row % 5) % PLAYERS + 1) as f64,
    );
    let Rows { x, g, h, .. } = rows;
    let parameters: Vec<ExprId> =
        (0..2 * PLAYERS).map(|k| rows.graph.input(&format!("m{k}"), Support::LINE)).collect();
    let (places, logs) = parameters.split_at(PLAYERS);
    let graph = &mut rows.graph;
    let scales: Vec<ExprId> = logs.iter().map(|&log| graph.call(Function::Exp, log)).collect();
    let (one, other) = (graph.gather(places, g), graph.gather(places, h));
    let (scale, away) = (graph.gather(&scales, h), graph.sub(one, other));
    let (away, scaled) = (graph.sub(x, away), graph.mul(scale, x));
    let (tanh, bent) = (graph.call(Function::Tanh, away), graph.call(Function::Sin, scaled));
    let loss = graph.mul(tanh, bent);
    let slopes = gradient(graph, loss, &parameters);
    let second: Vec<ExprId> =
        slopes.iter().flat_map(|&slope| gradient(graph, slope, &parameters)).collect();
    let pairs: Vec<(ExprId, ExprId)> =
        slopes.iter().flat_map(|&a| slopes.iter().map(move |&b| (a, b))).collect();
    let squares: Vec<ExprId> = pairs.iter().map(|&(a, b)| graph.mul(a, b)).collect();
    let firsts = [slopes, second].concat();
    let means = graph.means(&[x, g, h], &firsts);
    let layout = rows.layout(&parameters);
    let program = || Program::with_products(&rows.graph, &layout, &means, &pairs);
    let theta = [0.3, -0.2, 0.5, 0.1, -0.6, 0.4, 0.1, -0.3, 0.2, 0.6, -0.1, 0.3];
    let want = rows.reference(&[firsts, squares].concat(), &theta);
    rows.check(program, &want, &theta);
    let listing = program().to_string();
    assert!(listing.contains("means[g, h] +="), "{listing}");
    assert!(program().operations().mean < 40, "{listing}");
}
