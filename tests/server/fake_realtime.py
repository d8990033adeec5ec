"""A server of the page whose conversations follow a script: for tests of the page alone."""

from __future__ import annotations

import asyncio
import base64
import json
import socket
import threading
from dataclasses import replace
from typing import Any, Self

import numpy as np
import uvicorn
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from tests.server.chromium import ELSEWHERE
from tests.server.page_script import SCRIPT, Line
from voice_local.config_server import ServerSettings
from voice_local.conversation.record import ConversationTurn
from voice_local.server import page
from voice_local.server.access import Access
from voice_local.server.guard import Guard
from voice_local.server.metrics import Metrics

RATE = 24_000
TONE_HZ = 440.0
PIECE_S = 0.02
LEAD_S = 0.1
QUESTION_S = 0.5
"""So much sound begins a scripted turn."""


class FakeRealtime:
    """Serves the page, and scripted conversations, at a port of this machine.

    Attributes:
        received: every event of the clients but sound.
        sound: what the microphone sent, PCM 16-bit of 24 kHz.
        sessions: those that were opened.
        step_s: between two events of a script.
        voice: what answers sound like, again and again: int16 of 24 kHz.
    """

    def __init__(self, token: str | None = None) -> None:
        secret = SecretStr(token) if token else None
        settings = ServerSettings(token=secret, hosts=(ELSEWHERE,))
        app = Starlette(routes=[*page.routes(), WebSocketRoute("/v1/realtime", self._serve)])
        guard = Guard(app, Access(settings, "127.0.0.1"), Metrics())
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        config = uvicorn.Config(
            guard, log_config=None, access_log=False, lifespan="off", ws="websockets-sansio"
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],))
        self.received: list[dict[str, Any]] = []
        self.sound = bytearray()
        self.sessions: list[FakeSession] = []
        self.step_s = 0.2
        times = np.arange(RATE) / RATE
        self.voice = (np.sin(2 * np.pi * TONE_HZ * times) * 8000).astype("<i2")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(timeout=10)
        self._socket.close()

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The events of one type that came."""
        return [event for event in self.received if event["type"] == kind]

    async def _serve(self, websocket: WebSocket) -> None:
        await websocket.accept(subprotocol="realtime")
        session = FakeSession(self, websocket, asyncio.get_running_loop())
        self.sessions.append(session)
        await session.run()


class FakeSession:
    """One connection."""

    def __init__(
        self, server: FakeRealtime, websocket: WebSocket, loop: asyncio.AbstractEventLoop
    ) -> None:
        self._server, self._websocket, self._loop = server, websocket, loop
        self._turn: asyncio.Task[None] | None = None
        self._line = self._count = 0
        self._listened_s = 0.0
        self._waits = True
        self._answering: tuple[str, str, Line] | None = None

    # What tests do.

    def barge_in(self) -> None:
        """The user speaks over the answer."""
        asyncio.run_coroutine_threadsafe(self._barge_in(), self._loop).result(5)

    def false_alarm(self) -> None:
        """Something is heard over the answer, and turns out to be no interruption."""
        asyncio.run_coroutine_threadsafe(self._false_alarm(), self._loop).result(5)

    def cough(self) -> None:
        """A noise that begins like speech, and is no turn."""
        asyncio.run_coroutine_threadsafe(self._cough(), self._loop).result(5)

    def drop(self, code: int) -> None:
        """The connection ends."""
        asyncio.run_coroutine_threadsafe(self._websocket.close(code), self._loop).result(5)

    # The script.

    async def run(self) -> None:
        assert self._websocket.query_params["extensions"] == "voice_local"
        await self._send("session.created", session={"type": "realtime", "id": "sess_1"})
        await self._send(
            "voice_local.capabilities",
            voices=["amber", "cedar"],
            languages=["en", "de"],
            keeps={"log": True},
            profile="base",
        )
        await self._state("listening")
        try:
            while True:
                await self._take(json.loads(await self._websocket.receive_text()))
        except WebSocketDisconnect:
            if self._turn:
                self._turn.cancel()

    async def _take(self, event: dict[str, Any]) -> None:
        kind = event["type"]
        if kind == "input_audio_buffer.append":
            self._listen(base64.b64decode(event["audio"], validate=True))
            return
        self._server.received.append(event)
        if kind == "response.create" and self._answering:
            await self._refuse("conversation_already_has_active_response")
        elif kind == "session.update":
            self._waits = event["session"]["audio"]["input"]["turn_detection"] is not None
            await self._send("session.updated", session=event["session"])
        elif kind == "response.create":
            self._begin(spoken=False)
        elif kind == "response.cancel":
            await self._cancel()
        elif kind == "voice_local.forget":
            await self._send("voice_local.forgotten")

    def _listen(self, sound: bytes) -> None:
        self._server.sound += sound
        if self._turn or not self._waits or not np.any(np.frombuffer(sound, "<i2")):
            return
        self._listened_s += len(sound) / 2 / RATE
        if self._listened_s > QUESTION_S:
            self._begin(spoken=True)

    def _begin(self, *, spoken: bool) -> None:
        self._listened_s = 0.0
        line = SCRIPT[self._line % len(SCRIPT)]
        self._line += 1
        self._turn = asyncio.create_task(self._play(line, spoken=spoken))

    async def _play(self, line: Line, *, spoken: bool) -> None:
        if spoken:
            await self._hear(line)
        await self._answer(line, spoken=spoken)
        self._turn = None

    async def _hear(self, line: Line) -> None:
        item = self._id("item_user")
        await self._send("input_audio_buffer.speech_started", item_id=item, audio_start_ms=0)
        await self._state("user_speaking")
        for stable, tentative in line.interim:
            await self._send(
                "voice_local.partial", item_id=item, stable=stable, tentative=tentative
            )
            await asyncio.sleep(self._server.step_s)
        await self._state("eager")
        await asyncio.sleep(self._server.step_s)
        await self._send("input_audio_buffer.speech_stopped", item_id=item, audio_end_ms=900)
        await self._send("input_audio_buffer.committed", item_id=item)
        transcribed = "conversation.item.input_audio_transcription"
        await self._send(f"{transcribed}.delta", item_id=item, content_index=0, delta=line.question)
        await self._send(
            f"{transcribed}.completed", item_id=item, content_index=0, transcript=line.question
        )

    async def _answer(self, line: Line, *, spoken: bool) -> None:
        response, item = self._id("resp"), self._id("item_answer")
        self._answering = (response, item, line)
        await self._send("response.created", response={"id": response, "status": "in_progress"})
        await self._state("thinking")
        await asyncio.sleep(self._server.step_s)
        place = {"response_id": response, "item_id": item, "output_index": 0, "content_index": 0}
        first, _, rest = line.answer.partition(". ")
        await self._send("response.output_audio_transcript.delta", **place, delta=f"{first}.")
        await self._state("speaking")
        await self._speak(line.answer_s / 2, place)
        await self._send("response.output_audio_transcript.delta", **place, delta=f" {rest}")
        await self._speak(line.answer_s / 2, place)
        await self._send("response.output_audio.done", **place)
        done = {"response.output_audio_transcript.done": line.answer}
        for kind, text in done.items():
            await self._send(kind, **place, transcript=text)
        self._answering = None
        await self._done(response, item, "completed")
        record = line.record if spoken else replace(line.record, commit_window_ms=None)
        await self._turn_over(replace(record, user_text=line.question, assistant_text=line.answer))

    async def _speak(self, seconds: float, place: dict[str, Any]) -> None:
        sound = np.resize(self._server.voice, int(seconds * RATE))
        due = self._loop.time()
        for piece in np.split(sound, range(int(PIECE_S * RATE), len(sound), int(PIECE_S * RATE))):
            delta = base64.b64encode(piece.tobytes()).decode()
            await self._send("response.output_audio.delta", **place, delta=delta)
            due += PIECE_S
            await asyncio.sleep(max(0.0, due - LEAD_S - self._loop.time()))

    async def _barge_in(self) -> None:
        await self._state("interruption_pending")
        await asyncio.sleep(self._server.step_s)
        item = self._id("item_user")
        await self._send("input_audio_buffer.speech_started", item_id=item, audio_start_ms=0)
        await self._cancel()

    async def _false_alarm(self) -> None:
        await self._state("interruption_pending")
        await asyncio.sleep(self._server.step_s)
        await self._state("speaking")

    async def _cough(self) -> None:
        item = self._id("item_user")
        await self._send("input_audio_buffer.speech_started", item_id=item, audio_start_ms=0)
        await self._send("input_audio_buffer.speech_stopped", item_id=item, audio_end_ms=300)

    async def _cancel(self) -> None:
        if self._answering is None:
            await self._refuse("response_cancel_not_active")
            return
        response, item, line = self._answering
        self._answering = None
        if self._turn:
            self._turn.cancel()
            self._turn = None
        await self._done(response, item, "cancelled")
        first = line.answer.partition(" on")[0]
        await self._turn_over(
            replace(line.record, assistant_text=line.answer, interrupted=True, heard_text=first)
        )

    async def _done(self, response: str, item: str, status: str) -> None:
        output = [{"id": item, "type": "message", "role": "assistant", "status": status}]
        await self._send(
            "response.done", response={"id": response, "status": status, "output": output}
        )

    async def _turn_over(self, record: ConversationTurn) -> None:
        await self._send("voice_local.turn", turn=record.as_json())
        await self._state("listening")

    async def _refuse(self, code: str) -> None:
        error = {"type": "invalid_request_error", "code": code, "message": code}
        await self._send("error", error=error)

    async def _state(self, state: str) -> None:
        await self._send("voice_local.state", state=state)

    async def _send(self, kind: str, **fields: Any) -> None:
        await self._websocket.send_json({"type": kind, "event_id": self._id("event"), **fields})

    def _id(self, kind: str) -> str:
        self._count += 1
        return f"{kind}_{id(self)}_{self._count}"
