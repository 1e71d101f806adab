//! Random expressions: everything that is derived against hyper-duals of the expression as it was
//! written, and against differences.

use std::cell::Cell;

use proptest::prelude::*;
use proptest::test_runner::{
    Config, FileFailurePersistence, RngSeed, TestCaseError, TestCaseResult, TestError, TestRunner,
};
use scorematch::calculus::{gradient, hessian, hessian_times, laplacian};
use scorematch::graph::{ExprId, Graph, InputId, evaluate};
use scorematch::objective::hyvarinen;

use crate::judge;
use crate::recipe::{DATA, Dish, PARAMETERS, Recipe, cook, recipe};
use crate::support::{Tolerance, cases, differences, is_close};

/// Fixed, so that a failure can be seen again.
const SEED: u64 = 20_051_104;
/// Beyond this the rounding of intermediate values hides what is judged.
const SCALE_MAX: f64 = 1e6;

fn runner(default_cases: usize) -> TestRunner {
    println!("seed {SEED}");
    TestRunner::new(Config {
        cases: u32::try_from(cases(default_cases)).expect("a modest count"),
        rng_seed: RngSeed::Fixed(SEED),
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(
            "tests/derivatives/regressions.txt",
        ))),
        ..Config::default()
    })
}

/// All that is derived from a log-density with `dimension` data.
pub struct Derived {
    pub g: Graph,
    pub value: ExprId,
    pub score: Vec<ExprId>,
    pub laplacian: ExprId,
    pub rho: ExprId,
    slopes: Vec<ExprId>,
    hessian: Vec<ExprId>,
    /// The θ-Hessian times `DIRECTION`.
    along: Vec<ExprId>,
}

const DIRECTION: [i64; PARAMETERS] = [1, -2, 3];

pub fn derive(recipe: &Recipe, dimension: usize) -> Derived {
    let mut g = Graph::new();
    let Dish { data, parameters, root } = cook(&mut g, recipe);
    let value = g.stabilise(&[root])[0];
    let score = gradient(&mut g, value, &data[..dimension]);
    let laplacian = laplacian(&mut g, value, &data[..dimension]);
    let loss = hyvarinen(&mut g, value, &data[..dimension]);
    let rho = g.stabilise(&[loss.total])[0];
    let slopes = gradient(&mut g, rho, &parameters);
    let hessian = hessian(&mut g, &slopes, &parameters);
    let direction = DIRECTION.map(|n| g.integer(n));
    let along = hessian_times(&mut g, &slopes, &parameters, &direction);
    Derived { g, value, score, laplacian, rho, slopes, hessian, along }
}

impl Derived {
    fn roots(&self) -> Vec<ExprId> {
        let one = [self.value, self.laplacian, self.rho];
        let many = [&self.score, &self.slopes, &self.hessian, &self.along];
        one.into_iter().chain(many.into_iter().flatten().copied()).collect()
    }

    /// 1 + the largest value that occurs on the way: rounding is relative to it.
    fn scale(&self, point: &[f64]) -> f64 {
        let live = self.g.live(&self.roots());
        let values = evaluate(&self.g, &live, |id| point[id.index()]);
        // A branch not taken may hold anything; if a root does, the comparison will say so.
        let sizes = values.into_iter().filter(|value| value.is_finite()).map(f64::abs);
        sizes.fold(1.0, f64::max)
    }
}

/// The expression as written.
pub struct Written {
    pub g: Graph,
    pub root: ExprId,
    pub data: Vec<InputId>,
    pub parameters: Vec<InputId>,
}

pub fn write(recipe: &Recipe, dimension: usize) -> Written {
    let mut g = Graph::verbatim();
    let Dish { data, parameters, root } = cook(&mut g, recipe);
    let inputs = |ids: &[ExprId]| ids.iter().map(|&id| g.as_input(id).expect("an input")).collect();
    let (data, parameters) = (inputs(&data[..dimension]), inputs(&parameters));
    Written { g, root, data, parameters }
}

/// A point: data and parameters within 2 of the origin, the last parameter positive. Points lie
/// off the places, zero above all, where kinks meet and limits stand for values.
fn point() -> impl Strategy<Value = [f64; DATA + PARAMETERS]> {
    let off = |input: usize| 0.1 + 0.137 * input as f64;
    std::array::from_fn::<_, { DATA + PARAMETERS }, _>(|input| {
        let steps = if input == DATA + PARAMETERS - 1 { 4..32 } else { -32..32 };
        steps.prop_map(move |step| (f64::from(step) + off(input)) / 16.0)
    })
}

/// A quantity by two ways.
struct Pair {
    what: String,
    got: f64,
    want: f64,
}

