//! Comparisons of models: held-out losses against losses computed by hand, refusals, and how often
//! the right order of a polynomial is chosen.
//!
//! The orders for 100 samples: `cargo test --release --test comparison -- --ignored --nocapture`.

use std::f64::consts::TAU;

use scorematch::analysis::{
    Comparison, Contender, Difference, FOLDS, NoValidation, NotComparable, Validation,
};
use scorematch::data::{Columns, Missing, Selection};
use scorematch::fit::{Estimate, Options, Standardise, fit};
use scorematch::model::Model;
use scorematch::numerics::rng::{Stream, stream};
use scorematch::objective::{Choices, Kind, RowChoices, Transform, WeightsKind};
use scorematch::sample;

const NORMAL: &str = "data x; param mu, s2 > 0; -(x - mu)^2/(2*s2)";
/// A model whose held-out loss is ½ (x - mean of the other rows)² - 1.
const UNIT: &str = "data x; param mu; -(x - mu)^2/2";
const ZERO: &str = "data x; param s2 > 0; -x^2/(2*s2)";
const TWELVE: [f64; 12] = [-2.0, -1.0, -1.0, 0.0, 0.5, 1.0, 1.0, 2.0, 2.5, 3.0, 3.0, 4.0];

type Table<'a> = [(&'a str, Vec<f64>)];
/// Columns, two models of them, and options of their fits.
type Case<'a> = (Vec<(&'a str, Vec<f64>)>, [&'a str; 2], Options);

/// A model with its fit to columns.
struct Fitted {
    name: String,
    model: Model,
    data: Selection,
    estimate: Estimate,
}

impl Fitted {
    fn new(text: &str, table: &Table<'_>, options: &Options, counting: &RowChoices) -> Self {
        let owned = table.iter().map(|(name, column)| ((*name).to_owned(), column.clone()));
        let columns = Columns::from_vecs(owned.collect()).expect("columns of one length");
        let further = counting.columns();
        let names = table.iter().map(|(name, _)| *name).filter(|name| !further.contains(name));
        let names: Vec<&str> = names.collect();
        let model = Model::parse(text).expect(text).bind(&names, &names).expect("columns bind");
        let data = model.select_with(&columns, Missing::Drop, &further).expect("numbers");
        let estimate =
            fit(&model, &data, options).unwrap_or_else(|error| panic!("{text}: {error}"));
        Self { name: text.to_owned(), model, data, estimate }
    }

    fn contender(&self) -> Contender<'_> {
        Contender::new(&self.name, &self.model, &self.data, &self.estimate)
    }
}

fn of_fits(fits: &[Fitted], folds: usize, options: &Options) -> Result<Comparison, NotComparable> {
    let contenders: Vec<Contender<'_>> = fits.iter().map(Fitted::contender).collect();
    Comparison::of(&contenders, folds, options)
}

fn with(
    texts: &[&str],
    table: &Table<'_>,
    folds: usize,
    options: &Options,
    counting: &RowChoices,
) -> Comparison {
    let options = options.clone().rows(counting.clone());
    let fits: Vec<Fitted> =
        texts.iter().map(|text| Fitted::new(text, table, &options, counting)).collect();
    of_fits(&fits, folds, &options).expect("comparable models")
}

fn compared(texts: &[&str], table: &Table<'_>, folds: usize) -> Comparison {
    with(texts, table, folds, &Options::default(), &RowChoices::default())
}

fn validation(comparison: &Comparison, place: usize) -> &Validation {
    let model = &comparison.models[place];
    model.validation.as_ref().unwrap_or_else(|reason| panic!("{}: {reason}", model.name))
}

#[track_caller]
fn close(got: f64, want: f64, share: f64) {
    assert!((got - want).abs() <= share * want.abs().max(1.0), "{got} is not {want}");
}

