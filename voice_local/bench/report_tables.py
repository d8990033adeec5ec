"""The tables of a report's page: any rows, facts and details as text in cells."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MOST_ROWS = 200
MOST_COLUMNS = 30
LONGEST_CELL = 500
LONGEST_LINE = 2000

ABBREVIATIONS = {word.lower(): word for word in ("CPU", "GPU", "RAM", "MB", "GB", "JSON")}


@dataclass(frozen=True)
class Table:
    """Rows as the page shows them.

    Attributes:
        columns: their headings.
        rows: text in every cell.
        numeric: which columns hold only numbers, to be aligned right.
        note: what was left out; empty if nothing was.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[bool, ...]
    note: str = ""


def table(rows: Sequence[Mapping[str, Any]], most: int = MOST_ROWS) -> Table:
    """Flat `rows` as a table, columns in the order in which they first occur."""
    columns = list(dict.fromkeys(str(key) for row in rows for key in row))
    notes = []
    if len(rows) > most:
        notes.append(f"the first {most} of {len(rows):,} rows")
    if len(columns) > MOST_COLUMNS:
        notes.append(f"{MOST_COLUMNS} of {len(columns)} columns")
    columns, kept = (
        columns[:MOST_COLUMNS],
        [{str(key): cell for key, cell in row.items()} for row in rows[:most]],
    )
    filled = [[row[c] for row in kept if row.get(c) is not None] for c in columns]
    numeric = tuple(bool(cells) and all(_is_number(cell) for cell in cells) for cells in filled)
    note = f"Shown: {' and '.join(notes)}. The JSON file of this report has all." if notes else ""
    return Table(
        tuple(columns),
        tuple(tuple(cell_text(row.get(c)) for c in columns) for row in kept),
        numeric,
        note,
    )


def facts(about: Mapping[str, Any]) -> tuple[list[tuple[str, str, bool]], list[tuple[str, Table]]]:
    """(plain facts: name, text, whether it is code; facts that are tables)."""
    plain, tables = [], []
    for key, fact in about.items():
        name = _heading(key)
        if isinstance(fact, Mapping) and fact:
            tables.append(
                (
                    name,
                    table(
                        [
                            {"Name": inner, "Value": value if _is_flat(value) else _json(value)}
                            for inner, value in fact.items()
                        ]
                    ),
                )
            )
        elif _is_rows(fact):
            tables.append((name, table(fact)))
        elif isinstance(fact, list | tuple | Mapping):
            plain.append((name, ", ".join(cell_text(item) for item in fact) or "—", False))
        else:
            plain.append(
                (
                    name,
                    fact if isinstance(fact, str) else cell_text(fact),
                    key in ("command", "commit"),
                )
            )
    return plain, tables


def details(detail: Any) -> tuple[Table | None, str, str]:
    """(a table if `detail` is one, else its JSON; how much there is)."""
    if _is_rows(detail):
        return table(detail), "", _many(len(detail), "row")
    if isinstance(detail, Mapping) and detail:
        if all(_is_flat(cell) for cell in detail.values()):
            return (
                table([{"name": key, "value": cell} for key, cell in detail.items()]),
                "",
                _many(len(detail), "row"),
            )
        if all(
            isinstance(row, Mapping) and all(_is_flat(cell) for cell in row.values())
            for row in detail.values()
        ):
            return (
                table([{"": key, **row} for key, row in detail.items()]),
                "",
                _many(len(detail), "row"),
            )
    lines = (detail if isinstance(detail, str) else _json(detail)).splitlines()
    text = "\n".join(
        line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]}… (cut)"
        for line in lines[:MOST_ROWS]
    )
    if len(lines) > MOST_ROWS:
        count = f"{MOST_ROWS} of {len(lines):,} lines"
        text += f"\n… the first {count}; the JSON file of this report has all."
    return None, text, _many(len(lines), "line")


def _heading(key: str) -> str:
    words = " ".join(ABBREVIATIONS.get(word, word) for word in str(key).split("_")).strip() or "—"
    return words[0].upper() + words[1:]


def _many(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def cell_text(cell: Any) -> str:
    """What a table shows for a value."""
    if cell is None:
        return "—"
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return f"{cell:.6g}".replace("-", "−", 1) if math.isfinite(cell) else str(cell)
    text = str(cell) if _is_flat(cell) else _json(cell)
    return (
        text
        if len(text) <= LONGEST_CELL
        else f"{text[:LONGEST_CELL]}… ({len(text) - LONGEST_CELL:,} more characters)"
    )


def _json(document: Any) -> str:
    return json.dumps(document, indent=1, ensure_ascii=False, default=str)


def _is_number(cell: Any) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def _is_flat(cell: Any) -> bool:
    return cell is None or isinstance(cell, str | int | float)


def _is_rows(found: Any) -> bool:
    return (
        isinstance(found, list | tuple)
        and bool(found)
        and all(
            isinstance(row, Mapping) and row and all(_is_flat(cell) for cell in row.values())
            for row in found
        )
    )
