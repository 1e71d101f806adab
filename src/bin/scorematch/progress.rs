//! The progress of a command: one line on a terminal, for commands that take longer than a second.

use std::io::{self, IsTerminal, Read, Write, stderr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use scorematch::fit::{Progress, Replicates, Stage};
use scorematch::report::trimmed;

use crate::interrupt::Watch;

/// Time before the line is shown first.
const PATIENCE: Duration = Duration::from_secs(1);
/// Time between two updates.
const INTERVAL: Duration = Duration::from_millis(100);
/// Shown while the command reports nothing specific.
const AT_WORK: &str = "at work";
/// Moves to the first column, and erases the line.
const ERASE: &str = "\r\x1b[K";

/// A line of progress that is overwritten. The command sets its text; the thread that waits for the
/// command draws it, so that the seconds count during long steps too.
#[derive(Debug)]
pub struct Line(Mutex<Shown>);

#[derive(Debug)]
struct Shown {
    /// Whether standard error is a terminal and progress is to be shown.
    wanted: bool,
    text: String,
    begun: Instant,
    /// The time of the next update.
    next: Instant,
    /// Whether there is text to erase.
    drawn: bool,
}

impl Default for Line {
    fn default() -> Self {
        let now = Instant::now();
        let (wanted, text) = (stderr().is_terminal(), AT_WORK.to_owned());
        Self(Mutex::new(Shown { wanted, text, begun: now, next: now + PATIENCE, drawn: false }))
    }
}

impl Line {
    /// Sets the text, if the line is shown.
    pub fn tell(&self, text: impl FnOnce() -> String) {
        let mut line = self.lock();
        if line.wanted {
            line.text = text();
        }
    }

    /// Erases the line, and writes something else in its place.
    pub fn beside(&self, write: impl FnOnce()) {
        let mut line = self.0.try_lock();
        line.iter_mut().for_each(|line| line.erase());
        write();
    }

    /// Erases the line for good.
    pub fn close(&self) {
        let mut line = self.lock();
        line.wanted = false;
        line.erase();
    }

    /// Draws the line if an update is due.
    pub fn draw(&self) {
        let mut line = self.lock();
        if line.wanted && Instant::now() >= line.next {
            line.next = Instant::now() + INTERVAL;
            line.drawn = true;
            overwrite(&format!("{}, {} s", line.text, line.begun.elapsed().as_secs()));
        }
    }

    /// A poisoned lock is taken all the same: a panic leaves the line valid.
    fn lock(&self) -> MutexGuard<'_, Shown> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shown {
    fn erase(&mut self) {
        if std::mem::take(&mut self.drawn) {
            overwrite("");
        }
    }
}

/// A reader that shows how many bytes were read, and that fails after an interrupt. It counts bytes
/// of the file, so that the share is right for compressed files too.
#[derive(Debug)]
pub struct Metered<R> {
    reader: R,
    read: u64,
    /// Length of the file in bytes, if known.
    total: Option<u64>,
    watch: Watch,
}

impl<R> Metered<R> {
    pub fn new(reader: R, total: Option<u64>, watch: &Watch) -> Self {
        Self { reader, read: 0, total, watch: watch.clone() }
    }
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.watch.raised() {
            return Err(io::Error::other("interrupted"));
        }
        let count = self.reader.read(buffer)?;
        self.read += count as u64;
        self.watch.line().tell(|| of_reading(self.read, self.total));
        Ok(count)
    }
}

impl<R> Drop for Metered<R> {
    fn drop(&mut self) {
        self.watch.line().tell(|| AT_WORK.to_owned());
    }
}

fn overwrite(line: &str) {
    let mut stderr = stderr().lock();
    let _ = write!(stderr, "{ERASE}{line}").and_then(|()| stderr.flush());
}

/// The progress of a search.
pub fn of_fit(Progress { start, planned, iteration, objective }: Progress) -> String {
    let objective = trimmed(objective, 6);
    format!("start {start} of {planned}, iteration {iteration}, scaled objective {objective}")
}

/// The progress of a bootstrap.
pub fn of_bootstrap(replicates: Replicates) -> String {
    format!("bootstrap, {} of {} samples", replicates.done, replicates.planned)
}

/// The progress of drawing, in per cent.
pub fn of_drawing(done: usize, of: usize) -> String {
    format!("drawing: {} %", 100 * done / of.max(1))
}

/// The name of a fit's stage, and its number among all stages.
pub fn of_stage(stage: Stage) -> String {
    let place = Stage::ALL.iter().position(|&other| other == stage).map_or(0, |place| place + 1);
    format!("{}, stage {place} of {}", stage.name(), Stage::ALL.len())
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
    fn reading_is_counted_and_unchanged() {
        let mut metered = Metered::new(&b"x\n1\n2\n"[..], Some(6), &Watch::default());
        let mut text = String::new();
        metered.read_to_string(&mut text).expect("memory does not fail");
        assert_eq!((text.as_str(), metered.read), ("x\n1\n2\n", 6));
    }

    #[test]
    fn a_share_is_shown_where_the_length_is_known() {
        assert_eq!(of_reading(12_345_678, Some(99_999_999)), "12 of 99 MB read, 12 %");
        assert_eq!(of_reading(12_345_678, None), "12 MB read");
    }

    #[test]
    fn a_stage_is_shown_with_its_number() {
        assert_eq!(of_stage(Stage::Preparing), "prepare, stage 1 of 9");
        assert_eq!(of_stage(Stage::Errors), "errors, stage 7 of 9");
    }

    #[test]
    fn nothing_is_shown_before_patience_ends() {
        let line = Line::default();
        line.lock().wanted = true;
        line.tell(|| "at work".to_owned());
        line.draw();
        assert!(!line.lock().drawn);
    }

    #[test]
    fn a_closed_line_takes_no_text() {
        let line = Line::default();
        line.close();
        line.tell(|| unreachable!("the line is closed"));
    }
}
