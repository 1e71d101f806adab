//! Printed expressions are valid input with the same meaning: print, parse
//! and elaborate, print again.

#[path = "graph/judge.rs"]
mod judge;
mod support;
#[path = "graph/wild.rs"]
mod wild;

use std::fs;
use std::path::Path;

use judge::{Values, Verdict, compare};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use scorematch::calculus::{gradient, laplacian};
use scorematch::graph::{ExprId, Graph, Printed, Support};
use scorematch::model::Model;
use wild::{Exponents, Writing, build, point, recipe};

const DECLARATIONS: &str = "data x, y\nparam p > 0, n < 0\n";

/// The model of a printed text, in a new graph.
fn read(declarations: &str, printed: &Printed) -> Result<Model, String> {
    let text = format!("{declarations}{printed}\n");
    Model::parse(&text).map_err(|errors| format!("{errors:?} in\n{text}"))
}

fn printed(graph: &Graph, root: ExprId) -> Printed {
    graph.print(&[root])
}

#[test]
fn random_expressions_are_read_back() {
    let cases = u32::try_from(support::cases(2000)).expect("a modest count");
    let seed = 20_050_404;
    println!("seed {seed}");
    let config = Config { cases, rng_seed: RngSeed::Fixed(seed), ..Config::default() };
    let outcome = TestRunner::new(config).run(&(recipe(), point()), |(recipe, point)| {
        let mut graph = Graph::new();
        let root = build(&mut graph, &recipe, Exponents::Any, Writing::AsGiven);
        let root = graph.stabilise(&[root])[0];
        let text = printed(&graph, root);
        // Constants that are not finite are errors in a model, by design.
        prop_assume!(!text.to_string().contains("/0"));
        let model = read(DECLARATIONS, &text);
        prop_assume!(!model.as_ref().is_err_and(|error| error.contains("kind: NoValue")));
        let model = model.map_err(TestCaseError::fail)?;
        let (again, back) = (model.graph(), model.log_density());
        prop_assert_eq!(printed(again, back).to_string(), text.to_string());
        let named = |name: &str| INPUT_NAMES.iter().position(|known| *known == name);
        let there: Vec<f64> = (again.inputs().iter())
            .map(|input| point[named(&input.name).expect("the inputs are the declared ones")])
            .collect();
        let (here, there) = (Values::at(&graph, root, &point), Values::at(again, back, &there));
        prop_assert_ne!(compare(&here, &there), Verdict::Different);
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

const INPUT_NAMES: [&str; 4] = ["x", "y", "p", "n"];

#[test]
fn derivatives_of_the_examples_are_read_back() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut seen = 0;
    for entry in fs::read_dir(folder).expect("the examples are there") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|extension| extension != "energy") {
            continue;
        }
        let text = fs::read_to_string(&path).expect("a readable file");
        let Ok(model) = Model::parse(&text) else { continue };
        seen += 1;
        comes_back(&model, &path.display().to_string());
    }
    assert!(seen >= 3, "only {seen} examples parse without data");
}

/// Checks that log-density, score and Laplacian, each as a model with the same
/// declarations, are read back.
fn comes_back(model: &Model, name: &str) {
    let mut graph = model.graph().clone();
    let data: Vec<ExprId> =
        model.data().iter().map(|component| graph.input_node(component.input)).collect();
    let mut roots = gradient(&mut graph, model.log_density(), &data);
    roots.push(laplacian(&mut graph, model.log_density(), &data));
    roots.push(model.log_density());
    let declarations = model.declarations() + "\n";
    for root in graph.stabilise(&roots) {
        let text = printed(&graph, root);
        let again = read(&declarations, &text).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(printed(again.graph(), again.log_density()), text, "{name}");
    }
}

#[test]
fn names_in_backquotes_are_read_back() {
    let mut graph = Graph::new();
    let names = ["x", "Sepal.Length", "2nd", "a b", "weight", "let", "if", "x²", "θ̂"];
    let inputs: Vec<ExprId> = names.iter().map(|name| graph.input(name, Support::LINE)).collect();
    let root = graph
        .product(&inputs.iter().map(|&id| scorematch::graph::Part::one(id)).collect::<Vec<_>>());
    let text = printed(&graph, root);
    let declared: Vec<String> = inputs.iter().map(|&id| graph.plain(id)).collect();
    let declarations = format!("data x\nparam {}\n", declared[1..].join(", "));
    let model = read(&declarations, &text).expect("a text that parses");
    assert_eq!(printed(model.graph(), model.log_density()), text);
}