fn draws(count: usize, key: u64, draw: impl Fn(&mut Stream) -> f64) -> Vec<f64> {
    let mut stream = stream(77, key);
    (0..count).map(|_| draw(&mut stream)).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The standard error of a mean of independent values.
fn error(values: &[f64]) -> f64 {
    let (n, centre) = (values.len() as f64, mean(values));
    (values.iter().map(|value| (value - centre).powi(2)).sum::<f64>() / n / (n - 1.0)).sqrt()
}

/// With one row left out at a time, the mean of the other rows, and their variance if it is
/// estimated, give its loss; so does a fit of the eleven other rows.
#[test]
fn leaving_one_out_has_losses_of_fits_to_the_other_rows() {
    let comparison = compared(&[UNIT, NORMAL, ZERO], &[("x", TWELVE.to_vec())], 12);
    let others = |row: usize| -> Vec<f64> {
        let all = TWELVE.iter().enumerate().filter(|(at, _)| *at != row);
        all.map(|(_, x)| *x).collect()
    };
    let loss = |x: f64, mu: f64, s2: f64| (x - mu).powi(2) / (2.0 * s2 * s2) - 1.0 / s2;
    let square = |about: f64, rest: &[f64]| {
        mean(&rest.iter().map(|x| (x - about).powi(2)).collect::<Vec<_>>())
    };
    let hand = |of: &dyn Fn(f64, &[f64]) -> f64| -> Vec<f64> {
        (0..12).map(|row| of(TWELVE[row], &others(row))).collect()
    };
    let unit = hand(&|x, rest| loss(x, mean(rest), 1.0));
    let normal = hand(&|x, rest| loss(x, mean(rest), square(mean(rest), rest)));
    let zero = hand(&|x, rest| loss(x, 0.0, square(0.0, rest)));
    for (place, want) in [&unit, &normal, &zero].into_iter().enumerate() {
        let found = validation(&comparison, place);
        found.losses.iter().zip(want).for_each(|(got, want)| close(*got, *want, 1e-9));
        close(found.loss.value, mean(want), 1e-9);
        close(found.loss.std_error, error(want), 1e-9);
    }
    let best = comparison.best.expect("all models have a held-out loss");
    let lowest = &[&unit, &normal, &zero][best];
    for (place, own) in [&unit, &normal, &zero].into_iter().enumerate() {
        let difference: Vec<f64> = own.iter().zip(lowest.iter()).map(|(a, b)| a - b).collect();
        let found = validation(&comparison, place).difference.expect("a best model");
        close(found.value, mean(&difference), 1e-9);
        close(found.std_error, error(&difference), 1e-9);
    }
    let left_out: Vec<f64> = (0..12)
        .map(|row| {
            let options = Options::default();
            let rest = Fitted::new(NORMAL, &[("x", others(row))], &options, &RowChoices::default());
            let [mu, s2] = [0, 1].map(|j| rest.estimate.parameters[j].estimate);
            loss(TWELVE[row], mu, s2)
        })
        .collect();
    close(validation(&comparison, 1).loss.value, mean(&left_out), 1e-9);
}

/// In folds of three rows, which are recovered from the losses themselves, the mean of the rows
/// outside the fold gives the loss of every row in it.
#[test]
fn rows_of_a_fold_are_fitted_without_each_other() {
    let comparison = compared(&[UNIT, NORMAL], &[("x", TWELVE.to_vec())], 4);
    let losses = &validation(&comparison, 0).losses;
    // The loss is ½ (x - m)² - 1, so that m is x ± √(2 (loss + 1)).
    let outside = |row: usize| {
        let reach = (2.0 * (losses[row] + 1.0)).sqrt();
        [TWELVE[row] - reach, TWELVE[row] + reach]
    };
    let total: f64 = TWELVE.iter().sum();
    for (row, x) in TWELVE.iter().enumerate() {
        let pairs = (0..12).flat_map(|a| (a + 1..12).map(move |b| [a, b]));
        let mut pairs = pairs.filter(|pair| !pair.contains(&row));
        let explained = pairs.any(|[a, b]| {
            let rest = (total - x - TWELVE[a] - TWELVE[b]) / 9.0;
            outside(row).iter().any(|m| (m - rest).abs() < 1e-9)
        });
        assert!(explained, "row {row}: {:?}", outside(row));
    }
}

/// The best of models with equal numbers of parameters is chosen; one with more parameters only if
/// it is better by more than the standard error of the difference.
#[test]
fn the_choice_follows_the_rule() {
    let near = draws(400, 1, |s| s.normal());
    let comparison = compared(&[NORMAL, ZERO, UNIT], &[("x", near)], FOLDS);
    let sizes: Vec<usize> = comparison.models.iter().map(|model| model.parameters).collect();
    assert_eq!(sizes, [2, 1, 1]);
    let choice = comparison.choice.expect("all models have a held-out loss");
    assert_eq!(comparison.models[choice].parameters, 1, "{}", comparison.text());
    let far = draws(400, 1, |s| s.normal().mul_add(0.8, 2.0));
    let comparison = compared(&[ZERO, NORMAL, UNIT], &[("x", far)], FOLDS);
    assert_eq!(comparison.choice, Some(1), "{}", comparison.text());
    for (place, model) in comparison.models.iter().enumerate() {
        let found = validation(&comparison, place).difference.expect("a best model");
        assert_eq!(found.value == 0.0, comparison.best == Some(place));
        let smic = model.smic_difference.expect("SMIC");
        let other = comparison.models[comparison.best.expect("a value")].smic.expect("SMIC");
        close(smic.value, model.smic.expect("SMIC") - other, 1e-12);
    }
}

fn angle(s: &mut Stream) -> f64 {
    (0.6 * s.normal() + 1.0).rem_euclid(TAU)
}

/// Unit vectors or compositions, as one column for each entry.
fn triples(rows: usize, composition: bool) -> Vec<(&'static str, Vec<f64>)> {
    let raw: Vec<[f64; 3]> = (0..rows)
        .map(|row| {
            let mut s = stream(78, row as u64);
            let z = [1.0 + s.normal(), s.normal(), 0.5 + s.normal()];
            match composition {
                true => z.map(|z| (0.4 * z).exp()),
                false => z,
            }
        })
        .collect();
    let size = |z: &[f64; 3]| match composition {
        true => z.iter().sum::<f64>(),
        false => z.iter().map(|z| z * z).sum::<f64>().sqrt(),
    };
    ["u1", "u2", "u3"]
        .into_iter()
        .enumerate()
        .map(|(k, name)| (name, raw.iter().map(|z| z[k] / size(z)).collect()))
        .collect()
}

/// Models on every domain and for every objective have a held-out loss, which is near J and above
/// it on average, and results do not depend on the number of threads.
#[test]
fn every_domain_and_objective() {
    let line = || vec![("x", draws(200, 2, |s| s.normal() + 1.0))];
    let positive =
        || vec![("t", draws(200, 3, |s| -(1.0 - s.uniform()).ln() - (1.0 - s.uniform()).ln()))];
    let share = vec![("p", draws(200, 4, |s| (s.uniform() + s.uniform()) / 2.0))];
    let angles = vec![("a", draws(200, 5, angle))];
    let bit = |key| draws(300, key, |s| f64::from(u8::from(s.uniform() < 0.6)));
    let bits = vec![("a", bit(6)), ("b", bit(7))];
    let xs = draws(200, 8, |s| s.normal());
    let ys = draws(200, 9, |s| s.normal());
    let ys: Vec<f64> = xs.iter().zip(ys).map(|(x, e)| x + e).collect();
    let response = vec![("y", ys), ("x", xs)];
    let plain = Options::default;
    let sliced = plain().objective(Choices::default().kind(Kind::Sliced));
    let mut noise = Choices::default().kind(Kind::Denoising);
    noise.sigma = vec![0.5];
    let sqrt = plain().objective(Choices::default().transform(Transform::Sqrt));
    let cases: Vec<Case<'_>> = vec![
        (line(), [NORMAL, ZERO], plain()),
        (
            positive(),
            [
                "data t > 0; param a > 0, b > 0; (a - 1)*log(t) - b*t",
                "data t > 0; param b > 0; -b*t",
            ],
            plain(),
        ),
        (
            share,
            [
                "data p in (0, 1); param a > 0, b > 0; (a - 1)*log(p) + (b - 1)*log(1 - p)",
                "data p in (0, 1); param a > 0; (a - 1)*log(p*(1 - p))",
            ],
            plain(),
        ),
        (
            angles,
            [
                "data a on circle; param m, k > 0; k*cos(a - m)",
                "data a on circle; param k > 0; k*cos(a)",
            ],
            plain(),
        ),
        (
            triples(200, false),
            ["data u[3] on sphere; param m[3]; m'*u", "data u[3] on sphere; param m; m*u[1]"],
            plain(),
        ),
        (
            triples(200, true),
            [
                "data u[3] on simplex; param a[3] > 0; sum(i in 1:3, (a[i] - 1)*log(u[i]))",
                "data u[3] on simplex; param a > 0; (a - 1)*sum(i in 1:3, log(u[i]))",
            ],
            plain(),
        ),
        (
            triples(200, true),
            [
                "data u[3] on simplex; param a[3] > 0; sum(i in 1:3, (a[i] - 1)*log(u[i]))",
                "data u[3] on simplex; param a > 0; (a - 1)*sum(i in 1:3, log(u[i]))",
            ],
            sqrt,
        ),
        (
            bits,
            [
                "data a in {0, 1}, b in {0, 1}; param h, j, w; h*a + j*b + w*a*b",
                "data a in {0, 1}, b in {0, 1}; param h, j; h*a + j*b",
            ],
            plain(),
        ),
        (
            response,
            [
                "data y; covariate x; param a, b, s2 > 0; -(y - a - b*x)^2/(2*s2)",
                "data y; param a, s2 > 0; -(y - a)^2/(2*s2)",
            ],
            plain(),
        ),
        (line(), [NORMAL, ZERO], sliced),
        (line(), [NORMAL, ZERO], plain().objective(noise)),
        (line(), [NORMAL, ZERO], plain().standardise(Standardise::Yes)),
    ];
    for (table, texts, options) in cases {
        let of = |threads: usize| {
            with(&texts, &table, 5, &options.clone().threads(threads), &RowChoices::default())
        };
        let comparison = of(1);
        for (place, model) in comparison.models.iter().enumerate() {
            let found = validation(&comparison, place);
            assert_eq!(found.anew, 0, "{}", model.name);
            let off = found.loss.value - model.objective;
            assert!(
                off > -1e-9 && off < 3.0 * found.loss.std_error,
                "{}: J {}, held out {:?}",
                model.name,
                model.objective,
                found.loss
            );
        }
        let text = comparison.text();
        assert!(
            text.lines().all(|line| line.chars().count() <= 90 || line.starts_with("model")),
            "{text}"
        );
        let again = of(2);
        assert_eq!((again.json(), again.text()), (comparison.json(), text), "{texts:?}");
    }
}

