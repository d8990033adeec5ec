"""`voice-local serve` as its users start it."""

from __future__ import annotations

import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
START_S = 180.0


@contextmanager
def served(home: Path, *options: str) -> Iterator[str]:
    """The address of a server, as `http://127.0.0.1:PORT`, with `home` as its home folder. It is
    told to end afterwards, and has to."""
    command = [sys.executable, "-m", "voice_local", "serve", "--port", "0", *options]
    environment = {**os.environ, "HOME": str(home), "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True
    ) as process:
        lines: queue.Queue[str] = queue.Queue()
        reading = threading.Thread(target=_read, args=(process, lines), daemon=True)
        reading.start()
        told: list[str] = []
        try:
            yield _address(process, lines, told)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                code = process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
            reading.join(5)
            while not lines.empty():
                told.append(lines.get())
    assert code == 0, "".join(told)
    assert "Traceback" not in "".join(told), "".join(told)


def _read(process: subprocess.Popen[str], lines: queue.Queue[str]) -> None:
    assert process.stderr
    for line in process.stderr:
        lines.put(line)


def _address(process: subprocess.Popen[str], lines: queue.Queue[str], told: list[str]) -> str:
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        try:
            line = lines.get(timeout=0.2)
        except queue.Empty:
            assert process.poll() is None, "".join(told)
            continue
        told.append(line)
        if found := re.search(r"serving at (\S+?)/ ", line):
            return found.group(1)
    raise AssertionError(f"it did not start in {START_S:.0f} s: {''.join(told)}")
