//! Interrupts: a command that gets Ctrl-C or a request to terminate answers
//! within a fifth of a second.
//!
//! A command runs on its own thread. The first interrupt raises a flag, which reading and fitting
//! poll; a fit then has a grace period to answer with its best point. A command that does not poll
//! the flag, does not answer in time, or is interrupted twice is abandoned: the program ends, or a
//! session continues without it.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::args::TargetArgs;
use crate::progress::Line;

/// The exit status of an interrupted program.
pub const INTERRUPTED: u8 = 130;
/// The grace period of an interrupted command. Builds without optimisation need more time.
const GRACE: Duration = Duration::from_millis(if cfg!(debug_assertions) { 600 } else { 100 });
/// Interval between two checks for interrupts and for progress to draw.
const TICK: Duration = Duration::from_millis(10);
/// Stack of the command's thread in bytes, as large as that of a main thread usually is.
const STACK: usize = 8 << 20;
/// Interrupts that end the program in any state; two end a command.
const ENOUGH: usize = 3;

/// The state that a command shares with the thread that waits for it.
#[derive(Clone, Debug, Default)]
pub struct Watch(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    raised: Arc<AtomicBool>,
    interrupts: AtomicUsize,
    /// Whether the command is in code that polls the flag and answers an interrupt
    /// with a result or a message.
    polled: AtomicBool,
    /// Whether the command was abandoned, so that no thread waits for it.
    abandoned: AtomicBool,
    line: Line,
}

impl Watch {
    /// Whether there has been an interrupt.
    pub fn raised(&self) -> bool {
        self.0.raised.load(Ordering::Relaxed)
    }

    /// The flag for a fit to poll.
    pub fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0.raised)
    }

    /// The line that shows the progress of the command.
    pub fn line(&self) -> &Line {
        &self.0.line
    }

    /// Shows no progress if the command is to be quiet.
    pub fn hide_if_quiet(&self, target: &TargetArgs) {
        if target.quiet {
            self.0.line.close();
        }
    }

    /// Runs work that polls the flag; an interrupt during it waits for an answer.
    pub fn while_polling<T>(&self, work: impl FnOnce() -> T) -> T {
        self.0.polled.store(true, Ordering::Relaxed);
        let answer = work();
        // After an interrupt the answer still has to reach the user.
        if !self.raised() {
            self.0.polled.store(false, Ordering::Relaxed);
        }
        answer
    }

    /// Ends the thread of an abandoned command, whose result would be lost.
    pub fn end_if_abandoned(&self) {
        if self.0.abandoned.load(Ordering::Relaxed) {
            resume_unwind(Box::new(()));
        }
    }

    fn raise(&self) {
        self.0.raised.store(true, Ordering::Relaxed);
        if self.0.interrupts.fetch_add(1, Ordering::Relaxed) + 1 >= ENOUGH {
            std::process::exit(i32::from(INTERRUPTED));
        }
    }

    /// Whether waiting for the command is over; `asked` is the time when the
    /// first interrupt was seen.
    fn is_over(&self, asked: Instant) -> bool {
        let polled = self.0.polled.load(Ordering::Relaxed);
        let twice = self.0.interrupts.load(Ordering::Relaxed) > 1;
        !polled || twice || asked.elapsed() >= GRACE
    }
}

/// Runs a command on a thread of its own, and shows its progress. `None` where an interrupt ended
/// it before it answered.
pub fn attended<T: Send + 'static>(
    command: impl FnOnce(&Watch) -> T + Send + 'static,
) -> Option<T> {
    let watch = Watch::default();
    let attention = Attention::to(&watch);
    let (tell, told) = channel();
    let inside = watch.clone();
    // If the command was abandoned, the channel has no receiver and its answer is dropped.
    let work = move || drop(tell.send(command(&inside)));
    let worker = thread::Builder::new().stack_size(STACK).spawn(work);
    let worker = worker.expect("a thread can be started");
    let mut asked = None;
    let answer = loop {
        match told.recv_timeout(TICK) {
            Ok(answer) => break Some(answer),
            Err(RecvTimeoutError::Disconnected) => {
                watch.line().close();
                resume_unwind(worker.join().expect_err("only a panic leaves no answer"));
            }
            Err(RecvTimeoutError::Timeout) => watch.line().draw(),
        }
        if watch.raised() && watch.is_over(*asked.get_or_insert_with(Instant::now)) {
            break None;
        }
    };
    watch.0.abandoned.store(answer.is_none(), Ordering::Relaxed);
    watch.line().close();
    drop(attention);
    answer
}

/// While this value lives, an interrupt raises the flag of a command;
/// otherwise it ends the program.
struct Attention;

/// The watch of the running command; the handler of a process can be set only once.
static ATTENDED: OnceLock<Mutex<Option<Watch>>> = OnceLock::new();

impl Attention {
    fn to(watch: &Watch) -> Self {
        *attended_to() = Some(watch.clone());
        Self
    }
}

impl Drop for Attention {
    fn drop(&mut self) {
        *attended_to() = None;
    }
}

fn attended_to() -> MutexGuard<'static, Option<Watch>> {
    ATTENDED.get_or_init(handled).lock().unwrap_or_else(PoisonError::into_inner)
}

/// Writes to the terminal where the line of progress may be. A lock that is taken is not waited
/// for: a panic may have left it so.
pub fn beside_line(write: impl FnOnce()) {
    let watch = ATTENDED.get().and_then(|attended| attended.try_lock().ok()?.clone());
    match watch {
        Some(watch) => watch.line().beside(write),
        None => write(),
    }
}

/// Removes the line of progress for good, before the result is written.
pub fn close_line() {
    if let Some(watch) = attended_to().as_ref() {
        watch.line().close();
    }
}

/// Sets the handler of interrupts. If that fails, the first Ctrl-C ends the
/// program, as it does by default.
fn handled() -> Mutex<Option<Watch>> {
    let _ = ctrlc::set_handler(|| match attended_to().as_ref() {
        Some(watch) => watch.raise(),
        None => std::process::exit(i32::from(INTERRUPTED)),
    });
    Mutex::new(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_answers_or_is_abandoned() {
        assert_eq!(attended(|_| 7), Some(7));
        let abandoned = attended(|watch| {
            watch.raise();
            thread::sleep(Duration::from_secs(60));
        });
        assert_eq!(abandoned, None);
    }

    #[test]
    fn work_that_polls_the_flag_has_time_to_answer() {
        let answer = attended(|watch| {
            watch.while_polling(|| {
                watch.raise();
                thread::sleep(3 * TICK);
                "the best point"
            })
        });
        assert_eq!(answer, Some("the best point"));
        let late = attended(|watch| {
            watch.while_polling(|| {
                watch.raise();
                thread::sleep(Duration::from_secs(60));
            })
        });
        assert_eq!(late, None);
    }
}
