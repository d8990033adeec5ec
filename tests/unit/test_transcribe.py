"""`transcribe` over many files, and texts that are no text: one bad input costs only itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
import typer

from voice_local import config
from voice_local.bench.scripted import ScriptedEngine
from voice_local.cli import runs
from voice_local.conversation.text import (
    checked_text,
)
from voice_local.engine.api import Transcript
from voice_local.errors import TextInputError

pytestmark = pytest.mark.unit


class Loaded(ScriptedEngine):
    """Counts how often models were loaded."""

    times = 0

    async def __aenter__(self) -> Loaded:
        Loaded.times += 1
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


@pytest.fixture(autouse=True)
def engine(monkeypatch: pytest.MonkeyPatch) -> None:
    def build(settings: config.Settings, stages: Sequence[str], quiet: bool) -> Loaded:
        return Loaded(transcripts=[Transcript("hello there", "en", 0.01, -0.05)] * 9)

    monkeypatch.setattr(Loaded, "times", 0)
    monkeypatch.setattr(runs, "_engine", build)


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.wav"
    sf.write(path, np.random.default_rng(1).standard_normal(16_000) * 0.1, 16_000)
    return path


async def test_a_bad_file_costs_only_itself(
    good: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = Path(os.fsdecode(os.fsencode(tmp_path) + b"/bad\xff.wav"))
    bad.write_text("no sound")
    with pytest.raises(typer.Exit) as ended:
        await runs.transcribe(
            config.load("tiny"), [bad, good, tmp_path / "none", good], False, True
        )
    assert ended.value.exit_code == 2
    printed = capsys.readouterr()
    rows = json.loads(printed.out)
    assert [Path(row["file"]).name for row in rows] == [
        "bad\ufffd.wav",
        "good.wav",
        "none",
        "good.wav",
    ]
    assert [set(row) for row in rows[::2]] == [{"file", "error", "remedy"}] * 2
    assert [row["text"] for row in rows[1::2]] == ["hello there"] * 2
    assert printed.err.count("error: ") == 2
    assert Loaded.times == 1


@pytest.mark.parametrize("as_json", [True, False])
async def test_without_a_good_file_nothing_is_loaded(
    as_json: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as ended:
        await runs.transcribe(config.load("tiny"), [tmp_path, tmp_path / "none"], False, as_json)
    printed = capsys.readouterr()
    assert ended.value.exit_code == 2
    assert len(json.loads(printed.out)) == 2 if as_json else printed.out == ""
    assert printed.err.count("error: ") == 2
    assert Loaded.times == 0


async def test_all_good_is_no_failure(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    await runs.transcribe(config.load("tiny"), [good], False, False)
    assert "hello there" in capsys.readouterr().out


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(TextInputError, match="not UTF-8"):
        checked_text(os.fsdecode(b"hello \xff world"))
    assert checked_text(" h\u00e9llo \ufffd \U0001f525 ") == "h\u00e9llo \ufffd \U0001f525"


@pytest.mark.parametrize("encoding", ["ascii", "utf-8"])
def test_no_character_ends_the_program(encoding: str) -> None:
    program = (
        "import sys, typer\nfrom voice_local.cli import app, show\n"
        "app.app = typer.Typer()\n"
        "@app.app.command()\ndef echo(text: str) -> None:\n"
        "    print(text, input()); show.emit([text]); show.note(text); show.complain(text, text)\n"
        "app.main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, b"caf\xc3\xa9 \xff"],
        input=b"caf\xe9\n",
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": encoding},
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    shown = done.stdout.decode().splitlines()
    assert shown[0].startswith("caf") and len(shown[0]) == len("caf\u00e9 ? caf\u00e9")
    assert json.loads("\n".join(shown[1:]))[0].startswith("caf\u00e9")
