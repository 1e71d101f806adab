//! The progress of a run on stderr, and the clock that interrupts its fits.

use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A line is written after this number of cases, and after this time.
const CASES: usize = 100_000;
const SILENCE: Duration = Duration::from_secs(30);
/// A case that runs longer than this is reported while it runs, since it may never end.
const HANGS: Duration = Duration::from_secs(20);
/// Interval between two looks at the workers.
const TICK: Duration = Duration::from_millis(2);

/// A running case.
struct Running {
    since: Instant,
    text: Vec<u8>,
    named: bool,
    /// A flag with the time at which it is raised.
    alarm: Option<(Instant, Arc<AtomicBool>)>,
}

/// The slowest case of a run.
#[derive(Default)]
struct Slowest {
    took: Duration,
    length: usize,
}

/// The state that the workers of a run report.
pub struct Watch {
    begun: Instant,
    done: AtomicUsize,
    over: AtomicBool,
    running: Vec<Mutex<Option<Running>>>,
    slowest: Mutex<Slowest>,
}

impl Watch {
    pub fn new(workers: usize) -> Self {
        Self {
            begun: Instant::now(),
            done: AtomicUsize::new(0),
            over: AtomicBool::new(false),
            running: (0..workers).map(|_| Mutex::new(None)).collect(),
            slowest: Mutex::default(),
        }
    }

    /// Called by a worker that begins a case.
    pub fn begin(&self, worker: usize, text: &[u8]) {
        let (since, text) = (Instant::now(), text.to_vec());
        *held(&self.running[worker]) = Some(Running { since, text, named: false, alarm: None });
    }

    /// A flag that is raised when the worker's case is still running after this time.
    pub fn alarm(&self, worker: usize, after: Duration) -> Arc<AtomicBool> {
        let flag = Arc::new(AtomicBool::new(false));
        if let Some(running) = held(&self.running[worker]).as_mut() {
            running.alarm = Some((Instant::now() + after, Arc::clone(&flag)));
        }
        flag
    }

    /// Called by a worker that ends its case; returns the duration of the case.
    pub fn end(&self, worker: usize) -> Duration {
        let Running { since, text, .. } =
            held(&self.running[worker]).take().expect("the worker has a case");
        let took = since.elapsed();
        let mut slowest = held(&self.slowest);
        if took > slowest.took {
            *slowest = Slowest { took, length: text.len() };
        }
        self.done.fetch_add(1, Ordering::Relaxed);
        took
    }

    /// Called when all workers are done.
    pub fn stop(&self) {
        self.over.store(true, Ordering::Relaxed);
    }

    /// Watches the run until it is over.
    pub fn keep(&self) {
        let (mut told, mut next) = (Instant::now(), CASES);
        while !self.over.load(Ordering::Relaxed) {
            std::thread::sleep(TICK);
            self.running.iter().for_each(look);
            if self.done.load(Ordering::Relaxed) >= next || told.elapsed() >= SILENCE {
                self.tell();
                told = Instant::now();
                next = (self.done.load(Ordering::Relaxed) / CASES + 1) * CASES;
            }
        }
        self.tell();
    }

    fn tell(&self) {
        let (done, seconds) = (self.done.load(Ordering::Relaxed), self.begun.elapsed());
        let Slowest { took, length } = *held(&self.slowest);
        say(&format!(
            "{done} cases in {:.0} s, {:.0}/s; the slowest took {took:.2?} for {length} bytes",
            seconds.as_secs_f64(),
            done as f64 / seconds.as_secs_f64(),
        ));
    }
}

/// Raises the alarm of a case that is due, and reports a case that does not end.
fn look(running: &Mutex<Option<Running>>) {
    let mut running = held(running);
    let Some(case) = running.as_mut() else { return };
    if case.alarm.as_ref().is_some_and(|(due, _)| *due <= Instant::now()) {
        case.alarm.take().iter().for_each(|(_, flag)| flag.store(true, Ordering::Relaxed));
    }
    if !case.named && case.since.elapsed() > HANGS {
        case.named = true;
        say(&format!("under way for {HANGS:.0?}: {:?}", String::from_utf8_lossy(&case.text)));
    }
}

/// Writes a line to stderr, which the test harness does not capture.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// A poisoned lock is taken all the same: a panic leaves its value valid.
fn held<T>(lock: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}
