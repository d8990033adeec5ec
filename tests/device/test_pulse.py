"""A live conversation through real sound devices: PulseAudio null sinks, PortAudio's `pulse` device, the whole program."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import soundfile as sf

from voice_local.local.demo import bundled

pytestmark = pytest.mark.device
HEADER = 44
RATE = 48_000
NEEDED = ("pulseaudio", "pactl", "paplay")


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

    def say(self, sound: Path) -> subprocess.Popen[bytes]:
        """Plays `sound` to the microphone."""
        # A null sink asked for nothing takes two seconds of sound at a time.
        return subprocess.Popen(["paplay", "--latency-msec=100", "--device=user", str(sound)], env=self.environment)

    def talk(self, session: Path, *arguments: str) -> subprocess.Popen[str]:
        """The whole program, recording into `session`, once it hears something."""
        process = subprocess.Popen(
            [sys.executable, "-m", "voice_local", "talk", "--profile", "tiny", "--record", str(session), "--json",
             "--input-device", "pulse", "--output-device", "pulse", *arguments], env=self.environment,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        _until(lambda: len(_played(session)) > RATE or process.poll() is not None, 120)
        assert process.poll() is None, process.stderr and process.stderr.read()
        return process


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


@pytest.fixture
def sounds(tmp_path: Path) -> list[Path]:
    """The bundled user's three turns as WAV files."""
    paths = []
    for path in bundled():
        samples, rate = sf.read(path)
        paths.append(tmp_path / f"{path.stem}.wav")
        sf.write(paths[-1], samples, rate)
    return paths


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


def _loud_s(folder: Path) -> float:
    return float((np.abs(_played(folder).astype(np.int32)) > 600).sum()) / RATE


def _turns(folder: Path) -> list[dict[str, object]]:
    path = folder / "turns.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_it_hears_answers_and_is_interrupted(server: Server, sounds: list[Path], tmp_path: Path) -> None:
    session = tmp_path / "session"
    talk = server.talk(session)
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(os.cpu_count() or 1)]
    try:
        others.append(server.say(sounds[1]))
        _until(lambda: _loud_s(session) > 0.15, 20)
        others.append(server.say(sounds[0]))  # over the answer
        _until(lambda: any(turn["interrupted"] for turn in _turns(session)), 20)
        _until(lambda: sum(not turn["interrupted"] for turn in _turns(session)) >= 1, 30)
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


def test_a_device_that_comes_back_is_taken_up_again(server: Server, sounds: list[Path], tmp_path: Path) -> None:
    session = tmp_path / "session"
    talk = server.talk(session)
    playing = server.say(sounds[1])
    try:
        _until(lambda: len(_turns(session)) == 1, 30)
        server.stop()
        _until(lambda: not _grows(session), 10)
        server.start()
        _until(lambda: _grows(session), 20)
        playing = server.say(sounds[2])
        _until(lambda: len(_turns(session)) == 2, 30)
        server.stop()
        _until(lambda: not _grows(session), 10)
    finally:
        playing.kill()
        playing.wait()
        _end(talk)
    assert _turns(session)[1]["user_text"] and _turns(session)[1]["assistant_text"]
    about = json.loads((session / "session.json").read_text())
    assert about["devices_reopened"] == 1, "and it ended properly with its device gone"
    assert sf.info(session / "session.wav").duration > 5


def _grows(folder: Path) -> bool:
    before = len(_played(folder))
    time.sleep(0.5)
    return len(_played(folder)) > before
