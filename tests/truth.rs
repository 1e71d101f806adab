//! Every result of W1 to W7 compared with the exact one, on every instruction set of this machine:
//! within 1e-12 of the mean size of the terms whose mean it is.

#[path = "support/dual.rs"]
#[allow(dead_code, reason = "this test uses its part")]
mod dual;
#[path = "../benches/support/mod.rs"]
mod support;
#[path = "support/wide.rs"]
#[allow(dead_code, reason = "this test uses its part")]
mod wide;

#[path = "truth/judge.rs"]
mod judge;
#[path = "truth/reference.rs"]
mod reference;

use std::process::Command;

use judge::Tally;
use nalgebra::DVector;
use reference::{Reference, Truth};
use scorematch::calculus::{gradient, hessian_times};
use scorematch::graph::{ExprId, InputId, Support};
use scorematch::model::Model;
use scorematch::objective::{Batch, Curvature, Path};
use scorematch::program::{BLOCK, ISA_VARIABLE, Isa, Layout, Program};
use support::evaluator::{compile, loss, slices};
use support::sample::Stream;
use support::workloads::{Workload, all};
use wide::Wide;

/// Numbers of rows: one, part of a tile, part of a block, and enough blocks for a second thread.
const SIZES: [usize; 4] = [1, 7, 1000, 8 * BLOCK + 233];
const THREADS: [usize; 2] = [1, 2];

/// Number of rows after which a sample repeats, so that the reference evaluator has few rows to
/// evaluate. It is a prime, so that no two tiles or lanes have the same rows.
const PERIOD: usize = 509;
/// The period where the exact result takes one evaluation for each parameter.
const SHORT_PERIOD: usize = 31;

/// The columns, repeated up to this number of rows.
fn repeated(columns: &[Vec<f64>], rows: usize) -> Vec<Vec<f64>> {
    columns.iter().map(|column| column.iter().copied().cycle().take(rows).collect()).collect()
}

/// A random direction in the space of parameters.
fn direction(workload: &Workload) -> Vec<f64> {
    Stream::new(31).normals(workload.theta.len())
}

/// The programs of J with ∇J and of H·v, as an objective compiles them.
fn programs(workload: &Workload) -> [Program; 2] {
    let model = Model::parse(workload.text).expect("a model");
    let (mut graph, loss) = loss(&model);
    let rows: Vec<InputId> = model.data().iter().map(|c| c.input).collect();
    let mut parameters: Vec<InputId> = model.parameters().iter().map(|p| p.input).collect();
    let nodes = |inputs: &[InputId]| -> Vec<ExprId> {
        inputs.iter().map(|&input| model.graph().input_node(input)).collect()
    };
    let (data, wrt) = (nodes(&rows), nodes(&parameters));
    let slopes = gradient(&mut graph, loss.total, &wrt);
    let along: Vec<ExprId> =
        (0..wrt.len()).map(|k| graph.input(&format!("along {k}"), Support::LINE)).collect();
    let bends = hessian_times(&mut graph, loss.total, &slopes, &wrt, &along);
    let first: Vec<ExprId> = [loss.total].into_iter().chain(slopes).collect();
    let (first, second) = (graph.means(&data, &first), graph.means(&data, &bends));
    let layout = Layout { rows: rows.clone(), parameters: parameters.clone() };
    let first = Program::compile(&graph, &layout, &first);
    parameters.extend(along.iter().filter_map(|&node| graph.as_input(node)));
    [first, Program::compile(&graph, &Layout { rows, parameters }, &second)]
}

