"""Writes tests/reference/points/NAME.txt: correctly rounded values of the functions.

One point a line: the bits of the argument (or of two), the bits of the double nearest to the value, and
(value - double)/ulp, where ulp is the distance of doubles in the binade of that double, so that errors
can be measured in fractions of it. Computed with mpmath in as many digits as the function's
cancellations need. The points: zeros, infinities, NaN, subnormals, all exponents, and a close
walk over the range in which the function is neither linear nor constant, with its turns.

    python3 tests/reference/points.py [NAME …]
"""

import math
import random
import struct
import sys
from pathlib import Path

from mpmath import mp, mpf

INFINITY, NAN = math.inf, math.nan
TINIEST = 5e-324
LARGEST = sys.float_info.max
SPECIAL = [0.0, -0.0, INFINITY, -INFINITY, NAN, TINIEST, -TINIEST, LARGEST, -LARGEST]
SPECIAL += [2.2250738585072014e-308, -2.2250738585072014e-308, 1e-310, -1e-310, 1.0, -1.0]


def bits(x):
    return struct.unpack("<Q", struct.pack("<d", x))[0]


def nearest(v):
    """The nearest double and the residual in units of its last place; v is nonzero."""
    size = abs(v)
    exponent = max(int(mp.floor(mp.log(size, 2))), -1022)
    if size < mpf(2) ** exponent:
        exponent = max(exponent - 1, -1022)
    ulp = mpf(2) ** (exponent - 52)
    steps = int(mp.nint(size / ulp))
    residual = size / ulp - steps
    if steps >= 2 ** (1024 - exponent + 52):
        return math.copysign(INFINITY, v), mpf(0)
    return math.copysign(math.ldexp(steps, exponent - 52), v), residual * mp.sign(v)


def line(function, *arguments):
    with mp.workdps(60):
        v = function(*arguments)
        double, residual = (v, 0) if isinstance(v, float) else nearest(v)
        fields = [f"{bits(x):016x}" for x in (*arguments, double)]
        return " ".join(fields) + f" {float(residual):.3f}"


def around(*centres):
    """Neighbours of each centre, at distances of one ulp to an eighth."""
    for c in centres:
        for k in [0, 1, 2, 10, 20, 30, 40, 45, 49]:
            yield from (c * (1 + 2.0**-52 * 2**k), c * (1 - 2.0**-52 * 2**k))


def walk(low, high, count, rng):
    """One random point in each of `count` equal parts."""
    for i in range(count):
        yield low + (high - low) * (i + rng.random()) / count


def exponents(low, high, step, rng, signs=(1, -1)):
    """A random number of each `step`-th exponent."""
    for e in range(low, high, step):
        for sign in signs:
            yield sign * math.ldexp(1 + rng.random(), e)


HALF_PI = mp.pi / 2

# The double that of all comes nearest to a multiple of π/2.
HARD = math.ldexp(6381956970095103, 797)


def multiples(parts, rng):
    """The doubles nearest to some multiples of π/parts, where the value all but vanishes."""
    for n in [1, 2, 3, 4, 5, 7, 10, 22, 355, 1000, 103993, 312689]:
        yield float(mp.pi * n / parts)
        yield float(mp.pi * rng.randrange(1, 10**12) / parts)


def poles():
    """The poles of Γ, and neighbours."""
    for n in [1, 2, 3, 10, 1000]:
        yield from (-n, -n * (1 + 2.0**-52), -n * (1 - 2.0**-52), -n * (1 + 2.0**-20))
    yield from (-(2.0**53), -1e300)


def is_pole(x):
    return x <= 0 and x == mp.floor(x)


# Reference functions take a double and return an mpf, or a float where that is exact.


def plain(function, digits=60, **exact):
    """A function with given values at 0, ∞ and -∞; NaN below `domain` and above `above`."""
    zero = exact.get("zero", lambda x: x)
    top, bottom = exact.get("top", NAN), exact.get("bottom", NAN)
    domain, above = exact.get("domain", -INFINITY), exact.get("above", INFINITY)

    def evaluate(x):
        if x != x or x < domain or x > above:
            return NAN
        if x in (INFINITY, -INFINITY):
            return top if x > 0 else bottom
        if x == 0:
            return zero(x)
        with mp.workdps(digits):
            value = function(mpf(x))
        return value if value != 0 else 0.0

    return evaluate


