"""The quality benchmarks with the embedded models: figures where nothing is wrong, and planted
faults found."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from voice_local.bench import (
    emotion,
    faults,
    intent,
    wer,
)
from voice_local.bench.context import Context
from voice_local.bench.schema import Section
from voice_local.config import Settings
from voice_local.local.demo import bundled

pytestmark = pytest.mark.models


def values(section: Section) -> dict[str, float]:
    assert section.status == "measured", section.reason
    return {row.name: row.value for row in section.metrics if row.value is not None}


async def test_missing_words_are_found(settings: Settings, tmp_path: Path) -> None:
    options = {"sentences": "6"}
    clean = await wer.measure(Context(settings, tmp_path, quick=True, options=options))
    planted = await wer.measure(
        Context(settings, tmp_path, quick=True, options=options, faults=("deleted_words",))
    )
    before, after = values(clean), values(planted)
    assert clean.findings == []
    assert before["wer"] < 0.3 and before["invented.words_per_minute"] == 0
    assert 0 < before["rtf"] < 1
    assert 0.06 <= after["deletions"] - before["deletions"] <= 0.14
    assert any("words are lost" in finding for finding in planted.findings)
    assert {plot.title.split()[-1] for plot in clean.plots} == {"speaker", "noise", "length"}
    rates = [row["errors"] / row["words"] for row in clean.detail["utterances"]]
    assert rates == sorted(rates, reverse=True)


async def test_a_folder_of_recordings(settings: Settings, tmp_path: Path) -> None:
    for path in bundled():
        shutil.copy(path, tmp_path)
    (tmp_path / "broken.wav").write_bytes(b"no sound")
    said = {
        "user_1": "Where is my order, A B 1234?",
        "user_2": "I am really upset, nobody called me back.",
        "user_3": "Okay, thank you, goodbye.",
        "broken": "x",
    }
    (tmp_path / "transcripts.tsv").write_text(
        "".join(f"{name}\t{text}\n" for name, text in said.items())
    )
    found = await wer.measure(
        Context(settings, tmp_path, options={"folder": str(tmp_path), "noise_db": "20"})
    )
    assert values(found)["wer.noise.none"] <= 0.2
    assert "wer.noise.20dB" in values(found) and "wer.unnormalized" not in values(found)
    assert any("2 of 8 recordings cannot be read" in finding for finding in found.findings)


async def test_a_swapped_label_is_found(settings: Settings, tmp_path: Path) -> None:
    clean = await intent.measure(Context(settings, tmp_path, quick=True))
    planted = await intent.measure(
        Context(settings, tmp_path, quick=True, faults=("swapped_label",))
    )
    found = values(clean)
    assert (
        found["accuracy"] >= 0.85
        and found["macro_f1"] >= 0.85
        and found["out_of_scope.recall"] >= 0.7
    )
    assert 0 <= found["ece"] < 0.15 and found["latency_ms.p50"] > 0
    assert clean.findings == []
    other = faults.SWAPPED["complaint"]
    assert any(
        f"complaint is mostly called {other}" in finding
        or f"every complaint is called {other}" in finding
        for finding in planted.findings
    ), planted.findings
    assert values(planted)["accuracy"] < found["accuracy"]


async def test_rows_of_ones_own(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(
        "text,label\nturn on the kitchen light,home_control\nwhere is my order,check_order_status\n"
        "i am so happy today,happy\nthis is terrible and i hate it,angry\n"
    )
    context = Context(settings, tmp_path, options={"csv": str(path)})
    found = await intent.measure(context)
    assert values(found)["accuracy"] == 1.0 and values(found)["rows"] == 2
    assert found.detail["unknown_labels"] == {"happy": 1, "angry": 1}
    felt = await emotion.measure(context)
    assert values(felt)["rows"] == 2 and values(felt)["accuracy"] >= 0.5
    nothing = await emotion.measure(Context(settings, tmp_path))
    assert nothing.status == "skipped" and "goemotions" in nothing.reason
