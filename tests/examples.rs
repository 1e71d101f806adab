//! Every model in `examples/` is fitted to its data, and its estimates agree with an independent
//! source. A model without an entry below fails, so a new file needs one.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::PathBuf;

use scorematch::data::{Columns, Missing};
use scorematch::fit::{Options, Outcome, fit};
use scorematch::model::{Model, Options as Reading};

/// The command in the comment of a model: `scorematch fit MODEL DATA [--map NAME=COLUMNS]`.
struct Command {
    data: String,
    map: Vec<(String, Vec<String>)>,
}

fn command(text: &str) -> Command {
    let line = text.lines().find(|line| line.contains("scorematch fit")).expect("a command to run");
    let words: Vec<&str> = line.trim_start_matches('#').split_whitespace().collect();
    let map = words.iter().skip_while(|word| **word != "--map").nth(1).map(|map| {
        let (name, columns) = map.split_once('=').expect("NAME=COLUMNS");
        (name.to_owned(), columns.split(',').map(str::to_owned).collect())
    });
    Command { data: words[3].to_owned(), map: map.into_iter().collect() }
}

fn models() -> BTreeMap<String, PathBuf> {
    let entries = fs::read_dir("examples").expect("examples").map(|e| e.expect("an entry").path());
    let models = entries.filter(|path| path.extension().is_some_and(|e| e == "energy"));
    models
        .map(|path| (path.file_stem().expect("a name").to_string_lossy().into_owned(), path))
        .collect()
}

type Columned = BTreeMap<String, Vec<f64>>;
type Estimates = BTreeMap<String, f64>;

fn fitted(path: &PathBuf) -> (Estimates, Columned) {
    let text = fs::read_to_string(path).expect("a model");
    let Command { data, map } = command(&text);
    let columns = Columns::from_csv(File::open(data).expect("its data")).expect("columns");
    let (names, numeric) = (columns.names(), columns.numeric_names());
    let reading = Reading { columns: Some(&names), numeric: &numeric, map, ..Reading::default() };
    let model = Model::with(&text, &reading).expect("a model that fits the columns");
    let selection = model.select(&columns, Missing::Error).expect("numbers");
    let estimate = fit(&model, &selection, &Options::default()).expect("a fit");
    assert_eq!(estimate.outcome, Outcome::Converged, "{}", path.display());
    let estimates = estimate.parameters.iter().map(|p| (p.name.clone(), p.estimate)).collect();
    let components = model.data().iter().chain(model.covariates()).enumerate();
    let used = components.map(|(k, c)| (c.name.clone(), selection.column(k).to_vec())).collect();
    (estimates, used)
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let n = values.len() as f64;
    values.sum::<f64>() / n
}

fn close(estimates: &Estimates, name: &str, want: f64, tolerance: f64) {
    let got = estimates[name];
    assert!((got - want).abs() <= tolerance, "{name}: got {got}, want {want}");
}

/// Sample mean, and sample variance with divisor n (Hyvärinen 2005, section 3.1).
fn normal(estimates: &Estimates, data: &Columned) {
    let x = &data["temperature"];
    let centre = mean(x.iter().copied());
    close(estimates, "mu", centre, 1e-10 * centre);
    let variance = mean(x.iter().map(|x| (x - centre).powi(2)));
    close(estimates, "s2", variance, 1e-10 * variance);
}

/// Least squares and the mean squared residual.
fn regression(estimates: &Estimates, data: &Columned) {
    let (x, y) = (&data["speed"], &data["distance"]);
    let (mx, my) = (mean(x.iter().copied()), mean(y.iter().copied()));
    let cross = mean(x.iter().zip(y).map(|(x, y)| (x - mx) * (y - my)));
    let slope = cross / mean(x.iter().map(|x| (x - mx).powi(2)));
    close(estimates, "b", slope, 1e-9);
    close(estimates, "a", my - slope * mx, 1e-8);
    let residual = |(x, y): (&f64, &f64)| (y - my - slope * (x - mx)).powi(2);
    close(estimates, "s2", mean(x.iter().zip(y).map(residual)), 1e-7);
}

