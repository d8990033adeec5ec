"""Twilio's Media Streams: `<Connect><Stream url="wss://HOST/twilio">` of a call's TwiML.

A `<Parameter>` of the stream may be `token` (also the last part of the URL, as /twilio/TOKEN),
`greeting`, `voice` or `instructions`. An answer's end is told by the mark `turn:ID`. Of a handler's
actions, `hang_up` ends the stream once the caller has heard the answer, so that the TwiML goes on;
`transfer` sends a mark of that name there, for whoever redirects the call. The conversation's id is
the call's SID.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import logging
from typing import Any

import numpy as np
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from voice_local.assistant import MAX_INSTRUCTIONS
from voice_local.audio.g711 import TELEPHONE_RATE, from_mulaw, to_mulaw
from voice_local.audio.types import Audio
from voice_local.conversation.text import checked_text
from voice_local.errors import AccessError, CapacityError, ProtocolError, VoiceLocalError
from voice_local.server.guard import asked
from voice_local.server.pool import Wanted
from voice_local.server.sender import Message
from voice_local.server.state import ServerState
from voice_local.server.telephony.call import Ending, PhoneCall

START_S = 5.0
"""A stream has to say so soon which call it is."""

LARGEST = 64 * 1024
"""Characters of a message; one of Twilio's has about 300."""

LONGEST_GAP_MS = 1000
"""Longer holes in the sound, where packets were lost, are not filled."""

LONGEST_REASON = 120
"""Bytes of a WebSocket's closing frame."""

LONGEST_SID = 64

CLOSE_S = 2.0

CODES = {
    Ending.CALLER: 1000,
    Ending.HANG_UP: 1000,
    Ending.TRANSFER: 1000,
    Ending.SLOW: 1008,
    Ending.TIME: 1000,
    Ending.FAILED: 1011,
    Ending.SERVER: 1012,
}
"""Why it ends → the WebSocket's closing code."""

log = logging.getLogger(__name__)


def routes(state: ServerState) -> list[WebSocketRoute]:
    """`/twilio` and `/twilio/TOKEN`."""

    async def twilio(socket: WebSocket) -> None:
        await TwilioStream(state, socket).run()

    return [WebSocketRoute("/twilio", twilio), WebSocketRoute("/twilio/{token}", twilio)]


