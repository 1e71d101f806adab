//! Every option of every command, every command of a session and every statement and constraint of
//! the language changes the output or is refused; none is accepted without effect.
//!
//! Names are taken from `--help`, `:help` and the grammar, so that a new one
//! without an entry here fails.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use scorematch::syntax::DECLARATION_WORDS;

#[path = "effects/samples.rs"]
mod samples;

use samples::SAMPLED;

/// The effects of a run: exit status, standard output, standard error, and the files written.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Traces {
    status: i32,
    stdout: String,
    stderr: String,
    files: Vec<(OsString, Vec<u8>)>,
}

/// Data with blanks, a comment, a missing value, and a column that is named by another file.
const FILES: [(&str, &str); 8] = [
    (
        "n.csv",
        "x,z,g\n-2,1,1\n-1,2,9\n-1,3,4\n0,4,2\n0,5,7\n1,6,3\n1,7,6\n2,8,1\n2,9,5\n3,1,8\n3,2,2\n4,3,4\n",
    ),
    ("semicolon.csv", "x z,y;g\n1;2\n2;3\n4;9\n5;1\n"),
    ("marked.csv", "x\n%1\n2\n3\n7\n"),
    ("remarked.csv", "# a remark\nx\n1\n2\n3\n7\n"),
    ("known.energy", "data x; -(x - 1)^2/2\n"),
    ("shares.csv", "u1,u2\n0.2,0.8\n0.5,0.5\n0.9,0.1\n0.3,0.7\n"),
    ("gaps.csv", "x\n1\n\n-999\n2\n5\n?\n"),
    ("mixture.energy", "param m[2] init 0; log(exp(-(x-m[1])^2/2) + exp(-(x - m[2])^2/2))\n"),
];
const NORMAL: &str = "-(x - mu)^2/(2*s2)";
const SHARES: &str = "data u[2] on simplex; param a; a*log(u[1]) + log(u[2])";
/// A model whose minimum is searched from random starts.
const SEARCHED: &str = "log(exp(-(x - a)^2) + exp(-(x - b)^2/2))";

/// Columns of a model with more than 500 parameters.
const COLUMNS: usize = 32;

/// A table with more rows than a symmetric matrix of [`COLUMNS`] columns has parameters.
fn wide() -> String {
    let header: Vec<String> = (1..=COLUMNS).map(|k| format!("w{k}")).collect();
    let mut drawn = 1_u32;
    let mut draw = || {
        drawn = drawn.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (drawn >> 25).to_string()
    };
    let mut row = || (0..COLUMNS).map(|_| draw()).collect::<Vec<_>>().join(",");
    let rows: Vec<String> = (0..540).map(|_| row()).collect();
    format!("{}\n{}\n", header.join(","), rows.join("\n"))
}

/// A new folder for every run, since tests run at the same time.
fn folder() -> PathBuf {
    static MADE: AtomicUsize = AtomicUsize::new(0);
    static TEXT: OnceLock<String> = OnceLock::new();
    let number = MADE.fetch_add(1, Ordering::Relaxed).to_string();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("effects").join(number);
    if folder.exists() {
        fs::remove_dir_all(&folder).expect("a folder of this test can be removed");
    }
    fs::create_dir_all(&folder).expect("the folder for tests can be made");
    for (name, text) in FILES {
        fs::write(folder.join(name), text).expect("the folder for tests can be written");
    }
    fs::write(folder.join("wide.csv"), TEXT.get_or_init(wide)).expect("the folder can be written");
    folder
}

/// Runs the program in a new folder.
fn run(arguments: &[&str], input: &str) -> Traces {
    let folder = folder();
    let mut command = Command::new(env!("CARGO_BIN_EXE_scorematch"));
    command.args(arguments).current_dir(&folder).env_remove("RUST_BACKTRACE");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    // A program that ends before it reads everything does not fail the test.
    let _ = child.stdin.take().expect("the stream is piped").write_all(input.as_bytes());
    let output = child.wait_with_output().expect("the program ends");
    let entries = fs::read_dir(&folder).expect("the folder is there");
    let mut files: Vec<_> = entries
        .map(|entry| entry.expect("an entry"))
        .map(|entry| (entry.file_name(), fs::read(entry.path()).expect("a file")))
        .collect();
    files.sort();
    fs::remove_dir_all(&folder).expect("a folder of this test can be removed");
    let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
    Traces {
        status: output.status.code().expect("no signal ended the program"),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
        files,
    }
}

/// The effect of an option on a command.
#[derive(Clone, Copy, Debug)]
enum Effect {
    /// The command with these arguments has another result than without; neither is a usage error.
    Changes(&'static [&'static str]),
    /// There is only one valid value, or by contract the value makes no difference;
    /// these arguments are refused.
    Refuses(&'static [&'static str]),
}

use Effect::{Changes, Refuses};

const FIT: &[&str] = &["fit", "-e", NORMAL, "n.csv"];
const WIDE: &[&str] = &["fit", "-e", "data w[32]; param K[32,32] symmetric; -w'*K*w/2", "wide.csv"];
const SEARCH: &[&str] = &["fit", "-e", SEARCHED, "n.csv"];
const EVAL: &[&str] = &["eval", "-e", NORMAL, "n.csv", "--at", "mu=0, s2=1"];
const CHECK: &[&str] = &["check", "-e", NORMAL, "n.csv"];
const DERIVE: &[&str] = &["derive", "-e", NORMAL];
/// A model whose sliced losses depend on the directions.
const TWISTED: &str = "data x, z; param a; -(x^2 + z^2)/2 - log_cosh(a*x*z)";
const SLICED: &[&str] = &["fit", "-e", TWISTED, "n.csv", "--objective", "sliced"];
const SLICED_EVAL: &[&str] =
    &["eval", "-e", TWISTED, "n.csv", "--at", "a=1", "--objective", "sliced"];
/// A model that is linear in its parameters.
const NATURAL: &str = "param a, b > 0; a*x - b*x^2/2";
const GAPS_SCORE: &[&str] = &["score", "-e", "-x^2", "gaps.csv", "--missing", "drop"];
const FUNCTIONS: &[&str] = &["functions"];
const NEW: &[&str] = &["new", "n.csv"];
const OBJECTIVES: &[&str] = &["objectives"];
const SIZED: &str = "const d = 1; let r = x - mu; -d*r^2/(2*s2)";
const MAPPED: &str = "data v[*]; param mu, s2; -sumsq(v)/(2*s2) + mu*v[1]";

/// A command, and the effect of an option on it.
type Experiment = (&'static [&'static str], Effect);