/// A fit to the wind directions by the closed form, computed with other software.
fn vonmises(estimates: &Estimates, _: &Columned) {
    close(estimates, "a", 2.414_383_41, 1e-7);
    close(estimates, "b", 0.373_114_76, 1e-7);
}

/// The minimum that is not degenerate, in minutes; found by a search in another program.
fn mixture(estimates: &Estimates, _: &Columned) {
    close(estimates, "m[1]", 54.7647, 5e-5);
    close(estimates, "m[2]", 80.2633, 5e-5);
    close(estimates, "s2[1]", 5.9745_f64.powi(2), 1e-3);
    close(estimates, "s2[2]", 5.6966_f64.powi(2), 1e-3);
}

/// Sample means, and K as the inverse of the covariance with divisor n.
fn precision(estimates: &Estimates, data: &Columned) {
    let x: Vec<&Vec<f64>> = (1..=4).map(|i| &data[&format!("x[{i}]")]).collect();
    let means: Vec<f64> = x.iter().map(|x| mean(x.iter().copied())).collect();
    let covariance = |i: usize, j: usize| {
        mean(x[i].iter().zip(x[j]).map(|(a, b)| (a - means[i]) * (b - means[j])))
    };
    let entry = |i: usize, j: usize| estimates[&format!("K[{},{}]", i.min(j) + 1, i.max(j) + 1)];
    for (i, &centre) in means.iter().enumerate() {
        close(estimates, &format!("mu[{}]", i + 1), centre, 1e-9);
        for j in 0..4 {
            let product: f64 = (0..4).map(|k| entry(i, k) * covariance(k, j)).sum();
            let want = if i == j { 1.0 } else { 0.0 };
            assert!((product - want).abs() < 1e-8, "K·S[{i},{j}] = {product}");
        }
    }
}

/// The normal equations of the exponential family: Σ_k a_k mean(T_j' T_k') = -mean(T_j'').
fn quartic(estimates: &Estimates, data: &Columned) {
    let x = &data["eruptions"];
    let slope = |k: i32, x: f64| f64::from(k) * x.powi(k - 1);
    for j in 1..=4 {
        let gamma = |k: i32| mean(x.iter().map(|&x| slope(j, x) * slope(k, x)));
        let left: f64 = (1..=4).map(|k| estimates[&format!("a[{k}]")] * gamma(k)).sum();
        let right = -mean(x.iter().map(|x| f64::from(j * (j - 1)) * x.powi((j - 2).max(0))));
        let scale = (estimates["a[1]"] * gamma(1)).abs();
        assert!((left - right).abs() < 1e-9 * scale, "equation {j}: {left} = {right}");
    }
}

/// A local minimum of the loss, checked by differences in every entry of W.
///
/// With u = Wx and t = tanh u the loss is -Σ(1 - t_i²)‖w_i‖² + ½‖Wᵀt‖², which is written out here.
fn ica(estimates: &Estimates, data: &Columned) {
    let w: Vec<f64> =
        (0..16).map(|k| estimates[&format!("W[{},{}]", k / 4 + 1, k % 4 + 1)]).collect();
    let x: Vec<&Vec<f64>> = (1..=4).map(|i| &data[&format!("x[{i}]")]).collect();
    let loss = |w: &[f64]| mean((0..x[0].len()).map(|row| ica_row(w, &x, row)));
    for k in 0..16 {
        let moved = |h: f64| {
            let mut w = w.clone();
            w[k] += h;
            loss(&w)
        };
        let slope = (moved(1e-5) - moved(-1e-5)) / 2e-5;
        assert!(slope.abs() < 1e-7, "dJ/dW[{k}] = {slope}");
        assert!(moved(1e-2) > loss(&w) && moved(-1e-2) > loss(&w), "W[{k}] is at a minimum");
    }
}

