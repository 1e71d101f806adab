//! A table as a file, a model fitted to it by the built program, and checks of the result.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use scorematch::numerics::rng::{Stream, stream};
use serde_json::Value;

use crate::support::samples::Table;

/// Most standard errors by which an estimate may differ from the truth.
const ERRORS_MOST: f64 = 4.0;

/// A list of draws. Each task has its own key, so that no two share their data.
pub fn draws<T>(rows: usize, key: u64, draw: impl Fn(&mut Stream) -> T) -> Vec<T> {
    let mut stream = stream(2026, key);
    (0..rows).map(|_| draw(&mut stream)).collect()
}

/// Columns from rows.
pub fn table<const D: usize>(names: [&'static str; D], rows: &[[f64; D]]) -> Table {
    let column = |(k, name): (usize, &'static str)| (name, rows.iter().map(|row| row[k]).collect());
    names.into_iter().enumerate().map(column).collect()
}

/// Writes a table and returns its path.
pub fn file(name: &str, table: &Table) -> String {
    let mut text = table.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(",") + "\n";
    for row in 0..table[0].1.len() {
        let cells: Vec<String> = table.iter().map(|(_, values)| values[row].to_string()).collect();
        writeln!(text, "{}", cells.join(",")).expect("a text grows");
    }
    text_file(name, &text)
}

/// Writes the text of a table and returns its path.
pub fn text_file(name: &str, text: &str) -> String {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tasks");
    fs::create_dir_all(&folder).expect("the folder for tests can be made");
    let path = folder.join(format!("{name}.csv"));
    fs::write(&path, text).expect("the folder for tests can be written");
    path.to_str().expect("the path is a text").to_owned()
}

/// Exit status, standard output, standard error.
pub fn run(arguments: &[&str], input: &str) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scorematch"));
    command.args(arguments).env_remove("SCOREMATCH_HISTORY").env_remove("RUST_BACKTRACE");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    // A program that ends before it reads everything does not fail the test.
    let _ = child.stdin.take().expect("the stream is piped").write_all(input.as_bytes());
    let output = child.wait_with_output().expect("the program ends");
    let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
    let status = output.status.code().expect("no signal ended the program");
    (status, text(output.stdout), text(output.stderr))
}

/// A fit that succeeded.
pub struct Fitted {
    text: String,
    json: Value,
}

/// Fits a model on the command line; the program must end with status 0.
#[track_caller]
pub fn fit(text: &str, data: &str) -> Fitted {
    fit_with(text, data, &[])
}

#[track_caller]
pub fn fit_with(text: &str, data: &str, options: &[&str]) -> Fitted {
    let arguments = [&["fit", "-e", text, data, "--format", "json"], options].concat();
    let (status, stdout, stderr) = run(&arguments, "");
    assert_eq!(status, 0, "{text}\n{stdout}{stderr}");
    let json = serde_json::from_str(&stdout).expect("standard output is one object");
    Fitted { text: text.to_owned(), json }
}

impl Fitted {
    #[track_caller]
    fn row(&self, list: &str, name: &str) -> &Value {
        let list = self.json[list].as_array().expect("a list");
        let named = |row: &&Value| row["name"] == name || row["expression"] == name;
        list.iter().find(named).unwrap_or_else(|| panic!("{name} is not in {list:?}"))
    }

    /// The estimate of a parameter.
    #[track_caller]
    pub fn value(&self, name: &str) -> f64 {
        self.row("parameters", name)["estimate"].as_f64().expect("an estimate")
    }

    /// The estimates at each minimum that is listed.
    #[track_caller]
    pub fn minima(&self) -> Vec<Vec<f64>> {
        let list = self.json["minima"].as_array().expect("a list");
        let number = |value: &Value| value.as_f64().expect("a number");
        let estimates =
            |one: &Value| one["estimate"].as_array().map(|all| all.iter().map(number).collect());
        list.iter().map(|one| estimates(one).expect("a list")).collect()
    }

    /// The value of an expression of `--estimate`.
    #[track_caller]
    pub fn derived(&self, expression: &str) -> f64 {
        self.row("estimates", expression)["estimate"].as_f64().expect("a value")
    }

    /// Checks that parameters are near the truth and have standard errors.
    #[track_caller]
    pub fn near(&self, truth: &[(&str, f64)]) -> &Self {
        for &(name, truth) in truth {
            let error = self.row("parameters", name)["std_error"].as_f64().expect("an error");
            let away = (self.value(name) - truth).abs() / error;
            let text = &self.text;
            assert!(away <= ERRORS_MOST, "{text}: {name} = {}, not {truth}", self.value(name));
        }
        self
    }

    /// Checks that parameters equal the numbers of a closed form.
    #[track_caller]
    pub fn equals(&self, numbers: &[(&str, f64)]) -> &Self {
        for &(name, number) in numbers {
            let got = self.value(name);
            let close = (got - number).abs() <= 1e-6 * number.abs().max(1e-3);
            assert!(close, "{}: {name} = {got}, not {number}", self.text);
        }
        self
    }

    /// Checks the roles of the names.
    #[track_caller]
    pub fn roles(&self, data: &[&str], covariate: &[&str], param: &[&str]) -> &Self {
        let wanted = serde_json::json!({"data": data, "covariate": covariate, "param": param});
        assert_eq!(self.json["roles"], wanted, "{}", self.text);
        self
    }

    /// Checks the codes of all warnings.
    #[track_caller]
    pub fn warns(&self, codes: &[&str]) -> &Self {
        let warnings = self.json["warnings"].as_array().expect("a list");
        let found: Vec<&str> =
            warnings.iter().map(|one| one["code"].as_str().expect("a code")).collect();
        assert_eq!(found, codes, "{}: {warnings:#?}", self.text);
        self
    }

    /// Checks that there are no warnings with other codes.
    #[track_caller]
    pub fn warns_at_most(&self, codes: &[&str]) -> &Self {
        let warnings = self.json["warnings"].as_array().expect("a list");
        let known = |one: &&Value| codes.iter().any(|code| one["code"] == *code);
        assert!(warnings.iter().all(|one| known(&one)), "{}: {warnings:#?}", self.text);
        self
    }

    /// Checks that the message of the warning with this code contains all of these words.
    #[track_caller]
    pub fn says(&self, code: &str, words: &[&str]) -> &Self {
        let warnings = self.json["warnings"].as_array().expect("a list");
        let warning = warnings.iter().find(|one| one["code"] == code).expect(code);
        for word in words {
            assert!(warning.to_string().contains(word), "`{word}` is not in {warning}");
        }
        self
    }
}

/// Checks that a first try is an error: the program ends with status 1, without a result, and its
/// help contains all of these words.
#[track_caller]
pub fn refused(text: &str, data: &str, words: &[&str]) {
    let (status, stdout, stderr) = run(&["fit", "-e", text, data], "");
    assert_eq!((status, stdout.as_str()), (1, ""), "{text}\n{stderr}");
    let help: Vec<&str> = stderr.lines().filter(|line| line.contains("help: ")).collect();
    for word in words {
        assert!(
            help.iter().any(|line| line.contains(word)),
            "{text}: `{word}` is not in\n{stderr}"
        );
    }
}

pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The mean product of deviations from the means, with divisor n.
pub fn covariance(a: &[f64], b: &[f64]) -> f64 {
    let products: Vec<f64> = a.iter().zip(b).map(|(x, y)| (x - mean(a)) * (y - mean(b))).collect();
    mean(&products)
}
