"""Items that the client makes, reads, shortens and deletes."""

from __future__ import annotations

import numpy as np
import soxr

from voice_local.audio.types import SAMPLE_RATE, Audio
from voice_local.errors import EngineError
from voice_local.server.realtime.items import Item, ItemKind, Role, item_of
from voice_local.server.realtime.live import Live
from voice_local.server.realtime.protocol import ClientError, Json, new_id, text_of, whole_of
from voice_local.server.realtime.session_events import transcribed
from voice_local.server.realtime.tool_bridge import ToolBridge

TOLERATED_MS = 250
"""So much more than was sent a client may say that it has played: its clock is not ours."""


MOST_NOTES = 4000
"""Characters of a client's system messages that the LLM is told; the oldest are left out."""


class ItemEvents:
    """One session's."""

    def __init__(self, live: Live, bridge: ToolBridge) -> None:
        self._live, self._bridge = live, bridge

    async def create(self, event: Json) -> None:
        """Takes an item into the conversation.

        Raises:
            ClientError: it is none, or belongs to no call.
        """
        live = self._live
        item = item_of(event.get("item"), new_id("item"))
        call_id = item.fields.get("call_id", "")
        if item.kind is ItemKind.OUTPUT and not self._bridge.knows(call_id):
            raise ClientError(
                f"There is no call '{call_id}'.", "invalid_tool_call_id", "item.call_id"
            )
        after = event.get("previous_item_id")
        before = live.items.add(item, None if after is None else str(after))
        shown = {"previous_item_id": before, "item": item.as_json()}
        live.tell({"type": "conversation.item.added", **shown})
        await self._take(item)
        live.tell({"type": "conversation.item.done", **shown, "item": item.as_json()})

    async def _take(self, item: Item) -> None:
        live, memory = self._live, self._live.session.context.memory
        if item.kind is ItemKind.OUTPUT:
            self._bridge.output(item.fields["call_id"], item.fields["output"])
        elif item.role is Role.USER:
            if item.sound:
                await self._transcribe(item)
            live.waiting.append(item)
        elif item.role is Role.SYSTEM:
            live.notes.append(item.text)
            while len(live.notes) > 1 and sum(map(len, live.notes)) > MOST_NOTES:
                del live.notes[0]
            live.apply(live.current)
        elif item.role is Role.ASSISTANT:
            said = "\n".join(one.text for one in live.waiting)
            for one in (*live.waiting, item):
                one.turn_id = item.id
            live.waiting = []
            memory.add("", said, item.text, item.id)

    async def _transcribe(self, item: Item) -> None:
        sound_format = self._live.config.input_format
        sound, item.sound = item.sound, b""
        samples = _at_16_khz(sound_format.decoded(sound), sound_format.sample_rate)
        item.seconds = len(samples) / SAMPLE_RATE
        try:
            text = (await self._live.session.context.transcribe(samples)).text
        except EngineError:
            transcribed(self._live, item, "", failed=True)
            return
        for part in item.content:
            if part["type"] == "input_audio":
                part["transcript"] = text
        transcribed(self._live, item, text, failed=False)

    def retrieve(self, event: Json) -> None:
        """Tells an item.

        Raises:
            ClientError: there is none.
        """
        item = self._live.items.get(text_of(event, "item_id"))
        self._live.tell({"type": "conversation.item.retrieved", "item": item.as_json()})

    def delete(self, event: Json) -> None:
        """Forgets an item.

        Raises:
            ClientError: there is none.
        """
        live = self._live
        item = live.items.remove(text_of(event, "item_id"))
        memory = live.session.context.memory
        if item.role is Role.USER:
            memory.forget_words(item.turn_id)
            if item in live.waiting:
                live.waiting.remove(item)
        elif item.role is Role.ASSISTANT:
            memory.forget_answer(item.turn_id)
        elif item.role is Role.SYSTEM and item.text in live.notes:
            live.notes.remove(item.text)
            live.apply(live.current)
        live.tell({"type": "conversation.item.deleted", "item_id": item.id})

    def truncate(self, event: Json) -> None:
        """Keeps only what the client has played of an answer.

        Raises:
            ClientError: it is no spoken answer, or was never so long.
        """
        live = self._live
        item = live.items.get(text_of(event, "item_id"))
        if item.role is not Role.ASSISTANT:
            raise ClientError("Only an assistant's message can be truncated.", param="item_id")
        if whole_of(event, "content_index") != 0:
            raise ClientError("There is no such content.", param="content_index")
        end_ms = whole_of(event, "audio_end_ms")
        if end_ms > item.sent_ms + TOLERATED_MS:
            raise ClientError(
                f"Audio content of {int(item.sent_ms)}ms is already shorter than {end_ms}ms",
                param="audio_end_ms",
            )
        if live.answer is not None and live.answer.turn_id == item.turn_id:
            live.cancelling = True
            live.session.cancel_response()
        before_ms = live.items.sent_before_ms(item)
        live.session.truncate(item.turn_id, (before_ms + end_ms) / 1000)
        told = {"item_id": item.id, "content_index": 0, "audio_end_ms": end_ms}
        live.tell({"type": "conversation.item.truncated", **told})


def _at_16_khz(samples: Audio, rate: int) -> Audio:
    return np.asarray(soxr.resample(samples, rate, SAMPLE_RATE), dtype=np.float32)