/// Options, with commands and their effects there. Options that several commands share are listed
/// once; `runs` adds them to every command that has them.
const OPTIONS: &[(&str, &[Experiment])] = &[
    (
        "--expression",
        &[
            (&["fit", "n.csv"], Changes(&["-e", NORMAL])),
            (&["eval", "n.csv", "--at", "mu=0, s2=1"], Changes(&["-e", NORMAL])),
            (&["derive"], Changes(&["-e", NORMAL])),
            (&["check"], Changes(&["-e", NORMAL])),
        ],
    ),
    (
        "--const",
        &[
            (&["fit", "-e", SIZED, "n.csv"], Changes(&["--const", "d=3"])),
            (&["eval", "-e", SIZED, "n.csv", "--at", "mu=0, s2=1"], Changes(&["--const", "d=3"])),
            (&["derive", "-e", SIZED], Changes(&["--const", "d=3"])),
            (&["check", "-e", SIZED], Changes(&["--const", "d=3"])),
        ],
    ),
    (
        "--map",
        &[
            (&["fit", "-e", MAPPED, "n.csv"], Changes(&["--map", "v=z,g"])),
            (&["eval", "-e", MAPPED, "n.csv", "--at", "mu=0, s2=1"], Changes(&["--map", "v=z"])),
            (DERIVE, Refuses(&["--map", "x=z"])),
            (&["check", "-e", NORMAL], Refuses(&["--map", "x=z"])),
            (&["check", "-e", MAPPED, "n.csv"], Changes(&["--map", "v=x,z"])),
        ],
    ),
    (
        "--nodes-max",
        &[
            (FIT, Changes(&["--nodes-max", "3"])),
            (EVAL, Changes(&["--nodes-max", "3"])),
            (DERIVE, Changes(&["--nodes-max", "3"])),
            (CHECK, Changes(&["--nodes-max", "3"])),
        ],
    ),
    (
        "--data",
        &[
            (&["fit", "-e", "-(x - a*z)^2", "n.csv"], Changes(&["--data", "z"])),
            (
                &["eval", "-e", "-(x - a*z)^2", "n.csv", "--at", "a=1"],
                Changes(&["--data", "x", "--at", "z=1"]),
            ),
            (&["derive", "-e", "-(y - a*x)^2"], Changes(&["--data", "y"])),
            (&["check", "-e", "-(y - a*x)^2"], Changes(&["--data", "y"])),
        ],
    ),
    (
        "--delimiter",
        &[
            (&["fit", "-e", "-(g-m)^2/s", "semicolon.csv"], Changes(&["--delimiter", ","])),
            (
                &["eval", "-e", "-(g-m)^2", "semicolon.csv", "--at", "m=0"],
                Changes(&["--delimiter", ","]),
            ),
            (&["check", "-e", "-(g-m)^2", "semicolon.csv"], Changes(&["--delimiter", ","])),
            (DERIVE, Refuses(&["--delimiter", ","])),
            (&["new", "semicolon.csv"], Changes(&["--delimiter", ","])),
            (&["check", "-e", NORMAL], Refuses(&["--delimiter", ","])),
        ],
    ),
    (
        "--no-header",
        &[
            (&["fit", "-e", "-(x1-m)^2/s", "marked.csv"], Changes(&["--no-header"])),
            (EVAL, Changes(&["--no-header"])),
            (CHECK, Changes(&["--no-header"])),
            (NEW, Changes(&["--no-header"])),
            (&["check", "-e", NORMAL], Refuses(&["--no-header"])),
        ],
    ),
    (
        "--comment",
        &[
            (&["fit", "-e", NORMAL, "marked.csv"], Changes(&["--comment", "%"])),
            (&["fit", "-e", NORMAL, "remarked.csv"], Changes(&["--comment", "none"])),
            (
                &["eval", "-e", "-(x-m)^2", "remarked.csv", "--at", "m=0"],
                Changes(&["--comment", "none"]),
            ),
            (&["check", "-e", "-(x-m)^2", "marked.csv"], Changes(&["--comment", "%"])),
            (&["check", "-e", NORMAL], Refuses(&["--comment", "%"])),
            (&["new", "marked.csv"], Changes(&["--comment", "%"])),
        ],
    ),
    (
        "--na",
        &[
            (
                &["fit", "-e", NORMAL, "gaps.csv", "--missing", "drop"],
                Changes(&["--na", "-999", "--na", "?"]),
            ),
            (
                &["eval", "-e", "-(x-m)^2", "gaps.csv", "--at", "m=0", "--missing", "drop"],
                Changes(&["--na", "-999", "--na", "?"]),
            ),
            (
                &["check", "-e", "-(x-m)^2", "gaps.csv", "--missing", "drop"],
                Changes(&["--na", "-999", "--na", "?"]),
            ),
            (&["check", "-e", NORMAL], Refuses(&["--na", "-999"])),
            (&["new", "gaps.csv", "--missing", "drop"], Changes(&["--na", "-999", "--na", "?"])),
        ],
    ),
    (
        "--missing",
        &[
            (&["fit", "-e", NORMAL, "gaps.csv", "--na", "?"], Changes(&["--missing", "drop"])),
            (
                &["eval", "-e", "-(x-m)^2", "gaps.csv", "--at", "m=0", "--na", "?"],
                Changes(&["--missing", "drop"]),
            ),
            (
                &["check", "-e", "-(x-m)^2", "gaps.csv", "--na", "?"],
                Changes(&["--missing", "drop"]),
            ),
            (&["check", "-e", NORMAL], Refuses(&["--missing", "drop"])),
            (&["new", "gaps.csv", "--na", "?"], Changes(&["--missing", "drop"])),
        ],
    ),
    (
        "--format",
        &[
            (FIT, Changes(&["--format", "json"])),
            (EVAL, Changes(&["--format", "json"])),
            (CHECK, Changes(&["--format", "json"])),
            (DERIVE, Changes(&["--format", "latex"])),
            (DERIVE, Changes(&["--format", "mathml"])),
            (DERIVE, Changes(&["--format", "json"])),
            (FUNCTIONS, Changes(&["--format", "json"])),
            (OBJECTIVES, Changes(&["--format", "json"])),
        ],
    ),
    (
        "--output",
        &[
            (FIT, Changes(&["-o", "new.txt"])),
            (EVAL, Changes(&["-o", "new.txt"])),
            (CHECK, Changes(&["-o", "new.txt"])),
            (DERIVE, Changes(&["-o", "new.txt"])),
            (FUNCTIONS, Changes(&["-o", "new.txt"])),
            (OBJECTIVES, Changes(&["-o", "new.txt"])),
            (&["man"], Changes(&["-o", "."])),
            (NEW, Changes(&["-o", "new.energy"])),
        ],
    ),
    ("--response", &[(NEW, Changes(&["--response", "z"]))]),
    (
        "--quiet",
        &[
            (
                &[
                    "fit",
                    "-e",
                    "-(x - mu)^2/(2*s2)",
                    "gaps.csv",
                    "--na=-999",
                    "--na=?",
                    "--missing",
                    "drop",
                    "--format=json",
                ],
                Changes(&["-q"]),
            ),
            (
                &["eval", "-e", "-(x-m)^2", "remarked.csv", "--at", "m=0", "--format=json"],
                Changes(&["-q"]),
            ),
            (&["check", "-e", "data x; param a; -abs(x - a)"], Changes(&["-q"])),
            (&["derive", "-e", "-(z-mu)^2"], Changes(&["-q"])),
            (FUNCTIONS, Refuses(&["-q"])),
            (OBJECTIVES, Refuses(&["-q"])),
            (&["new", "remarked.csv"], Changes(&["-q"])),
        ],
    ),
    (
        "--explain",
        &[
            (&["fit", "-e", "-(x - mu)^2/(2*s2)", "remarked.csv"], Changes(&["--explain"])),
            (&["eval", "-e", "-(x-m)^2", "remarked.csv", "--at", "m=0"], Changes(&["--explain"])),
            (&["check", "-e", "data x; param a; -abs(x - a)"], Changes(&["--explain"])),
            (&["derive", "-e", "-(z-mu)^2"], Changes(&["--explain"])),
            (FIT, Refuses(&["--explain", "--quiet"])),
            (&["new", "remarked.csv"], Changes(&["--explain"])),
        ],
    ),
    (
        "--seed",
        &[
            (SEARCH, Changes(&["--seed", "7", "--format", "json"])),
            (CHECK, Changes(&["--seed", "7"])),
            (EVAL, Refuses(&["--seed", "7"])),
            (SLICED_EVAL, Changes(&["--seed", "7"])),
        ],
    ),
    (
        "--threads",
        &[
            (FIT, Refuses(&["--threads", "0"])),
            (EVAL, Refuses(&["--threads", "0"])),
            (CHECK, Refuses(&["--threads", "0"])),
            (&["check", "-e", NORMAL], Refuses(&["--threads", "2"])),
        ],
    ),
    (
        "--objective",
        &[
            (FIT, Changes(&["--objective", "weighted"])),
            (EVAL, Changes(&["--objective", "weighted"])),
            (CHECK, Changes(&["--objective", "weighted"])),
            (DERIVE, Changes(&["--objective", "weighted"])),
        ],
    ),
    (
        "--against",
        &[
            (EVAL, Changes(&["--against", "known.energy"])),
            (EVAL, Refuses(&["--against", "mixture.energy"])),
        ],
    ),
    (
        "--transform",
        &[
            (&["fit", "-e", SHARES, "shares.csv"], Changes(&["--transform", "flat"])),
            (
                &["eval", "-e", SHARES, "shares.csv", "--at", "a=1"],
                Changes(&["--transform", "alr:u[1]"]),
            ),
            (&["derive", "-e", SHARES], Changes(&["--transform", "sqrt"])),
            (CHECK, Changes(&["--transform", "clr"])),
        ],
    ),
    (
        "--slices",
        &[
            (SLICED, Changes(&["--slices", "3"])),
            (SLICED_EVAL, Changes(&["--slices", "3"])),
            (&["derive", "-e", TWISTED, "--objective=sliced"], Changes(&["--slices", "1"])),
            (&["check", "-e", TWISTED, "n.csv", "--objective=sliced"], Changes(&["--slices", "0"])),
            (FIT, Changes(&["--slices", "3"])),
        ],
    ),
    (
        "--directions",
        &[
            (SLICED, Changes(&["--directions", "gaussian"])),
            (SLICED_EVAL, Changes(&["--directions", "sphere"])),
            (
                &["derive", "-e", TWISTED, "--objective=sliced"],
                Changes(&["--directions", "sphere"]),
            ),
            (CHECK, Changes(&["--directions", "gaussian"])),
        ],
    ),
    (
        "--sigma",
        &[
            (&["fit", "-e", NORMAL, "n.csv", "--objective=denoising"], Changes(&["--sigma", "1"])),
            (
                &["eval", "-e", NORMAL, "n.csv", "--at=mu=0, s2=1", "--objective=denoising"],
                Changes(&["--sigma", "1,0.5"]),
            ),
            (&["derive", "-e", NORMAL, "--objective=denoising"], Changes(&["--sigma", "1"])),
            (&["check", "-e", NORMAL, "--objective=denoising"], Changes(&["--sigma", "1"])),
        ],
    ),
    ("--weights", &[(FIT, Changes(&["--weights", "g"])), (EVAL, Changes(&["--weights", "g"]))]),
    (
        "--weights-kind",
        &[
            (
                &["fit", "-e", NORMAL, "n.csv", "--weights=g"],
                Changes(&["--weights-kind=probability"]),
            ),
            (
                &["eval", "-e", NORMAL, "n.csv", "--at=mu=0, s2=1", "--weights=g"],
                Changes(&["--weights-kind=probability"]),
            ),
            (FIT, Refuses(&["--weights-kind", "frequency"])),
        ],
    ),
    ("--cluster", &[(FIT, Changes(&["--cluster", "g"])), (EVAL, Changes(&["--cluster", "g"]))]),
    (
        "--robust",
        &[
            (&["fit", "-e", NATURAL, "n.csv"], Changes(&["--robust", "0.5"])),
            (&["fit", "-e", NATURAL, "n.csv", "--fix=a=1"], Changes(&["--robust=b=0.5"])),
            (FIT, Changes(&["--robust", "0.5"])),
        ],
    ),
    ("--start", &[(SEARCH, Changes(&["--start", "a=-2, b=3"])), (FIT, Refuses(&["--start", ""]))]),
    ("--fix", &[(FIT, Changes(&["--fix", "mu=0"]))]),
    ("--starts", &[(SEARCH, Changes(&["--starts", "2"]))]),
    ("--covariance", &[(WIDE, Changes(&["--covariance"]))]),
    ("--level", &[(FIT, Changes(&["--level", "0.9"])), (FIT, Refuses(&["--level", "90"]))]),
    ("--wald", &[(FIT, Changes(&["--wald", "mu=0"])), (FIT, Refuses(&["--wald", "mu"]))]),
    (
        "--bootstrap",
        &[(FIT, Changes(&["--bootstrap", "100"])), (FIT, Refuses(&["--bootstrap", "0"]))],
    ),
    ("--profile-intervals", &[(FIT, Changes(&["--profile-intervals"]))]),
    (
        "--estimate",
        &[
            (FIT, Changes(&["--estimate", "mu/sqrt(s2)"])),
            (FIT, Changes(&["--estimate", "-mu"])),
            (FIT, Refuses(&["--estimate", "x"])),
        ],
    ),
    ("--standardise", &[(FIT, Changes(&["--standardise"]))]),
    (
        "--path",
        &[
            (FIT, Changes(&["--path", "rows", "--format", "json"])),
            (EVAL, Changes(&["--path", "rows", "--timing"])),
        ],
    ),
    ("--timing", &[(FIT, Changes(&["--timing"])), (EVAL, Changes(&["--timing"]))]),
    (
        "--repeat",
        &[(EVAL, Changes(&["--timing", "--repeat", "2"])), (EVAL, Refuses(&["--repeat", "2"]))],
    ),
    (
        "--at",
        &[
            (EVAL, Refuses(&["--at", "mu=1"])),
            (&["eval", "-e", NORMAL, "n.csv"], Changes(&["--at", "mu=1, s2=2"])),
        ],
    ),
    (
        "--plot",
        &[
            (FIT, Changes(&["--plot"])),
            (&["fit", "-e", NORMAL, "n.csv", "--format=json"], Refuses(&["--plot"])),
        ],
    ),
    (
        "--normalise",
        &[
            (EVAL, Changes(&["--normalise"])),
            (
                &["eval", "-e", NORMAL, "n.csv", "--at", "mu=0, s2=1", "--rows"],
                Changes(&["--normalise"]),
            ),
        ],
    ),
    (
        "--quantiles",
        &[
            (
                &["eval", "-e", NORMAL, "n.csv", "--at", "mu=0, s2=1", "--normalise"],
                Changes(&["--quantiles", "0.1,0.5"]),
            ),
            (EVAL, Refuses(&["--quantiles", "0.5"])),
            (EVAL, Refuses(&["--normalise", "--quantiles", "1.5"])),
        ],
    ),
    ("--rows", &[(EVAL, Changes(&["--rows"]))]),
    (
        "--with-data",
        &[
            (
                &["eval", "-e", NORMAL, "n.csv", "--at", "mu=0, s2=1", "--rows"],
                Changes(&["--with-data"]),
            ),
            (EVAL, Refuses(&["--with-data"])),
        ],
    ),
    (
        "--color",
        &[
            (&[], Changes(&["--color", "always"])),
            (&["fit", "-e", "(", "n.csv"], Changes(&["--color", "always"])),
            (&["eval", "-e", "(", "n.csv"], Changes(&["--color", "always"])),
            (&["test", "-e", "(", "n.csv"], Changes(&["--color", "always"])),
            (&["compare", "-e", "(", "-e", "x", "n.csv"], Changes(&["--color", "always"])),
            (&["score", "-e", "(", "n.csv"], Changes(&["--color", "always"])),
            (&["derive", "-e", "("], Changes(&["--color", "always"])),
            (&["check", "-e", "("], Changes(&["--color", "always"])),
            (&["sample", "-e", "("], Changes(&["--color", "always"])),
            (&["plot", "-e", "(", "n.csv"], Changes(&["--color", "always"])),
            (&["animate", "-e", "(", "n.csv", "--over=a=1..2"], Changes(&["--color", "always"])),
            (&["report", "-e", "(", "n.csv"], Changes(&["--color", "always"])),
            (FUNCTIONS, Refuses(&["--color", "sometimes"])),
            (OBJECTIVES, Refuses(&["--color", "sometimes"])),
            (&["new", "absent.csv"], Changes(&["--color", "always"])),
            (&["help", "topics"], Refuses(&["--color", "sometimes"])),
            (&["completions", "bash"], Refuses(&["--color", "sometimes"])),
            (&["man"], Refuses(&["--color", "sometimes"])),
        ],
    ),
    ("--strict", &[(&[], Refuses(&["--strict"]))]),
    ("--version", &[(&[], Changes(&["--version"]))]),
];

