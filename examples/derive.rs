//! Derivatives alone: the score and the Laplacian of a model as text, and their values at a point.
//!
//!     cargo run --example derive

use scorematch::Model;
use scorematch::calculus::{gradient, laplacian};
use scorematch::graph::evaluate;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let model = Model::parse("-log(1 + (x - mu)^2/nu)*(nu + 1)/2")?;
    let mut graph = model.graph().clone();
    let x = graph.input_node(model.data()[0].input);

    let score = gradient(&mut graph, model.log_density(), &[x])[0];
    let curvature = laplacian(&mut graph, model.log_density(), &[x]);
    println!("score     = {}", graph.plain(score));
    println!("Laplacian = {}", graph.plain(curvature));

    let at = |name: &str| match name {
        "x" => 1.5,
        "mu" => 0.0,
        _ => 4.0,
    };
    let values = evaluate(&graph, &[score, curvature], |id| at(&graph.inputs()[id.index()].name));
    println!("at x = 1.5, mu = 0, nu = 4: {values:?}");
    Ok(())
}
