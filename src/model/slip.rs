//! Hints for functions and constants that have other names in other systems.
//!
//! Promises: every excerpt in backquotes is a text of the language, as tests/slips.rs checks.

use super::functions::{self, Builtin};
use super::prelude::{self, DensityEntry};

/// The hint for a function of other systems; `None` where the name is unknown there too.
pub(super) fn function(name: &str) -> Option<String> {
    let known = elementary(name).or_else(|| algebra(name));
    known.map(str::to_owned).or_else(|| density(name))
}

fn elementary(name: &str) -> Option<&'static str> {
    Some(match name {
        "ln" | "Log" => "the natural logarithm is `log(x)`",
        "log10" | "lg" => "write `log(x)/log(10)`",
        "log2" | "ld" => "write `log(x)/log(2)`",
        "pow" | "power" => "write `x^n`",
        "square" | "sqr" => "write `x^2`",
        "cbrt" => "write `sign(x)*abs(x)^(1/3)`",
        "rsqrt" => "write `1/sqrt(x)`",
        "fabs" => "write `abs(x)`",
        "arctan" | "arctg" => "write `atan(x)`",
        "arcsin" => "write `asin(x)`",
        "arccos" => "write `acos(x)`",
        "arctan2" => "write `atan2(y, x)`",
        "tg" => "write `tan(x)`",
        "cot" | "ctg" => "write `1/tan(x)`",
        "sec" => "write `1/cos(x)`",
        "csc" | "cosec" => "write `1/sin(x)`",
        "ceil" | "ceiling" => "write `-floor(-x)`",
        "round" => "write `floor(x + 1/2)`",
        "mod" | "fmod" | "rem" => "write `x - n*floor(x/n)`",
        "logistic" => "write `sigmoid(x)`, or for the density `logistic_lpdf(x, mu, s)`",
        "expit" | "inv_logit" | "plogis" => "write `sigmoid(x)`",
        "logit" | "qlogis" => "write `log(x/(1 - x))`",
        "log1p_exp" | "log1pexp" => "write `softplus(x)`",
        "log_sigmoid" | "logsigmoid" | "log_inv_logit" => "write `-softplus(-x)`",
        "log1m" => "write `log1p(-x)`",
        "relu" | "ReLU" => "write `max(x, 0)`",
        "maximum" | "fmax" | "pmax" => "write `max(a, b)`",
        "minimum" | "fmin" | "pmin" => "write `min(a, b)`",
        "clip" => "write `clamp(x, low, high)`",
        "gamma" | "Gamma" => {
            "log Gamma(x) is `lgamma(x)`, the density is `gamma_lpdf(x, shape, rate)`"
        }
        "gammaln" | "log_gamma" | "loggamma" | "Γ" | "tgamma" => {
            "log Gamma(x) is `lgamma(x)`; a factor free of the data can be left out"
        }
        "factorial" | "lfactorial" | "log_factorial" => {
            "the logarithm of n! is `lgamma(n + 1)`; a factor free of the data can be left out"
        }
        "beta" | "Beta" => {
            "write `lgamma(a) + lgamma(b) - lgamma(a + b)` for the logarithm of the function, \
             `beta_lpdf(x, a, b)` for the density"
        }
        "lbeta" | "betaln" => "write `lgamma(a) + lgamma(b) - lgamma(a + b)` for its logarithm",
        "choose" | "binomial" | "nchoosek" | "lchoose" => {
            "write `lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)` for its logarithm"
        }
        "psi" => "write `digamma(x)`",
        "besselI" | "besseli" | "bessel_i" | "iv" | "modified_bessel_first_kind" => {
            "write `exp(log_bessel_i(1/2, x))`, where the order is a constant"
        }
        "log_modified_bessel_first_kind" | "logbesseli" => {
            "write `log_bessel_i(1/2, x)`, where the order is a constant"
        }
        "i0" => "write `exp(log_bessel_i(0, x))`",
        "i1" => "write `exp(log_bessel_i(1, x))`",
        "ive" => "write `exp(log_bessel_i(1/2, x) - abs(x))`, where the order is a constant",
        "i0e" => "write `exp(log_bessel_i(0, x) - abs(x))`",
        "i1e" => "write `exp(log_bessel_i(1, x) - abs(x))`",
        "Phi" | "pnorm" | "normal_cdf" => "write `exp(log_normal_cdf(x))`",
        _ => return None,
    })
}

fn algebra(name: &str) -> Option<&'static str> {
    Some(match name {
        "logsumexp" | "lse" => "write `log_sum_exp(v)`",
        "ifelse" | "where" | "iif" | "Piecewise" | "piecewise" => "write `if(x < 0, a, b)`",
        "transpose" | "t" => "write `A'`",
        "matmul" | "mm" => "write `A*B`",
        "product" => "write `prod(v)`",
        "average" => "write `mean(v)`",
        "inner" | "inner_product" | "dot_product" => "write `dot(a, b)`",
        "outer_product" | "tcrossprod" => "write `outer(a, b)`",
        "quadratic_form" | "quad_form_sym" => "write `quad_form(A, x)`",
        "sum_squares" | "sum_of_squares" | "sumsqr" | "norm2" => "write `sumsq(v)`",
        "len" | "size" | "numel" => "the number of entries is `length(v)`",
        "rows" | "ncol" | "nrow" => "sizes are numbers in the text: name one with `const d = 3`",
        "identity" | "I" => "write `eye(3)`",
        "tr" => "write `trace(A)`",
        "det" | "determinant" => "write `exp(log_det(A))`, for a positive definite matrix",
        "logdet" | "log_determinant" | "slogdet" | "logabsdet" => {
            "write `log_det(A)`; a factor free of the data can be left out"
        }
        "inverse" | "inverse_spd" | "matinv" | "pinv" | "ginv" => "write `inv(A)`",
        "linsolve" | "mldivide" | "mdivide_left" | "mdivide_left_spd" | "cho_solve" => {
            "write `solve(A, b)`"
        }
        "chol" | "cholesky_decompose" | "cholfact" => {
            "write `cholesky(A)`, which is lower triangular"
        }
        _ => return None,
    })
}