fn pairs(written: &Written, derived: &Derived, point: &[f64]) -> Vec<Pair> {
    let value = |root: ExprId| evaluate(&derived.g, &[root], |id| point[id.index()])[0];
    let text = evaluate(&written.g, &[written.root], |id| point[id.index()])[0];
    let (score, laplacian) =
        judge::score_and_laplacian(&written.g, written.root, point, &written.data);
    let mut pairs = Vec::new();
    let mut push = |what: &str, got, want| pairs.push(Pair { what: what.to_owned(), got, want });
    push("value", value(derived.value), text);
    push("laplacian", value(derived.laplacian), laplacian);
    for (j, &want) in score.iter().enumerate() {
        push(&format!("score {j}"), value(derived.score[j]), want);
    }
    let mut entries = derived.hessian.iter();
    let mut products = [0.0; PARAMETERS];
    for a in 0..PARAMETERS {
        for b in a..PARAMETERS {
            let wrt = [written.parameters[a], written.parameters[b]];
            let want = judge::rho_second(&written.g, written.root, point, &written.data, wrt);
            let entry = *entries.next().expect("an entry of the triangle");
            push(&format!("hessian {a} {b}"), value(entry), want.mixed);
            products[a] += want.mixed * DIRECTION[b] as f64;
            if a == b {
                push("rho", value(derived.rho), want.value);
                push(&format!("slope {a}"), value(derived.slopes[a]), want.first);
            } else {
                products[b] += want.mixed * DIRECTION[a] as f64;
            }
        }
    }
    for (a, want) in products.into_iter().enumerate() {
        push(&format!("hessian times {a}"), value(derived.along[a]), want);
    }
    pairs
}

/// What rounding is relative to, in either.
pub fn scale(written: &Written, derived: &Derived, point: &[f64]) -> f64 {
    let text = judge::scale(&written.g, written.root, point, &written.data);
    derived.scale(point).max(text)
}

/// Fails the case unless all pairs agree; `false` where the text has no finite value to compare.
fn agree(pairs: &[Pair], scale: f64, tolerance: f64) -> Result<bool, TestCaseError> {
    if scale > SCALE_MAX || pairs.iter().any(|pair| !pair.want.is_finite()) {
        return Ok(false);
    }
    for Pair { what, got, want } in pairs {
        prop_assert!(
            is_close(*got, *want, Tolerance::Absolute(tolerance * scale)),
            "{what}: got {got:e}, want {want:e}, scale {scale:e}"
        );
    }
    Ok(true)
}

/// Runs the judgement over random cases, of which at least half must have been comparable.
pub fn judged(
    default_cases: usize,
    judge: impl Fn(&Recipe, usize, &[f64]) -> Result<bool, TestCaseError>,
) {
    let (seen, compared) = (Cell::new(0), Cell::new(0));
    let case =
        |(recipe, dimension, point): (Recipe, usize, [f64; DATA + PARAMETERS])| -> TestCaseResult {
            seen.set(seen.get() + 1);
            if judge(&recipe, dimension, &point)? {
                compared.set(compared.get() + 1);
            }
            Ok(())
        };
    let outcome = runner(default_cases).run(&(recipe(), 1..=DATA, point()), case);
    println!("compared {} of {}", compared.get(), seen.get());
    match outcome {
        Err(TestError::Fail(reason, case)) => panic!("seed {SEED}: {reason}\n{case:?}"),
        Err(abort) => panic!("seed {SEED}: {abort}"),
        Ok(()) => {}
    }
    assert!(2 * compared.get() >= seen.get(), "too few cases could be compared");
}

#[test]
fn everything_derived_agrees_with_duals_of_the_text() {
    judged(3000, |recipe, dimension, point| {
        let (written, derived) = (write(recipe, dimension), derive(recipe, dimension));
        agree(&pairs(&written, &derived, point), scale(&written, &derived, point), 1e-9)
    });
}

/// Whether a derivative agrees with a difference, where differences converge.
fn against_difference(
    what: &str,
    got: f64,
    want: differences::Difference,
    scale: f64,
) -> Result<bool, TestCaseError> {
    if !(want.error <= 1e-7 * scale) {
        return Ok(false);
    }
    let close = is_close(got, want.value, Tolerance::Absolute(1e-5 * scale));
    prop_assert!(close, "{what}: got {got:e}, want {want:?}, scale {scale:e}");
    Ok(true)
}

#[test]
fn derivatives_agree_with_differences_of_the_text() {
    judged(500, |recipe, dimension, point| {
        let (written, derived) = (write(recipe, dimension), derive(recipe, dimension));
        let scale = scale(&written, &derived, point);
        let moved = |input: InputId, step: f64| {
            let mut point = point.to_vec();
            point[input.index()] += step;
            point
        };
        let text = |point: &[f64]| evaluate(&written.g, &[written.root], |id| point[id.index()])[0];
        let value = |root: ExprId| evaluate(&derived.g, &[root], |id| point[id.index()])[0];
        if scale > 1e4 || !text(point).is_finite() {
            return Ok(false);
        }
        let step = 0.02;
        let mut compared = true;
        let mut curvature = differences::Difference { value: 0.0, error: 0.0 };
        for (j, &x) in written.data.iter().enumerate() {
            let slope = differences::first(|h| text(&moved(x, h)), step);
            let score = value(derived.score[j]);
            compared &= against_difference(&format!("score {j}"), score, slope, scale)?;
            let second = differences::second(|h| text(&moved(x, h)), step);
            curvature.value += second.value;
            curvature.error += second.error;
        }
        let laplacian = value(derived.laplacian);
        compared &= against_difference("laplacian", laplacian, curvature, scale)?;
        for (a, &parameter) in written.parameters.iter().enumerate() {
            let rho = |h| judge::rho(&written.g, written.root, &moved(parameter, h), &written.data);
            let slope = differences::first(rho, step);
            let got = value(derived.slopes[a]);
            compared &= against_difference(&format!("slope {a}"), got, slope, scale)?;
        }
        Ok(compared)
    });
}