/// A cluster is in one fold: equal rows of a cluster are never in both training and held-out rows,
/// where they would predict each other.
#[test]
fn clusters_stay_together() {
    let centres = draws(20, 10, |s| s.normal());
    let x: Vec<f64> = (0..100).map(|row| centres[row % 20]).collect();
    let cluster: Vec<f64> = (0..100).map(|row| (row % 20) as f64).collect();
    let counting = RowChoices::default().cluster("c");
    let table = [("x", x), ("c", cluster)];
    let comparison = with(&[UNIT, ZERO], &table, 20, &Options::default(), &counting);
    assert_eq!(comparison.clusters, Some(20));
    let found = validation(&comparison, 0);
    let losses: Vec<f64> = (0..20)
        .map(|g| {
            let others = (centres.iter().sum::<f64>() - centres[g]) / 19.0;
            0.5 * (centres[g] - others).powi(2) - 1.0
        })
        .collect();
    for row in 0..100 {
        close(found.losses[row], losses[row % 20], 1e-9);
    }
    // Five equal rows are one observation.
    close(found.loss.std_error, error(&losses), 1e-9);
    let fits: Vec<Fitted> = [UNIT, ZERO]
        .iter()
        .map(|text| {
            Fitted::new(text, &table, &Options::default().rows(counting.clone()), &counting)
        })
        .collect();
    let refusal = of_fits(&fits, 21, &Options::default().rows(counting)).expect_err("20 clusters");
    assert_eq!(refusal, NotComparable::Folds { folds: 21, units: 20, clustered: true });
}

