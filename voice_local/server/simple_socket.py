"""`/ws`: the simplest protocol. Sound in as 16-bit PCM, 16 kHz mono; words as JSON, and one sound
file a sentence out.

    {"type": "transcript", "text": "where is", "final": false}
    {"type": "response_text", "text": "It is on its way."}
    {"type": "clear"}            the user has interrupted: stop playing

`/ws?audio=opus` sends Ogg Opus instead of WAV; `audio=pcm` 16-bit PCM of 24 kHz, in pieces of 20 ms
as they are to be played. A client may send text as a typed turn:
`{"type": "text", "text": "…"}`; `{"type": "interrupt"}` ends the answer.
"""

from __future__ import annotations

import asyncio
import io
import json
from contextlib import suppress
from enum import StrEnum
from typing import Any

import numpy as np
import soundfile as sf
from starlette.routing import BaseRoute, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from voice_local.audio.g711 import to_pcm16
from voice_local.audio.types import SAMPLE_RATE, Audio
from voice_local.conversation import events
from voice_local.conversation.output.queued_speech import Taken
from voice_local.errors import CapacityError, VoiceLocalError
from voice_local.server.connection_tasks import REFUSED, TRY_AGAIN, Ending, until_first
from voice_local.server.guard import asked
from voice_local.server.outbox import Outbox
from voice_local.server.pool import ServedSession, Wanted
from voice_local.server.state import ServerState

OUTPUT_RATE = 24_000
LARGEST_PIECE = 1024 * 1024
"""Bytes of one message of sound: half a minute."""

SLICE = SAMPLE_RATE // 2

EXAMPLE = 'for example {"type": "text", "text": "Good morning."}'


class Container(StrEnum):
    """How sound is sent: a file a sentence, or as it is to be played."""

    WAV = "wav"
    OPUS = "opus"
    PCM = "pcm"

    def encoded(self, samples: Audio) -> bytes:
        """One file."""
        file = io.BytesIO()
        kind, subtype = ("OGG", "OPUS") if self is Container.OPUS else ("WAV", "PCM_16")
        sf.write(file, samples, OUTPUT_RATE, format=kind, subtype=subtype)
        return file.getvalue()


def routes(state: ServerState) -> list[BaseRoute]:
    """`/ws`."""

    async def simple(socket: WebSocket) -> None:
        await _Simple(state, socket).run()

    return [WebSocketRoute("/ws", simple)]


class _Simple:
    """One connection."""

    def __init__(self, state: ServerState, socket: WebSocket) -> None:
        self._state, self._socket, self._outbox = state, socket, Outbox()
        self._container = Container.WAV
        self._generation, self._sent = -1, 0
        self._sending = asyncio.Lock()

    async def run(self) -> None:
        """Until either side ends it."""
        socket = self._socket
        await socket.accept()
        try:
            self._container = Container(socket.query_params.get("audio", "wav"))
            wanted = Wanted(asked(socket.scope).client, "ws", OUTPUT_RATE, asks_whether_there=True)
            served = self._state.pool.open(wanted, self._played)
        except CapacityError as error:
            await socket.close(TRY_AGAIN, error.cause)
            return
        except ValueError:
            await socket.close(REFUSED, f"audio has to be one of: {', '.join(Container)}")
            return
        self._served, ending = served, Ending()
        try:
            watching = ending.watch(self._state.pool, served, self._outbox)
            await until_first(self._read(served), self._write(), self._tell(served), watching)
        finally:
            await served.aclose()
        await ending.close(socket)

    async def _read(self, served: ServedSession) -> None:
        while True:
            message = await self._socket.receive()
            if message["type"] != "websocket.receive":
                return
            try:
                if message.get("bytes") is not None:
                    await self._sound(served, message["bytes"])
                else:
                    self._command(served, str(message.get("text")))
            except VoiceLocalError as error:
                self._error(error.cause, error.remedy)

    async def _sound(self, served: ServedSession, data: bytes) -> None:
        if len(data) > LARGEST_PIECE or len(data) % 2:
            problem = "half a sample" if len(data) % 2 else f"more than {LARGEST_PIECE} bytes"
            self._error(f"a message of sound has {problem}", "send whole 16-bit samples, in pieces")
            return
        samples = np.frombuffer(data, dtype="<i2").astype(np.float32) / np.float32(32768)
        for start in range(0, len(samples), SLICE):
            served.push(samples[start : start + SLICE], SAMPLE_RATE)
            await asyncio.sleep(0)

    def _command(self, served: ServedSession, text: str) -> None:
        served.touch()
        try:
            given = json.loads(text)
            kind = given["type"]
        except (ValueError, KeyError, TypeError, RecursionError):
            self._error("the message is no JSON object with a type", EXAMPLE)
            return
        if kind == "text" and isinstance(given.get("text"), str):
            served.session.push_text(given["text"])
        elif kind == "interrupt":
            served.session.cancel_response()
        else:
            self._error("the type has to be text or interrupt", EXAMPLE)

    async def _write(self) -> None:
        with suppress(WebSocketDisconnect, RuntimeError):
            while (message := await self._outbox.get()) is not None:
                if isinstance(message, str):
                    await self._socket.send_text(message)
                else:
                    await self._socket.send_bytes(message)

    async def _tell(self, served: ServedSession) -> None:
        async for event in served.events():
            match event:
                case events.Partial(stable, tentative):
                    self._transcript(f"{stable} {tentative}".strip(), final=False)
                case events.UserSaid(text):
                    self._transcript(text, final=True)
                case events.AssistantSays(text):
                    self._put({"type": "response_text", "text": text})
                    await self._send_whole(served)
                case events.Interrupted() | events.TurnMerged():
                    self._put({"type": "clear"})
                case events.TurnEnded():
                    await self._send_whole(served)

    async def _played(self, taken: Taken) -> None:
        """The pace of what is played; sentences are sent as soon as they are whole."""
        if self._container is Container.PCM:
            self._outbox.put(to_pcm16(taken.samples))
            await self._outbox.room()
        else:
            await self._send_whole(self._served)

    async def _send_whole(self, served: ServedSession) -> None:
        if self._container is Container.PCM:
            return
        async with self._sending:
            queue = served.session.queue
            generation, whole = queue.whole_segments()
            if generation != self._generation:
                self._generation, self._sent = generation, 0
            for samples in whole[self._sent :]:
                self._sent += 1
                data = await asyncio.to_thread(self._container.encoded, samples)
                if queue.whole_segments()[0] == generation:  # else it was interrupted meanwhile
                    self._outbox.put(data)

    def _transcript(self, text: str, *, final: bool) -> None:
        self._put({"type": "transcript", "text": text, "final": final})

    def _error(self, message: str, remedy: str) -> None:
        self._put({"type": "error", "message": message, "remedy": remedy})

    def _put(self, event: dict[str, Any]) -> None:
        self._outbox.put(json.dumps(event, ensure_ascii=False))
