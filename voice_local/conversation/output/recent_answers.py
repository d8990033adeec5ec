"""Which generation of the output the answers of the last turns were."""

from __future__ import annotations

from voice_local.conversation.output.speech_queue import KEPT_GENERATIONS


class RecentAnswers:
    """One session's."""

    def __init__(self) -> None:
        self._generations: dict[str, int] = {}

    def add(self, turn_id: str, generation: int) -> None:
        """That turn has ended."""
        self._generations[turn_id] = generation
        while len(self._generations) > KEPT_GENERATIONS:
            del self._generations[next(iter(self._generations))]

    def generation_of(self, turn_id: str) -> int:
        """0 where it is not known any more."""
        return self._generations.get(turn_id, 0)
