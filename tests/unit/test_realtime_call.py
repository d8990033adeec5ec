"""A call over WebRTC, client and server in one process: what the page's calls need beside OpenAI's
events."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import numpy as np
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack

from tests.unit.realtime_client import RATE, RealtimeClient
from tests.unit.server_parts import server_state
from voice_local.bench.scripted import ScriptedEngine
from voice_local.server.pool import SERVER_ENDS
from voice_local.server.realtime.speech_track import SpeechTrack
from voice_local.server.realtime.webrtc import CHANNEL, Call

pytestmark = pytest.mark.unit


class Caller:
    """A client without a microphone. `told`: what it was told."""

    def __init__(self, *, extended: bool, **settings: Any) -> None:
        self.state = server_state(ScriptedEngine(), **settings)
        self.told: list[dict[str, Any]] = []
        self.gone = asyncio.Event()
        self._extended = extended
        self._peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._peer.addTrack(AudioStreamTrack())
        self.channel = self._peer.createDataChannel(CHANNEL)
        self.channel.on("message", lambda message: self.told.append(json.loads(message)))
        self.channel.on("close", self.gone.set)

    async def call(self) -> None:
        """Until the server has ended the call."""
        call = Call(self.state, "127.0.0.1", None, extended=self._extended)
        await self._peer.setLocalDescription(await self._peer.createOffer())
        answer = await call.answer(self._peer.localDescription.sdp)
        running = asyncio.create_task(call.run(self.state))
        await self._peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        try:
            async with asyncio.timeout(30):
                await running
                await self.gone.wait()
        finally:
            await self._peer.close()

    def kinds(self) -> list[str]:
        return [event["type"] for event in self.told]


@pytest.mark.parametrize("extended", [True, False])
async def test_a_call_is_told_why_the_server_ends_it(extended: bool) -> None:
    caller = Caller(extended=extended, idle_limit_s=2.0)
    await caller.call()
    kinds = caller.kinds()
    assert kinds[:2] == ["session.created", "conversation.created"]
    own = [kind for kind in kinds if kind.startswith("voice_local.")]
    if extended:
        assert own[0] == "voice_local.capabilities"
        assert own[-1] == "voice_local.ended" and caller.told[-1]["reason"].startswith("nothing")
    else:
        assert own == [], "a client that did not ask for them gets none"


async def test_a_call_is_told_that_the_server_ends() -> None:
    caller = Caller(extended=True)
    calling = asyncio.create_task(caller.call())
    async with asyncio.timeout(30):
        while not caller.told:
            await asyncio.sleep(0.05)
        await caller.state.pool.drain()
        await calling
    assert caller.told[-1] == {
        **caller.told[-1],
        "type": "voice_local.ended",
        "reason": SERVER_ENDS,
    }


async def test_sound_of_a_track_can_be_committed() -> None:
    engine = ScriptedEngine(transcripts=["what do ships carry"], answers=["Mostly boxes."])
    client = RealtimeClient(engine, speaker=SpeechTrack())
    await client.configure(
        audio={"input": {"turn_detection": None, "transcription": {"model": "x"}}}
    )
    await client.send("input_audio_buffer.commit")
    assert [one["code"] for one in client.errors] == ["input_audio_buffer_commit_empty"]
    noise = np.random.default_rng(3)
    for _ in range(40):
        client.realtime.hear(noise.uniform(-0.3, 0.3, RATE // 50).astype(np.float32), RATE)
        await asyncio.sleep(0.01)
    await client.send("input_audio_buffer.commit")
    await client.send("response.create")
    done = await client.until("response.done")
    assert len(client.errors) == 1 and done["response"]["status"] == "completed"
    words = client.of("conversation.item.input_audio_transcription.completed")[0]
    assert words["transcript"] == "what do ships carry"


async def test_names_in_an_offer_are_not_looked_up() -> None:
    """A browser's offer before its page may use the microphone: hidden addresses alone."""
    state = server_state(ScriptedEngine())
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    peer.addTrack(AudioStreamTrack())
    peer.createDataChannel(CHANNEL)
    await peer.setLocalDescription(await peer.createOffer())
    lines = []
    for line in peer.localDescription.sdp.splitlines():
        words = line.split(" ")
        if line.startswith("a=candidate:"):
            words[4] = "0b9b3f1c-1111-4222-8333-944444444444.local"
        lines.append(" ".join(words))
    assert any(".local" in line for line in lines)
    call = Call(state, "127.0.0.1", None)
    running = asyncio.create_task(call.run(state))
    try:
        answer = await call.answer("\r\n".join([*lines, ""]))
        await peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        async with asyncio.timeout(15):
            while peer.connectionState != "connected":
                await asyncio.sleep(0.02)
    finally:
        await peer.close()
        await call.aclose()
        await running
