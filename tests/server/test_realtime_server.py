"""`voice-local serve` with the embedded models: real connections, faults, and its end."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import os
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile as sf
import soxr
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.server.serving import Served, question, serve

pytestmark = pytest.mark.server
TOKEN = "a-token-of-enough-characters"
HEADERS = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    """One server for all tests of this file."""
    with serve(SERVER__TOKEN=TOKEN, SERVER__MAX_SESSIONS="4") as running:
        yield running


@asynccontextmanager
async def session(server: Served, **how: Any) -> AsyncIterator[ClientConnection]:
    """A Realtime connection after its first events."""
    how.setdefault("additional_headers", HEADERS)
    url = f"ws://{server.host}/v1/realtime?model=any"
    async with connect(url, max_size=None, **how) as socket:
        assert json.loads(await socket.recv())["type"] == "session.created"
        yield socket


async def send(socket: ClientConnection, kind: str, **fields: Any) -> None:
    await socket.send(json.dumps({"type": kind, **fields}))


async def until(socket: ClientConnection, kind: str, limit_s: float = 60) -> dict[str, Any]:
    """The next event of a kind; `sound` of it: all speech before it."""
    sound = b""
    async with asyncio.timeout(limit_s):
        while True:
            event: dict[str, Any] = json.loads(await socket.recv())
            if event["type"] == "response.output_audio.delta":
                sound += base64.b64decode(event["delta"])
            if event["type"] == kind:
                return {**event, "sound": sound}


async def typed(socket: ClientConnection, text: str) -> dict[str, Any]:
    """A typed turn's end."""
    content = [{"type": "input_text", "text": text}]
    item = {"type": "message", "role": "user", "content": content}
    await send(socket, "conversation.item.create", item=item)
    await send(socket, "response.create")
    return await until(socket, "response.done")


async def test_a_spoken_question_is_answered(server: Served, tmp_path: Path) -> None:
    async with session(server) as socket:
        audio = {"input": {"transcription": {"model": "any"}}}
        await send(socket, "session.update", session={"type": "realtime", "audio": audio})
        data = question(tmp_path, "where is my order")
        for at in range(0, len(data), 4800):
            piece = base64.b64encode(data[at : at + 4800]).decode()
            await send(socket, "input_audio_buffer.append", audio=piece)
            await asyncio.sleep(0.1)
        words = await until(socket, "conversation.item.input_audio_transcription.completed")
        assert words["transcript"] == "where is my order"
        done = await until(socket, "response.done")
        sound = np.frombuffer(done["sound"], dtype="<i2").astype(np.float32) / 32768
        assert len(sound) > 24_000 and 0.01 < float(np.sqrt((sound**2).mean())) < 0.5


async def test_the_simple_socket(server: Served, tmp_path: Path) -> None:
    data = np.frombuffer(question(tmp_path, "where is my order"), dtype="<i2").astype(np.float32)
    pcm = (soxr.resample(data / 32768, 24_000, 16_000) * 32767).astype("<i2").tobytes()
    for kind in ("wav", "opus", "pcm"):
        told: list[dict[str, Any]] = []
        files: list[bytes] = []
        url = f"ws://{server.host}/ws?audio={kind}"
        async with connect(url, additional_headers=HEADERS) as socket:
            for at in range(0, len(pcm), 3200):
                await socket.send(pcm[at : at + 3200])
                await asyncio.sleep(0.1)
            async with asyncio.timeout(30):
                while sum(map(len, files)) < (48_000 if kind == "pcm" else 1):
                    message = await socket.recv()
                    if isinstance(message, bytes):
                        files.append(message)
                    else:
                        told.append(json.loads(message))
        finals = [
            event["text"] for event in told if event["type"] == "transcript" and event["final"]
        ]
        assert finals == ["where is my order"]
        assert any(event["type"] == "response_text" for event in told)
        if kind == "pcm":
            sound, rate = np.frombuffer(b"".join(files), dtype="<i2") / 32768, 24_000
        else:
            sound, rate = sf.read(io.BytesIO(files[0]), dtype="float32")
        assert len(sound) / rate > 0.5 and float(np.abs(sound).max()) > 0.05


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Authorization": "Bearer ek_unknown"}, 401),
        ({**HEADERS, "Origin": "https://evil.example"}, 403),
        ({**HEADERS, "Host": "evil.example"}, 403),
    ],
)
async def test_who_may_not_connect(server: Served, headers: dict[str, str], status: int) -> None:
    answered, text = server.ask("/v1/realtime/client_secrets", headers, {})
    assert answered == status and TOKEN not in text
    if "Host" in headers:
        return  # the client library sets its own
    with pytest.raises(InvalidStatus) as refused:
        async with connect(f"ws://{server.host}/v1/realtime", additional_headers=headers):
            pass
    assert refused.value.response.status_code == status
    async with session(server):
        pass  # whoever may connect still can


