"""Reads template files and draws from them: sentences for labels, beside the acts of the world.

File format, one statement a line: `def NAME = TEXT`, `> LABEL` (the lines below it belong to that
label), then one template a line, written as the grammar files' texts are: `[a|b]` picks one,
`<name>` expands a definition, `{slot}` is filled.
"""

from __future__ import annotations

import random
from pathlib import Path

from scripts.train.world.grammar import World

FOLDER = Path(__file__).parent
DEFINITIONS = "template_defs"
"""The file whose definitions all others may use."""


def _lines(name: str) -> list[str]:
    return (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()


class Templates:
    """One file's templates by label."""

    def __init__(self, name: str, world: World) -> None:
        self._world = world
        self._defs: dict[str, str] = {}
        self.by_label: dict[str, list[str]] = {}
        label = ""
        for line in (line for file in (DEFINITIONS, name) for line in _lines(file)):
            line = line.strip()
            if line.startswith("def "):
                key, text = line[4:].split("=", 1)
                self._defs[key.strip()] = text.strip()
            elif line.startswith("> "):
                label = line[2:].strip()
            elif line and not line.startswith("#"):
                self.by_label.setdefault(label, []).append(line)
        # The longer a line, the more it can say, and the oftener it is drawn.
        self._weights = {
            label: [(1 + line.count("|") + 8 * line.count("<")) ** 0.5 for line in lines]
            for label, lines in self.by_label.items()
        }

    def draw(self, label: str, rng: random.Random, values: dict[str, str] | None = None) -> str:
        """One sentence of `label`; `values` are those of its slots that are given."""
        line = rng.choices(self.by_label[label], self._weights[label])[0]
        while "<" in line:
            before, _, rest = line.partition("<")
            name, _, after = rest.partition(">")
            line = f"{before}{self._defs[name]}{after}"
        return self._world.expand(line, rng, dict(values or {}))