const TEST_FIT_ALL: &[&str] = &["test", "-e", NORMAL, "n.csv"];
const TEST_FIT: &[&str] = &["test", "-e", NORMAL, "n.csv", "--replicates", "20"];
/// A model whose sliced losses depend on the directions.
const LEANING: &str = "data x, z; param s > 0; -(x^2 + x*z + z^2)/(2*s)";
const TEST_LEANING: &[&str] = &["test", "-e", LEANING, "n.csv", "--bootstrap", "wild"];
const TEST_SLICED: &[&str] =
    &["test", "-e", LEANING, "n.csv", "--bootstrap", "wild", "--objective", "sliced"];
const TEST_COMMON: &[&str] =
    &["test", "-e", "data x, z; -(x - m)^2/2 - (z - m)^2/2", "n.csv", "--bootstrap", "wild"];
const TEST: &[&str] = &["test", "-e", NORMAL, "n.csv", "--at", "mu=0, s2=1"];
/// A test of the column of a file at m = 0.
const fn tested(model: &'static str, file: &'static str) -> [&'static str; 6] {
    ["test", "-e", model, file, "--at", "m=0"]
}
const SEMICOLON: &[&str] = &tested("-(g-m)^2", "semicolon.csv");
const MARKED: &[&str] = &tested("-(x-m)^2", "marked.csv");
const GAPS: &[&str] = &["test", "-e", "-(x-m)^2", "gaps.csv", "--at", "m=0", "--missing", "drop"];

