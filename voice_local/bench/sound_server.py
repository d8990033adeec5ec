"""Sound devices without hardware: a PulseAudio server of its own, somebody who speaks, and monitors
beside the loudspeakers."""

from __future__ import annotations

import contextlib
import fcntl
import os
import queue
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soxr

from voice_local.audio.types import (
    SAMPLE_RATE,
    Audio,
)
from voice_local.errors import BenchmarkError

RATE = 48_000
NEEDED = ("pulseaudio", "pactl", "pacat", "parec")
INSTALL = "apt-get install pulseaudio pulseaudio-utils libasound2-plugins"
START_S = 15.0
MONITOR_MS = 20


def wait_until(true: Callable[[], bool], seconds: float, what: str) -> None:
    """Returns once `true()`.

    Raises:
        BenchmarkError: it took longer than `seconds`; `what` has not come.
    """
    limit = time.monotonic() + seconds
    while not true():
        if time.monotonic() > limit:
            raise BenchmarkError(
                f"{what}: did not happen within {seconds:.0f} s", "read the output of the programs"
            )
        time.sleep(0.02)


class SoundServer:
    """What is played into the sink `user` is what the microphone hears; the loudspeaker is the sink
    `assistant`.

    Attributes:
        environment: of a program that is to use it.

    Raises:
        BenchmarkError: what it needs is not installed.
    """

    def __init__(self, folder: Path) -> None:
        missing = [name for name in NEEDED if shutil.which(name) is None]
        if missing:
            raise BenchmarkError(f"no {', '.join(missing)} here", INSTALL)
        self._folder = folder
        self.environment = {**os.environ, "PULSE_SERVER": f"unix:{folder / 'native'}"}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Both sinks are there when this returns."""
        own = {
            **os.environ,
            "PULSE_RUNTIME_PATH": str(self._folder),
            "XDG_RUNTIME_DIR": str(self._folder),
            "HOME": str(self._folder),
        }
        self._process = subprocess.Popen(
            [
                "pulseaudio",
                "--daemonize=no",
                "--exit-idle-time=-1",
                "-n",
                "-L",
                f"module-native-protocol-unix auth-anonymous=1 socket={self._folder / 'native'}",
            ],
            env=own,
            stderr=subprocess.DEVNULL,
        )
        wait_until(lambda: self._control("info") == 0, START_S, "the sound server")
        for command in (
            f"load-module module-null-sink sink_name=user rate={RATE}",
            "set-default-source user.monitor",
            f"load-module module-null-sink sink_name=assistant rate={RATE}",
            "set-default-sink assistant",
        ):
            if self._control(*command.split()):
                raise BenchmarkError(f"the sound server refused: {command}", INSTALL)

    def _control(self, *command: str) -> int:
        return subprocess.run(
            ["pactl", *command], env=self.environment, capture_output=True, check=False
        ).returncode

    def stop(self) -> None:
        """As if the sound card had been pulled out."""
        if self._process:
            self._process.kill()
            self._process.wait(10)


class User:
    """Somebody at the microphone: silence in real time, and speech on demand. Use as a
    context."""

    def __init__(self, server: SoundServer) -> None:
        # Started beforehand: a player takes its time to start. A null sink asked for nothing takes
        # two seconds at once.
        self._player = subprocess.Popen(
            [
                "pacat",
                "--device=user",
                "--latency-msec=60",
                "--raw",
                "--format=s16le",
                f"--rate={RATE}",
                "--channels=1",
            ],
            env=server.environment,
            stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self._player.stdin
        # 43 ms: what waits here is heard late.
        fcntl.fcntl(self._player.stdin, fcntl.F_SETPIPE_SZ, 4096)
        self._waiting: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._play, daemon=True)
        self._over = False

    def __enter__(self) -> User:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._over = True
        self._player.kill()
        self._player.wait()
        self._thread.join()

    def say(self, audio: Audio, after_s: float = 0.0) -> None:
        """Speech (16 kHz), `after_s` after what was said before."""
        samples = soxr.resample(audio, SAMPLE_RATE, RATE)
        self._waiting.put(
            bytes(2 * int(after_s * RATE)) + (samples * 32767).astype(np.int16).tobytes()
        )

    def _play(self) -> None:
        assert self._player.stdin
        block = RATE // 50 * 2
        speech, due = b"", time.monotonic()
        with contextlib.suppress(BrokenPipeError, OSError):
            while not self._over:
                if not speech and not self._waiting.empty():
                    speech = self._waiting.get()
                part, speech = speech[:block], speech[block:]
                self._player.stdin.write(part.ljust(block, b"\0"))
                self._player.stdin.flush()
                due += 0.02
                time.sleep(max(0.0, due - time.monotonic()))


class Monitor:
    """Keeps what a sink plays, heard beside the program that plays it or hears it. Use as a
    context."""

    def __init__(self, server: SoundServer, sink: str) -> None:
        self._recorder = subprocess.Popen(
            [
                "parec",
                f"--device={sink}.monitor",
                f"--latency-msec={MONITOR_MS}",
                "--raw",
                "--format=s16le",
                f"--rate={RATE}",
                "--channels=1",
            ],
            env=server.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._parts: list[bytes] = []
        self._count = 0
        # When sample 0 was there, by the sample that came most at once.
        self._earliest = float("inf")
        self._thread = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> Monitor:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._recorder.kill()
        self._recorder.wait()
        self._thread.join()

    def _read(self) -> None:
        assert self._recorder.stdout
        while part := os.read(self._recorder.stdout.fileno(), 65_536):
            self._parts.append(part)
            self._count += len(part)
            self._earliest = min(self._earliest, time.monotonic() - self._count / 2 / RATE)

    def between(self, start_s: float, end_s: float) -> Audio:
        """What sounded between two times of `time.monotonic()`; both must have passed."""
        raw = b"".join(self._parts)
        samples = np.frombuffer(raw[: len(raw) // 2 * 2], dtype=np.int16)
        first, last = (max(0, round((at_s - self._earliest) * RATE)) for at_s in (start_s, end_s))
        return samples[first:last].astype(np.float32) / np.float32(32768)


def stop_for(process: subprocess.Popen[str], seconds: float) -> None:
    """Lets a program of one's own stand still, as a machine does that is busy, swaps or sleeps."""
    process.send_signal(signal.SIGSTOP)
    try:
        time.sleep(seconds)
    finally:
        process.send_signal(signal.SIGCONT)