/// A row of frequency two counts as two rows in one fold; of probability
/// weights only the ratios matter.
#[test]
fn weights_affect_the_comparison() {
    let x = draws(60, 11, |s| s.normal() + 1.0);
    let w: Vec<f64> = (0..60).map(|row| (row % 4) as f64).collect();
    let of = |kind, factor: f64| {
        let counting = RowChoices::default().weights("w", kind);
        let weights = w.iter().map(|w| w * factor).collect();
        with(&[UNIT, ZERO], &[("x", x.clone()), ("w", weights)], 6, &Options::default(), &counting)
    };
    let frequency = of(WeightsKind::Frequency, 1.0);
    let found = validation(&frequency, 0);
    // The loss of each row, as often as it counts.
    let repeated: Vec<f64> =
        (0..60).flat_map(|row| vec![found.losses[row]; w[row] as usize]).collect();
    close(found.loss.value, mean(&repeated), 1e-10);
    close(found.loss.std_error, error(&repeated), 1e-10);
    let [one, ten] =
        [1.0, 10.0].map(|factor| of(WeightsKind::Probability, factor).models[0].clone());
    let [one, ten] = [one, ten].map(|model| model.validation.expect("a held-out loss"));
    close(one.loss.value, ten.loss.value, 1e-10);
    close(one.loss.std_error, ten.loss.std_error, 1e-10);
    // The loss of a row does not depend on the kind of the weights.
    close(one.loss.value, found.loss.value, 1e-8);
}

