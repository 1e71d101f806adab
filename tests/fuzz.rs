//! Mutated models and tables through all stages: whatever the text, no panic.
//!
//! A small run is an ordinary test. The long one, with arithmetic that overflows caught:
//!
//!     CARGO_PROFILE_RELEASE_OVERFLOW_CHECKS=true SCOREMATCH_FUZZ_CASES=1000000 \
//!         cargo test --release --test fuzz -- --ignored --nocapture
//!
//! `SCOREMATCH_FUZZ_SEED` gives other cases (0 if not given); cases of one seed are always the same.

use std::cell::RefCell;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use scorematch::data::{Columns, CsvOptions, Header, Missing, Selection};
use scorematch::fit::{Options as Fitting, fit};
use scorematch::model::{Model, Options};
use scorematch::report::{ColumnsSummary, Derivation};
use scorematch::source::{Diagnostic, Palette, Source, render};
use scorematch::syntax;

/// Longer texts are cut: a case should be a matter of a millisecond.
const BYTES_MAX: usize = 1500;
/// Most nodes of a model.
const NODES_MAX: usize = 3000;
/// Larger derivations are not fitted.
const FITTED_MAX: usize = 2000;
/// One model in so many that can be fitted is.
const FITTED_ONE_IN: u64 = 16;
/// When a fit is interrupted.
const FIT_TIME: Duration = Duration::from_millis(20);
/// Cases that take longer are named, though they are no failure.
const SLOW: Duration = Duration::from_secs(2);

/// Pieces that are put into texts.
const PIECES: [&str; 66] = [
    "data ",
    "covariate ",
    "param ",
    "const ",
    "let ",
    "def ",
    "weight ",
    "logp = ",
    "energy = ",
    " posdef",
    " simplex",
    " ordered",
    " symmetric",
    " init ",
    " on sphere",
    " on circle",
    "[*]",
    " in {0, 1}",
    " in (0, 1)",
    " > 0",
    "x",
    "y",
    "mu",
    "s2",
    "W[1,2]",
    "[1:3]",
    "[:, 1]",
    "[0]",
    "f(x)",
    "sum(i in 1:3, ",
    "if(x < 0, ",
    "exp(",
    "log(",
    "lgamma(",
    "polygamma(3, ",
    "max(",
    "log_sum_exp(",
    "trace(",
    "det(",
    "inv(",
    "dot(",
    "erf(",
    "abs(",
    "floor(",
    "'",
    "^",
    "^-1",
    "^0.5",
    "^1e300",
    "²",
    "*",
    "/",
    "-",
    ".*",
    "(",
    ")",
    "[",
    "]",
    ";",
    "\n",
    ",",
    "1e308",
    "9223372036854775807",
    "0",
    "`a b`",
    "#",
];
/// Pieces that are put into tables.
const CELLS: [&str; 20] = [
    ",",
    ";",
    "\t",
    " ",
    "\n",
    "\r\n",
    "\"",
    "#",
    "NA",
    "nan",
    "inf",
    "-1e309",
    "1e-400",
    "x",
    "\u{feff}",
    "1,5",
    "-",
    ".",
    "0x10",
    "9999999999999999999999",
];

thread_local! {
    static PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// SplitMix64.
struct Draws(u64);

impl Draws {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below a bound that is not zero.
    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    fn one_of<'a, T: ?Sized>(&mut self, list: &[&'a T]) -> &'a T {
        list[self.below(list.len())]
    }

    /// A stretch of a text, mostly short.
    fn span(&mut self, length: usize) -> std::ops::Range<usize> {
        let start = self.below(length + 1);
        let most = if self.below(4) == 0 { length } else { 8 };
        let size = self.below(most.max(1) + 1).min(length - start);
        start..start + size
    }
}

/// What is mutated, and what is put in.
struct Corpus {
    texts: Vec<Vec<u8>>,
    pieces: &'static [&'static str],
}

