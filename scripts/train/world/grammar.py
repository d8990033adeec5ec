"""Reads the world's grammar files and draws sentences and dialogues from them.

File format, one statement a line: `def NAME = TEXT`, `act INTENT NAME [nodecor]` (or `more INTENT
NAME`, for further wordings of an act), then `u:` user wordings, `a:` answers, `f:` follow-ups,
`fi:` their intent where it is another one, and `fa:` their answers. In a text `[a|b]` picks one
alternative, `<name>` expands a definition and `{slot}` is filled once an act, so that a user's
value comes back in the answer: `:cap` and `:up` change its case, `:tr` translates it into {lang},
`:def` says what it is (KeyError where that is not known).
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from pathlib import Path

from scripts.train.world import facts, slots

FILES = ("shop", "service", "home", "talk", "other")
MORE = (
    "more_shop",
    "more_service",
    "more_home",
    "more_talk",
    "wordings_service",
    "wordings_home",
    "wordings_borders",
    "wordings_turns",
    "wordings_everyday",
)
_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_SLOT = re.compile(r"\{(\w+)(?::(\w+))?\}")
_NAME = re.compile(r"<(\w+)>")


@dataclass
class FollowUp:
    """What may be said after an act: wordings, answers that belong to them, and the intent when it
    is not the act's."""

    users: list[str]
    answers: list[str] = field(default_factory=list)
    intent: str | None = None


@dataclass
class Act:
    """One thing a user may want: its wordings, the answers to them, and what may follow.

    Attributes: intent; name; decorate (whether openers and endings may be added); users; answers;
    follow_ups.
    """

    intent: str
    name: str
    decorate: bool
    users: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    follow_ups: list[FollowUp] = field(default_factory=list)

    def follow_up(self, rng: random.Random) -> FollowUp:
        """One of them, those with more wordings more often."""
        return rng.choices(self.follow_ups, [len(one.users) for one in self.follow_ups])[0]


class World:
    """Every act of the world, with a random source of the caller's."""

    def __init__(self, folder: Path | None = None) -> None:
        folder = folder or Path(__file__).parent
        self.defs: dict[str, str] = {}
        self.acts: list[Act] = []
        for name in ("common", *FILES, *MORE):
            self._read(folder / f"{name}.txt")
        self.by_intent: dict[str, list[Act]] = {}
        for act in self.acts:
            self.by_intent.setdefault(act.intent, []).append(act)

    def _read(self, path: Path) -> None:
        for line in path.read_text(encoding="utf-8").splitlines():
            line = line.strip()
            if not line or line.startswith("#"):
                continue
            if line.startswith("def "):
                name, text = line[4:].split("=", 1)
                self.defs[name.strip()] = text.strip()
            elif line.startswith("act "):
                words = line.split()
                current = Act(words[1], words[2], "nodecor" not in words)
                self.acts.append(current)
            elif line.startswith("more "):
                _, intent, name = line.split()
                current = next(act for act in self.acts if (act.intent, act.name) == (intent, name))
            else:
                key, text = line.split(":", 1)
                self._add(current, key, text.strip())

    @staticmethod
    def _add(act: Act, key: str, text: str) -> None:
        if key == "u":
            act.users.append(text)
        elif key == "a":
            act.answers.extend(text.split("|"))
        elif key == "f":
            act.follow_ups.append(FollowUp(split_top(text)))
        elif key == "fi":
            act.follow_ups[-1].intent = text
        elif key == "fa":
            act.follow_ups[-1].answers.extend(text.split("|"))
        else:
            raise ValueError(f"unknown line kind {key!r}")

    def expand(self, text: str, rng: random.Random, values: dict[str, str]) -> str:
        """Draws one sentence from `text`, filling and remembering slot values in `values`."""
        text = _NAME.sub(lambda m: self.defs[m.group(1)], text)
        while _CHOICE.search(text):
            text = _CHOICE.sub(lambda m: rng.choice(m.group(1).split("|")), text, count=1)
        return " ".join(_SLOT.sub(lambda m: self._value(m, rng, values), text).split())

    @staticmethod
    def _value(match: re.Match[str], rng: random.Random, values: dict[str, str]) -> str:
        slot, form = match.group(1), match.group(2)
        if slot not in values:
            taken = {
                v for k, v in values.items() if k.rstrip("0123456789") == slot.rstrip("0123456789")
            }
            value = slots.fill(slot, rng)
            for _ in range(20):
                if value not in taken:
                    break
                value = slots.fill(slot, rng)
            values[slot] = value
        value = values[slot]
        if form == "def":
            return facts.definition(value)
        if form in ("tr", "tr2"):
            found = facts.translation(value, values["lang" + form[2:]])
            if found is None:
                raise KeyError(value)
            return found
        if form == "up":
            return " ".join(w.upper() if len(w) == 1 else w for w in value.split())
        if form == "cap":
            return value if value in ("today", "tomorrow") else value.capitalize()
        return value


def split_top(text: str) -> list[str]:
    """Splits at `|` outside brackets."""
    parts, depth, current = [], 0, ""
    for char in text:
        depth += (char == "[") - (char == "]")
        if char == "|" and depth == 0:
            parts.append(current)
            current = ""
        else:
            current += char
    return [*parts, current]