fn ica_row(w: &[f64], x: &[&Vec<f64>], row: usize) -> f64 {
    let unit = |i: usize| (0..4).map(|j| w[4 * i + j] * x[j][row]).sum::<f64>().tanh();
    let t: Vec<f64> = (0..4).map(unit).collect();
    let norm = |i: usize| (0..4).map(|j| w[4 * i + j].powi(2)).sum::<f64>();
    let laplacian: f64 = (0..4).map(|i| -(1.0 - t[i] * t[i]) * norm(i)).sum();
    let score = |j: usize| (0..4).map(|i| w[4 * i + j] * t[i]).sum::<f64>();
    laplacian + 0.5 * (0..4).map(|j| score(j).powi(2)).sum::<f64>()
}

/// The weighted loss, written out and minimised by another program; the likelihood with its
/// normalising constant has its maximum at -5.4188 and -1.8294.
fn disasters(estimates: &Estimates, data: &Columned) {
    close(estimates, "a", -5.401_737_04, 1e-7);
    close(estimates, "b", -1.785_352_8, 1e-6);
    let (gap, century) = (&data["gap"], &data["century"]);
    assert_eq!((gap.len(), gap.iter().sum::<f64>()), (190, 40_549.5), "a gap of 0 is half a day");
    let rate = |t: &f64| (estimates["a"] + estimates["b"] * t).exp();
    let expected = mean(gap.iter().zip(century).map(|(gap, t)| gap * rate(t)));
    assert!((expected - 1.0).abs() < 0.1, "a gap is {expected} times its expectation");
}

/// The weighted loss, written out and minimised by another program.
fn food(estimates: &Estimates, _: &Columned) {
    close(estimates, "a", -0.638_485_27, 1e-6);
    close(estimates, "b", -0.012_752_128, 1e-8);
    close(estimates, "c", 0.124_881_94, 1e-6);
    close(estimates, "phi", 36.524_748, 1e-4);
}

/// With two components on one axis the loss was minimised by another program: m and c for one of
/// them, m + π and 1/c for the other.
fn turtles(estimates: &Estimates, _: &Columned) {
    close(estimates, "k", 3.244_702_4, 1e-6);
    let (m, c) = (estimates["m"], estimates["c"]);
    let (many, odds) = if c > 1.0 { (m + std::f64::consts::PI, 1.0 / c) } else { (m, c) };
    assert!((many - 1.105_253_66).abs() < 1e-7, "{many}");
    assert!((odds - 0.053_347_30).abs() < 1e-7, "{odds}");
}

/// On the sphere the loss is ½ k'Pk - 2 k'x, with P the mean of I - xx': Pk = 2 mean(x).
fn poles(estimates: &Estimates, data: &Columned) {
    let x: Vec<&Vec<f64>> = (1..=3).map(|i| &data[&format!("x[{i}]")]).collect();
    for i in 0..3 {
        let product = |j: usize| mean(x[i].iter().zip(x[j]).map(|(a, b)| a * b));
        let entry = |j: usize| f64::from(u8::from(i == j)) - product(j);
        let left: f64 = (0..3).map(|j| entry(j) * estimates[&format!("k[{}]", j + 1)]).sum();
        let right = 2.0 * mean(x[i].iter().copied());
        assert!((left - right).abs() < 1e-8, "equation {i}: {left} = {right}");
    }
}