/// The hint for a density of other systems, such as Stan's `normal` and R's `dnorm`.
fn density(name: &str) -> Option<String> {
    if functions::find(name).is_some() || prelude::find(name).is_some() {
        return None;
    }
    let ends = ["_lpdf", "_lpmf", "_log", "_pdf"];
    let stem = ends.iter().find_map(|end| name.strip_suffix(end));
    let ours = foreign(stem.unwrap_or(name));
    let named = [format!("{ours}_lpdf"), ours.to_owned()];
    if let Some(density) = named.iter().find_map(|name| prelude::find(name)) {
        let DensityEntry { usage, meaning, .. } = density.entry;
        return Some(format!("write `{usage}`: {meaning}"));
    }
    let help = match ours {
        "laplace" | "double_exponential" => {
            "write `-abs(x - m)/b`, or a smooth density, `hyperbolic_secant_lpdf(x, m, s)`"
        }
        _ if name.ends_with("_lpdf") || name.ends_with("_lpmf") => {
            "write out its log-density, `logp = …`, without the constant"
        }
        _ => return None,
    };
    Some(help.to_owned())
}

/// Our name, without `_lpdf`, of a density of other systems.
fn foreign(stem: &str) -> &str {
    match stem {
        "gaussian" | "Normal" | "Gaussian" | "N" | "norm" | "normpdf" | "dnorm" => "normal",
        "mvnormal" | "mvnpdf" | "dmvnorm" | "multi_normal_cholesky" => "multi_normal",
        "dgamma" | "Gamma" => "gamma",
        "inv_gamma" | "invgamma" | "dinvgamma" => "inverse_gamma",
        "dexp" | "Exponential" => "exponential",
        "dbeta" | "Beta" => "beta",
        "dt" | "student" | "StudentT" => "student_t",
        "dcauchy" | "Cauchy" => "cauchy",
        "dlogis" | "Logistic" => "logistic",
        "dweibull" | "Weibull" => "weibull",
        "dlnorm" | "log_normal" | "LogNormal" => "lognormal",
        "dsn" | "skewnorm" => "skew_normal",
        "gennorm" | "generalized_normal" => "generalised_normal",
        "sech" | "hypsecant" => "hyperbolic_secant",
        "vonmises" | "dvonmises" | "dvm" => "von_mises",
        "vonmises_fisher" | "vmf" | "dvmf" => "von_mises_fisher",
        "ddirichlet" | "Dirichlet" => "dirichlet",
        "log_mix" | "mix" => "mixture",
        _ => stem,
    }
}

/// The hint for a name that is a constant in other systems, or a function of the language.
pub(super) fn constant(name: &str) -> Option<String> {
    let help = match name {
        "e" => "Euler's number is `exp(1)`",
        "π" | "PI" | "Pi" | "M_PI" => "the constant is `pi`",
        "inf" | "Inf" | "INF" | "infinity" | "Infinity" | "oo" => {
            "an infinite end stands in a constraint only, as in `param s in (0, inf)`"
        }
        "nan" | "NaN" | "NA" | "None" | "null" => "every name stands for a number",
        "true" | "false" | "True" | "False" | "TRUE" | "FALSE" => {
            "a choice is written `if(a < b, then, otherwise)`"
        }
        name if name.ends_with('ᵀ') => "a transpose is written `x'`",
        name => {
            return is_elementary(name)
                .then(|| format!("a function has its argument in parentheses: `{name}(x)`"));
        }
    };
    Some(help.to_owned())
}

/// Whether a name is an elementary function; reductions such as `mean` are common names of
/// parameters.
fn is_elementary(name: &str) -> bool {
    match functions::find(name).map(|entry| entry.builtin()) {
        Some(Builtin::Unary(function)) => !function.is_family(),
        Some(Builtin::Sqrt) => true,
        Some(
            Builtin::Atan2
            | Builtin::Polygamma
            | Builtin::LogBesselI
            | Builtin::LogBessel
            | Builtin::BesselRatio
            | Builtin::PowLog
            | Builtin::Clamp
            | Builtin::Reduce(_)
            | Builtin::LogDotExp
            | Builtin::Softmax
            | Builtin::Dot
            | Builtin::Norm
            | Builtin::Sumsq
            | Builtin::Trace
            | Builtin::Diag
            | Builtin::Eye
            | Builtin::Length
            | Builtin::Algebra(_),
        )
        | None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::functions::{find, functions};
    use crate::model::prelude::densities;

    #[test]
    fn functions_of_other_systems_are_none_of_the_language() {
        for name in ["ln", "log10", "pow", "logdet", "gamma", "normal", "t", "poisson_lpmf"] {
            assert!(function(name).is_some() && find(name).is_none(), "{name}");
        }
        assert!(functions().all(|entry| function(entry.name).is_none()));
        assert!(densities().all(|entry| function(entry.name).is_none()));
    }

    #[test]
    fn usual_names_of_parameters_raise_no_doubt() {
        for name in ["mean", "norm", "mu", "sigma", "max", "x"] {
            assert_eq!(constant(name), None);
        }
        assert!(constant("exp").is_some_and(|help| help.contains("`exp(x)`")));
    }
}
