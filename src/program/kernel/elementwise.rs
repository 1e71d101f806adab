//! Loops over rows that do not look at their neighbours.

/// An operand of a kernel: a number for each row, or one for all.
#[derive(Clone, Copy, Debug)]
pub(in super::super) enum Operand<'a> {
    Rows(&'a [f64]),
    Scalar(f64),
}

/// out = f(a)
#[inline(always)]
pub(in super::super) fn map(out: &mut [f64], a: &[f64], f: impl Fn(f64) -> f64) {
    for (out, &a) in out.iter_mut().zip(a) {
        *out = f(a);
    }
}

/// out = f(out, a)
#[inline(always)]
pub(in super::super) fn update(out: &mut [f64], a: Operand<'_>, f: impl Fn(f64, f64) -> f64) {
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
pub(in super::super) fn zip(out: &mut [f64], a: Operand<'_>, b: Operand<'_>, f: impl Fn(f64, f64) -> f64) {
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
#[inline(always)]
pub(in super::super) fn select(out: &mut [f64], c: Operand<'_>, a: Operand<'_>, b: Operand<'_>) {
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
#[inline(always)]
pub(in super::super) fn copy(out: &mut [f64], a: Operand<'_>) {
    match a {
        Operand::Rows(a) => out.copy_from_slice(a),
        Operand::Scalar(a) => out.fill(a),
    }
}

/// The greater; NaN if either is.
#[inline(always)]
pub(in super::super) fn greater(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() { f64::NAN } else { a.max(b) }
}
