"""The suite on the embedded models: planted faults show where they belong, and the commands give
what they promise."""

from __future__ import annotations

import json
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from voice_local.bench import (
    memory,
    tts,
)
from voice_local.bench.context import Context
from voice_local.bench.speakers import available
from voice_local.config import Settings

pytestmark = pytest.mark.models
SPEAKERS = pytest.mark.skipif(not available(), reason="needs espeak-ng, flite or festival to speak")


def context(settings: Settings, folder: Path, *faults: str, **options: str) -> Context:
    return Context(settings, folder, quick=True, faults=faults, options=options)


async def test_leading_silence_is_found_and_only_where_it_is(
    settings: Settings, tmp_path: Path
) -> None:
    faulty = await tts.measure(context(settings, tmp_path, "leading_silence", clauses="3"))
    clean = await tts.measure(context(settings, tmp_path, clauses="3"))
    assert any("begin with over" in finding for finding in faulty.findings)
    assert not clean.findings
    apart = (faulty.find("lead_ms.p50").value or 0) - (clean.find("lead_ms.p50").value or 0)
    assert apart == pytest.approx(500, abs=10)


@SPEAKERS
async def test_a_leak_is_found(settings: Settings, tmp_path: Path) -> None:
    faulty = await memory.measure(context(settings, tmp_path, "leak", turns="10"))
    assert any("front process grows" in finding for finding in faulty.findings)
    assert faulty.find("growth_mb_a_turn.front").value == pytest.approx(1.0, abs=0.2)
    clean = await memory.measure(context(settings, tmp_path, turns="10"))
    assert not clean.findings


class Loads(HTMLParser):
    """Collects everything a browser would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [
            value
            for name, value in attrs
            if name in ("src", "href") and value and not value.startswith("#")
        ]


def test_the_command_writes_both_reports(tmp_path: Path) -> None:
    run = [
        sys.executable,
        "-m",
        "voice_local",
        "bench",
        "steady",
        "intent",
        "--profile",
        "tiny",
        "--quick",
        "--out",
        str(tmp_path / "new" / "folder"),
    ]
    told = subprocess.run(run, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    report = json.loads((tmp_path / "new" / "folder" / "report.json").read_text())
    assert [section["status"] for section in report["sections"]] == ["measured", "measured"]
    assert report["about"]["models"]["tiny-llm/model.gguf"]
    page = Loads()
    page.feed((tmp_path / "new" / "folder" / "report.html").read_text())
    assert not page.found


@SPEAKERS
def test_load_tells_its_levels(tmp_path: Path) -> None:
    run = [
        sys.executable,
        "-m",
        "benchmarks.load",
        "--profile",
        "tiny",
        "--sessions",
        "1",
        "--quick",
        "--json",
        "--out",
        str(tmp_path),
    ]
    told = subprocess.run(run, capture_output=True, text=True, check=True)
    level = json.loads(told.stdout)["levels"][0]
    assert level["sessions"] == 1 and level["turns"] > 0
    assert set(level) >= {"voice_to_voice_ms", "under_runs", "dropped", "refused", "batch_sizes"}
    assert set(level["voice_to_voice_ms"]) == {"p50", "p95", "p99"}


@pytest.mark.parametrize(
    "words",
    [
        ["nothing"],
        ["compare", "a.json"],
        ["compare", "a.json", "b.json"],
        ["steady", "--plant", "x"],
        ["load", "--sessions", "many"],
        ["intent", "--csv", "missing.csv"],
    ],
)
def test_what_cannot_be_is_refused_in_one_line(words: list[str], tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "voice_local", "bench", *words, "--profile", "tiny", "--quick"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert told.returncode == 2, told.stdout + told.stderr
    assert not list(tmp_path.iterdir())
    assert "Traceback" not in told.stderr and told.stderr.splitlines()[-2].startswith("error: ")
