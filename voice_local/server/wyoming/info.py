"""What this server can do, as Wyoming's `info` tells it: installed voices, languages, licences."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any

from voice_local.config import Settings
from voice_local.engine.voice_models import Voice
from voice_local.engine.voices import catalogue
from voice_local.server.languages import heard_languages, spoken_languages
from voice_local.text.languages import base

NAME = "voice-local"


def info(settings: Settings) -> dict[str, Any]:
    """The data of an `info` message. Reads the catalogue: not in the event loop."""
    heard, answered = heard_languages(settings), spoken_languages(settings)
    return {
        "asr": [
            {
                **_artifact(NAME, "speech to text"),
                "models": [{**_artifact(settings.stt.model, "Whisper"), "languages": heard}],
                "supports_transcript_streaming": True,
            }
        ],
        "tts": [
            {
                **_artifact(NAME, "text to speech"),
                "voices": [_voice(voice) for voice in catalogue(settings)],
                "supports_synthesize_streaming": True,
            }
        ],
        "handle": [
            {
                **_artifact(NAME, "conversation"),
                "models": [{**_artifact(settings.llm.model, "assistant"), "languages": answered}],
            }
        ],
        "intent": [
            {
                **_artifact(NAME, "intents"),
                "models": [
                    {
                        **_artifact(settings.intent.model, "intent classifier"),
                        "languages": list(settings.intent.languages) or heard,
                    }
                ],
            }
        ],
        "wake": [],
        "mic": [],
        "snd": [],
    }


def _voice(voice: Voice) -> dict[str, Any]:
    described = f"{voice.full}, licence {voice.license}"
    return {
        **_artifact(voice.full, described, installed=voice.ready, by=voice.engine),
        "languages": list(dict.fromkeys((voice.language, base(voice.language)))),
    }


def _artifact(
    name: str, description: str, *, installed: bool = True, by: str = NAME
) -> dict[str, Any]:
    return {
        "name": name,
        "description": description,
        "attribution": {"name": by, "url": ""},
        "installed": installed,
        "version": _version(),
    }


def _version() -> str | None:
    try:
        return version(NAME)
    except PackageNotFoundError:
        return None  # a copy that was never installed
