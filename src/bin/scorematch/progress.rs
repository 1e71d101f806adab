//! How far a fit has come: one line on a terminal, for work that takes longer than a second.

use std::cell::Cell;
use std::io::{IsTerminal, Write, stderr};
use std::rc::Rc;
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

/// A line that is overwritten, and erased at the end.
#[derive(Debug, Default)]
pub struct Meter {
    shown: Rc<Cell<bool>>,
}

impl Meter {
    /// What the fit is to call; nothing where nobody looks.
    pub fn callback(&self, target: &TargetArgs) -> Option<Rc<dyn Fn(Progress)>> {
        if target.quiet || !stderr().is_terminal() {
            return None;
        }
        let shown = Rc::clone(&self.shown);
        let next = Cell::new(Instant::now() + PATIENCE);
        Some(Rc::new(move |progress| {
            if Instant::now() >= next.get() {
                next.set(Instant::now() + INTERVAL);
                shown.set(true);
                overwrite(&line(progress));
            }
        }))
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        if self.shown.get() {
            overwrite("");
        }
    }
}

fn overwrite(line: &str) {
    let mut stderr = stderr().lock();
    let _ = write!(stderr, "{ERASE}{line}").and_then(|()| stderr.flush());
}

fn line(Progress { start, planned, iteration, objective }: Progress) -> String {
    let objective = trimmed(objective, 6);
    format!("start {start} of {planned}, iteration {iteration}, scaled objective {objective}")
}
