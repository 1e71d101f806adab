//! Runs the built program with arguments and an input; the data that most tests use.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

/// The exit status and the output of a run.
#[derive(Debug)]
pub struct Run {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    #[track_caller]
    pub fn expect(self, status: i32) -> Self {
        assert_eq!(self.status, status, "{}{}", self.stdout, self.stderr);
        self
    }

    /// Checks that the run failed with a message that contains these words, and printed no result.
    #[track_caller]
    pub fn refused(self, status: i32, words: &[&str]) {
        let run = self.expect(status);
        assert_eq!(run.stdout, "");
        for word in words {
            assert!(run.stderr.contains(word), "`{word}` is not in\n{}", run.stderr);
        }
        assert!(!run.stderr.contains("panicked") && !run.stderr.contains("internal error"));
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}:\n{}{}", self.stdout, self.stderr))
    }

    #[track_caller]
    pub fn golden(&self, name: &str) {
        let path = PathBuf::from("tests/golden/cli").join(name);
        if std::env::var_os("SCOREMATCH_BLESS").is_some() {
            fs::write(&path, &self.stdout).expect("the golden folder can be written");
        }
        let expected = fs::read_to_string(&path).expect("there is an expected output");
        assert_eq!(self.stdout, expected, "{}", path.display());
    }
}

pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scorematch"));
    command.env_remove("NO_COLOR").env_remove("RUST_BACKTRACE");
    command
}

pub fn finished(command: &mut Command, input: &[u8]) -> Run {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    let mut stdin = child.stdin.take().expect("the stream is piped");
    // A program that ends before it reads everything does not fail the test.
    let _ = stdin.write_all(input);
    drop(stdin);
    let output = child.wait_with_output().expect("the program ends");
    let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
    Run {
        status: output.status.code().expect("no signal ended the program"),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    }
}

pub fn run(arguments: &[&str]) -> Run {
    finished(program().args(arguments), b"")
}

pub fn run_with(arguments: &[&str], input: &[u8]) -> Run {
    finished(program().args(arguments), input)
}

/// The path of a new file with this content in a folder for tests.
pub fn file(name: &str, content: impl AsRef<[u8]>) -> String {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cli");
    fs::create_dir_all(&folder).expect("the folder for tests can be made");
    // Tests that run at the same time may write one file, so it is replaced as a whole.
    static WRITTEN: AtomicUsize = AtomicUsize::new(0);
    let draft = folder.join(format!("{name}.{}", WRITTEN.fetch_add(1, Ordering::Relaxed)));
    let path = folder.join(name);
    fs::write(&draft, content).expect("the folder for tests can be written");
    fs::rename(&draft, &path).expect("a file can take the place of another");
    path.to_str().expect("the path is a text").to_owned()
}

/// Twelve numbers with mean 1 and mean square 25/6.
pub const NUMBERS: &str = "x\n-2\n-1\n-1\n0\n0\n1\n1\n2\n2\n3\n3\n4\n";
pub const NORMAL: &str = "-(x - mu)^2/(2*s2)";

pub fn numbers(name: &str) -> String {
    file(name, NUMBERS)
}

/// The keys of an object, in order.
pub fn keys(value: &Value) -> Vec<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}
