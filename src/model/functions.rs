//! The table of functions of the language: usage and meaning of each.

use super::algebra::Algebra;
use crate::graph::{BinaryFunction, Function};

/// The implementation of a function of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Builtin {
    /// A function of one argument, applied entry by entry.
    Unary(Function),
    Sqrt,
    Atan2,
    Polygamma,
    LogBesselI,
    /// log(Γ(k+1)·(2/x)^k·I_k(x))
    LogBessel,
    BesselRatio,
    PowLog,
    Clamp,
    /// Of one shaped argument, of several arguments entry by entry, or over generators.
    Reduce(Reduction),
    LogDotExp,
    Softmax,
    Dot,
    Norm,
    Sumsq,
    Trace,
    Diag,
    Eye,
    Length,
    Algebra(Algebra),
}

/// A function that reduces a list of numbers to one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reduction {
    Sum,
    Prod,
    Mean,
    LogSumExp,
    Extreme(BinaryFunction),
}

/// A function of the language, as help shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FunctionEntry {
    /// The name.
    pub name: &'static str,
    /// The usage, such as `clamp(x, low, high)`.
    pub usage: &'static str,
    /// The meaning, in one line of mathematics.
    pub meaning: &'static str,
    /// Whether it takes generators, as in `sum(i in 1:3, …)`.
    pub reduces: bool,
    builtin: Builtin,
    /// The fewest and the most arguments.
    arguments: (usize, usize),
}

const MANY: usize = usize::MAX;

const fn entry(
    name: &'static str,
    usage: &'static str,
    meaning: &'static str,
    builtin: Builtin,
    arguments: (usize, usize),
) -> FunctionEntry {
    let reduces = matches!(builtin, Builtin::Reduce(_));
    FunctionEntry { name, usage, meaning, reduces, builtin, arguments }
}

/// All functions of the language but those that are a unary function of the graph by themselves:
/// compositions, functions of several arguments, and members of families.
const COMPOSED: [FunctionEntry; 31] = {
    use Algebra::{Cholesky, Inv, LogDet, Outer, QuadForm, Solve};
    use Builtin::{
        Atan2, BesselRatio, Clamp, Diag, Dot, Eye, Length, LogBessel, LogBesselI, LogDotExp, Norm,
        Polygamma, PowLog, Reduce, Softmax, Sqrt, Sumsq, Trace,
    };
    use Reduction::{Extreme, LogSumExp, Mean, Prod, Sum};
    [
        entry("sqrt", "sqrt(x)", "square root", Sqrt, (1, 1)),
        entry("atan2", "atan2(y, x)", "the angle of the point (x, y)", Atan2, (2, 2)),
        entry("polygamma", "polygamma(2, x)", "k-th derivative of digamma", Polygamma, (2, 2)),
        entry(
            "log_bessel_i",
            "log_bessel_i(0, x)",
            "log of the modified Bessel function I_k(x), k = 0, 1/2, 1, ...",
            LogBesselI,
            (2, 2),
        ),
        entry(
            "log_bessel_even",
            "log_bessel_even(1, x)",
            Function::LogBessel(0).meaning(),
            LogBessel,
            (2, 2),
        ),
        entry(
            "bessel_ratio",
            "bessel_ratio(0, x)",
            Function::BesselRatio(0).meaning(),
            BesselRatio,
            (2, 2),
        ),
        entry("pow_log", "pow_log(1, x, p)", "x^p*log(x)^k; 0 at x = 0 for p > 0", PowLog, (3, 3)),
        entry(
            "min",
            "min(a, b)",
            "the least; of one vector, its least entry",
            Reduce(Extreme(BinaryFunction::Min)),
            (1, MANY),
        ),
        entry(
            "max",
            "max(a, b)",
            "the greatest; of one vector, its greatest entry",
            Reduce(Extreme(BinaryFunction::Max)),
            (1, MANY),
        ),
        entry("clamp", "clamp(x, low, high)", "min(max(x, low), high)", Clamp, (3, 3)),
        entry("sum", "sum(v)", "sum of the entries, or over i in a:b", Reduce(Sum), (1, 1)),
        entry("prod", "prod(v)", "product of the entries, or over i in a:b", Reduce(Prod), (1, 1)),
        entry("mean", "mean(v)", "mean of the entries, or over i in a:b", Reduce(Mean), (1, 1)),
        entry(
            "log_sum_exp",
            "log_sum_exp(v)",
            "log of the sum of exp of the entries, or of the arguments",
            Reduce(LogSumExp),
            (1, MANY),
        ),
        entry(
            "log_dot_exp",
            "log_dot_exp(c, u)",
            "log of the sum of c[k]*exp(u[k])",
            LogDotExp,
            (2, 2),
        ),
        entry("softmax", "softmax(v)", "exp(v)/sum(exp(v))", Softmax, (1, 1)),
        entry("dot", "dot(a, b)", "sum of a[i]*b[i]", Dot, (2, 2)),
        entry("norm", "norm(v)", "square root of the sum of squares", Norm, (1, 1)),
        entry("sumsq", "sumsq(v)", "sum of squares", Sumsq, (1, 1)),
        entry("trace", "trace(K)", "sum of the diagonal", Trace, (1, 1)),
        entry("diag", "diag(v)", "the diagonal matrix of a vector, or back", Diag, (1, 1)),
        entry("eye", "eye(3)", "the identity matrix", Eye, (1, 1)),
        entry("length", "length(v)", "the number of entries, a constant", Length, (1, 1)),
        algebra(
            "inv",
            "inv(A)",
            "inverse of a symmetric or triangular matrix, or of at most 3 rows",
            Inv,
        ),
        algebra("solve", "solve(A, b)", "inv(A)*b", Solve),
        algebra("log_det", "log_det(A)", "log-determinant; NaN unless positive definite", LogDet),
        algebra("cholesky", "cholesky(A)", "L lower triangular with L*L' = A", Cholesky),
        algebra("quad_form", "quad_form(A, x)", "x'*A*x", QuadForm),
        algebra("outer", "outer(a, b)", "a*b'", Outer),
        unary("trigamma", Function::Polygamma(1)),
        unary("digamma", Function::Polygamma(0)),
    ]
};

