//! Loops in which each row is computed independently of the others.

use pulp::{NullaryFnOnce, Simd};

/// An operand of a kernel: a number for each row, or one for all.
#[derive(Clone, Copy, Debug)]
pub(in super::super) enum Operand<'a> {
    Rows(&'a [f64]),
    Scalar(f64),
}

/// out = f(a)
#[inline(always)]
pub(in super::super) fn map<S: Simd>(
    simd: S,
    out: &mut [f64],
    a: &[f64],
    f: impl Fn(f64) -> f64 + Copy,
) {
    simd.vectorize(Map { out, a, f });
}

struct Map<'a, F> {
    out: &'a mut [f64],
    a: &'a [f64],
    f: F,
}

impl<F: Fn(f64) -> f64> NullaryFnOnce for Map<'_, F> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let (out, a) = (self.out, self.a);
        let count = out.len().min(a.len());
        let (out, a) = (&mut out[..count], &a[..count]);
        for i in 0..count {
            out[i] = (self.f)(a[i]);
        }
    }
}

/// A function that is written for whole slices.
#[inline(always)]
pub(in super::super) fn whole<S: Simd>(
    simd: S,
    out: &mut [f64],
    a: &[f64],
    f: impl Fn(&mut [f64], &[f64]),
) {
    simd.vectorize(Whole { out, a, f });
}

struct Whole<'a, F> {
    out: &'a mut [f64],
    a: &'a [f64],
    f: F,
}

impl<F: Fn(&mut [f64], &[f64])> NullaryFnOnce for Whole<'_, F> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        (self.f)(self.out, self.a);
    }
}

/// out = f(out, a)
#[inline(always)]
pub(in super::super) fn update<S: Simd>(
    simd: S,
    out: &mut [f64],
    a: Operand<'_>,
    f: impl Fn(f64, f64) -> f64 + Copy,
) {
    simd.vectorize(Update { out, a, f });
}

struct Update<'a, F> {
    out: &'a mut [f64],
    a: Operand<'a>,
    f: F,
}

impl<F: Fn(f64, f64) -> f64> NullaryFnOnce for Update<'_, F> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        match self.a {
            Operand::Rows(a) => {
                for (out, &a) in self.out.iter_mut().zip(a) {
                    *out = (self.f)(*out, a);
                }
            }
            Operand::Scalar(a) => {
                for out in self.out {
                    *out = (self.f)(*out, a);
                }
            }
        }
    }
}

/// out = f(a, b)
#[inline(always)]
pub(in super::super) fn zip<S: Simd>(
    simd: S,
    out: &mut [f64],
    a: Operand<'_>,
    b: Operand<'_>,
    f: impl Fn(f64, f64) -> f64 + Copy,
) {
    simd.vectorize(Zip { out, a, b, f });
}

struct Zip<'a, F> {
    out: &'a mut [f64],
    a: Operand<'a>,
    b: Operand<'a>,
    f: F,
}

impl<F: Fn(f64, f64) -> f64> NullaryFnOnce for Zip<'_, F> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let f = self.f;
        match (self.a, self.b) {
            (Operand::Rows(a), Operand::Rows(b)) => {
                for ((out, &a), &b) in self.out.iter_mut().zip(a).zip(b) {
                    *out = f(a, b);
                }
            }
            (Operand::Rows(a), Operand::Scalar(b)) => {
                for (out, &a) in self.out.iter_mut().zip(a) {
                    *out = f(a, b);
                }
            }
            (Operand::Scalar(a), Operand::Rows(b)) => {
                for (out, &b) in self.out.iter_mut().zip(b) {
                    *out = f(a, b);
                }
            }
            (Operand::Scalar(a), Operand::Scalar(b)) => self.out.fill(f(a, b)),
        }
    }
}

/// out = a where c is 1, else b. The values are copied, so a NaN of the other branch has no effect.
#[inline(always)]
pub(in super::super) fn select<S: Simd>(
    simd: S,
    out: &mut [f64],
    c: Operand<'_>,
    a: Operand<'_>,
    b: Operand<'_>,
) {
    match c {
        Operand::Scalar(c) => copy(out, if c == 1.0 { a } else { b }),
        Operand::Rows(c) => {
            copy(out, b);
            simd.vectorize(Replace { out, c, a });
        }
    }
}

/// out = a where c is 1.
struct Replace<'a> {
    out: &'a mut [f64],
    c: &'a [f64],
    a: Operand<'a>,
}

impl NullaryFnOnce for Replace<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        match self.a {
            Operand::Rows(a) => {
                for ((out, &c), &a) in self.out.iter_mut().zip(self.c).zip(a) {
                    *out = if c == 1.0 { a } else { *out };
                }
            }
            Operand::Scalar(a) => {
                for (out, &c) in self.out.iter_mut().zip(self.c) {
                    *out = if c == 1.0 { a } else { *out };
                }
            }
        }
    }
}

/// The position, from zero, of an index that counts from one; `None` outside the list and for an
/// index that is not an integer.
#[inline(always)]
pub(in super::super) fn place(index: f64, length: usize) -> Option<usize> {
    let position = index as usize;
    (position as f64 == index && (1..=length).contains(&position)).then(|| position - 1)
}

/// out = the entry at the index of each row, out of `length`; NaN where there is none. `entry` takes
/// the position of an entry and the row.
#[inline(always)]
pub(in super::super) fn gather(
    out: &mut [f64],
    length: usize,
    index: Operand<'_>,
    entry: impl Fn(usize, usize) -> f64,
) {
    for (row, out) in out.iter_mut().enumerate() {
        let index = match index {
            Operand::Rows(index) => index[row],
            Operand::Scalar(index) => index,
        };
        *out = place(index, length).map_or(f64::NAN, |k| entry(k, row));
    }
}

/// out = a
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
