"""Intent, emotion and whether the sentence is finished, from one pass of one encoder through ONNX
Runtime.

Its folder holds `understanding.onnx` (output `logits`: intents, finished, emotions beside each
other; `beyond`, where it was taught that too: one logit for each of `BEYOND`), `understanding.json`
(`labels`, `emotions`, a temperature of each, `max_tokens`, `topics`) and `tokenizer.json`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import numpy as np
import numpy.typing as npt

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
from voice_local.stages.classify.danger_words import DangerWords
from voice_local.stages.classify.distilbert import OUT_OF_SCOPE
from voice_local.stages.classify.emotion import map_labels
from voice_local.stages.classify.onnx_text import OnnxTextClassifier
from voice_local.text.plain import plain

NAME = "understanding"
EMERGENCY = "emergency"
"""An intent whose probability counts also where another one is likelier, where the model does not
tell `DANGER`'s."""
NOTHING, DANGER = "none", "danger"
BEYOND = (
    NOTHING,
    DANGER,
    "live",
    "private",
    "contact",
    "home",
    "media",
    "book",
    "buy",
    "list",
    "hands",
    "done",
)
"""What an utterance may ask for that nothing here can do or know: facts of now, the user's own
data, a word to somebody, a device, music, a booking, a purchase, a note, a pair of hands, or news
of such a deed. A danger has its own probability.
"""


class UnderstandingModel:
    """One of the model's intents (out_of_scope below the threshold), one of the seven emotions, and
    `complete_prob`."""

    spec: ClassVar[StageSpec] = StageSpec(StageKind.CLASSIFIER)

    def __init__(self, settings: Settings, models: ModelFolder, threads: int) -> None:
        section = settings.intent if settings.intent.adapter == NAME else settings.emotion
        self._threshold = settings.intent.threshold
        self._model = OnnxTextClassifier(settings, models, section.model, NAME, threads)
        try:
            emotions = [str(label) for label in self._model.about["emotions"]]
            self._heat = float(self._model.about["emotion_temperature"])
        except (KeyError, TypeError, ValueError):
            raise ModelFormatError(
                f"{section.model}/{NAME}.json names no emotions", "train or export it again"
            ) from None
        labels = list(self._model.labels)
        self._emergency = labels.index(EMERGENCY) if EMERGENCY in labels else None
        self._indices, self.untold = map_labels(emotions)
        self._dangers = DangerWords()

    def classify(self, request: Classify, cancelled: Cancelled = lambda: False) -> Classified:
        """See `ClassifierStage`. The intent's confidence is that of the best one, also where that
        was too low to keep."""
        outputs = self._model.outputs(request.pairs, plain)
        logits, asked = (
            outputs["logits"],
            _softmax(outputs["beyond"]) if "beyond" in outputs else None,
        )
        intents = len(self._model.labels)
        felt = _softmax(logits[:, intents + 1 :] / self._heat)
        found = []
        for number, (row, meant, feelings) in enumerate(
            zip(logits, self._model.probabilities(logits), felt, strict=True)
        ):
            best = int(meant.argmax())
            merged = np.bincount(self._indices, weights=feelings, minlength=len(EMOTIONS))
            feeling = int(merged.argmax())
            alarm: float | None
            if asked is not None:
                alarm = float(asked[number][BEYOND.index(DANGER)])
            else:
                alarm = float(meant[self._emergency]) if self._emergency is not None else None
            name = self._model.labels[best] if meant[best] >= self._threshold else OUT_OF_SCOPE
            understanding = Understanding(
                name,
                float(meant[best]),
                EMOTIONS[feeling],
                float(merged[feeling]),
                float(1 / (1 + np.exp(-row[intents]))),
                self._dangers.chance(request.pairs[number][0], alarm),
            )
            found.append(understanding if asked is None else _beyond(understanding, asked[number]))
        return Classified(tuple(found))

    def describe(self) -> dict[str, str]:
        """What it really runs on, and which emotions it cannot tell."""
        about = self._model.describe()
        if self.untold:
            about["notes"] += f", cannot tell {', '.join(self.untold)}"
        return about


def _beyond(understanding: Understanding, chances: npt.NDArray[np.float32]) -> Understanding:
    """`understanding`, and what the chances of `BEYOND` add to it."""
    wants = chances.copy()
    wants[[BEYOND.index(NOTHING), BEYOND.index(DANGER)]] = 0
    return replace(
        understanding, beyond=BEYOND[int(wants.argmax())], beyond_prob=float(wants.sum())
    )


def _softmax(logits: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    scaled = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(scaled / scaled.sum(axis=1, keepdims=True), dtype=np.float32)
