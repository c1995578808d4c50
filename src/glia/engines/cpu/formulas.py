"""The words of the machine-code engine: what NumPy's names mean on lanes.

Transcendental functions are polynomials with fused multiply-add after an exact range reduction;
infinities and NaN come out as IEEE 754 asks. Coefficients of log and of tanh, erf, sin and cos
are those of FreeBSD's msun and of S. Moshier's Cephes library.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ...dtypes import boolean, float64, is_float
from .ir import TYPES
from .lanes import Lanes

__all__ = ["LaneWords"]

LN2_HIGH, LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
LN2_HIGH32, LN2_LOW32 = 6.9313812256e-01, 9.0580006145e-06
LOG64 = (
    6.666666666666735130e-01,
    3.999999999940941908e-01,
    2.857142874366239149e-01,
    2.222219843214978396e-01,
    1.818357216161805012e-01,
    1.531383769920937332e-01,
    1.479819860511658591e-01,
)
LOG32 = (0.66666662693, 0.40000972152, 0.28498786688, 0.24279078841)
TANH_P = (-9.64399179425052238628e-1, -9.92877231001918586564e1, -1.61468768441708447952e3)
TANH_Q = (1.0, 1.12811678491632931402e2, 2.23548839060100448583e3, 4.84406305325125486048e3)
ERF_T = (
    9.60497373987051638749e0,
    9.00260197203842689217e1,
    2.23200534594684319226e3,
    7.00332514112805075473e3,
    5.55923013010394962768e4,
)
ERF_U = (
    1.0,
    3.35617141647503099647e1,
    5.21357949780152679795e2,
    4.59432382970980127987e3,
    2.26290000613890934246e4,
    4.92673942608635921086e4,
)
ERFC_P = (
    2.46196981473530512524e-10,
    5.64189564831068821977e-1,
    7.46321056442269912687e0,
    4.86371970985681366614e1,
    1.96520832956077098242e2,
    5.26445194995477358631e2,
    9.34528527171957607540e2,
    1.02755188689515710272e3,
    5.57535335369399327526e2,
)
ERFC_Q = (
    1.0,
    1.32281951154744992508e1,
    8.67072140885989742329e1,
    3.54937778887819891062e2,
    9.75708501743205489753e2,
    1.82390916687909736289e3,
    2.24633760818710981792e3,
    1.65666309194161350182e3,
    5.57535340817727675546e2,
)
SIN = (
    1.58962301576546568060e-10,
    -2.50507477628578072866e-8,
    2.75573136213857245213e-6,
    -1.98412698295895385996e-4,
    8.33333333332211858878e-3,
    -1.66666666666666307295e-1,
)
COS = (
    -1.13585365213876817300e-11,
    2.08757008419747316778e-9,
    -2.75573141792967388112e-7,
    2.48015872888517045348e-5,
    -1.38888888888730564116e-3,
    4.16666666666665929218e-2,
)
HALF_PI = (1.5707963267341256142, 6.077100506303965976e-11, 2.0222662487959505988e-21)


def polynomial(x: Lanes, coefficients: Sequence[float]) -> Lanes:
    """Return a polynomial by Horner's rule, highest power first."""
    result = x.constant(coefficients[0])
    for coefficient in coefficients[1:]:
        result = result.fma(x, coefficient)
    return result


