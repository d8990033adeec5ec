"""Telephones at `voice-local serve`: a Twilio stream, and AudioSocket by a client written from its
documentation."""

from __future__ import annotations

import asyncio
import base64
import json
import struct
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soxr
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.server.serving import Served, serve
from voice_local.audio.files import read_audio
from voice_local.audio.g711 import from_mulaw, from_pcm16, to_mulaw, to_pcm16
from voice_local.audio.level import audible_span, dbfs
from voice_local.audio.types import Audio
from voice_local.local.demo import bundled

pytestmark = pytest.mark.server
TOKEN = "a-token-of-the-tests"
PIECE = 160
"""Samples: 20 ms of 8 kHz."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    token = tmp_path_factory.mktemp("token") / "token"
    token.write_text(TOKEN)
    with serve("--audiosocket-port", "0", "--token-file", str(token)) as running:
        yield running
        assert running.end() == 0
        log = "".join(running.log)
        assert "Traceback" not in log and TOKEN not in log


def said(number: int) -> Audio:
    """A bundled user turn, as a telephone carries it."""
    sound = soxr.resample(read_audio(bundled()[number]), 16_000, 8_000)
    return np.asarray(from_mulaw(to_mulaw(sound)), dtype=np.float32)


def is_speech(sound: Audio) -> bool:
    """Whether it is audible for half a second or more, neither noise at full scale nor a tone."""
    first, end = audible_span(sound, 8_000)
    spectrum = np.abs(np.fft.rfft(sound, max(1, len(sound)))) ** 2
    return (
        len(sound) > 0
        and (end - first) / 8_000 > 0.5
        and -12 < dbfs(float(np.abs(sound).max())) <= 0
        and float(spectrum.max() / spectrum.sum()) < 0.5
    )


class Twilio:
    """Twilio's side of a stream: sound in both directions, every 20 ms."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.told: list[tuple[float, dict[str, Any]]] = []
        self._number = 0
        self._reading = asyncio.create_task(self._read())
        self._due = time.monotonic()

    async def _read(self) -> None:
        with suppress(ConnectionClosed):
            async for text in self.socket:
                self.told.append((time.monotonic(), json.loads(text)))
                if self.told[-1][1]["event"] == "mark":
                    await self.send("mark", mark=self.told[-1][1]["mark"])

    async def send(self, event: str, **content: Any) -> None:
        await self.socket.send(json.dumps({"event": event, "streamSid": "MZ1", **content}))

    async def start(self, **parameters: str) -> None:
        await self.socket.send(json.dumps({"event": "connected", "protocol": "Call"}))
        form = {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}
        start = {"streamSid": "MZ1", "callSid": "CA1", "tracks": ["inbound"], "mediaFormat": form}
        await self.send("start", start={**start, "customParameters": parameters})

    async def speak(self, sound: Audio) -> None:
        """Sends it as it is spoken."""
        for begin in range(0, len(sound), PIECE):
            payload = base64.b64encode(to_mulaw(sound[begin : begin + PIECE])).decode()
            stamp = str(20 * self._number)
            self._number += 1
            media = {"track": "inbound", "timestamp": stamp, "payload": payload}
            await self.send("media", media=media)
            self._due += 0.02
            await asyncio.sleep(max(0.0, self._due - time.monotonic()))

    async def until(self, event: str, limit_s: float = 30.0, since: int = 0) -> int:
        """Sends silence until such a message has come; its number."""
        async with asyncio.timeout(limit_s):
            while True:
                for number, (_, told) in enumerate(self.told[since:], since):
                    if told["event"] == event:
                        return number
                await self.speak(np.zeros(PIECE, np.float32))

    def heard(self, since: int = 0, until: int | None = None) -> Audio:
        pieces = [
            from_mulaw(base64.b64decode(told["media"]["payload"]))
            for _, told in self.told[since:until]
            if told["event"] == "media"
        ]
        return np.concatenate([np.zeros(0, np.float32), *pieces])


@asynccontextmanager
async def call(served: Served, path: str = "/twilio") -> AsyncIterator[Twilio]:
    async with connect(f"ws://127.0.0.1:{served.ports['http']}{path}") as socket:
        yield Twilio(socket)


