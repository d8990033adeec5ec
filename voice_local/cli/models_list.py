"""`models list` and `models licenses`: what is installed, what can be fetched, and under which
terms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from voice_local.cli import show
from voice_local.errors import InputError
from voice_local.models import packaged
from voice_local.models.folder import Manifest
from voice_local.models.lock import (
    Entry,
    Lock,
)
from voice_local.models.paths import shortened
from voice_local.supply import (
    licenses,
    store,
)

INSTALLED, LIBRARY, OWN, EMBEDDED, LOCKED, UNLOCKED, NO_LIBRARY, MISSING = (
    "installed",
    "library",
    "own",
    "embedded",
    "locked",
    "unlocked",
    "library, not installed",
    "missing",
)
"""States of a model, as `--json` tells them."""

GROUPS = (
    (
        "Installed",
        (INSTALLED, LIBRARY, OWN),
        "their files are here, each checked against its digest",
    ),
    ("Embedded", (EMBEDDED,), "they come with this package"),
    ("Can be fetched", (LOCKED, NO_LIBRARY), "voice-local models download NAME"),
    (
        "Not known yet",
        (UNLOCKED,),
        "voice-local models lock NAME finds out their files, with a network",
    ),
    (
        "Not here",
        (MISSING,),
        "models of your own: voice-local models add PATH --stage STAGE --license LICENSE",
    ),
)
"""Titles, the states under each, and what a person should know of them."""

WORDS = {
    "model": "after a comma, a shorter name for it; those of tiny come with this package",
    "use": "what the model is for",
    "size": "on this disk, or of what is fetched; ? where it is not known yet",
    "profiles": 'which take it; "by name": none, it is fetched and chosen by its name',
    "(own)": "a model of yours, added here",
    "(library)": "comes with an installed Python package",
    "(to accept)": "its licence has to be accepted to fetch it",
    "licences": "voice-local models licenses",
}


@dataclass(frozen=True)
class Row:
    """One model as listed. `entry` None: one that the lock does not name. `state`: as in `--json`.
    `profiles`: which take it, where there is no entry to say so."""

    name: str
    entry: Entry | None
    state: str
    bytes: int
    about: dict[str, Any]
    profiles: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Its entry in `--json`."""
        if self.entry is None:
            return {
                "name": self.name,
                "alias": "",
                "stage": "",
                "profiles": list(self.profiles),
                "license": "",
                "acceptance": False,
                "bytes": self.bytes,
                "memory_gb": 0.0,
                "state": self.state,
                "sources": [],
                "digests": "checked here",
                "listings": 0,
                **self.about,
            }
        entry = self.entry
        return {
            "name": self.name,
            "alias": entry.alias,
            "stage": entry.stage,
            "profiles": list(entry.profiles),
            "license": entry.license,
            "acceptance": entry.acceptance,
            "bytes": entry.size,
            "installed_bytes": self.bytes if self.state in GROUPS[0][1] else 0,
            "memory_gb": entry.memory_gb,
            "state": self.state,
            "sources": [str(source) for source in entry.sources],
            "digests": entry.digests,
            "listings": entry.listings,
        }


def rows(root: Path, lock: Lock, path: Path, profile: str | None) -> list[Row]:
    """Every model of the lock at `path` (only `profile`'s where that is given) and one's own in
    `root`; installed first."""
    manifest = store.manifest_of(root)
    found = [of_lock(entry, manifest, path) for entry in lock.of(profile)]
    known = {row.name for row in found}
    if profile is None:
        found += [
            Row(name, None, OWN, on_disk(manifest, name), about)
            for name, about in manifest.models.items()
            if name not in known
        ]
    return in_order(found)


def in_order(found: Sequence[Row]) -> list[Row]:
    """The rows as they are told: by their groups."""
    order = [state for _, states, _ in GROUPS for state in states]
    return sorted(found, key=lambda row: order.index(row.state))


def of_lock(entry: Entry, manifest: Manifest, path: Path) -> Row:
    """The row of a model of the lock at `path`, installed or not."""
    state = INSTALLED if entry.name in manifest.models else LOCKED if entry.locked else UNLOCKED
    if entry.kind == "library":
        state = LIBRARY if packaged.present(entry.name, path) else NO_LIBRARY
    count = on_disk(manifest, entry.name) if state == INSTALLED else entry.size
    return Row(entry.name, entry, state, count, {})


