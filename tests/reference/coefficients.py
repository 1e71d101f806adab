"""Prints the polynomial coefficients of src/numerics/vector as Rust constants.

Each polynomial is the minimax one on its interval in the weighted error that its entry
states, found by the exchange algorithm of Remez on a grid of Chebyshev points in 60-digit
arithmetic (mpmath); its coefficients are then rounded to doubles, one after the other. Beside each
constant stands the weighted error of the rounded polynomial, as a power of two.

    python3 tests/reference/coefficients.py [NAME …]
"""

import sys

from mpmath import mp, mpf

mp.dps = 60


def chebyshev_grid(low, high, count):
    middle, half = (low + high) / 2, (high - low) / 2
    return [middle - half * mp.cos(mp.pi * i / (count - 1)) for i in range(count)]


def value(coefficients, x):
    total = mpf(0)
    for c in reversed(coefficients):
        total = total * x + c
    return total


def levelled(points, target, weight, degree):
    """The polynomial whose weighted error has one size and alternating sign at the points."""
    rows = mp.matrix(degree + 2, degree + 2)
    right = mp.matrix(degree + 2, 1)
    for i, x in enumerate(points):
        power = mpf(1)
        for j in range(degree + 1):
            rows[i, j] = power
            power *= x
        rows[i, degree + 1] = (-1) ** i / weight(x)
        right[i] = target(x)
    return list(mp.lu_solve(rows, right))[: degree + 1]


def alternating_extrema(errors, count):
    """One extremum for each run of one sign, thinned to `count` consecutive ones."""
    best = []
    for i, e in enumerate(errors):
        if best and (errors[best[-1]] > 0) == (e > 0):
            if abs(e) > abs(errors[best[-1]]):
                best[-1] = i
        else:
            best.append(i)
    while len(best) > count:
        best.pop(0 if abs(errors[best[0]]) < abs(errors[best[-1]]) else -1)
    return best


def rounded_in_turn(coefficients, points, values, weights):
    """Doubles for the coefficients: each is rounded, and the later ones are fitted anew to what
    that leaves, in the least squares of the weighted error."""
    rounded = []
    for k, c in enumerate(coefficients):
        rounded.append(mpf(float(c)))
        count = len(coefficients) - k - 1
        if count == 0:
            break
        rows = mp.matrix(len(points), count)
        right = mp.matrix(len(points), 1)
        for i, x in enumerate(points):
            power = weights[x] * x ** (k + 1)
            right[i] = weights[x] * (values[x] - value(rounded, x))
            for j in range(count):
                rows[i, j] = power
                power *= x
        coefficients[k + 1 :] = list(mp.lu_solve(rows, right))
    return rounded


def remez(target, low, high, degree, weight):
    low, high = mpf(low), mpf(high)
    grid = chebyshev_grid(low, high, 30 * (degree + 2) + 1)
    values = {x: target(x) for x in grid}
    weights = {x: weight(x) for x in grid}
    points = [grid[30 * i + 15] for i in range(degree + 2)]
    for _ in range(8):
        found = levelled(points, values.__getitem__, weights.__getitem__, degree)
        errors = [weights[x] * (value(found, x) - values[x]) for x in grid]
        extrema = alternating_extrema(errors, degree + 2)
        if len(extrema) < degree + 2:
            break
        points = [grid[i] for i in extrema]
        sizes = [abs(errors[i]) for i in extrema]
        if max(sizes) < mpf("1.02") * min(sizes):
            break
    rounded = rounded_in_turn(found, grid[::10], values, weights)
    worst = max(abs(weights[x] * (value(rounded, x) - values[x])) for x in grid)
    return rounded, worst


def one(_):
    return mpf(1)


def odd_series(function, skipped, x_of=mp.sqrt):
    """(f(x) - first terms)/x^(2 skipped + 1) as a function of y = x², by 40 more digits."""

    def evaluate(y):
        with mp.workdps(140):
            y = y if y != 0 else mpf(10) ** -40
            x = x_of(y)
            rest = function(x)
            for n, c in enumerate(skipped):
                rest -= c * x ** (2 * n + 1)
            return rest / x ** (2 * len(skipped) + 1)

    return evaluate


def tail(function, skipped):
    """(f(x) - first terms)/x^skipped, in enough digits for the cancellation at zero."""

    def evaluate(x):
        with mp.workdps(160):
            x = x if x != 0 else mpf(10) ** -30
            rest = function(x)
            for n, c in enumerate(skipped):
                rest -= c * x**n
            return rest / x ** len(skipped)

    return evaluate


LN2_HALF = mp.log(2) / 2 * mpf("1.0001")
ROOT2 = mp.sqrt(2)


def atanh_tail(z):
    """(2 atanh(s)/s - 2)/z for z = s²: what log adds to 2s."""
    return odd_series(mp.atanh, [mpf(1)])(z) * 2


