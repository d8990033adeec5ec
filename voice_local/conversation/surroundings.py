"""What the turns of one session share with it, and the facts for the turn controller."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from voice_local.audio.types import SAMPLE_RATE
from voice_local.conversation.context.conversation_context import ConversationContext
from voice_local.conversation.due import LateReply
from voice_local.conversation.events import Event, Phase
from voice_local.conversation.input.endpointing import Endpointer
from voice_local.conversation.input.interim import InterimTranscriber
from voice_local.conversation.input.interruption import EchoWatch
from voice_local.conversation.output.speech_queue import SpeechQueue
from voice_local.conversation.response import Response
from voice_local.conversation.timing import Timing
from voice_local.conversation.turn_inputs import Facts, ResponseFacts, TurnState, phase


@dataclass
class Surroundings:
    """What the turns of one session share with it.

    Attributes:
        heard: samples of sound until now: the endpointer's clock.
        emit: emits an event of a response's turn, or of none.
        begun: called when the user has begun to speak.
        ended: called with each turn that has ended, and whether it was played to its end.
        late: called with what is to be said of a handler that was done after its turn.
        speaks: whether the conversation is spoken.
    """

    context: ConversationContext
    queue: SpeechQueue
    endpointer: Endpointer
    echo: EchoWatch
    interim: InterimTranscriber
    timing: Timing
    heard: Callable[[], int]
    emit: Callable[[Event, Response | None, int | None], None]
    begun: Callable[[], None]
    ended: Callable[[Response, bool], None]
    late: Callable[[LateReply], None]
    speaks: bool

    @property
    def speech_start_s(self) -> float:
        """Where the current utterance, or the last one, begins: seconds of the session's sound."""
        return self.endpointer.start / SAMPLE_RATE

    def phase(self, state: TurnState) -> Phase:
        """What the session is doing."""
        queued_s = self.queue.queued_s if state.current is not None else 0.0
        seen = Facts(speaking=self.endpointer.speaking, echo=self.echo.is_echo, queued_s=queued_s)
        return phase(state, seen, output_paused=self.queue.paused)

    def facts(
        self, current: Response | None, candidate: Response | None, *, echo_ended: bool
    ) -> Facts:
        """How everything stands at this moment."""
        queue, endpointer, echo = self.queue, self.endpointer, self.echo
        return Facts(
            clock=self.heard(),
            speaking=endpointer.speaking,
            start=endpointer.start,
            length_ms=endpointer.length_ms,
            echo=echo.is_echo,
            echo_ended=echo_ended,
            echo_possible=echo.possible,
            echo_likely=echo.likely,
            recent_segments=tuple(queue.recent_segments()),
            played_any=bool(queue.played_text()),
            drained=queue.drained,
            queued_s=queue.queued_s,
            current=_facts_of(current),
            candidate=_facts_of(candidate),
        )


def _facts_of(response: Response | None) -> ResponseFacts | None:
    if response is None:
        return None
    return ResponseFacts(
        response.number,
        response.mergeable,
        response.done,
        response.transcript_known,
        response.utterance_ended,
        response.recognition_failed,
        response.end,
        len(response.audio),
        response.record.assistant_text.rstrip().endswith("?"),
    )