/// Checks a program for every number of rows and threads.
fn check_program(
    program: &Program,
    columns: &[Vec<f64>],
    theta: &[f64],
    terms: &[Vec<f64>],
    (tally, kind): (&mut Tally, &'static str),
) {
    for rows in SIZES {
        let truth = Truth::of(terms, rows);
        let columns = repeated(columns, rows);
        for threads in THREADS {
            let got = program.evaluate(&slices(&columns), theta, threads);
            tally.judge(kind, &got, &truth, &format!("{rows} rows, {threads} threads"));
        }
    }
}

#[test]
fn machine_code_and_kernels_on_every_instruction_set() {
    for workload in all() {
        let (theta, v) = (&workload.theta, direction(&workload));
        let reference = Reference::new(&workload);
        let columns = [(workload.sample)(PERIOD), (workload.sample)(SHORT_PERIOD)];
        let terms = [reference.rows(&columns[0], theta), reference.along(&columns[1], theta, &v)];
        let theta = [theta.clone(), [&theta[..], &v].concat()];
        let kinds = ["J, ∇J", "H·v"];
        let mut programs = programs(&workload);
        for (isa, how) in Isa::available().into_iter().flat_map(|isa| [(isa, true), (isa, false)]) {
            programs = programs.map(|p| if how { p.on(isa) } else { p.interpreted() });
            let name = if how { "" } else { ", interpreted" };
            let mut tally = Tally::new(workload.name, format!("{isa}{name}"));
            for k in 0..2 {
                let into = (&mut tally, kinds[k]);
                check_program(&programs[k], &columns[k], &theta[k], &terms[k], into);
            }
            println!("{tally}");
        }
    }
}

/// Checks J and its gradient, by every method of an objective that computes them.
fn check_first(
    batch: &Batch<'_>,
    theta: &[f64],
    terms: &[Vec<f64>],
    tally: &mut Tally,
    what: &str,
) {
    let rows = batch.rows();
    let truth = Truth::of(terms, rows);
    let (value, slopes) = batch.gradient(theta);
    let mut judge = |kind, got: &[f64], truth: &Truth| tally.judge(kind, got, truth, what);
    judge("J, ∇J", &[&[value], slopes.as_slice()].concat(), &truth);
    judge("J", &[batch.value(theta)], &Truth::of(&heads(terms), rows));
    let slope = batch.slope(theta);
    judge("slope", &[&[slope.value], slope.gradient.as_slice()].concat(), &truth);
    let squares = |row: &Vec<f64>| {
        std::iter::once(row[0].abs()).chain(row[1..].iter().map(|psi| psi * psi)).collect()
    };
    let squares: Vec<Vec<f64>> = terms.iter().map(squares).collect();
    let got = [&[slope.magnitude], slope.outer_diagonal.as_slice()].concat();
    judge("mean |ρ|, diag K", &got, &Truth::of(&squares, rows));
    let sizes = vec![truth.sizes[0]; rows];
    let losses = (0..rows).map(|row| terms[row % terms.len()][0]).collect();
    judge("ρ", &batch.losses(theta), &Truth { means: losses, sizes });
}

/// ρ of every row.
fn heads(terms: &[Vec<f64>]) -> Vec<Vec<f64>> {
    terms.iter().map(|row| vec![row[0]]).collect()
}

/// The exact second derivatives.
struct Second {
    v: Vec<f64>,
    /// ∂²ρ·v
    along: Vec<Vec<f64>>,
    /// ∂²ρ and ∂ρ∂ρᵀ as matrices, if they were asked for.
    matrices: Option<[Vec<Vec<f64>>; 2]>,
}

impl Second {
    fn new(reference: &Reference, workload: &Workload, columns: &[Vec<f64>], whole: bool) -> Self {
        let (theta, v) = (&workload.theta, direction(workload));
        let along = reference.along(columns, theta, &v);
        let outer = |row: Vec<f64>| {
            row[1..].iter().flat_map(|&a| row[1..].iter().map(move |&b| a * b)).collect()
        };
        let matrices = whole.then(|| {
            let rows = reference.rows(columns, theta).into_iter();
            [reference.hessians(columns, theta), rows.map(outer).collect()]
        });
        Self { v, along, matrices }
    }

    /// Checks the Hessian and the outer product of row gradients.
    fn check(&self, batch: &Batch<'_>, theta: &[f64], tally: &mut Tally, what: &str) {
        let mut judge = |kind, got: &[f64], terms: &[Vec<f64>]| {
            tally.judge(kind, got, &Truth::of(terms, batch.rows()), what);
        };
        let got = batch.hessian_times(theta, &DVector::from_column_slice(&self.v));
        judge("H·v", got.as_slice(), &self.along);
        if let Some([hessians, outers]) = &self.matrices {
            let expansion = batch.expand(theta);
            judge("H", expansion.hessian.as_slice(), hessians);
            judge("K", expansion.outer.as_slice(), outers);
        }
    }
}

/// Checks every result of a workload by one path.
fn check_batches(workload: &Workload, path: Path) {
    let theta = &workload.theta;
    let (reference, objective) = (Reference::new(workload), compile(workload.text));
    let (long, short) = ((workload.sample)(PERIOD), (workload.sample)(SHORT_PERIOD));
    let terms = reference.rows(&long, theta);
    let whole = objective.curvature() == Curvature::Matrix;
    let second = Second::new(&reference, workload, &short, whole);
    let mut tally = Tally::new(workload.name, format!("{}, {}", Isa::chosen(), path.name()));
    for (rows, threads) in SIZES.into_iter().flat_map(|rows| THREADS.map(|t| (rows, t))) {
        let what = format!("{rows} rows, {threads} threads");
        let (long, short) = (repeated(&long, rows), repeated(&short, rows));
        let on =
            |columns| objective.on(columns, threads).by(path).expect("the workload has this path");
        // For a single row, moments may leave too few digits.
        assert!(rows == 1 || on(slices(&long)).path_at(theta) == path, "{}", workload.name);
        check_first(&on(slices(&long)), theta, &terms, &mut tally, &what);
        second.check(&on(slices(&short)), theta, &mut tally, &what);
    }
    println!("{tally}");
}

#[test]
fn objectives_on_the_chosen_instruction_set() {
    for workload in all() {
        check_batches(&workload, Path::Rows);
        if workload.moments.is_some() {
            check_batches(&workload, Path::Moments);
        }
    }
}

/// The instruction set is chosen once in a process, so each of the others is tested
/// in a process of its own.
#[test]
fn objectives_on_every_other_instruction_set() {
    for isa in Isa::available().into_iter().filter(|&isa| isa != Isa::chosen()) {
        let program = std::env::current_exe().expect("a test is a program");
        let output = Command::new(program)
            .args(["--exact", "objectives_on_the_chosen_instruction_set", "--nocapture"])
            .env(ISA_VARIABLE, isa.name())
            .output()
            .expect("a test can be run");
        let said = String::from_utf8_lossy(&output.stdout);
        let failed = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}{failed}");
        assert!(said.contains(&format!("W7  {isa}")), "{isa} was not what ran: {said}");
        said.lines().filter(|line| line.starts_with('W')).for_each(|line| println!("{line}"));
    }
}

/// The reference is computed with 71 digits, which would reveal a loss of digits
/// in the reference itself.
#[test]
fn the_reference_evaluator_keeps_its_own_digits() {
    for workload in all() {
        let columns = (workload.sample)(5);
        let reference = Reference::new(&workload);
        let terms = reference.rows(&columns, &workload.theta);
        let theta: Vec<Wide> = workload.theta.iter().map(|&value| Wide::from(value)).collect();
        let wide = reference.rows(&columns, &theta).into_iter();
        let wide: Vec<Vec<f64>> =
            wide.map(|row| row.into_iter().map(Wide::narrow).collect()).collect();
        let mut tally = Tally::new(workload.name, "71 digits");
        tally.judge("J, ∇J", &Truth::of(&terms, 5).means, &Truth::of(&wide, 5), "5 rows");
        println!("{tally}");
    }
}
