"""Real clients of the server, each in an environment of its own: what they need does not fit beside
what this package needs, nor beside each other."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PLACE = ROOT / ".cache" / "clients"
STAMP = ".voice_local_client"


def interpreter(client: str) -> Path:
    """The Python of the environment with `requirements-CLIENT.txt` of this folder, made where it is
    not there yet.

    Skips the test where the package index cannot be reached.
    """
    wanted = Path(__file__).with_name(f"requirements-{client}.txt")
    digest = hashlib.sha256(wanted.read_bytes() + sys.version.encode()).hexdigest()
    folder = PLACE / client
    python = folder / "bin" / "python"
    stamp = folder / STAMP
    if stamp.is_file() and stamp.read_text() == digest:
        return python
    shutil.rmtree(folder, ignore_errors=True)
    uv = Path(sys.executable).parent / "uv"
    steps = (
        (uv, "venv", "-q", "--python", sys.executable, folder),
        # The list names everything: nothing else is resolved, so the set is the one that was tried.
        (uv, "pip", "install", "-q", "--no-deps", "--python", python, "-r", wanted),
        (uv, "pip", "check", "-q", "--python", python),
    )
    for step in steps:
        done = subprocess.run([str(part) for part in step], capture_output=True, text=True)
        if done.returncode:
            told = (done.stderr.strip().splitlines() or ["no reason told"])[-1]
            pytest.skip(f"the client {client} cannot be installed here: {told}")
    stamp.write_text(digest)
    return python
