"""Finds stage adapters by name, lazily: an adapter's module is imported when it is first asked
for."""

from __future__ import annotations

import importlib

from voice_local import extras
from voice_local.config import Settings
from voice_local.engine.api import Stage
from voice_local.errors import ConfigError
from voice_local.models.folder import ModelFolder

ADAPTERS = {
    "stt_whisper": "voice_local.stages.stt.whisper:WhisperStt",
    "intent_distilbert": "voice_local.stages.classify.distilbert:DistilbertIntent",
    "understanding": "voice_local.stages.classify.understanding:UnderstandingModel",
    "emotion": "voice_local.stages.classify.emotion:Emotion",
    "llm_llama": "voice_local.stages.llm.llama:LlamaLlm",
    "tts_coqui": "voice_local.stages.tts.coqui:CoquiTts",
    "tts_hibari": "voice_local.stages.tts.hibari:HibariTts",
    "tts_kokoro": "voice_local.stages.tts.kokoro:KokoroTts",
    "tts_bark": "voice_local.stages.tts.bark:BarkTts",
}
WHOLE = frozenset({"understanding"})
"""Adapters of models that tell intent, emotion and whether a sentence is finished in one pass."""


def build(adapter: str, settings: Settings, models: ModelFolder, threads: int) -> Stage:
    """Loads the adapter called `adapter` with its model.

    Raises:
        ConfigError: no such adapter, or its library is not installed.
        ModelError: its model cannot be loaded.
    """
    place = ADAPTERS.get(adapter)
    if place is None:
        raise ConfigError(f"unknown stage adapter {adapter!r}", f"one of: {', '.join(ADAPTERS)}")
    module, name = place.split(":")
    try:
        return getattr(importlib.import_module(module), name)(settings, models, threads)
    except ImportError as error:
        missing = error.name or str(error)
        raise ConfigError(
            f"{adapter} needs the package {missing!r}", extras.remedy(extras.STAGES[adapter][0])
        ) from error