def on_disk(manifest: Manifest, name: str) -> int:
    """Bytes of the files of an installed model."""
    return sum(
        int(about["bytes"])
        for file, about in manifest.files.items()
        if file == name or file.startswith(f"{name}/")
    )


def tell(found: Sequence[Row], root: Path) -> None:
    """Prints them for a person: by what can be done with them, then what the words mean."""
    console = Console(highlight=False)
    for title, states, meaning in GROUPS:
        group = [row for row in found if row.state in states]
        if not group:
            continue
        total = (
            f", {show.size(sum(row.bytes for row in group))} in {root}"
            if INSTALLED in states
            else ""
        )
        console.print(
            Text.assemble((title, "bold"), f"{total}: {meaning}"), soft_wrap=not console.is_terminal
        )
        console.print(_table(group))
        console.print()
    show.pairs("What the words mean", WORDS)


def _table(group: Sequence[Row]) -> Table:
    table = Table(
        box=None, padding=(0, 2, 0, 0), pad_edge=False, show_edge=False, header_style="dim"
    )
    table.add_column("model", overflow="fold")
    table.add_column("use", no_wrap=True)
    table.add_column("size", justify="right", no_wrap=True)
    table.add_column("profiles", overflow="fold")
    for row in group:
        entry = row.entry
        stage = entry.stage if entry else str(row.about.get("stage", ""))
        marks = (
            " (own)"
            if row.state == OWN
            else " (library)"
            if entry and entry.kind == "library"
            else " (to accept)"
            if entry and entry.acceptance
            else ""
        )
        called = entry.alias if entry and entry.alias else ""
        profiles = entry.profiles if entry else row.profiles
        # As `Text`: what a lock or a manifest says is no markup.
        table.add_row(
            Text(f"{row.name}{f', {called}' if called else ''}{marks}"),
            Text(SHORT.get(stage, stage)),
            show.size(row.bytes) if row.bytes else "?",
            Text(", ".join(profiles) or "by name"),
        )
    return table


SHORT = {
    "stt": "recognition",
    "llm": "LLM",
    "tts": "speech",
    "vad": "voice activity",
    "turn": "end of turn",
    "embed": "similarity",
}
"""Stages in a narrow column."""


def tell_licenses(entries: Sequence[Entry]) -> None:
    """A table of the terms that models come under."""
    console = Console(highlight=False)
    table = Table(
        box=None, padding=(0, 2, 0, 0), pad_edge=False, show_edge=False, header_style="dim"
    )
    for column in ("model", "licence", "to accept", "text here"):
        table.add_column(column, overflow="fold")
    for entry in entries:
        table.add_row(
            entry.name,
            Text(entry.license),
            "yes" if entry.acceptance else "no",
            "yes" if licenses.text(entry.license) else "no",
        )
    console.print(table)
    console.print()
    show.note(
        "to accept: name the model with --accept-license when you download it. "
        "The texts: voice-local models licenses --full NAME"
    )


def tell_texts(entries: Sequence[Entry], root: Path) -> None:
    """The text of each licence: the model's own where it is installed, else the common one.

    Raises:
        InputError: a text that is there cannot be read.
    """
    console = Console(highlight=False)
    for entry in entries:
        console.rule(
            Text(f"{entry.name}: {entry.license}{', to be accepted' if entry.acceptance else ''}"),
            align="left",
        )
        found = _own_text(root / store.LICENSES / entry.name) or licenses.text(entry.license)
        console.print(
            found or f"its text comes with the model: {'; '.join(map(str, entry.sources))}",
            markup=False,
            soft_wrap=not console.is_terminal,
        )


def _own_text(folder: Path) -> str:
    """The licence text that came with a model; empty where none did."""
    try:
        own = sorted(folder.iterdir())
        return own[0].read_text(encoding="utf-8", errors="replace") if own else ""
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError as error:
        raise InputError(
            f"{shortened(Path(error.filename or folder))} cannot be read ({error.strerror})",
            "check who may read it",
        ) from None
