//! Draws from models, by the command line and the library: their moments, fits to them, and
//! warnings where chains do not agree.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use scorematch::analysis::row_densities;
use scorematch::data::{Columns, Missing};
use scorematch::fit::{self, fit};
use scorematch::model::Model;
use scorematch::sample::{Convergence, Method, Options, draw};
use serde_json::Value;

fn scorematch(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scorematch"));
    command.args(arguments).output().expect("the command runs")
}

fn status(output: &Output) -> i32 {
    output.status.code().expect("no signal ended the program")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sampling").join(name);
    fs::create_dir_all(&folder).expect("a folder for the test");
    folder
}

/// The words after `scorematch fit` in the comment of a model: model, data, options.
fn words(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).expect("a model");
    let line = text.lines().find(|line| line.contains("scorematch fit")).expect("a command to run");
    line.trim_start_matches('#').split_whitespace().skip(2).map(str::to_owned).collect()
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).expect("a file")).expect("JSON")
}

/// Estimates and their standard errors by name.
fn parameters(fit: &Value) -> BTreeMap<String, (f64, Option<f64>)> {
    let parameters = fit["parameters"].as_array().expect("a list");
    let one = |p: &Value| {
        let name = p["name"].as_str().expect("a name").to_owned();
        (name, (p["estimate"].as_f64().expect("an estimate"), p["std_error"].as_f64()))
    };
    parameters.iter().map(one).collect()
}

fn models() -> Vec<PathBuf> {
    let entries = fs::read_dir("examples").expect("examples").map(|e| e.expect("an entry").path());
    let mut models: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|e| e == "energy")).collect();
    models.sort();
    models
}

/// Every example is fitted, drawn from at its estimates, and fitted to the draws: each
/// parameter is recovered within five standard errors, those of the draws, which are at
/// least as many as the rows.
#[test]
fn draws_of_every_example_recover_its_parameters() {
    // The weight of one example comes from columns, so that its region is not known.
    let is_weighted = |path: &PathBuf| {
        fs::read_to_string(path).expect("a model").lines().any(|line| line.starts_with("weight"))
    };
    for path in models().into_iter().filter(|path| !is_weighted(path)) {
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let folder = folder(&name);
        let file = |name: &str| folder.join(name).to_string_lossy().into_owned();
        let (fit, draws, again) = (file("fit.json"), file("draws.csv"), file("again.json"));
        let words = words(&path);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let (model, data) = (words[0], words[1]);
        let fitted =
            scorematch(&[&["fit"], &words[..], &["--format", "json", "-q", "-o", &fit]].concat());
        assert_eq!(status(&fitted), 0, "{name}: {}", text(&fitted.stderr));
        let at = format!("@{fit}");
        let conditional = fs::read_to_string(model).expect("a model").contains("covariate ");
        let rows = fs::read_to_string(data).expect("the data").lines().count();
        let count = if conditional { 3 } else { rows.max(2000) }.to_string();
        let mut asked = vec!["sample", model, "--at", &at, "-n", &count, "-o", &draws];
        if conditional {
            asked.extend(["--given", data]);
        }
        let sampled = scorematch(&asked);
        let report = text(&sampled.stdout) + &text(&sampled.stderr);
        assert_eq!(status(&sampled), 0, "{name}: {report}");
        let refitted = scorematch(&["fit", model, &draws, "--format", "json", "-q", "-o", &again]);
        assert_eq!(status(&refitted), 0, "{name}: {}", text(&refitted.stderr));
        let (truth, found) =
            (parameters(&json(Path::new(&fit))), parameters(&json(Path::new(&again))));
        for (parameter, (true_value, error)) in truth {
            let (value, own) = found[&parameter];
            let Some(error) = error.zip(own).map(|(a, b)| f64::max(a, b)) else { continue };
            let off = (value - true_value).abs() / error;
            assert!(off < 5.0, "{name}, {parameter}: {value} for {true_value}, {off} errors");
        }
    }
}

