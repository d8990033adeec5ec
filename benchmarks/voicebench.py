"""The package `voicebench`, unchanged, against `/ws`.

    python -m benchmarks.voicebench [--profile small] [--repeat 3] [--out FOLDER]

It measures from sound: how long an answer takes, how fast it stops when it is spoken over, and
that a cough does not stop it. Its own report is written to the folder. Needs the package index
once.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from voice_local.bench.server_process import running_server

PACKAGE = "voicebench==0.2.0"
CACHE = Path(__file__).resolve().parents[1] / ".cache" / "voicebench"
SAID = {
    "opening": "hello, what can you do for me",
    "question": "tell me something about the sea",
    "barge-in": "please stop, I want to know what time it is",
    "more": "tell me about trains and ships",
    "confirm": "thank you, that is all",
}


def scenario(folder: Path, url: str) -> Path:
    """The conversation, spoken by espeak-ng."""
    for name, text in SAID.items():
        subprocess.run(["espeak-ng", "-w", folder / f"{name}.wav", text], check=True)
    after_speech = {"after": "agent_speech_end", "delay_ms": 500}
    over_speech = {"after": "agent_speech_start", "delay_ms": 900}
    turns: list[dict[str, Any]] = [
        {"id": "opening", "start": {"after": "session_start", "delay_ms": 500}},
        {"id": "question", "start": after_speech},
        {"id": "barge-in", "start": over_speech, "expect": "stop"},
        {"id": "more", "start": after_speech},
        {
            "id": "cough",
            "audio": {"synth": "noise", "duration_ms": 180, "level_db": -25},
            "start": over_speech,
            "expect": "ignore",
        },
        {"id": "confirm", "start": after_speech},
    ]
    for turn in turns:
        if turn["id"] in SAID:
            turn["audio"] = {"file": f"{turn['id']}.wav"}
            turn["text"] = SAID[turn["id"]]
    path = folder / "scenario.yaml"
    adapter = {"type": "websocket", "options": {"url": url, "agent_sample_rate": 24_000}}
    told = {
        "name": "voice-local",
        "sample_rate": 16_000,
        "frame_ms": 20,
        "adapter": adapter,
        "defaults": {"response_timeout_ms": 15_000},
        "turns": turns,
    }
    path.write_text(json.dumps(told, indent=1), encoding="utf-8")  # JSON is YAML
    return path


def program() -> Path:
    """The package's command, in an environment of its own."""
    found = CACHE / "bin" / "voicebench"
    if not found.exists():
        shutil.rmtree(CACHE, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", CACHE], check=True)
        subprocess.run([CACHE / "bin" / "pip", "install", "-q", PACKAGE], check=True)
    return found


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", default="small")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--out", type=Path, default=Path("voicebench-results"))
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        running_server(Path(folder), options.profile) as server,
    ):
        url = f"ws://{server.address}/ws?audio=pcm"
        path = scenario(Path(folder), url)
        done = subprocess.run(
            [program(), "run", path, "-n", str(options.repeat), "--out", options.out]
        )
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
