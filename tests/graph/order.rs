//! The order in which a sum or product is written changes neither its node nor its text.

use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use scorematch::graph::{ExprId, Function, Graph, Number, Part, Support};

use crate::values::runner;
use crate::wild::{Exponents, Step, Writing, build, recipe, smooth_recipe};

/// Whether a text has no inexact numbers, whose rounding depends on the order, and no infinities or
/// NaN, which may be spelled in several ways.
fn is_exact(text: &str) -> bool {
    !text.contains(['.']) && !text.contains("/0")
}

fn same_node(recipe: &[Step], exponents: Exponents, writing: Writing) -> TestCaseResult {
    let mut graph = Graph::new();
    let given = build(&mut graph, recipe, exponents, Writing::AsGiven);
    let turned = build(&mut graph, recipe, exponents, writing);
    let texts = (graph.plain(given), graph.plain(turned));
    prop_assume!(is_exact(&texts.0) && is_exact(&texts.1));
    prop_assert_eq!(texts.0, texts.1);
    prop_assert_eq!(given, turned);
    Ok(())
}

#[test]
fn the_order_of_parts_changes_no_node() {
    let outcome =
        runner(2000).run(&recipe(), |recipe| same_node(&recipe, Exponents::Any, Writing::Turned));
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

/// With integer powers, since a root that is not expanded depends on its first argument, and
/// without selects, which take factors into their branches immediately.
#[test]
fn building_part_by_part_changes_no_node() {
    let outcome = runner(2000)
        .run(&smooth_recipe(), |recipe| same_node(&recipe, Exponents::Whole, Writing::OneByOne));
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

#[test]
fn the_history_of_a_graph_changes_no_text() {
    let outcome = runner(1000).run(&(recipe(), recipe()), |(recipe, before)| {
        let (mut fresh, mut used) = (Graph::new(), Graph::new());
        let exponents = Exponents::Any;
        build(&mut used, &before, exponents, Writing::OneByOne);
        let (a, b) = (
            build(&mut fresh, &recipe, exponents, Writing::AsGiven),
            build(&mut used, &recipe, exponents, Writing::Turned),
        );
        let (text, later) = (fresh.plain(a), used.plain(b));
        prop_assume!(is_exact(&text) && is_exact(&later));
        prop_assert_eq!(text, later);
        prop_assert_eq!(fresh.latex(&[a]).lets.len(), used.latex(&[b]).lets.len());
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

/// Terms and factors of every kind, so many that they are only partly flattened.
fn many_parts(g: &mut Graph) -> Vec<ExprId> {
    let inputs: Vec<ExprId> = (0..40).map(|k| g.input(&format!("x{k}"), Support::LINE)).collect();
    let sines = inputs.iter().map(|&x| g.call(Function::Sin, x)).collect::<Vec<_>>();
    let products = inputs.windows(2).map(|pair| g.mul(pair[0], pair[1])).collect::<Vec<_>>();
    [inputs, sines, products].concat()
}

#[test]
fn long_sums_and_products_do_not_depend_on_the_order_of_their_parts() {
    let mut g = Graph::new();
    let parts = many_parts(&mut g);
    let mut parts: Vec<Part> = (parts.into_iter().zip(1..))
        .map(|(expr, k)| Part { weight: Number::ratio(k % 7 - 9, 2), expr })
        .collect();
    let (sum, product) = (g.sum(&parts), g.product(&parts));
    for stride in [2, 11, 50, 113] {
        parts = (0..parts.len()).map(|k| parts[k * stride % parts.len()]).collect();
        assert_eq!(g.sum(&parts), sum);
        assert_eq!(g.product(&parts), product);
    }
}