async def test_a_spoken_question_is_answered_and_heard(served: Served) -> None:
    async with call(served) as caller:
        await caller.start(token=TOKEN)
        await caller.speak(np.zeros(4000, np.float32))
        await caller.speak(said(0))
        ended = time.monotonic()
        mark = await caller.until("mark")
        assert caller.told[mark][1]["mark"]["name"].startswith("turn:")
        answer = caller.heard()
        assert is_speech(answer) and len(answer) > 8_000
        assert caller.told[0][0] - ended < 3.0, "seconds from the last word to the first sound"
        assert [told["event"] for _, told in caller.told].count("clear") == 0
        span = caller.told[mark][0] - caller.told[0][0]
        assert abs(span - len(answer) / 8_000) < 0.5, "sent as it is played"
        await caller.send("stop", stop={"callSid": "CA1"})
        await caller.socket.wait_closed()
        assert caller.socket.close_code == 1000


async def test_barge_in_clears_and_the_next_answer_comes(served: Served) -> None:
    async with call(served, f"/twilio/{TOKEN}") as caller:
        await caller.start(greeting="Welcome. " * 12)
        await caller.until("media")
        await caller.speak(np.zeros(4000, np.float32))
        await caller.speak(said(0))
        clear = await caller.until("clear", 10.0)
        played = len(caller.heard(0, clear)) / 8_000
        assert played < 5.0, "the greeting takes longer"
        answer = await caller.until("mark", since=clear)
        assert is_speech(caller.heard(clear, answer))


async def test_keys_are_answered(served: Served) -> None:
    async with call(served) as caller:
        await caller.start(token=TOKEN)
        for digit in "4711#":
            await caller.send("dtmf", dtmf={"track": "inbound_track", "digit": digit})
        await caller.until("mark")
        assert is_speech(caller.heard())
    assert "4711" not in "".join(served.log)


@pytest.mark.parametrize(
    ("path", "token"), [("/twilio", ""), ("/twilio", "wrong"), ("/twilio/wrong", "")]
)
async def test_without_the_token_there_is_no_call(served: Served, path: str, token: str) -> None:
    async with call(served, path) as caller:
        await caller.start(token=token)
        await asyncio.wait_for(caller.socket.wait_closed(), 5)
        assert caller.socket.close_code == 1008
        assert "token" in (caller.socket.close_reason or "")
    with pytest.raises(InvalidStatus):  # other paths are still the guard's
        async with call(served, "/twilionothing"):
            pass


async def test_broken_messages_end_their_own_stream_alone(served: Served) -> None:
    async with call(served) as good, call(served) as bad:
        await good.start(token=TOKEN)
        await bad.start(token=TOKEN)
        await bad.socket.send("[" * 50_000)
        await asyncio.wait_for(bad.socket.wait_closed(), 5)
        assert bad.socket.close_code == 1007
        await good.speak(said(2))
        await good.until("mark")
        assert is_speech(good.heard())


# AudioSocket, as docs.asterisk.org describes it: one byte of kind, two of length (big-endian), then
# the payload: 0x01 the call's UUID, 0x10 signed linear 8 kHz little-endian, 0x03 DTMF, 0x00 the end.


