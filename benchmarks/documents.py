"""How a benchmark gives its figures out: one JSON document on standard output and, if wanted, in a
file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def give_out(document: dict[str, Any], path: Path | None) -> None:
    """Prints `document` and writes it to `path`."""
    text = json.dumps(document, indent=2)
    if path:
        path.write_text(text + "\n", encoding="utf-8")
    print(text)
