//! Ctrl-C, or a request of the system to end: whoever asked is answered within a fifth of a second.
//!
//! A command works on a thread of its own. The first interrupt raises a flag, at which reading and
//! fitting look; a fit then has a grace of a tenth of a second to answer with its best point. Work
//! that does not look at the flag, does not answer in time, or is interrupted twice is left alone:
//! the program ends, or a session goes on without it.

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
/// How long an interrupted command may take to answer. Without optimisation all takes longer.
const GRACE: Duration = Duration::from_millis(if cfg!(debug_assertions) { 600 } else { 100 });
/// How often it is looked whether there was an interrupt, and whether progress is to be drawn.
const TICK: Duration = Duration::from_millis(10);
/// As much as the first thread of a program has, in bytes.
const STACK: usize = 8 << 20;
/// So many interrupts end the program whatever it does; two end a command.
const ENOUGH: usize = 3;

/// What a command and those who wait for it share.
#[derive(Clone, Debug, Default)]
pub struct Watch(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    raised: Arc<AtomicBool>,
    interrupts: AtomicUsize,
    /// The command is where it looks at the flag, and will have something to say.
    heeded: AtomicBool,
    /// Nobody waits any more.
    alone: AtomicBool,
    line: Line,
}

impl Watch {
    /// There has been an interrupt.
    pub fn raised(&self) -> bool {
        self.0.raised.load(Ordering::Relaxed)
    }

    /// What a fit is to look at.
    pub fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0.raised)
    }

    /// Where the command shows how far it has come.
    pub fn line(&self) -> &Line {
        &self.0.line
    }

    /// A command that is to be quiet shows nothing.
    pub fn heed(&self, target: &TargetArgs) {
        if target.quiet {
            self.0.line.close();
        }
    }

    /// While the work goes on, the flag is looked at, and an interrupt waits for an answer.
    pub fn heeding<T>(&self, work: impl FnOnce() -> T) -> T {
        self.0.heeded.store(true, Ordering::Relaxed);
        let answer = work();
        // Once raised, the answer is still on its way to the user.
        if !self.raised() {
            self.0.heeded.store(false, Ordering::Relaxed);
        }
        answer
    }

    /// Ends the thread of a command that was left alone, so that it does no more for nobody.
    pub fn go_on(&self) {
        if self.0.alone.load(Ordering::Relaxed) {
            resume_unwind(Box::new(()));
        }
    }

    fn raise(&self) {
        self.0.raised.store(true, Ordering::Relaxed);
        if self.0.interrupts.fetch_add(1, Ordering::Relaxed) + 1 >= ENOUGH {
            std::process::exit(i32::from(INTERRUPTED));
        }
    }

    /// There is nothing to be waited for any more; `asked` is when the first interrupt was seen.
    fn is_over(&self, asked: Instant) -> bool {
        let heeded = self.0.heeded.load(Ordering::Relaxed);
        let twice = self.0.interrupts.load(Ordering::Relaxed) > 1;
        !heeded || twice || asked.elapsed() >= GRACE
    }
}

/// Runs a command, and shows how far it has come; `None` where an interrupt ended it before it
/// answered.
pub fn attended<T: Send + 'static>(
    command: impl FnOnce(&Watch) -> T + Send + 'static,
) -> Option<T> {
    let watch = Watch::default();
    let attention = Attention::to(&watch);
    let (tell, told) = channel();
    let inside = watch.clone();
    // Whoever left the command alone does not listen.
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
    watch.0.alone.store(answer.is_none(), Ordering::Relaxed);
    watch.line().close();
    drop(attention);
    answer
}

/// While this lives, an interrupt raises the flag of a command; else it ends the program.
struct Attention;

/// The command under way; the handler of a process can be set only once.
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

/// Writes something else where the line of progress may stand. What is locked is left alone: a panic
/// may have left it so.
pub fn beside_line(write: impl FnOnce()) {
    let watch = ATTENDED.get().and_then(|attended| attended.try_lock().ok()?.clone());
    match watch {
        Some(watch) => watch.line().beside(write),
        None => write(),
    }
}

/// No progress is shown from now on: the result is written.
pub fn close_line() {
    if let Some(watch) = attended_to().as_ref() {
        watch.line().close();
    }
}

/// Sets the handler. Without one the first Ctrl-C ends the program, which is what happens elsewhere
/// too.
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
    fn a_command_answers_or_is_left_alone() {
        assert_eq!(attended(|_| 7), Some(7));
        let alone = attended(|watch| {
            watch.raise();
            thread::sleep(Duration::from_secs(60));
        });
        assert_eq!(alone, None);
    }

    #[test]
    fn work_that_looks_at_the_flag_has_time_to_answer() {
        let answer = attended(|watch| {
            watch.heeding(|| {
                watch.raise();
                thread::sleep(3 * TICK);
                "the best point"
            })
        });
        assert_eq!(answer, Some("the best point"));
        let late = attended(|watch| {
            watch.heeding(|| {
                watch.raise();
                thread::sleep(Duration::from_secs(60));
            })
        });
        assert_eq!(late, None);
    }
}
