"""Wheels through pip itself, so that a person's own index, mirror, proxy and credentials count.

`pip download` only fetches: nothing is installed or built (wheels only, no dependencies, digests
required).
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from voice_local.errors import (
    DownloadError,
    SourceError,
)
from voice_local.models.sources import Package

PARALLEL = 3
ANSWER_S = 5.0
"""How long a source may be silent before it is passed over."""
START_S = 25.0
"""How much longer pip itself may take to start and to find its way."""
POLL_S = 0.1
TRIES = 2
NO_PIP = (
    "python -m ensurepip --upgrade, or apt-get install python3-pip; or take another source with "
    "--from"
)
UNREACHED = (
    "timed out",
    "Failed to establish",
    "Temporary failure",
    "NewConnectionError",
    "ProxyError",
    "Errno 111",
)
"""What pip says when nobody answered, whatever it concludes from that."""
Take = Callable[[Package, Path], None]
Progress = Callable[[int], None]


def pip_command() -> list[str]:
    """How pip is called here: this Python's, else one on the PATH.

    Raises:
        SourceError: there is none.
    """
    for command in ([sys.executable, "-m", "pip"], ["python3", "-m", "pip"], ["pip"], ["pip3"]):
        try:
            if not subprocess.run(
                [*command, "--version"], capture_output=True, timeout=60, check=False
            ).returncode:
                return command
        except (OSError, subprocess.TimeoutExpired):
            continue
    raise SourceError("there is no pip here to fetch wheels with", NO_PIP)


class Wheels:
    """Fetches wheels for one model: a first one to see whether the index answers, then several at a
    time.

    `folder`: where they lie until they were taken. `progress` gets how many more bytes came (fewer
    when some go again). `answer_s`: how long the index may be silent at first; None: as long as the
    person's own pip waits.
    """

    def __init__(
        self, folder: Path, take: Take, progress: Progress, answer_s: float | None
    ) -> None:
        self.folder, self.take, self.progress, self.answer_s = folder, take, progress, answer_s
        self._stopped, self._answered = threading.Event(), threading.Event()

    def fetch(self, packages: list[Package]) -> None:
        """Fetches and hands over each; what was handed over stays so when a later one fails.

        Raises:
            SourceError: the index does not answer, or has not got one of them. DownloadError: what
                came is wrong.
        """
        if not packages:
            return
        pip = pip_command()
        pool = ThreadPoolExecutor(PARALLEL)
        try:
            jobs = [pool.submit(self._one, pip, packages[0], True)]
            while not self._answered.wait(POLL_S) and not jobs[0].done():
                pass
            if jobs[0].done():
                jobs[0].result()
            jobs += [pool.submit(self._one, pip, package, False) for package in packages[1:]]
            for job in as_completed(jobs):
                job.result()
        finally:
            self._stopped.set()
            pool.shutdown(cancel_futures=True)

    def _one(self, pip: list[str], package: Package, first: bool) -> None:
        work = self.folder / f"pip-{package.package}"
        for left in range(TRIES - 1, -1, -1):
            shutil.rmtree(work, ignore_errors=True)
            (work / "tmp").mkdir(parents=True)
            seen = 0
            try:
                seen = self._run(pip, package, work, first)
                found = list((work / "out").iterdir())
                if len(found) != 1 or found[0].suffix != ".whl":
                    raise DownloadError(
                        f"pip brought {', '.join(one.name for one in found) or 'nothing'} for "
                        f"{package.package}, wanted one wheel",
                        "look at your pip's settings: pip config debug",
                    )
                self.progress(package.bytes - seen)
                self.take(package, found[0])
                return
            except SourceError:
                if not left or not self._answered.is_set():
                    raise
            finally:
                shutil.rmtree(work, ignore_errors=True)

    def _run(self, pip: list[str], package: Package, work: Path, first: bool) -> int:
        """Runs pip to its end; the bytes reported to `progress`. Takes them back if pip
        fails."""
        requirement = work / "requirements.txt"
        requirement.write_text(
            f"{package.package}=={package.version} --hash=sha256:{package.sha256}\n",
            encoding="utf-8",
        )
        quick: list[str] = []
        if first and not self._answered.is_set():
            quick = (
                ["--retries", "1"]
                if self.answer_s is None
                else ["--retries", "0", "--timeout", f"{self.answer_s:g}"]
            )
        command = [
            *pip,
            "download",
            *quick,
            "--no-input",
            "--disable-pip-version-check",
            "--no-cache-dir",
            "--no-deps",
            "--only-binary",
            ":all:",
            "--require-hashes",
            "--progress-bar",
            "off",
            "-r",
            str(requirement),
            "-d",
            str(work / "out"),
        ]
        # Its log tells why an index was given up, which pip's standard error does not.
        log = work / "pip.log"
        child = subprocess.Popen(
            [*command, "--log", str(log)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "TMPDIR": str(work / "tmp")},
        )
        reported, began = 0, time.monotonic()
        try:
            while child.poll() is None:
                if self._stopped.is_set():
                    raise DownloadError("stopped", "run the same command again; it resumes")
                time.sleep(POLL_S)
                grown = min(package.bytes, _bytes_below(work))
                if grown > reported:
                    self._answered.set()
                    self.progress(grown - reported)
                    reported = grown
                if (
                    self.answer_s is not None
                    and not self._answered.is_set()
                    and (time.monotonic() - began > self.answer_s + START_S)
                ):
                    raise _silent(package)
            if child.returncode:
                self.progress(-reported)
                raise verdict(
                    package,
                    log.read_text(encoding="utf-8", errors="replace") if log.exists() else "",
                )
            self._answered.set()
            return reported
        finally:
            if child.poll() is None:
                child.kill()
                child.wait()


def _bytes_below(work: Path) -> int:
    """Bytes of the wheel that are there, in pip's own temporary folder or where it belongs."""
    most = 0
    # os.walk passes over folders that pip has just taken away; rglob fails there.
    for folder, _, names in os.walk(work):
        for name in names:
            if name.endswith(".whl"):
                with contextlib.suppress(OSError):  # moved meanwhile
                    most = max(most, os.stat(os.path.join(folder, name)).st_size)
    return most


def _silent(package: Package) -> SourceError:
    return SourceError(
        f"the package index does not answer for {package.package}=={package.version}",
        "check the network and pip's settings (pip config list; PIP_INDEX_URL, HTTPS_PROXY)",
    )


def verdict(package: Package, log: str) -> DownloadError:
    """What pip's complaint means."""
    name = f"{package.package}=={package.version}"
    if "DO NOT MATCH THE HASHES" in log:
        return DownloadError(
            f"the index's {name} is not the wheel that the lock names (sha256 differs); it was "
            f"deleted",
            "try another index, or another source (--from); if that does not help, report it; do "
            "not use the file",
        )
    if "No space left" in log:
        return DownloadError(
            f"the disk became full while {name} was downloaded",
            "free disk space and run the same command; it resumes",
        )
    if any(word in log for word in UNREACHED):
        return _silent(package)
    if "No matching distribution" in log:
        return SourceError(
            f"the package index has no wheel of {name}",
            "name an index that has it (PIP_INDEX_URL), or take another source with --from",
        )
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    reason = next(
        (line for line in lines if "ERROR:" in line), lines[-1] if lines else "no reason given"
    )
    return SourceError(
        f"pip cannot fetch {name} ({' '.join(reason.rpartition('ERROR:')[2].split())[:120]})",
        "check the network and pip's settings (pip config list); the same command resumes",
    )