/// The experiments for the test of goodness of fit.
const TESTED: &[(&str, &[Experiment])] = &[
    ("--expression", &[(&["test", "n.csv", "--at", "mu=0, s2=1"], Changes(&["-e", NORMAL]))]),
    (
        "--const",
        &[(&["test", "-e", SIZED, "n.csv", "--at", "mu=0, s2=1"], Changes(&["--const", "d=3"]))],
    ),
    (
        "--map",
        &[(&["test", "-e", MAPPED, "n.csv", "--at", "mu=0, s2=1"], Changes(&["--map", "v=z"]))],
    ),
    ("--nodes-max", &[(TEST, Changes(&["--nodes-max", "3"]))]),
    (
        "--data",
        &[(
            &["test", "-e", "-(x - a*z)^2", "n.csv", "--at", "a=1"],
            Changes(&["--data", "x", "--at", "z=1"]),
        )],
    ),
    ("--delimiter", &[(SEMICOLON, Changes(&["--delimiter", ","]))]),
    ("--no-header", &[(TEST, Changes(&["--no-header"]))]),
    ("--comment", &[(MARKED, Changes(&["--comment", "%"]))]),
    ("--na", &[(GAPS, Changes(&["--na", "-999", "--na", "?"]))]),
    (
        "--missing",
        &[(
            &["test", "-e", "-(x-m)^2", "gaps.csv", "--at", "m=0", "--na", "?"],
            Changes(&["--missing", "drop"]),
        )],
    ),
    ("--format", &[(TEST, Changes(&["--format", "json"]))]),
    ("--output", &[(TEST, Changes(&["-o", "new.txt"]))]),
    (
        "--quiet",
        &[(
            &["test", "-e", "-(x-m)^2", "remarked.csv", "--at", "m=0", "--format=json"],
            Changes(&["-q"]),
        )],
    ),
    (
        "--explain",
        &[(&["test", "-e", "-(x-m)^2", "remarked.csv", "--at", "m=0"], Changes(&["--explain"]))],
    ),
    ("--threads", &[(TEST, Refuses(&["--threads", "0"]))]),
    (
        "--seed",
        &[
            (TEST, Changes(&["--seed", "8"])),
            (TEST_FIT, Changes(&["--seed", "8", "--format=json"])),
        ],
    ),
    (
        "--objective",
        &[
            (TEST_LEANING, Changes(&["--objective", "sliced"])),
            (TEST, Refuses(&["--objective", "sliced"])),
        ],
    ),
    (
        "--slices",
        &[(TEST_SLICED, Changes(&["--slices", "3"])), (TEST, Refuses(&["--slices", "3"]))],
    ),
    (
        "--directions",
        &[
            (TEST_SLICED, Changes(&["--directions", "gaussian"])),
            (TEST, Refuses(&["--directions", "gaussian"])),
        ],
    ),
    (
        "--sigma",
        &[
            (TEST_FIT, Refuses(&["--objective=denoising", "--sigma=1"])),
            (TEST, Refuses(&["--sigma", "1"])),
        ],
    ),
    ("--start", &[(TEST, Refuses(&["--start", "mu=1"]))]),
    ("--fix", &[(TEST_FIT, Changes(&["--fix", "mu=0"])), (TEST, Refuses(&["--fix", "mu=0"]))]),
    ("--robust", &[(TEST_FIT, Refuses(&["--robust", "0.5"]))]),
    ("--starts", &[(TEST, Refuses(&["--starts", "2"]))]),
    (
        "--standardise",
        &[(TEST_COMMON, Changes(&["--standardise"])), (TEST, Refuses(&["--standardise"]))],
    ),
    (
        "--transform",
        &[(
            &["test", "-e", SHARES, "shares.csv", "--at", "a=1"],
            Changes(&["--transform", "sqrt"]),
        )],
    ),
    (
        "--weights",
        &[(TEST, Changes(&["--weights", "g"])), (TEST_FIT, Refuses(&["--weights", "g"]))],
    ),
    (
        "--weights-kind",
        &[(
            &["test", "-e", NORMAL, "n.csv", "--at=mu=0, s2=1", "--weights=g"],
            Changes(&["--weights-kind=probability"]),
        )],
    ),
    (
        "--cluster",
        &[(TEST, Changes(&["--cluster", "g"])), (TEST_FIT, Refuses(&["--cluster", "g"]))],
    ),
    ("--at", &[(TEST, Refuses(&["--at", "mu=1"])), (TEST_FIT, Changes(&["--at", "mu=1, s2=2"]))]),
    (
        "--kernel",
        &[(TEST, Changes(&["--kernel", "gaussian"])), (TEST, Refuses(&["--kernel", "hamming"]))],
    ),
    (
        "--bandwidth",
        &[(TEST, Changes(&["--bandwidth", "3"])), (TEST, Refuses(&["--bandwidth", "0"]))],
    ),
    ("--unscaled", &[(TEST, Changes(&["--unscaled"]))]),
    (
        "--bootstrap",
        &[
            (TEST, Refuses(&["--bootstrap", "other"])),
            (TEST_FIT, Changes(&["--bootstrap", "wild"])),
        ],
    ),
    (
        "--replicates",
        &[
            (TEST, Changes(&["--replicates", "20"])),
            (TEST_FIT_ALL, Changes(&["--replicates", "30"])),
        ],
    ),
    ("--linear", &[(TEST, Changes(&["--linear"]))]),
    ("--rows", &[(TEST, Changes(&["--rows"]))]),
];

