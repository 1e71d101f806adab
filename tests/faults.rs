//! Faults that users of other packages reported, as small inputs with right values computed by
//! other means, and further inputs for each kind of fault.
//!
//! The folders in `tests/faults` have inputs made after public reports; their right values were
//! computed with numpy, scipy and mpmath at 60 to 120 digits. The data of the other cases are
//! formulas with noise from a congruential generator; their right values were computed with the
//! same tools from the same formulas. Each test names the method.

#[path = "faults/cases.rs"]
mod cases;
#[path = "faults/columns.rs"]
mod columns;
#[path = "faults/curves.rs"]
mod curves;
#[path = "faults/modes.rs"]
mod modes;
#[path = "faults/powers.rs"]
mod powers;
#[path = "faults/tails.rs"]
mod tails;
#[path = "faults/words.rs"]
mod words;
