//! What a person would have written.

use super::super::{ExprId, Graph, Number, Support};

/// A graph with the inputs x, y, mu, s2, nu on the line.
fn inputs() -> (Graph, [ExprId; 5]) {
    let mut g = Graph::new();
    let names = ["x", "y", "mu", "s2", "nu"];
    let ids = names.map(|name| g.input(name, Support::LINE));
    (g, ids)
}

#[track_caller]
fn check(expected: &str, build: impl Fn(&mut Graph, [ExprId; 5]) -> ExprId) {
    let (mut g, ids) = inputs();
    let root = build(&mut g, ids);
    assert_eq!(g.plain(root), expected);
}

#[test]
fn the_gaussian_reads_as_in_the_book() {
    let (mut g, [x, _, mu, s2, _]) = inputs();
    let log_density = {
        let difference = g.sub(x, mu);
        let square = g.powi(difference, 2);
        let ratio = g.div(square, s2);
        g.scale(Number::ratio(-1, 2), ratio)
    };
    let score = {
        let difference = g.sub(x, mu);
        let ratio = g.div(difference, s2);
        g.neg(ratio)
    };
    let laplacian = {
        let inverse = g.powi(s2, -1);
        g.neg(inverse)
    };
    assert_eq!(g.plain(log_density), "-(x - mu)^2/(2*s2)");
    assert_eq!(g.plain(score), "(mu - x)/s2");
    assert_eq!(g.plain(laplacian), "-1/s2");
    assert_eq!(
        g.latex(&[log_density, score, laplacian]).exprs,
        [
            r"-\frac{\left(x - \mu\right)^{2}}{2 \, s_{2}}",
            r"\frac{\mu - x}{s_{2}}",
            r"-\frac{1}{s_{2}}",
        ]
    );
}
