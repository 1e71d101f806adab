//! Exact rationals, and the floating-point numbers that absorb them.