/// Draws of one number by Langevin's chains, which do not use quadrature, are uniform under
/// the distribution function by quadrature: Kolmogorov and Smirnov's distance for the
/// effective number of draws.
#[test]
fn chains_and_quadrature_agree() {
    for (text, theta) in [
        ("data x; -(x - m)^4", vec![1e3]),
        ("data x > 0; (a - 1)*log(x) - b*x", vec![0.6, 3.0]),
        ("data x in (2, 5); (a - 1)*log(x - 2) - x", vec![0.7]),
        ("data x; log(exp(-(x - m)^2/2) + 2*exp(-(x + m)^2/0.5))", vec![1.2]),
        ("data x on circle; k*cos(x - m) + sin(2*x)", vec![1.5, 3.0]),
        ("data x < 1; 2*log(1 - x) - (1 - x)^2", vec![]),
    ] {
        let model = Model::parse(text).expect("a model");
        let options = Options::default().count(4000).method(Method::Langevin).seed(11);
        let draws = draw(&model, &theta, &[], &options).expect("draws");
        assert!(draws.is_sound(), "{text}: {:?}", draws.doubts);
        let cells: Vec<String> = draws.columns[0].1.iter().map(|x| format!("{x:?}")).collect();
        let table = Columns::from_csv(format!("x\n{}\n", cells.join("\n")).as_bytes());
        let model = model.bind(&["x"], &["x"]).expect("a column");
        let rows = model.select(&table.expect("a table"), Missing::Error).expect("numbers");
        let found = row_densities(&model, &rows, &theta, 1).expect("a density");
        let mut below = found.below.expect("one number");
        below.sort_by(f64::total_cmp);
        let distance = |(k, share): (usize, &f64)| (share - (k as f64 + 0.5) / 4000.0).abs();
        let distance = below.iter().enumerate().map(distance).fold(0.0, f64::max);
        let effective = draws.convergence[0].bulk.min(draws.convergence[0].tail).min(4000.0);
        // The 0.9999 quantile of this distance is 2.2/√n.
        assert!(distance * effective.sqrt() < 2.2, "{text}: {distance} of {effective} draws");
    }
}

#[test]
fn modes_that_are_never_crossed_are_warned_of() {
    let energy = "data x, y; log(exp(-(x - 9)^2/2) + exp(-(x + 9)^2/2)) - y^2/2";
    let sampled = scorematch(&["sample", "-e", energy, "-n", "200"]);
    assert_eq!(status(&sampled), 3);
    let said = text(&sampled.stderr);
    assert!(said.contains("warning[not-mixed]") && said.contains("2 modes"), "{said}");
    assert_eq!(text(&sampled.stdout).lines().count(), 201, "the draws are written all the same");
    // A parameter is in one of the modes, and most points that are tried are around it.
    let model = Model::parse("log(exp(-(x + m)^2/2) + exp(-(x - m)^2/2))").expect("a model");
    for method in [Method::Langevin, Method::HitAndRun] {
        let draws = draw(&model, &[20.0], &[], &Options::default().method(method)).expect("draws");
        assert!(draws.modes == 2 && !draws.is_sound(), "{method:?}: {:?}", draws.convergence);
    }
}

#[test]
fn the_same_bytes_on_any_number_of_threads() {
    for energy in ["-(x - 3)^2", "data x, y; -(x^4 + y^4)/4 + x*y"] {
        let draws = |threads: &str| {
            let output = scorematch(&[
                "sample",
                "-e",
                energy,
                "-n",
                "300",
                "--seed",
                "4",
                "--threads",
                threads,
            ]);
            assert_eq!(status(&output), 0);
            output.stdout
        };
        assert_eq!(draws("1"), draws("2"));
        let other = scorematch(&["sample", "-e", energy, "-n", "300", "--seed", "5"]);
        assert_ne!(draws("1"), other.stdout);
    }
}

#[test]
fn models_that_cannot_be_drawn_from_are_refused_with_a_remedy() {
    let folder = folder("refusals");
    let given = folder.join("given.csv").to_string_lossy().into_owned();
    fs::write(&given, "z\n1\n2\n").expect("a file");
    for (arguments, code, word) in [
        (vec!["-e", "-(x - mu)^2"], 2, "`--at` is needed"),
        (vec!["-e", "x^2"], 1, "no finite integral"),
        (vec!["-e", "data y; covariate z; -(y - z)^2"], 1, "--given FILE"),
        (vec!["-e", "-x^2", "--given", &given], 2, "`covariate z`"),
        (vec!["-e", "-x^2", "--method", "gibbs"], 2, "draws binary entries"),
        (vec!["-e", "-x^2", "--with-chain"], 2, "independent"),
        (vec!["-e", "-x^2", "--na", "-"], 2, "--given"),
        (vec!["-e", "data s in {0, 1}, x; s*x - x^2"], 1, "binary"),
        (vec!["-e", "-x^2", "examples/cars.csv"], 2, "no data"),
        #[cfg(not(feature = "parquet"))]
        (vec!["-e", "-x^2", "-o", "draws.parquet"], 2, "--features parquet"),
    ] {
        let output = scorematch(&[&["sample"], &arguments[..]].concat());
        let said = text(&output.stderr);
        assert_eq!(status(&output), code, "{arguments:?}: {said}");
        assert!(said.contains(word), "{arguments:?}: {said}");
    }
}