const fn unary(name: &'static str, function: Function) -> FunctionEntry {
    let meaning = match function {
        Function::Polygamma(0) => "slope of lgamma",
        _ => "slope of digamma",
    };
    let usage = match function {
        Function::Polygamma(0) => "digamma(x)",
        _ => "trigamma(x)",
    };
    entry(name, usage, meaning, Builtin::Unary(function), (1, 1))
}

const fn algebra(
    name: &'static str,
    usage: &'static str,
    meaning: &'static str,
    algebra: Algebra,
) -> FunctionEntry {
    let arguments = match algebra {
        Algebra::Inv | Algebra::LogDet | Algebra::Cholesky => 1,
        Algebra::Solve | Algebra::QuadForm | Algebra::Outer => 2,
    };
    entry(name, usage, meaning, Builtin::Algebra(algebra), (arguments, arguments))
}

/// Every function of the language: the unary ones in the order of the graph's table, then the
/// others.
pub fn functions() -> impl Iterator<Item = FunctionEntry> {
    let elementary = Function::ALL.into_iter().filter(|function| !function.is_family());
    let elementary = elementary.map(|function| FunctionEntry {
        usage: usage(function),
        ..entry(function.name(), "", function.meaning(), Builtin::Unary(function), (1, 1))
    });
    elementary.chain(COMPOSED)
}

fn usage(function: Function) -> &'static str {
    match function {
        Function::Exp => "exp(x)",
        Function::Log => "log(x)",
        Function::Log1p => "log1p(x)",
        Function::Expm1 => "expm1(x)",
        Function::Abs => "abs(x)",
        Function::Sign => "sign(x)",
        Function::Floor => "floor(x)",
        Function::Sin => "sin(x)",
        Function::Cos => "cos(x)",
        Function::Tan => "tan(x)",
        Function::Asin => "asin(x)",
        Function::Acos => "acos(x)",
        Function::Atan => "atan(x)",
        Function::Sinh => "sinh(x)",
        Function::Cosh => "cosh(x)",
        Function::Tanh => "tanh(x)",
        Function::Sigmoid => "sigmoid(x)",
        Function::Softplus => "softplus(x)",
        Function::LogCosh => "log_cosh(x)",
        Function::Erf => "erf(x)",
        Function::Erfc => "erfc(x)",
        Function::LogNormalCdf => "log_normal_cdf(x)",
        Function::InverseMills => "inverse_mills(x)",
        Function::MillsExcess => "mills_excess(x)",
        Function::Lgamma => "lgamma(x)",
        Function::Polygamma(_) => "digamma(x)",
        Function::LogBessel(_) => "log_bessel_even(1, x)",
        Function::BesselRatio(_) => "bessel_ratio(0, x)",
        // Not a function of the language.
        Function::Random(_) => "",
    }
}

/// The function of this name.
pub(super) fn find(name: &str) -> Option<FunctionEntry> {
    functions().find(|entry| entry.name == name)
}

/// The names of the functions that take generators.
pub(super) fn reductions() -> Vec<&'static str> {
    functions().filter(|entry| entry.reduces).map(|entry| entry.name).collect()
}

impl FunctionEntry {
    pub(super) fn builtin(&self) -> Builtin {
        self.builtin
    }

    pub(super) fn takes(&self, arguments: usize) -> bool {
        (self.arguments.0..=self.arguments.1).contains(&arguments)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_usages_begin_with_them() {
        let names: Vec<_> = functions().map(|entry| entry.name).collect();
        for (i, entry) in functions().enumerate() {
            assert!(!names[..i].contains(&entry.name), "{}", entry.name);
            assert!(entry.usage.starts_with(&format!("{}(", entry.name)), "{}", entry.usage);
            assert!(!entry.meaning.is_empty());
        }
    }
}
