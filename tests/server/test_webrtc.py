"""The Realtime API over WebRTC: a real peer connection on this machine, and offers that are none."""

from __future__ import annotations

import asyncio
import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, MediaStreamError

from tests.server.serving import Served, question, serve

pytestmark = pytest.mark.server
PIECE = 480


@pytest.fixture(scope="module")
def only() -> Iterator[Served]:
    """A server with room for one session."""
    with serve(SERVER__MAX_SESSIONS="1") as running:
        yield running


@pytest.fixture
def server(only: Served) -> Served:
    """The same, without a session."""
    wait_for_place(only)
    return only


def wait_for_place(server: Served) -> None:
    """Until the place of a client that has gone is free."""
    until = time.monotonic() + 30
    while 'voice_local_sessions{protocol="realtime"} 1.0' in server.ask("/metrics")[1]:
        assert time.monotonic() < until, "the session of a client that has gone is still there"
        time.sleep(0.2)


class Said(AudioStreamTrack):
    """A microphone: what is said, then silence. 24 kHz."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self._samples = np.frombuffer(data, dtype="<i2")
        self._at, self._count = 10**9, 0

    def begin(self) -> None:
        self._at = self._count

    async def recv(self) -> av.AudioFrame:
        await asyncio.sleep(0.0195)
        piece = np.zeros(PIECE, dtype=np.int16)
        start = self._count - self._at
        if 0 <= start < len(self._samples):
            part = self._samples[start : start + PIECE]
            piece[: len(part)] = part
        frame = av.AudioFrame.from_ndarray(piece.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 24_000, self._count, Fraction(1, 24_000)
        self._count += PIECE
        return frame


async def listen(track: Any, heard: list[np.ndarray[Any, Any]]) -> None:
    resampler = av.AudioResampler(format="s16", layout="mono", rate=16_000)
    try:
        while True:
            for part in resampler.resample(await track.recv()):
                heard.append(part.to_ndarray().reshape(-1).copy())
    except MediaStreamError:
        return


async def test_a_spoken_turn_over_webrtc(server: Served, tmp_path: Path) -> None:
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    microphone = Said(question(tmp_path, "where is my order"))
    heard: list[np.ndarray[Any, Any]] = []
    told: list[dict[str, Any]] = []
    listening: list[asyncio.Task[None]] = []
    peer.addTrack(microphone)
    peer.on("track", lambda track: listening.append(asyncio.create_task(listen(track, heard))))
    channel = peer.createDataChannel("oai-events")
    channel.on("message", lambda message: told.append(json.loads(message)))
    await peer.setLocalDescription(await peer.createOffer())
    status, answer = server.ask(
        "/v1/realtime/calls", {"Content-Type": "application/sdp"}, peer.localDescription.sdp
    )
    assert status == 201
    await peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))

    async def until(kind: str) -> dict[str, Any]:
        async with asyncio.timeout(60):
            while not (found := [event for event in told if event["type"] == kind]):
                await asyncio.sleep(0.02)
        return dict(found[0])

    await until("session.created")
    audio = {"input": {"transcription": {"model": "any"}}}
    session = {"type": "realtime", "audio": audio}
    channel.send(json.dumps({"type": "session.update", "session": session}))
    await until("session.updated")
    microphone.begin()
    words = await until("conversation.item.input_audio_transcription.completed")
    assert words["transcript"] == "where is my order"
    done = await until("response.done")
    assert done["response"]["status"] == "completed"
    await until("output_audio_buffer.stopped")
    kinds = [event["type"] for event in told]
    assert "response.output_audio.delta" not in kinds, "the sound is on the track"
    assert kinds.index("output_audio_buffer.started") < kinds.index("output_audio_buffer.stopped")
    sound = np.concatenate(heard).astype(np.float32) / 32768
    loud = np.abs(sound) > 0.02
    assert loud.sum() > 8000, "half a second of it is loud"
    await peer.close()
    for task in listening:
        task.cancel()


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/sdp", "", 400),
        ("application/sdp", "v=0\r\nm=nonsense\r\n", 400),
        ("application/sdp", "x" * 400_000, 413),
        ("multipart/form-data; boundary=b", "--b\r\nbroken", 400),
    ],
)
def test_offers_that_are_none(server: Served, kind: str, body: str, status: int) -> None:
    for _ in range(2):  # the first has kept no place
        answered, text = server.ask("/v1/realtime/calls", {"Content-Type": kind}, body)
        assert answered == status and "Traceback" not in text
    assert server.ask("/readyz")[0] == 200


async def test_one_call_too_many_and_hanging_up(server: Served) -> None:
    offers = []
    for _ in range(3):
        peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        peer.addTrack(Said(b""))
        peer.createDataChannel("oai-events")
        await peer.setLocalDescription(await peer.createOffer())
        offers.append(peer)
    kind = {"Content-Type": "application/sdp"}

    def call(peer: RTCPeerConnection) -> tuple[int, str, str]:
        body = peer.localDescription.sdp.encode()
        url = f"http://{server.host}/v1/realtime/calls"
        request = urllib.request.Request(url, body, kind)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.headers["Location"], answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, "", error.read().decode()

    status, where, _ = await asyncio.to_thread(call, offers[0])
    assert status == 201 and where.startswith("/v1/realtime/calls/rtc_")
    status, _, text = await asyncio.to_thread(call, offers[1])
    assert status == 503 and "capacity" in text
    assert (await asyncio.to_thread(server.ask, f"{where}/hangup", {}, ""))[0] == 200
    assert (await asyncio.to_thread(server.ask, f"{where}/hangup", {}, ""))[0] == 404
    await asyncio.to_thread(wait_for_place, server)
    status, where, _ = await asyncio.to_thread(call, offers[2])
    assert status == 201
    await asyncio.to_thread(server.ask, f"{where}/hangup", {}, "")
    for peer in offers:
        await peer.close()
