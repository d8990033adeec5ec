"""Texts with their true labels, from a table or a set."""

from __future__ import annotations

import csv
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from voice_local.bench.schema import Section
from voice_local.errors import TextInputError

T = TypeVar("T")


@dataclass(frozen=True)
class Row:
    """A text and what it truly is."""

    text: str
    label: str


def read_csv(path: Path) -> list[Row]:
    """The rows of a CSV with the columns `text` and `label` (others are left alone); a .tsv has
    tabs instead of commas.

    Raises:
        TextInputError: it cannot be read, a column is missing, a cell is empty, or there is no row;
            tells file and line.
    """
    remedy = "give a CSV in UTF-8 with a header: text,label"
    try:
        content = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise TextInputError(f"{path} cannot be read ({type(error).__name__})", remedy) from None
    reader = csv.reader(
        content.splitlines(keepends=True),
        delimiter="\t" if path.suffix == ".tsv" else ",",
        strict=True,
    )
    rows: list[Row] = []
    places: tuple[int, int] | None = None
    try:
        for cells in reader:
            if places is None:
                names = [cell.strip().lower() for cell in cells]
                if "text" not in names or "label" not in names:
                    raise TextInputError(
                        f"{path} has no columns text and label, but {', '.join(names)[:80]}", remedy
                    )
                places = names.index("text"), names.index("label")
            elif any(cell.strip() for cell in cells):
                text, label = (
                    cells[place].strip() if place < len(cells) else "" for place in places
                )
                if not text or not label:
                    raise TextInputError(
                        f"{path}:{reader.line_num}: the {'label' if text else 'text'} is missing",
                        remedy,
                    )
                rows.append(Row(text, label))
    except csv.Error as error:
        raise TextInputError(f"{path}:{reader.line_num}: {error}", remedy) from None
    if not rows:
        raise TextInputError(f"{path} holds no rows", remedy)
    return rows


def sample(rows: Sequence[T], most: int) -> list[T]:
    """`most` of the rows in their order, the same every time; all if there are fewer."""
    if len(rows) <= most:
        return list(rows)
    return [rows[i] for i in sorted(random.Random(5).sample(range(len(rows)), most))]


def keep_known(rows: Sequence[Row], known: set[str], section: Section) -> list[Row]:
    """The rows whose label the model knows; the others are counted in `section`, which is skipped
    if none is left."""
    unknown = Counter(row.label for row in rows if row.label not in known)
    if unknown:
        section.detail["unknown_labels"] = dict(unknown.most_common())
        finding = (
            f"{unknown.total()} of {len(rows)} rows have a label that the model does not know: "
            f"{', '.join(label for label, _ in unknown.most_common(5))}"
        )
        section.findings.append(finding)
        if unknown.total() == len(rows):
            section.status, section.reason = "skipped", finding
    return [row for row in rows if row.label in known]