class Asterisk:
    """Asterisk's side of a call."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.told: list[tuple[float, int, bytes]] = []
        self.reading = asyncio.create_task(self._read())
        self._due = time.monotonic()

    @staticmethod
    async def dial(served: Served, call: bytes | None = None) -> Asterisk:
        port = served.ports["audiosocket"]
        line = Asterisk(*await asyncio.open_connection("127.0.0.1", port))
        line.send(0x01, call or uuid.uuid4().bytes)
        return line

    def send(self, kind: int, payload: bytes = b"") -> None:
        self.writer.write(struct.pack(">BH", kind, len(payload)) + payload)

    async def _read(self) -> None:
        while True:
            try:
                kind, length = struct.unpack(">BH", await self.reader.readexactly(3))
                payload = await self.reader.readexactly(length)
            except (asyncio.IncompleteReadError, ConnectionError):
                return
            self.told.append((time.monotonic(), kind, payload))

    async def speak(self, sound: Audio) -> None:
        for begin in range(0, len(sound), PIECE):
            self.send(0x10, to_pcm16(sound[begin : begin + PIECE]))
            self._due += 0.02
            await asyncio.sleep(max(0.0, self._due - time.monotonic()))

    def heard(self) -> Audio:
        return from_pcm16(b"".join(data for _, kind, data in self.told if kind == 0x10))

    async def until_quiet(self, limit_s: float = 30.0) -> None:
        """Sends silence until something was said, and nothing more for a second."""
        async with asyncio.timeout(limit_s):
            while not self.told or time.monotonic() - self.told[-1][0] < 1.0:
                await self.speak(np.zeros(PIECE, np.float32))

    async def hang_up(self) -> None:
        self.send(0x00)
        await asyncio.wait_for(self.reading, 5)
        self.writer.close()


async def test_audiosocket_answers_a_spoken_question(served: Served) -> None:
    line = await Asterisk.dial(served)
    await line.speak(np.zeros(4000, np.float32))
    await line.speak(said(0))
    ended = time.monotonic()
    await line.until_quiet()
    assert is_speech(line.heard()) and line.told[0][0] - ended < 3.0
    assert {len(data) for _, kind, data in line.told if kind == 0x10} <= set(range(2, 322, 2))
    await line.hang_up()
    assert line.told[-1][1] == 0x00


async def test_audiosocket_stops_for_barge_in(served: Served) -> None:
    """Nothing that was sent can be taken back, but no more than the lead was."""
    line = await Asterisk.dial(served)
    await line.speak(said(1))
    async with asyncio.timeout(20):
        while not line.told:
            await line.speak(np.zeros(PIECE, np.float32))
    whole = line.heard()
    await line.speak(said(0))
    await line.until_quiet()
    assert len(line.heard()) > len(whole)
    line.send(0x03, b"x")
    await asyncio.wait_for(line.reading, 5)
    assert [kind for _, kind, _ in line.told][-2:] == [0xFF, 0x00]
    line.writer.close()


async def test_an_audiosocket_that_never_says_who_it_is(served: Served) -> None:
    port = served.ports["audiosocket"]
    began = time.monotonic()
    silent = Asterisk(*await asyncio.open_connection("127.0.0.1", port))
    rude = Asterisk(*await asyncio.open_connection("127.0.0.1", port))
    rude.send(0x10, bytes(320))
    await asyncio.wait_for(rude.reading, 3)
    assert [kind for _, kind, _ in rude.told] == [0xFF, 0x00]
    await asyncio.wait_for(silent.reading, 10)
    assert 4 < time.monotonic() - began < 8
    for line in (silent, rude):
        line.writer.close()
    line = await Asterisk.dial(served)
    await line.speak(said(2))
    await line.until_quiet()
    assert is_speech(line.heard())
    await line.hang_up()


def test_the_program_ends_calls_as_it_ends(tmp_path: Path) -> None:
    """SIGTERM in mid-speech: the answer is finished, then Twilio gets 1012 and Asterisk its end."""

    async def calls(running: Served) -> tuple[int | None, Audio, int]:
        line = await Asterisk.dial(running)
        async with call(running) as caller:
            await caller.start(greeting="Your order will arrive on Monday.")
            first = await caller.until("media")
            assert first >= 0
            ending = asyncio.create_task(asyncio.to_thread(running.end))
            try:
                while not caller.socket.close_code:
                    await caller.speak(np.zeros(PIECE, np.float32))
                    await line.speak(np.zeros(PIECE, np.float32))
            except ConnectionClosed:
                pass
            assert await ending == 0
            await asyncio.wait_for(line.reading, 5)
            line.writer.close()
            return caller.socket.close_code, caller.heard(), line.told[-1][1]

    with serve("--audiosocket-port", "0") as running:
        code, sound, last = asyncio.run(calls(running))
    assert (code, last) == (1012, 0x00)
    assert is_speech(sound) and len(sound) > 8_000, "it was said to its end"
