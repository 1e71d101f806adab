//! The commands of README.md, examples/manual.md, examples/README.md and of the `--help` of every
//! command are run here, in a new folder with the files that they name.
//!
//! Every indented block of the first two pages is of a known kind; a block of another kind fails.
#![cfg(unix)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use scorematch::Model;

const README: &str = include_str!("../README.md");
const PROGRAM: &str = env!("CARGO_BIN_EXE_scorematch");

/// A model of Student's t, in which `nu` can be fixed and `mu` has a start value.
const STUDENT: &str = "param mu, s > 0, nu > 0; -(nu + 1)/2*log1p(((x - mu)/s)^2/nu)\n";
const NORMAL: &str = "-(x - mu)^2/(2*s2)\n";

/// The pages whose blocks are run in order, each in its own folder.
const PAGES: [(&str, &str); 2] =
    [("README.md", README), ("examples/manual.md", include_str!("../examples/manual.md"))];
/// All pages of the documentation, with the folder to which their links are relative.
const LINKED: [(&str, &str); 7] = [
    ("README.md", README),
    ("ARCHITECTURE.md", include_str!("../ARCHITECTURE.md")),
    ("grammar/README.md", include_str!("../grammar/README.md")),
    ("grammar/json.md", include_str!("../grammar/json.md")),
    ("examples/README.md", include_str!("../examples/README.md")),
    ("examples/manual.md", include_str!("../examples/manual.md")),
    ("benches/README.md", include_str!("../benches/README.md")),
];

/// The kind of a block of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A formula for the reader.
    Formula,
    /// Lines for a shell.
    Commands,
    /// Part of the output of an earlier command.
    Output,
    Session,
    /// A text of the model language.
    Model,
    Rust,
}

/// The first words of a block of each kind.
const HEADS: [(&str, Kind); 11] = [
    ("J(θ) = ", Kind::Formula),
    ("cargo ", Kind::Commands),
    ("scorematch ", Kind::Commands),
    ("model  ", Kind::Output),
    ("parameter ", Kind::Output),
    ("expression ", Kind::Output),
    ("hypothesis ", Kind::Output),
    ("log p  ", Kind::Output),
    (":", Kind::Session),
    ("data ", Kind::Model),
    ("use ", Kind::Rust),
];

fn kind(block: &str) -> Option<Kind> {
    HEADS.into_iter().find(|(head, _)| block.starts_with(head)).map(|(_, kind)| kind)
}

/// The indented blocks of a page with their kinds. Commands and their output may be one block,
/// separated by blank lines.
fn blocks(page: &str) -> Vec<(Kind, String)> {
    let mut found: Vec<(Kind, String)> = Vec::new();
    for block in indented(page) {
        let mut first = true;
        for paragraph in block.split("\n\n") {
            match kind(paragraph) {
                None if first => panic!("a block of an unknown kind:\n{block}"),
                Some(known) if first || matches!(known, Kind::Commands | Kind::Output) => {
                    found.push((known, format!("{}\n", paragraph.trim_end())));
                }
                Some(_) | None => {
                    let (_, last) = found.last_mut().expect("the first paragraph has a kind");
                    *last += &format!("\n{}\n", paragraph.trim_end());
                }
            }
            first = false;
        }
    }
    found
}

/// The indented blocks of a page.
fn indented(page: &str) -> Vec<String> {
    let mut blocks = vec![String::new()];
    for line in page.lines() {
        let last = blocks.last_mut().expect("blocks has at least one element");
        match line.strip_prefix("    ") {
            Some(code) => *last += &format!("{code}\n"),
            None if line.is_empty() && !last.is_empty() => last.push('\n'),
            None if !last.is_empty() => blocks.push(String::new()),
            None => {}
        }
    }
    let blocks = blocks.iter().map(|block| block.trim_end()).filter(|block| !block.is_empty());
    blocks.map(|block| format!("{block}\n")).collect()
}

/// The first block of a kind on any page.
fn block(wanted: Kind) -> String {
    let all = PAGES.iter().flat_map(|(_, page)| blocks(page));
    let found = all.into_iter().find(|(kind, _)| *kind == wanted);
    found.unwrap_or_else(|| panic!("no page has a block of {wanted:?}")).1
}

