"""`doctor --offline-proof`: a whole spoken conversation where no process can reach outside, and every attempt told.

First the watch itself is proved: planted attempts from Python, from native code and from a child must all be seen.
"""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import typer

from voice_local.cli import show
from voice_local.offline import watch
from voice_local.offline.switches import OFFLINE
from voice_local.profiles import BEST_FIRST, why_not

PLANTED = {
    "Python": "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
    "native code": "import ctypes; ctypes.CDLL(None).socket(10, 1, 0)",
    "a child process": "import subprocess, sys; subprocess.run([sys.executable, '-c', "
                       "'import socket; socket.create_connection((\"192.0.2.1\", 443), 1)'])",
}


def run(profile: str | None, models_dir: Path | None, as_json: bool) -> None:
    """Proves `profile`, or every profile that can run here; exit code 1 when anything reached out or failed.

    Raises:
        ConfigError: this machine cannot watch system calls.
    """
    chosen = [profile] if profile else [name for name in reversed(BEST_FIRST) if not why_not(name)]
    unseen = [kind for kind, code in PLANTED.items() if not watch.run([sys.executable, "-c", code], timeout_s=60).attempts]
    results = [_prove(name, models_dir) for name in chosen]
    document: dict[str, Any] = {"planted": {kind: kind not in unseen for kind in PLANTED}, "profiles": results,
                                "attempts": sum(len(one["attempts"]) for one in results)}
    good = not unseen and all(one["turns"] > 0 and not one["attempts"] for one in results)
    if as_json:
        show.emit({**document, "proved": good})
    else:
        _tell(document, good)
    if not good:
        raise typer.Exit(1)


def _prove(profile: str, models_dir: Path | None) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="voice-local-proof-") as out:
        command = [sys.executable, "-m", "voice_local", "demo", "--profile", profile, "--out", out, "--json",
                   *(["--models-dir", str(models_dir)] if models_dir else [])]
        found = watch.run(command, {**os.environ, **OFFLINE})
        spoken = len(list(Path(out).glob("reply_*.wav"))) if found.returncode == 0 else 0
    error = found.stderr.strip().splitlines()[-1:] if found.returncode else []
    return {"profile": profile, "turns": spoken, "without_any_interface": found.namespace, "returncode": found.returncode,
            "attempts": [asdict(one) for one in found.attempts], "error": error[0] if error else ""}


def _tell(document: dict[str, Any], good: bool) -> None:
    planted = document["planted"].items()
    show.pairs("does the watch see an attempt from …", {kind: "yes" if seen else "NO" for kind, seen in planted})
    for one in document["profiles"]:
        where = "a network namespace without interfaces, and a system call filter" if one["without_any_interface"] else \
            "a system call filter"
        show.pairs(f"profile {one['profile']}", {
            "ran in": where, "spoken turns": str(one["turns"]), "attempts to reach outside": str(len(one["attempts"])),
            **{f"{tried['process']} ({tried['pid']})": tried["what"] for tried in one["attempts"]},
            **({"failed": one["error"]} if one["error"] else {})})
    show.note("nothing tried to reach outside" if good else "NOT PROVED")
