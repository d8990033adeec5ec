"""Mathematics in written English, in words; and what only looks like it."""

from __future__ import annotations

import pytest

from voice_local.text.speech.speakable import speakable

pytestmark = pytest.mark.unit

CASES = {
    "terms": [
        ("Solve 2x + 3 = 7.", "Solve two x plus three equals seven."),
        ("So y = 3x.", "So y equals three x."),
        ("2x - 3 = 7", "two x minus three equals seven"),
        ("It is 2x faster, 3x per week.", "It is two times faster, three times per week."),
        ("He tried twice (2x).", "He tried twice (two times)."),
        ("f(2x) = 3, (a + x) = 3", "f of two x equals three, (a plus x) equals three"),
        ("Solve it 2x faster.", "Solve it two times faster."),
        ("Use 2x/day, 3–4x more.", "Use two times per day, three to four times more."),
    ],
    "functions": [
        ("f(x) = x² + 1", "f of x equals x squared plus one"),
        ("Take sin(30°) and ln(2).", "Take sine of thirty degrees and natural log of two."),
        ("log₁₀(100) is it.", "log ten of one hundred is it."),
        ("P(A) = 0.5", "P of A equals zero point five"),
        ("The plural(s) of (x) and (8).", "The plural(s) of (x) and (eight)."),
    ],
    "powers": [
        ("10⁹ or 10⁻⁶ m", "ten to the power of nine or ten to the power of minus six meters"),
        ("x⁻¹ and 2^n", "x to the power of minus one and two to the power of n"),
        (
            "3.0 × 10⁸ m/s",
            "three point zero times ten to the power of eight meters per second",
        ),
        ("10<sup>3</sup> and 10<sup>th</sup>", "ten cubed and tenth"),
        (r"\(e^{i\pi} + 1\)", "e to the power of i pi plus one"),
        (
            "1e-5 or 1.6e-19",
            "one times ten to the power of minus five or one point six times ten to the power of minus nineteen",
        ),
        ("A word¹ or x⁴.", "A word or x to the power of four."),
        ("Flight 3E4.", "Flight three E four."),
        ("It is 20 m².", "It is twenty square meters."),
    ],
    "Greek": [
        ("πr² and 2πr", "pi r squared and two pi r"),
        ("Δt is α-helix", "delta t is alpha helix"),
        ("5 µm and 100Ω", "five micrometers and one hundred ohms"),
    ],
    "dollars": [
        ("So $x = 5$ and $y = 10$.", "So x equals five and y equals ten."),
        ("It costs $5 and $10 now.", "It costs five dollars and ten dollars now."),
        ("From $5 to 10$ now.", "From five dollars to ten dollars now."),
        (r"$\frac{1}{2}$ or $\boxed{12}$", "one half or twelve"),
        ("$3x + 2 = 11$", "three x plus two equals eleven"),
    ],
    "LaTeX": [
        (
            r"x = \frac{-b \pm \sqrt{b^2-4ac}}{2a}",
            "x equals (minus b plus or minus square root of (b squared minus four a c)) over two a",
        ),
        (r"\(\frac{a}{b}\)", "a over b"),
        (r"\(\sum_{i=1}^{n} i\)", "sum from i equals one to n of i"),
        (r"\(x \in \mathbb{R}\)", "x in R"),
        (r"\(90^\circ\)", "ninety degrees"),
    ],
    "signs": [
        (
            "√(b² - 4ac) / 2a",
            "square root of (b squared minus four a c) over two a",
        ),
        ("17 % 5 = 2", "seventeen mod five equals two"),
        ("50 % of it", "fifty percent of it"),
        ("½mv² is it.", "one half mv squared is it."),
        ("∛27 = 3", "cube root of twenty seven equals three"),
        ("A ∪ B, x ∈ S", "A union B, x in S"),
        ("5! = 120", "five factorial equals one hundred twenty"),
        ("I am 5! Great.", "I am five! Great."),
        ("a = F/m", "a equals F over m"),
        ("The total - tax included - is nine.", "The total, tax included, is nine."),
    ],
}


@pytest.mark.parametrize(
    ("written", "said"),
    [
        pytest.param(*case, id=f"{kind}:{case[0][:40]!r}")
        for kind, cases in CASES.items()
        for case in cases
    ],
)
def test_cases(written: str, said: str) -> None:
    assert speakable(written) == said
    assert speakable(said) == said
