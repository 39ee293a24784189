#!/usr/bin/env python3
"""Writes arithmetic.vectors: FEEL expressions, and their results to 34 digits by Python's decimal.

    python3 Tests/DMNTests/Fixtures/arithmetic.py > Tests/DMNTests/Fixtures/arithmetic.vectors

Each result is calculated with 150 digits and rounded once, half to even; whole powers and remainders are
exact before that. The numbers are random, of a fixed seed, and around what rounds badly.
"""

import random
from decimal import ROUND_HALF_EVEN, Context, Decimal, setcontext
from fractions import Fraction

LONG = Context(prec=150, Emin=-99999, Emax=99999)
SHORT = Context(prec=34, rounding=ROUND_HALF_EVEN, Emin=-6143, Emax=6144)


def rounded(value):
    return format(SHORT.plus(value).normalize(SHORT), "f")


def number(source, places=34, sign=True):
    """A number of up to 34 digits, its size near one more often than not."""
    digits = source.randrange(1, 10 ** source.randint(1, places))
    exponent = source.choice([0, -1, -2, -len(str(digits)), source.randint(-40, 5)])
    return Decimal(digits * (-1 if sign and source.random() < 0.3 else 1)).scaleb(exponent)


def text(value):
    plain = format(value, "f")
    return f"({plain})" if plain.startswith("-") else plain


def power(base, exponent):
    """Exact where the exponent is whole."""
    if exponent == exponent.to_integral_value():
        exact = Fraction(base) ** int(exponent)
        return LONG.divide(Decimal(exact.numerator), Decimal(exact.denominator))
    return LONG.power(base, exponent)


def is_plain(value):
    """Whether the result is written without an exponent and within range."""
    return value == 0 or -30 < value.adjusted() < 30


def write(expression, value):
    if is_plain(value):
        print(f"{expression} => {rounded(value)}")


def main():
    setcontext(LONG)
    source = random.Random(34)
    for _ in range(400):
        base = abs(number(source))
        write(f"sqrt({text(base)})", LONG.sqrt(base))
    for _ in range(100):
        root = abs(number(source, 17))
        write(f"sqrt({text(root * root)})", root)
    for _ in range(300):
        base = number(source, source.choice([2, 6, 17, 34]))
        exponent = Decimal(source.choice([2, 3, 5, 7, 10, 50, 360, -1, -2, -3, -10, -360]))
        write(f"{text(base)} ** {text(exponent)}", power(base, exponent))
    for _ in range(100):
        base = 1 + Decimal(source.randrange(1, 10 ** 6)).scaleb(-source.randint(7, 12))
        exponent = Decimal(source.randint(-100_000, 100_000))
        write(f"{text(base)} ** {text(exponent)}", LONG.power(base, exponent))
    for base, exponent in ((5, 49), (5, 50), (15, 29), (25, 25), (35, 22), (2, 113), (2, -49), (5, -48)):
        write(f"{base} ** {text(Decimal(exponent))}", power(Decimal(base), Decimal(exponent)))
    for _ in range(200):
        base = abs(number(source))
        exponent = number(source, 6)
        if abs(exponent) < 40:
            write(f"{text(base)} ** {text(exponent)}", power(base, exponent))
    for root in (2, 3, 7, 12, 125, 3333333, 99999999999):
        write(f"{root ** 2} ** 0.5", Decimal(root))
        write(f"{root ** 2} ** 1.5", Decimal(root ** 3))
    for _ in range(200):
        exponent = number(source)
        if abs(exponent) < 65:
            write(f"exp({text(exponent)})", LONG.exp(exponent))
    for _ in range(200):
        argument = abs(number(source))
        write(f"log({text(argument)})", LONG.ln(argument))
    for places in range(1, 34):
        for sign in (1, -1):
            argument = 1 + Decimal(sign).scaleb(-places)
            write(f"log({text(argument)})", LONG.ln(argument))
    for _ in range(300):
        dividend, divisor = number(source), number(source, source.choice([1, 5, 34]))
        quotient = Fraction(dividend) / Fraction(divisor)
        rest = Fraction(dividend) - (quotient.numerator // quotient.denominator) * Fraction(divisor)
        write(f"modulo({text(dividend)}, {text(divisor)})",
              LONG.divide(Decimal(rest.numerator), Decimal(rest.denominator)))


if __name__ == "__main__":
    main()
