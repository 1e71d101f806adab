//! Mutated models and tables through all stages: no text causes a panic.
//!
//! A small run is an ordinary test. The long one, with overflow checks:
//!
//!     CARGO_PROFILE_RELEASE_OVERFLOW_CHECKS=true SCOREMATCH_FUZZ_CASES=1000000 \
//!         cargo test --release --test fuzz -- --ignored --nocapture
//!
//! `SCOREMATCH_FUZZ_SEED` selects other cases (default 0); the cases of a seed do not depend on
//! threads. Every half minute a line reports the progress. To look for slow fits,
//! `SCOREMATCH_FUZZ_FIT_MS` fits every model that can be fitted, each for at most this number of
//! milliseconds (by default one model in sixteen, for 20 ms).

#[path = "fuzz/corpus.rs"]
mod corpus;
#[path = "fuzz/watch.rs"]
mod watch;

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use scorematch::analysis::ColumnsSummary;
use scorematch::analysis::Derivation;
use scorematch::data::{Columns, CsvOptions, Header, Missing, Selection};
use scorematch::fit::{Options as Fitting, fit};
use scorematch::model::{Model, Options};
use scorematch::source::{Diagnostic, Palette, Source, render};
use scorematch::syntax;

use corpus::{Corpus, Draws};
use watch::Watch;

/// Most nodes of a model.
const NODES_MAX: usize = 3000;
/// Models with larger derivations are not fitted.
const FITTED_MAX: usize = 2000;
/// Of models that can be fitted, one in this number is, unless a time is given.
const FITTED_ONE_IN: u64 = 16;
/// Time after which a fit is interrupted, in milliseconds.
const FIT_TIME: u64 = 20;
/// Cases that take longer are reported, but do not fail.
const SLOW: Duration = Duration::from_secs(2);

thread_local! {
    static PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// A column of numbers for every name that models of the corpus use.
fn numbers() -> Columns {
    let mut text = "x,y,z,u,v,t,waiting,x1,x2,x3\n".to_owned();
    for i in 0..12 {
        let row: Vec<String> =
            (0..10).map(|k| format!("{}", ((i * 7 + k * 5) % 12) as f64 / 4.0 - 1.0)).collect();
        text += &(row.join(",") + "\n");
    }
    Columns::from_csv(text.as_bytes()).expect("a table")
}

/// Runs a model alone and with columns, derives and prints it, and fits it if there is
/// an alarm to end the fit.
fn run_model(bytes: &[u8], columns: &Columns, alarm: Option<&dyn Fn() -> Arc<AtomicBool>>) {
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
                && let Some(alarm) = alarm
                && model.graph().len() <= FITTED_MAX
            {
                fitted(&model, &selection, alarm());
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
        let _ = (derivation.text(), derivation.latex(), derivation.mathml(), derivation.json());
    }
}

fn fitted(model: &Model, selection: &Selection, alarm: Arc<AtomicBool>) {
    let _ = fit(model, selection, &Fitting::default().starts(2).interrupt(alarm));
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

/// The place where a case panics, if it does.
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

/// The cases of a run, and the panics that it found.
struct Run {
    seed: u64,
    cases: u64,
    fitted_one_in: u64,
    fit_time: Duration,
    models: Corpus,
    tables: Corpus,
    columns: Columns,
    watch: Watch,
    next: AtomicU64,
    found: Mutex<Vec<(String, String)>>,
}

impl Run {
    /// Runs one case after another until all are done.
    fn work(&self, worker: usize) {
        loop {
            let index = self.next.fetch_add(1, Ordering::Relaxed);
            if index >= self.cases {
                return;
            }
            self.case(worker, index);
        }
    }

    fn case(&self, worker: usize, index: u64) {
        let mut draws = Draws::of(self.seed, index);
        let is_table = draws.below(4) == 0;
        let may_fit = draws.next().is_multiple_of(self.fitted_one_in);
        let corpus = if is_table { &self.tables } else { &self.models };
        let case = corpus.mutant(&mut draws);
        let alarm = || self.watch.alarm(worker, self.fit_time);
        let alarm: &dyn Fn() -> Arc<AtomicBool> = &alarm;
        let one = |bytes: &[u8]| {
            if is_table {
                run_table(bytes);
            } else {
                run_model(bytes, &self.columns, may_fit.then_some(alarm));
            }
        };
        self.watch.begin(worker, &case);
        let place = panic_of(|| one(&case));
        if let Some(place) = place {
            self.take(&case, place, &one);
        }
        let took = self.watch.end(worker);
        if took > SLOW {
            println!("{took:.1?}: {:?}", String::from_utf8_lossy(&case));
        }
    }

    /// Reports a panic, once for each place.
    fn take(&self, case: &[u8], place: String, one: &dyn Fn(&[u8])) {
        let found = || self.found.lock().expect("no thread panics while it holds the lock");
        if found().iter().any(|(known, _)| *known == place) {
            return;
        }
        let least = String::from_utf8_lossy(&minimal(case, &place, one)).into_owned();
        println!("{place}: {least:?}");
        found().push((place, least));
    }
}

/// Runs the cases of a seed on all processors, reports one panic for each place,
/// and fails if there is any.
fn run(seed: u64, cases: u64) {
    set_hook(Box::new(|info| {
        let place = info.location().map_or_else(String::new, ToString::to_string);
        PANIC.with_borrow_mut(|last| *last = Some(place));
    }));
    let fit_time = number("SCOREMATCH_FUZZ_FIT_MS", FIT_TIME);
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let run = Run {
        seed,
        cases,
        fitted_one_in: if fit_time == FIT_TIME { FITTED_ONE_IN } else { 1 },
        fit_time: Duration::from_millis(fit_time),
        models: Corpus::models(),
        tables: Corpus::tables(),
        columns: numbers(),
        watch: Watch::new(workers),
        next: AtomicU64::new(0),
        found: Mutex::default(),
    };
    std::thread::scope(|scope| {
        scope.spawn(|| run.watch.keep());
        let run = &run;
        let work: Vec<_> = (0..workers).map(|k| scope.spawn(move || run.work(k))).collect();
        let ended: Vec<_> = work.into_iter().map(|worker| worker.join()).collect();
        run.watch.stop();
        assert!(ended.iter().all(Result::is_ok), "a worker of the harness ended early");
    });
    let found = run.found.into_inner().expect("no thread panics while it holds the lock");
    println!("{cases} cases of seed {seed}, {} places of panics", found.len());
    assert!(found.is_empty(), "{found:#?}");
}

fn number(variable: &str, default: u64) -> u64 {
    let asked = std::env::var(variable).ok();
    asked.map_or(default, |text| text.parse().expect("a whole number"))
}

#[test]
fn a_few_thousand_cases() {
    run(1, 3000);
}

#[test]
#[ignore = "takes hours; the head of this file says how to run it"]
fn many_cases() {
    run(number("SCOREMATCH_FUZZ_SEED", 0), number("SCOREMATCH_FUZZ_CASES", 1_000_000));
}
