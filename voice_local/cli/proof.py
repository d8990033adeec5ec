"""`doctor --offline-proof`: the very commands of a user, in the user's environment, where no
process can reach outside.

Every attempt is reported, and every file that is left outside our own folders. First the watch
itself is tested: planted attempts from Python, from native code and from a child must all be seen,
and a planted file.
"""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psutil
import typer

from voice_local import config
from voice_local.cli import show
from voice_local.cli.proof_commands import (
    Command,
    commands,
)
from voice_local.offline import watch
from voice_local.offline.switches import (
    places,
    started_with,
)
from voice_local.offline.traces import left_outside
from voice_local.profile_choice import (
    BEST_FIRST,
    CARD_GB,
    MEMORY_GB,
    why_not,
)

PLANTED = {
    "Python": "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
    "native code": "import ctypes; ctypes.CDLL(None).socket(10, 1, 0)",
    "a child process": "import subprocess, sys; subprocess.run([sys.executable, '-c', "
    "'import socket; socket.create_connection((\"192.0.2.1\", 443), 1)'])",
}
FILE = "a file left behind"
SIDE_BY_SIDE = 3
"""Commands at once, where memory allows."""
TINY_GB = 1.5
EXTRA_S = 600.0
"""Beyond its own length, how long a command may take."""


def run(profile: str | None, models_dir: Path | None, as_json: bool, seconds: float) -> None:
    """Proves `profile`, or every profile that can run here; exit code 1 when anything reached out
    or failed.

    `seconds`: how long `talk`, `chat` and a host program run; telemetry likes to wait.

    Raises:
        ConfigError: this machine cannot watch system calls.
    """
    if profile:
        config.load(profile)
    chosen = [profile] if profile else [name for name in reversed(BEST_FIRST) if not why_not(name)]
    planted = _planted()
    results = [_prove(name, models_dir, seconds) for name in chosen]
    document: dict[str, Any] = {
        "planted": planted,
        "seconds": seconds,
        "profiles": results,
        "attempts": sum(len(one["attempts"]) for one in results),
        "files_outside": sorted({path for one in results for path in one["files_outside"]}),
    }
    good = all(planted.values()) and all(_good(one) for one in results)
    if as_json:
        show.emit({**document, "proved": good})
    else:
        _tell(document, good)
    if not good:
        raise typer.Exit(1)


def _good(one: dict[str, Any]) -> bool:
    return bool(
        one["turns"] > 0
        and not one["attempts"]
        and not one["files_outside"]
        and not one["returncode"]
    )


def _planted() -> dict[str, bool]:
    """Whether each kind of planted thing is seen."""
    seen = {
        kind: bool(watch.run([sys.executable, "-c", code], timeout_s=60).attempts)
        for kind, code in PLANTED.items()
    }
    with tempfile.TemporaryDirectory(prefix="planted-") as folder:
        code, began = f"open({str(Path(folder) / 'file')!r}, 'w').close()", time.time()
        seen[FILE] = bool(
            left_outside(watch.run([sys.executable, "-c", code], timeout_s=60).written, began)
        )
    return seen


def _side_by_side(profile: str) -> int:
    """How many commands of `profile` at once: each holds every model."""
    if profile in CARD_GB:
        return 1
    room = psutil.virtual_memory().available / 2**30 / MEMORY_GB.get(profile, TINY_GB)
    return max(1, min(SIDE_BY_SIDE, int(room)))


def _prove(profile: str, models_dir: Path | None, seconds: float) -> dict[str, Any]:
    """Runs all of one profile's commands; their results."""
    stop = threading.Event()
    with tempfile.TemporaryDirectory(prefix="voice-local-proof-") as name:
        folder = Path(name)
        planned = commands(profile, models_dir, folder, seconds)
        with ThreadPoolExecutor(_side_by_side(profile)) as executor:
            try:
                rows = list(executor.map(lambda one: _watch(one, folder, seconds, stop), planned))
            finally:  # interrupted: nothing may go on behind
                stop.set()
                executor.shutdown(wait=False, cancel_futures=True)
        spoken = len(list(folder.glob("reply_*.wav")))
    failed = [row for row in rows if row["returncode"]]
    return {
        "profile": profile,
        "turns": spoken,
        "without_any_interface": all(row["without_any_interface"] for row in rows),
        "returncode": failed[0]["returncode"] if failed else 0,
        "error": failed[0]["error"] if failed else "",
        "attempts": [attempt for row in rows for attempt in row["attempts"]],
        "files_outside": sorted({path for row in rows for path in row["files_outside"]}),
        "commands": rows,
    }


def _watch(command: Command, folder: Path, seconds: float, stop: threading.Event) -> dict[str, Any]:
    """Runs one command in the user's environment; a row of the report."""
    environment, since, began = started_with(), time.time(), time.monotonic()
    given = [folder, *(Path(environment[name]) for name in places() if environment.get(name))]
    found = watch.run(command.words, environment, seconds + EXTRA_S, command.typed(), stop)
    error = found.stderr.strip().splitlines()[-1:] if found.returncode else []
    return {
        "name": command.name,
        "seconds": round(time.monotonic() - began, 1),
        "returncode": found.returncode,
        "error": error[0] if error else "",
        "without_any_interface": found.namespace,
        "attempts": [asdict(one) for one in found.attempts],
        "files_outside": left_outside(found.written, since, given),
    }


def _tell(document: dict[str, Any], good: bool) -> None:
    planted = document["planted"].items()
    show.pairs(
        "does the watch see an attempt from …, or …",
        {kind: "yes" if seen else "NO" for kind, seen in planted},
    )
    for one in document["profiles"]:
        where = (
            "a network namespace without interfaces, and a system call filter"
            if one["without_any_interface"]
            else "a system call filter"
        )
        show.pairs(
            f"profile {one['profile']}",
            {
                "ran in": where,
                **{row["name"]: f"{row['seconds']:.0f} s" for row in one["commands"]},
                "spoken turns": str(one["turns"]),
                "attempts to reach outside": str(len(one["attempts"])),
                **{
                    f"{tried['process']} ({tried['pid']})": tried["what"]
                    for tried in one["attempts"]
                },
                "files left outside": str(len(one["files_outside"])),
                **dict.fromkeys(one["files_outside"], "written"),
                **({"failed": one["error"]} if one["error"] else {}),
            },
        )
    show.note("nothing tried to reach outside, nothing was left outside" if good else "NOT PROVED")
