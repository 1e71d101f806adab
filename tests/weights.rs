//! Weights of rows and clusters: frequencies compared with repeated rows, clusters and probability
//! weights with formulas, patterns of binary data with their rows.

use scorematch::analysis::Evaluation;
use scorematch::fit::{Options, Outcome};
use scorematch::numerics::rng::stream;
use scorematch::objective::{Choices, Kind, RowChoices, WeightsKind};
use scorematch::{Columns, Fit, Model};

/// A table of named columns.
fn table(names: &[&str], columns: &[Vec<f64>]) -> Columns {
    let mut text = names.join(",");
    for row in 0..columns[0].len() {
        let cells: Vec<String> =
            columns.iter().map(|column| format!("{:?}", column[row])).collect();
        text += &format!("\n{}", cells.join(","));
    }
    Columns::from_csv(text.as_bytes()).expect("a table")
}

/// Rows with a count, and the same rows repeated.
struct Repeated {
    counted: Columns,
    whole: Columns,
}

impl Repeated {
    /// Columns that a random stream draws row by row; each row is repeated 0 to 4 times.
    fn new(
        names: &[&str],
        rows: usize,
        draw: impl Fn(&mut dyn FnMut() -> f64) -> Vec<f64>,
    ) -> Self {
        let mut stream = stream(16, rows as u64);
        let mut columns = vec![Vec::new(); names.len() + 1];
        let mut whole = vec![Vec::new(); names.len()];
        for row in 0..rows {
            let count = if row == 0 { 2 } else { stream.below(5) };
            let mut normal = || stream.normal();
            let values = draw(&mut normal);
            for (k, value) in values.into_iter().enumerate() {
                columns[k].push(value);
                whole[k].extend(vec![value; count]);
            }
            columns[names.len()].push(count as f64);
        }
        Self { counted: table(&[names, &["f"]].concat(), &columns), whole: table(names, &whole) }
    }

    fn fits(&self, text: &str, options: &Options) -> (Fit, Fit) {
        let model = Model::parse(text).expect("a model");
        let counts = RowChoices::default().weights("f", WeightsKind::Frequency);
        let counted = model.fit_with(&self.counted, &options.clone().rows(counts));
        let whole = model.fit_with(&self.whole, options);
        (counted.expect("a fit of counted rows"), whole.expect("a fit of all rows"))
    }
}

/// The largest differences: in J, in estimates by standard errors, and in
/// standard errors as a share.
fn differences((one, other): &(Fit, Fit)) -> (f64, f64, f64) {
    let (a, b) = (one.estimate(), other.estimate());
    assert_eq!((a.outcome, b.outcome), (Outcome::Converged, Outcome::Converged));
    assert_eq!(a.parameters.len(), b.parameters.len());
    let mut largest = ((a.objective - b.objective).abs() / b.objective.abs(), 0.0f64, 0.0f64);
    for (a, b) in a.parameters.iter().zip(&b.parameters) {
        let (first, second) = (a.std_error.expect("an error"), b.std_error.expect("an error"));
        largest.1 = largest.1.max((a.estimate - b.estimate).abs() / second);
        largest.2 = largest.2.max((first / second - 1.0).abs());
    }
    largest
}

fn check(repeated: &Repeated, text: &str, options: &Options, (errors, shares): (f64, f64)) {
    let found = differences(&repeated.fits(text, options));
    assert!(found.0 < shares && found.1 < errors && found.2 < shares, "{text}: {found:?}");
}

#[test]
fn closed_forms_see_frequencies_as_repeated_rows() {
    let plain = Options::default();
    let one = Repeated::new(&["x"], 60, |normal| vec![3.0 + 2.0 * normal()]);
    check(&one, "-(x - mu)^2/(2*s2)", &plain, (1e-11, 1e-12));
    let half = Repeated::new(&["t"], 60, |normal| vec![0.1 + normal().powi(2)]);
    check(&half, "data t > 0; param a > 0, b > 0; (a - 1)*log(t) - b*t", &plain, (1e-10, 1e-11));
    let line = Repeated::new(&["y", "z"], 80, |normal| {
        let z = normal();
        vec![1.0 - 2.0 * z + 0.5 * normal(), z]
    });
    check(&line, "-(y - a - b*z)^2/(2*s2)", &plain, (1e-10, 1e-11));
    let two = Repeated::new(&["x[1]", "x[2]"], 90, |normal| {
        let first = normal();
        vec![first, 0.5 * first + normal()]
    });
    let text = "data x[2]; param m[2], K[2,2] posdef; -(x - m)'*K*(x - m)/2";
    check(&two, text, &plain, (1e-10, 1e-11));
}

