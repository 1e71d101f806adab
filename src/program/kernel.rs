//! The inner loops: free functions over slices of one length, written so that the compiler
//! makes vector code of them. What is not elementwise stands in [`Lanes`](super::Lanes).

use super::tile::Operand;

/// out = f(a)
#[inline(always)]
pub(super) fn map(out: &mut [f64], a: &[f64], f: impl Fn(f64) -> f64) {
    for (out, &a) in out.iter_mut().zip(a) {
        *out = f(a);
    }
}

/// out = f(out, a)
#[inline(always)]
pub(super) fn update(out: &mut [f64], a: Operand<'_>, f: impl Fn(f64, f64) -> f64) {
    match a {
        Operand::Rows(a) => {
            for (out, &a) in out.iter_mut().zip(a) {
                *out = f(*out, a);
            }
        }
        Operand::Scalar(a) => out.iter_mut().for_each(|out| *out = f(*out, a)),
    }
}

/// out = f(a, b)
#[inline(always)]
pub(super) fn zip(out: &mut [f64], a: Operand<'_>, b: Operand<'_>, f: impl Fn(f64, f64) -> f64) {
    match (a, b) {
        (Operand::Rows(a), Operand::Rows(b)) => {
            for ((out, &a), &b) in out.iter_mut().zip(a).zip(b) {
                *out = f(a, b);
            }
        }
        (Operand::Rows(a), Operand::Scalar(b)) => map(out, a, |a| f(a, b)),
        (Operand::Scalar(a), Operand::Rows(b)) => map(out, b, |b| f(a, b)),
        (Operand::Scalar(a), Operand::Scalar(b)) => out.fill(f(a, b)),
    }
}

/// out = a where c is 1, else b; never arithmetic with the branch not taken.
pub(super) fn select(out: &mut [f64], c: Operand<'_>, a: Operand<'_>, b: Operand<'_>) {
    match c {
        Operand::Scalar(c) => copy(out, if c == 1.0 { a } else { b }),
        Operand::Rows(c) => {
            copy(out, b);
            match a {
                Operand::Rows(a) => {
                    for ((out, &c), &a) in out.iter_mut().zip(c).zip(a) {
                        *out = if c == 1.0 { a } else { *out };
                    }
                }
                Operand::Scalar(a) => {
                    for (out, &c) in out.iter_mut().zip(c) {
                        *out = if c == 1.0 { a } else { *out };
                    }
                }
            }
        }
    }
}

/// out = a
pub(super) fn copy(out: &mut [f64], a: Operand<'_>) {
    match a {
        Operand::Rows(a) => out.copy_from_slice(a),
        Operand::Scalar(a) => out.fill(a),
    }
}

/// Where a running sum begins: at a number, or at what stands in the output.
#[derive(Clone, Copy, Debug)]
pub(super) enum Begin {
    At(f64),
    Output,
}

/// out = begin + Σ w·a, all N terms in one pass.
#[inline(always)]
pub(super) fn scaled<const N: usize>(
    out: &mut [f64],
    begin: Begin,
    weights: [f64; N],
    rows: [&[f64]; N],
) {
    let length = out.len();
    let rows = rows.map(|row| &row[..length]);
    let terms = |mut sum: f64, i: usize| {
        for k in 0..N {
            sum += weights[k] * rows[k][i];
        }
        sum
    };
    match begin {
        Begin::At(start) => (0..length).for_each(|i| out[i] = terms(start, i)),
        Begin::Output => (0..length).for_each(|i| out[i] = terms(out[i], i)),
    }
}

/// out = begin + Σ a·b, all N terms in one pass.
#[inline(always)]
pub(super) fn products<const N: usize>(
    out: &mut [f64],
    begin: Begin,
    left: [&[f64]; N],
    right: [&[f64]; N],
) {
    let length = out.len();
    let left = left.map(|row| &row[..length]);
    let right = right.map(|row| &row[..length]);
    let terms = |mut sum: f64, i: usize| {
        for k in 0..N {
            sum += left[k][i] * right[k][i];
        }
        sum
    };
    match begin {
        Begin::At(start) => (0..length).for_each(|i| out[i] = terms(start, i)),
        Begin::Output => (0..length).for_each(|i| out[i] = terms(out[i], i)),
    }
}

/// The greater; NaN if either is.
pub(super) fn greater(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() { f64::NAN } else { a.max(b) }
}

/// m + log s; an infinite m stands for itself.
pub(super) fn log_total(m: f64, s: f64) -> f64 {
    if m.is_infinite() { m } else { m + s.ln() }
}
