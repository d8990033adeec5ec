"""Intent, and whether the sentence is finished: DistilBERT through ONNX Runtime."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from voice_local.config import Settings
from voice_local.engine.api import (
    Classified,
    Classify,
    StageKind,
    Understanding,
)
from voice_local.engine.stage_api import (
    Cancelled,
    StageSpec,
)
from voice_local.models.folder import ModelFolder
from voice_local.stages.classify.danger_words import DangerWords
from voice_local.stages.classify.onnx_text import OnnxTextClassifier
from voice_local.text.spoken import to_spoken

OUT_OF_SCOPE = "out_of_scope"


class DistilbertIntent:
    """An intent, or out_of_scope below the threshold; `emergency_prob`; `complete_prob` where the
    model has that head."""

    spec: ClassVar[StageSpec] = StageSpec(StageKind.CLASSIFIER)

    def __init__(self, settings: Settings, models: ModelFolder, threads: int) -> None:
        self._threshold = settings.intent.threshold
        self._model = OnnxTextClassifier(settings, models, settings.intent.model, "intent", threads)
        self._dangers = DangerWords()

    def classify(self, request: Classify, cancelled: Cancelled = lambda: False) -> Classified:
        """See `ClassifierStage`. The confidence is that of the model's best intent, also where that
        was too low to keep.

        A model that was trained with topics reads the topic's name after the text, as a sentence
        pair.
        """
        logits = self._model.logits(request.pairs, to_spoken)
        chances = self._model.probabilities(logits)
        result = []
        for (text, _), row, scores in zip(request.pairs, logits, chances, strict=True):
            best = int(scores.argmax())
            finished = self._model.finished_output
            result.append(
                Understanding(
                    self._model.labels[best] if scores[best] >= self._threshold else OUT_OF_SCOPE,
                    float(scores[best]),
                    complete_prob=float(1 / (1 + np.exp(-row[-1]))) if finished else None,
                    emergency_prob=self._dangers.chance(text, None),
                )
            )
        return Classified(tuple(result))

    def describe(self) -> dict[str, str]:
        """What it really runs on."""
        return self._model.describe()
