//! The vector functions against correctly rounded values, and against themselves on every
//! instruction set that this machine has.

#[path = "accuracy/judge.rs"]
mod judge;
#[path = "accuracy/table.rs"]
mod table;

use judge::{Worst, worst};
use table::TABLE;

#[test]
fn errors_stay_within_the_stated_bounds() {
    let mut failures = Vec::new();
    println!("{:<18} {:>6} {:>12} {:>12}", "function", "bound", "fused", "portable");
    for entry in TABLE {
        let fused = worst(entry.name, entry.floor, entry.fused);
        let portable = worst(entry.name, entry.floor, entry.portable);
        println!(
            "{:<18} {:>6} {:>12.3} {:>12.3}   at {:e}",
            entry.name, entry.bound, fused.ulp, portable.ulp, fused.argument
        );
        for (machine, Worst { ulp, argument }) in [("fused", fused), ("portable", portable)] {
            // Also true of NaN, which stands for a wrong kind of result.
            if !(ulp <= entry.bound) {
                failures
                    .push(format!("{} ({machine}) is off by {ulp} at {argument:e}", entry.name));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
