//! Every function with its stated bound.

use scorematch::numerics::vector::{self, Fused, Portable};

/// A function under test.
pub struct Entry {
    pub name: &'static str,
    pub bound: f64,
    pub fused: fn(f64) -> f64,
    pub portable: fn(f64) -> f64,
}

macro_rules! entries {
    ($($name:ident <= $bound:literal,)*) => {
        &[$(Entry {
            name: stringify!($name),
            bound: $bound,
            fused: vector::$name::<Fused>,
            portable: vector::$name::<Portable>,
        }),*]
    };
}

pub const TABLE: &[Entry] = entries! {
    exp <= 2.0,
    expm1 <= 2.0,
    log <= 2.0,
    log1p <= 2.0,
    sinh <= 2.0,
    cosh <= 2.0,
    tanh <= 2.0,
    sigmoid <= 2.0,
    softplus <= 2.0,
    log_cosh <= 2.0,
};
