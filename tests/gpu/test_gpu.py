"""What only a card can show. Skipped with its reason where there is none."""

from __future__ import annotations

import pytest

from voice_local.config import load
from voice_local.engine.engine import LocalEngine
from voice_local.profiles import card_memory_gb

pytestmark = [pytest.mark.gpu, pytest.mark.skipif(card_memory_gb() == 0, reason="no NVIDIA card in this machine")]


def test_recognition_and_voice_really_run_on_the_card() -> None:
    engine = LocalEngine(load("tiny", device="cuda"), ("stt", "tts"))
    assert {report.device for report in engine.reports} == {"cuda"}