/// Models of different data or objectives are refused, each with the reason.
#[test]
fn models_that_cannot_be_compared_are_refused() {
    let x = draws(50, 12, |s| s.normal().abs() + 0.1);
    let y = draws(50, 13, |s| s.normal());
    let mut holes = y.clone();
    holes[7] = f64::NAN;
    let table = [("x", x.clone()), ("y", y), ("z", holes)];
    let other = [("x", x.iter().map(|x| x + 1.0).collect::<Vec<_>>())];
    let fitted =
        |text: &str| Fitted::new(text, &table, &Options::default(), &RowChoices::default());
    let refusal = |fits: [Fitted; 2], options: &Options| match of_fits(&fits, 5, options) {
        Err(NotComparable::Different { difference, first, second }) => {
            assert_eq!([&first, &second], [&fits[0].name, &fits[1].name]);
            difference
        }
        other => panic!("{other:?}"),
    };
    let plain = Options::default();
    let refused = |a: &str, b: &str| refusal([fitted(a), fitted(b)], &plain);
    assert!(matches!(refused(NORMAL, "data y; param m; -(y - m)^2"), Difference::Data { .. }));
    assert!(matches!(
        refused(NORMAL, "data x, y; param m; -(x - m)^2 - y^2/2"),
        Difference::Data { .. }
    ));
    let half = "data x > 0; param b > 0; -b*x^2";
    assert_eq!(refused(NORMAL, half), Difference::Domain("x".to_owned()));
    let conditional = "data x; covariate z; param m, b; -(x - m - b*z)^2";
    assert_eq!(refused(NORMAL, conditional), Difference::Rows { first: 50, second: 49 });
    let heavy = "data x > 0; weight x = x^2; param b > 0; -b*x^2";
    assert!(matches!(refused(half, heavy), Difference::Weight { .. }));
    let elsewhere = Fitted::new(NORMAL, &other, &plain, &RowChoices::default());
    let moved = refusal([fitted(NORMAL), elsewhere], &plain);
    assert_eq!(moved, Difference::Values("x".to_owned()));
    let sliced = plain.clone().objective(Choices::default().kind(Kind::Sliced));
    let both = ["data x, y; param m; -(x - m)^2 - y^2", "data y, x; param m; -(x - m)^2 - y^2"]
        .map(|text| Fitted::new(text, &table, &sliced, &RowChoices::default()));
    assert_eq!(refusal(both, &sliced), Difference::Order);
    let both = ["data x, y; param m; -(x - m)^2 - y^2", "data y, x; param m; -(x - m)^2 - y^2"];
    let comparison = compared(&both, &table[..2], 5);
    close(validation(&comparison, 0).loss.value, validation(&comparison, 1).loss.value, 1e-9);
    let one = [fitted(NORMAL)];
    assert_eq!(of_fits(&one, 5, &plain).expect_err("one model"), NotComparable::TooFew);
    let two = [fitted(NORMAL), fitted(ZERO)];
    let folds = |folds| NotComparable::Folds { folds, units: 50, clustered: false };
    assert_eq!(of_fits(&two, 51, &plain).expect_err("too many"), folds(51));
    assert_eq!(of_fits(&two, 1, &plain).expect_err("too few"), folds(1));
    for refusal in [folds(1), NotComparable::TooFew] {
        assert!(!refusal.help().is_empty());
    }
}

