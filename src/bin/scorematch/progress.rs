//! How far reading or a fit has come: one line on a terminal, for work that takes longer than
//! a second.

use std::io::{self, IsTerminal, Read, Write, stderr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use scorematch::fit::Progress;
use scorematch::report::trimmed;

use crate::args::TargetArgs;

/// Before this nobody wonders.
const PATIENCE: Duration = Duration::from_secs(1);
/// Between two updates.
const INTERVAL: Duration = Duration::from_millis(100);
/// Back to the first column, and nothing to the right of it.
const ERASE: &str = "\r\x1b[K";

/// A line that is overwritten now and then.
#[derive(Debug)]
struct Line(Mutex<Shown>);

#[derive(Debug)]
struct Shown {
    /// When the next update is due.
    next: Instant,
    /// There is something to erase.
    shown: bool,
}

impl Line {
    fn new() -> Self {
        Self(Mutex::new(Shown { next: Instant::now() + PATIENCE, shown: false }))
    }

    /// Shows the text if it is time for one.
    fn update(&self, text: impl FnOnce() -> String) {
        let mut line = self.lock();
        if Instant::now() >= line.next {
            *line = Shown { next: Instant::now() + INTERVAL, shown: true };
            overwrite(&text());
        }
    }

    /// A line that a panic left behind is still a line.
    fn lock(&self) -> MutexGuard<'_, Shown> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn erase(&self) {
        if std::mem::take(&mut self.lock().shown) {
            overwrite("");
        }
    }
}

/// Somebody looks at standard error.
fn watched(target: &TargetArgs) -> bool {
    !target.quiet && stderr().is_terminal()
}

/// Shows how far a fit has come, until it is dropped.
#[derive(Debug)]
pub struct Meter {
    line: Arc<Line>,
}

impl Default for Meter {
    fn default() -> Self {
        Self { line: Arc::new(Line::new()) }
    }
}

impl Meter {
    /// What the fit is to call; nothing where nobody looks.
    pub fn callback(&self, target: &TargetArgs) -> Option<impl Fn(Progress) + Send + Sync + use<>> {
        let line = Arc::clone(&self.line);
        watched(target).then_some(move |progress| line.update(|| of_fit(progress)))
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        self.line.erase();
    }
}

/// A reader that shows how much it has read. It counts what comes from the disk, so the share
/// of a compressed file is right as well.
#[derive(Debug)]
pub struct Metered<R> {
    reader: R,
    read: u64,
    /// How much there is, if that is known.
    total: Option<u64>,
    line: Option<Line>,
    /// Once raised, nothing more is read.
    stop: Option<Arc<AtomicBool>>,
}

impl<R> Metered<R> {
    pub fn new(
        reader: R,
        total: Option<u64>,
        target: &TargetArgs,
        stop: Option<Arc<AtomicBool>>,
    ) -> Self {
        Self { reader, read: 0, total, line: watched(target).then(Line::new), stop }
    }
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.stop.as_ref().is_some_and(|stop| stop.load(Ordering::Relaxed)) {
            return Err(io::Error::other("interrupted"));
        }
        let count = self.reader.read(buffer)?;
        self.read += count as u64;
        if let Some(line) = &self.line {
            line.update(|| of_reading(self.read, self.total));
        }
        Ok(count)
    }
}

impl<R> Drop for Metered<R> {
    fn drop(&mut self) {
        if let Some(line) = &self.line {
            line.erase();
        }
    }
}

fn overwrite(line: &str) {
    let mut stderr = stderr().lock();
    let _ = write!(stderr, "{ERASE}{line}").and_then(|()| stderr.flush());
}

fn of_fit(Progress { start, planned, iteration, objective }: Progress) -> String {
    let objective = trimmed(objective, 6);
    format!("start {start} of {planned}, iteration {iteration}, scaled objective {objective}")
}

fn of_reading(read: u64, total: Option<u64>) -> String {
    let megabytes = |bytes: u64| bytes / 1_000_000;
    match total {
        Some(total) => {
            let percent = 100 * read / total.max(1);
            format!("{} of {} MB read, {percent} %", megabytes(read), megabytes(total))
        }
        None => format!("{} MB read", megabytes(read)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_is_counted_and_not_changed() {
        let target = TargetArgs { file: None, quiet: true };
        let mut metered = Metered::new(&b"x\n1\n2\n"[..], Some(6), &target, None);
        let mut text = String::new();
        metered.read_to_string(&mut text).expect("memory does not fail");
        assert_eq!((text.as_str(), metered.read), ("x\n1\n2\n", 6));
    }

    #[test]
    fn a_share_is_shown_where_the_whole_is_known() {
        assert_eq!(of_reading(12_345_678, Some(99_999_999)), "12 of 99 MB read, 12 %");
        assert_eq!(of_reading(12_345_678, None), "12 MB read");
    }

    #[test]
    fn nothing_is_shown_before_anybody_wonders() {
        let line = Line::new();
        line.update(|| unreachable!("a second has not passed"));
        assert!(!line.lock().shown);
    }
}
