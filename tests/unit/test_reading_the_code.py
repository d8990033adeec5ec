"""The map of the code for maintainers names only what there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit
ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "voice_local"
NAMES = re.findall(r"`([^`\s]+)`", (ROOT / "docs" / "reading_the_code.md").read_text("utf-8"))
CODE = "\n".join(path.read_text("utf-8") for path in PACKAGE.rglob("*.py"))


def test_every_file_is_there() -> None:
    files = [name for name in NAMES if "/" in name or name.endswith((".py", ".toml"))]
    assert len(files) > 30
    assert [f for f in files if not (PACKAGE / f).exists() and not (ROOT / f).exists()] == []


def test_every_name_is_defined() -> None:
    names = [name.split(".")[-1] for name in NAMES if re.fullmatch(r"[A-Za-z_.]+", name)]
    names = [name for name in names if name not in ("py", "toml")]
    assert len(names) > 30
    wanted = {
        name for name in names if not re.search(rf"(def|class) {name}\b|\b{name}\b *[:=]", CODE)
    }
    assert wanted == set()
