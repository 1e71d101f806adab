//! The instruction set: few operations, the same in every stage and on every path.

use crate::graph::{BinaryFunction, Function, Relation};

/// What a value depends on. Constants are folded by the compiler, parameter-only values are
/// computed before the rows and those of means after them, the others for every row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Stage {
    Constant,
    Parameter,
    /// Depends on a mean over rows.
    Mean,
    Data,
    Row,
}

impl Stage {
    /// The stage of an operation with operands of both stages.
    pub(super) fn with(self, other: Self) -> Self {
        match (self, other) {
            (Self::Constant, stage) | (stage, Self::Constant) => stage,
            (Self::Parameter, Self::Parameter) => Self::Parameter,
            (Self::Mean, Self::Mean | Self::Parameter) | (Self::Parameter, Self::Mean) => {
                Self::Mean
            }
            (Self::Mean, Self::Data | Self::Row) | (Self::Data | Self::Row, Self::Mean) => {
                panic!("what holds a mean is one number, and not used on rows")
            }
            (Self::Data, Self::Data) => Self::Data,
            (Self::Row, _) | (_, Self::Row) => Self::Row,
            (Self::Parameter, Self::Data) | (Self::Data, Self::Parameter) => Self::Row,
        }
    }

    /// One value for all rows.
    pub(super) fn is_scalar(self) -> bool {
        match self {
            Self::Constant | Self::Parameter | Self::Mean => true,
            Self::Data | Self::Row => false,
        }
    }
}

/// A number as a key: equal when the bits are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Bits(u64);

impl Bits {
    pub(super) fn of(value: f64) -> Self {
        Self(value.to_bits())
    }

    pub(super) fn value(self) -> f64 {
        f64::from_bits(self.0)
    }
}

/// The additive identity of floating-point numbers: −0 + x is x for every x, also for −0, while
/// +0 + −0 is +0.
pub(super) const ADDITIVE_IDENTITY: f64 = -0.0;

/// One operation on operands `V`: values while lowering, places when it runs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Operation<V> {
    /// start + Σ w·a + Σ a·b; `start` and the w are scalars; in a row stage the others are rows.
    Sum { start: V, scaled: Box<[(V, V)]>, products: Box<[(V, V)]> },
    /// a·b
    Multiply(V, V),
    /// 1/a
    Reciprocal(V),
    /// √a
    Root(V),
    /// a to a power that no multiplication reaches.
    Power(V, Bits),
    /// A function of one argument.
    Call(Function, V),
    /// A function of two arguments.
    Binary(BinaryFunction, V, V),
    /// 1 where the relation holds, else 0.
    Compare(Relation, V, V),
    /// The second where the first is 1, else the third.
    Select(V, V, V),
    /// The greatest; NaN if any is.
    Greatest(Box<[V]>),
    /// The entry of the list at the index, which counts from one; NaN where there is none.
    Gather(Box<[V]>, V),
    /// m + log s, or m itself where that is infinite.
    LogTotal(V, V),
}

impl<V: Copy> Operation<V> {
    /// Calls `visit` on every operand.
    pub(super) fn each_operand(&self, mut visit: impl FnMut(V)) {
        match self {
            Self::Sum { start, scaled, products } => {
                visit(*start);
                for &(a, b) in scaled.iter().chain(products) {
                    visit(a);
                    visit(b);
                }
            }
            Self::Reciprocal(a) | Self::Root(a) | Self::Power(a, _) | Self::Call(_, a) => visit(*a),
            Self::Multiply(a, b)
            | Self::Binary(_, a, b)
            | Self::Compare(_, a, b)
            | Self::LogTotal(a, b) => {
                visit(*a);
                visit(*b);
            }
            Self::Select(a, b, c) => [a, b, c].into_iter().for_each(|v| visit(*v)),
            Self::Greatest(all) => all.iter().for_each(|v| visit(*v)),
            Self::Gather(list, index) => list.iter().chain([index]).for_each(|v| visit(*v)),
        }
    }

    /// Whether machine code can be emitted for it; all other operations run in kernels only.
    pub(super) fn is_plain(&self) -> bool {
        match self {
            Self::Sum { .. }
            | Self::Multiply(..)
            | Self::Reciprocal(_)
            | Self::Root(_)
            | Self::Compare(..)
            | Self::Select(..)
            | Self::Greatest(_) => true,
            Self::Call(function, _) => {
                matches!(function, Function::Abs | Function::Floor | Function::Exp | Function::Tanh)
            }
            Self::Binary(function, ..) => match function {
                BinaryFunction::Min | BinaryFunction::Max => true,
                BinaryFunction::Atan2 | BinaryFunction::Pow(_) => false,
            },
            Self::Power(..) | Self::LogTotal(..) | Self::Gather(..) => false,
        }
    }

    /// The same operation on other operands.
    pub(super) fn map<W>(&self, mut to: impl FnMut(V) -> W) -> Operation<W> {
        match self {
            Self::Sum { start, scaled, products } => Operation::Sum {
                start: to(*start),
                scaled: scaled.iter().map(|&(w, a)| (to(w), to(a))).collect(),
                products: products.iter().map(|&(a, b)| (to(a), to(b))).collect(),
            },
            Self::Multiply(a, b) => Operation::Multiply(to(*a), to(*b)),
            Self::Reciprocal(a) => Operation::Reciprocal(to(*a)),
            Self::Root(a) => Operation::Root(to(*a)),
            Self::Power(a, exponent) => Operation::Power(to(*a), *exponent),
            Self::Call(function, a) => Operation::Call(*function, to(*a)),
            Self::Binary(function, a, b) => Operation::Binary(*function, to(*a), to(*b)),
            Self::Compare(relation, a, b) => Operation::Compare(*relation, to(*a), to(*b)),
            Self::Select(c, a, b) => Operation::Select(to(*c), to(*a), to(*b)),
            Self::Greatest(all) => Operation::Greatest(all.iter().map(|&v| to(v)).collect()),
            Self::Gather(list, index) => {
                Operation::Gather(list.iter().map(|&v| to(v)).collect(), to(*index))
            }
            Self::LogTotal(m, s) => Operation::LogTotal(to(*m), to(*s)),
        }
    }

    /// How many elementary operations it stands for: a K-term sum counts K multiply-adds.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Sum { scaled, products, .. } => (scaled.len() + products.len()).max(1),
            Self::Greatest(all) => all.len(),
            Self::Multiply(..)
            | Self::Reciprocal(_)
            | Self::Root(_)
            | Self::Power(..)
            | Self::Call(..)
            | Self::Binary(..)
            | Self::Compare(..)
            | Self::Select(..)
            | Self::Gather(..)
            | Self::LogTotal(..) => 1,
        }
    }
}