const ZERO: &str = "-x^2/(2*s2)";
const COMPARE: &[&str] = &["compare", "-e", NORMAL, "-e", ZERO, "n.csv"];
/// A comparison of two models of one column of a file.
const fn pair(one: &'static str, two: &'static str, file: &'static str) -> [&'static str; 7] {
    ["compare", "-e", one, "-e", two, file, "--folds=2"]
}
const COMPARED_SIZES: &[&str] =
    &["compare", "-e", SIZED, "-e", "const d = 1; -d*x^2*b", "n.csv", "--format=json"];
const COMPARED_MAPS: &[&str] = &pair(MAPPED, "data v[*]; -sumsq(v)*s", "n.csv");
const COMPARED_ROLES: &[&str] = &pair("-(x - a*z)^2", "-(x - a*z - b)^2", "n.csv");
const COMPARED_FIELDS: &[&str] = &pair("-(g-m)^2", "-b*g^2", "semicolon.csv");
const COMPARED_MARKS: &[&str] = &pair("-(x-m)^2", "-b*x^2", "marked.csv");
const COMPARED_SHARES: &[&str] =
    &pair(SHARES, "data u[2] on simplex; param a; a*log(u[1]) + a*log(u[2])", "shares.csv");
const COMPARED_TWISTS: &[&str] =
    &pair(TWISTED, "data x, z; param a; -(x^2 + z^2)/2 - a*x*z", "n.csv");

/// The experiments for the comparison of models.
const COMPARED: &[(&str, &[Experiment])] = &[
    ("--expression", &[(COMPARE, Changes(&["-e", "-x^4*b"]))]),
    ("--const", &[(COMPARED_SIZES, Changes(&["--const", "d=3"]))]),
    ("--map", &[(COMPARED_MAPS, Changes(&["--map", "v=z"]))]),
    ("--nodes-max", &[(COMPARE, Changes(&["--nodes-max", "3"]))]),
    ("--data", &[(COMPARED_ROLES, Changes(&["--data", "x"]))]),
    ("--delimiter", &[(COMPARED_FIELDS, Changes(&["--delimiter", ","]))]),
    ("--no-header", &[(COMPARE, Changes(&["--no-header"]))]),
    ("--comment", &[(COMPARED_MARKS, Changes(&["--comment", "%"]))]),
    (
        "--na",
        &[(
            &[
                "compare",
                "-e",
                "-(x-m)^2",
                "-e",
                "-x^2*b",
                "gaps.csv",
                "--missing=drop",
                "--folds=2",
            ],
            Changes(&["--na", "-999", "--na", "?"]),
        )],
    ),
    (
        "--missing",
        &[(
            &["compare", "-e", "-(x-m)^2", "-e", "-x^2*b", "gaps.csv", "--na=?", "--folds=2"],
            Changes(&["--missing", "drop"]),
        )],
    ),
    ("--format", &[(COMPARE, Changes(&["--format", "json"]))]),
    ("--output", &[(COMPARE, Changes(&["-o", "new.txt"]))]),
    (
        "--quiet",
        &[(
            &["compare", "-e", NORMAL, "-e", ZERO, "remarked.csv", "--folds=2", "--format=json"],
            Changes(&["-q"]),
        )],
    ),
    (
        "--explain",
        &[(
            &["compare", "-e", NORMAL, "-e", ZERO, "remarked.csv", "--folds=2"],
            Changes(&["--explain"]),
        )],
    ),
    ("--threads", &[(COMPARE, Refuses(&["--threads", "0"]))]),
    ("--objective", &[(COMPARE, Changes(&["--objective", "sliced"]))]),
    ("--transform", &[(COMPARED_SHARES, Changes(&["--transform", "sqrt"]))]),
    (
        "--slices",
        &[(
            &["compare", "-e", TWISTED, "-e", BENT, "n.csv", "--objective=sliced"],
            Changes(&["--slices", "2"]),
        )],
    ),
    (
        "--directions",
        &[(
            &["compare", "-e", TWISTED, "-e", BENT, "n.csv", "--objective=sliced"],
            Changes(&["--directions", "gaussian"]),
        )],
    ),
    (
        "--sigma",
        &[(
            &["compare", "-e", NORMAL, "-e", ZERO, "n.csv", "--objective=denoising", "--sigma=1"],
            Changes(&["--sigma", "2"]),
        )],
    ),
    ("--weights", &[(COMPARE, Changes(&["--weights", "g"]))]),
    (
        "--weights-kind",
        &[(
            &["compare", "-e", NORMAL, "-e", ZERO, "n.csv", "--weights=g"],
            Changes(&["--weights-kind=probability"]),
        )],
    ),
    ("--cluster", &[(COMPARE, Changes(&["--cluster", "g", "--folds", "9"]))]),
    ("--seed", &[(COMPARE, Changes(&["--seed", "8"]))]),
    (
        "--starts",
        &[(&["compare", "-e", SEARCHED, "-e", ZERO, "n.csv"], Refuses(&["--starts", "0"]))],
    ),
    ("--standardise", &[(COMPARED_TWISTS, Changes(&["--standardise"]))]),
    ("--folds", &[(COMPARE, Changes(&["--folds", "3"])), (COMPARE, Refuses(&["--folds", "13"]))]),
];

const PLOT: &[&str] = &["plot", "-e", NORMAL, "n.csv"];
const PLOT_AT: &[&str] = &["plot", "-e", NORMAL, "n.csv", "--at=mu=0, s2=1"];
const ANIMATE: &[&str] = &["animate", "-e", NORMAL, "n.csv", "--over=s2=1..4", "--frames=3"];
const ANIMATE_AT: &[&str] =
    &["animate", "-e", NORMAL, "n.csv", "--over=s2=1..4", "--frames=3", "--at=mu=0"];
const REPORT: &[&str] = &["report", "-e", NORMAL, "n.csv"];

