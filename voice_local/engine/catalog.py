"""The one table of stage adapters: where each is, what it is for, what it needs.

An adapter's module is imported when it is first asked for. Adding an engine touches its own file
and this table; a TTS engine also lists its voices in `voice_models` and `voices.catalogue`.
"""

from __future__ import annotations

from dataclasses import dataclass

from voice_local.engine.api import StageKind


@dataclass(frozen=True)
class Adapter:
    """One adapter.

    Attributes:
        place: `module:class`.
        kind: which operations it answers.
        extra: of this package, which brings what it loads.
        modules: what it loads.
        engine: what its voices are called by (`engine/voice`); empty for what is no voice.
        tells_all: a classifier whose one pass tells intent and emotion.
    """

    place: str
    kind: StageKind
    extra: str
    modules: tuple[str, ...]
    engine: str = ""
    tells_all: bool = False


_STAGES = "voice_local.stages"
_TORCH = ("torch", "safetensors")
ADAPTERS: dict[str, Adapter] = {
    "stt_whisper": Adapter(
        f"{_STAGES}.stt.whisper:WhisperStt",
        StageKind.STT,
        "small",
        ("faster_whisper", "ctranslate2"),
    ),
    "intent_distilbert": Adapter(
        f"{_STAGES}.classify.distilbert:DistilbertIntent",
        StageKind.CLASSIFIER,
        "small",
        ("tokenizers",),
    ),
    "emotion": Adapter(
        f"{_STAGES}.classify.emotion:Emotion", StageKind.CLASSIFIER, "small", ("tokenizers",)
    ),
    "understanding": Adapter(
        f"{_STAGES}.classify.understanding:UnderstandingModel",
        StageKind.CLASSIFIER,
        "small",
        ("tokenizers",),
        tells_all=True,
    ),
    "llm_llama": Adapter(
        f"{_STAGES}.llm.llama:LlamaLlm", StageKind.LLM, "small", ("llama_cpp", "jinja2")
    ),
    "tts_hibari": Adapter(
        f"{_STAGES}.tts.hibari:HibariTts", StageKind.TTS, "small", ("hibari",), "hibari"
    ),
    "tts_kokoro": Adapter(
        f"{_STAGES}.tts.kokoro:KokoroTts", StageKind.TTS, "small", ("hibari",), "kokoro"
    ),
    "tts_coqui": Adapter(
        f"{_STAGES}.tts.coqui:CoquiTts",
        StageKind.TTS,
        "coqui",
        ("TTS", "gruut", *_TORCH),
        "coqui",
    ),
    "tts_bark": Adapter(
        f"{_STAGES}.tts.bark:BarkTts", StageKind.TTS, "bark", ("transformers", *_TORCH), "bark"
    ),
}
"""By name, `small` first: the other extras contain it. Voices are looked for in this order."""


def voice_engines() -> dict[str, str]:
    """The adapter of each engine that has voices."""
    return {adapter.engine: name for name, adapter in ADAPTERS.items() if adapter.engine}