#[test]
fn searched_fits_see_frequencies_as_repeated_rows() {
    let heavy = Repeated::new(&["x"], 300, |normal| vec![1.0 + normal() / normal().abs().sqrt()]);
    let text = "param mu, s > 0; -2.5*log(1 + ((x - mu)/s)^2/4)";
    check(&heavy, text, &Options::default(), (1e-6, 1e-6));
    let angles = Repeated::new(&["x"], 200, |normal| vec![0.7 * normal()]);
    let text = "data x on circle; param k > 0, mu; k*cos(x - mu)";
    check(&angles, text, &Options::default(), (1e-6, 1e-6));
}

/// `--standardise` weights components by their variances, in which the counts are included.
#[test]
fn variances_are_those_of_the_repeated_rows() {
    let two = Repeated::new(&["x", "y"], 120, |normal| vec![normal(), 30.0 * normal()]);
    let options = Options::default().standardise(scorematch::fit::Standardise::Yes);
    check(
        &two,
        "data x, y; -log_cosh(a*x) - log_cosh(b*y) - (x^2 + (y/30)^2)/4",
        &options,
        (1e-6, 1e-6),
    );
}

/// J and its slopes at fixed parameters, by moments and over rows.
#[test]
fn evaluations_see_frequencies_as_repeated_rows() {
    let data = Repeated::new(&["x"], 50, |normal| vec![0.5 + normal().abs()]);
    for text in ["-(x - mu)^2/(2*s2)", "data x > 0; param a > 0; a*log(x) - x/2", "-log_cosh(a*x)"]
    {
        let model = Model::parse(text).expect("a model");
        let theta = vec![0.7; model.parameters().len()];
        let counts = RowChoices::default().weights("f", WeightsKind::Frequency);
        let bound = model.bind(&["x"], &["x"]).expect("the column binds");
        let evaluate = |columns: &Columns, counts: &RowChoices| {
            let selection = bound
                .select_with(columns, scorematch::data::Missing::Error, &counts.columns())
                .expect("the columns exist");
            let slices = selection.slices();
            let specification = scorematch::objective::Specification::of(&bound).expect("a line");
            let rows = scorematch::objective::Rows::new(&slices, selection.original_rows());
            let rows = rows.choose(&selection, counts).expect("the table has the weights");
            let specification = specification.on(&bound, &rows).expect("valid weights");
            let by = |path| Evaluation::by(&specification, path, &bound, &selection, &theta, 1);
            let found = by(scorematch::objective::Path::Rows).expect("every objective has rows");
            let auto = by(scorematch::objective::Path::Auto).expect("every objective has a path");
            assert!((found.objective - auto.objective).abs() <= 1e-13 * found.objective.abs());
            found
        };
        let counted = evaluate(&data.counted, &counts);
        let whole = evaluate(&data.whole, &RowChoices::default());
        let close = |a: f64, b: f64| (a - b).abs() <= 1e-13 * b.abs().max(1.0);
        assert!(close(counted.objective, whole.objective), "{text}");
        assert_eq!(counted.frozen.len(), whole.frozen.len());
        for (a, b) in counted.gradient.iter().zip(&whole.gradient) {
            assert!(close(a.1, b.1), "{text}: {a:?} {b:?}");
        }
        for (a, b) in counted.frozen.iter().zip(&whole.frozen) {
            assert_eq!(a.1, b.1, "the cap is the median of the repeated rows");
        }
    }
}

/// The standard error of a mean with clusters, by its formula: √(G/(G - 1) Σ_g (Σ_i (x_i - m))²)/n.
#[test]
fn clusters_are_single_observations() {
    let mut stream = stream(17, 0);
    let (mut x, mut cluster) = (Vec::new(), Vec::new());
    for group in 0..12 {
        let level = stream.normal();
        for _ in 0..1 + group % 4 {
            x.push(level + 0.3 * stream.normal());
            cluster.push(f64::from(100 - group));
        }
    }
    let n = x.len() as f64;
    let mean = x.iter().sum::<f64>() / n;
    let sums = (0..12).map(|group| {
        let own = x.iter().zip(&cluster).filter(|one| *one.1 == f64::from(100 - group));
        own.map(|(x, _)| x - mean).sum::<f64>().powi(2)
    });
    let expected = (12.0 / 11.0 * sums.sum::<f64>()).sqrt() / n;
    let numbered: Vec<f64> = (0..x.len()).map(|row| row as f64).collect();
    let columns = table(&["x", "g", "id"], &[x, cluster, numbered]);
    let model = Model::parse("data x; -(x - mu)^2/2").expect("a model");
    let error = |choices: RowChoices| {
        let fit = model.fit_with(&columns, &Options::default().rows(choices)).expect("a fit");
        fit.parameter("mu").and_then(|mu| mu.std_error).expect("an error")
    };
    let by_group = error(RowChoices::default().cluster("g"));
    assert!((by_group / expected - 1.0).abs() < 1e-12, "{by_group} {expected}");
    let plain = error(RowChoices::default());
    let alone = error(RowChoices::default().cluster("id"));
    assert!((alone / plain / (n / (n - 1.0)).sqrt() - 1.0).abs() < 1e-12);
}

