"""Writes tests/reference/densities.txt: logarithms of densities as scipy has them.

One call in the model language a line, then its value. Two densities, which scipy lacks, are
computed here from their formulas: the wrapped Cauchy with any direction, and mixtures.

    python3 tests/reference/densities.py
"""

import math
from pathlib import Path

import numpy as np
from scipy import special, stats

LINE = [-3.7, -0.4, 0.25, 1.9, 6.5]
POSITIVE = [0.05, 0.7, 1.9, 6.5]
SHARES = [0.02, 0.31, 0.5, 0.93]
SIMPLEX = [[0.2, 0.3, 0.5], [0.05, 0.9, 0.05]]
# Unit vectors of rational entries: a point and a mean direction.
DIRECTIONS = [
    ([0.6, 0.8], [1.0, 0.0]),
    ([0.6, 0.0, 0.8], [0.0, -0.6, 0.8]),
    ([0.5, 0.5, 0.5, 0.5], [0.0, 0.6, 0.0, 0.8]),
    ([0.0, 0.6, 0.0, 0.0, 0.0, -0.8], [0.6, 0.0, 0.0, 0.8, 0.0, 0.0]),
]
LOCATED = [(0.3, 1.7), (-1.2, 0.4)]


def wrapped_cauchy(t, mu, rho):
    return stats.wrapcauchy.logpdf(math.fmod(t - mu + 4 * math.pi, 2 * math.pi), rho)


def mixture(w, parts):
    return special.logsumexp(parts, b=w)


def calls():
    """Name, arguments, value."""
    for x in LINE:
        for mu, s in LOCATED:
            yield "normal_lpdf", (x, mu, s), stats.norm.logpdf(x, mu, s)
            for nu in [1.5, 4.0, 60.0]:
                yield "student_t_lpdf", (x, nu, mu, s), stats.t.logpdf(x, nu, mu, s)
            yield "cauchy_lpdf", (x, mu, s), stats.cauchy.logpdf(x, mu, s)
            yield "logistic_lpdf", (x, mu, s), stats.logistic.logpdf(x, mu, s)
            # scipy's has the variance (pi/2)^2 at scale one.
            scale = 2 * s / math.pi
            yield "hyperbolic_secant_lpdf", (x, mu, s), stats.hypsecant.logpdf(x, mu, scale)
            yield "gumbel_lpdf", (x, mu, s), stats.gumbel_r.logpdf(x, mu, s)
            for alpha in [-2.5, 0.0, 1.5]:
                value = stats.skewnorm.logpdf(x, alpha, mu, s)
                yield "skew_normal_lpdf", (x, mu, s, alpha), value
            for b in [1.0, 1.5, 4.0]:
                value = stats.gennorm.logpdf(x, b, mu, s)
                yield "generalised_normal_lpdf", (x, mu, s, b), value
        for mu, rho in [(0.3, 0.2), (-1.2, 0.85)]:
            yield "wrapped_cauchy_lpdf", (x, mu, rho), wrapped_cauchy(x, mu, rho)
        for mu, kappa in [(0.3, 0.2), (-1.2, 8.5), (0.5, 250.0)]:
            yield "von_mises_lpdf", (x, mu, kappa), stats.vonmises.logpdf(x, kappa, loc=mu)
    for x in POSITIVE:
        for mu, s in LOCATED:
            yield "lognormal_lpdf", (x, mu, s), stats.lognorm.logpdf(x, s, scale=math.exp(mu))
        for a, b in [(0.6, 2.5), (3.2, 0.7)]:
            yield "gamma_lpdf", (x, a, b), stats.gamma.logpdf(x, a, scale=1 / b)
            yield "inverse_gamma_lpdf", (x, a, b), stats.invgamma.logpdf(x, a, scale=b)
            yield "weibull_lpdf", (x, a, b), stats.weibull_min.logpdf(x, a, scale=b)
            yield "exponential_lpdf", (x, b), stats.expon.logpdf(x, scale=1 / b)
    for x in SHARES:
        for a, b in [(0.6, 2.5), (3.2, 0.7)]:
            yield "beta_lpdf", (x, a, b), stats.beta.logpdf(x, a, b)
    for u in SIMPLEX:
        for alpha in [[0.5, 2.0, 3.5], [1.0, 1.0, 1.0]]:
            yield "dirichlet_lpdf", (u, alpha), stats.dirichlet.logpdf(u, alpha)
    for x in [[0.2, -1.3], [2.0, 0.5]]:
        for mean, matrix in [([0.1, 0.4], [[1.5, 0.4], [0.4, 0.8]]), ([-1.0, 2.0], [[9.0, -2.5], [-2.5, 0.9]])]:
            text = "[" + "; ".join(", ".join(map(str, row)) for row in matrix) + "]"
            covariance = stats.multivariate_normal.logpdf(x, mean, matrix)
            yield "multi_normal_lpdf", (x, mean, text), covariance
            precision = stats.multivariate_normal.logpdf(x, mean, np.linalg.inv(matrix))
            yield "multi_normal_prec_lpdf", (x, mean, text), precision
    for x, mu in DIRECTIONS:
        for kappa in [0.3, 2.0, 80.0]:
            value = stats.vonmises_fisher.logpdf(x, mu, kappa)
            yield "von_mises_fisher_lpdf", (x, mu, kappa), value
    for x in LINE:
        parts = [stats.norm.logpdf(x, 0.3, 1.7), stats.t.logpdf(x, 4.0, -1.2, 0.4)]
        text = [f"normal_lpdf({x}, 0.3, 1.7)", f"student_t_lpdf({x}, 4.0, -1.2, 0.4)"]
        value = mixture(np.array([0.3, 0.7]), np.array(parts))
        yield "mixture", ([0.3, 0.7], f"[{', '.join(text)}]"), value


def main():
    lines = []
    for name, arguments, value in calls():
        listed = ", ".join(str(one) for one in arguments)
        lines.append(f"{name}({listed}) {float(value)!r}")
    path = Path(__file__).with_name("densities.txt")
    path.write_text("\n".join(lines) + "\n")


main()
