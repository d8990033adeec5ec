"""A live conversation through real sound devices: PulseAudio null sinks, PortAudio's `pulse` device, the whole program."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import soundfile as sf
import soxr

from voice_local.audio.files import read_audio
from voice_local.audio.level import audible_span
from voice_local.engine.protocol import SAMPLE_RATE
from voice_local.local.demo import bundled

pytestmark = pytest.mark.device
HEADER = 44
RATE = 48_000
NEEDED = ("pulseaudio", "pactl", "pacat")


class Server:
    """A sound server of its own: what is played into `user` is what the microphone hears."""

    def __init__(self, folder: Path) -> None:
        self.environment = {**os.environ, "PULSE_RUNTIME_PATH": str(folder), "XDG_RUNTIME_DIR": str(folder),
                            "HOME": str(folder), "XDG_CACHE_HOME": str(Path.home() / ".cache")}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Both sinks are there when this returns."""
        self._process = subprocess.Popen(["pulseaudio", "--daemonize=no", "--exit-idle-time=-1", "-n", "-L",
                                          "module-native-protocol-unix"], env=self.environment, stderr=subprocess.DEVNULL)
        _until(lambda: self._control("info") == 0, 15)
        for command in ("load-module module-null-sink sink_name=user rate=48000", "set-default-source user.monitor",
                        "load-module module-null-sink sink_name=assistant rate=48000", "set-default-sink assistant"):
            assert self._control(*command.split()) == 0

    def _control(self, *command: str) -> int:
        return subprocess.run(["pactl", *command], env=self.environment, capture_output=True).returncode

    def stop(self) -> None:
        """As if the sound card had been pulled out."""
        assert self._process
        self._process.kill()
        self._process.wait(10)

    def talk(self, session: Path, *arguments: str) -> subprocess.Popen[str]:
        """The whole program, recording into `session`, once it hears something."""
        process = subprocess.Popen(
            [sys.executable, "-m", "voice_local", "talk", "--profile", "tiny", "--record", str(session), "--json",
             "--input-device", "pulse", "--output-device", "pulse", *arguments], env=self.environment,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        _until(lambda: len(_played(session)) > RATE or process.poll() is not None, 120)
        assert process.poll() is None, process.stderr and process.stderr.read()
        return process


class User:
    """Somebody at the microphone: silence in real time, and speech when told to. Use as a context."""

    def __init__(self, server: Server) -> None:
        # Started beforehand: a player takes its time to start. A null sink asked for nothing takes two seconds at once.
        self._player = subprocess.Popen(
            ["pacat", "--device=user", "--latency-msec=60", "--raw", "--format=s16le", f"--rate={RATE}", "--channels=1"],
            env=server.environment, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert self._player.stdin
        fcntl.fcntl(self._player.stdin, fcntl.F_SETPIPE_SZ, 4096)  # 43 ms: what waits here is heard late
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

    def say(self, number: int, after_s: float = 0.0) -> None:
        """The bundled user's turn of that number, `after_s` after what was said before."""
        whole = read_audio(bundled()[number])
        first, end = audible_span(whole, SAMPLE_RATE)
        samples = soxr.resample(whole[first:end], SAMPLE_RATE, RATE)
        self._waiting.put(bytes(2 * int(after_s * RATE)) + (samples * 32767).astype(np.int16).tobytes())

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


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running one."""
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing:
        pytest.skip(f"no {', '.join(missing)} here (apt-get install pulseaudio pulseaudio-utils libasound2-plugins)")
    server = Server(tmp_path_factory.mktemp("pulse"))
    server.start()
    try:
        yield server
    finally:
        server.stop()


def _end(talk: subprocess.Popen[str]) -> None:
    """Ctrl-C."""
    talk.send_signal(signal.SIGINT)
    talk.wait(30)


def _until(true: Callable[[], bool], seconds: float) -> None:
    limit = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < limit, "waited in vain"
        time.sleep(0.05)


def _played(folder: Path) -> npt.NDArray[np.int16]:
    """What the assistant has said so far, from the recording as it grows."""
    wav = folder / "session.wav"
    raw = wav.read_bytes()[HEADER:] if wav.exists() else b""
    return np.frombuffer(raw[: len(raw) // 4 * 4], dtype=np.int16)[1::2]


def _turns(folder: Path) -> list[dict[str, object]]:
    path = folder / "turns.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_it_hears_answers_and_is_interrupted(server: Server, tmp_path: Path) -> None:
    session = tmp_path / "session"
    talk = server.talk(session)
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(os.cpu_count() or 1)]
    try:
        with User(server) as user:
            user.say(1)
            user.say(0, after_s=1.5)  # over the answer; timed here, since through null sinks all is seen late
            _until(lambda: len(_turns(session)) == 2, 60)
    finally:
        for process in others:
            process.kill()
            process.wait()
        _end(talk)
    both, rate = sf.read(session / "session.wav")
    assert rate == RATE and both.shape[1] == 2, "closed properly"
    about = json.loads((session / "session.json").read_text())
    assert about["overruns"] == 0
    first = _turns(session)[0]
    assert first["user_text"] and first["interrupted"] and first["heard_text"] != first["assistant_text"]
    last = _turns(session)[-1]
    assert last["user_text"] and last["assistant_text"]
    assert np.abs(both[:, 1]).max() > 0.05, "audible"


def test_a_device_that_comes_back_is_taken_up_again(server: Server, tmp_path: Path) -> None:
    session = tmp_path / "session"
    talk = server.talk(session)
    try:
        with User(server) as user:
            user.say(1)
            _until(lambda: len(_turns(session)) == 1, 30)
            server.stop()
            _until(lambda: not _grows(session), 10)
        server.start()
        _until(lambda: _grows(session), 20)
        with User(server) as user:
            user.say(2)
            _until(lambda: len(_turns(session)) == 2, 30)
            server.stop()
            _until(lambda: not _grows(session), 10)
    finally:
        _end(talk)
    assert _turns(session)[1]["user_text"] and _turns(session)[1]["assistant_text"]
    about = json.loads((session / "session.json").read_text())
    assert about["devices_reopened"] == 1, "and it ended properly with its device gone"
    assert sf.info(session / "session.wav").duration > 5


def _grows(folder: Path) -> bool:
    before = len(_played(folder))
    time.sleep(0.5)
    return len(_played(folder)) > before
