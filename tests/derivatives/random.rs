//! Random expressions and random model texts: all derived expressions compared with hyper-duals of
//! the text as written, and with differences.

use std::cell::Cell;
use std::fmt::Debug;

use proptest::prelude::*;
use proptest::test_runner::{
    Config, FileFailurePersistence, RngSeed, TestCaseError, TestCaseResult, TestError, TestRunner,
};
use scorematch::graph::{InputId, evaluate};

use crate::judge;
use crate::problem::{Problem, Written, steps};
use crate::recipe::{DATA, Recipe, recipe};
use crate::support::{Tolerance, cases, differences, is_close};
use crate::texts::{model, text};

/// Fixed, so that failures are reproducible.
const SEED: u64 = 20_051_104;
/// Beyond this size, rounding errors of intermediate values exceed the tolerances.
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

/// Runs a test on random cases; at least two thirds of them must be comparable.
pub fn judged<S: Strategy>(
    default_cases: usize,
    strategy: S,
    judge: impl Fn(&S::Value) -> Result<bool, TestCaseError>,
) where
    S::Value: Debug,
{
    let (seen, compared) = (Cell::new(0), Cell::new(0));
    let case = |case: S::Value| -> TestCaseResult {
        seen.set(seen.get() + 1);
        if judge(&case)? {
            compared.set(compared.get() + 1);
        }
        Ok(())
    };
    let outcome = runner(default_cases).run(&strategy, case);
    println!("compared {} of {}", compared.get(), seen.get());
    match outcome {
        Err(TestError::Fail(reason, case)) => panic!("seed {SEED}: {reason}\n{case:?}"),
        Err(abort) => panic!("seed {SEED}: {abort}"),
        Ok(()) => {}
    }
    assert!(3 * compared.get() >= 2 * seen.get(), "too few cases could be compared");
}

/// A recipe, the number of its inputs that are data, and a point.
pub fn problem() -> impl Strategy<Value = (Recipe, usize, Vec<i32>)> {
    (recipe(), 1..=DATA, steps())
}

/// A quantity computed in two ways.
struct Pair {
    what: String,
    got: f64,
    want: f64,
}

/// All derived quantities, by evaluation of derived expressions and by hyper-duals of the text.
fn pairs(Problem { written, derived }: &Problem, point: &[f64]) -> Vec<Pair> {
    let mut pairs = Vec::new();
    let mut push = |what: &str, root, want| {
        pairs.push(Pair { what: what.to_owned(), got: derived.at(root, point), want });
    };
    let Written { g, root, data, parameters } = written;
    let (score, laplacian) = judge::score_and_laplacian(g, *root, point, data);
    push("value", derived.value, evaluate(g, &[*root], |id| point[id.index()])[0]);
    push("laplacian", derived.laplacian, laplacian);
    for (j, want) in score.into_iter().enumerate() {
        push(&format!("score {j}"), derived.score[j], want);
    }
    push("rho", derived.rho, judge::rho(g, *root, point, data));
    let mut entries = derived.hessian.iter();
    let mut products = vec![0.0; parameters.len()];
    for a in 0..parameters.len() {
        for b in a..parameters.len() {
            let wrt = [parameters[a], parameters[b]];
            let want = judge::rho_second(g, *root, point, data, wrt);
            let entry = *entries.next().expect("an entry of the triangle");
            push(&format!("hessian {a} {b}"), entry, want.mixed);
            products[a] += want.mixed * derived.direction[b] as f64;
            if a == b {
                push(&format!("slope {a}"), derived.slopes[a], want.first);
            } else {
                products[b] += want.mixed * derived.direction[a] as f64;
            }
        }
    }
    for (a, want) in products.into_iter().enumerate() {
        push(&format!("hessian times {a}"), derived.along[a], want);
    }
    pairs
}

/// Fails unless all pairs agree; `false` where the text has no finite value.
fn against_duals(problem: &Problem, steps: &[i32]) -> Result<bool, TestCaseError> {
    let point = problem.point(steps);
    let scale = problem.scale(&point);
    let pairs = pairs(problem, &point);
    let undefined = pairs.iter().any(|pair| !pair.want.is_finite());
    if scale > SCALE_MAX || undefined || problem.written.is_singular(&point) {
        return Ok(false);
    }
    for Pair { what, got, want } in pairs {
        let close = is_close(got, want, Tolerance::Absolute(1e-9 * scale));
        prop_assert!(close, "{what}: got {got:e}, want {want:e}, scale {scale:e}");
    }
    Ok(true)
}

#[test]
fn expressions_against_duals() {
    judged(3000, problem(), |(recipe, dimension, steps)| {
        against_duals(&Problem::of_recipe(recipe, *dimension), steps)
    });
}

#[test]
fn models_against_duals() {
    judged(2000, (text(), steps()), |(text, steps)| {
        against_duals(&Problem::of_model(&model(text)), steps)
    });
}

/// Fails unless a derivative agrees with a difference; `false` where differences do not converge.
fn near(
    what: &str,
    got: f64,
    want: differences::Difference,
    scale: f64,
) -> Result<bool, TestCaseError> {
    let converged = want.error <= 1e-7 * scale;
    let close = is_close(got, want.value, Tolerance::Absolute(1e-5 * scale));
    prop_assert!(close || !converged, "{what}: got {got:e}, want {want:?}, scale {scale:e}");
    Ok(converged)
}

fn moved(point: &[f64], input: InputId, step: f64) -> Vec<f64> {
    let mut point = point.to_vec();
    point[input.index()] += step;
    point
}

/// Compares score, Laplacian and the gradient of ρ with differences; `false`
/// where one does not converge.
fn against_differences(problem: &Problem, steps: &[i32]) -> Result<bool, TestCaseError> {
    let Problem { written, derived } = problem;
    let Written { g, root, data, parameters } = written;
    let point = problem.point(steps);
    let scale = problem.scale(&point);
    let text = |point: &[f64]| evaluate(g, &[*root], |id| point[id.index()])[0];
    if scale > SCALE_MAX || !text(&point).is_finite() || written.is_singular(&point) {
        return Ok(false);
    }
    let step = 0.02;
    let mut converged = true;
    let mut curvature = differences::Difference { value: 0.0, error: 0.0 };
    for (j, &x) in data.iter().enumerate() {
        let along = |h: f64| text(&moved(&point, x, h));
        let score = derived.at(derived.score[j], &point);
        converged &= near(&format!("score {j}"), score, differences::first(along, step), scale)?;
        let second = differences::second(along, step);
        curvature.value += second.value;
        curvature.error += second.error;
    }
    let laplacian = derived.at(derived.laplacian, &point);
    converged &= near("laplacian", laplacian, curvature, scale)?;
    for (a, &parameter) in parameters.iter().enumerate() {
        let rho = |h: f64| judge::rho(g, *root, &moved(&point, parameter, h), data);
        let slope = derived.at(derived.slopes[a], &point);
        converged &= near(&format!("slope {a}"), slope, differences::first(rho, step), scale)?;
    }
    Ok(converged)
}

#[test]
fn expressions_against_differences() {
    judged(500, problem(), |(recipe, dimension, steps)| {
        against_differences(&Problem::of_recipe(recipe, *dimension), steps)
    });
}

#[test]
fn models_against_differences() {
    judged(300, (text(), steps()), |(text, steps)| {
        against_differences(&Problem::of_model(&model(text)), steps)
    });
}