/// The mean and its standard error with probability weights: √(Σ w²(x - m)²)/Σw.
#[test]
fn probability_weights_are_single_rows() {
    let x = vec![1.0, 2.5, -0.5, 4.0, 3.0, 0.25];
    let w = vec![0.5, 2.25, 1.0, 3.0, 0.125, 4.0];
    let total: f64 = w.iter().sum();
    let mean = x.iter().zip(&w).map(|(x, w)| w * x).sum::<f64>() / total;
    let square = x.iter().zip(&w).map(|(x, w)| (w * (x - mean)).powi(2)).sum::<f64>();
    let columns = table(&["x", "w"], &[x, w]);
    let model = Model::parse("data x; -(x - mu)^2/2").expect("a model");
    let options =
        Options::default().rows(RowChoices::default().weights("w", WeightsKind::Probability));
    let fit = model.fit_with(&columns, &options).expect("a fit");
    let mu = fit.parameter("mu").expect("a parameter");
    assert!((mu.estimate - mean).abs() < 1e-12);
    let error = mu.std_error.expect("an error");
    assert!((error / (square.sqrt() / total) - 1.0).abs() < 1e-12, "{error}");
    assert_eq!(fit.estimate().row_weights.as_ref().map(|one| one.total), Some(total));
}

/// Binary rows counted by pattern, or kept apart by a cluster for each row, whose standard errors
/// differ by n/(n - 1).
#[test]
fn patterns_of_binary_data_are_counted() {
    let mut stream = stream(18, 0);
    let mut columns = vec![Vec::new(); 4];
    for row in 0..400 {
        let first = f64::from(u8::from(stream.uniform() < 0.6));
        let same = |stream: &mut scorematch::numerics::rng::Stream| {
            if stream.uniform() < 0.7 { first } else { 1.0 - first }
        };
        let (second, third) = (same(&mut stream), same(&mut stream));
        let values = [first, second, third, f64::from(row)];
        columns.iter_mut().zip(values).for_each(|(column, value)| column.push(value));
    }
    let columns = table(&["x[1]", "x[2]", "x[3]", "id"], &columns);
    let text = "data x[3] in {0, 1}; param b[3], w[3]; \
                b'*x + w[1]*x[1]*x[2] + w[2]*x[1]*x[3] + w[3]*x[2]*x[3]";
    let model = Model::parse(text).expect("a model");
    for kind in [Kind::Ratio, Kind::PseudoLikelihood, Kind::Flow] {
        let options = Options::default().objective(Choices::default().kind(kind));
        let counted = model.fit_with(&columns, &options).expect("a fit");
        let apart = options.rows(RowChoices::default().cluster("id"));
        let apart = model.fit_with(&columns, &apart).expect("a fit");
        assert_eq!(counted.estimate().rows, 400);
        let factor = (400.0f64 / 399.0).sqrt();
        for (a, b) in counted.estimate().parameters.iter().zip(&apart.estimate().parameters) {
            let (first, second) = (a.std_error.expect("an error"), b.std_error.expect("an error"));
            assert!((a.estimate - b.estimate).abs() < 1e-6 * second, "{kind}: {a:?} {b:?}");
            assert!((second / first / factor - 1.0).abs() < 1e-6, "{kind}: {a:?} {b:?}");
        }
    }
}

