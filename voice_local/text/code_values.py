"""The value of a run of code tokens: "double five" is 55, "twelve thirty four" 1234, "two hundred
and five" 205."""

from __future__ import annotations

from voice_local.text.code_tokens import (
    Kind,
    Token,
)

Part = tuple[int, int]
"""A number, and how many tokens it takes up."""


def value_of(run: list[Token]) -> str:
    """The value of a run of tokens, in capitals and digits."""
    parts: list[str] = []
    index = 0
    while index < len(run):
        token = run[index]
        following = run[index + 1] if index + 1 < len(run) else None
        number = _cardinal(run, index) or _two_digits(run, index)
        if number is not None:
            parts.append(str(number[0]))
            index += number[1]
        elif following is not None and _repeats(token, following):
            parts.append(following.value * int(token.value))
            index += 2
        else:
            if token.kind in (
                Kind.LETTER,
                Kind.GROUP,
                Kind.DIGIT,
                Kind.NUMBER,
                Kind.MIXED,
                Kind.SCALE,
            ):
                parts.append(token.value)
            index += 1
    return "".join(parts)


def _repeats(token: Token, following: Token) -> bool:
    """Whether `token` repeats the next one: "double five", "three fives"."""
    if token.kind is Kind.TIMES:
        return following.kind in (Kind.LETTER, Kind.DIGIT)
    return token.kind is Kind.DIGIT and token.value > "1" and following.kind is Kind.MANY


def _cardinal(run: list[Token], index: int) -> Part | None:
    """A number that begins at `index` and has "hundred" or "thousand" in it."""
    value, used = _below_thousand(run, index) or (1, 0)
    scaled = used > 1 and any(token.kind is Kind.SCALE for token in run[index : index + used])
    if _is_scale(run, index + used, "1000"):
        used += 1
        tail = _below_thousand(run, _past_and(run, index + used))
        if tail is None:
            return value * 1000, used
        return value * 1000 + tail[0], _past_and(run, index + used) + tail[1] - index
    return (value, used) if scaled else None


def _below_thousand(run: list[Token], index: int) -> Part | None:
    """A number up to 999, or a multiple of a hundred, that begins at `index`."""
    value, used = _two_digits(run, index) or _one_digit(run, index) or (1, 0)
    if not _is_scale(run, index + used, "100"):
        return (value, used) if used else None
    used += 1
    begin = _past_and(run, index + used)
    tail = _two_digits(run, begin) or _one_digit(run, begin)
    return (value * 100 + tail[0], begin + tail[1] - index) if tail else (value * 100, used)


def _two_digits(run: list[Token], index: int) -> Part | None:
    """A number from 10 to 99 that begins at `index`: "twelve", "thirty four"."""
    if index >= len(run) or run[index].kind not in (Kind.TEEN, Kind.TENS):
        return None
    value = int(run[index].value)
    unit = _one_digit(run, index + 1) if run[index].kind is Kind.TENS else None
    return (value + unit[0], 2) if unit else (value, 1)


def _one_digit(run: list[Token], index: int) -> Part | None:
    """The name of a digit other than zero at `index`."""
    named = index < len(run) and run[index].kind is Kind.DIGIT and not run[index].text.isdigit()
    return (int(run[index].value), 1) if named and run[index].value != "0" else None


def _is_scale(run: list[Token], index: int, value: str) -> bool:
    return index < len(run) and run[index].kind is Kind.SCALE and run[index].value == value


def _past_and(run: list[Token], index: int) -> int:
    return index + (
        index < len(run) and run[index].kind is Kind.JOIN and run[index].text.lower() == "and"
    )
