"""From what a `VoiceSession` tells to the events of the Realtime API."""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np
import soxr

from voice_local.audio.types import Audio
from voice_local.conversation import events
from voice_local.conversation.output.queued_speech import Taken
from voice_local.conversation.record import ConversationTurn
from voice_local.server.realtime.answer import Answer, Status
from voice_local.server.realtime.audio_format import PCM_RATE
from voice_local.server.realtime.items import Item, ItemKind, Role
from voice_local.server.realtime.live import Live, Speaker
from voice_local.server.realtime.protocol import new_id

FAILED = ("failed", "llm_failed", "tts_failed")
"""Fallbacks after which an answer is not the one that was to be given."""


class SessionEvents:
    """One session's.

    Attributes:
        committed: items of sound that the client has committed, whose words are not known yet.
    """

    def __init__(self, live: Live) -> None:
        self._live = live
        self.committed: deque[Item] = deque()
        self._speech_item = ""  # of the utterance that goes on
        self._start_s = self._seconds = self._stopped_s = 0.0
        self._told_s = -1.0  # where the utterance begins that was told last
        self._speaking = False
        self._sounding = ""  # the response that sounds on a media track
        self._users: dict[str, Item] = {}  # by turn; the last few
        self._ended_generation = -1
        self._generation = -1
        self._resampler: soxr.ResampleStream | None = None

    async def run(self) -> None:
        """Tells what happens, until the session is closed."""
        async for event in self._live.served.events():
            self._on(event)

    async def send(self, taken: Taken) -> None:
        """Sends speech; see `PacedOutput`."""
        live = self._live
        if taken.generation <= self._ended_generation:
            return
        while live.answer is None:
            await live.began.wait()
            if taken.generation <= self._ended_generation:
                return
        if taken.generation != self._generation:
            self._generation, self._resampler = taken.generation, None
        live.sounded = True
        if live.speaker is None:
            live.answer.sound(self._as_sent(taken.samples))
        else:
            self._play(live.answer, live.speaker, taken.samples)
        await live.outbox.room()

    def _play(self, answer: Answer, speaker: Speaker, samples: Audio) -> None:
        if self._sounding != answer.id:
            self._sounding = answer.id
            self._live.tell({"type": "output_audio_buffer.started", "response_id": answer.id})
        answer.played(len(samples))
        speaker.put(samples)

    def clear_output(self) -> None:
        """The client wants no more of what is being said."""
        self._live.cancelling = True
        self._live.session.cancel_response()

    def finish_calling(self) -> None:
        """Ends the response that has called tools; its turn goes on."""
        live = self._live
        if live.answer is not None:
            live.answer.finish(Status.COMPLETED)
            live.ended()
            self._silence(Status.COMPLETED)

    def _silence(self, status: Status) -> None:
        """The response that sounds on a media track has ended."""
        live, response_id = self._live, self._sounding
        if not response_id or live.speaker is None:
            return
        self._sounding = ""
        cut = status is Status.CANCELLED
        if cut:
            live.speaker.clear()
        kind = "cleared" if cut else "stopped"
        live.tell({"type": f"output_audio_buffer.{kind}", "response_id": response_id})

    def _as_sent(self, samples: Audio) -> Audio:
        rate = self._live.current.output_format.sample_rate
        if rate == PCM_RATE:
            return samples
        if self._resampler is None:
            self._resampler = soxr.ResampleStream(PCM_RATE, rate, 1, dtype="float32")
        return np.asarray(self._resampler.resample_chunk(samples), dtype=np.float32)

    def _on(self, event: events.Event) -> None:
        turn_id = event.place.turn_id
        match event:
            case events.SpeechStarted(start_s):
                self._started(start_s)
            case events.SpeechStopped(end_s):
                self._stopped(end_s)
            case events.UserSaid():
                self._said(turn_id, event)
            case events.ResponseStarted():
                self._responding(event, turn_id)
            case events.AssistantSays(text):
                self._says(turn_id, text)
            case events.Interrupted(speech_start_s=start_s):
                if start_s is not None:  # as clients expect it: before the response's end
                    self._started(start_s)
                self._end(Status.CANCELLED)
            case events.TurnMerged():
                self._merged(turn_id)
            case events.TurnEnded(record):
                self._turn_ended(record)
            case _:
                self._extra(event)

    def _extra(self, event: events.Event) -> None:
        told: dict[str, Any]
        match event:
            case events.Partial(stable, tentative):
                told = {"type": "partial", "item_id": self._speech_item, "stable": stable}
                told["tentative"] = tentative
            case events.StateChanged(phase):
                told = {"type": "state", "state": phase.value}
            case events.Action(action, params, late):
                told = {"type": "action", "action": action, "params": params, "late": late}
            case events.FalseInterruption(why):
                told = {"type": "false_interruption", "why": why}
            case events.EventsDropped(count):
                told = {"type": "events_dropped", "count": count}
            case _:
                return
        self._live.tell_more({**told, "type": f"voice_local.{told['type']}"})

    # The user.

    def _started(self, start_s: float) -> None:
        """Tells that an utterance has begun, once."""
        if start_s == self._told_s:
            return
        self._told_s = start_s
        self._speech_item, self._start_s, self._speaking = new_id("item"), start_s, True
        if self._live.config.detection is not None:
            told = {"audio_start_ms": int(start_s * 1000), "item_id": self._speech_item}
            self._live.tell({"type": "input_audio_buffer.speech_started", **told})

    def _stopped(self, end_s: float) -> None:
        if not self._speaking:
            return
        self._speaking, self._stopped_s = False, end_s
        self._seconds = end_s - self._start_s
        if self._live.config.detection is not None:
            told = {"audio_end_ms": int(end_s * 1000), "item_id": self._speech_item}
            self._live.tell({"type": "input_audio_buffer.speech_stopped", **told})

    def commit(self, turn_id: str = "") -> Item:
        """What was said is an item of the conversation now."""
        live = self._live
        taken = self._speech_item in live.items  # by an item that the client has made
        item_id = self._speech_item if self._speech_item and not taken else new_id("item")
        item = Item(item_id, ItemKind.MESSAGE, Role.USER)
        self._speech_item = ""
        item.turn_id, item.seconds = turn_id, self._seconds
        item.content = [{"type": "input_audio", "transcript": None}]
        before = live.items.add(item)
        told = {"previous_item_id": before, "item_id": item.id}
        live.tell({"type": "input_audio_buffer.committed", **told})
        shown = {"previous_item_id": before, "item": item.as_json()}
        live.tell({"type": "conversation.item.added", **shown})
        live.tell({"type": "conversation.item.done", **shown})
        return item

    def _said(self, turn_id: str, said: events.UserSaid) -> None:
        if turn_id in self._live.typed:
            return
        if turn_id:
            item = self._user_item(turn_id, said)
        else:
            item = self.committed.popleft() if self.committed else self.commit()
        item.content[0]["transcript"] = said.text
        transcribed(self._live, item, said.text, failed=said.failed)

    def _user_item(self, turn_id: str, spoken: events.UserSaid | events.ResponseStarted) -> Item:
        """The item of a turn's speech, told once. Of speech over an answer that was known as an
        interruption only after its end, the beginning and end are told here."""
        if turn_id not in self._users:
            # What was told last may have been a noise, which became no item.
            over = not self._speaking and spoken.start_s >= self._stopped_s
            if not self._speech_item or over:
                self._started(spoken.start_s)
            self._stopped(max(spoken.end_s, self._start_s))
            self._users[turn_id] = self.commit(turn_id)
            while len(self._users) > 8:
                del self._users[next(iter(self._users))]
        return self._users[turn_id]

    # The answer.

    def _says(self, turn_id: str, text: str) -> None:
        live = self._live
        live.turn_over()
        if live.answer is None and turn_id == live.session.current_turn_id and not live.between():
            live.early_words.append(text)
        elif live.answer is not None and live.answer.turn_id == turn_id:
            live.answer.words(text)

    def _responding(self, event: events.ResponseStarted, turn_id: str) -> None:
        live = self._live
        if event.spoken:
            self._user_item(turn_id, event)
        elif not event.user_initiated and turn_id not in live.typed:
            self._timed_out()
        self._end(Status.CANCELLED)
        live.begin(turn_id)

    def _timed_out(self) -> None:
        if not self._live.config.asks_whether_there:
            return
        at_ms = int(self._live.session.heard_s * 1000)
        told = {"audio_start_ms": at_ms, "audio_end_ms": at_ms, "item_id": new_id("item")}
        self._live.tell({"type": "input_audio_buffer.timeout_triggered", **told})

    def _merged(self, turn_id: str) -> None:
        """What was taken for a turn was its beginning: its items go, the whole comes later."""
        live, answer = self._live, self._live.answer
        gone = [self._users.pop(turn_id, None), answer.message if answer else None]
        self._end(Status.CANCELLED)
        for item in gone:
            if item is not None and item.id in live.items:
                live.items.remove(item.id)
                live.tell({"type": "conversation.item.deleted", "item_id": item.id})

    def _turn_ended(self, record: ConversationTurn) -> None:
        live = self._live
        answer = live.answer
        if answer is not None and answer.turn_id == record.turn_id:
            broken = [f for f in record.fallbacks if f.partition(":")[0] in FAILED]
            reason = broken[0].partition(":")[0] if broken else None
            self._end(Status.FAILED if broken else Status.COMPLETED, reason)
        live.turn_ended(record.turn_id)
        live.tell_more({"type": "voice_local.turn", "turn": record.as_json()})

    def _end(self, status: Status, reason: str | None = None) -> None:
        live, cancelling = self._live, self._live.cancelling
        live.turn_over()
        live.early_words.clear()
        if live.answer is None:
            return
        if status is Status.CANCELLED:
            reason = "client_cancelled" if cancelling else "turn_detected"
        self._ended_generation = max(self._ended_generation, self._generation)
        live.answer.finish(status, reason)
        live.ended()
        self._silence(status)


def transcribed(live: Live, item: Item, text: str, *, failed: bool) -> None:
    """Tells the words of an item of sound, where the client wants to know them."""
    if live.config.transcription is None:
        return
    kind = "conversation.item.input_audio_transcription"
    where: dict[str, Any] = {"item_id": item.id, "content_index": 0}
    if failed:
        error = {
            "type": "server_error",
            "code": "transcription_failed",
            "message": "The recognizer failed.",
        }
        live.tell({"type": f"{kind}.failed", **where, "error": error})
        return
    if text:
        live.tell({"type": f"{kind}.delta", **where, "delta": text})
    usage = {"type": "duration", "seconds": round(item.seconds, 3)}
    live.tell({"type": f"{kind}.completed", **where, "transcript": text, "usage": usage})