impl Corpus {
    fn models() -> Self {
        let grammar = fs::read_to_string("grammar/README.md").expect("the grammar is there");
        let mut texts: Vec<Vec<u8>> = grammar
            .split("\n\n")
            .filter(|block| block.starts_with("    "))
            .map(|block| block.replace("\n    ", "\n").trim().as_bytes().to_vec())
            .collect();
        for folder in ["examples", "tests/golden/bad_model", "tests/golden/bad_syntax"] {
            texts.extend(files(folder, "energy"));
        }
        Self { texts, pieces: &PIECES }
    }

    fn tables() -> Self {
        let folders = ["examples", "tests/golden/bad_data"];
        let texts = folders.iter().flat_map(|folder| files(folder, "csv")).collect();
        Self { texts, pieces: &CELLS }
    }

    fn mutant(&self, draws: &mut Draws) -> Vec<u8> {
        let mut text = self.texts[draws.below(self.texts.len())].clone();
        for _ in 0..=draws.below(5) {
            let span = draws.span(text.len());
            let new = match draws.below(7) {
                0 => Vec::new(),
                1 => text[span.clone()].repeat(2),
                2 => {
                    let other = &self.texts[draws.below(self.texts.len())];
                    other[draws.span(other.len())].to_vec()
                }
                3 => vec![draws.next() as u8; 1],
                4 => {
                    let deep = 1 + draws.below(200);
                    draws.one_of(self.pieces).as_bytes().repeat(deep)
                }
                _ => draws.one_of(self.pieces).as_bytes().to_vec(),
            };
            let span = if draws.below(2) == 0 { span.start..span.start } else { span };
            text.splice(span, new);
            text.truncate(BYTES_MAX);
        }
        text
    }
}

/// The files of a kind, each cut to a length at which it is soon read.
fn files(folder: &str, extension: &str) -> Vec<Vec<u8>> {
    let entries = fs::read_dir(folder).expect("the folder is there");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.retain(|path: &std::path::PathBuf| path.extension().is_some_and(|e| e == extension));
    paths.sort();
    let read = |path: &Path| {
        let mut bytes = fs::read(path).expect("a file");
        bytes.truncate(BYTES_MAX);
        bytes
    };
    paths.iter().map(|path| read(path)).filter(|bytes| !bytes.is_empty()).collect()
}

/// One column of numbers for every letter that models of the corpus use.
fn numbers() -> Columns {
    let mut text = "x,y,z,u,v,t,waiting,x1,x2,x3\n".to_owned();
    for i in 0..12 {
        let row: Vec<String> =
            (0..10).map(|k| format!("{}", ((i * 7 + k * 5) % 12) as f64 / 4.0 - 1.0)).collect();
        text += &(row.join(",") + "\n");
    }
    Columns::from_csv(text.as_bytes()).expect("it is a table")
}

/// A model alone and with columns, derived, printed, and now and then fitted.
fn run_model(bytes: &[u8], columns: &Columns, may_fit: bool) {
    let text = String::from_utf8_lossy(bytes);
    let _ = syntax::parse(&text).map(|ast| ast.to_string());
    let _ = syntax::lexemes(&text).len() + usize::from(syntax::unfinished(&text));
    let alone = Options { nodes_max: NODES_MAX, ..Options::default() };
    match Model::with(&text, &alone) {
        Ok(model) => derived(&model),
        Err(errors) => drawn(&text, &Vec::<Diagnostic>::from(&errors)),
    }
    let (names, numeric) = (columns.names(), columns.numeric_names());
    let bound = Options { columns: Some(&names), numeric: &numeric, ..alone };
    match Model::with(&text, &bound) {
        Ok(model) => {
            drawn(&text, model.warnings());
            if let Ok(selection) = model.select(columns, Missing::Drop)
                && may_fit
                && model.graph().len() <= FITTED_MAX
            {
                fitted(&model, &selection);
            }
        }
        Err(errors) => drawn(&text, &Vec::<Diagnostic>::from(&errors)),
    }
}

fn drawn(text: &str, diagnostics: &[Diagnostic]) {
    let source = Source { name: "fuzz".to_owned(), text: text.to_owned() };
    for diagnostic in diagnostics {
        let _ = render(diagnostic, &source, Palette::Plain);
    }
}

