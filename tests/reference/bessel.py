"""Writes tests/reference/bessel.txt: the modified Bessel functions of the language.

A line holds twice the order k, then x, log I_k(x), log(gamma(k + 1)*(2/x)^k*I_k(x)) and
I_(k+1)(x)/(x*I_k(x)). All are computed by mpmath to 40 digits more than they are written with; where
scipy has I_k without under- or overflow, it agrees.

    python3 tests/reference/bessel.py
"""

from pathlib import Path

import mpmath
import numpy as np
from scipy import special

ORDERS = [0, 1, 2, 3, 4, 5, 8, 13, 21, 30, 41, 60, 61, 120, 200]
POINTS = [1e-8, 1e-3, 0.1, 0.75, 1.0, 3.5, 10.0, 20.0, 35.0, 43.5, 44.5, 60.0, 100.0, 250.0, 899.0,
          901.0, 3000.0, 1e4, 1e5, 1e6]


def row(twice, x):
    k, z = mpmath.mpf(twice) / 2, mpmath.mpf(x)
    value = mpmath.besseli(k, z)
    even = mpmath.log(mpmath.gamma(k + 1) * (2 / z) ** k * value)
    ratio = mpmath.besseli(k + 1, z) / (z * value)
    scaled = special.ive(twice / 2, x)
    if 1e-250 < scaled:
        known = float(mpmath.log(value))
        assert abs(np.log(scaled) + x - known) < 1e-12 * max(1, abs(known), x), (twice, x)
    return mpmath.log(value), even, ratio


def main():
    mpmath.mp.dps = 60
    lines = []
    for twice in ORDERS:
        for x in POINTS:
            values = [mpmath.nstr(value, 20) for value in row(twice, x)]
            lines.append(" ".join([str(twice), repr(x), *values]))
    path = Path(__file__).with_name("bessel.txt")
    path.write_text("\n".join(lines) + "\n")


main()