/// The experiments for the commands that draw.
const DRAWN: &[(&str, &[Experiment])] = &[
    (
        "--expression",
        &[
            (&["plot", "n.csv"], Changes(&["-e", NORMAL])),
            (&["animate", "n.csv", "--over=s2=1..4"], Changes(&["-e", NORMAL])),
            (&["report", "n.csv"], Changes(&["-e", NORMAL])),
        ],
    ),
    (
        "--const",
        &[
            // At the estimate only d/s2 matters, so that d has no effect; with s2 given it has.
            (&["plot", "-e", SIZED, "n.csv", "--at=mu=0, s2=1"], Changes(&["--const", "d=3"])),
            (&["animate", "-e", SIZED, "n.csv", "--over=s2=1..2"], Changes(&["--const", "d=3"])),
            (&["report", "-e", SIZED, "n.csv"], Changes(&["--const", "d=3"])),
        ],
    ),
    (
        "--map",
        &[
            (&["plot", "-e", MAPPED, "n.csv"], Changes(&["--map", "v=z,g"])),
            (&["animate", "-e", MAPPED, "n.csv", "--over=s2=9..20"], Changes(&["--map", "v=z"])),
            (&["report", "-e", MAPPED, "n.csv"], Changes(&["--map", "v=z,g"])),
        ],
    ),
    (
        "--nodes-max",
        &[
            (PLOT, Changes(&["--nodes-max", "3"])),
            (ANIMATE, Changes(&["--nodes-max", "3"])),
            (REPORT, Changes(&["--nodes-max", "3"])),
        ],
    ),
    (
        "--data",
        &[
            (&["plot", "-e", "-(x - a*z)^2", "n.csv"], Changes(&["--data", "z"])),
            (
                &["animate", "-e", "-(x - a*z)^2", "n.csv", "--over=a=0.1..1"],
                Changes(&["--data", "x,z"]),
            ),
            (&["report", "-e", "-(x - a*z)^2", "n.csv"], Changes(&["--data", "z"])),
        ],
    ),
    (
        "--delimiter",
        &[
            (&["plot", "-e", "-(g-m)^2/s", "semicolon.csv"], Changes(&["--delimiter", ","])),
            (
                &["animate", "-e", "-(g-m)^2/s", "semicolon.csv", "--over=s=1..2"],
                Changes(&["--delimiter", ","]),
            ),
            (&["report", "-e", "-(g-m)^2/s", "semicolon.csv"], Changes(&["--delimiter", ","])),
        ],
    ),
    (
        "--no-header",
        &[
            (&["plot", "-e", "-(x1-m)^2/s", "marked.csv"], Changes(&["--no-header"])),
            (ANIMATE, Changes(&["--no-header"])),
            (REPORT, Changes(&["--no-header"])),
        ],
    ),
    (
        "--comment",
        &[
            (&["plot", "-e", NORMAL, "marked.csv"], Changes(&["--comment", "%"])),
            (&["animate", "-e", NORMAL, "marked.csv", "--over=s2=1..4"], Changes(&["--comment=%"])),
            (&["report", "-e", NORMAL, "marked.csv"], Changes(&["--comment", "%"])),
        ],
    ),
    (
        "--na",
        &[
            (
                &["plot", "-e", NORMAL, "gaps.csv", "--missing", "drop"],
                Changes(&["--na", "-999", "--na", "?"]),
            ),
            (
                &["animate", "-e", NORMAL, "gaps.csv", "--missing", "drop", "--over=s2=1..4"],
                Changes(&["--na", "-999", "--na", "?"]),
            ),
            (
                &["report", "-e", NORMAL, "gaps.csv", "--missing", "drop"],
                Changes(&["--na", "-999", "--na", "?"]),
            ),
        ],
    ),
    (
        "--missing",
        &[
            (&["plot", "-e", NORMAL, "gaps.csv", "--na=?"], Changes(&["--missing", "drop"])),
            (
                &["animate", "-e", NORMAL, "gaps.csv", "--na=?", "--over=s2=1..4"],
                Changes(&["--missing", "drop"]),
            ),
            (&["report", "-e", NORMAL, "gaps.csv", "--na=?"], Changes(&["--missing", "drop"])),
        ],
    ),
    (
        "--output",
        &[
            (PLOT, Changes(&["-o", "new.png"])),
            (PLOT, Changes(&["-o", "new.json"])),
            (PLOT, Refuses(&["-o", "new.txt"])),
            (ANIMATE, Changes(&["-o", "new.gif"])),
            (ANIMATE, Changes(&["-o", "new.svg"])),
            (ANIMATE, Changes(&["-o", "new.json"])),
            (ANIMATE, Refuses(&["-o", "new.txt"])),
            (REPORT, Changes(&["-o", "new.html"])),
        ],
    ),
    (
        "--quiet",
        &[
            (&["plot", "-e", LOUD, "remarked.csv"], Changes(&["-q"])),
            (&["animate", "-e", LOUD, "remarked.csv", "--over=s2=1..4"], Changes(&["-q"])),
            (&["report", "-e", LOUD, "remarked.csv"], Changes(&["-q"])),
        ],
    ),
    (
        "--explain",
        &[
            (&["plot", "-e", LOUD, "remarked.csv"], Changes(&["--explain"])),
            (&["animate", "-e", LOUD, "remarked.csv", "--over=s2=1..4"], Changes(&["--explain"])),
            (&["report", "-e", LOUD, "remarked.csv"], Changes(&["--explain"])),
        ],
    ),
    (
        "--threads",
        &[
            (PLOT, Refuses(&["--threads", "0"])),
            (ANIMATE, Refuses(&["--threads", "0"])),
            (REPORT, Refuses(&["--threads", "0"])),
        ],
    ),
    (
        "--objective",
        &[
            (PLOT, Changes(&["--objective", "weighted"])),
            (PLOT_AT, Refuses(&["--objective", "weighted"])),
            (ANIMATE, Changes(&["--objective", "weighted"])),
            (REPORT, Changes(&["--objective", "weighted"])),
        ],
    ),
    (
        "--transform",
        &[
            (&["plot", "-e", SHARES, "shares.csv"], Changes(&["--transform", "flat"])),
            (
                &["animate", "-e", SHARES, "shares.csv", "--over=a=1..2"],
                Changes(&["--transform", "flat"]),
            ),
            (&["report", "-e", SHARES, "shares.csv"], Changes(&["--transform", "flat"])),
        ],
    ),
    (
        "--slices",
        &[
            (SLICED_PLOT, Changes(&["--slices", "3"])),
            (SLICED_FILM, Changes(&["--slices", "3"])),
            (SLICED_PAGE, Changes(&["--slices", "3"])),
        ],
    ),
    (
        "--directions",
        &[
            (SLICED_PLOT, Changes(&["--directions", "gaussian"])),
            (SLICED_FILM, Changes(&["--directions", "sphere"])),
            (SLICED_PAGE, Changes(&["--directions", "sphere"])),
        ],
    ),
    (
        "--sigma",
        &[
            (&["plot", "-e", NORMAL, "n.csv", "--objective=denoising"], Changes(&["--sigma", "1"])),
            (
                &["animate", "-e", NORMAL, "n.csv", "--objective=denoising", "--over=s2=1..2"],
                Changes(&["--sigma", "1"]),
            ),
            (
                &["report", "-e", NORMAL, "n.csv", "--objective=denoising"],
                Changes(&["--sigma", "1"]),
            ),
        ],
    ),
    (
        "--weights",
        &[
            (PLOT, Changes(&["--weights", "g"])),
            (PLOT_AT, Refuses(&["--weights", "g"])),
            (ANIMATE_AT, Changes(&["--weights", "g"])),
            (REPORT, Changes(&["--weights", "g"])),
        ],
    ),
    (
        "--weights-kind",
        &[(
            &["report", "-e", NORMAL, "n.csv", "--weights=g"],
            Changes(&["--weights-kind=probability"]),
        )],
    ),
    ("--cluster", &[(REPORT, Changes(&["--cluster", "g"]))]),
    (
        "--seed",
        &[
            (SLICED_PLOT, Changes(&["--seed", "7"])),
            (PLOT_AT, Refuses(&["--seed", "7"])),
            (SLICED_FILM, Changes(&["--seed", "7"])),
            (ANIMATE_AT, Refuses(&["--seed", "7"])),
            (REPORT, Changes(&["--seed", "7"])),
        ],
    ),
    (
        "--robust",
        &[
            (&["plot", "-e", NATURAL, "n.csv"], Changes(&["--robust", "0.5"])),
            (&["animate", "-e", NATURAL, "n.csv", "--over=b=1..2"], Changes(&["--robust", "0.5"])),
            (&["report", "-e", NATURAL, "n.csv"], Changes(&["--robust", "0.5"])),
        ],
    ),
    (
        "--start",
        &[
            (PLOT, Refuses(&["--start", "mu"])),
            (PLOT_AT, Refuses(&["--start", "mu=1"])),
            (ANIMATE, Refuses(&["--start", "mu"])),
            (ANIMATE_AT, Refuses(&["--start", "mu=1"])),
            (&["report", "-e", SEARCHED, "n.csv"], Changes(&["--start", "a=-2, b=3"])),
        ],
    ),
    (
        "--fix",
        &[
            (PLOT, Changes(&["--fix", "mu=0"])),
            (PLOT_AT, Refuses(&["--fix", "mu=0"])),
            (ANIMATE, Changes(&["--fix", "mu=0"])),
            (REPORT, Changes(&["--fix", "mu=0"])),
        ],
    ),
    (
        "--starts",
        &[
            (PLOT, Refuses(&["--starts", "0"])),
            (PLOT_AT, Refuses(&["--starts", "2"])),
            (ANIMATE, Refuses(&["--starts", "0"])),
            (&["report", "-e", SEARCHED, "n.csv"], Changes(&["--starts", "2"])),
        ],
    ),
    ("--covariance", &[(WIDE_PAGE, Changes(&["--covariance"]))]),
    ("--level", &[(REPORT, Changes(&["--level", "0.9"]))]),
    ("--wald", &[(REPORT, Changes(&["--wald", "mu=0, s2=1"]))]),
    ("--bootstrap", &[(REPORT, Changes(&["--bootstrap", "100"]))]),
    ("--profile-intervals", &[(REPORT, Changes(&["--profile-intervals"]))]),
    ("--estimate", &[(REPORT, Changes(&["--estimate", "mu/sqrt(s2)"]))]),
    (
        "--standardise",
        &[
            (&["plot", "-e", UNEVEN, "n.csv"], Changes(&["--standardise"])),
            (&["animate", "-e", UNEVEN, "n.csv", "--over=k=1..2"], Changes(&["--standardise"])),
            (REPORT, Changes(&["--standardise"])),
        ],
    ),
    (
        "--at",
        &[
            (PLOT, Changes(&["--at", "mu=1, s2=2"])),
            (PLOT, Refuses(&["--at", "mu=1"])),
            (ANIMATE, Changes(&["--at", "mu=1"])),
        ],
    ),
    ("--theme", &[(PLOT, Changes(&["--theme", "dark"])), (SVG_FILM, Changes(&["--theme=dark"]))]),
    (
        "--over",
        &[
            (&["animate", "-e", NORMAL, "n.csv", "--over=s2=1..4"], Changes(&["-o=x.svg"])),
            (ANIMATE, Refuses(&["--over=s2=-1..4"])),
        ],
    ),
    (
        "--frames",
        &[(&["animate", "-e", NORMAL, "n.csv", "--over=s2=1..4"], Changes(&["--frames=4"]))],
    ),
    (
        "--profile",
        &[
            (
                &["animate", "-e", SEARCHED, "n.csv", "--over=a=-2..0", "--frames=3"],
                Changes(&["--profile"]),
            ),
            (ANIMATE_AT, Refuses(&["--profile"])),
        ],
    ),
];

