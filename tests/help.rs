//! `help` explains every name of every table, the explained codes are those that the sources raise,
//! and `new` writes models that `fit` accepts.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use scorematch::model::{densities, functions};
use scorematch::objective::Kind;
use scorematch::source::{codes, explain};
use scorematch::syntax::{DECLARATION_WORDS, STATEMENT_WORDS};

/// Exit status, standard output, standard error.
fn run(arguments: &[&str], input: &str) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scorematch"));
    command.args(arguments).env_remove("SCOREMATCH_HISTORY");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    // A program that ends before it reads everything does not fail the test.
    let _ = child.stdin.take().expect("the stream is piped").write_all(input.as_bytes());
    let output = child.wait_with_output().expect("the program ends");
    let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
    let status = output.status.code().expect("no signal ended the program");
    (status, text(output.stdout), text(output.stderr))
}

fn help(topics: &[&str]) -> String {
    let (status, text, said) = run(&[&["help"], topics].concat(), "");
    assert_eq!(status, 0, "{topics:?}: {said}");
    text
}

/// The names of the commands, from the general help.
fn commands() -> Vec<String> {
    let overview = help(&[]);
    let listed = overview.lines().skip_while(|line| *line != "Commands:").skip(1);
    let names = listed.map_while(|line| line.strip_prefix("  "));
    names.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

#[test]
fn every_name_of_every_table_is_explained() {
    let mut names: Vec<(&str, &str)> = Vec::new();
    names.extend(STATEMENT_WORDS.map(|name| (name, "of the language")));
    names.extend(DECLARATION_WORDS.map(|name| (name, "of the language")));
    names.extend(functions().map(|entry| (entry.name, "a function")));
    names.extend(densities().map(|entry| (entry.name, "a density")));
    names.extend(Kind::ALL.map(|kind| (kind.name(), "an objective")));
    names.extend(codes().iter().map(|entry| (entry.code, "the code of ")));
    let topics: Vec<&str> = names.iter().map(|(name, _)| *name).collect();
    let text = help(&topics);
    for (name, what) in names {
        let heading = |line: &str| line.starts_with(&format!("{name}, ")) && line.contains(what);
        assert!(text.lines().any(heading), "`help {name}` has no {what}");
    }
}

#[test]
fn every_option_is_explained_for_every_command_that_takes_it() {
    for command in commands() {
        let page = help(&[&command]);
        let (_, told) = page.split_once("\n\n").expect("a heading");
        let page = run(&[&command, "--help"], "").1;
        assert!(told.starts_with(&page), "{told}");
        // The explanation of an option is indented more than the option.
        let lines = page.lines().filter(|line| !line.starts_with("       "));
        let lines = lines.map(str::trim_start).filter(|line| line.starts_with('-'));
        let long =
            lines.filter_map(|line| line.split_whitespace().find(|word| word.starts_with("--")));
        let options: Vec<&str> = long.filter(|option| *option != "--help").collect();
        for option in options {
            // A global option given to `help` acts on it, so its help is asked for by its name
            // without hyphens.
            let topic = if option == "--color" { "color" } else { option };
            let text = help(&[topic]);
            let takes = |line: &str| {
                line == "  every command"
                    || line.starts_with("  ") && line.split([',', ' ']).any(|word| word == command)
            };
            assert!(text.contains(option) && text.lines().any(takes), "{command} {option}\n{text}");
        }
    }
}

#[test]
fn all_meanings_of_a_word_are_explained() {
    let (weight, sample) = (help(&["weight"]), help(&["data"]));
    assert!(weight.starts_with("weight, a statement of the language\n"), "{weight}");
    assert!(sample.contains("data, a statement") && sample.contains("--data, an option of"));
    let bootstrap = help(&["bootstrap"]);
    assert_eq!(bootstrap, help(&["--bootstrap"]));
    assert!(bootstrap.contains("fit, report") && bootstrap.contains("wild"), "{bootstrap}");
    let gamma = help(&["gamma_lpdf"]);
    for part in ["gamma_lpdf(x, shape, rate)", "source", "def gamma_lpdf", "data x > 0"] {
        assert!(gamma.contains(part), "{gamma}");
    }
    let log = help(&["log"]);
    assert!(log.contains("x > 0") && log.contains("slope       1/x"), "{log}");
}

#[test]
fn pages_and_refusals() {
    let language = help(&["language"]);
    for word in STATEMENT_WORDS.into_iter().chain(DECLARATION_WORDS) {
        assert!(language.contains(word), "the language lacks {word}");
    }
    let topics = help(&["topics"]);
    for name in ["language", "fit", "simplex", "clamp", "kent", "sliced", "collapse", "bootstrap"] {
        assert!(topics.split_whitespace().any(|word| word == name), "{name}");
    }
    assert!(help(&[]).contains("help TOPIC"));
    let (status, _, said) = run(&["help", "colapse"], "");
    assert!(status == 2 && said.contains("did you mean `collapse`?"), "{status} {said}");
    let (status, _, said) = run(&["help", "gamma"], "");
    assert!(status == 2 && said.contains("`gamma_lpdf`"), "{status} {said}");
    let (status, _, said) = run(&["help", "qwertyuiop"], "");
    assert!(status == 2 && said.contains("help topics"), "{status} {said}");
}

#[test]
fn sessions_shells_and_the_manual_have_the_topics_too() {
    let (_, text, _) = run(&[], ":help language\n:help heavy-ties\n:help data\n");
    for part in ["The model language", "the data are rounded", "read data", "data, a statement"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let (status, _, said) = run(&["--strict"], ":help colapse\n");
    assert!(status == 2 && said.contains("`collapse`"), "{said}");
    // The completion scripts of other shells offer no values of arguments.
    for shell in ["bash", "zsh"] {
        let script = run(&["completions", shell], "").1;
        assert!(script.contains("heavy-ties") && script.contains("gamma_lpdf"), "{shell}");
    }
    let manual = run(&["man"], "").1;
    assert!(manual.contains("MODEL LANGUAGE") && manual.contains("covariate z[2]"), "{manual}");
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries =
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let (folders, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    let inner = folders.iter().flat_map(|folder| sources(folder));
    let is_source = |path: &PathBuf| {
        path.extension().is_some_and(|end| end == "rs") && !path.ends_with("tests.rs")
    };
    files.into_iter().chain(inner).filter(is_source).collect()
}

/// Words with hyphens that are names of methods, groups and encodings, and not codes.
const OTHERS: [&str; 7] = [
    "scorematch-language",
    "closed-form",
    "l-bfgs",
    "hit-and-run",
    "utf-8",
    "density-without-constant",
    "pseudo-likelihood",
];
/// What stands before a code where it is raised.
const RAISED: [&str; 6] =
    ["Diagnostic::error(", "Warning::new(", "warning(", "note(", "unfounded(", "code: "];

/// The word in quotation marks at the beginning of a text, if it is spelled like a code.
fn code(text: &str) -> Option<&str> {
    let (word, _) = text.trim_start().strip_prefix('"')?.split_once('"')?;
    let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let sound = word.starts_with(|c: char| c.is_ascii_lowercase()) && !word.ends_with('-');
    (sound && word.chars().all(letter)).then_some(word)
}

/// The codes in a source: every word with hyphens in quotation marks, the words where a code is
/// raised, and those that a function `code` returns.
fn raised(text: &str) -> BTreeSet<&str> {
    let quoted = |text| str::match_indices(text, '"').filter_map(move |(at, _)| code(&text[at..]));
    let hyphened = quoted(text).filter(|word| word.contains('-') && !OTHERS.contains(word));
    let called = RAISED.into_iter().flat_map(|call| text.split(call).skip(1).filter_map(code));
    let bodies = text.split("fn code(&self)").skip(1).map(|rest| rest.split("\n    }").next());
    let given = bodies.flatten().flat_map(quoted);
    hyphened.chain(called).chain(given).collect()
}

#[test]
fn the_codes_that_are_raised_are_those_that_are_explained() {
    let mut all = BTreeSet::new();
    for file in sources(Path::new("src")) {
        let text = fs::read_to_string(&file).expect("a source file");
        let (text, _) = text.split_once("#[cfg(test)]\nmod tests {").unwrap_or((&text, ""));
        let spoken = |line: &&str| !line.trim_start().starts_with("//");
        let text = text.lines().filter(spoken).collect::<Vec<_>>().join("\n");
        for code in raised(&text) {
            assert!(explain(code).is_some(), "{}: `{code}` is explained nowhere", file.display());
            all.insert(code.to_owned());
        }
    }
    let idle: Vec<_> = codes().iter().filter(|entry| !all.contains(entry.code)).collect();
    assert!(idle.is_empty(), "nothing raises {idle:?}");
}

fn written(name: &str, arguments: &[&str]) -> String {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("new");
    fs::create_dir_all(&folder).expect("the folder for tests can be made");
    let file = folder.join(name).to_str().expect("the path is a text").to_owned();
    let (status, _, said) = run(&[&["new"], arguments, &["-o", &file]].concat(), "");
    assert_eq!(status, 0, "{name}: {said}");
    file
}

#[test]
fn new_models_are_fitted_at_once() {
    for name in [
        "cars",
        "faithful",
        "iris",
        "normal100",
        "lsat",
        "newhaven",
        "food",
        "returns",
        "microbiome",
    ] {
        let data = format!("examples/{name}.csv");
        let model = written(&format!("{name}.energy"), &[&data]);
        let (status, text, said) = run(&["fit", &model, &data], "");
        assert_eq!(status, 0, "{name}: {said}{text}");
    }
}

#[test]
fn a_response_and_the_way_of_reading_are_chosen() {
    let file = written("chosen.energy", &["examples/iris.csv", "--response", "petal_width"]);
    let text = fs::read_to_string(&file).expect("the file was written");
    assert!(text.contains("\ndata petal_width\n"), "{text}");
    assert!(text.contains("# * species: 3 levels") && !text.contains("left out"), "{text}");
    assert!(text.contains("#   param m[species], s > 0\n"), "{text}");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("new");
    let data = folder.join("odd.csv");
    fs::write(&data, "a b;in;c\n1;2;x\n3;5;y\n4;?;z\n9;1;u\n").expect("the folder can be written");
    let data = data.to_str().expect("the path is a text");
    let (status, _, said) = run(&["new", data, "--na", "?"], "");
    assert!(status == 1 && said.contains("missing-value"), "{said}");
    let model = written("odd.energy", &[data, "--na", "?", "--missing", "drop"]);
    let text = fs::read_to_string(&model).expect("the file was written");
    assert!(text.contains("data `a b`") && text.contains("covariate `in`"), "{text}");
    let (status, _, said) = run(&["fit", &model, data, "--na", "?", "--missing", "drop"], "");
    assert_eq!(status, 0, "{said}");
    let (status, _, said) = run(&["new", "examples/iris.csv", "--response", "petal_with"], "");
    assert!(status == 1 && said.contains("did you mean `petal_width`?"), "{said}");
}