/// The JSON has its keys in order, and contains the draws unless a file takes them.
#[test]
fn json_contains_diagnostics_and_draws() {
    let energy = "data x, y; -(x^2 + y^2)/2";
    let output = scorematch(&["sample", "-e", energy, "-n", "40", "--format", "json"]);
    let found: Value = serde_json::from_str(&text(&output.stdout)).expect("JSON");
    let keys: Vec<&String> = found.as_object().expect("an object").keys().collect();
    let wanted = [
        "schema",
        "version",
        "method",
        "n",
        "chains",
        "length",
        "modes",
        "levels",
        "divergences",
        "sound",
        "components",
        "warnings",
        "draws",
    ];
    assert_eq!(keys, wanted);
    assert_eq!(found["draws"]["y"].as_array().map(Vec::len), Some(40));
    assert_eq!(found["components"][1]["name"], "y");
    assert!(found["components"][0]["r_hat"].as_f64().is_some_and(|r_hat| r_hat < 1.05));
}

/// Covariates from a file are written beside the draws, so that the output is a
/// table that can be fitted.
#[test]
fn covariates_are_written_beside_the_draws() {
    let folder = folder("given");
    let given = folder.join("given.csv").to_string_lossy().into_owned();
    fs::write(&given, "w,other\n10,a\n-20,b\n").expect("a file");
    let energy = "data y, v; covariate z; -(y - z)^2 - v^2 - v*y/10";
    let output = scorematch(&[
        "sample",
        "-e",
        energy,
        "--given",
        &given,
        "--map",
        "z=w",
        "-n",
        "3",
        "--with-chain",
    ]);
    assert_eq!(status(&output), 0, "{}", text(&output.stderr));
    let lines: Vec<String> = text(&output.stdout).lines().map(str::to_owned).collect();
    assert_eq!(lines[0], "chain,draw,z,y,v");
    let z: Vec<&str> = lines[1..].iter().map(|line| line.split(',').nth(2).expect("z")).collect();
    assert_eq!(z, ["10.0", "10.0", "10.0", "-20.0", "-20.0", "-20.0"]);
    let y: f64 = lines[4].split(',').nth(3).expect("y").parse().expect("a number");
    assert!((y + 20.0).abs() < 5.0, "{y}");
}

/// Noise moves chains between modes that are 18 standard deviations apart, in the shares 0.3 and
/// 0.7 of the modes. Chains at the last level alone, which start at modes, never find these shares.
#[test]
fn annealing_finds_the_shares_of_modes() {
    let text = "data x, y; covariate sigma; let v = 1 + sigma^2; \
                log(0.3*exp(-(x + 9)^2/(2*v)) + 0.7*exp(-(x - 9)^2/(2*v))) - y^2/(2*v)";
    let model = Model::parse(text).expect("a model");
    let options = Options::default().count(800).chains(400).warmup(300).seed(6);
    let levels = vec![20.0, 12.0, 8.0, 5.0, 3.0, 1.5, 0.01];
    let draws = draw(&model, &[], &[], &options.annealed(levels)).expect("draws");
    let x = &draws.columns[0].1;
    let right = x.iter().filter(|x| **x > 0.0).count() as f64 / 800.0;
    // The share of 400 independent chains, within four binomial standard errors.
    assert!((right - 0.7).abs() < 4.0 * (0.21f64 / 400.0).sqrt(), "{right}");
    assert_eq!(draws.doubts[0].code, "annealed-shares");
    assert!(draws.is_sound() && draws.modes == 2 && draws.levels == 7);
}

/// The mean of r² under exp(-r²/2) in a disc and in a ring is that of an exponential variable with
/// rate ½, restricted to the squares of the radii.
#[test]
fn draws_stay_in_the_region_of_a_weight() {
    for (weight, low, high) in [("1 - r2", 0.0, 1.0), ("(r2 - 1)*(4 - r2)", 1.0, 4.0f64)] {
        let text = format!("data x, y; let r2 = x^2 + y^2; weight = {weight}; -r2/2");
        let model = Model::parse(&text).expect("a model");
        let draws = draw(&model, &[], &[], &Options::default().count(4000).seed(2)).expect("draws");
        assert!(draws.is_sound() && draws.doubts.is_empty(), "{:?}", draws.doubts);
        assert_eq!(draws.method, Method::HitAndRun);
        let [(_, x), (_, y)] = &draws.columns[..] else { panic!("two components") };
        let squares: Vec<f64> = x.iter().zip(y).map(|(x, y)| x * x + y * y).collect();
        assert!(squares.iter().all(|r2| (low..=high).contains(r2)), "{weight}");
        let mass = |r2: f64| (-0.5 * r2).exp();
        let all = mass(low) - mass(high);
        let wanted = 2.0 + (low * mass(low) - high * mass(high)) / all;
        let found = Convergence::of("r2", &squares, draws.chains);
        assert!((found.mean - wanted).abs() < 5.0 * found.error, "{} {wanted}", found.mean);
        for component in &draws.convergence {
            assert!(component.mean.abs() < 5.0 * component.error, "{component:?}");
        }
    }
}

