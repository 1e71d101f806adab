//! Compensated and double-double sums.
