"""Prints the polynomial coefficients of src/numerics/vector as Rust constants.

Each polynomial is the minimax one on its interval in the weighted error that its entry
states, found by the exchange algorithm of Remez on a grid of Chebyshev points in 60-digit
arithmetic (mpmath); its coefficients are then rounded to the nearest double. Beside each
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
    rounded = [mpf(float(c)) for c in found]
    worst = max(abs(weights[x] * (value(rounded, x) - values[x])) for x in grid)
    return rounded, worst


def one(_):
    return mpf(1)


def near_zero(series, function, radius=mpf("1e-3")):
    """`function`, and its Taylor series (coefficients from `series`) where it would cancel."""
    terms = [mpf(series(n)) for n in range(24)]

    def evaluate(x):
        return value(terms, x) if abs(x) < radius else function(x)

    return evaluate


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


def ln_cosh_even(y):
    with mp.workdps(140):
        y = y if y != 0 else mpf(10) ** -40
        return (mp.log(mp.cosh(mp.sqrt(y))) - y / 2) / y**2


TABLE = {
    # e^r = 1 + r + r² P(r); weight r² makes the error relative to e^r ≈ 1.
    "EXP": lambda: remez(
        tail(mp.exp, [1, 1]), -LN2_HALF, LN2_HALF, 9, lambda r: r**2 * mp.exp(-r) + mpf(10) ** -25
    ),
    # The same with the error relative to e^r - 1 ≈ r.
    "EXPM1": lambda: remez(
        tail(mp.exp, [1, 1]), -LN2_HALF, LN2_HALF, 10, lambda r: abs(r) + mpf(10) ** -25
    ),
    # log((1+s)/(1-s)) = s (2 + z P(z)), z = s²; |s| ≤ (√2-1)/(√2+1).
    "LOG": lambda: remez(
        atanh_tail, 0, ((ROOT2 - 1) / (ROOT2 + 1)) ** 2 * mpf("1.0001"), 6, lambda z: z + mpf(10) ** -25
    ),
    # The same for arguments from 1 to 2: s ≤ 1/3.
    "LOG_OF_ONE_TO_TWO": lambda: remez(
        atanh_tail, 0, mpf(1) / 9, 10, lambda z: z + mpf(10) ** -25
    ),
    # log(1+f) = f + f² P(f) for f ≤ e^-2.
    "LOG1P_SMALL": lambda: remez(
        tail(mp.log1p, [0, 1]), 0, mp.exp(-2) * mpf("1.0001"), 10, lambda f: f + mpf(10) ** -25
    ),
    # tanh x = x + x³ P(x²) for |x| ≤ 0.55.
    "TANH": lambda: remez(
        odd_series(mp.tanh, [mpf(1)]), 0, mpf("0.3025"), 10, lambda y: y + mpf(10) ** -25
    ),
    # sinh x = x + x³ P(x²) for |x| ≤ 1.
    "SINH": lambda: remez(odd_series(mp.sinh, [mpf(1)]), 0, 1, 6, lambda y: y + mpf(10) ** -25),
    # log cosh x = x²/2 + x⁴ P(x²) for |x| ≤ 1.
    "LOG_COSH": lambda: remez(ln_cosh_even, 0, 1, 13, lambda y: y + mpf(10) ** -25),
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
