//! The built program: its output byte by byte, and its exit status for every class of mistake.
//!
//! `SCOREMATCH_BLESS=1 cargo test --test cli` rewrites the expected outputs.

#[path = "cli/binary.rs"]
mod binary;
#[path = "cli/comparison.rs"]
mod comparison;
#[path = "cli/data.rs"]
mod data;
#[path = "cli/derive_and_check.rs"]
mod derive_and_check;
#[path = "cli/eval.rs"]
mod eval;
#[path = "cli/fit.rs"]
mod fit;
#[path = "cli/goodness.rs"]
mod goodness;
#[path = "cli/help.rs"]
mod help;
#[path = "cli/impossible.rs"]
mod impossible;
#[cfg(unix)]
#[path = "cli/interrupts.rs"]
mod interrupts;
#[path = "cli/missing.rs"]
mod missing;
#[path = "cli/path_and_timing.rs"]
mod path_and_timing;
#[path = "cli/process.rs"]
mod process;
#[path = "cli/run.rs"]
mod run;
#[path = "cli/tails.rs"]
mod tails;
#[path = "cli/unsuited.rs"]
mod unsuited;
#[path = "cli/usage.rs"]
mod usage;
#[path = "cli/warnings.rs"]
mod warnings;