/// The linear equations in isometric log-ratios, solved by another program.
fn microbiome(estimates: &Estimates, data: &Columned) {
    let absent = |name: &str| data[name].iter().filter(|u| **u == 0.0).count();
    assert_eq!((absent("u[1]"), absent("u[2]")), (35, 39));
    let expected = [
        ("b[1]", -0.817_081_661_5),
        ("b[2]", -0.918_564_296_4),
        ("b[3]", -0.220_345_451),
        ("b[4]", -0.259_469_512_9),
        ("A[1,1]", -65_347.203_48),
        ("A[1,2]", 6_365.879_942),
        ("A[1,3]", 554.484_669_0),
        ("A[1,4]", -255.074_789_7),
        ("A[2,2]", -745.264_909_1),
        ("A[2,3]", 2.714_167_776),
        ("A[2,4]", -71.546_796_73),
        ("A[3,3]", -21.755_994_54),
        ("A[3,4]", -1.198_615_438),
        ("A[4,4]", -20.904_456_41),
    ];
    for (name, want) in expected {
        close(estimates, name, want, 1e-7 * f64::abs(want));
    }
}

/// Ratio matching written out: for every entry of J, Σ over rows and entries of dσ(-Δ)²/dJ = -2 p²
/// (1 - p) dΔ/dJ is zero, where p = σ(-Δ).
fn lsat(estimates: &Estimates, data: &Columned) {
    let columns: Vec<&Vec<f64>> = (1..=5).map(|i| &data[&format!("q[{i}]")]).collect();
    let entry = |i: usize, j: usize| estimates[&format!("J[{},{}]", i.min(j) + 1, i.max(j) + 1)];
    let mut slopes = [[0.0; 5]; 5];
    let answers = (0..1000).map(|row| columns.iter().map(|q| q[row]).collect::<Vec<f64>>());
    for q in answers {
        for i in 0..5 {
            // Δ is the change of q_i times its coefficient in log p.
            let change = 2.0 * q[i] - 1.0;
            let others: f64 = (0..5).filter(|j| *j != i).map(|j| entry(i, j) * q[j]).sum();
            let p = 1.0 / (1.0 + (change * (entry(i, i) + others)).exp());
            let slope = -2.0 * p * p * (1.0 - p) * change / 1000.0;
            for j in 0..5 {
                slopes[i.min(j)][i.max(j)] += slope * if i == j { 1.0 } else { q[j] };
            }
        }
    }
    assert!(slopes.iter().flatten().all(|slope| slope.abs() < 1e-9), "{slopes:?}");
}

/// The weighted loss, written out and minimised by another program.
fn homicides(estimates: &Estimates, _: &Columned) {
    close(estimates, "east[1]", -87.743_098_66, 1e-6);
    close(estimates, "east[2]", -87.630_305_52, 1e-6);
    close(estimates, "north[1]", 41.884_229_04, 1e-6);
    close(estimates, "north[2]", 41.763_924_08, 1e-6);
    close(estimates, "s", 0.045_492_288_7, 1e-7);
}

#[test]
fn every_model_agrees_with_an_independent_source() {
    let judges: BTreeMap<&str, fn(&Estimates, &Columned)> = BTreeMap::from([
        ("disasters", disasters as fn(&Estimates, &Columned)),
        ("food", food),
        ("homicides", homicides),
        ("ica", ica),
        ("lsat", lsat),
        ("microbiome", microbiome),
        ("mixture", mixture),
        ("normal", normal),
        ("poles", poles),
        ("precision", precision),
        ("quartic", quartic),
        ("regression", regression),
        ("turtles", turtles),
        ("vonmises", vonmises),
    ]);
    let models = models();
    assert!(models.len() >= 14, "the examples were not found");
    for (name, path) in models {
        let (estimates, data) = fitted(&path);
        let judge = judges.get(name.as_str());
        judge.unwrap_or_else(|| panic!("{name}.energy has no independent source"))(
            &estimates, &data,
        );
    }
}

#[test]
fn embedding_examples_are_short() {
    for entry in fs::read_dir("examples").expect("examples") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|e| e == "rs") {
            let lines = fs::read_to_string(&path).expect("an example").lines().count();
            assert!(lines < 60, "{} has {lines} lines", path.display());
        }
    }
}
