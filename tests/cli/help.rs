//! Help with examples that run, completions, the manual.

use std::fs;
#[cfg(unix)]
use std::io::Write;
use std::path::Path;
use std::process::Command;

#[cfg(unix)]
use crate::run::{NUMBERS, finished};
use crate::run::{file, run};

/// The commands of the program.
const COMMANDS: [&str; 12] = [
    "fit",
    "eval",
    "test",
    "compare",
    "derive",
    "check",
    "functions",
    "objectives",
    "new",
    "help",
    "completions",
    "man",
];

#[test]
fn help_and_version_are_results() {
    let help = run(&["--help"]).expect(0);
    for word in
        ["fit", "eval", "derive", "check", "functions", "not 0", "130", "Examples:", "session"]
    {
        assert!(help.stdout.contains(word), "{word}");
    }
    for command in ["fit", "eval", "derive", "check"] {
        let help = run(&[command, "--help"]).expect(0);
        assert!(help.stdout.contains("Examples:"), "{command}");
    }
    let version = run(&["--version"]).expect(0).stdout;
    assert_eq!(version, format!("scorematch {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn every_command_has_examples() {
    for command in COMMANDS {
        let help = run(&[command, "--help"]).expect(0);
        let examples = help.stdout.split_once("Examples:").expect(command).1;
        assert!(examples.contains(&format!("scorematch {command}")), "{command}");
    }
}

/// The examples of the help texts, run by a shell in a folder with the files that they name.
#[cfg(unix)]
#[test]
fn every_example_of_the_help_runs() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cli-examples");
    fs::create_dir_all(&folder).expect("the folder for tests can be made");
    let place = |name: &str, content: &[u8]| fs::write(folder.join(name), content).expect(name);
    for name in ["lengths.csv", "data.csv"] {
        place(name, NUMBERS.as_bytes());
    }
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(NUMBERS.as_bytes()).expect("writing to memory cannot fail");
    let packed = packed.finish().expect("writing to memory cannot fail");
    for name in ["heights.csv.gz", "big.csv.gz"] {
        place(name, &packed);
    }
    let student = b"param mu, nu > 0, s2 > 0\nlogp = -(nu + 1)/2*log(1 + (x - mu)^2/(nu*s2))\n";
    place("student.energy", student);
    place("model.energy", student);
    place("session.txt", b"-x^2/2\n:score\n");
    let programs = Path::new(env!("CARGO_BIN_EXE_scorematch")).parent().expect("a folder");
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap_or_default());
    let mut seen = 0;
    let pages = std::iter::once(vec!["--help"]).chain(COMMANDS.map(|name| vec![name, "--help"]));
    for page in pages {
        let help = run(&page).expect(0).stdout;
        let examples = help.split_once("Examples:\n").expect("each page has some").1;
        for line in examples.lines().take_while(|line| line.starts_with("  ")) {
            let mut shell = Command::new("sh");
            shell.args(["-c", line]).current_dir(&folder).env("PATH", &path);
            let run = finished(&mut shell, b"");
            let good = matches!(run.status, 0 | 3);
            assert!(good, "`{}` ends with {}\n{}", line.trim(), run.status, run.stderr);
            seen += 1;
        }
    }
    assert!(seen >= 20, "{seen} examples were found");
}

#[test]
fn completions_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = run(&["completions", shell]).expect(0).stdout;
        for command in COMMANDS {
            assert!(script.contains(command), "{shell}: {command}");
        }
        assert!(script.contains("standardise"), "{shell}");
    }
    run(&["completions", "basic"]).refused(2, &["basic", "bash"]);
}

/// Bash parses its script, where there is a bash.
#[test]
fn bash_parses_its_completions() {
    let script = file("completions.bash", run(&["completions", "bash"]).expect(0).stdout);
    let Ok(checked) = Command::new("bash").args(["-n", &script]).output() else { return };
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
}

#[test]
fn the_manual_has_every_command() {
    let page = run(&["man"]).expect(0).stdout;
    assert!(page.contains(".TH scorematch 1"));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cli-man");
    fs::create_dir_all(&folder).expect("the folder for tests can be made");
    run(&["man", "--output", folder.to_str().expect("the path is a text")]).expect(0);
    for command in COMMANDS {
        assert!(page.contains(&format!("scorematch\\-{command}")), "{command}");
        let page = fs::read_to_string(folder.join(format!("scorematch-{command}.1")));
        assert!(page.expect(command).contains("Examples:"), "{command}");
    }
    let page =
        fs::read_to_string(folder.join("scorematch-language.5")).expect("the file was written");
    assert!(page.contains("covariate z[2]"), "{page}");
    run(&["man", "-o", "/nowhere/at/all"]).refused(1, &["cannot write into `/nowhere/at/all`"]);
}