/// A model with a warning about its kink.
const LOUD: &str = "data x; param mu, s2 > 0; -(x - mu)^2/(2*s2) - abs(x)";
/// A model whose components have different units and common parameters.
const UNEVEN: &str = "data x, g; param k > 0, c; -k*((x - c)^2 + (g - c)^2/40)/2";
const BENT: &str = "data x, z; param a; -x^2/2 - z^2/20 - a*x^2*z^2/100";
const SLICED_PLOT: &[&str] =
    &["plot", "-e", BENT, "n.csv", "--objective", "sliced", "-o", "bent.json"];
const SLICED_FILM: &[&str] =
    &["animate", "-e", TWISTED, "n.csv", "--objective=sliced", "--over=a=0.1..1", "--frames=3"];
const SLICED_PAGE: &[&str] = &["report", "-e", TWISTED, "n.csv", "--objective", "sliced"];
const SVG_FILM: &[&str] =
    &["animate", "-e", NORMAL, "n.csv", "--over=s2=1..4", "--frames=3", "-o", "film.svg"];
const WIDE_PAGE: &[&str] =
    &["report", "-e", "data w[32]; param K[32,32] symmetric; -w'*K*w/2", "wide.csv"];

/// A session that `--strict` ends at its first line.
const SESSION: &str = ":nonsense\n-x^2\n";

