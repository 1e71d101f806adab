//! Ctrl-C: the first one asks a fit to stop at its best point, or a session to stop reading; the
//! second one ends the program.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

/// The exit status of an interrupted program.
const INTERRUPTED: i32 = 130;

/// What the handler and those who look at the flag share; the handler of a process can be set only once.
#[derive(Debug, Default)]
struct Shared {
    /// A fit or a reader is at work that will look at the flag.
    watched: AtomicBool,
    raised: Arc<AtomicBool>,
}

static SHARED: OnceLock<Arc<Shared>> = OnceLock::new();

/// While this lives, the first interrupt raises the flag; else it ends the program.
#[derive(Debug)]
pub struct Watch(Arc<Shared>);

impl Watch {
    /// Begins to watch, with the flag down.
    pub fn new() -> Self {
        let shared = Arc::clone(SHARED.get_or_init(handled));
        shared.raised.store(false, Ordering::Relaxed);
        shared.watched.store(true, Ordering::Relaxed);
        Self(shared)
    }

    /// There has been an interrupt.
    pub fn raised(&self) -> bool {
        self.0.raised.load(Ordering::Relaxed)
    }

    /// What a fit is to look at.
    pub fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0.raised)
    }
}

/// From now on an interrupt ends the program with its status.
pub fn prepare() {
    SHARED.get_or_init(handled);
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.watched.store(false, Ordering::Relaxed);
    }
}

fn handled() -> Arc<Shared> {
    let shared = Arc::new(Shared::default());
    let seen = Arc::clone(&shared);
    // Without a handler the first Ctrl-C ends the program, which is what happens elsewhere too.
    let _ = ctrlc::set_handler(move || {
        let watched = seen.watched.load(Ordering::Relaxed);
        if seen.raised.swap(true, Ordering::Relaxed) || !watched {
            std::process::exit(INTERRUPTED);
        }
    });
    shared
}