class TwilioStream:
    """One stream; see `call.Wire`."""

    def __init__(self, state: ServerState, socket: WebSocket) -> None:
        self._state, self._socket = state, socket
        self._sid = ""
        self._due_ms: int | None = None

    async def run(self) -> None:
        """Serves it to its end."""
        await self._socket.accept()
        try:
            ending = await self._serve()
            code, reason = CODES[ending], ending.value
        except (WebSocketDisconnect, ConnectionError):
            return
        except TimeoutError:
            code, reason = 1008, f"no start message within {START_S:g} s"
        except VoiceLocalError as error:
            code = _code_of(error)
            reason = f"{error.cause}: {error.remedy}" if error.remedy else error.cause
            log.warning("a Twilio stream is refused: %s", error.cause)
        await self._close(code, reason)

    async def _serve(self) -> Ending:
        async with asyncio.timeout(START_S):
            start = await self._start()
        parameters = _object(start.get("customParameters", {}), "start.customParameters")
        self._admit(str(parameters.get("token", "")))
        _check_format(start.get("mediaFormat"))
        told = str(parameters.get("instructions", ""))
        wanted = Wanted(
            asked(self._socket.scope).client,
            "twilio",
            TELEPHONE_RATE,
            instructions=checked_text(told, MAX_INSTRUCTIONS) if told.strip() else "",
            voice=str(parameters["voice"]) if parameters.get("voice") else None,
            conversation_id=str(start.get("callSid", ""))[:LONGEST_SID],
        )
        greeting = str(parameters.get("greeting", self._state.limits.telephone_greeting)).strip()
        greeting = checked_text(greeting) if greeting else ""
        call = PhoneCall(self._state.pool, wanted, self)
        return await call.run(self._read(call), greeting)

    async def _start(self) -> dict[str, Any]:
        """The `start` message's content."""
        while True:
            message = await self._receive()
            if message["event"] == "start":
                start = _object(message.get("start"), "start")
                self._sid = str(start.get("streamSid", message.get("streamSid", "")))[:LONGEST_SID]
                if not self._sid:
                    raise ProtocolError("the start message has no streamSid")
                return start
            if message["event"] != "connected":
                raise ProtocolError("a stream begins with connected and start")

    def _admit(self, parameter: str) -> None:
        """Raises AccessError: the server requires a token, and none that was shown is valid."""
        in_path = str(self._socket.path_params.get("token", ""))
        keys = (*asked(self._socket.scope).keys, in_path, parameter)
        if not self._state.access.accepts(key for key in keys if key):
            self._state.metrics.refused.labels("token").inc()
            raise AccessError("a valid token is required", 'send it as <Parameter name="token">')

    async def _read(self, call: PhoneCall) -> None:
        """Takes what Twilio sends, until the stream is over."""
        while True:
            try:
                message = await self._receive()
            except WebSocketDisconnect:
                return
            match message["event"]:
                case "media":
                    await self._on_media(call, _object(message.get("media"), "media"))
                case "dtmf":
                    dtmf = _object(message.get("dtmf"), "dtmf")
                    call.press(str(dtmf.get("digit", "")))
                case "mark":
                    call.marked(str(_object(message.get("mark"), "mark").get("name", "")))
                case "stop":
                    return
                case _:  # what Twilio may yet add
                    pass

    async def _on_media(self, call: PhoneCall, media: dict[str, Any]) -> None:
        if media.get("track", "inbound") != "inbound":
            return
        try:
            data = base64.b64decode(media.get("payload", ""), validate=True)
        except (TypeError, ValueError, binascii.Error):
            raise ProtocolError("media.payload is not base64") from None
        samples = from_mulaw(data)
        if missing := self._missing(media.get("timestamp"), len(samples)):
            samples = np.concatenate([np.zeros(missing, np.float32), samples])
        if len(samples):
            await call.push(samples)

    def _missing(self, timestamp: object, count: int) -> int:
        """How many samples before these `count` have been lost, by their time in ms."""
        per_ms = TELEPHONE_RATE // 1000
        try:
            at = int(str(timestamp))
        except ValueError:
            return 0
        due, self._due_ms = self._due_ms, at + count // per_ms
        lost = 0 if due is None else at - due
        return lost * per_ms if 0 < lost <= LONGEST_GAP_MS else 0

    async def _receive(self) -> dict[str, Any]:
        """The next message.

        Raises:
            WebSocketDisconnect: there is none. ProtocolError: it is none of Twilio's.
        """
        message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1005))
        text = message.get("text")
        if text is None:
            raise ProtocolError("a binary message", "Media Streams are JSON text")
        if len(text) > LARGEST:
            raise ProtocolError(f"a message of {len(text)} characters", f"at most {LARGEST}")
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            raise ProtocolError("a message that is not JSON") from None
        found = _object(found, "the message")
        if not isinstance(found.get("event"), str):
            raise ProtocolError("a message without an event")
        return found

    # What is sent; see `call.Wire`.

    def media(self, samples: Audio) -> Message:
        """See `call.Wire`."""
        payload = base64.b64encode(to_mulaw(samples)).decode()
        return self._message("media", media={"payload": payload})

    def clear(self) -> Message:
        """See `call.Wire`."""
        return self._message("clear")

    def mark(self, name: str) -> Message:
        """See `call.Wire`."""
        return self._message("mark", mark={"name": name})

    async def transmit(self, message: Message) -> None:
        """See `call.Wire`."""
        assert isinstance(message, str)
        try:
            await self._socket.send_text(message)
        except (WebSocketDisconnect, RuntimeError, OSError):
            raise ConnectionError("the stream is over") from None

    def _message(self, event: str, **content: object) -> str:
        return json.dumps({"event": event, "streamSid": self._sid, **content})

    async def _close(self, code: int, reason: str) -> None:
        try:
            short = reason.encode()[:LONGEST_REASON].decode(errors="ignore")
            async with asyncio.timeout(CLOSE_S):
                await self._socket.close(code, short)
        except (WebSocketDisconnect, RuntimeError, OSError, TimeoutError):
            pass  # it is closed, or its client does not read


def _code_of(error: VoiceLocalError) -> int:
    """The WebSocket's closing code that tells of `error`."""
    if isinstance(error, CapacityError):
        return 1013
    return 1007 if isinstance(error, ProtocolError) else 1008


def _object(found: object, name: str) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise ProtocolError(f"{name} is not an object")
    return found


def _check_format(told: object) -> None:
    found = {"encoding": "audio/x-mulaw", "sampleRate": TELEPHONE_RATE, "channels": 1}
    if told is not None:
        found |= _object(told, "start.mediaFormat")
    if found["encoding"] != "audio/x-mulaw" or found["sampleRate"] != TELEPHONE_RATE:
        raise ProtocolError("the stream is not audio/x-mulaw of 8000 Hz")