def even_series(function, skipped):
    """(f(x) - first terms)/x^(2 skipped) as a function of y = x²."""

    def evaluate(y):
        with mp.workdps(140):
            y = y if y != 0 else mpf(10) ** -40
            rest = function(mp.sqrt(y))
            for n, c in enumerate(skipped):
                rest -= c * y**n
            return rest / y ** len(skipped)

    return evaluate


TINY = mpf(10) ** -25


def odd_weight(function):
    """Makes an error in P, where f = x + x³ P, relative to f."""
    return lambda y: (y + TINY) * mp.sqrt(y + TINY) / function(mp.sqrt(y + TINY))


def scaled_erfc(a):
    """e^(a²) erfc a."""
    return mp.erfc(a) * mp.exp(a * a)


def on_half_line(function, c):
    """f(t) (t + c) as a function of u = (t - c)/(t + c), where it tends to 1 at infinity."""

    def evaluate(u):
        if u >= 1:
            return mpf(1)
        with mp.workdps(90):
            t = c * (1 + u) / (1 - u)
            return function(t) * (t + c)

    return evaluate


def mills_excess(t):
    """φ(t)/Φ(-t) - t."""
    if t > 1e5:
        return 1 / t - 2 / t**3 + 10 / t**5
    return mp.sqrt(2 / mp.pi) / scaled_erfc(t / mp.sqrt(2)) - t


def asymptotic(function, first, second):
    """A remainder of Stirling's kind as a function of w = 1/x², and its limit at zero."""

    def evaluate(w):
        if w < mpf(10) ** -12:
            return first - second * w
        with mp.workdps(90):
            return function(1 / mp.sqrt(w))

    return evaluate


def lgamma_rest(x):
    half = mpf(1) / 2
    return x * (mp.loggamma(x) - (x - half) * (mp.log(x) - 1) + half - mp.log(2 * mp.pi) / 2)


def digamma_rest(x):
    return x * x * (mp.log(x) - 1 / (2 * x) - mp.digamma(x))


def trigamma_rest(x):
    return x**3 * (mp.polygamma(1, x) - 1 / x - 1 / (2 * x * x))


def lgamma_near_two(z):
    if abs(z) < mpf(10) ** -15:
        return mp.digamma(2)
    with mp.workdps(90):
        return mp.loggamma(2 + z) / z


with mp.workdps(95):
    DIGAMMA_ROOT = mp.findroot(mp.digamma, mpf("1.4616"))


def digamma_over_distance(z):
    y = z + mpf("1.5")
    if abs(y - DIGAMMA_ROOT) < mpf(10) ** -20:
        return mp.polygamma(1, DIGAMMA_ROOT)
    with mp.workdps(90):
        return mp.digamma(y) / (y - DIGAMMA_ROOT)


def less_one(function):
    return lambda u: function(u) - 1


def relative(function):
    return lambda u: 1 / function(u)


QUARTER = (mp.pi / 4) ** 2 * mpf("1.00001")
ERFC = on_half_line(scaled_erfc, mpf("3.75"))
ERF_FAR = on_half_line(scaled_erfc, mpf(2))
MILLS = on_half_line(mills_excess, mpf(5))


