"""Emotion of a text: DistilBERT through ONNX Runtime, other label sets mapped onto Ekman's six and
neutral."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from voice_local.config import Settings
from voice_local.engine.api import (
    EMOTIONS,
    Classified,
    Classify,
    StageKind,
    Understanding,
)
from voice_local.engine.stage_api import (
    Cancelled,
    StageSpec,
)
from voice_local.errors import ModelFormatError
from voice_local.models.folder import ModelFolder
from voice_local.stages.classify.onnx_text import OnnxTextClassifier

# Labels of published models that say the same in another word. Probabilities of all that map to one
# are added up.
SYNONYMS = {
    "angry": "anger",
    "annoyance": "anger",
    "disapproval": "anger",
    "rage": "anger",
    "disgusted": "disgust",
    "scared": "fear",
    "nervousness": "fear",
    "worry": "fear",
    "anxiety": "fear",
    "happy": "joy",
    "happiness": "joy",
    "love": "joy",
    "amusement": "joy",
    "excitement": "joy",
    "gratitude": "joy",
    "optimism": "joy",
    "admiration": "joy",
    "pride": "joy",
    "relief": "joy",
    "approval": "joy",
    "caring": "joy",
    "desire": "joy",
    "sad": "sadness",
    "grief": "sadness",
    "disappointment": "sadness",
    "remorse": "sadness",
    "embarrassment": "sadness",
    "surprised": "surprise",
    "realization": "surprise",
    "confusion": "surprise",
    "curiosity": "surprise",
    "calm": "neutral",
    "none": "neutral",
}


def map_labels(labels: Sequence[str]) -> tuple[list[int], list[str]]:
    """(index into `EMOTIONS` of each of `labels`, those of `EMOTIONS` that none of them can tell).

    Raises:
        ModelFormatError: a label that means none of the seven.
    """
    indices = []
    for label in labels:
        name = label.lower().strip()
        name = SYNONYMS.get(name, name)
        if name not in EMOTIONS:
            raise ModelFormatError(
                f"the emotion model's label {label!r} is not one of the seven emotions",
                "add it to the mapping",
            )
        indices.append(EMOTIONS.index(name))
    return indices, [e for i, e in enumerate(EMOTIONS) if i not in indices]


class Emotion:
    """One of the seven a text."""

    spec: ClassVar[StageSpec] = StageSpec(StageKind.CLASSIFIER)

    def __init__(self, settings: Settings, models: ModelFolder, threads: int) -> None:
        self._model = OnnxTextClassifier(
            settings, models, settings.emotion.model, "emotion", threads
        )
        self._indices, self.untold = map_labels(self._model.labels)

    def classify(self, request: Classify, cancelled: Cancelled = lambda: False) -> Classified:
        """See `ClassifierStage`. An emotion does not depend on the topic."""
        texts = [(text, None) for text, _ in request.pairs]
        scores = self._model.probabilities(self._model.logits(texts))
        result = []
        for row in scores:
            merged = np.bincount(self._indices, weights=row, minlength=len(EMOTIONS))
            best = int(merged.argmax())
            result.append(
                Understanding(emotion=EMOTIONS[best], emotion_confidence=float(merged[best]))
            )
        return Classified(tuple(result))

    def describe(self) -> dict[str, str]:
        """What it really runs on, and which emotions it cannot tell."""
        about = self._model.describe()
        if self.untold:
            about["notes"] += f", cannot tell {', '.join(self.untold)}"
        return about
