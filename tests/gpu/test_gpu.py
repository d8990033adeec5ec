"""What only a card can show. Skipped with its reason where there is none."""

from __future__ import annotations

import pytest

from tests.conftest import MODELS
from voice_local.config import load
from voice_local.engine.local_engine import LocalEngine
from voice_local.errors import ModelError
from voice_local.models.folder import read_manifest
from voice_local.profile_choice import card_memory_gb

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(card_memory_gb() == 0, reason="no NVIDIA card in this machine"),
]


def test_recognition_and_voice_really_run_on_the_card() -> None:
    engine = LocalEngine(load("tiny", device="cuda"), ("stt", "tts"))
    assert {report.device for report in engine.reports} == {"cuda"}


def test_small_runs_on_the_card_with_every_layer_offloaded() -> None:
    """The voice of small is an ONNX model of 8 MB that its library runs on the CPU."""
    settings = load("small", device="cuda", models_dir=MODELS)
    try:
        known = read_manifest(MODELS).models
    except ModelError:
        known = {}
    if settings.stt.model not in known or settings.llm.model not in known:
        pytest.skip(f"small is not in {MODELS}: voice-local models download --profile small")
    engine = LocalEngine(settings, ("stt", "llm", "tts"))
    found = {report.stage: report for report in engine.reports}
    assert found["stt"].device == "cuda" and found["stt"].notes.startswith("float16")
    assert found["llm"].device == "cuda" and settings.llm.n_gpu_layers == -1
    assert "CPUExecutionProvider" in found["tts"].notes