def constant(c):
    return lambda _: c


def log_cosh(x):
    return x * x / 2 if abs(x) < 1e-40 else abs(x) + mp.log1p(mp.exp(-2 * abs(x))) - mp.log(2)


def saturating(limit, low, function, high):
    """The function, or what it comes to beyond where e^x would take for ever."""
    return lambda x: low(x) if x < -limit else high(x) if x > limit else function(x)


def tiny(_):
    return mpf(2) ** -2000


def huge(_):
    return mpf(2) ** 2000


EXP = saturating(2000, tiny, mp.exp, huge)

def scaled_erfc(a):
    return mp.erfc(a) * mp.exp(a * a)


def hazard_excess(t):
    """φ(t)/Φ(-t) - t for t ≥ 0."""
    if t > 1e12:
        return 1 / t - 2 / t**3
    with mp.workdps(100):
        return mp.sqrt(2 / mp.pi) / scaled_erfc(t / mp.sqrt(2)) - t


def density(x):
    return mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi)


def upper_tail(x):
    """Φ(-x)."""
    return mp.erfc(x / mp.sqrt(2)) / 2


def log_normal_cdf(x):
    if x > 60:
        return -tiny(x)
    if x > 0:
        return mp.log1p(-upper_tail(x))
    return -x * x / 2 - mp.log(mp.sqrt(2 * mp.pi) * (hazard_excess(-x) - x))


def inverse_mills(x):
    if x > 60:
        return tiny(x)
    return density(x) / (1 - upper_tail(x)) if x > 0 else hazard_excess(-x) - x


def mills_excess(x):
    return x + inverse_mills(x) if x > 0 else hazard_excess(-x)


def lgamma(x):
    if is_pole(x):
        return INFINITY
    if abs(x) < 1e-100:
        return -mp.log(abs(x))
    if x > 1e50:
        return (x - mpf(1) / 2) * (mp.log(x) - 1) - mpf(1) / 2 + mp.log(2 * mp.pi) / 2
    return mp.re(mp.loggamma(x))


def digamma(x):
    return NAN if is_pole(x) else mp.digamma(x)


def trigamma(x):
    if is_pole(x):
        return INFINITY
    return 1 / (x * x) if abs(x) < 1e-100 else mp.polygamma(1, x)


