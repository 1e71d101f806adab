//! The fit and the checks of a case, and its data.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::process::{Command, Output};

use scorematch::data::{Columns, Missing, Selection};
use scorematch::fit::{Estimate, Options, Outcome, fit};
use scorematch::model::{Model, Options as Reading};

/// A model with its columns.
pub struct Case {
    pub model: Model,
    pub rows: Selection,
}

impl Case {
    /// The case of a text on columns.
    pub fn new(text: &str, columns: &Columns) -> Self {
        let (names, numeric) = (columns.names(), columns.numeric_names());
        let reading = Reading { columns: Some(&names), numeric: &numeric, ..Reading::default() };
        let model = Model::with(text, &reading).expect("a model that fits the columns");
        let rows = model.select(columns, Missing::Error).expect("numbers");
        Self { model, rows }
    }

    /// The case of `tests/faults/<folder>/<model>.energy` and `<data>.csv`.
    pub fn file(folder: &str, model: &str, data: &str) -> Self {
        let text = fs::read_to_string(path(folder, &format!("{model}.energy"))).expect("a model");
        let file = File::open(path(folder, &format!("{data}.csv"))).expect("its data");
        Self::new(&text, &Columns::from_csv(file).expect("columns"))
    }

    /// The case of a text on columns of numbers.
    pub fn own(text: &str, columns: &[(&str, Vec<f64>)]) -> Self {
        let owned = columns.iter().map(|(name, values)| ((*name).to_owned(), values.clone()));
        Self::new(text, &Columns::from_vecs(owned.collect()).expect("columns of one length"))
    }

    pub fn fit_with(&self, options: &Options) -> Estimate {
        fit(&self.model, &self.rows, options).expect("a fit")
    }

    pub fn fit(&self) -> Estimate {
        self.fit_with(&Options::default())
    }
}

/// The fit of `tests/faults/<folder>`.
pub fn given(folder: &str) -> Estimate {
    Case::file(folder, "model", "data").fit()
}

/// The fit of a text on columns of numbers.
pub fn own(text: &str, columns: &[(&str, Vec<f64>)]) -> Estimate {
    Case::own(text, columns).fit()
}

pub fn path(folder: &str, file: &str) -> String {
    format!("tests/faults/{folder}/{file}")
}

/// Runs the program with these arguments, which contain no blanks.
pub fn program(arguments: &str) -> Output {
    let program = env!("CARGO_BIN_EXE_scorematch");
    Command::new(program).args(arguments.split_whitespace()).output().expect("the program runs")
}

pub fn has(fit: &Estimate, code: &str) -> bool {
    fit.warnings.iter().any(|warning| warning.code == code)
}

/// `J`, the estimate of a parameter, or, with `error ` before its name, its standard error.
fn named(fit: &Estimate, name: &str) -> Option<f64> {
    let parameter = |name: &str| fit.parameters.iter().find(|p| p.name == name);
    if name == "J" {
        return Some(fit.objective);
    }
    match name.strip_prefix("error ") {
        Some(name) => parameter(name).expect("a parameter of this name").std_error,
        None => Some(parameter(name).expect("a parameter of this name").estimate),
    }
}

/// Messages on standard errors that are not positive numbers above the
/// rounding error of the estimate.
fn errors_are_errors(fit: &Estimate) -> impl Iterator<Item = String> {
    let wrong = fit.parameters.iter().filter(|p| {
        let least = 1e-15 * p.estimate.abs();
        p.std_error.is_some_and(|error| !(error > least && error.is_finite()))
    });
    wrong.map(|p| format!("{} has the error {:?}", p.name, p.std_error))
}

/// Panics unless the fit converged, its standard errors are numbers, and the values of `J`, `name` and
/// `error name` are within a relative tolerance of those wanted. The message lists all deviations.
#[track_caller]
pub fn right(fit: &Estimate, tolerance: f64, want: &[(&str, f64)]) {
    let mut wrong: Vec<String> = errors_are_errors(fit).collect();
    if fit.outcome != Outcome::Converged {
        wrong.push(format!("{:?}: {}", fit.outcome, fit.stop_reason));
    }
    wrong.extend(want.iter().filter_map(|(name, want)| {
        let got = named(fit, name);
        let close = got.is_some_and(|got| (got - want).abs() <= tolerance * want.abs());
        (!close).then(|| format!("{name}: {got:?}, right {want:?}"))
    }));
    assert!(wrong.is_empty(), "{}\n{}", wrong.join("\n"), told(fit));
}

/// A summary of a fit, for the message of a failed test.
pub fn told(fit: &Estimate) -> String {
    let mut text = format!("J {:e}, {:?}, {:?}", fit.objective, fit.outcome, fit.starts);
    for p in &fit.parameters {
        write!(text, "\n  {} {:e} ± {:?}", p.name, p.estimate, p.std_error).expect("a string");
    }
    for m in &fit.minima {
        write!(text, "\n  minimum J {:e}, hits {}: {:?}", m.objective, m.hits, m.estimate)
            .expect("a string");
    }
    for warning in &fit.warnings {
        write!(text, "\n  {}: {}", warning.code, warning.message).expect("a string");
    }
    text
}

/// The congruential generator of Knuth's MMIX, which gives the same draws in any language.
pub struct Draws(u64);

impl Draws {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A uniform number between 0 and 1, both excluded.
    pub fn uniform(&mut self) -> f64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 11) as f64 + 0.5) / 2_f64.powi(53)
    }

    /// A standard normal number, by the formula of Box and Muller.
    pub fn normal(&mut self) -> f64 {
        let (radius, angle) = (self.uniform(), self.uniform());
        (-2.0 * radius.ln()).sqrt() * (2.0 * std::f64::consts::PI * angle).cos()
    }
}

/// A number rounded to decimals, so that the last bits of a logarithm have no effect.
pub fn rounded(value: f64, decimals: i32) -> f64 {
    let unit = 10_f64.powi(decimals);
    (value * unit).round() / unit
}

/// Points on a curve with normal noise: columns `x` and `y`.
pub fn noisy(
    (seed, noise, decimals): (u64, f64, i32),
    x: Vec<f64>,
    curve: impl Fn(f64) -> f64,
) -> [(&'static str, Vec<f64>); 2] {
    let mut draws = Draws::new(seed);
    let y = x.iter().map(|x| rounded(curve(*x) + noise * draws.normal(), decimals)).collect();
    [("x", x), ("y", y)]
}

/// The model of a response with normal noise around a curve.
pub fn around(parameters: &str, curve: &str) -> String {
    format!("data y\ncovariate x\nparam {parameters}, s2 > 0\nlogp = -(y - ({curve}))^2/(2*s2)")
}
