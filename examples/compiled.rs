//! A compiled objective on borrowed slices: J and its gradient for an external optimiser.
//!
//!     cargo run --example compiled

use scorematch::Model;
use scorematch::objective::{Objective, hyvarinen};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let model = Model::parse("data x; param a, b; logp = a*cos(x) + b*sin(x)")?;
    let mut graph = model.graph().clone();
    let x = graph.input_node(model.data()[0].input);
    let loss = hyvarinen(&mut graph, model.log_density(), &[x]);
    println!("loss = {}", graph.plain(loss.total));

    let rows = [model.data()[0].input];
    let parameters: Vec<_> = model.parameters().iter().map(|p| p.input).collect();
    let objective = Objective::new(&graph, loss.total, &rows, &parameters);

    let angles: Vec<f64> = (0..1000).map(|i| f64::from(i) * 0.001).collect();
    let batch = objective.on(vec![&angles], 1);
    let mut theta = [0.0, 0.0];
    for _ in 0..3 {
        let here = batch.expand(&theta);
        println!("J = {:.6} at a = {:.4}, b = {:.4}", here.value, theta[0], theta[1]);
        let step = here.hessian.lu().solve(&here.gradient).ok_or("a singular Hessian")?;
        theta = [theta[0] - step[0], theta[1] - step[1]];
    }
    Ok(())
}
