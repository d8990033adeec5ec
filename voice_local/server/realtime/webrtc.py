"""The Realtime API over WebRTC: sound as Opus on media tracks, events on the channel `oai-events`.

No STUN or TURN server is asked: client and server meet on their own networks' addresses.
"""

from __future__ import annotations

import asyncio
import json
import logging
from contextlib import suppress
from typing import Any

import av
import numpy as np
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCDataChannel,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from voice_local.errors import CapacityError, VoiceLocalError
from voice_local.server.guard import asked, error_body
from voice_local.server.http_bodies import bounded
from voice_local.server.http_errors import error_response
from voice_local.server.json_text import whole_characters
from voice_local.server.outbox import Outbox
from voice_local.server.pool import FAILED
from voice_local.server.realtime.audio_format import PCM_RATE
from voice_local.server.realtime.connection import Realtime
from voice_local.server.realtime.protocol import ClientError, Json, new_id
from voice_local.server.realtime.speech_track import SpeechTrack
from voice_local.server.state import ServerState

CHANNEL = "oai-events"
LARGEST_SDP = 256 * 1024
CONNECTS_S = 20.0
"""A client that has not connected after so long is given up."""

GOODBYE_S = 0.2
"""So long the last event has to reach the client before the connection ends."""

log = logging.getLogger(__name__)