FUNCTIONS = {
    "exp": (
        plain(EXP, zero=constant(1.0), top=INFINITY, bottom=0.0),
        lambda r: [
            *exponents(-60, 12, 2, r), *walk(-746, 710, 150, r), *walk(-1, 1, 100, r),
            *walk(-745.2, -708, 40, r), *walk(709.7, 709.8, 10, r), *around(0.34657359, -0.34657359),
            709.782712893384, 709.7827128933841, -745.1332191019411, -745.1332191019412,
        ],
    ),
    "expm1": (
        plain(saturating(2000, lambda x: mpf(-1) + mpf(2) ** -900, mp.expm1, huge), 400, top=INFINITY, bottom=-1.0),
        lambda r: [
            *exponents(-1074, 12, 16, r), *walk(-45, 45, 100, r), *walk(-1, 1, 150, r),
            *walk(700, 710, 10, r), *around(0.34657359, -0.34657359, 1.0397, -1.0397),
            709.782712893384, 709.7827128933841,
        ],
    ),
    "log": (
        plain(mp.log, zero=constant(-INFINITY), top=INFINITY, domain=0),
        lambda r: [
            *exponents(-1074, 1024, 8, r, (1,)), *walk(0.5, 2, 200, r), *walk(2, 100, 30, r),
            *around(1.0, 0.70710678, 1.41421356), -1e-300, -3.0,
        ],
    ),
    "log1p": (
        plain(lambda x: -INFINITY if x == -1 else mp.log1p(x), 400, top=INFINITY, domain=-1),
        lambda r: [
            *exponents(-1074, -1, 16, r), *exponents(-1, 1024, 16, r, (1,)), *walk(-1, 1, 200, r),
            *walk(1, 100, 30, r), *around(-0.29289, 0.41421356, 1.0), -0.9999999999999999, -1.5,
            *(x + 2.0**53 for x in (-1.0, 0.0, 2.0)), 1e17, 9.9e16, 1.01e17,
        ],
    ),
    "sinh": (
        plain(saturating(2000, lambda x: -huge(x), mp.sinh, huge), 400, top=INFINITY, bottom=-INFINITY),
        lambda r: [
            *exponents(-1074, 12, 16, r), *walk(-3, 3, 200, r), *walk(-700, 700, 50, r),
            *walk(709.7, 711, 20, r), *around(1.0, -1.0), 710.4758600739439, 710.475860073944,
        ],
    ),
    "cosh": (
        plain(saturating(2000, huge, mp.cosh, huge), 400, zero=constant(1.0), top=INFINITY, bottom=INFINITY),
        lambda r: [
            *exponents(-60, 12, 3, r), *walk(-3, 3, 200, r), *walk(-700, 700, 50, r),
            *walk(709.7, 711, 20, r), 710.4758600739439, 710.475860073944,
        ],
    ),
    "tanh": (
        plain(saturating(100, constant(mpf(-1)), mp.tanh, constant(mpf(1))), 400, top=1.0, bottom=-1.0),
        lambda r: [
            *exponents(-1074, 12, 16, r), *walk(-2, 2, 250, r), *walk(-22, 22, 60, r),
            *around(0.55, -0.55, 0.8664339756999316, 3.475055439904203, 20.0),
        ],
    ),
    "sigmoid": (
        plain(saturating(2000, tiny, lambda x: 1 / (1 + mp.exp(-x)), constant(mpf(1))), zero=constant(0.5), top=1.0, bottom=0.0),
        lambda r: [
            *exponents(-60, 12, 3, r), *walk(-5, 5, 250, r), *walk(-746, 40, 60, r),
            *walk(-746, -707, 30, r),
        ],
    ),
    "softplus": (
        plain(
            saturating(2000, tiny, lambda x: mp.log1p(mp.exp(x)), lambda x: x),
            400, zero=lambda _: mp.log(2), top=INFINITY, bottom=0.0,
        ),
        lambda r: [
            *exponents(-60, 1023, 8, r), *walk(-5, 5, 250, r), *walk(-746, 40, 60, r),
            *walk(-746, -707, 30, r),
        ],
    ),
    "log_cosh": (
        plain(saturating(2000, lambda x: abs(x) - mp.log(2), log_cosh, lambda x: x - mp.log(2)), 200, zero=constant(0.0), top=INFINITY, bottom=INFINITY),
        lambda r: [
            *exponents(-1074, 1023, 16, r), *walk(-2, 2, 250, r), *walk(-30, 30, 60, r),
            *walk(300, 400, 10, r), *around(1.0, -1.0),
        ],
    ),
    "sin": (
        plain(mp.sin, 1300),
        lambda r: [
            *exponents(-1074, 1024, 16, r), *walk(-10, 10, 200, r), *walk(0, 1e6, 50, r), *multiples(1, r),
            *walk(9.9e5, 1.1e6, 20, r), HARD, -HARD,
        ],
    ),
    "cos": (
        plain(mp.cos, 1300, zero=constant(1.0)),
        lambda r: [
            *exponents(-60, 1024, 10, r), *walk(-10, 10, 200, r), *walk(0, 1e6, 50, r), *multiples(2, r),
            *walk(9.9e5, 1.1e6, 20, r), HARD, -HARD,
        ],
    ),
    "tan": (
        plain(mp.tan, 1300),
        lambda r: [
            *exponents(-1074, 1024, 16, r), *walk(-10, 10, 200, r), *walk(0, 1e6, 50, r), *multiples(2, r),
            *walk(9.9e5, 1.1e6, 20, r), *around(0.785398), HARD, -HARD,
        ],
    ),
    "asin": (
        plain(mp.asin, 400, domain=-1, above=1),
        lambda r: [*exponents(-1074, 0, 16, r), *walk(-1, 1, 200, r), *around(0.5, -0.5, 1.0, -1.0)],
    ),
    "acos": (
        plain(mp.acos, zero=lambda _: mp.pi / 2, domain=-1, above=1),
        lambda r: [*exponents(-60, 0, 3, r), *walk(-1, 1, 200, r), *around(0.5, -0.5, 1.0, -1.0)],
    ),
    "atan": (
        plain(mp.atan, 400, top=HALF_PI, bottom=-HALF_PI),
        lambda r: [
            *exponents(-1074, 1024, 16, r), *walk(-1, 1, 150, r), *walk(-5, 5, 80, r), *around(1.0, -1.0),
        ],
    ),
    "erf": (
        plain(saturating(100, constant(mpf(-1)), mp.erf, constant(mpf(1))), 400, top=1.0, bottom=-1.0),
        lambda r: [
            *exponents(-1074, 10, 16, r), *walk(-1.5, 1.5, 150, r), *walk(-7, 7, 80, r), *around(1.0, -1.0),
        ],
    ),
    "erfc": (
        plain(saturating(100, constant(mpf(2)), mp.erfc, tiny), 60, zero=constant(1.0), top=0.0, bottom=2.0),
        lambda r: [*exponents(-60, 10, 4, r), *walk(-3, 3, 150, r), *walk(-6, 28, 200, r), *walk(26, 27.3, 40, r)],
    ),
    "log_normal_cdf": (
        plain(log_normal_cdf, 60, zero=lambda _: -mp.log(2), top=-0.0, bottom=-INFINITY),
        lambda r: [*exponents(-60, 600, 8, r), *walk(-4, 4, 150, r), *walk(-40, 40, 150, r), *walk(37, 39, 30, r)],
    ),
    "inverse_mills": (
        plain(inverse_mills, 60, zero=lambda _: mp.sqrt(2 / mp.pi), top=0.0, bottom=INFINITY),
        lambda r: [*exponents(-60, 1024, 8, r), *walk(-4, 4, 150, r), *walk(-40, 40, 150, r), *walk(37, 39, 30, r)],
    ),
    "mills_excess": (
        plain(mills_excess, 60, zero=lambda _: mp.sqrt(2 / mp.pi), top=INFINITY, bottom=0.0),
        lambda r: [*exponents(-60, 1024, 8, r), *walk(-4, 4, 150, r), *walk(-40, 40, 150, r)],
    ),
    "lgamma": (
        plain(lgamma, 60, zero=constant(INFINITY), top=INFINITY, bottom=INFINITY),
        lambda r: [
            *exponents(-1074, 1024, 16, r, (1,)), *walk(0, 4, 250, r), *walk(4, 200, 60, r),
            *around(0.5, 1.0, 1.3, 2.0, 2.75, 2.718281828), 2.55e305, 2.6e305,
        ],
    ),
    "digamma": (
        plain(digamma, 60, zero=constant(NAN), top=INFINITY, bottom=NAN),
        lambda r: [
            *exponents(-1021, 1024, 16, r, (1,)), *walk(0, 4, 250, r), *walk(4, 200, 60, r),
            *around(1.2, 1.4616321449683622, 2.2, 3.2),
        ],
    ),
    "trigamma": (
        plain(trigamma, 60, zero=constant(INFINITY), top=0.0, bottom=NAN),
        lambda r: [
            *exponents(-1074, 1024, 16, r, (1,)), *walk(0, 4, 250, r), *walk(4, 200, 60, r), *around(3.0),
            7.45e-155, 7.4e-155, 1e-154,
        ],
    ),
    # Left of zero, where the values cross zero between the poles.
    "lgamma_negative": (
        plain(lgamma, 400, zero=constant(INFINITY), top=INFINITY, bottom=INFINITY),
        lambda r: [*exponents(-1074, -1, 16, r, (-1,)), *walk(-12, 0, 300, r), *walk(-1e4, 0, 40, r), *poles()],
    ),
    "digamma_negative": (
        plain(digamma, 400, zero=constant(NAN), top=INFINITY, bottom=NAN),
        lambda r: [*exponents(-1021, -1, 16, r, (-1,)), *walk(-12, 0, 300, r), *walk(-1e4, 0, 40, r), *poles()],
    ),
    "trigamma_negative": (
        plain(trigamma, 400, zero=constant(INFINITY), top=0.0, bottom=NAN),
        lambda r: [*exponents(-1074, -1, 16, r, (-1,)), *walk(-12, 0, 300, r), *walk(-1e4, 0, 40, r), *poles()],
    ),
}

