//! Simplification and stabilisation change no value: the expression as written and the simplified
//! one agree in arithmetic with 71 digits.

use num_traits::Float;
use proptest::prelude::*;
use scorematch::graph::{ExprId, Graph, Node, evaluate};

use crate::judge;
use crate::problem::{Derived, Problem, Written};
use crate::random::{judged, problem};
use crate::support::wide::Wide;
use crate::support::{Tolerance, is_close};

/// Larger values are left out, since digits are lost in proportion to the size.
const SCALE_MAX: f64 = 1e8;

fn at<T: Float>(g: &Graph, roots: &[ExprId], point: &[T]) -> Vec<T> {
    evaluate(g, roots, |id| point[id.index()])
}

/// Value, score and Laplacian in the derived graph.
fn roots(derived: &Derived) -> Vec<ExprId> {
    let ends = [derived.value, derived.laplacian];
    ends.into_iter().chain(derived.score.iter().copied()).collect()
}

/// Value, score and Laplacian by hyper-duals on the graph as written.
fn text(written: &Written, point: &[Wide]) -> Vec<Wide> {
    let value = at(&written.g, &[written.root], point)[0];
    let (score, laplacian) =
        judge::score_and_laplacian(&written.g, written.root, point, &written.data);
    [value, laplacian].into_iter().chain(score).collect()
}

/// Whether all numbers below the roots are exact.
fn is_exact(g: &Graph, roots: &[ExprId]) -> bool {
    g.live(roots).into_iter().all(|id| match g.node(id) {
        Node::Sum(parts) | Node::Product(parts) => {
            g.parts(parts).iter().all(|part| part.weight.as_ratio().is_some())
        }
        Node::One
        | Node::Pi
        | Node::Input(_)
        | Node::Call(..)
        | Node::Binary(..)
        | Node::Compare(..)
        | Node::Select(..)
        | Node::Gather(..)
        | Node::Dot(..)
        | Node::LogSumExp(..)
        | Node::Share(..)
        | Node::Mean(_) => true,
    })
}

#[test]
fn forty_digits_survive_simplification_and_calculus() {
    judged(400, problem(), |(recipe, dimension, steps)| {
        let problem = Problem::of_recipe(recipe, *dimension);
        let point = problem.point(steps);
        let wide: Vec<Wide> = point.iter().map(|&x| Wide::from(x)).collect();
        let scale = problem.scale(&point);
        let Problem { written, derived } = problem;
        let want = text(&written, &wide);
        let exact = is_exact(&derived.g, &roots(&derived)) && is_exact(&written.g, &[written.root]);
        if !exact || scale > SCALE_MAX || want.iter().any(|value| !value.is_finite()) {
            return Ok(false);
        }
        let got = at(&derived.g, &roots(&derived), &wide);
        for (k, (&got, &want)) in got.iter().zip(&want).enumerate() {
            let off = (got - want).abs().narrow();
            prop_assert!(off <= 1e-40 * scale, "{k}: off by {off:e} at scale {scale:e}");
        }
        Ok(true)
    });
}

#[test]
fn double_precision_is_as_good_as_its_intermediate_values() {
    judged(400, problem(), |(recipe, dimension, steps)| {
        let problem = Problem::of_recipe(recipe, *dimension);
        let point = problem.point(steps);
        let wide: Vec<Wide> = point.iter().map(|&x| Wide::from(x)).collect();
        let scale = problem.scale(&point);
        let Problem { written, derived } = problem;
        let want = text(&written, &wide);
        if scale > SCALE_MAX || want.iter().any(|value| !value.is_finite()) {
            return Ok(false);
        }
        let got = at(&derived.g, &roots(&derived), &point);
        for (k, (&got, &want)) in got.iter().zip(&want).enumerate() {
            let want = want.narrow();
            let close = is_close(got, want, Tolerance::Absolute(1e-11 * scale));
            prop_assert!(close, "{k}: got {got:e}, want {want:e} at scale {scale:e}");
        }
        Ok(true)
    });
}
