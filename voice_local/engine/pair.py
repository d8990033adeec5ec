"""Intent and emotion as one classifier, whether one model gives both or two do."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import ClassVar

from voice_local.engine.api import (
    Classified,
    Classify,
    StageKind,
    Understanding,
)
from voice_local.engine.stage_api import (
    Cancelled,
    ClassifierStage,
    StageSpec,
)


class IntentAndEmotion:
    """A `ClassifierStage`. Either may be missing; one model may be given for both."""

    spec: ClassVar[StageSpec] = StageSpec(StageKind.CLASSIFIER)

    def __init__(self, intent: ClassifierStage | None, emotion: ClassifierStage | None) -> None:
        self._intent, self._emotion = intent, emotion
        self._beside = ThreadPoolExecutor(1, thread_name_prefix="emotion")

    def classify(self, request: Classify, cancelled: Cancelled) -> Classified:
        """See `ClassifierStage`; two models work side by side."""
        nothing = Classified(tuple(Understanding() for _ in request.pairs))
        if self._intent is self._emotion:
            return self._intent.classify(request, cancelled) if self._intent else nothing
        felt = nothing
        if self._emotion and self._intent:
            beside = self._beside.submit(self._emotion.classify, request, cancelled)
            meant = self._intent.classify(request, cancelled)
            felt = beside.result()
        elif self._emotion:
            meant, felt = nothing, self._emotion.classify(request, cancelled)
        else:
            assert self._intent
            meant = self._intent.classify(request, cancelled)
        return Classified(
            tuple(
                replace(one, emotion=other.emotion, emotion_confidence=other.emotion_confidence)
                for one, other in zip(meant.items, felt.items, strict=True)
            )
        )

    def describe(self) -> dict[str, str]:
        """As the first of them."""
        stage = self._intent or self._emotion
        return stage.describe() if stage else {}
