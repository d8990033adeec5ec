"""One response of the Realtime API: its events, in the order that clients expect."""

from __future__ import annotations

import json
from collections.abc import Callable
from enum import StrEnum
from typing import Any

from voice_local.audio.types import Audio
from voice_local.engine.api import ToolCall
from voice_local.server.realtime.audio_format import PCM_RATE, AudioFormat
from voice_local.server.realtime.items import Item, ItemKind, Items, Role
from voice_local.server.realtime.protocol import new_id

Tell = Callable[[dict[str, Any]], None]


class Status(StrEnum):
    """How a response is."""

    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    FAILED = "failed"
    INCOMPLETE = "incomplete"


class Answer:
    """Make it: `response.created` is told. Then `words`, `sound`, `call`; `finish` ends it.

    `items`: the conversation; None: an answer beside it (`conversation: "none"`).

    Attributes:
        id: of the response.
        turn_id: of the session's turn that it belongs to.
        over: it has ended.
        message: the item that is being spoken; None where there is none.
    """

    def __init__(
        self,
        tell: Tell,
        items: Items | None,
        about: dict[str, Any],
        output: AudioFormat,
        *,
        spoken: bool,
        turn_id: str = "",
    ) -> None:
        self._tell, self._items, self._about = tell, items, about
        self._output, self._spoken = output, spoken
        self.id, self.turn_id = new_id("resp"), turn_id
        self.over = False
        self.message: Item | None = None
        self._outputs: list[Item] = []
        self._words = ""
        self._tell({"type": "response.created", "response": self.as_json(Status.IN_PROGRESS)})

    def words(self, text: str, glue: str = " ") -> None:
        """Tells the next words of the answer; `glue` parts them from those before."""
        item = self._message()
        delta = f"{glue}{text}" if self._words else text
        self._words += delta
        kind = "output_audio_transcript" if self._spoken else "output_text"
        self._tell({"type": f"response.{kind}.delta", **self._part_of(item), "delta": delta})

    def sound(self, samples: Audio) -> None:
        """Sends the next sound of the answer."""
        item = self._message()
        delta = self._output.encoded(samples)
        self._tell({"type": "response.output_audio.delta", **self._part_of(item), "delta": delta})
        item.sent_ms += len(samples) * 1000 / self._output.sample_rate

    def played(self, count: int) -> None:
        """So many samples of 24 kHz went to a media track."""
        self._message().sent_ms += count * 1000 / PCM_RATE

    def call(self, call: ToolCall, *, sounds_on: bool = False) -> str:
        """Tells that the LLM asks for a tool; the call's id. `sounds_on`: more sound of the message
        before it is to come, which ends with the response."""
        if not sounds_on:
            self._end_message(Status.COMPLETED)
        call_id, text = new_id("call"), json.dumps(call.arguments, ensure_ascii=False)
        item = Item(new_id("item"), ItemKind.CALL, status="in_progress", turn_id=self.turn_id)
        item.fields = {"name": call.name, "arguments": "", "call_id": call_id}
        self._add(item)
        where = {**self._place_of(item), "call_id": call_id}
        kind = "response.function_call_arguments"
        self._tell({"type": f"{kind}.delta", **where, "delta": text})
        item.fields["arguments"], item.status = text, "completed"
        self._tell({"type": f"{kind}.done", **where, "name": call.name, "arguments": text})
        self._item_done(item)
        return call_id

    def finish(self, status: Status, reason: str | None = None) -> None:
        """Ends it. `reason`: of one that was not completed."""
        if self.over:
            return
        self.over = True
        self._end_message(status)
        self._tell({"type": "response.done", "response": self.as_json(status, reason)})

    def as_json(self, status: Status, reason: str | None = None) -> dict[str, Any]:
        """The response object."""
        details: dict[str, Any] | None = None
        if status is Status.FAILED:
            error = {"type": "server_error", "code": reason}
            details = {"type": status.value, "error": error}
        elif status not in (Status.IN_PROGRESS, Status.COMPLETED):
            details = {"type": status.value, "reason": reason}
        return {
            "object": "realtime.response",
            "id": self.id,
            "status": status.value,
            "status_details": details,
            "output": [item.as_json() for item in self._outputs],
            "usage": None,
            **self._about,
        }

    # Items.

    def _message(self) -> Item:
        if self.message is None:
            item = Item(
                new_id("item"),
                ItemKind.MESSAGE,
                Role.ASSISTANT,
                "in_progress",
                turn_id=self.turn_id,
            )
            self.message, self._words = item, ""
            self._add(item)
            kind = (
                {"type": "audio", "transcript": ""}
                if self._spoken
                else {"type": "text", "text": ""}
            )
            where = self._part_of(item)
            self._tell({"type": "response.content_part.added", **where, "part": kind})
        return self.message

    def _end_message(self, status: Status) -> None:
        item, self.message = self.message, None
        if item is None:
            return
        where, words = self._part_of(item), self._words
        if self._spoken:
            self._tell({"type": "response.output_audio.done", **where})
            kind = "response.output_audio_transcript.done"
            self._tell({"type": kind, **where, "transcript": words})
            part = {"type": "audio", "transcript": words}
            item.content = [{"type": "output_audio", "transcript": words}]
        else:
            self._tell({"type": "response.output_text.done", **where, "text": words})
            part = {"type": "text", "text": words}
            item.content = [{"type": "output_text", "text": words}]
        self._tell({"type": "response.content_part.done", **where, "part": part})
        item.status = "completed" if status is Status.COMPLETED else "incomplete"
        self._item_done(item)

    def _add(self, item: Item) -> None:
        self._outputs.append(item)
        where = {"response_id": self.id, "output_index": len(self._outputs) - 1}
        told = item.as_json()
        self._tell({"type": "response.output_item.added", **where, "item": told})
        if self._items is not None:
            before = self._items.add(item)
            self._tell(
                {"type": "conversation.item.added", "previous_item_id": before, "item": told}
            )

    def _item_done(self, item: Item) -> None:
        told = item.as_json()
        where = {"response_id": self.id, "output_index": self._outputs.index(item)}
        self._tell({"type": "response.output_item.done", **where, "item": told})
        if self._items is not None:
            self._tell({"type": "conversation.item.done", "previous_item_id": None, "item": told})

    def _place_of(self, item: Item) -> dict[str, Any]:
        return {
            "response_id": self.id,
            "item_id": item.id,
            "output_index": self._outputs.index(item),
        }

    def _part_of(self, item: Item) -> dict[str, Any]:
        return {**self._place_of(item), "content_index": 0}