/// A fit that did not converge has no held-out loss; one with a parameter on a bound is fitted from
/// scratch in every fold.
#[test]
fn fits_that_cannot_be_validated_are_reported() {
    let x = draws(100, 14, |s| s.normal() - 1.0);
    let bounded = "data x; param m >= 0, s2 > 0; -(x - m)^2/(2*s2)";
    let comparison = compared(&[NORMAL, bounded], &[("x", x.clone())], 5);
    let found = validation(&comparison, 1);
    assert_eq!(found.anew, 5);
    let codes: Vec<&str> = comparison.warnings.iter().map(|one| one.code).collect();
    assert!(codes.contains(&"folds-from-scratch"), "{codes:?}");
    // At m = 0 the model equals the one with mean zero.
    let zero = compared(&[NORMAL, ZERO], &[("x", x.clone())], 5);
    close(found.loss.value, validation(&zero, 1).loss.value, 1e-6);
    assert_eq!(comparison.choice, Some(0));
    // The second fit is interrupted before it begins.
    let stopped = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(true));
    let options = Options::default().interrupt(stopped);
    let plain = RowChoices::default();
    let bumps = "data x; param a, b; log(exp(-(x - a)^2) + exp(-(x - b)^2/2))";
    let fits = [
        Fitted::new(NORMAL, &[("x", x.clone())], &Options::default(), &plain),
        Fitted::new(bumps, &[("x", x)], &options, &plain),
    ];
    let comparison = of_fits(&fits, 5, &Options::default()).expect("comparable models");
    assert_eq!(comparison.models[1].validation, Err(NoValidation::NotConverged));
    assert!(comparison.models[1].smic.is_none() && !comparison.converged());
    assert_eq!((comparison.choice, comparison.best), (Some(0), Some(0)));
    assert!(comparison.text().contains("warning[not-validated]"));
}

