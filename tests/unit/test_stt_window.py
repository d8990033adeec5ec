"""The measured window of a recognizer is kept with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import stt_window
from voice_local.config import load
from voice_local.models.folder import (
    Manifest,
    ModelFolder,
    save_manifest,
)
from voice_local.models.properties import (
    RecognizerProperties,
    of_settings,
    recognizer_properties,
)

pytestmark = pytest.mark.unit


def test_a_window_is_written_beside_what_else_is_known(tmp_path: Path) -> None:
    save_manifest(
        tmp_path, Manifest({}, {"whisper-base": {"stage": "stt", "properties": {"longest_s": 20}}})
    )
    settings = load("small", models_dir=tmp_path)
    assert of_settings(settings) == RecognizerProperties(longest_s=20.0)
    stt_window.write(settings, 20.0)
    assert of_settings(settings) == RecognizerProperties(shortest_window_s=20.0, longest_s=20.0)
    assert ModelFolder(tmp_path).properties("whisper-base") == {
        "longest_s": 20,
        "shortest_window_s": 20.0,
    }


def test_real_weights_get_at_least_fifteen_seconds_and_the_embedded_ones_what_they_know(
    tmp_path: Path,
) -> None:
    save_manifest(tmp_path, Manifest({}, {}))
    assert recognizer_properties(ModelFolder(tmp_path), "mine").shortest_window_s == 15.0
    tiny = of_settings(load("tiny"))
    assert (tiny.shortest_window_s, tiny.longest_s, tiny.max_tokens, tiny.takes_vocabulary) == (
        1.0,
        9.0,
        96,
        False,
    )
