"""Environments of real clients: each has its own packages, made once and kept in a cache folder."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

FOLDER = "VOICE_LOCAL_TEST_ENVIRONMENTS"
"""Variable that names the folder where they are kept."""


def environment(*requirements: str) -> Path:
    """The Python of an environment with these packages; skips the tests where there is no index."""
    root = Path(os.environ.get(FOLDER) or Path(tempfile.gettempdir()) / "voice_local_environments")
    digest = hashlib.sha256("\n".join((sys.version, *requirements)).encode()).hexdigest()[:16]
    folder = root / digest
    python, whole = folder / "bin" / "python", folder / "whole"
    if whole.exists():
        return python
    root.mkdir(parents=True, exist_ok=True)
    subprocess.run([sys.executable, "-m", "venv", folder], check=True, capture_output=True)
    made = subprocess.run(
        [python, "-m", "pip", "install", "--quiet", *requirements],
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        last = (made.stderr.strip().splitlines() or ["pip failed"])[-1]
        pytest.skip(f"{', '.join(requirements)} cannot be installed here: {last}")
    whole.touch()
    return python
