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


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A sound server of its own: what is played into `user` is what the microphone hears."""
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing:
        pytest.skip(f"no {', '.join(missing)} here (apt-get install pulseaudio pulseaudio-utils libasound2-plugins)")
    folder = tmp_path_factory.mktemp("pulse")
    environment = {**os.environ, "PULSE_RUNTIME_PATH": str(folder), "XDG_RUNTIME_DIR": str(folder), "HOME": str(folder),
                   "XDG_CACHE_HOME": str(Path.home() / ".cache")}
    process = subprocess.Popen(["pulseaudio", "--daemonize=no", "--exit-idle-time=-1", "-n",
                                "-L", "module-native-protocol-unix"], env=environment, stderr=subprocess.DEVNULL)
    try:
        _until(lambda: subprocess.run(["pactl", "info"], env=environment, capture_output=True).returncode == 0, 15)
        for command in (["load-module", "module-null-sink", "sink_name=user", f"rate={RATE}"],
                        ["load-module", "module-null-sink", "sink_name=assistant", f"rate={RATE}"],
                        ["set-default-source", "user.monitor"], ["set-default-sink", "assistant"]):
            subprocess.run(["pactl", *command], env=environment, check=True, capture_output=True)
        yield environment
    finally:
        process.terminate()
        process.wait(10)


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


def test_it_hears_answers_and_is_interrupted(server: dict[str, str], tmp_path: Path) -> None:
    session, sounds = tmp_path / "session", []
    for path in bundled():
        samples, rate = sf.read(path)
        sounds.append(tmp_path / f"{path.stem}.wav")
        sf.write(sounds[-1], samples, rate)

    playing: list[subprocess.Popen[bytes]] = []

    def say(sound: Path) -> None:
        # A null sink asked for nothing takes two seconds of sound at a time.
        playing.append(subprocess.Popen(["paplay", "--latency-msec=100", "--device=user", str(sound)], env=server))

    talk = subprocess.Popen(
        [sys.executable, "-m", "voice_local", "talk", "--profile", "tiny", "--record", str(session), "--json",
         "--input-device", "pulse", "--output-device", "pulse"], env=server, stderr=subprocess.PIPE, text=True)
    load: list[subprocess.Popen[bytes]] = []
    try:
        _until(lambda: len(_played(session)) > RATE or talk.poll() is not None, 120)
        assert talk.poll() is None, talk.stderr and talk.stderr.read()
        load = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(os.cpu_count() or 1)]
        say(sounds[1])
        _until(lambda: _loud_s(session) > 0.15, 20)
        say(sounds[0])  # over the answer
        _until(lambda: any(turn["interrupted"] for turn in _turns(session)), 20)
        _until(lambda: sum(not turn["interrupted"] for turn in _turns(session)) >= 1, 30)
    finally:
        for process in [*load, *playing]:
            process.kill()
            process.wait()
        talk.send_signal(signal.SIGINT)
        talk.wait(30)
    both, rate = sf.read(session / "session.wav")
    assert rate == RATE and both.shape[1] == 2, "closed properly"
    about = json.loads((session / "session.json").read_text())
    assert about["overruns"] == 0
    first = _turns(session)[0]
    assert first["user_text"] and first["interrupted"] and first["heard_text"] != first["assistant_text"]
    last = _turns(session)[-1]
    assert last["user_text"] and last["assistant_text"]
    assert np.abs(both[:, 1]).max() > 0.05, "audible"