TABLE = {
    # e^r = 1 + r + r² P(r); weight r² makes the error relative to e^r ≈ 1.
    "EXP": lambda: remez(
        tail(mp.exp, [1, 1]), -LN2_HALF, LN2_HALF, 9, lambda r: r**2 * mp.exp(-r) + TINY
    ),
    # The same with the error relative to e^r - 1 ≈ r.
    "EXPM1": lambda: remez(
        tail(mp.exp, [1, 1]), -LN2_HALF, LN2_HALF, 10, lambda r: abs(r) + TINY
    ),
    # log((1+s)/(1-s)) = s (2 + z P(z)), z = s²; |s| ≤ (√2-1)/(√2+1).
    "LOG": lambda: remez(
        atanh_tail, 0, ((ROOT2 - 1) / (ROOT2 + 1)) ** 2 * mpf("1.0001"), 6, lambda z: z + TINY
    ),
    # The same for arguments from 1 to 2: s ≤ 1/3.
    "LOG_OF_ONE_TO_TWO": lambda: remez(
        atanh_tail, 0, mpf(1) / 9, 9, lambda z: z + TINY
    ),
    # log((1+s)/(1-s)) = s (2 + ⅔z + z² P(z)), with more digits.
    "POW": lambda: remez(
        lambda z: 2 * odd_series(mp.atanh, [mpf(1), mpf(1) / 3])(z),
        0, ((ROOT2 - 1) / (ROOT2 + 1)) ** 2 * mpf("1.0001"), 7, lambda z: z**2 + TINY,
    ),
    # log(1+f) = f + f² P(f) for f ≤ e^-2.
    "LOG1P_SMALL": lambda: remez(
        tail(mp.log1p, [0, 1]), 0, mp.exp(-2) * mpf("1.0001"), 9, lambda f: f + TINY
    ),
    # tanh x = x + x³ P(x²) for |x| ≤ 0.55.
    "TANH": lambda: remez(
        odd_series(mp.tanh, [mpf(1)]), 0, mpf("0.3025"), 9, lambda y: y + TINY
    ),
    # sinh x = x + x³ P(x²) for |x| ≤ 1.
    "SINH": lambda: remez(odd_series(mp.sinh, [mpf(1)]), 0, 1, 6, lambda y: y + TINY),
    # log cosh x = x²/2 + x⁴ P(x²) for |x| ≤ 1.
    "LOG_COSH": lambda: remez(even_series(lambda x: mp.log(mp.cosh(x)), [0, mpf(1) / 2]), 0, 1, 13, lambda y: y + TINY),
    # sin r = r + r³ P(r²) for |r| ≤ ½π.
    "SIN": lambda: remez(odd_series(mp.sin, [mpf(1)]), 0, 4 * QUARTER, 7, odd_weight(mp.sin)),
    # The same for |r| ≤ ¼π, and cos r = 1 - r²/2 + r⁴ P(r²).
    "SIN_QUARTER": lambda: remez(odd_series(mp.sin, [mpf(1)]), 0, QUARTER, 5, odd_weight(mp.sin)),
    "COS_QUARTER": lambda: remez(
        even_series(mp.cos, [1, -mpf(1) / 2]), 0, QUARTER, 5, lambda y: y**2 + TINY
    ),
    # asin x = x + x³ P(x²) for |x| ≤ ½.
    "ASIN": lambda: remez(odd_series(mp.asin, [mpf(1)]), 0, 0.25, 11, odd_weight(mp.asin)),
    # atan t = t + t³ P(t²) for |t| ≤ 1.
    "ATAN": lambda: remez(odd_series(mp.atan, [mpf(1)]), 0, 1, 19, odd_weight(mp.atan)),
    # erf x = x + x P(x²) for |x| ≤ 1.
    "ERF": lambda: remez(
        even_series(lambda x: mp.erf(x) / x - 1, []), 0, 1, 11, one
    ),
    # e^(a²) erfc a = P(u)/(a + 2), u = (a - 2)/(a + 2), for 1 ≤ a ≤ 6; error relative to erf.
    "ERF_FAR": lambda: remez(
        ERF_FAR, -mpf(1) / 3, mpf(1) / 2, 12, lambda u: mp.exp(-((2 * (1 + u) / (1 - u)) ** 2)) * mpf("0.4")
    ),
    # e^(a²) erfc a = (1 + P(u))/(a + 3.75), u = (a - 3.75)/(a + 3.75), for 0 ≤ a ≤ 28.
    "ERFC": lambda: remez(less_one(ERFC), -1, mpf("24.25") / mpf("31.75"), 24, relative(ERFC)),
    # φ(t)/Φ(-t) - t = (1 + P(u))/(t + 5), u = (t - 5)/(t + 5), for t ≥ 0.
    "MILLS": lambda: remez(less_one(MILLS), -1, 1, 30, relative(MILLS)),
    # log Γ(2 + z) = z P(z).
    "LGAMMA_NEAR_TWO": lambda: remez(lgamma_near_two, -0.7, 0.75, 23, relative(lgamma_near_two)),
    # log Γ(x) = (x - ½)(log x - 1) - ½ + ½ log 2π + P(1/x²)/x for x ≥ 2.75.
    "STIRLING": lambda: remez(
        asymptotic(lgamma_rest, mpf(1) / 11, mpf(1) / 360), 0, 1 / mpf("2.75") ** 2, 12, lambda w: w + TINY
    ),
    # ψ(1.5 + z) = (1.5 + z - root) P(z).
    "DIGAMMA_NEAR_ROOT": lambda: remez(
        digamma_over_distance, -0.5, 0.5, 24, relative(digamma_over_distance)
    ),
    # ψ(x) = log x - 1/(2x) - P(1/x²)/x² for x ≥ 3.
    "DIGAMMA": lambda: remez(
        asymptotic(digamma_rest, mpf(1) / 12, mpf(1) / 120), 0, mpf(1) / 9, 10, lambda w: w + TINY
    ),
    # ψ'(x) = 1/x + 1/(2x²) + P(1/x²)/x³ for x ≥ 3.
    "TRIGAMMA": lambda: remez(
        asymptotic(trigamma_rest, mpf(1) / 6, mpf(1) / 30), 0, mpf(1) / 9, 12, lambda w: w + TINY
    ),
}


def main(names):
    for name in names or TABLE:
        coefficients, worst = TABLE[name]()
        print(f"/// Weighted error 2^{float(mp.log(worst, 2)):.1f}.")
        print(f"const {name}: [f64; {len(coefficients)}] = [")
        for c in coefficients:
            print(f"    {float(c)!r},")
        print("];", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
