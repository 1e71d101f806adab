"""Writes tests/reference/points/NAME.txt: correctly rounded values of the functions.

One point a line: the bits of the argument, the bits of the double nearest to the value, and
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


def line(function, x):
    with mp.workdps(60):
        v = function(x)
        if isinstance(v, float):
            return f"{bits(x):016x} {bits(v):016x} 0"
        double, residual = nearest(v)
        return f"{bits(x):016x} {bits(double):016x} {float(residual):.3f}"


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
            *around(0.55, -0.55),
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
}


def main(names):
    folder = Path(__file__).parent / "points"
    folder.mkdir(exist_ok=True)
    for name in names or FUNCTIONS:
        function, choose = FUNCTIONS[name]
        arguments = dict.fromkeys(bits(float(x)) for x in [*SPECIAL, *choose(random.Random(1))])
        doubles = [struct.unpack("<d", struct.pack("<Q", b))[0] for b in arguments]
        lines = [line(function, x) for x in doubles]
        (folder / f"{name}.txt").write_text("\n".join(lines) + "\n")
        print(name, len(lines))


if __name__ == "__main__":
    main(sys.argv[1:])
