"""Telephone numbers, codes and rooms."""

from __future__ import annotations

import string
from random import Random

from benchmarks.spoken_form_classes.form import Form

CODE_LETTERS = "BDFGHJKLMNPRSTVXZ"
"""Without letters that sound like words ("U", "C", "Y") or like digits ("O", "I"), which no
listener could tell apart.

For the same reason there is no "₩" (won, one) and no room 727K (thousand): both stood here at
first.
"""


def local_phone(rng: Random) -> Form:
    parts = f"{rng.randint(200, 999)}", f"{rng.randint(200, 999)}", f"{rng.randint(0, 9999):04d}"
    written = rng.choice(("{}-{}-{}", "({}) {}-{}", "{}.{}.{}")).format(*parts)
    return Form("phone", f"Call us at {written}.", (" ".join("".join(parts)),))


def foreign_phone(rng: Random) -> Form:
    parts = (
        str(rng.choice((44, 49, 33, 61))),
        str(rng.randint(20, 99)),
        f"{rng.randint(2000, 9999)}",
        f"{rng.randint(0, 9999):04d}",
    )
    digits = " ".join("".join(parts))
    return Form(
        "foreign phone",
        f"The number is +{' '.join(parts)}.",
        (digits, f"plus {digits}", f"+{digits}"),
    )


def zero_code(rng: Random) -> Form:
    code = "0" * rng.randint(1, 2) + str(rng.randint(11, 99))
    code += "" if len(code) == 4 else str(rng.randint(1, 9))
    return Form("code with zeros", f"Your code is {code}.", (" ".join(code),))


def letter_code(rng: Random) -> Form:
    letters = "".join(rng.sample(CODE_LETTERS, 2))
    digits = f"{rng.randint(1000, 9999)}"
    return Form(
        "letter code",
        f"Your order is {letters}{rng.choice(('', '-'))}{digits}.",
        (" ".join(letters + digits),),
    )


def room(rng: Random) -> Form:
    number, letter = rng.randint(101, 989), rng.choice("BDFGH")
    return Form("room", f"Go to Room {number}{letter} now.", (f"{' '.join(str(number))} {letter}",))


def digit_code(rng: Random) -> Form:
    code = "".join(rng.choice(string.digits[1:]) for _ in range(4))
    return Form("digit code", f"Your PIN is {code}.", (" ".join(code), f"{code[0]}.{code[1:]}"))
