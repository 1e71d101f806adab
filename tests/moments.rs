//! Objectives from moments of the data: against the rows, on any scale, on any number of threads.

#[path = "../benches/support/mod.rs"]
mod support;

use scorematch::model::Model;
use scorematch::objective::{Batch, NoMoments, Objective, Path};
use support::evaluator::{compile, distance, gradient, scale, slices};
use support::sample::Stream;
use support::workloads::{Workload, all};

/// The workloads whose loss is a polynomial in data.
fn polynomial() -> Vec<Workload> {
    all().into_iter().filter(|w| ["W1", "W3", "W6", "W7"].contains(&w.name)).collect()
}

fn by<'a>(objective: &'a Objective, columns: &'a [Vec<f64>], path: Path) -> Batch<'a> {
    objective.on(slices(columns), 1).by(path).expect("a polynomial in data")
}

#[test]
fn moments_give_what_the_rows_give() {
    for workload in polynomial() {
        let columns = (workload.sample)(10_001);
        let objective = compile(workload.text);
        let (rows, moments) =
            (by(&objective, &columns, Path::Rows), by(&objective, &columns, Path::Moments));
        let theta = &workload.theta;
        assert_eq!(moments.path_at(theta), Path::Moments, "{}", workload.name);
        assert_eq!(rows.path(), Path::Rows);
        let off =
            distance(&gradient(&moments, theta), &gradient(&rows, theta), &scale(&rows, theta));
        assert!(off <= 1e-12, "{}: off by {off:e}", workload.name);
        assert_eq!(moments.value(theta), moments.gradient(theta).0);
    }
}

#[test]
fn second_derivatives_too() {
    for workload in polynomial() {
        let columns = (workload.sample)(3_000);
        let objective = compile(workload.text);
        let (rows, moments) =
            (by(&objective, &columns, Path::Rows), by(&objective, &columns, Path::Moments));
        let (want, got) = (rows.expand(&workload.theta), moments.expand(&workload.theta));
        let size = want.hessian.amax();
        assert!((&got.hessian - &want.hessian).amax() <= 1e-12 * size, "{}", workload.name);
        let most = want.outer.amax();
        assert!((&got.outer - &want.outer).amax() <= 1e-13 * most, "{}", workload.name);
        assert!((got.magnitude - want.magnitude).abs() <= 1e-13 * want.magnitude);
    }
}

#[test]
fn what_is_no_polynomial_goes_over_the_rows() {
    for workload in all().into_iter().filter(|w| ["W2", "W4", "W5"].contains(&w.name)) {
        let columns = (workload.sample)(100);
        let objective = compile(workload.text);
        assert_eq!(objective.moments(), None);
        let batch = objective.on(slices(&columns), 1);
        assert_eq!(batch.path(), Path::Rows);
        assert_eq!(batch.by(Path::Moments).err(), Some(NoMoments));
    }
}
