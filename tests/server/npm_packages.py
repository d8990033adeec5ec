"""The npm packages that tests use as clients, unchanged; installed once."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
PLACE = HERE.parents[1] / ".cache" / "clients" / "npm"
AGENTS_REALTIME = PLACE / "node_modules" / "@openai" / "agents-realtime" / "dist" / "bundle"


def installed() -> Path:
    """The folder with `node_modules`; skips the test where they cannot be had."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        pytest.skip("no node and npm here: apt-get install -y nodejs npm")
    wanted = (HERE / "package.json").read_text()
    PLACE.mkdir(parents=True, exist_ok=True)
    if not (PLACE / "whole").exists() or (PLACE / "package.json").read_text() != wanted:
        (PLACE / "package.json").write_text(wanted)
        command = [npm, "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
        made = subprocess.run(command, cwd=PLACE, capture_output=True, text=True)
        if made.returncode:
            last = (made.stderr.strip().splitlines() or ["no reason given"])[-1]
            pytest.skip(f"the package cannot be installed here: {last}")
        (PLACE / "whole").touch()
    return PLACE
