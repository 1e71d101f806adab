//! The report page of every model in `examples/`, and a film.

use std::fs;

use crate::look::{faults, made, none};
use crate::tab::{Tab, WIDE};

/// The name of every example, with its model and data as arguments; the comment of
/// the model has the command.
pub fn examples() -> Vec<(String, Vec<String>)> {
    let entries = fs::read_dir("examples").expect("examples").map(|e| e.expect("an entry").path());
    let mut models: Vec<_> =
        entries.filter(|path| path.extension().is_some_and(|e| e == "energy")).collect();
    models.sort();
    let words = |path: &std::path::PathBuf| {
        let text = fs::read_to_string(path).expect("a model");
        let line = text.lines().find(|line| line.contains("scorematch fit")).expect("a command");
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        (name, line.split_whitespace().skip(3).map(str::to_owned).collect())
    };
    models.iter().map(words).collect()
}

#[test]
fn reports_are_well_formed_on_every_screen() {
    let Some(mut tab) = Tab::new(WIDE) else { return };
    let examples = examples();
    assert!(examples.len() >= 14, "the examples were not found");
    let mut found = Vec::new();
    for (name, words) in examples {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let page = made(&[&["report"], &words[..]].concat(), &format!("{name}.html"));
        found.extend(faults(&mut tab, &page, [3, 2, 3]));
    }
    none(&found);
}

#[test]
fn films_are_well_formed_on_every_screen() {
    let Some(mut tab) = Tab::new(WIDE) else { return };
    let model = ["animate", "examples/turtles.energy", "examples/turtles.csv"];
    let page = made(&[&model[..], &["--over", "k=0.5..6"]].concat(), "film-turtles.html");
    none(&faults(&mut tab, &page, [0, 2, 3]));
    let regression = ["animate", "examples/regression.energy", "examples/cars.csv"];
    let asked = ["--over", "b=1..6", "--profile", "--frames", "12"];
    let page = made(&[&regression[..], &asked].concat(), "film-regression.html");
    none(&faults(&mut tab, &page, [0, 2, 3]));
}