#[test]
fn options_change_the_output_or_are_refused() {
    let mut wrong = Vec::new();
    for (option, experiments) in
        OPTIONS.iter().chain(DRAWN).chain(TESTED).chain(COMPARED).chain(SAMPLED)
    {
        for (command, effect) in *experiments {
            let without = run(command, SESSION);
            let (Changes(added) | Refuses(added)) = effect;
            let with = run(&[command, *added].concat(), SESSION);
            let shown = format!("{option}: {command:?} {effect:?}\n{without:?}\n{with:?}");
            let holds = match effect {
                Changes(_) => without != with && with.status != 2,
                Refuses(_) => with.status == 2 && without.status == 0,
            };
            wrong.extend((!holds).then_some(shown));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

fn help(command: &str) -> String {
    let words: Vec<&str> = command.split_whitespace().chain(["--help"]).collect();
    run(&words, "").stdout
}

/// The names of options in a help text.
fn options(help: &str) -> BTreeSet<&str> {
    let lines = help.lines().map(str::trim_start).filter(|line| line.starts_with('-'));
    let long = lines.filter_map(|line| line.split_whitespace().find(|word| word.starts_with("--")));
    long.filter(|option| *option != "--help").collect()
}

#[test]
fn every_option_of_every_command_has_an_experiment() {
    let top = help("");
    let listed = top.lines().skip_while(|line| *line != "Commands:").skip(1);
    let names = listed.map_while(|line| line.strip_prefix("  "));
    let names = names.filter_map(|line| line.split_whitespace().next());
    for command in names.chain([""]) {
        let text = help(command);
        for option in options(&text) {
            let all = OPTIONS.iter().chain(DRAWN).chain(TESTED).chain(COMPARED).chain(SAMPLED);
            let mut entries = all.filter(|(name, _)| *name == option);
            let of_command = |(arguments, _): &(&[&str], Effect)| {
                arguments.first().copied().unwrap_or_default() == command
            };
            let has_one = entries.any(|(_, list)| list.iter().any(of_command));
            assert!(has_one, "`{command} {option}` has no experiment");
        }
    }
}

/// A command, the lines before it, its line, and the lines after it that show its effect.
const COMMANDS: &[(&str, &str, &str, &str)] = &[
    ("load", "", ":load mixture.energy", ":show"),
    ("data", "-x^2*a\n", ":data n.csv", ":fit"),
    ("score", "-x^2\n", ":score", ""),
    ("laplacian", "-x^2\n", ":laplacian", ""),
    ("objective", "-x^2\n", ":objective", ""),
    ("gradient", "-x^2*a\n", ":gradient", ""),
    ("latex", "-x^2\n", ":latex", ""),
    ("show", "-x^2\n", ":show graph", ""),
    ("fit", "-x^2*a\n:data n.csv\n", ":fit", ""),
    ("explain", "-x^2*a\n:data n.csv\n:fit\n", ":explain", ""),
    ("test", "-x^2*a\n:data n.csv\n:set a=1\n", ":test --replicates 20", ""),
    ("compare", "-x^2*a\n:data n.csv\n", ":compare -e '-x^2*a + b*x'", ""),
    ("eval", "-x^2*a\n:data n.csv\n", ":eval a=1", ""),
    ("set", "-x^2*a\n:data n.csv\n", ":set a=2", ":eval"),
    ("params", "-x^2*a\n", ":params", ""),
    ("sample", "-x^2*a\n:set a=1\n", ":sample 20", ""),
    ("plot", "-x^2*a\n:data n.csv\n", ":plot x", ""),
    ("save", "-x^2\n", ":save new.energy", ""),
    ("forget", "param a > 0\n-x^2*a\n", ":forget a", ":show"),
    ("clear", "-x^2\n", ":clear", ":score"),
    ("undo", "-x^2\n", ":undo", ":show"),
    ("redo", "-x^2\n:undo\n", ":redo", ":show"),
    ("history", "-x^2\n", ":history", ""),
    ("help", "", ":help fit", ""),
    ("quit", "", ":quit", "-x^2"),
];

#[test]
fn every_command_of_a_session_has_an_effect() {
    let listed = run(&[], ":help\n").stdout;
    let names = listed.lines().filter_map(|line| line.strip_prefix("  :"));
    let names: Vec<&str> = names.filter_map(|line| line.split_whitespace().next()).collect();
    assert!(names.len() >= 20, "{listed}");
    for name in names {
        let entry = COMMANDS.iter().find(|(known, ..)| *known == name);
        let (_, before, line, after) = entry.unwrap_or_else(|| panic!(":{name} has no entry"));
        let without = run(&[], &format!("{before}{after}\n"));
        let with = run(&[], &format!("{before}{line}\n{after}\n"));
        assert_ne!(without, with, ":{name}");
    }
}

/// A command without arguments refuses any, but accepts a comment.
#[test]
fn commands_without_arguments_refuse_any() {
    let mut wrong = Vec::new();
    for (name, before, line, _) in COMMANDS {
        let remarked = run(&["--strict"], &format!("{before}{line} # a remark\n"));
        let crowded = run(&["--strict"], &format!("{before}{line} more words\n"));
        if remarked.status != 0 || crowded.status == 0 {
            wrong.push(format!("{name} {remarked:?} {crowded:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A density with two bumps whose J has several minima; the likelihood by which these are ranked is
/// an integral over the line or over one turn.
const BUMPS: &str = "data x; log(exp(3*cos(x - a)) + exp(3*cos(x - b)))";
const BUMPS_ON_CIRCLE: &str = "data x on circle; log(exp(3*cos(x - a)) + exp(3*cos(x - b)))";

/// A string in the grammar, a model without it, and one with it.
const LANGUAGE: &[(&str, &str, &str)] = &[
    ("data", "-(x - a)^2", "data a; -(x - a)^2"),
    ("covariate", "data x, z; -(x - b*z)^2", "data x; covariate z; -(x - b*z)^2"),
    ("param", "-(x - z)^2", "data x; param z > 0; -(x - z)^2"),
    ("const", "-(x - c)^2", "const c = 2; -(x - c)^2"),
    ("let", "-(x - r)^2", "let r = 2; -(x - r)^2"),
    ("def", "-(x - a)^2", "def f(t) = t^3; -f(x - a)^2"),
    ("weight", "-(x - a)^2", "weight = x^2; -(x - a)^2"),
    ("with", "weight = x^2; -(x - a)^2", "weight = x^2 with gradient 3*x; -(x - a)^2"),
    ("gradient", "weight = x^2; -(x - a)^2", "weight = x^2 with gradient 3*x; -(x - a)^2"),
    ("logp", "-(x - a)^2", "logp = -(x - a)^4"),
    ("energy", "-(x - a)^2", "energy = -(x - a)^2"),
    (">", "param a; -(x - a)^2", "param a > 0; -(x - a)^2"),
    (">=", "param a; -(x - a)^2", "param a >= 1; -(x - a)^2"),
    ("<", "param a; -(x - a)^2", "param a < -3; -(x - a)^2"),
    ("<=", "param a; -(x - a)^2", "param a <= -3; -(x - a)^2"),
    ("in", "param a; -(x - a)^2", "param a in (2, 3); -(x - a)^2"),
    (
        ":",
        "data x; covariate z; param m, s2 > 0; -(x - m*z)^2/(2*s2)",
        "data x; covariate z in 1:9; param m[z], s2 > 0; -(x - m[z])^2/(2*s2)",
    ),
    ("init", "data x; param a; -(x - a)^4", "data x; param a init 30; -(x - a)^4"),
    ("on", BUMPS, BUMPS_ON_CIRCLE),
    ("sphere", "data v[2]; -sumsq(v)*a", "data v[2] on sphere; -sumsq(v)*a"),
    ("circle", BUMPS, BUMPS_ON_CIRCLE),
    ("simplex", "param w[2]; -(x - w[1])^2*w[2]", "param w[2] simplex; -(x - w[1])^2*w[2]"),
    (
        "ordered",
        "param w[2]; -(x - w[1])^2*(w[2] + 1)",
        "param w[2] ordered; -(x - w[1])^2*(w[2] + 1)",
    ),
    ("symmetric", "data v[2]; param K[2,2]; -v'*K*v", "data v[2]; param K[2,2] symmetric; -v'*K*v"),
    ("posdef", "data v[2]; param K[2,2]; -v'*K*v", "data v[2]; param K[2,2] posdef; -v'*K*v"),
];

#[test]
fn every_statement_and_constraint_has_an_effect() {
    let grammar = include_str!("../grammar/scorematch.ebnf");
    let rule = |name: &str| {
        let start = grammar.find(&format!("\n{name} ")).expect("the grammar has the rule");
        let text = &grammar[start..];
        &text[..text.find(';').expect("a rule ends")]
    };
    let rules = [rule("statement"), rule("constraint")].concat();
    let quoted = rules.split('"').skip(1).step_by(2);
    let is_mark = |word: &str| ["=", ",", "(", ")", "[", "]", "{", "}"].contains(&word);
    let words: BTreeSet<&str> =
        quoted.filter(|word| !is_mark(word)).chain(DECLARATION_WORDS).collect();
    assert!(words.len() >= 20, "{words:?}");
    let mut idle = Vec::new();
    for word in words {
        let entry = LANGUAGE.iter().find(|(known, ..)| *known == word);
        let (_, without, with) = entry.unwrap_or_else(|| panic!("`{word}` has no entry"));
        let fit = |text: &str| run(&["fit", "-e", text, "n.csv", "--map", "v=x,z"], "");
        let plain = |text: &str| run(&["fit", "-e", text, "n.csv"], "");
        let run = |text: &str| if text.contains("v[2]") { fit(text) } else { plain(text) };
        let (without, with) = (run(without), run(with));
        if without == with {
            idle.push(word);
        }
    }
    assert!(idle.is_empty(), "without effect: {idle:?}");
}
