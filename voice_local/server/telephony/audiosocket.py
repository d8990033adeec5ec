"""Asterisk's AudioSocket: a call as frames over TCP, each of a kind, a length and a payload.

The dialplan's `AudioSocket(UUID, HOST:PORT)`; the conversation's id is that UUID. Of a handler's
actions, `hang_up` and `transfer` end the connection once the answer was played, and the dialplan
goes on. The protocol knows no token, and nothing that drops sound already sent.
"""

from __future__ import annotations

import asyncio
import logging
import struct
import uuid
from enum import IntEnum

from voice_local.audio.g711 import TELEPHONE_RATE, from_pcm16, to_pcm16
from voice_local.audio.types import Audio
from voice_local.errors import ProtocolError, VoiceLocalError
from voice_local.server.pool import Wanted
from voice_local.server.sender import Message
from voice_local.server.state import ServerState
from voice_local.server.tcp import Connection
from voice_local.server.telephony.call import PhoneCall

UUID_S = 5.0
"""A connection has to say so soon which call it is."""

FRAME_S = 30.0
"""Asterisk sends sound without a break: without any for so long, the call is gone."""

HEADER = struct.Struct(">BH")
"""Kind, and bytes of the payload."""

log = logging.getLogger(__name__)


class Kind(IntEnum):
    """What a frame holds."""

    HANG_UP = 0x00
    UUID = 0x01
    DTMF = 0x03
    SOUND = 0x10
    ERROR = 0xFF


RATES = {
    0x10: 8_000,
    0x11: 12_000,
    0x12: 16_000,
    0x13: 24_000,
    0x14: 32_000,
    0x15: 44_100,
    0x16: 48_000,
    0x17: 96_000,
    0x18: 192_000,
}
"""Sample rate of each kind of sound, in Hz."""

LONGEST = 65_535
"""Bytes of a payload, as the length's two bytes allow."""

BAD_FRAME = b"\x02"
"""Payload of an error: a frame could not be used."""


def frame(kind: int, payload: bytes = b"") -> bytes:
    """One frame. `payload`: at most `LONGEST` bytes."""
    return HEADER.pack(kind, len(payload)) + payload


class AudioSocketService:
    """What one server's port for AudioSocket does."""

    def __init__(self, state: ServerState) -> None:
        self._state = state

    async def serve(self, connection: Connection) -> None:
        """One connection, to its end.

        Raises:
            ConnectionError, IncompleteReadError: the client has gone.
        """
        farewell = frame(Kind.HANG_UP)
        try:
            await AudioSocketLine(connection).serve(self._state)
        except TimeoutError:
            log.warning("an AudioSocket connection did not say which call it is")
        except VoiceLocalError as error:
            log.warning("an AudioSocket connection is refused: %s", error.cause)
            farewell = frame(Kind.ERROR, BAD_FRAME) + farewell
        finally:
            connection.write(farewell)

    async def aclose(self) -> None:
        """It has nothing beside its connections."""


class AudioSocketLine:
    """One connection; see `call.Wire`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def serve(self, state: ServerState) -> None:
        """The call that it brings.

        Raises:
            ProtocolError: a frame that cannot be. CapacityError: as `SessionPool.open`.
            TimeoutError, IncompleteReadError, ConnectionError: the client is silent, or gone.
        """
        async with asyncio.timeout(UUID_S):
            kind, payload = await self._frame()
        if kind != Kind.UUID or len(payload) != 16:
            raise ProtocolError("the first frame is not the call's UUID")
        wanted = Wanted(
            self._connection.client,
            "audiosocket",
            TELEPHONE_RATE,
            conversation_id=str(uuid.UUID(bytes=payload)),
        )
        call = PhoneCall(state.pool, wanted, self)
        await call.run(self._read(call), state.limits.telephone_greeting.strip())

    async def _read(self, call: PhoneCall) -> None:
        while True:
            try:
                async with asyncio.timeout(FRAME_S):
                    kind, payload = await self._frame()
            except (TimeoutError, asyncio.IncompleteReadError):
                return
            if kind == Kind.HANG_UP or kind == Kind.ERROR:
                return
            if kind == Kind.DTMF:
                call.press(payload.decode("latin-1"))
            elif kind in RATES:
                if len(payload) % 2:
                    raise ProtocolError("half a sample", "send 16-bit samples")
                await call.push(from_pcm16(payload), RATES[kind])
            elif kind == Kind.UUID:
                raise ProtocolError("the call's UUID, a second time")

    async def _frame(self) -> tuple[int, bytes]:
        """The next frame's kind and payload.

        Raises:
            IncompleteReadError: the connection ends. ConnectionError: it is broken.
        """
        reader = self._connection.reader
        kind, length = HEADER.unpack(await reader.readexactly(HEADER.size))
        return kind, await reader.readexactly(length)

    # What is sent; see `call.Wire`.

    def media(self, samples: Audio) -> Message:
        """See `call.Wire`."""
        return frame(Kind.SOUND, to_pcm16(samples))

    def clear(self) -> None:
        """See `call.Wire`."""

    def mark(self, name: str) -> None:
        """See `call.Wire`."""

    async def transmit(self, message: Message) -> None:
        """See `call.Wire`."""
        assert isinstance(message, bytes)
        await self._connection.send(message)