/// A normal in a triangle with a covariate, and one number between two others: fits with the weight
/// of the region recover the parameters of its draws.
#[test]
fn draws_of_a_region_recover_its_parameters() {
    let texts = [
        (
            "data x, y; param a, b, k > 0; weight = min(x, y, 1 - x - y); \
          -k*(x - a)^2/2 - k*(y - b)^2/2",
            vec![0.5, 0.3, 8.0],
        ),
        ("data x; param m, s2 > 0; weight = (x - 1)*(3 - x); -(x - m)^2/(2*s2)", vec![1.5, 0.5]),
    ];
    for (text, truth) in texts {
        let model = Model::parse(text).expect("a model");
        let options = Options::default().count(4000).seed(8);
        let draws = draw(&model, &truth, &[], &options).expect("draws");
        assert!(draws.is_sound(), "{:?}", draws.doubts);
        let names: Vec<&str> = draws.columns.iter().map(|(name, _)| name.as_str()).collect();
        let table = Columns::from_vecs(draws.columns.clone()).expect("columns of one length");
        let model = model.bind(&names, &names).expect("columns");
        let rows = model.select(&table, Missing::Error).expect("rows of the domain");
        let found = fit(&model, &rows, &fit::Options::default()).expect("a fit");
        // States of chains are dependent, so standard errors of independent rows are enlarged by
        // the effective number of draws.
        let worth = draws.convergence.iter().map(|one| one.bulk / 4000.0).fold(1.0, f64::min);
        for (parameter, truth) in found.parameters.iter().zip(truth) {
            let error = parameter.std_error.expect("an error") / worth.sqrt();
            let off = (parameter.estimate - truth).abs() / error;
            assert!(off < 5.0, "{}: {} for {truth}", parameter.name, parameter.estimate);
        }
    }
}

/// A weight that is zero at single values does not restrict draws; one that comes from columns is
/// not known where there are no rows.
#[test]
fn other_weights_do_not_restrict_draws() {
    let model = Model::parse("data x > 0; weight x = min(x, 2)^2; -x^2 + x").expect("a model");
    let draws = draw(&model, &[], &[], &Options::default().count(9)).expect("draws");
    assert!(draws.method == Method::Inverse && draws.doubts.is_empty());
    let binary = Model::parse("data s in {0, 1}; weight = s; s/3").expect("a model");
    let draws = draw(&binary, &[], &[], &Options::default().count(9)).expect("draws");
    assert_eq!((draws.method, draws.doubts[0].code), (Method::Patterns, "weight-ignored"));
    let columns = "data x; covariate h, dh; weight = h with gradient [dh]; -(x - 1)^2";
    let sampled = scorematch(&["sample", "-e", columns, "-n", "5"]);
    assert_eq!(status(&sampled), 0, "{}", text(&sampled.stderr));
    assert!(text(&sampled.stderr).contains("warning[weight-ignored]"));
    let regional = ["sample", "-e", "data x; weight = 1 - x^2; -x^2", "--method", "nuts"];
    let refused = scorematch(&regional);
    assert_eq!(status(&refused), 2);
    assert!(text(&refused.stderr).contains("hit-and-run"), "{}", text(&refused.stderr));
}

/// Rows that are drawn would not be in the region of a weight that comes from columns.
#[test]
fn a_test_after_a_fit_does_not_draw_from_a_region() {
    let files = ["test", "examples/homicides.energy", "examples/homicides.csv"];
    let refused = scorematch(&[&files[..], &["--replicates", "19"]].concat());
    assert_eq!(status(&refused), 2);
    assert!(text(&refused.stderr).contains("comes from columns"), "{}", text(&refused.stderr));
    assert!(
        text(&refused.stderr).contains("--bootstrap wild")
            || text(&refused.stderr).contains("`--at`")
    );
    let wild = scorematch(&[&files[..], &["--bootstrap", "wild"]].concat());
    assert_eq!(status(&wild), 0, "{}", text(&wild.stderr));
}
