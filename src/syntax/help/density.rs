//! Sampling statements of other languages, `x ~ normal(mu, s)`.

use super::super::lex::TokenKind;
use super::site::{Site, is_name};

/// Names of densities in sampling statements and in this language; tests/prelude.rs checks that the
/// list is complete.
const DENSITIES: [(&str, &str); 24] = [
    ("normal", "normal_lpdf"),
    ("Normal", "normal_lpdf"),
    ("student_t", "student_t_lpdf"),
    ("cauchy", "cauchy_lpdf"),
    ("logistic", "logistic_lpdf"),
    ("hyperbolic_secant", "hyperbolic_secant_lpdf"),
    ("gumbel", "gumbel_lpdf"),
    ("skew_normal", "skew_normal_lpdf"),
    ("generalised_normal", "generalised_normal_lpdf"),
    ("lognormal", "lognormal_lpdf"),
    ("gamma", "gamma_lpdf"),
    ("inverse_gamma", "inverse_gamma_lpdf"),
    ("inv_gamma", "inverse_gamma_lpdf"),
    ("weibull", "weibull_lpdf"),
    ("exponential", "exponential_lpdf"),
    ("beta", "beta_lpdf"),
    ("wrapped_cauchy", "wrapped_cauchy_lpdf"),
    ("dirichlet", "dirichlet_lpdf"),
    ("multi_normal", "multi_normal_lpdf"),
    ("multi_normal_prec", "multi_normal_prec_lpdf"),
    ("von_mises", "von_mises_lpdf"),
    ("von_mises_fisher", "von_mises_fisher_lpdf"),
    ("bingham", "bingham"),
    ("kent", "kent"),
];

/// `y ~ a + b*x`, the formula of a regression.
pub(super) fn formula(site: &Site<'_>) -> Option<String> {
    let response = site.previous().filter(|token| is_name(token.kind))?;
    let called = site.kind(site.position + 2) == TokenKind::OpenParen;
    let response = site.spelling(response);
    (!called).then(|| {
        format!(
            "write the log-density itself: a regression of `{response}` on a covariate x is `logp = \
             normal_lpdf({response}, a + b*x, s)`"
        )
    })
}

/// The `logp` statement for a sampling statement whose density is in [`DENSITIES`].
pub(super) fn sampled(site: &Site<'_>) -> Option<String> {
    let drawn = site.operand_before(site.position);
    let (name, arguments) = site.operand_at(site.position + 1).split_once('(')?;
    let (_, ours) = DENSITIES.iter().find(|(elsewhere, _)| *elsewhere == name)?;
    let whole = !drawn.contains('…') && !arguments.contains('…') && arguments.trim() != ")";
    let call = if whole { format!("{ours}({drawn}, {arguments}") } else { format!("{ours}(…)") };
    Some(format!("write the log-density itself, `logp = {call}`"))
}
