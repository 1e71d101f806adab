//! Refits compared with the fit itself, with fits from scratch and with closed forms.

use std::f64::consts::{PI, TAU};

use super::{Failed, NoRefit, Refit, replicates};
use crate::data::{Columns, Missing, Selection};
use crate::fit::{Estimate, Options, fit};
use crate::model::Model;
use crate::numerics::interrupt::Interrupt;
use crate::numerics::rng::{Stream, stream};
use crate::objective::{Choices, Kind, RowChoices, WeightsKind};

const NORMAL: &str = "data x; param mu, s2 > 0; -(x - mu)^2/(2*s2)";
const MIXTURE: &str = "data x; param w in (0, 1), a, b, s > 0, t > 0; \
    log(w*exp(-(x - a)^2/(2*s^2))/s + (1 - w)*exp(-(x - b)^2/(2*t^2))/t)";

/// Columns by name.
type Table = Vec<(&'static str, Vec<f64>)>;

/// A selection of the columns, and the model bound to them.
fn ready(text: &str, columns: &[(&str, Vec<f64>)]) -> (Model, Selection) {
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let owned = columns.iter().map(|(name, one)| ((*name).to_owned(), one.clone())).collect();
    let table = Columns::from_vecs(owned).expect("columns of one length");
    let model = Model::parse(text).expect("a model").bind(&names, &names).expect("columns bind");
    (model, table.select(&names, Missing::Error).expect("complete columns"))
}

fn draws(n: usize, seed: u64, mut one: impl FnMut(&mut Stream) -> f64) -> Vec<f64> {
    let mut stream = stream(seed, 0);
    (0..n).map(|_| one(&mut stream)).collect()
}

fn normal(n: usize, seed: u64) -> Vec<f64> {
    draws(n, seed, |s| 5.0 + 1.5 * s.normal())
}

fn two_normals(n: usize) -> Vec<f64> {
    draws(n, 2, |s| if s.uniform() < 0.4 { s.normal() } else { 5.0 + 1.2 * s.normal() })
}

/// Random points of a sphere, or their squares, which are compositions.
fn directions(n: usize, squared: bool) -> Table {
    let mut stream = stream(4, 0);
    let mut columns = vec![Vec::new(), Vec::new(), Vec::new()];
    for _ in 0..n {
        let z = [0.8 + stream.normal(), stream.normal(), 0.3 + stream.normal()];
        let length = z.iter().map(|z| z * z).sum::<f64>().sqrt();
        for (column, z) in columns.iter_mut().zip(z) {
            column.push(if squared { (z / length).powi(2) } else { z / length });
        }
    }
    let names = ["u1", "u2", "u3"];
    names.into_iter().zip(columns).collect()
}

/// A model text with its columns and options, for each domain and kind of objective.
fn of_each_domain() -> Vec<(&'static str, Table, Options)> {
    let plain = Options::default;
    let bits = |k: u64| draws(400, 20 + k, |s| f64::from(s.uniform() < 0.6));
    let positive = draws(150, 3, |s| (0.5 * s.normal()).exp());
    let share = draws(150, 5, |s| 0.5 + 0.4 * (s.uniform() - 0.5) * (1.0 + s.uniform()));
    let angle = draws(150, 6, |s| (s.normal() * 0.7 + 1.0 + PI).rem_euclid(TAU) - PI);
    let sliced = Options::default().objective(Choices::default().kind(Kind::Sliced));
    let noise = Options::default().objective(Choices::default().denoising(&[0.3]));
    let line = || vec![("x", normal(100, 1)), ("z", normal(100, 9))];
    let plane = "data x, z; param a, b, k > 0; -k*((x - a)^2 + (z - b)^2)/2";
    vec![
        (NORMAL, vec![("x", normal(100, 1))], plain()),
        (MIXTURE, vec![("x", two_normals(300))], plain()),
        ("data t > 0; param k > 0, r > 0; (k - 1)*log(t) - r*t", vec![("t", positive)], plain()),
        (
            "data p in (0, 1); param a > 0, b > 0; (a - 1)*log(p) + (b - 1)*log(1 - p)",
            vec![("p", share)],
            plain(),
        ),
        ("data a on circle; param m, k > 0; k*cos(a - m)", vec![("a", angle)], plain()),
        (
            "data u[3] on sphere; param m[3]; m[1]*u[1] + m[2]*u[2] + m[3]*u[3]",
            directions(200, false),
            plain(),
        ),
        (
            "data u[3] on simplex; param a[3] > 0; sum(i in 1:3, (a[i] - 1)*log(u[i]))",
            directions(200, true),
            plain(),
        ),
        (
            "data a in {0, 1}, b in {0, 1}; param h, j, w; h*a + j*b + w*a*b",
            vec![("a", bits(0)), ("b", bits(1))],
            plain(),
        ),
        (plane, line(), sliced),
        (plane, line(), noise),
    ]
}

fn fitted(model: &Model, data: &Selection, options: &Options) -> Estimate {
    fit(model, data, options).expect("a fit")
}

fn theta(estimate: &Estimate) -> Vec<f64> {
    estimate.parameters.iter().map(|one| one.estimate).collect()
}

#[track_caller]
fn close(found: &[f64], wanted: &[f64], share: f64) {
    for (found, wanted) in found.iter().zip(wanted) {
        let size = wanted.abs().max(1.0);
        assert!((found - wanted).abs() <= share * size, "{found} is not {wanted}");
    }
}

#[test]
fn all_rows_give_the_estimate_on_every_domain() {
    for (text, columns, options) in of_each_domain() {
        let (model, data) = ready(text, &columns);
        let estimate = fitted(&model, &data, &options);
        let refit = Refit::new(&model, &data, &options, &estimate).expect(text);
        let all: Vec<u32> = (0..data.rows() as u32).collect();
        let found = refit.rows(&all).expect(text);
        close(&found.theta, &theta(&estimate), 1e-8);
        close(&[found.objective], &[estimate.objective], 1e-8);
        let raw: Vec<Vec<f64>> = columns.iter().map(|(_, column)| column.clone()).collect();
        close(&refit.columns(&raw).expect(text).theta, &theta(&estimate), 1e-8);
        let mean = |losses: Vec<f64>| losses.iter().sum::<f64>() / losses.len() as f64;
        let losses = refit.losses(&theta(&estimate), &all);
        close(&[mean(losses)], &[estimate.objective], 1e-8);
        let losses = refit.losses_of_columns(&theta(&estimate), &raw);
        close(&[mean(losses)], &[estimate.objective], 1e-8);
    }
}

/// A refit of drawn rows agrees with a fit of these rows from scratch.
#[test]
fn a_refit_of_drawn_rows_is_a_fit_of_them() {
    for (text, column) in [(NORMAL, normal(100, 1)), (MIXTURE, two_normals(300))] {
        let (model, data) = ready(text, &[("x", column.clone())]);
        let options = Options::default();
        let estimate = fitted(&model, &data, &options);
        let refit = Refit::new(&model, &data, &options, &estimate).expect("the fit converged");
        let mut stream = stream(5, 0);
        let n = column.len();
        let rows: Vec<u32> = (0..n).map(|_| stream.below(n) as u32).collect();
        let drawn: Vec<f64> = rows.iter().map(|&row| column[row as usize]).collect();
        let found = refit.rows(&rows).expect("a minimum");
        let (model, data) = ready(text, &[("x", drawn)]);
        close(&found.theta, &theta(&fitted(&model, &data, &options)), 1e-7);
    }
}

/// A row listed twice counts as frequency two; probability weights stay with their rows, and only
/// their ratios matter.
#[test]
fn weights_stay_with_their_rows() {
    let (x, n) = (normal(60, 1), 60_usize);
    let w: Vec<f64> = (0..n).map(|row| (row % 3 + 1) as f64).collect();
    let (model, data) = ready(NORMAL, &[("x", x.clone()), ("w", w.clone())]);
    let rows: Vec<u32> = (0..n as u32).map(|row| row * 7 % 45).collect();
    let total: f64 = rows.iter().map(|&row| w[row as usize]).sum();
    let sum: f64 = rows.iter().map(|&row| w[row as usize] * x[row as usize]).sum();
    for kind in [WeightsKind::Frequency, WeightsKind::Probability] {
        let options = Options::default().rows(RowChoices::default().weights("w", kind));
        let estimate = fitted(&model, &data, &options);
        let refit = Refit::new(&model, &data, &options, &estimate).expect("the fit converged");
        let found = refit.rows(&rows).expect("a minimum");
        close(&found.theta[..1], &[sum / total], 1e-10);
        // J of a normal at its minimum is -1/(2 s2) for any sum of the weights.
        close(&[found.objective], &[-0.5 / found.theta[1]], 1e-10);
    }
}

/// A refit of patterns agrees with a refit of rows.
#[test]
fn a_refit_of_patterns_is_that_of_rows() {
    let bits = |k: u64| draws(400, 20 + k, |s| f64::from(s.uniform() < 0.6));
    let columns = [("a", bits(0)), ("b", bits(1))];
    let text = "data a in {0, 1}, b in {0, 1}; param h, j, w; h*a + j*b + w*a*b";
    let (model, data) = ready(text, &columns);
    let options = Options::default();
    let estimate = fitted(&model, &data, &options);
    let refit = Refit::new(&model, &data, &options, &estimate).expect("the fit converged");
    assert!(refit.patterns.is_some());
    let rows: Vec<u32> = (0..400).map(|row| row * 13 % 370).collect();
    let chosen = |column: &[f64]| rows.iter().map(|&row| column[row as usize]).collect();
    let drawn = [chosen(&columns[0].1), chosen(&columns[1].1)];
    let found = refit.rows(&rows).expect("a minimum");
    close(&found.theta, &refit.columns(&drawn).expect("a minimum").theta, 1e-9);
}

#[test]
fn held_parameters_stay() {
    let (model, data) = ready(NORMAL, &[("x", normal(100, 1))]);
    let options = Options::default().hold("mu", 4.7);
    let estimate = fitted(&model, &data, &options);
    let refit = Refit::new(&model, &data, &options, &estimate).expect("the fit converged");
    let found = refit.rows(&[0, 1, 2, 3, 3]).expect("a minimum");
    let x = &normal(100, 1);
    let square = |row: usize| (x[row] - 4.7_f64).powi(2);
    let want = (square(0) + square(1) + square(2) + 2.0 * square(3)) / 5.0;
    close(&found.theta, &[4.7, want], 1e-9);
}

#[test]
fn refusals_and_failures_have_their_reasons() {
    let (model, data) = ready(NORMAL, &[("x", normal(100, 1))]);
    let plain = fitted(&model, &data, &Options::default());
    let robust = Options::default().robust(0.5);
    assert_eq!(Refit::new(&model, &data, &robust, &plain).unwrap_err(), NoRefit::Robust);
    let refit = Refit::new(&model, &data, &Options::default(), &plain).expect("the fit converged");
    assert_eq!(refit.rows(&[3, 3, 3]).unwrap_err(), Failed::NotConverged);
    assert!(refit.losses(&[5.0, -1.0], &[0])[0].is_nan());
}

#[test]
fn threads_share_a_refit() {
    fn shared<T: Send + Sync>() {}
    shared::<Refit<'_>>();
    let one = |r: usize| stream(1, r as u64).normal();
    let of = |threads| replicates(100, threads, &Interrupt::default(), &|_| (), &one);
    assert_eq!(of(1), of(3));
    assert_eq!(of(2).expect("no interrupt").len(), 100);
}

/// `cargo test --release --lib refit -- --ignored --nocapture` prints the time of a refit.
#[test]
#[ignore = "a measurement"]
fn time_of_a_refit() {
    for (name, text, column) in
        [("normal", NORMAL, normal(100, 1)), ("mixture", MIXTURE, two_normals(100))]
    {
        let (model, data) = ready(text, &[("x", column)]);
        let options = Options::default();
        let estimate = fitted(&model, &data, &options);
        let refit = Refit::new(&model, &data, &options, &estimate).expect("the fit converged");
        let once = |r: u64| {
            let mut stream = stream(1, r);
            let rows: Vec<u32> = (0..100).map(|_| stream.below(100) as u32).collect();
            refit.rows(&rows).is_ok()
        };
        once(0);
        let begin = std::time::Instant::now();
        let converged = (0..1000).filter(|&r| once(r)).count();
        println!("{name}: {:?} a refit, {converged} of 1000", begin.elapsed() / 1000);
    }
}