class LaneWords:
    """NumPy's names on :class:`Lanes`."""

    def sqrt(self, x: Lanes) -> Lanes:
        return x.call("sqrt")

    def floor(self, x: Lanes) -> Lanes:
        return x.call("floor")

    def abs(self, x: Lanes) -> Lanes:
        if is_float(x.dtype):
            return x.call("fabs")
        return x if x.dtype.kind == "u" else (x < 0).select(-x, x)

    def sign(self, x: Lanes) -> Lanes:
        unit = (x > 0).select(x.constant(1), (x < 0).select(x.constant(-1), x.constant(0)))
        return (x == x).select(unit, x) if is_float(x.dtype) else unit

    def maximum(self, x: Any, y: Any) -> Lanes:
        return self._extreme("maximum", x, y)

    def minimum(self, x: Any, y: Any) -> Lanes:
        return self._extreme("minimum", x, y)

    def _extreme(self, name: str, x: Any, y: Any) -> Lanes:
        first: Lanes = x if isinstance(x, Lanes) else y.constant(x)
        second = first.lift(y)
        is_first = first > second if name == "maximum" else first < second
        chosen = is_first.select(first, second)
        # A NaN in y fails the test and is chosen; one in x has to be put back.
        is_number: Lanes = first == first
        return is_number.select(chosen, first) if is_float(first.dtype) else chosen

    def where(self, c: Lanes, x: Any, y: Any) -> Lanes:
        return c.select(x, y)

    def astype(self, x: Lanes, dtype: Any) -> Lanes:
        dtype = np.dtype(dtype)
        if dtype == x.dtype:
            return x
        to = f"<{x.width} x {TYPES[dtype.name]}>"
        if dtype == boolean:
            test = (
                f"fcmp une {x.type} {x.name}" if is_float(x.dtype) else f"icmp ne {x.type} {x.name}"
            )
            return x.like(f"{test}, {x.constant(0).name}", boolean)
        if is_float(x.dtype) and is_float(dtype):
            name = "fpext" if dtype == float64 else "fptrunc"
        elif is_float(dtype):
            name = "sitofp" if x.dtype.kind == "i" else "uitofp"
        elif is_float(x.dtype):
            kind = "fptosi" if dtype.kind == "i" else "fptoui"
            full = f"llvm.{kind}.sat.v{x.width}i{8 * dtype.itemsize}.{x.suffix}"
            x.code.module.declare(full, f"declare {to} @{full}({x.type})")
            return x.like(f"call {to} @{full}({x.type} {x.name})", dtype)
        else:
            before = 1 if x.dtype == boolean else 8 * x.dtype.itemsize
            after = 8 * dtype.itemsize
            if before == after:
                return Lanes(x.code, x.name, dtype, x.width)
            name = "trunc" if after < before else "sext" if x.dtype.kind == "i" else "zext"
        return x.like(f"{name} {x.type} {x.name} to {to}", dtype)

    def exp(self, x: Lanes) -> Lanes:
        """``2**n * exp(r)`` with ``|r| <= log(2)/2``; the power is applied in two halves."""
        is_double = x.dtype == float64
        low, high, shift, bias = (-746.0, 710.0, 52, 1023) if is_double else (-105.0, 89.0, 23, 127)
        magic = 1.5 * 2.0**shift
        clamped = (x < low).select(x.constant(low), (x > high).select(x.constant(high), x))
        turned = clamped.fma(1 / math.log(2), magic)
        n = turned - magic
        high_part, low_part = (LN2_HIGH, LN2_LOW) if is_double else (LN2_HIGH32, LN2_LOW32)
        r = n.fma(-low_part, n.fma(-high_part, clamped))
        degree = 13 if is_double else 7
        p = polynomial(r, [1 / math.factorial(k) for k in range(degree, -1, -1)])
        whole = turned.bits() - int(np.asarray(magic, x.dtype).view(turned.bits_dtype))
        first = whole >> 1
        for part in (first, whole - first):
            p = p * ((part + bias) << shift).as_float(x.dtype)
        return p

    def log(self, x: Lanes) -> Lanes:
        """``k log(2) + log(1 + f)`` with ``sqrt(1/2) <= 1 + f < sqrt(2)``."""
        is_double = x.dtype == float64
        shift = 52 if is_double else 23
        high_part, low_part = (LN2_HIGH, LN2_LOW) if is_double else (LN2_HIGH32, LN2_LOW32)
        bits = x.bits()
        root_half = int(np.asarray(math.sqrt(0.5), x.dtype).view(bits.dtype))
        k = (bits - root_half) >> shift
        f = (bits - (k << shift)).as_float(x.dtype) - 1.0
        k = self.astype(k, x.dtype)
        s = f / (f + 2.0)
        z = s * s
        r = z * polynomial(z, (LOG64 if is_double else LOG32)[::-1])
        half = f * f * 0.5
        result = k.fma(high_part, f - (half - k.fma(low_part, s * (half + r))))
        result = (x == 0.0).select(x.constant(-math.inf), result)
        result = (x < 0.0).select(x.constant(math.nan), result)
        return (x < math.inf).select(result, x)

    def log1p(self, x: Lanes) -> Lanes:
        """``log(w) x / (w - 1)`` with ``w = 1 + x`` as rounded (Kahan)."""
        w = x + 1.0
        is_tiny: Lanes = w == 1.0
        ratio = x / is_tiny.select(x.constant(1.0), w - 1.0)
        return is_tiny.select(x, (w == math.inf).select(w, self.log(w) * ratio))

    def tanh(self, x: Lanes) -> Lanes:
        size, z = self.abs(x), x * x
        small = x + x * (z * polynomial(z, TANH_P) / polynomial(z, TANH_Q))
        large = 1.0 - 2.0 / (self.exp(size + size) + 1.0)
        return (size < 0.625).select(small, large.call("copysign", x))

    def erf(self, x: Lanes) -> Lanes:
        size, z = self.abs(x), x * x
        small = x * polynomial(z, ERF_T) / polynomial(z, ERF_U)
        bounded = (size > 8.0).select(size.constant(8.0), size)
        tail = (
            self.exp(-(bounded * bounded))
            * polynomial(bounded, ERFC_P)
            / polynomial(bounded, ERFC_Q)
        )
        return (size < 1.0).select(small, (1.0 - tail).call("copysign", x))

    def sin(self, x: Lanes) -> Lanes:
        return self._wave(x, 0)

    def cos(self, x: Lanes) -> Lanes:
        return self._wave(x, 1)

    def _wave(self, x: Lanes, quarter: int) -> Lanes:
        """Sin of ``x`` plus so many quarter turns; in double precision for both dtypes."""
        wide = self.astype(x, float64)
        magic = 1.5 * 2.0**52
        turned = wide.fma(2 / math.pi, magic)
        n = turned - magic
        r = wide
        for part in HALF_PI:
            r = n.fma(-part, r)
        z = r * r
        sine = (r * z).fma(polynomial(z, SIN), r)
        cosine = (z * z).fma(polynomial(z, COS), z.fma(-0.5, 1.0))
        which = turned.bits() + quarter
        value = ((which & 1) == 0).select(sine, cosine)
        value = ((which & 2) == 0).select(value, -value)
        # Beyond this the reduction has no digits left: better no number than a wrong one.
        value = (self.abs(wide) < 1e9).select(value, value.constant(math.nan))
        return self.astype(value, x.dtype)

    def power(self, x: Lanes, y: Lanes) -> Lanes:
        """``exp(y log|x|)`` in double precision, with the sign and edges of IEEE 754 pow."""
        base, exponent = self.astype(x, float64), self.astype(y, float64)
        size = self.abs(base)
        value = self.exp(exponent * self.log(size))
        half = exponent * 0.5
        is_whole, is_even = self.floor(exponent) == exponent, self.floor(half) == half
        is_one = (exponent == 0.0) | (size == 1.0)
        value = is_one.select(value.constant(1.0), value)
        value = (is_whole & ~is_even).select(value.call("copysign", base), value)
        is_wrong = (base < 0.0) & (size < math.inf) & ~is_whole
        return self.astype(is_wrong.select(value.constant(math.nan), value), x.dtype)
