"""Texts that no model here was trained on: for the embedded models' world, and written apart from
the training text."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import Any

from voice_local.errors import BenchmarkError


def folder() -> Path:
    """Where they lie: in the repository, or in the installed package.

    Raises:
        BenchmarkError: nowhere.
    """
    package = Path(str(resources.files("voice_local")))
    for place in (package.parent / "benchmarks" / "heldout", package / "_heldout"):
        if place.is_dir():
            return place
    raise BenchmarkError(
        "the held-out texts are not there", "install it again: pip install 'voice-local[bench]'"
    )


def lines(name: str) -> list[str]:
    """Non-empty lines of a held-out file."""
    return [
        line for line in (folder() / name).read_text(encoding="utf-8").splitlines() if line.strip()
    ]


def intents() -> list[tuple[str, str]]:
    """(intent, text) of every row."""
    rows = [line.split("\t") for line in lines("intents.tsv")[1:]]
    return [(intent, text) for intent, text in rows]


def cases(name: str) -> list[dict[str, Any]]:
    """The rows of a JSON lines file."""
    return [json.loads(line) for line in lines(name)]