async def test_a_browser_connects_with_a_client_secret(server: Served) -> None:
    body = {"session": {"type": "realtime", "instructions": "Speak of ships."}}
    _, text = server.ask("/v1/realtime/client_secrets", HEADERS, body)
    made = json.loads(text)
    secret = made["value"]
    assert secret.startswith("ek_") and made["session"]["instructions"] == "Speak of ships."
    protocols = ["realtime", f"openai-insecure-api-key.{secret}"]
    async with connect(f"ws://{server.host}/v1/realtime", subprotocols=protocols) as socket:  # type: ignore[arg-type]
        created = json.loads(await socket.recv())
        assert socket.subprotocol == "realtime"
        assert created["session"]["instructions"] == "Speak of ships."


async def test_one_session_too_many_harms_no_other(server: Served) -> None:
    async with session(server) as first, session(server), session(server), session(server):
        async with connect(f"ws://{server.host}/v1/realtime", additional_headers=HEADERS) as fifth:
            with pytest.raises(ConnectionClosed):
                await asyncio.wait_for(fifth.recv(), 10)
            assert fifth.close_code == 1013
        done = await typed(first, "hello")
        assert done["response"]["status"] == "completed"


async def test_a_flood_and_garbage_leave_the_server_well(server: Served) -> None:
    async with session(server) as socket:
        silence = base64.b64encode(bytes(96_000)).decode()
        began = time.monotonic()
        for _ in range(100):  # 200 s of sound at once
            await send(socket, "input_audio_buffer.append", audio=silence)
        await socket.send("[" * 100_000)
        await socket.send(b"\x00\x01")
        await until(socket, "error", 120)
        await until(socket, "error", 120)
        assert time.monotonic() - began < 120
        assert (await typed(socket, "hello"))["response"]["status"] == "completed"


def _worker_of(process: subprocess.Popen[str]) -> int:
    found = subprocess.run(
        ["pgrep", "-P", str(process.pid), "-f", "engine.worker"],
        capture_output=True,
        text=True,
        check=True,
    )
    return int(found.stdout.split()[0])


async def test_the_worker_is_killed_in_mid_answer(server: Served) -> None:
    """The same socket is answered again. An answer of which nothing is lost is completed."""
    async with session(server) as socket:
        content = [{"type": "input_text", "text": "tell me a long story about a dog"}]
        item = {"type": "message", "role": "user", "content": content}
        await send(socket, "conversation.item.create", item=item)
        await send(socket, "response.create")
        await until(socket, "response.output_audio.delta")
        before = _worker_of(server.process)
        os.kill(before, signal.SIGKILL)
        killed_at = time.monotonic()
        done = await until(socket, "response.done", 60)
        assert done["response"]["status"] in ("failed", "completed")
        again = await typed(socket, "hello")
        print(f"good again {time.monotonic() - killed_at:.1f} s after the kill")
        assert again["response"]["status"] == "completed" and len(again["sound"]) > 10_000
        assert _worker_of(server.process) != before


async def test_sigterm_in_mid_speech_lets_the_answer_end(server: Served) -> None:
    """The last of this file: it ends the server."""
    async with session(server) as socket:
        content = [{"type": "input_text", "text": "what can you do"}]
        item = {"type": "message", "role": "user", "content": content}
        await send(socket, "conversation.item.create", item=item)
        await send(socket, "response.create")
        await until(socket, "response.output_audio.delta")
        server.process.terminate()
        done = await until(socket, "response.done")
        assert done["response"]["status"] == "completed"
        with pytest.raises(ConnectionClosed):
            while True:
                await asyncio.wait_for(socket.recv(), 20)
        assert socket.close_code == 1012
    assert await asyncio.to_thread(server.process.wait, 30) == 0