# Functions of two arguments: the same with pairs.


def atan2(y, x):
    if y != y or x != x or not (math.isfinite(x) and math.isfinite(y)) or x == 0 or y == 0:
        exact = math.atan2(y, x)
        over = {0.25: 1, 0.5: 2, 0.75: 3, 1.0: 4}.get(round(abs(exact) / math.pi, 6))
        return math.copysign(1, exact) * mp.pi * over / 4 if over else exact
    return mp.atan2(mpf(y), mpf(x))


def power(x, y):
    if x != x or math.isinf(x) or x == 0 or y == 0:
        try:
            return math.pow(x, y)
        except (ValueError, ZeroDivisionError):
            return math.copysign(INFINITY, x) if y % 2 == 1 else INFINITY
    if x < 0 and y != math.floor(y):
        return NAN
    sign = -1 if x < 0 and y % 2 == 1 else 1
    return sign * EXP(mpf(y) * mp.log(abs(mpf(x))))


POWERS = [0.5, -0.5, 1.5, -1.5, 1 / 3, -2 / 3, 2.0, 3.0, -1.0, -2.0, -3.0, 0.0, 0.1, 10.7, -100.3, 300.7, 1e-3]
POWERS += [12345.5, -98765.25, 1e10]


def pairs(firsts, seconds):
    return [(a, b) for a in firsts for b in seconds]