/// A mixture whose components move in some folds keeps its held-out loss.
#[test]
fn mixtures_are_validated() {
    let x = draws(400, 15, |s| {
        let centre = if s.uniform() < 0.4 { -2.0 } else { 2.0 };
        centre + s.normal()
    });
    let mixture = "data x; param m[2], w in (0, 1); log(w*exp(-(x - m[1])^2/2) + (1 - w)*exp(-(x - m[2])^2/2))";
    let comparison = compared(&[NORMAL, mixture], &[("x", x)], FOLDS);
    assert_eq!(comparison.choice, Some(1), "{}", comparison.text());
}

/// A log-density that is a polynomial of this order.
fn polynomial(order: usize) -> String {
    format!("data x; param a[{order}]; sum(k in 1:{order}, a[k]*x^k)")
}

/// True polynomials by order, with one, two, three and four separated modes; the last one is
/// -2 (x^2 - 1/4)^2 (x^2 - 9/4)^2.
const TRUTHS: [(usize, &[f64]); 4] = [
    (2, &[0.3, -0.5]),
    (4, &[0.1, 1.0, 0.0, -0.5]),
    (6, &[0.0, -2.5, 0.0, 2.6, 0.0, -0.6]),
    (8, &[0.0, 5.625, 0.0, -14.75, 0.0, 10.0, 0.0, -2.0]),
];
const ORDERS: [usize; 4] = [2, 4, 6, 8];

/// For each seed, the chosen order and the order with the lowest SMIC.
fn orders(truth: (usize, &[f64]), seeds: std::ops::Range<u64>) -> Vec<(usize, usize)> {
    let (order, theta) = truth;
    let model = Model::parse(&polynomial(order)).expect("a model");
    seeds
        .map(|seed| {
            let asked = sample::Options::default().count(2000).seed(1000 * order as u64 + seed);
            let drawn = sample::draw(&model, theta, &[], &asked).expect("a density");
            let texts = ORDERS.map(polynomial);
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let table = [("x", drawn.columns[0].1.clone())];
            let options = Options::default().threads(2).seed(seed);
            let found = with(&texts, &table, FOLDS, &options, &RowChoices::default());
            let choice = found.choice.expect("all models are validated");
            (ORDERS[choice], ORDERS[found.lowest_smic().expect("SMIC")])
        })
        .collect()
}

fn tell(truth: usize, found: &[(usize, usize)]) {
    let count = |of: &dyn Fn(&(usize, usize)) -> usize| -> Vec<usize> {
        ORDERS.iter().map(|order| found.iter().filter(|one| of(one) == *order).count()).collect()
    };
    println!("true order {truth}, {} samples; chosen 2, 4, 6, 8:", found.len());
    println!("  cross-validation {:?}", count(&|one| one.0));
    println!("  SMIC             {:?}", count(&|one| one.1));
}

#[test]
fn the_order_of_a_polynomial() {
    for truth in TRUTHS {
        let found = orders(truth, 0..4);
        tell(truth.0, &found);
        let right = found.iter().filter(|(chosen, _)| *chosen == truth.0).count();
        assert!(right >= 3, "{} of {} right", right, found.len());
        assert!(found.iter().all(|(_, smic)| *smic >= truth.0));
    }
}

#[test]
#[ignore = "a measurement"]
fn the_orders_of_a_hundred_polynomials() {
    let (mut right, mut least) = (Vec::new(), Vec::new());
    for truth in TRUTHS {
        let found = orders(truth, 0..100);
        tell(truth.0, &found);
        right.push(found.iter().filter(|(chosen, _)| *chosen == truth.0).count());
        least.push(found.iter().filter(|(_, smic)| *smic >= truth.0).count());
    }
    assert!(right.iter().all(|right| *right >= 90), "{right:?}");
    assert!(least.iter().all(|least| *least >= 95), "{least:?}");
}
