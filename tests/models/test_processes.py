"""Every process we start has the switches before a library loads, whatever its user has set, and
leaves nothing behind."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.models.test_switches import ROOT, bare
from voice_local.cli.proof_commands import (
    HOST,
    recording,
)
from voice_local.offline.switches import (
    OFFLINE,
    QUIET,
    places,
)

pytestmark = pytest.mark.models
LIBRARIES = (
    "onnxruntime",
    "tokenizers",
    "torch",
    "ctranslate2",
    "llama_cpp",
    "faster_whisper",
    "huggingface_hub",
    "transformers",
    "librosa",
    "matplotlib",
    "numpy",
)

RECORDER = f"""
import json, os, sys

class Recorder:
    '''Notes the environment at the moment in which a library is first looked for.'''

    def find_spec(self, name, path=None, target=None):
        if name in {LIBRARIES!r}:
            line = json.dumps({{"pid": os.getpid(), "words": sys.orig_argv[1:], "library": name,
                              "environment": dict(os.environ)}})
            print(line, file=notes, flush=True)
        return None

notes = open(os.environ["RECORDED"], "a")  # before a process confines itself
sys.meta_path.insert(0, Recorder())
"""


def recorded(tmp_path: Path, words: list[str], **more: str) -> list[dict[str, object]]:
    """Runs a program where a site customization notes every library's first import, in children
    too."""
    (tmp_path / "sitecustomize.py").write_text(RECORDER, encoding="utf-8")
    home = tmp_path / "home"
    home.mkdir(exist_ok=True)
    notes = tmp_path / "notes"
    done = subprocess.run(
        [sys.executable, *words],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        env=bare(home, PYTHONPATH=f"{tmp_path}:{ROOT}", RECORDED=str(notes), **more),
    )
    assert notes.exists(), done.stderr
    return [json.loads(line) for line in notes.read_text(encoding="utf-8").splitlines()]


def check(rows: list[dict[str, object]], part: str, wanted: dict[str, str], library: str) -> None:
    """That some process with `part` among its words imported `library`, and all its libraries found
    `wanted` set."""
    ours = [row for row in rows if any(part in word for word in row["words"])]  # type: ignore[attr-defined]
    assert library in {row["library"] for row in ours}, f"{part} never imported {library}"
    for row in ours:
        environment: dict[str, str] = row["environment"]  # type: ignore[assignment]
        missing = {name for name, value in wanted.items() if environment.get(name) != value}
        assert not missing, f"{part}: {missing} not set when {row['library']} was imported"


def strangers(home: Path) -> list[str]:
    """Files of an empty home that do not lie in folders of ours; what libpulse keeps is the
    system's."""
    return [
        str(path)
        for path in home.rglob("*")
        if not path.is_dir() and not {"voice_local", "pulse"} & set(path.relative_to(home).parts)
    ]


def test_talk_in_front_and_worker(tmp_path: Path) -> None:
    wav = recording(tmp_path / "user.wav", 2)
    rows = recorded(
        tmp_path, ["-m", "voice_local", "talk", "--profile", "tiny", "--wav", str(wav), "--json"]
    )
    check(rows, "talk", OFFLINE, "onnxruntime")
    check(rows, "voice_local.engine.worker", OFFLINE, "torch")
    kept = [row["environment"] for row in rows if row["library"] == "librosa"]
    assert kept and all(set(places()) <= set(environment) for environment in kept)  # type: ignore[call-overload]
    assert strangers(tmp_path / "home") == []


def test_somebody_elses_program(tmp_path: Path) -> None:
    wav = recording(tmp_path / "user.wav", 2)
    rows = recorded(tmp_path, ["-c", HOST, "tiny", str(wav), ""])
    check(rows, "import Assistant", QUIET, "onnxruntime")
    check(rows, "voice_local.engine.worker", OFFLINE, "torch")
    host = [row["environment"] for row in rows if HOST in row["words"]]  # type: ignore[operator]
    own = [row["HF_HUB_OFFLINE"] for row in host]  # type: ignore[index]
    assert set(own) == {"0"}, "a host's own use of the hub is its own"
    assert strangers(tmp_path / "home") == []


def test_the_converter(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "config.json").write_text("{}", encoding="utf-8")
    (source / "model.pth").write_bytes(b"nothing")
    code = (
        "import sys; from pathlib import Path; from voice_local.supply import convert\n"
        "convert.convert('coqui_to_safetensors', Path(sys.argv[1]), Path(sys.argv[2]))"
    )
    rows = recorded(tmp_path, ["-c", code, str(source), str(tmp_path / "out")])
    check(rows, "voice_local.supply.convert", OFFLINE, "torch")


@pytest.mark.parametrize(
    ("module", "wanted", "library"),
    [
        ("voice_local.bench.gpu.facts", QUIET, "onnxruntime"),
        ("voice_local.bench.gpu.child", QUIET, "numpy"),
    ],
)
def test_the_children_of_the_benchmark(
    module: str, wanted: dict[str, str], library: str, tmp_path: Path
) -> None:
    check(recorded(tmp_path, ["-m", module]), module, wanted, library)


@pytest.mark.parametrize("words", [["chat", "--once", "turn on the lamp"], ["classify", "hello"]])
def test_an_empty_home_stays_empty(words: list[str], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "voice_local", *words, "--profile", "tiny", "--json"],
        text=True,
        capture_output=True,
        env=bare(tmp_path),
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert strangers(tmp_path) == []
