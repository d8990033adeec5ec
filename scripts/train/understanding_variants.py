"""One sentence in the many ways it may arrive: without apostrophes, in digits, with marks,
hesitating, misheard."""

from __future__ import annotations

import random
import re
from pathlib import Path

from scripts.train.world.slots import TEENS, TENS, UNITS

_EXPANDED = {
    "don't": "do not",
    "doesn't": "does not",
    "didn't": "did not",
    "isn't": "is not",
    "aren't": "are not",
    "wasn't": "was not",
    "can't": "cannot",
    "couldn't": "could not",
    "won't": "will not",
    "wouldn't": "would not",
    "shouldn't": "should not",
    "haven't": "have not",
    "hasn't": "has not",
    "i'm": "i am",
    "i'd": "i would",
    "i've": "i have",
    "i'll": "i will",
    "it's": "it is",
    "that's": "that is",
    "there's": "there is",
    "he's": "he is",
    "she's": "she is",
    "we're": "we are",
    "you're": "you are",
    "they're": "they are",
    "what's": "what is",
    "where's": "where is",
    "who's": "who is",
}
_CONTRACTED = {long: short for short, long in _EXPANDED.items() if short != "i'd"}
_SHORT = re.compile(r"\b(?:" + "|".join(_EXPANDED) + r")\b")
_LONG = re.compile(r"\b(?:" + "|".join(_CONTRACTED) + r")\b")
MISHEARD = Path(__file__).parent / "world" / "misheard.txt"
_DIGITS = {word: str(value) for value, word in enumerate(["zero", *UNITS])}
_NUMBERS = {
    **_DIGITS,
    **{word: str(value) for value, word in enumerate(["ten", *TEENS[1:]], start=10)},
    **{word: str(10 * value) for value, word in enumerate(TENS, start=2)},
}
_ONE = "|".join(_DIGITS)
_SPELLED = re.compile(rf"\b(?:(?:[a-z]|{_ONE}) )+(?:{_ONE})\b")
_TENS = re.compile(rf"\b({'|'.join(TENS)}) ({'|'.join(UNITS)})\b")
_NUMBER = re.compile(rf"\b(?:{'|'.join(_NUMBERS)})\b")
FILLERS = ("um", "uh", "er", "like", "you know", "i mean", "well", "hm", "so", "just")
OPENERS = (
    "um",
    "uh",
    "okay",
    "okay so",
    "so",
    "well",
    "hey",
    "hi",
    "yeah",
    "yeah so",
    "right",
    "and",
    "but",
    "oh",
    "look",
    "listen",
    "please",
    "hello",
    "sorry",
    "i think",
    "actually",
    "just a question",
    "one thing",
    "alright",
    "now",
    "computer",
    "hey assistant",
    "you know what",
    "let me think",
    "yes hello",
)
_QUESTION = re.compile(
    r"^(?:what|who|where|when|why|how|which|is|are|do|does|did|can|could|will|would|should|has|"
    r"have|was)\b"
)


def misheard_as(alike: dict[str, list[str]]) -> dict[str, list[str]]:
    """`alike` with what recognizers write in place of words of danger and of acts
    (world/misheard.txt)."""
    result = {word: list(others) for word, others in alike.items()}
    for line in MISHEARD.read_text(encoding="utf-8").splitlines():
        if line and line[0] != "#":
            word, others = line.split(": ")
            result.setdefault(word, []).extend(
                other.replace("_", " ") for other in others.split() * 2
            )
    return result


def apostrophes(text: str, rng: random.Random) -> str:
    """Contractions written out, written short, or without their apostrophe."""
    kind = rng.random()
    if kind < 0.12:
        return _SHORT.sub(lambda m: _EXPANDED[m.group(0)], text)
    if kind < 0.24:
        return _LONG.sub(lambda m: _CONTRACTED[m.group(0)], text)
    if kind < 0.36:
        return text.replace("'", "")
    return text


def digits(text: str, rng: random.Random) -> str:
    """Spelled codes and numbers in digits: "a b one two" → "ab12" or "a b 1 2"."""
    joined = rng.random() < 0.6

    def code(match: re.Match[str]) -> str:
        parts = [_DIGITS.get(word, word) for word in match.group(0).split()]
        lead = (
            f"{parts.pop(0)} "
            if parts[0] in ("a", "i") and len(parts) > 1 and parts[1].isdigit()
            else ""
        )
        return lead + ("" if joined else " ").join(parts)

    text = _SPELLED.sub(code, text)
    text = _TENS.sub(lambda m: str(int(_NUMBERS[m.group(1)]) + int(_NUMBERS[m.group(2)])), text)
    return _NUMBER.sub(lambda m: _NUMBERS[m.group(0)], text)


def marks(text: str, rng: random.Random) -> str:
    """With a mark at its end, as some recognizers write them, whether or not the sentence is
    whole."""
    if _QUESTION.match(text) and rng.random() < 0.8:
        return f"{text} ?"
    return f"{text} {'!' if rng.random() < 0.08 else '.'}"


def hesitating(words: list[str], rng: random.Random) -> list[str]:
    """Sometimes an opener before the words, sometimes a filler within them."""
    if rng.random() < 0.07:
        words = [*rng.choice(OPENERS).split(), *words]
    if rng.random() < 0.05 and len(words) > 3:
        place = rng.randrange(1, len(words))
        words = [*words[:place], *rng.choice(FILLERS).split(), *words[place:]]
    return words


def misheard(
    words: list[str], alike: dict[str, list[str]], rng: random.Random, rate: float = 1.0
) -> list[str]:
    """Loses, doubles or mistakes a word now and then, as a recognizer may; some sentences much more
    than others."""
    result = []
    hard = rate * (2.5 if rng.random() < 0.12 else 0.3)
    for index, word in enumerate(words):
        draw = rng.random() / hard if hard else 1.0
        last = index == len(words) - 1
        if (
            draw < 0.02
            and len(words) > 3
            and not last
            and word not in ("not", "don't", "dont", "never", "no")
        ):
            continue
        if draw < 0.05 and word in alike:
            word = rng.choice(alike[word])
        elif draw < 0.053 and not last:
            result.append(word)
        result.append(word)
    return result
