//! Ctrl-C: the first one asks the fit to stop at its best point, the second one ends the program.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The exit status of an interrupted program.
const INTERRUPTED: i32 = 130;

/// A flag that the first interrupt raises.
pub fn flag() -> Arc<AtomicBool> {
    let raised = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&raised);
    // Without a handler the first Ctrl-C ends the program, which is what happens elsewhere too.
    let _ = ctrlc::set_handler(move || {
        if flag.swap(true, Ordering::Relaxed) {
            std::process::exit(INTERRUPTED);
        }
    });
    raised
}
