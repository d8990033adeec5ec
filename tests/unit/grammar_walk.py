"""Random texts out of a GBNF grammar: what llama.cpp would allow a model to write."""

from __future__ import annotations

import random
import re
from typing import Any

_TOKEN = re.compile(
    r'\s*(?:(?P<text>"(?:\\.|[^"\\])*")|(?P<set>\[(?:\\.|[^\]\\])*\])|(?P<name>[a-z][a-z0-9]*)'
    r"|(?P<times>\{\d+(?:,\d*)?\}|[?*+])|(?P<sign>[()|]))"
)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}
OTHERS = 'ab 7é語🙂<>/{}[]:,_%"\\\n\x00\x1f\x7f'
"""Characters of which a set that excludes some leaves the rest."""


class Grammar:
    """A grammar that is read by rules of its own, not by what made it."""

    def __init__(self, gbnf: str) -> None:
        self._rules: dict[str, Any] = {}
        for line in gbnf.splitlines():
            name, _, body = line.partition(" ::= ")
            tokens = _tokens(body)
            self._rules[name] = _alternatives(tokens)
            assert not tokens, f"{name}: {tokens}"

    def text(self, rng: random.Random, depth: int = 60) -> str:
        """One text."""
        return self._walk(self._rules["root"], rng, depth)

    def _walk(self, node: Any, rng: random.Random, depth: int) -> str:
        kind, value = node
        if kind == "text":
            return str(value)
        if kind == "set":
            return str(rng.choice(value))
        if kind == "name":
            assert depth > -400, "it never ends"
            return self._walk(self._rules[value], rng, depth - 1)
        if kind == "any":
            # Deep down the last and the shortest: lists are before plain values.
            return self._walk(value[-1] if depth < 0 else rng.choice(value), rng, depth - 1)
        if kind == "all":
            return "".join(self._walk(one, rng, depth) for one in value)
        inside, least, most = value
        most = least + 4 if most is None else most
        count = least if depth < 0 else min(rng.randint(least, most), least + 4)
        if rng.random() < 0.1 and depth > 0 and most < 60:
            count = most
        return "".join(self._walk(inside, rng, depth - 1) for _ in range(count))


def _tokens(body: str) -> list[tuple[str, str]]:
    found, at = [], 0
    while at < len(body):
        match = _TOKEN.match(body, at)
        assert match is not None, f"no GBNF: {body[at : at + 60]}"
        assert match.lastgroup is not None
        found.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return found


def _alternatives(tokens: list[tuple[str, str]]) -> Any:
    found = [_sequence(tokens)]
    while tokens and tokens[0] == ("sign", "|"):
        tokens.pop(0)
        found.append(_sequence(tokens))
    return ("any", found)


def _sequence(tokens: list[tuple[str, str]]) -> Any:
    found: list[Any] = []
    while tokens and tokens[0] not in (("sign", "|"), ("sign", ")")):
        kind, text = tokens.pop(0)
        if kind == "sign":
            found.append(_alternatives(tokens))
            assert tokens.pop(0) == ("sign", ")")
        elif kind == "times":
            found.append(("times", (found.pop(), *_limits(text))))
        elif kind == "text":
            found.append(("text", _plain(text[1:-1])))
        else:
            found.append((kind, _set(text[1:-1]) if kind == "set" else text))
    return ("all", found)


def _limits(text: str) -> tuple[int, int | None]:
    if text in "?*+":
        return {"?": (0, 1), "*": (0, None), "+": (1, None)}[text]
    least, comma, most = text[1:-1].partition(",")
    return int(least), (int(most) if most else None) if comma else int(least)


def _plain(text: str) -> str:
    def one(found: re.Match[str]) -> str:
        if found[1].startswith("x"):
            return chr(int(found[1][1:], 16))
        return _ESCAPES.get(found[1], found[1])

    return re.sub(r"\\(x[0-9A-Fa-f]{2}|.)", one, text, flags=re.DOTALL)


def _set(text: str) -> list[str]:
    excluded, text = text.startswith("^"), text.removeprefix("^")
    units = re.findall(r"\\x[0-9A-Fa-f]{2}|\\.|[^\\]", text)
    chars, at = set[str](), 0
    while at < len(units):
        first = last = ord(_plain(units[at]))
        if at + 2 < len(units) and units[at + 1] == "-":
            last = ord(_plain(units[at + 2]))
            at += 2
        chars |= {chr(code) for code in range(first, last + 1)}
        at += 1
    return [char for char in OTHERS if char not in chars] if excluded else sorted(chars)