class Call:
    """One client. Make it, then `answer`; it ends with its connection, or by `aclose`.

    `client`, `configured`, `extended`: see `Realtime`.
    """

    def __init__(
        self, state: ServerState, client: str, configured: Json | None, *, extended: bool = False
    ) -> None:
        self.id = new_id("rtc")
        self._peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._outbox, self._track = Outbox(), SpeechTrack()
        self._realtime = Realtime(
            state,
            self._outbox,
            client,
            extended=extended,
            configured=configured,
            speaker=self._track,
        )
        self._incoming: asyncio.Queue[str] = asyncio.Queue(256)
        self._tasks: set[asyncio.Task[None]] = set()
        self._over = asyncio.Event()
        self._connected = False
        self._peer.addTrack(self._track)
        self._peer.on("track", self._on_track)
        self._peer.on("datachannel", self._on_channel)
        self._peer.on("connectionstatechange", self._on_state)

    async def answer(self, offer: str) -> str:
        """The SDP that answers `offer`.

        Raises:
            ClientError: it is no offer.
        """
        try:
            description = RTCSessionDescription(_without_names(offer), "offer")
            await self._peer.setRemoteDescription(description)
            await self._peer.setLocalDescription(await self._peer.createAnswer())
        except Exception as error:  # the parser raises whatever it stumbles on
            raise ClientError(f"the SDP offer cannot be used ({error})", "invalid_sdp") from None
        return str(self._peer.localDescription.sdp)

    async def run(self, state: ServerState) -> None:
        """Until the connection is over."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        while not self._over.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._over.wait(), 0.25)
            served = self._realtime.live.served
            late = not self._connected and loop.time() - began > CONNECTS_S
            if late or self._outbox.too_slow:
                break
            if (why := state.pool.why_to_end(served)) is not None:
                if why != FAILED:
                    await self._say_goodbye(why)
                break
        await self.aclose()

    async def _say_goodbye(self, why: str) -> None:
        """A data channel has no close code: an event tells that the end is meant, and why."""
        self._realtime.live.tell_more({"type": "voice_local.ended", "reason": why})
        await asyncio.sleep(GOODBYE_S)

    async def aclose(self) -> None:
        """Ends it."""
        self._over.set()
        self._outbox.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._realtime.aclose()
        await self._peer.close()

    def _on_state(self) -> None:
        if self._peer.connectionState == "connected":
            self._connected = True
        elif self._peer.connectionState in ("failed", "closed"):
            self._over.set()

    def _on_track(self, track: MediaStreamTrack) -> None:
        if track.kind == "audio":
            self._start(self._hear(track))

    def _on_channel(self, channel: RTCDataChannel) -> None:
        if channel.label != CHANNEL:
            return
        channel.on("message", self._on_message)
        channel.on("close", self._over.set)
        self._realtime.begin()
        self._start(self._take())
        self._start(self._tell(channel))

    def _on_message(self, message: str | bytes) -> None:
        if isinstance(message, bytes):
            self._realtime.refuse_bytes()
        elif self._incoming.full():
            self._over.set()  # it sends faster than anything can be done
        else:
            self._incoming.put_nowait(message)

    def _start(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _take(self) -> None:
        while True:
            await self._realtime.take(await self._incoming.get())

    async def _tell(self, channel: RTCDataChannel) -> None:
        while (message := await self._outbox.get()) is not None:
            channel.send(message)
            while channel.bufferedAmount > 256 * 1024:
                await asyncio.sleep(0.01)

    async def _hear(self, track: MediaStreamTrack) -> None:
        resampler = av.AudioResampler(format="s16", layout="mono", rate=PCM_RATE)
        with suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                assert isinstance(frame, av.AudioFrame)
                for part in resampler.resample(frame):
                    samples = part.to_ndarray().reshape(-1).astype(np.float32) / np.float32(32768)
                    self._realtime.hear(samples, PCM_RATE)


def routes(state: ServerState) -> list[BaseRoute]:
    """`/v1/realtime/calls`."""
    calls: dict[str, Call] = {}
    running: set[asyncio.Task[None]] = set()

    async def run(call: Call) -> None:
        try:
            await call.run(state)
        finally:
            calls.pop(call.id, None)

    async def create(request: Request) -> Response:
        try:
            offer, session = await _offer(request)
            call = Call(
                state,
                asked(request.scope).client,
                session or _configured(state, request),
                extended=request.query_params.get("extensions") == "voice_local",
            )
        except CapacityError as error:
            return _refused(error.cause, 503, "capacity")
        except ClientError as error:
            return _refused(error.message, 400, error.code)
        except VoiceLocalError as error:
            return error_response(error)
        try:
            sdp = await call.answer(offer)
        except ClientError as error:
            await call.aclose()
            return _refused(error.message, 400, error.code)
        calls[call.id] = call
        task = asyncio.create_task(run(call))
        running.add(task)
        task.add_done_callback(running.discard)
        where = {"Location": f"/v1/realtime/calls/{call.id}"}
        return Response(sdp, 201, where, media_type="application/sdp")

    async def hang_up(request: Request) -> Response:
        call = calls.get(request.path_params["call_id"])
        if call is None:
            return _refused("there is no such call", 404, "not_found")
        await call.aclose()
        return Response(status_code=200)

    return [
        Route("/v1/realtime/calls", create, methods=["POST"]),
        Route("/v1/realtime/calls/{call_id}/hangup", hang_up, methods=["POST"]),
    ]


def _configured(state: ServerState, request: Request) -> Json | None:
    return state.secrets.session_of(asked(request.scope).keys)


async def _offer(request: Request) -> tuple[str, Json | None]:
    """The SDP offer, and the session that comes with it."""
    request = bounded(request, LARGEST_SDP)
    session: Json | None = None
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        async with request.form(max_part_size=LARGEST_SDP, max_fields=4, max_files=4) as form:
            offer = await _text(form.get("sdp"))
            given = await _text(form.get("session"))
        try:
            session = whole_characters(json.loads(given)) if given else None
        except (ValueError, RecursionError):
            raise ClientError("the session is not JSON", "invalid_json") from None
    else:
        offer = (await request.body()).decode("utf-8", "replace")
    if "v=0" not in offer or "m=" not in offer:
        raise ClientError("the body is no SDP offer", "invalid_sdp")
    return offer, session


def _without_names(offer: str) -> str:
    """The offer without candidates that are names (`….local`).

    Browsers hide their addresses so from pages that may not use the microphone yet, and to look
    them up asks the whole network. The browser's own checks tell its address: more candidates may
    come, so that those checks are waited for.
    """
    kept = [
        line
        for line in offer.splitlines()
        if line != "a=end-of-candidates"
        and not (line.startswith("a=candidate:") and ".local " in line)
    ]
    return "\r\n".join([*kept, ""])


async def _text(value: UploadFile | str | None) -> str:
    if isinstance(value, UploadFile):
        return (await value.read()).decode("utf-8", "replace")
    return value or ""


def _refused(message: str, status: int, code: str) -> Response:
    return Response(error_body(message, code=code), status, media_type="application/json")