/// A new folder with the examples and the data of one column `x`.
fn folder(name: &str, model: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("readme").join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).expect("a folder of this test can be removed");
    }
    fs::create_dir_all(folder.join("examples")).expect("the folder for tests can be made");
    for entry in fs::read_dir("examples").expect("the examples are there") {
        let file = entry.expect("an entry").path();
        if file.is_dir() {
            continue;
        }
        let copy = folder.join("examples").join(file.file_name().expect("a name"));
        fs::copy(file, copy).expect("an example can be copied");
    }
    // Quantiles of Student's t with 2 degrees of freedom, with location 3.
    let quantile = |i: u32| f64::from(i) / 100.0 - 0.5;
    let rows = (1..100).map(|i| 3.0 + 2.0 * quantile(i) / (0.5 - 2.0 * quantile(i).powi(2)).sqrt());
    let data: String = rows.map(|x| format!("{x}\n")).collect();
    for (file, text) in [
        ("model.energy", model),
        ("student.energy", STUDENT),
        ("data.csv", &format!("x\n{data}")),
        ("lengths.csv", &format!("x\n{data}")),
        ("session.txt", &block(Kind::Session)),
    ] {
        fs::write(folder.join(file), text).expect("the folder for tests can be written");
    }
    for packed in ["heights.csv.gz", "big.csv.gz"] {
        shell(&folder, &format!("gzip -c data.csv > {packed}"));
    }
    folder
}

/// The standard output of a command line, which must end with status 0.
#[track_caller]
fn shell(folder: &Path, line: &str) -> String {
    let script = format!("scorematch() {{ \"$PROGRAM\" \"$@\"; }}\n{line}");
    let mut command = Command::new("sh");
    command.args(["-c", &script]).current_dir(folder).stdin(Stdio::null());
    command.env("PROGRAM", PROGRAM).env_remove("RUST_BACKTRACE");
    let output = command.output().expect("there is a shell");
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{line}\n{error}");
    String::from_utf8(output.stdout).expect("output is UTF-8")
}

/// The lines of a block of commands that run the built program.
fn commands(block: &str) -> Vec<String> {
    let ours = |line: &&str| {
        !["cargo test", "cargo install", "cargo bench"].iter().any(|one| line.starts_with(one))
    };
    let lines = block.lines().filter(ours);
    lines.map(|line| line.replace("cargo run --release --", "scorematch")).collect()
}

/// A text without blanks at the ends of lines.
fn comparable(text: &str) -> String {
    text.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// Runs every block of a page in order: commands must end with status 0, shown output must be part
/// of the output of a command, sessions must run, and models must parse.
#[track_caller]
fn type_in_order(name: &str, page: &str) {
    let folder = folder(&name.replace(['/', '.'], "-"), NORMAL);
    let (mut said, mut typed) = (Vec::new(), 0);
    for (kind, block) in blocks(page) {
        match kind {
            Kind::Commands => {
                for line in commands(&block) {
                    said.push(comparable(&shell(&folder, &line)));
                    typed += 1;
                }
            }
            Kind::Output => {
                let shown = comparable(&block);
                let printed = said.iter().any(|one| one.contains(&shown));
                assert!(printed, "{name}: no command before prints\n{shown}\n{said:?}");
            }
            Kind::Session => {
                fs::write(folder.join("session.txt"), &block).expect("the folder can be written");
                shell(&folder, "scorematch --strict < session.txt");
            }
            Kind::Model => {
                let model = Model::parse(&block).unwrap_or_else(|error| panic!("{error}\n{block}"));
                assert!(model.warnings().is_empty(), "{:?}", model.warnings());
            }
            Kind::Formula | Kind::Rust => {}
        }
    }
    assert!(typed >= 7, "{name} has few commands");
}

#[test]
fn the_blocks_of_the_readme_run_in_order() {
    type_in_order("README.md", README);
}

#[test]
fn the_blocks_of_the_manual_run_in_order() {
    let (name, manual) = PAGES[1];
    type_in_order(name, manual);
}

/// The first command that a reader runs prints few messages, and a picture is above it.
#[test]
fn the_readme_begins_well() {
    let before = README.split("\n    ").next().expect("a text has a beginning");
    let picture = before.split("src=\"").nth(1).and_then(|rest| rest.split('"').next());
    assert!(Path::new(picture.expect("the page begins with a picture")).exists(), "{picture:?}");
    let first = blocks(README).into_iter().find(|(kind, _)| *kind == Kind::Commands);
    let first = commands(&first.expect("a command").1).remove(0);
    let output = Command::new("sh")
        .args(["-c", &format!("scorematch() {{ \"$PROGRAM\" \"$@\"; }}\n{first} 2>&1")])
        .env("PROGRAM", PROGRAM)
        .output()
        .expect("there is a shell");
    let said = String::from_utf8(output.stdout).expect("output is UTF-8");
    let notes = said.matches("warning[").count() + said.matches("note[").count();
    assert!(notes <= 2, "{said}");
}

#[test]
fn the_session_of_the_manual() {
    let folder = folder("session", NORMAL);
    let said = shell(&folder, "scorematch --strict < session.txt");
    for words in ["272 rows", "score waiting", "mu ", "undone: "] {
        assert!(said.contains(words), "`{words}` is not in\n{said}");
    }
}

/// The targets of links and pictures of a page: the texts in `](…)`, `src="…"` and `srcset="…"`.
fn links(page: &str) -> Vec<&str> {
    let behind = |mark: &'static str, end: char| {
        page.split(mark).skip(1).filter_map(move |rest| rest.split(end).next())
    };
    behind("](", ')').chain(behind("src=\"", '"')).chain(behind("srcset=\"", '"')).collect()
}

