"""One client of the Realtime API, whatever carries its events."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

from voice_local.audio.types import Audio
from voice_local.conversation.output.queued_speech import Taken
from voice_local.errors import InputError, VoiceLocalError
from voice_local.server.languages import heard_languages
from voice_local.server.outbox import Outbox
from voice_local.server.pool import Wanted
from voice_local.server.realtime.audio_format import PCM_RATE
from voice_local.server.realtime.input_buffer import InputBuffer
from voice_local.server.realtime.item_events import ItemEvents
from voice_local.server.realtime.live import Live, Speaker
from voice_local.server.realtime.protocol import (
    EVENT_FIELDS,
    FIELDS,
    SERVER_ERROR,
    ClientError,
    Json,
    known_keys,
    object_of,
    parsed,
)
from voice_local.server.realtime.responses import Responses
from voice_local.server.realtime.session_config import OPENAI_VOICES, SessionConfig
from voice_local.server.realtime.session_events import SessionEvents
from voice_local.server.realtime.tool_bridge import ToolBridge
from voice_local.server.state import ServerState

FORGETS_S = 5.0
"""A turn that has not ended after so long is not waited for."""

log = logging.getLogger(__name__)


class Realtime:
    """One session.

    `client`: its address. `transcribes_only`: it wants no answers. `extended`: it understands
    `voice_local.…` events. `configured`: the session object that it begins with. `speaker`: where
    speech goes; None: into events.

    Raises (on making it):
        CapacityError: the server has no room. ClientError: `configured` cannot be.
        TextInputError, ModelMissingError, ConfigError: there is no such voice.
    """

    def __init__(
        self,
        state: ServerState,
        outbox: Outbox,
        client: str,
        *,
        transcribes_only: bool = False,
        extended: bool = False,
        configured: Json | None = None,
        speaker: Speaker | None = None,
    ) -> None:
        self._bridge, self._speed = ToolBridge(), 1.0
        if configured:
            kind = object_of(configured, "session").get("type")
            transcribes_only = kind == "transcription"
        config = SessionConfig(transcribes_only=transcribes_only)
        if configured:
            config = config.updated(configured)
        voice = None if config.voice in OPENAI_VOICES else config.voice
        wanted = Wanted(client, "realtime", PCM_RATE, voice=voice)
        served = state.pool.open(wanted, self._send)  # nothing after this may fail
        self.live = Live(state, outbox, served, config, extended, speaker)
        self.live.apply = self._apply
        self._bridge.live = self.live
        self.live.between = self._bridge.speak_between
        self._events = SessionEvents(self.live)
        self._bridge.finish = self._events.finish_calling
        self._input = InputBuffer(self.live, self._events)
        self._items = ItemEvents(self.live, self._bridge)
        self._responses = Responses(self.live, self._bridge)
        self._apply(config)
        self._telling = asyncio.create_task(self._events.run())
        served.depends_on(self._telling)
        self._handlers: dict[str, Callable[[Json], Any]] = {
            "session.update": self._update,
            "input_audio_buffer.append": self._input.append,
            "input_audio_buffer.commit": lambda _: self._input.commit(),
            "input_audio_buffer.clear": lambda _: self._input.clear(),
            "conversation.item.create": self._items.create,
            "conversation.item.retrieve": self._items.retrieve,
            "conversation.item.delete": self._items.delete,
            "conversation.item.truncate": self._items.truncate,
            "response.create": self._responses.create,
            "response.cancel": self._responses.cancel,
        }
        if speaker is not None:
            self._handlers["output_audio_buffer.clear"] = lambda _: self._events.clear_output()
        if extended:
            self._handlers["voice_local.forget"] = lambda _: self._forget()

    def begin(self) -> None:
        """Tells the client that the session is there."""
        live = self.live
        live.tell({"type": "session.created", "session": live.as_json()})
        conversation = {"id": live.conversation_id, "object": "realtime.conversation"}
        live.tell({"type": "conversation.created", "conversation": conversation})
        live.tell_more({"type": "voice_local.capabilities", **capabilities(live.state)})

    async def take(self, text: str) -> None:
        """Does what one event of the client says, or tells what is wrong with it."""
        event_id = None
        try:
            event = parsed(text)
            event_id = event.get("event_id")
            if event["type"] != "input_audio_buffer.append":  # silence for ever is idle, too
                self.live.served.touch()
            handler = self._handlers.get(event["type"])
            if handler is None:
                kind = event["type"][:80]
                raise ClientError(f"Invalid value: '{kind}'.", "invalid_event_type", "type")
            known_keys(event, {*EVENT_FIELDS, *FIELDS.get(event["type"], ())}, "")
            found = handler(event)
            if found is not None:
                await found
        except ClientError as error:
            self.live.tell(error.event(event_id))
        except InputError as error:
            self.live.tell(ClientError.of(error).event(event_id))
        except VoiceLocalError as error:
            log.warning("realtime: %s", error.cause)
            self.live.tell(ClientError.of(error).event(event_id))
        except Exception:  # whatever it is, the client is told, and its session goes on
            log.exception("an event of the client failed")
            failed = ClientError("The server failed to handle the event.", "server_error")
            self.live.tell(failed.event(event_id, SERVER_ERROR))

    def hear(self, samples: Audio, sample_rate: int) -> None:
        """Takes sound that came on a media track, float32 mono."""
        self._input.hear(samples, sample_rate)

    def refuse_bytes(self) -> None:
        """Tells that a binary message means nothing here."""
        error = ClientError("Events are sent as text, not as binary messages.", "invalid_event")
        self.live.tell(error.event(None))

    async def aclose(self) -> None:
        """Ends the session."""
        self._bridge.close()
        await self._responses.aclose()
        await self.live.served.aclose()
        self._telling.cancel()
        await asyncio.gather(self._telling, return_exceptions=True)

    async def _send(self, taken: Taken) -> None:
        await self._events.send(taken)

    def _update(self, event: Json) -> None:
        live = self.live
        config = live.config.updated(event.get("session"))
        if config.voice != live.config.voice:
            if live.sounded:
                raise ClientError(
                    "Cannot update a conversation's voice if assistant audio is present.",
                    "cannot_update_voice",
                    "session.audio.output.voice",
                )
            live.speak_with(config.voice)
        live.config = config
        self._apply(live.current)
        live.tell({"type": "session.updated", "session": live.as_json()})

    def _apply(self, config: SessionConfig) -> None:
        live = self.live
        told = "\n".join(part for part in (config.instructions, *live.notes) if part)
        changes = replace(config, instructions=told)
        live.session.update(changes.update(live.state.settings, self._bridge.host_tool))
        context = live.session.context
        if config.speed != self._speed:
            context.style = replace(context.style, rate=config.speed)
            self._speed = config.speed

    async def _forget(self) -> None:
        """Ends what is being said, then forgets everything."""
        live = self.live
        turn_id = live.session.current_turn_id
        live.session.cancel_response()
        live.session.clear_input()
        self._bridge.forget()
        with suppress(TimeoutError):
            async with asyncio.timeout(FORGETS_S):
                while turn_id and live.ended_turn != turn_id:
                    await asyncio.sleep(0.02)
        live.session.context.memory.forget_all()
        live.items.clear()
        live.waiting, live.notes = [], []
        live.apply(live.current)
        live.tell({"type": "voice_local.forgotten"})


def capabilities(state: ServerState) -> dict[str, Any]:
    """What a page may let its user choose."""
    from voice_local.engine.voices import catalogue

    settings = state.settings
    voices = [voice.full for voice in catalogue(settings) if voice.ready]
    return {
        "profile": settings.profile,
        "voices": voices,
        "languages": heard_languages(settings),
        "keeps": {"log": settings.server.log_transcripts},
    }
