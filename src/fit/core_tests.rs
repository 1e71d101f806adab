//! The optimiser on an objective built without the model language.

use std::rc::Rc;

use crate::graph::{ExprId, Graph, InputId, Number, Support};
use crate::numerics::interrupt::Interrupt;
use crate::objective::{Objective, hyvarinen};

use super::bounds::{Ends, settle};
use super::candidates::{Candidate, group};
use super::trust_region::{Limits, Stop, minimise};

const WAITING: &str = include_str!("../../examples/faithful.csv");

fn waiting() -> Vec<f64> {
    let field = |line: &str| line.split(',').nth(1).and_then(|text| text.parse().ok());
    WAITING.lines().skip(1).filter_map(field).collect()
}

fn limits() -> Limits {
    Limits {
        iterations: 500,
        floor: -1e14,
        interrupt: Interrupt::default(),
        watch: None,
        steps: Rc::default(),
    }
}

fn inputs<const N: usize>(g: &mut Graph, names: [&str; N]) -> ([ExprId; N], Vec<InputId>) {
    let nodes = names.map(|name| g.input(name, Support::LINE));
    (nodes, nodes.iter().filter_map(|&id| g.as_input(id)).collect())
}

/// -(x - m)²/(2s²) - log s with s = e^t
fn log_normal(g: &mut Graph, x: ExprId, m: ExprId, t: ExprId) -> ExprId {
    let r = g.sub(x, m);
    let twice = g.scale(Number::integer(-2), t);
    let inverse = g.call(crate::graph::Function::Exp, twice);
    let square = g.powi(r, 2);
    let product = g.mul(square, inverse);
    let half = g.scale(Number::ratio(-1, 2), product);
    g.sub(half, t)
}

fn mixture() -> Objective {
    let mut g = Graph::new();
    let ([x], rows) = inputs(&mut g, ["x"]);
    let ([a, m1, m2, t1, t2], parameters) = inputs(&mut g, ["a", "m1", "m2", "t1", "t2"]);
    let one = log_normal(&mut g, x, m1, t1);
    let first = g.add(one, a);
    let second = log_normal(&mut g, x, m2, t2);
    let unit = g.one();
    let log_density = g.log_sum_exp(&[unit, unit], &[first, second]);
    let rho = hyvarinen(&mut g, log_density, &[x]).total;
    Objective::new(&g, rho, &rows, &parameters)
}

#[test]
fn old_faithful_from_many_starts() {
    let raw = waiting();
    assert_eq!(raw.len(), 272);
    let column: Vec<f64> = raw.iter().map(|x| (x - 70.0) / 16.0).collect();
    let objective = mixture();
    let batch = objective.on(vec![&column], 1);
    let mut stream = crate::numerics::rng::stream(0, 0);
    let mut ends = Vec::new();
    for _ in 0..40 {
        let start = [
            0.0,
            column[stream.below(272)],
            column[stream.below(272)],
            stream.normal(),
            stream.normal(),
        ];
        let path = minimise(&batch, &start, &limits()).expect("finite");
        ends.push(Candidate::judge(
            &batch,
            settle(&batch, &start, path, &[Ends::Open; 5], &limits()),
        ));
    }
    for end in &ends {
        eprintln!(
            "{:?} {} it {} J {:.7} gn {:.1e} smic {}",
            end.path.stop,
            matches!(end.verdict, super::candidates::Verdict::Proper),
            end.path.iterations,
            end.value(),
            end.gradient_norm,
            end.smic
        );
    }
    let minima = group(&ends);
    for m in &minima {
        eprintln!("{} {} {} {:?}", m.hits, m.value(), m.smic, m.path.at);
    }
    let best = &minima[0];
    let mut means = [best.path.at[1] * 16.0 + 70.0, best.path.at[2] * 16.0 + 70.0];
    means.sort_by(f64::total_cmp);
    assert!((means[0] - 54.7647).abs() < 1e-4 && (means[1] - 80.2633).abs() < 1e-4, "{means:?}");
    assert!((best.value() / 256.0 + 0.011_503_36).abs() < 1e-8);
    assert_eq!(best.path.stop, Stop::Arrived);
}
