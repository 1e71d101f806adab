//! `grammar/json.md` agrees with the JSON of the commands: its examples are run, every key of a
//! table is present, and every key of an object is in the table.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use serde_json::Value;

/// A section of the page: the command of its example, and the keys of its table, each with whether
/// it may be absent.
struct Contract {
    command: String,
    keys: Vec<(String, bool)>,
}

fn contracts() -> Vec<Contract> {
    let page = fs::read_to_string("grammar/json.md").expect("the page");
    let section = |text: &str| {
        let command = text.lines().find_map(|line| line.strip_prefix("    scorematch "));
        let row = |line: &str| {
            let cell = line.strip_prefix("| `")?.split('|').next()?;
            let (key, rest) = cell.split_once('`')?;
            Some((key.to_owned(), rest.contains('†')))
        };
        Contract {
            command: command.expect("a command").to_owned(),
            keys: text.lines().filter_map(row).collect(),
        }
    };
    page.split("\n## ").skip(1).map(section).collect()
}

/// The words of a command, with single quotes only.
fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (k, part) in command.split('\'').enumerate() {
        match k % 2 {
            1 => words.push(part.to_owned()),
            _ => words.extend(part.split_whitespace().map(str::to_owned)),
        }
    }
    words
}

/// The value at a path of keys, where `[]` is the first entry of a list.
fn found<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(value, |value, step| match step.strip_suffix("[]") {
        Some(key) => value.get(key)?.get(0),
        None => value.get(step),
    })
}

#[test]
fn the_page_lists_the_keys_that_commands_write() {
    let contracts = contracts();
    assert!(contracts.len() >= 7, "the page has a section for each command");
    for Contract { command, keys } in contracts {
        let output = Command::new(env!("CARGO_BIN_EXE_scorematch"))
            .args(words(&command))
            .output()
            .expect("the command runs");
        let said = String::from_utf8_lossy(&output.stderr);
        let expected = i32::from(keys.iter().any(|(key, _)| key.starts_with("error[]")));
        assert_eq!(output.status.code(), Some(expected), "{command}: {said}");
        let object: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        for (key, optional) in &keys {
            let top = key.split(['.', '[']).next().expect("a key has a first step");
            let absent = *optional && (object.get(top).is_none() || top == "error");
            assert!(absent || found(&object, key).is_some(), "{command}: no key {key}");
        }
        let tops: BTreeSet<&str> = keys
            .iter()
            .map(|(key, _)| key.split(['.', '[']).next().expect("a key has a first step"))
            .collect();
        for key in object.as_object().expect("an object").keys() {
            assert!(tops.contains(key.as_str()), "{command}: the page does not know {key}");
        }
    }
}

/// The exit status, the error in the JSON of standard output, and standard error.
fn failed(arguments: &[&str]) -> (Option<i32>, Value, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_scorematch")).args(arguments).output();
    let output = output.expect("the command runs");
    let object: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    (output.status.code(), object["error"][0].clone(), said)
}

#[test]
fn failures_are_json_where_it_is_asked_for() {
    let data = "examples/normal100.csv";
    let (status, error, said) = failed(&["fit", "-e", "-x^2*\n mu)", data, "--format=json"]);
    assert_eq!(
        (status, &error["line"], &error["column"]),
        (Some(1), &2.into(), &4.into()),
        "{error}"
    );
    assert!(said.contains(error["message"].as_str().expect("a message")), "{said}");
    let (status, error, said) = failed(&["eval", "-e", "-x^2*a", data, "--format", "json", "-q"]);
    assert_eq!((status, &error["code"], said.as_str()), (Some(2), &"usage".into(), ""), "{error}");
    let (status, error, said) = failed(&["fit", "--nonsense", "--format", "json"]);
    assert_eq!((status, &error["code"]), (Some(2), &"usage".into()), "{error}");
    assert!(said.contains("--nonsense") && error["message"].to_string().contains("--nonsense"));
    let (status, error, _) = failed(&["fit", "-e", "-x^2*a", "absent.csv", "--format=json"]);
    assert_eq!((status, &error["code"]), (Some(1), &"file".into()), "{error}");
}