/// The anchor of a heading.
fn anchor(heading: &str) -> String {
    let kept = heading.to_lowercase();
    let kept = kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// The targets of all links exist, files and headings alike. Links to other sites are not followed.
#[test]
fn targets_of_links_exist() {
    let mut found = 0;
    for (name, page) in LINKED {
        let folder = Path::new(name).parent().expect("a page is in a folder");
        for link in links(page).into_iter().filter(|link| !link.starts_with("http")) {
            let (file, place) = link.split_once('#').map_or((link, None), |(f, p)| (f, Some(p)));
            let target = if file.is_empty() { Path::new(name).into() } else { folder.join(file) };
            assert!(target.exists(), "{name}: {link}");
            if let Some(place) = place {
                let text = fs::read_to_string(&target).expect("a page with headings is a text");
                let mut headings = text.lines().filter(|line| line.starts_with('#'));
                let known =
                    headings.any(|line| anchor(line.trim_start_matches(['#', ' '])) == place);
                assert!(known, "{name}: there is no heading {link}");
            }
            found += 1;
        }
    }
    assert!(found >= 20, "{found} links");
}

/// Each model of examples/README.md is the content of the file that the next command fits, and the
/// output of a command contains the table that follows it.
#[test]
fn the_stories_of_the_examples() {
    let folder = folder("stories", NORMAL);
    let (mut said, mut model, mut tables) = (String::new(), None::<String>, 0);
    for part in parts(include_str!("../examples/README.md")) {
        if part.starts_with("scorematch ") {
            let file = part.split_whitespace().nth(2).expect("a command names a model");
            if let Some(model) = model.take() {
                let text = fs::read_to_string(folder.join(file)).expect(file);
                assert!(text.ends_with(model.as_str()), "{file} is not\n{model}");
            }
            said = comparable(&shell(&folder, &part));
        } else if part.starts_with("parameter ") || part.contains("[,1]") {
            assert!(said.contains(&comparable(&part)), "{part}is not in\n{said}");
            tables += 1;
        } else {
            assert!(part.starts_with("data "), "a part of an unknown kind:\n{part}");
            model = Some(part);
        }
    }
    assert!(tables >= 8 && model.is_none(), "{tables} tables were found");
}

/// The models, commands and tables of a page, which are separated by blank lines.
fn parts(page: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for line in indented(page).iter().flat_map(|block| block.lines()) {
        let heads = ["scorematch ", "parameter ", "data "];
        let begins = heads.iter().any(|head| line.starts_with(head)) || line.contains("[,1]");
        match parts.last_mut() {
            Some(last) if !begins => *last += &format!("{line}\n"),
            _ => parts.push(format!("{line}\n")),
        }
    }
    parts.iter().map(|part| format!("{}\n", part.trim_end())).collect()
}

/// The example program is compiled, and has the lines of the README in their order.
#[test]
fn the_program_of_the_readme() {
    let mut lines = include_str!("../examples/embed.rs").lines().map(str::trim);
    for line in block(Kind::Rust).lines().map(str::trim).filter(|line| !line.is_empty()) {
        assert!(lines.any(|other| other == line), "examples/embed.rs lacks\n{line}");
    }
}

/// The lines after `Examples:` of a help text.
fn examples(help: &str) -> Vec<String> {
    let lines = help.lines().skip_while(|line| *line != "Examples:").skip(1);
    lines.map_while(|line| line.strip_prefix("  ")).map(str::to_owned).collect()
}

#[test]
fn the_examples_of_every_help() {
    let folder = folder("help", STUDENT);
    let top = shell(&folder, "scorematch --help");
    let listed = top.lines().skip_while(|line| *line != "Commands:").skip(1);
    let names = listed.map_while(|line| line.strip_prefix("  "));
    let names = names.filter_map(|line| line.split_whitespace().next());
    let names: Vec<&str> = names.collect();
    assert!(names.len() >= 7, "{top}");
    let helps = names.iter().map(|name| shell(&folder, &format!("scorematch {name} --help")));
    for help in [top.clone()].into_iter().chain(helps) {
        let examples = examples(&help);
        assert!(examples.len() >= 2, "there are too few examples in\n{help}");
        for line in examples {
            assert!(line.contains("scorematch"), "{line}");
            shell(&folder, &line);
        }
    }
}
