"""What was measured of a model and is kept with it, in the manifest of its folder."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from voice_local.config import Settings
from voice_local.errors import ModelFormatError
from voice_local.models.folder import (
    ModelFolder,
    profile_folder,
)

INTENT_FILE, WHOLE_FILE = "intent.json", "understanding.json"
"""What a model of intents, and one that tells emotions in the same pass, say of themselves."""

POSITIONS = "max_target_positions"
"""Name in a recognizer's config.json, as Transformers calls it."""


@dataclass(frozen=True)
class RecognizerProperties:
    """Of a Whisper. The defaults are those of OpenAI's weights.

    Attributes:
        shortest_window_s: the shortest encoder window. Weights that never saw a shorter one invent
            text in it: measured with `python -m benchmarks.stt_window`, which writes it into the
                manifest.
        longest_s: the longest stretch of speech to recognize at once.
        join_s: the longest pause within such a stretch. Whisper base misheard fewer words of
            LibriSpeech test-other with 1.5 s (11.4 %) than with 0.8 s (11.9 %): what comes before
            helps.
        max_tokens: what the decoder can hold, prompt and text.
        sure_logprob: where there is hardly any voice, words of a higher mean log-probability are
            believed. Of Whisper base: single digits in 1 to 5 frames of speech came with -0.3 to
                -0.5, what it made of noises with -1.0 or less.
        takes_vocabulary: whether the weights were trained with earlier text in their prompt.
    """

    shortest_window_s: float = 15.0
    longest_s: float = 28.0
    join_s: float = 1.5
    max_tokens: int = 448
    sure_logprob: float = -0.6
    takes_vocabulary: bool = True


def recognizer_properties(models: ModelFolder, model: str) -> RecognizerProperties:
    """What the manifest says of recognizer `model`, defaults for the rest."""
    known = models.properties(model)
    default = RecognizerProperties()
    max_tokens = known.get("max_tokens") or _positions(models.root / model) or default.max_tokens
    return RecognizerProperties(
        float(known.get("shortest_window_s", default.shortest_window_s)),
        float(known.get("longest_s", default.longest_s)),
        float(known.get("join_s", default.join_s)),
        int(max_tokens),
        float(known.get("sure_logprob", default.sure_logprob)),
        bool(known.get("takes_vocabulary", default.takes_vocabulary)),
    )


def _positions(folder: Path) -> int | None:
    """What our conversion wrote of the decoder's positions; None for a model converted by
    others."""
    config = folder / "config.json"
    found = (
        json.loads(config.read_text(encoding="utf-8")).get(POSITIONS) if config.is_file() else None
    )
    return int(found) if isinstance(found, int | float) else None


def of_settings(settings: Settings) -> RecognizerProperties:
    """What is known of the recognizer of `settings`.

    Raises:
        ModelMissingError, ModelFormatError: there are no models.
    """
    models = ModelFolder(profile_folder(settings.profile, settings.models_dir))
    return recognizer_properties(models, settings.stt.model)


def intents_of(settings: Settings) -> tuple[str, ...]:
    """The intents that the model of `settings` tells apart, as it is installed.

    Raises:
        ModelMissingError, ModelFormatError: there is no such model.
    """
    models = ModelFolder(profile_folder(settings.profile, settings.models_dir))
    section = settings.intent
    name = WHOLE_FILE if section.adapter == "understanding" else INTENT_FILE
    try:
        labels = json.loads(models.file(f"{section.model}/{name}").read_text(encoding="utf-8"))[
            "labels"
        ]
        return tuple(str(label) for label in labels)
    except (KeyError, TypeError, ValueError):
        raise ModelFormatError(
            f"{section.model}/{name} names no intents", "train or export it again"
        ) from None
