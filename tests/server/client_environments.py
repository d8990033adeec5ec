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


def interpreter(client: str, newest: bool = False) -> Path:
    """The Python of the environment with `requirements-CLIENT.txt` of this folder, made where it is
    not there yet. `newest`: with the newest Python of this machine, where the client asks for it.

    Skips the test where the package index cannot be reached, or there is no such Python.
    """
    wanted = Path(__file__).with_name(f"requirements-{client}.txt")
    base = newest_python() if newest else sys.executable
    digest = hashlib.sha256(wanted.read_bytes() + f"{sys.version}{base}".encode()).hexdigest()
    folder = PLACE / client
    python = folder / "bin" / "python"
    stamp = folder / STAMP
    if stamp.is_file() and stamp.read_text() == digest:
        return python
    shutil.rmtree(folder, ignore_errors=True)
    uv = Path(sys.executable).parent / "uv"
    steps = (
        (uv, "venv", "-q", "--python", base, folder),
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


def newest_python() -> str:
    """The newest Python of this machine that is newer than the one which runs this; skips the test
    where there is none. A folder `shims` is pyenv's: its Pythons lie beside it."""
    for minor in range(19, sys.version_info.minor, -1):
        found = shutil.which(f"python3.{minor}")
        if found is None:
            continue
        beside = Path(found).parent.parent.glob(f"versions/3.{minor}.*/bin/python3")
        for python in (*beside, Path(found)):
            run = [str(python), "-c", "import ssl, venv"]
            if subprocess.run(run, capture_output=True, check=False).returncode == 0:
                return str(python)
    pytest.skip(f"no Python newer than 3.{sys.version_info.minor} on this machine")
