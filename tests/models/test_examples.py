"""The example programs run as they stand, on the embedded models."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
import pytest

from tests.models.conftest import ROOT
from voice_local.audio.files import (
    read_audio,
)
from voice_local.audio.level import audible_span
from voice_local.audio.types import SAMPLE_RATE
from voice_local.local.demo import bundled
from voice_local.local.in_memory import pcm16

pytestmark = pytest.mark.models
EXAMPLES = ROOT / "examples"
TINY = ("--profile", "tiny")


def typed(*lines: str) -> list[str]:
    """What `authenticate` prints of a typed conversation."""
    done = subprocess.run(
        [sys.executable, EXAMPLES / "authenticate.py", "--text", *TINY],
        input="\n".join(lines) + "\n",
        capture_output=True,
        text=True,
        timeout=180,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_an_order_is_cancelled_for_who_knows_the_code() -> None:
    assert typed("cancel order AB1234", "4711", "cancel order CD5678") == [
        "to be done: request_auth {'intent': 'cancel_order'}",
        "assistant: What is your four digit code?",
        "to be done: cancelled {'order_number': 'AB1234'}",
        "assistant: The lamp is cancelled.",
        "to be done: cancelled {'order_number': 'CD5678'}",
        "assistant: The teapot is cancelled.",
    ]


def test_and_for_nobody_else() -> None:
    told = typed("cancel order AB1234", "one two three four", "hello")
    assert told[1] == "assistant: What is your four digit code?"
    assert (
        "to be done: auth_failed {'intent': 'cancel_order'}" in told
        and "cancelled" not in "".join(told)
    )


class Client:
    """One connection of the web socket.

    Attributes:
        told: the JSON it got. sound: the assistant's voice so far.
    """

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self.told: list[dict[str, Any]] = []
        self.sound = bytearray()
        self._reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for message in self._socket:
            if message.type is aiohttp.WSMsgType.BINARY:
                self.sound += message.data
            else:
                self.told.append(message.json())

    async def until(self, condition: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first event told that is one; silence is sent meanwhile."""
        async with asyncio.timeout(60):
            while not (found := [event for event in self.told if condition(event)]):
                await self.speak(np.zeros(SAMPLE_RATE // 50, dtype=np.float32))
        return found[0]

    async def speak(self, samples: Any) -> None:
        """Sends the microphone's sound in real time."""
        step = SAMPLE_RATE // 50
        for start in range(0, len(samples), step):
            await self._socket.send_bytes(pcm16(samples[start : start + step]))
            await asyncio.sleep(0.02)

    async def send(self, **command: object) -> None:
        """Sends JSON."""
        await self._socket.send_json(command)


async def hold_a_conversation(session: aiohttp.ClientSession, url: str) -> None:
    async with session.ws_connect(url) as socket:
        client = Client(socket)
        await client.speak(
            np.concatenate([np.zeros(SAMPLE_RATE // 2, np.float32), read_audio(bundled()[0])])
        )
        turn = await client.until(lambda event: event["event"] == "TurnEnded")
        assert (
            turn["intent"] == "check_order_status"
            and turn["assistant_text"]
            and turn["fallbacks"] == []
        )
        kinds = [event["event"] for event in client.told]
        assert kinds.index("UserSaid") < kinds.index("AssistantSays") < kinds.index("TurnEnded")
        voice = np.frombuffer(bytes(client.sound), dtype="<i2").astype(np.float32) / 32768
        assert (np.abs(voice) > 0.02).sum() / 24_000 > 0.3, "the assistant was heard"
        await client.send(
            say="One more thing that takes a while to be said, and then another one, and one more."
        )
        await client.until(
            lambda event: event["event"] == "AssistantSays" and event["text"].startswith("One more")
        )
        await client.send(interrupt=True)
        await client.until(lambda event: event["event"] == "Interrupted")
        await client.send(voice="nobody")
        assert (
            "unknown voice"
            in (await client.until(lambda event: event["event"] == "Error"))["cause"]
        )
        await socket.send_bytes(b"odd")
        await client.until(
            lambda event: event["event"] == "Error" and "whole 16-bit" in event["cause"]
        )
        await client.send(text="hello")
        typed = await client.until(
            lambda event: event["event"] == "TurnEnded" and event["user_text"] == "hello"
        )
        assert typed["assistant_text"]


async def test_two_people_talk_through_web_sockets(tmp_path: Path) -> None:
    with (tmp_path / "log").open("wb") as log:
        server = await asyncio.create_subprocess_exec(
            sys.executable,
            EXAMPLES / "web_socket.py",
            *TINY,
            "--port",
            "0",
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
        )
    assert server.stdout
    try:
        url = (await asyncio.wait_for(server.stdout.readline(), 120)).decode().strip()
        assert url.startswith("ws://127.0.0.1:"), (tmp_path / "log").read_text()
        async with aiohttp.ClientSession() as session:
            await asyncio.gather(
                hold_a_conversation(session, url), hold_a_conversation(session, url)
            )
            await hold_a_conversation(session, url)
    finally:
        server.send_signal(signal.SIGINT)
        await asyncio.wait_for(server.wait(), 20)
    assert "Traceback" not in (tmp_path / "log").read_text(), (tmp_path / "log").read_text()


def test_a_guide_with_instructions_a_handler_and_a_tool(tmp_path: Path) -> None:
    out = tmp_path / "guide.wav"
    done = subprocess.run(
        [sys.executable, EXAMPLES / "museum.py", *TINY, str(bundled()[0]), "--out", str(out)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert "TurnEnded(" in done.stdout and "check_order_status" in done.stdout
    sound = read_audio(out)
    begin, end = audible_span(sound, 16_000)
    assert end - begin > 8_000, "the guide has spoken"