fn derived(model: &Model) {
    if let Ok(derivation) = Derivation::of(model) {
        let _ = (derivation.text(), derivation.latex(), derivation.json());
    }
}

fn fitted(model: &Model, selection: &Selection) {
    let flag = Arc::new(AtomicBool::new(false));
    let alarm = Arc::clone(&flag);
    std::thread::spawn(move || {
        std::thread::sleep(FIT_TIME);
        alarm.store(true, Ordering::Relaxed);
    });
    let _ = fit(model, selection, &Fitting::default().starts(2).interrupt(flag));
}

fn run_table(bytes: &[u8]) {
    for header in [Header::Present, Header::Absent] {
        let options = CsvOptions { header, ..CsvOptions::default() };
        match Columns::read(bytes, &options) {
            Ok(columns) => {
                let _ = ColumnsSummary::of(&columns).text();
                let names = columns.numeric_names();
                if let Err(error) = columns.select(&names, Missing::Drop) {
                    drawn("", &[error.diagnostic("fuzz")]);
                }
            }
            Err(error) => drawn("", &[error.diagnostic("fuzz")]),
        }
    }
}

/// Where a case panics, if it does.
fn panic_of(run: impl FnOnce()) -> Option<String> {
    catch_unwind(AssertUnwindSafe(run)).err()?;
    PANIC.with_borrow_mut(Option::take).or_else(|| Some("in another thread".to_owned()))
}

/// A shorter text that panics at the same place.
fn minimal(bytes: &[u8], place: &str, run: &dyn Fn(&[u8])) -> Vec<u8> {
    let mut text = bytes.to_vec();
    let mut size = text.len().max(1);
    while size > 0 {
        let mut start = 0;
        while start < text.len() {
            let end = (start + size).min(text.len());
            let shorter = [&text[..start], &text[end..]].concat();
            if panic_of(|| run(&shorter)).as_deref() == Some(place) {
                text = shorter;
            } else {
                start += size;
            }
        }
        size /= 2;
    }
    text
}

/// Runs cases of a seed, tells of panics, one for each place, and fails if there are any.
fn run(seed: u64, cases: usize) {
    set_hook(Box::new(|info| {
        let place = info.location().map_or_else(String::new, ToString::to_string);
        PANIC.with_borrow_mut(|last| *last = Some(place));
    }));
    let (models, tables, columns) = (Corpus::models(), Corpus::tables(), numbers());
    let mut draws = Draws(seed);
    let mut found: Vec<(String, String)> = Vec::new();
    for _ in 0..cases {
        let is_table = draws.below(4) == 0;
        let may_fit = draws.next().is_multiple_of(FITTED_ONE_IN);
        let case = if is_table { tables.mutant(&mut draws) } else { models.mutant(&mut draws) };
        let one = |bytes: &[u8]| {
            if is_table { run_table(bytes) } else { run_model(bytes, &columns, may_fit) }
        };
        let begun = Instant::now();
        let place = panic_of(|| one(&case));
        if begun.elapsed() > SLOW {
            println!("{:.1?}: {:?}", begun.elapsed(), String::from_utf8_lossy(&case));
        }
        if let Some(place) = place.filter(|place| found.iter().all(|(known, _)| known != place)) {
            let least = minimal(&case, &place, &one);
            println!("{place}: {:?}", String::from_utf8_lossy(&least));
            found.push((place, String::from_utf8_lossy(&least).into_owned()));
        }
    }
    println!("{cases} cases of seed {seed}, {} places of panics", found.len());
    assert!(found.is_empty(), "{found:#?}");
}

fn number(variable: &str, default: u64) -> u64 {
    let asked = std::env::var(variable).ok();
    asked.map_or(default, |text| text.parse().expect("it is a whole number"))
}

#[test]
fn a_few_thousand_cases() {
    run(1, 3000);
}

#[test]
#[ignore = "takes hours; the head of this file says how to run it"]
fn many_cases() {
    let cases = usize::try_from(number("SCOREMATCH_FUZZ_CASES", 1_000_000)).expect("a count");
    run(number("SCOREMATCH_FUZZ_SEED", 0), cases);
}
