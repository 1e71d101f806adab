//! How far a command has come: one line on a terminal, for work that takes longer than a second.

use std::io::{self, IsTerminal, Read, Write, stderr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use scorematch::fit::{Progress, Replicates, Stage};
use scorematch::report::trimmed;

use crate::interrupt::Watch;

/// Before this nobody wonders.
const PATIENCE: Duration = Duration::from_secs(1);
/// Between two updates.
const INTERVAL: Duration = Duration::from_millis(100);
/// Shown where a command says no more.
const AT_WORK: &str = "at work";
/// Back to the first column, and nothing to the right of it.
const ERASE: &str = "\r\x1b[K";

/// A line that is overwritten now and then. The command says what it is at; whoever waits for the
/// command draws, so that the line moves while a long step says nothing.
#[derive(Debug)]
pub struct Line(Mutex<Shown>);

#[derive(Debug)]
struct Shown {
    /// Somebody looks at standard error and wants to see it.
    wanted: bool,
    text: String,
    begun: Instant,
    /// When the next update is due.
    next: Instant,
    /// There is something to erase.
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
    /// What the command is at.
    pub fn tell(&self, text: impl FnOnce() -> String) {
        let mut line = self.lock();
        if line.wanted {
            line.text = text();
        }
    }

    /// Erases what is drawn, and writes something else there.
    pub fn beside(&self, write: impl FnOnce()) {
        let mut line = self.0.try_lock();
        line.iter_mut().for_each(|line| line.erase());
        write();
    }

    /// Erases what is drawn; nothing is drawn any more.
    pub fn close(&self) {
        let mut line = self.lock();
        line.wanted = false;
        line.erase();
    }

    /// Draws if it is time.
    pub fn draw(&self) {
        let mut line = self.lock();
        if line.wanted && Instant::now() >= line.next {
            line.next = Instant::now() + INTERVAL;
            line.drawn = true;
            overwrite(&format!("{}, {} s", line.text, line.begun.elapsed().as_secs()));
        }
    }

    /// A line that a panic left behind is still a line.
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

/// A reader that tells how much it has read, and reads no more after an interrupt. It counts what
/// comes from the disk, so the share of a compressed file is right as well.
#[derive(Debug)]
pub struct Metered<R> {
    reader: R,
    read: u64,
    /// How much there is, if that is known.
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

/// How far a search has come.
pub fn of_fit(Progress { start, planned, iteration, objective }: Progress) -> String {
    let objective = trimmed(objective, 6);
    format!("start {start} of {planned}, iteration {iteration}, scaled objective {objective}")
}

/// How many samples of a bootstrap are fitted.
pub fn of_bootstrap(replicates: Replicates) -> String {
    format!("bootstrap, {} of {} samples", replicates.done, replicates.planned)
}

/// How many of so many steps of drawing are done.
pub fn of_drawing(done: usize, of: usize) -> String {
    format!("drawing: {} %", 100 * done / of.max(1))
}

/// Which stage a fit is at, of how many.
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
    fn reading_is_counted_and_not_changed() {
        let mut metered = Metered::new(&b"x\n1\n2\n"[..], Some(6), &Watch::default());
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
    fn a_stage_is_one_of_all() {
        assert_eq!(of_stage(Stage::Preparing), "prepare, stage 1 of 9");
        assert_eq!(of_stage(Stage::Errors), "errors, stage 7 of 9");
    }

    #[test]
    fn nothing_is_shown_before_anybody_wonders() {
        let line = Line::default();
        line.lock().wanted = true;
        line.tell(|| "at work".to_owned());
        line.draw();
        assert!(!line.lock().drawn);
    }

    #[test]
    fn nothing_is_told_where_nobody_looks() {
        let line = Line::default();
        line.close();
        line.tell(|| unreachable!("nobody looks"));
    }
}
