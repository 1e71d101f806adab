//! Simplification may enlarge the domain, but never shrinks it, and changes no value.

use std::cell::Cell;

use proptest::prelude::*;
use proptest::test_runner::{Config, FileFailurePersistence, RngSeed, TestRunner};
use scorematch::graph::{ExprId, Graph};

use crate::judge::{Values, Verdict, compare};
use crate::support::cases;
use crate::wild::{Exponents, Step, Writing, build, point, recipe};

/// Fixed, so that failures are reproducible.
const SEED: u64 = 19_850_713;

pub fn runner(default_cases: usize) -> TestRunner {
    println!("seed {SEED}");
    TestRunner::new(Config {
        cases: u32::try_from(cases(default_cases)).expect("a modest count"),
        rng_seed: RngSeed::Fixed(SEED),
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(
            "tests/graph/regressions.txt",
        ))),
        ..Config::default()
    })
}

fn written(recipe: &[Step]) -> (Graph, ExprId) {
    let mut graph = Graph::verbatim();
    let root = build(&mut graph, recipe, Exponents::Any, Writing::AsGiven);
    (graph, root)
}

fn canonical(recipe: &[Step]) -> (Graph, ExprId) {
    let mut graph = Graph::new();
    let root = build(&mut graph, recipe, Exponents::Any, Writing::AsGiven);
    (graph, root)
}

/// Compares random recipes at random points, and checks that enough comparisons have a result.
fn never_different(what: &str, judge: impl Fn(&[Step], &[f64; 4]) -> Verdict) {
    let default_cases = 15_000;
    let (said, asked) = (Cell::new(0), Cell::new(0));
    let outcome = runner(default_cases).run(&(recipe(), point()), |(recipe, point)| {
        let verdict = judge(&recipe, &point);
        asked.set(asked.get() + 1);
        said.set(said.get() + usize::from(verdict == Verdict::Same));
        prop_assert!(verdict != Verdict::Different);
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{what}: {failure}");
    }
    assert!(said.get() * 3 > asked.get(), "only {} of {} say something", said.get(), asked.get());
}

#[test]
fn the_canonical_form_has_the_value_of_the_expression_as_written() {
    never_different("canonical form", |recipe, point| {
        let (plain, (graph, root)) = (written(recipe), canonical(recipe));
        let verdict =
            compare(&Values::at(&plain.0, plain.1, point), &Values::at(&graph, root, point));
        if verdict == Verdict::Different {
            eprintln!("point {point:?}: {} became {}", plain.0.plain(plain.1), graph.plain(root));
        }
        verdict
    });
}

#[test]
fn stabilisation_changes_no_value_and_is_done_once() {
    never_different("stabilised form", |recipe, point| {
        let (mut graph, root) = canonical(recipe);
        let stable = graph.stabilise(&[root])[0];
        let again = graph.stabilise(&[stable])[0];
        if again != stable {
            eprintln!("{} is stabilised to {}", graph.plain(stable), graph.plain(again));
            return Verdict::Different;
        }
        let (before, after) = (Values::at(&graph, root, point), Values::at(&graph, stable, point));
        let verdict = compare(&before, &after);
        if verdict == Verdict::Different {
            eprintln!("point {point:?}: {} became {}", graph.plain(root), graph.plain(stable));
        }
        verdict
    });
}
