"""`voice-local serve` as a program of its own, for measuring it from outside."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from voice_local.errors import BenchmarkError

START_S, END_S, LOOK_S = 180.0, 60.0, 0.2
ADDRESS = re.compile(r"serving at https?://(\S+?)/")


@dataclass(frozen=True)
class RunningServer:
    """A server that is ready. `address`: host and port; `log`: the file with its standard error."""

    process: psutil.Process
    address: str
    log: Path


@contextmanager
def running_server(
    folder: Path, profile: str, models_dir: Path | None = None, *options: str
) -> Iterator[RunningServer]:
    """A server on a free port of this machine; its log goes into `folder`. `options`: more of
    `voice-local serve`.

    Raises:
        BenchmarkError: it does not start.
    """
    command = [sys.executable, "-m", "voice_local", "serve", "--profile", profile, "--port", "0"]
    if models_dir is not None:
        command += ["--models-dir", str(models_dir)]
    log = folder / "server.log"
    # Into a file: a pipe that nobody reads would hold the server up once it is full.
    with (
        log.open("wb") as written,
        subprocess.Popen([*command, *options], stdout=subprocess.DEVNULL, stderr=written) as server,
    ):
        try:
            address = _address(server, log)
            yield RunningServer(psutil.Process(server.pid), address, log)
        finally:
            server.terminate()
            try:
                server.wait(END_S)
            except subprocess.TimeoutExpired:
                server.kill()


def _address(server: subprocess.Popen[bytes], log: Path) -> str:
    ends_at = time.monotonic() + START_S
    while time.monotonic() < ends_at:
        told = log.read_text(encoding="utf-8", errors="replace")
        if (found := ADDRESS.search(told)) is not None:
            return found[1]
        if server.poll() is not None:
            break
        time.sleep(LOOK_S)
    told = log.read_text(encoding="utf-8", errors="replace").strip()
    raise BenchmarkError(
        f"the server did not start: {told[-300:] or 'it said nothing'}",
        "run: voice-local serve",
    )