/// A normal in natural parameters, p ∝ exp(a x - b x²/2), with robust weights of power c: a
/// fixed-point iteration on weighted mean and variance, and sandwich standard errors of the
/// estimating equation by differences.
#[test]
fn robust_weights_of_a_normal() {
    const C: f64 = 0.4;
    let mut stream = stream(19, 0);
    let mut x: Vec<f64> = (0..150).map(|_| 1.0 + 0.5 * stream.normal()).collect();
    x.extend([9.0, 10.5, -8.0]);
    let n = x.len() as f64;
    let weight = |a: f64, b: f64, x: f64| (C * (a * x - 0.5 * b * x * x)).exp();
    let (mut a, mut b) = (0.5, 0.5);
    for _ in 0..2000 {
        let total: f64 = x.iter().map(|&x| weight(a, b, x)).sum();
        let mean = x.iter().map(|&x| weight(a, b, x) * x).sum::<f64>() / total;
        let square = x.iter().map(|&x| weight(a, b, x) * (x - mean).powi(2)).sum::<f64>() / total;
        (a, b) = (mean / square / (1.0 + C), 1.0 / square / (1.0 + C));
    }
    // ρ = -b + ½(a - b x)²: its gradient at (1 + c)(a, b).
    let psi = |a: f64, b: f64, x: f64| {
        let (a, b) = ((1.0 + C) * a, (1.0 + C) * b);
        [a - b * x, -1.0 - x * (a - b * x)]
    };
    let equation = |a: f64, b: f64| {
        let mut sum = [0.0; 2];
        for &x in &x {
            let own = psi(a, b, x).map(|one| one * weight(a, b, x));
            sum = [sum[0] + own[0] / n, sum[1] + own[1] / n];
        }
        sum
    };
    let step = 1e-5;
    let (up, down) = (equation(a + step, b), equation(a - step, b));
    let first = [0, 1].map(|k| (up[k] - down[k]) / (2.0 * step));
    let (up, down) = (equation(a, b + step), equation(a, b - step));
    let second = [0, 1].map(|k| (up[k] - down[k]) / (2.0 * step));
    let bread = inverse([[first[0], second[0]], [first[1], second[1]]]);
    let mut meat = [[0.0; 2]; 2];
    for &x in &x {
        let own = psi(a, b, x).map(|one| one * weight(a, b, x));
        for i in 0..2 {
            for j in 0..2 {
                meat[i][j] += own[i] * own[j] / n;
            }
        }
    }
    let error = |k: usize| {
        let row = bread[k];
        let pairs = [(0, 0), (0, 1), (1, 0), (1, 1)];
        let sum: f64 = pairs.into_iter().map(|(i, j)| row[i] * meat[i][j] * row[j]).sum();
        (sum / n).sqrt()
    };
    let columns = table(&["x"], &[x.clone()]);
    let model = Model::parse("data x; param a, b > 0; a*x - b*x^2/2").expect("a model");
    let fit = model.fit_with(&columns, &Options::default().robust(C)).expect("a fit");
    assert_eq!(fit.estimate().outcome, Outcome::Converged);
    for (k, (name, value)) in [("a", a), ("b", b)].into_iter().enumerate() {
        let found = fit.parameter(name).expect("a parameter");
        assert!((found.estimate / value - 1.0).abs() < 1e-9, "{found:?} {value}");
        let own = found.std_error.expect("an error");
        assert!((own / error(k) - 1.0).abs() < 1e-6, "{own} {}", error(k));
    }
    // The plain fit is affected by the three outliers.
    let plain = model.fit(&columns).expect("a fit");
    let b_of = |fit: &Fit| fit.parameter("b").expect("a parameter").estimate;
    assert!(b_of(&fit) > 2.5 && b_of(&plain) < 1.0);
}

/// The inverse of a 2×2 matrix.
fn inverse([[a, b], [c, d]]: [[f64; 2]; 2]) -> [[f64; 2]; 2] {
    let determinant = a * d - b * c;
    [[d / determinant, -b / determinant], [-c / determinant, a / determinant]]
}

#[test]
fn robust_weights_need_a_linear_log_density() {
    let columns = table(&["x"], &[vec![1.0, 2.0, 4.0, 3.0, 2.5]]);
    let refused = |text: &str, options: &Options| {
        let model = Model::parse(text).expect("a model");
        model.fit_with(&columns, options).expect_err("a refusal").to_string()
    };
    let natural = "data x; param a, b > 0; a*x - b*x^2/2";
    let by_moments = "data x; param mu, s2 > 0; -(x - mu)^2/(2*s2)";
    let error = refused(by_moments, &Options::default().robust(0.5));
    assert!(error.contains("linear in its parameters"), "{error}");
    let error = refused(natural, &Options::default().robust(-0.5));
    assert!(error.contains("≥ 0"), "{error}");
    let error = refused(natural, &Options::default().robust_in("c", 0.5));
    assert!(error.contains("no parameter `c`"), "{error}");
    let counted = RowChoices::default().cluster("x");
    let error = refused(natural, &Options::default().robust(0.5).rows(counted));
    assert!(error.contains("already"), "{error}");
}
