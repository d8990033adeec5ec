"""`response.create` and `response.cancel`."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from voice_local.conversation import phrases
from voice_local.errors import TextInputError
from voice_local.server.realtime.aside import Aside
from voice_local.server.realtime.items import Item, Role, item_of
from voice_local.server.realtime.live import Live
from voice_local.server.realtime.protocol import (
    ClientError,
    Json,
    known_keys,
    new_id,
    number,
    object_of,
    text_of,
)
from voice_local.server.realtime.session_config import (
    LONGEST_INSTRUCTIONS,
    SessionConfig,
    spoken_of,
    voice_of,
)
from voice_local.server.realtime.tool_bridge import ToolBridge
from voice_local.server.realtime.tool_config import choice_of, tools_of

KEYS = {
    *("instructions", "tools", "tool_choice", "output_modalities", "audio", "conversation"),
    *("metadata", "max_output_tokens", "input", "prompt", "reasoning", "parallel_tool_calls"),
}
UNASKED = "Begin, or go on with, the conversation as your instructions say."
"""What the LLM is told where a client wants a response and nothing was said."""

MOST_ASIDES = 4
"""Responses beside the conversation at once."""


class Responses:
    """One session's."""

    def __init__(self, live: Live, bridge: ToolBridge) -> None:
        self._live, self._bridge = live, bridge
        self._asides: set[asyncio.Task[None]] = set()

    def create(self, event: Json) -> None:
        """Begins a response.

        Raises:
            ClientError: one goes on already, or what is asked for cannot be.
        """
        live = self._live
        asked = event.get("response")
        given = {} if asked is None else object_of(asked, "response")
        known_keys(given, KEYS, "response")
        if live.config.transcribes_only:
            raise ClientError("A transcription session gives no responses.", "invalid_request")
        config = _for_one(live.config, given)
        metadata = _metadata(given)
        if given.get("conversation", "auto") == "none":
            self._begin_aside(config, given, metadata)
            return
        if given.get("conversation", "auto") != "auto":
            raise ClientError(
                "'response.conversation' has to be auto or none.", param="response.conversation"
            )
        if live.answer is not None and not self._bridge.ready:
            raise ClientError(
                f"Conversation already has an active response in progress: {live.answer.id}. Wait "
                "until the response is finished before creating a new one.",
                "conversation_already_has_active_response",
            )
        asked = self._messages(given["input"]) if "input" in given else live.waiting
        if self._bridge.ready:  # the turn has begun to be spoken, or written
            config = replace(config, spoken=live.current.spoken)
        live.metadata = metadata
        live.respond_as(config if config != live.config else None)
        try:
            if not self._bridge.go_on(_words(asked)):
                self._begin(asked)
        except ClientError:
            live.metadata = None
            live.respond_as(None)
            raise
        live.waiting = []
        live.override_turn = live.session.current_turn_id

    def _begin(self, asked: list[Item]) -> None:
        live, session = self._live, self._live.session
        words = _words(asked)
        silent, live.empty_commits = live.empty_commits, False
        try:
            if words:
                turn_id = session.push_text(words)
                live.typed.add(turn_id)
                for item in asked:
                    item.turn_id = turn_id
            elif not session.has_waiting_input and self._bridge.tell_late():
                pass
            elif silent and not session.has_waiting_input:
                session.say(phrases.NOT_CAUGHT)
                live.typed.add(session.current_turn_id)
            else:
                session.create_response(UNASKED)
                live.typed.add(session.current_turn_id)
        except TextInputError as error:
            raise ClientError.of(error) from None

    def cancel(self, event: Json) -> None:
        """Ends the response that goes on.

        Raises:
            ClientError: there is none, or not that one.
        """
        live, wanted = self._live, event.get("response_id")
        if live.answer is None or (wanted is not None and wanted != live.answer.id):
            raise ClientError(
                "Cancellation failed: no active response found", "response_cancel_not_active"
            )
        live.cancelling = True
        live.session.cancel_response()

    def _begin_aside(
        self, config: SessionConfig, given: Json, metadata: dict[str, Any] | None
    ) -> None:
        if len(self._asides) >= MOST_ASIDES:
            raise ClientError(
                f"{MOST_ASIDES} responses beside the conversation go on already.",
                "rate_limit_exceeded",
            )
        said = None
        if "input" in given:
            said = [one.text for one in self._messages(given["input"])]
        aside = Aside(self._live, config, metadata, said)
        task = asyncio.create_task(aside.run())
        self._asides.add(task)
        task.add_done_callback(self._asides.discard)

    def _messages(self, value: Any) -> list[Item]:
        """The messages of `response.input`, items of the conversation by reference included."""
        if not isinstance(value, list):
            raise ClientError(
                "'response.input' has to be a list.", "invalid_type", "response.input"
            )
        items = [
            self._live.items.get(text_of(one, "id", "response.input"), "response.input")
            if isinstance(one, dict) and one.get("type") == "item_reference"
            else item_of(one, new_id("item"))
            for one in value
        ]
        return [item for item in items if item.role in (Role.USER, Role.SYSTEM) and item.text]

    async def aclose(self) -> None:
        """Ends what goes on beside the conversation."""
        for task in tuple(self._asides):
            task.cancel()
        await asyncio.gather(*self._asides, return_exceptions=True)


def _words(asked: list[Item]) -> str:
    return "\n".join(item.text for item in asked).strip()


def _for_one(config: SessionConfig, given: Json) -> SessionConfig:
    changes: dict[str, Any] = {}
    if given.get("instructions") is not None:
        changes["instructions"] = text_of(
            given, "instructions", "response", longest=LONGEST_INSTRUCTIONS
        )
    if given.get("output_modalities") is not None:
        changes["spoken"] = spoken_of(given["output_modalities"], "response.output_modalities")
    if given.get("tools") is not None:
        changes["tools"] = tools_of(given["tools"], "response.tools")
    if given.get("tool_choice") is not None:
        changes["tool_choice"] = given["tool_choice"]
    tools = changes.get("tools", config.tools)
    choice_of(changes.get("tool_choice", config.tool_choice), tools, "response.tool_choice")
    if given.get("max_output_tokens") not in (None, "inf"):
        number(given["max_output_tokens"], "response.max_output_tokens", 1, 4096, whole=True)
    output = object_of(given.get("audio") or {}, "response.audio").get("output") or {}
    if (voice := object_of(output, "response.audio.output").get("voice")) is not None:
        changes["voice"] = voice_of(voice, "response.audio.output.voice")
    return replace(config, **changes)


def _metadata(given: Json) -> dict[str, Any] | None:
    value = given.get("metadata")
    if value is None:
        return None
    found = dict(object_of(value, "response.metadata"))
    if len(found) > 16 or any(len(str(key)) + len(str(one)) > 576 for key, one in found.items()):
        raise ClientError("'response.metadata' is too large.", param="response.metadata")
    return found