ENDS = [0.0, -0.0, 1.0, -1.0, 1e-300, -1e-300, 1e300, INFINITY, -INFINITY, NAN]

PAIR_FUNCTIONS = {
    "pow": (
        power,
        lambda r: [
            *pairs(ENDS, POWERS), *((x, y) for y in POWERS for x in walk(0, 4, 12, r)),
            *((x, y) for y in POWERS for x in exponents(-1074, 1024, 150, r)),
            *((1 + 0.7 / abs(y) * t, y) for y in POWERS[-3:] for t in walk(-900, 900, 30, r) if 1 + 0.7 / abs(y) * t > 0),
        ],
    ),
    "atan2": (
        atan2,
        lambda r: [
            *pairs(ENDS, ENDS), *((a, b) for a in walk(-3, 3, 20, r) for b in walk(-3, 3, 20, r)),
            *zip(exponents(-300, 300, 10, r), exponents(-450, 450, 15, r)),
        ],
    ),
}

def main(names):
    folder = Path(__file__).parent / "points"
    folder.mkdir(exist_ok=True)
    for name in names or [*FUNCTIONS, *PAIR_FUNCTIONS]:
        rng = random.Random(1)
        if name in FUNCTIONS:
            function, choose = FUNCTIONS[name]
            special = [] if name.endswith("_negative") else SPECIAL
            points = [(float(x),) for x in [*special, *choose(rng)]]
        else:
            function, choose = PAIR_FUNCTIONS[name]
            points = choose(rng)
        distinct = dict.fromkeys(tuple(bits(x) for x in point) for point in points)
        doubles = [[struct.unpack("<d", struct.pack("<Q", b))[0] for b in p] for p in distinct]
        lines = [line(function, *point) for point in doubles]
        (folder / f"{name}.txt").write_text("\n".join(lines) + "\n")
        print(name, len(lines))


if __name__ == "__main__":
    main(sys.argv[1:])
