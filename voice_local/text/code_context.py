"""The tokens of a sentence, corrected by their neighbours.

A word that sounds like a letter is one between letters, and of "B as in Bravo" only the B is left.
English.
"""

from __future__ import annotations

from dataclasses import replace

from voice_local.text.code_tokens import (
    Kind,
    Token,
    coded,
    words_of,
)
from voice_local.text.code_words import (
    NAMED,
    NATO,
    SOUNDS_LIKE,
)


def tokens(text: str) -> list[Token]:
    """The tokens of `text`.

    A word that only sounds like a letter or a digit counts as one between letters and digits.
    """
    found = words_of(text)
    found = [
        replace(token, kind=Kind.JOIN) if _is_and(found, index) else token
        for index, token in enumerate(found)
    ]
    found = [_corrected(found, index) for index in range(len(found))]
    return _without_explanations(found)


def _corrected(found: list[Token], index: int) -> Token:
    """The token at `index`, its kind corrected by its neighbours."""
    token = found[index]
    before = _neighbour(found, index, -1)
    after = _neighbour(found, index, 1)
    low = token.text.lower()
    if token.kind is Kind.GROUP:
        if low in NAMED and (_spelled(before) or _spelled(after)):
            return replace(token, kind=Kind.LETTER, value=NAMED[low], sure=True, spelled=True)
        glued = (
            after is not None
            and found[index + 1].text == "-"
            and found[index + 1].end == after.start
        )
        if _numeric(after) or (token.sure and (coded(after) or coded(before))):
            return replace(token, sure=token.sure or (glued and len(token.text) <= 4))
        return replace(token, kind=Kind.WORD)
    if low in SOUNDS_LIKE and _next_to(found, index, -1) and _next_to(found, index, 1):
        value = SOUNDS_LIKE[low]
        return replace(
            token,
            kind=Kind.DIGIT if value.isdigit() else Kind.LETTER,
            value=value,
            sure=True,
            spelled=True,
        )
    if (
        token.value == "O"
        and len(token.text) == 1
        and before is not None
        and before.kind is Kind.DIGIT
    ):
        return replace(token, kind=Kind.DIGIT, value="0")  # "five o eight"
    if (
        low == "oh"
        and not coded(before)
        and found[index + 1 : index + 2]
        and found[index + 1].kind is Kind.COMMA
    ):
        return replace(token, kind=Kind.WORD)  # "oh, it is ..."
    return token


def _is_and(found: list[Token], index: int) -> bool:
    """Whether the token at `index` is the "and" of "two hundred and five" or "AB and then 1234"."""
    if found[index].text.lower() != "and" or not 0 < index < len(found) - 1:
        return False
    return coded(found[index - 1]) and (
        found[index + 1].text.lower() == "then"
        or (found[index - 1].kind is Kind.SCALE and coded(found[index + 1]))
    )


def _neighbour(found: list[Token], index: int, step: int) -> Token | None:
    """The next token before or after `index`, without joining words, commas and full stops."""
    index += step
    while 0 <= index < len(found):
        if found[index].kind not in (Kind.JOIN, Kind.COMMA, Kind.POINT):
            return found[index]
        index += step
    return None


def _next_to(found: list[Token], index: int, step: int) -> bool:
    """Whether the adjacent token is a spelled letter or digit and not the word "a" or "I"."""
    other = index + step
    return (
        0 <= other < len(found)
        and found[other].spelled
        and found[other].text.lower() not in ("a", "i")
    )


def _spelled(token: Token | None) -> bool:
    return token is not None and (
        token.spelled or token.kind is Kind.TIMES or token.text.lower() in NAMED
    )


def _numeric(token: Token | None) -> bool:
    return token is not None and token.kind in (
        Kind.DIGIT,
        Kind.NUMBER,
        Kind.TEEN,
        Kind.TENS,
        Kind.TIMES,
        Kind.MIXED,
    )


def _without_explanations(found: list[Token]) -> list[Token]:
    """`found` without explanations of letters: of "B as in Bravo" and "B, bravo" the letter."""
    kept: list[Token] = []
    index = 0
    while index < len(found):
        token = found[index]
        kept.append(token)
        index += 1
        if token.kind is Kind.LETTER and len(token.text) == 1:
            index += _explanation(found, index, token)
    return kept


def _explanation(found: list[Token], index: int, letter: Token) -> int:
    """How many tokens from `index` on only explain `letter`; 0 for none."""
    begin = index
    if index < len(found) and found[index].kind is Kind.COMMA:
        index += 1
    words = [token.text.lower() for token in found[index : index + 4]]
    for cue in (["as", "in"], ["is", "for"], ["is", "in"], ["for"], ["like"], ["of"]):
        if words[: len(cue)] == cue and len(words) > len(cue) and words[len(cue)][0].isalpha():
            word = words[len(cue)]
            alike = word[0] == letter.text.lower() and len(word) > 1
            safe = letter.text.lower() not in ("a", "i") or word in NATO or cue != ["like"]
            if cue == ["as", "in"] or (alike and safe):
                return index + len(cue) + 1 - begin
    if words and NATO.get(words[0]) == letter.value:
        return index + 1 - begin
    return 0
