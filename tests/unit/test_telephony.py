"""Telephones: G.711, Twilio's Media Streams and AudioSocket, with a scripted engine in virtual time."""

from __future__ import annotations

import asyncio
import json
import logging
import struct
import uuid
from typing import Any

import numpy as np
import pytest

from tests.unit.server_parts import TOKEN, TwilioCaller, connection, server_state
from voice_local.audio import g711 as mulaw
from voice_local.audio.types import Audio
from voice_local.bench.scripted import ScriptedEngine
from voice_local.conversation import events
from voice_local.conversation.responder import Reply
from voice_local.engine.api import Understanding
from voice_local.server import sender
from voice_local.server.logs import JsonLines
from voice_local.server.pool import FAILED, ServedSession
from voice_local.server.state import ServerState
from voice_local.server.telephony import audiosocket, twilio
from voice_local.server.telephony.audiosocket import AudioSocketService, Kind, frame
from voice_local.server.telephony.call import Ending
from voice_local.skills.intents import Intent
from voice_local.skills.request import Request
from voice_local.skills.router import IntentRouter

pytestmark = pytest.mark.unit
LONG = " ".join(["The first part has some words."] * 12)


# G.711.


@pytest.mark.parametrize(
    ("code", "value"),
    [(0x00, -32124), (0x80, 32124), (0xFF, 0), (0x7F, 0), (0xFE, 8), (0x7E, -8), (0xEF, 132), (0xF0, 120), (0x8F, 16764), (0xDF, 396)],
)  # fmt: skip
def test_mulaw_values_of_itu(code: int, value: int) -> None:
    """G.711 table 2 (14-bit values times four)."""
    assert round(float(mulaw.from_mulaw(bytes([code]))[0]) * 32768) == value


@pytest.mark.parametrize(
    ("code", "value"),
    [(0xD5, 8), (0x55, -8), (0xAA, 32256), (0x2A, -32256), (0xD4, 24), (0xC5, 264), (0x80, 5504)],
)
def test_alaw_values_of_itu(code: int, value: int) -> None:
    """G.711 table 1 (13-bit values times eight)."""
    assert round(float(mulaw.from_alaw(bytes([code]))[0]) * 32768) == value


def test_every_code_comes_back_as_it_was() -> None:
    codes = bytes(range(256))
    assert mulaw.to_alaw(mulaw.from_alaw(codes)) == codes
    again = mulaw.to_mulaw(mulaw.from_mulaw(codes))
    assert again == codes.replace(b"\x7f", b"\xff"), "but for minus nought"


@pytest.mark.parametrize("law", ["mulaw", "alaw"])
def test_speech_level_keeps_38_db(law: str) -> None:
    """G.712 wants 33 dB or more of signal over distortion for a tone between 0 and -30 dBm0."""
    tone = (0.2 * np.sin(2 * np.pi * 1020 * np.arange(8000) / 8000)).astype(np.float32)
    coded = getattr(mulaw, f"from_{law}")(getattr(mulaw, f"to_{law}")(tone))
    noise = np.sqrt(np.mean((coded - tone) ** 2))
    assert 20 * np.log10(np.sqrt(np.mean(tone**2)) / noise) > 36


def test_what_is_too_loud_is_cut_and_what_is_no_number_is_silence() -> None:
    wild = np.array([2.0, -2.0, np.nan, np.inf, -np.inf], np.float32)
    assert mulaw.to_mulaw(wild) == bytes([0x80, 0x00, 0xFF, 0x80, 0x00])
    assert mulaw.to_pcm16(wild) == struct.pack("<5h", 32767, -32768, 0, 32767, -32768)


# Twilio.


def pitch(sound: Audio, rate: int = 8000) -> float:
    """The loudest frequency, in Hz."""
    return float(np.fft.rfftfreq(len(sound), 1 / rate)[np.abs(np.fft.rfft(sound)).argmax()])


async def test_a_spoken_question_is_answered_at_the_speed_of_sound() -> None:
    engine = ScriptedEngine(transcripts=["what is up"], answers=["The sky."])
    caller = TwilioCaller(server_state(engine))
    caller.start()
    await caller.speak(1.0)
    await caller.until("turn")
    sound = caller.heard()
    assert abs(len(sound) / 8000 - 0.012 * len("The sky.")) < 0.05
    assert float(np.abs(sound).max()) > 0.2 and abs(pitch(sound) - 187.5) < 12
    assert caller.kinds() == ["media", "turn"]
    (served,) = caller.state.pool.open_sessions
    assert served.id == "CA1", "handlers know the call"
    await caller.end()
    assert caller.closed == (1000, "the caller or the network ended it")
    assert not caller.state.pool.open_sessions


async def test_no_more_is_sent_ahead_than_the_server_allows() -> None:
    caller = TwilioCaller(server_state(ScriptedEngine(answers=[LONG]), lead_ms=100))
    caller.start()
    await caller.speak(1.0)
    await caller.until("turn")
    times = [at for at, told in caller.sent if told["event"] == "media"]
    lead = [0.02 * number - (at - times[0]) for number, at in enumerate(times)]
    assert len(times) > 100 and max(lead) <= 0.11, max(lead)
    await caller.end()


async def test_barge_in_drops_what_twilio_has_queued() -> None:
    engine = ScriptedEngine(transcripts=["tell me", "stop that please"], answers=[LONG, "Fine."])
    caller = TwilioCaller(server_state(engine))
    caller.start()
    await caller.speak(1.0)
    await caller.until("media")
    await caller.silence(0.5)
    await caller.speak(1.5)
    await caller.until("clear")
    cleared = caller.kinds().index("clear")
    assert caller.kinds()[: cleared + 1] == ["media", "clear"]
    number = next(n for n, (_, told) in enumerate(caller.sent) if told["event"] == "clear")
    assert len(caller.heard()[: 8000 * 60]) < 0.7 * 0.012 * len(LONG) * 8000
    await caller.silence(3.0)
    after = caller.heard(number)
    assert len(after) and pitch(after) > 250, "only the next answer sounds after that"
    await caller.end()


async def test_a_cancelled_answer_is_cleared() -> None:
    caller = TwilioCaller(server_state(ScriptedEngine(answers=[LONG])))
    caller.start()
    await caller.speak(1.0)
    await caller.until("media")
    (served,) = caller.state.pool.open_sessions
    served.session.cancel_response()
    await caller.until("clear", 1.0)
    count = len(caller.heard())
    await caller.silence(1.0)
    assert len(caller.heard()) == count
    await caller.end()


def keep_events(monkeypatch: pytest.MonkeyPatch) -> list[events.Event]:
    """Every event of any session."""
    told: list[events.Event] = []
    real = ServedSession.events

    async def keeping(self: ServedSession) -> Any:
        async for event in real(self):
            told.append(event)
            yield event

    monkeypatch.setattr(ServedSession, "events", keeping)
    return told


async def test_keys_are_events_and_together_a_typed_turn(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    told = keep_events(monkeypatch)
    caplog.set_level(logging.DEBUG, "voice_local")
    engine = ScriptedEngine(answers=["Thanks.", "And thanks."])
    caller = TwilioCaller(server_state(engine, log_transcripts=True))
    caller.start()
    for key in "9*4711#":
        caller.send("dtmf", dtmf={"track": "inbound_track", "digit": key})
    await caller.until("turn")
    said = [event.record.user_text for event in told if isinstance(event, events.TurnEnded)]
    keys = "".join(event.key for event in told if isinstance(event, events.KeyPressed))
    assert (said, keys) == (["4711"], "9*4711#")
    caller.send("dtmf", dtmf={"digit": "5"})
    await caller.silence(5.0)
    said = [event.record.user_text for event in told if isinstance(event, events.TurnEnded)]
    assert said == ["4711", "5"], "a pause ends a number, too"
    await caller.end()
    lines = "\n".join(JsonLines().format(record) for record in caplog.records)
    assert "a key was pressed" in lines and '"turn"' in lines
    assert "4711" not in lines and "thanks" not in lines


def acting(action: str, text: str = "Very well, goodbye.") -> IntentRouter:
    """Handlers of which that of farewells wants `action`."""
    router = IntentRouter(0.5, 1.0)
    router.register(Intent.FAREWELL, lambda request: Reply(text, action, {"to": "+15550100"}))
    return router


def leaving() -> ScriptedEngine:
    return ScriptedEngine(
        transcripts=["bye"], meant=[Understanding("farewell", 0.95, "neutral", 0.9)]
    )


async def test_a_handler_hangs_up_once_its_words_were_heard() -> None:
    caller = TwilioCaller(server_state(leaving(), acting("hang_up")))
    caller.start()
    await caller.speak(1.0)
    await caller.until("hang_up")
    assert caller.kinds() == ["media", "turn", "hang_up"] and caller.closed is None
    caller.send("mark", mark={"name": "hang_up"})
    async with asyncio.timeout(0.5):
        await caller.serving
    assert caller.closed == (1000, "a handler hung up")


async def test_a_caller_who_says_goodbye_is_answered_and_the_call_ends() -> None:
    caller = TwilioCaller(server_state(leaving(), acting("", "Goodbye, and thank you.")))
    caller.start()
    await caller.speak(1.0)
    await caller.until("hang_up")
    assert caller.kinds() == ["media", "turn", "hang_up"]
    caller.send("mark", mark={"name": "hang_up"})
    await caller.serving
    assert caller.closed and len(caller.heard()) > 1600


async def test_a_caller_who_talks_of_goodbyes_stays() -> None:
    engine = leaving()
    engine.transcripts = ["she said goodbye to me"]
    caller = TwilioCaller(server_state(engine, acting("", "I see.")))
    caller.start()
    await caller.speak(1.0)
    await caller.until("turn")
    await caller.silence(2.0)
    assert "hang_up" not in caller.kinds() and caller.closed is None
    await caller.end()


async def test_a_mark_that_never_comes_back_holds_no_call() -> None:
    caller = TwilioCaller(server_state(leaving(), acting("hang_up")))
    caller.start()
    await caller.speak(1.0)
    await caller.until("hang_up")
    began = asyncio.get_running_loop().time()
    await caller.serving
    assert asyncio.get_running_loop().time() - began < 4 and caller.closed


async def test_a_transfer_is_a_mark_and_the_stream_goes_on() -> None:
    told: list[tuple[str, events.Event]] = []
    state = server_state(leaving(), acting("transfer"))
    host = ServerState.of(state.assistant, "127.0.0.1", lambda *event: told.append(event))
    caller = TwilioCaller(host)
    caller.start()
    await caller.speak(1.0)
    await caller.until("transfer")
    await caller.silence(1.0)
    assert not any(isinstance(event, events.ActionDue) for _, event in told)
    caller.send("mark", mark={"name": "transfer"})
    await caller.silence(5.0)
    assert caller.closed is None and caller.kinds() == ["media", "turn", "transfer"]
    due = [one for one in told if isinstance(one[1], events.ActionDue)]
    assert due == [("CA1", events.ActionDue("transfer", {"to": "+15550100"}))]
    await caller.end()


@pytest.mark.parametrize("action", ["hang_up", "transfer"])
async def test_a_caller_who_speaks_over_its_words_takes_an_action_back(action: str) -> None:
    engine = leaving()
    engine.transcripts = ["bye", "wait I have one more question"]
    engine.meant = [Understanding("farewell", 0.95), Understanding("none", 0.9)]
    engine.answers = ["Ask away."]
    caller = TwilioCaller(server_state(engine, acting(action, LONG)))
    caller.start()
    await caller.speak(1.0)
    await caller.until("media")
    await caller.silence(0.5)
    await caller.speak(1.5)
    await caller.until("clear")
    await caller.silence(6.0)
    assert caller.closed is None and caller.kinds() == ["media", "clear", "media", "turn"]
    await caller.end()


async def test_a_late_handler_hangs_up_once_its_words_were_heard() -> None:
    async def slow(request: Request) -> Reply:
        await asyncio.sleep(4.0)
        return Reply("You are booked, goodbye.", "hang_up")

    router = IntentRouter(0.5, 1.0)
    router.register(Intent.BILLING, slow, side_effects=True)
    engine = ScriptedEngine(transcripts=["pay my bill"], meant=[Understanding("billing", 0.95)])
    caller = TwilioCaller(server_state(engine, router))
    caller.start()
    await caller.speak(1.0)
    async with asyncio.timeout(20):
        while "hang_up" not in caller.kinds():
            await caller.silence(0.2)
    assert caller.kinds() == ["media", "turn", "media", "turn", "hang_up"]
    caller.send("mark", mark={"name": "hang_up"})
    await caller.serving


async def test_a_turn_in_which_the_caller_hangs_up_is_counted_once() -> None:
    caller = TwilioCaller(server_state(ScriptedEngine(answers=[LONG])))
    caller.start()
    await caller.speak(1.0)
    await caller.until("media")
    await caller.silence(0.5)
    await caller.end()
    told = caller.state.metrics.text()
    assert b'voice_local_turns_total{handled_by="llm"} 1.0' in told
    assert b"voice_local_turns_interrupted_total 1.0" in told


async def test_a_call_whose_session_fails_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    caller = TwilioCaller(server_state(ScriptedEngine()))
    caller.start()
    await caller.silence(0.5)
    monkeypatch.setattr(caller.state.pool, "why_to_end", lambda served: FAILED)
    await caller.silence(2.0)
    await caller.serving
    assert caller.closed == (1011, "its session failed")


async def test_an_idle_call_ends_with_the_server() -> None:
    caller = TwilioCaller(server_state(ScriptedEngine()))
    caller.start()
    await caller.silence(0.5)
    await caller.state.pool.drain()
    await caller.serving
    assert caller.closed == (1012, "the server ends")
    assert caller.state.pool.open_sessions == set()


async def test_a_host_program_that_fails_ends_no_call(caplog: pytest.LogCaptureFixture) -> None:
    state = server_state(ScriptedEngine(answers=["Yes."]))

    def broken(conversation_id: str, event: events.Event) -> None:
        raise ValueError(conversation_id)

    caller = TwilioCaller(ServerState.of(state.assistant, "127.0.0.1", broken))
    caller.start()
    await caller.speak(1.0)
    await caller.until("turn")
    assert "on_event failed" in caplog.text and caller.closed is None
    await caller.end()


async def test_a_greeting_comes_first() -> None:
    state = server_state(ScriptedEngine(), telephone_greeting="Welcome to the shop.")
    caller = TwilioCaller(state)
    caller.start()
    await caller.until("turn", 5.0)
    assert abs(len(caller.heard()) / 8000 - 0.012 * 20) < 0.05
    await caller.end()
    other = TwilioCaller(state)
    other.start(greeting="Hi.")
    await other.until("turn", 5.0)
    assert abs(len(other.heard()) / 8000 - 0.012 * 3) < 0.03
    await other.end()


@pytest.mark.parametrize("way", ["parameter", "path", "header"])
async def test_the_token_comes_by_three_ways(way: str) -> None:
    state = server_state(ScriptedEngine(), token=TOKEN)
    caller = TwilioCaller(state, TOKEN if way == "path" else "", TOKEN if way == "header" else "")
    caller.start(**({"token": TOKEN} if way == "parameter" else {}))
    await caller.silence(0.2)
    assert caller.closed is None and len(state.pool.open_sessions) == 1
    await caller.end()


@pytest.mark.parametrize("token", ["", "wrong", "correct-horse-batterx", "ütf"])
async def test_without_the_token_the_stream_is_closed(
    token: str, caplog: pytest.LogCaptureFixture
) -> None:
    state = server_state(ScriptedEngine(), token=TOKEN)
    caller = TwilioCaller(state, path=token)
    caller.start(token=token)
    await caller.serving
    assert caller.closed and caller.closed[0] == 1008 and not state.pool.open_sessions
    assert TOKEN not in caplog.text and (not token or token not in caplog.text)
    assert b'refused_total{reason="token"} 1.0' in state.metrics.text()


DEEP = "[" * 30_000

BROKEN = {
    "no JSON": "{",
    "no object": "[]",
    "no event": "{}",
    "an event that is none": '{"event": 7}',
    "deep": DEEP,
    "too long": json.dumps({"event": "media", "media": {"payload": "A" * 70_000}}),
    "media that is none": '{"event": "media", "media": []}',
    "no base64": '{"event": "media", "media": {"payload": "@@@@"}}',
    "odd base64": '{"event": "media", "media": {"payload": "AAA"}}',
    "payload of a number": '{"event": "media", "media": {"payload": 7}}',
    "no key": '{"event": "dtmf", "dtmf": {"digit": "x"}}',
    "keys at once": '{"event": "dtmf", "dtmf": {"digit": "12"}}',
    "a mark that is none": '{"event": "mark", "mark": "x"}',
}


@pytest.mark.parametrize("what", BROKEN)
async def test_what_is_no_message_ends_the_stream_and_no_other(what: str) -> None:
    state = server_state(ScriptedEngine(answers=["Yes."]))
    caller, other = TwilioCaller(state), TwilioCaller(state)
    for one in (caller, other):
        one.start()
    await caller.silence(0.1)
    caller.text(BROKEN[what])
    async with asyncio.timeout(5.0):
        await caller.serving
    assert caller.closed and caller.closed[0] == 1007 and len(caller.closed[1].encode()) <= 123
    await other.speak(1.0)
    await other.until("turn")
    await other.end()


async def test_binary_messages_and_wrong_formats_are_refused() -> None:
    state = server_state(ScriptedEngine())
    caller = TwilioCaller(state)
    caller.start()
    caller.incoming.put_nowait({"type": "websocket.receive", "bytes": b"\x00"})
    await caller.serving
    assert caller.closed and caller.closed[0] == 1007
    wrong = TwilioCaller(state)
    form = {"encoding": "audio/x-l16", "sampleRate": 16000}
    wrong.send("start", start={"streamSid": "MZ0", "mediaFormat": form})
    await wrong.serving
    assert wrong.closed and "audio/x-mulaw" in wrong.closed[1]


async def test_a_stream_that_never_starts_is_closed() -> None:
    caller = TwilioCaller(server_state(ScriptedEngine()))
    await caller.serving
    assert caller.closed == (1008, "no start message within 5 s")
    assert asyncio.get_running_loop().time() < 6


async def test_what_twilio_may_yet_add_is_passed_over() -> None:
    caller = TwilioCaller(server_state(ScriptedEngine()))
    caller.start()
    caller.send("weather", weather="fine")
    caller.send("media", media={"track": "outbound", "payload": "@@"})
    await caller.silence(0.2)
    assert caller.closed is None
    await caller.end()


async def test_a_reader_that_stops_reading_is_closed_within_bounds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    longest = 0
    real = sender.Sender.put

    def counting(self: sender.Sender, message: Any, *, sound: bool = False) -> None:
        nonlocal longest
        real(self, message, sound=sound)
        longest = max(longest, len(self))

    monkeypatch.setattr(sender.Sender, "put", counting)
    state = server_state(ScriptedEngine(answers=[LONG * 8]))
    caller = TwilioCaller(state)
    caller.start()
    await caller.speak(1.0)
    await caller.until("media")
    caller.reads.clear()
    began = asyncio.get_running_loop().time()
    while state.pool.open_sessions:
        await caller.silence(0.1)
        assert asyncio.get_running_loop().time() - began < 12
    assert 100 < longest <= sender.MOST_WAITING
    caller.reads.set()
    await caller.serving
    assert caller.closed == (1008, "the client does not read")


async def test_one_session_over_the_cap_is_refused_at_once() -> None:
    state = server_state(ScriptedEngine(answers=["Yes."]), max_sessions=1)
    caller, over = TwilioCaller(state), TwilioCaller(state)
    caller.start()
    await asyncio.sleep(0.1)
    over.start()
    await over.serving
    assert over.closed and over.closed[0] == 1013
    await caller.speak(1.0)
    await caller.until("turn")
    await caller.end()


async def test_two_calls_of_one_name_are_two_conversations() -> None:
    state = server_state(ScriptedEngine())
    callers = [TwilioCaller(state) for _ in range(2)]
    for one in callers:
        one.start()
    await asyncio.sleep(0.1)
    assert len({one.id for one in state.pool.open_sessions}) == 2
    for one in callers:
        await one.end()


async def test_lost_packets_leave_the_time_as_it_is() -> None:
    state = server_state(ScriptedEngine())
    caller = TwilioCaller(state)
    caller.start()
    for _ in range(20):
        await caller.speak(0.1)
        caller.lose(1)
        await asyncio.sleep(0.02)
    (served,) = state.pool.open_sessions
    assert 2.2 < served.session.heard_s <= 2.4, "2.0 s came"
    caller.lose(500)
    await caller.speak(0.1)
    assert served.session.heard_s < 2.7, "a long hole is none of the sound's"
    await caller.end()


async def test_a_flood_is_read_no_faster_than_time_passes() -> None:
    state = server_state(ScriptedEngine(transcripts=[""]))
    caller = TwilioCaller(state)
    caller.start()
    for _ in range(100 * 50):
        caller.media(np.zeros(160, np.float32))
    await asyncio.sleep(10.0)
    (served,) = state.pool.open_sessions
    assert 10 < served.session.heard_s < 16
    await caller.serving if caller.closed else None
    caller.incoming.put_nowait({"type": "websocket.disconnect", "code": 1006})
    await asyncio.sleep(100.0)
    assert not state.pool.open_sessions


# AudioSocket.

CALL = uuid.UUID("40325ec2-5efd-4bd3-805f-53576e581d13")
NAMED = frame(Kind.UUID, CALL.bytes)


def loud(seconds: float, rate: int = 8000) -> bytes:
    noise = np.random.default_rng(3).uniform(-0.3, 0.3, int(seconds * rate))
    return mulaw.to_pcm16(noise.astype(np.float32))


def frames_of(data: bytes | bytearray) -> list[tuple[int, bytes]]:
    """The frames that a client reads."""
    found = []
    while data:
        kind, length = struct.unpack(">BH", data[:3])
        assert len(data) >= 3 + length
        found.append((kind, bytes(data[3 : 3 + length])))
        data = data[3 + length :]
    return found


class Asterisk:
    """One connection of an Asterisk."""

    def __init__(self, engine: ScriptedEngine, router: IntentRouter | None = None) -> None:
        self.state = server_state(engine, router)
        made, self.reader, self.writer = connection()
        self.serving = asyncio.create_task(AudioSocketService(self.state).serve(made))

    async def sound(self, data: bytes, kind: int = 0x10, per_s: int = 16_000) -> None:
        """Sends it as it is recorded."""
        for begin in range(0, len(data), per_s // 50):
            self.reader.feed_data(frame(kind, data[begin : begin + per_s // 50]))
            await asyncio.sleep(0.02)

    @property
    def heard(self) -> bytes:
        return b"".join(data for kind, data in frames_of(self.writer.data) if kind == 0x10)

    async def answered(self) -> None:
        async with asyncio.timeout(20):
            while not self.heard:
                await self.sound(bytes(1600))


async def test_audiosocket_answers_until_the_caller_hangs_up() -> None:
    line = Asterisk(ScriptedEngine(answers=["The sky."]))
    for byte in NAMED:  # a frame may come in any pieces
        line.reader.feed_data(bytes([byte]))
        await asyncio.sleep(0.1)
    await line.sound(loud(1.0))
    await line.answered()
    (served,) = line.state.pool.open_sessions
    assert served.id == str(CALL)
    await line.sound(bytes(16_000))
    sound = mulaw.from_pcm16(line.heard)
    assert abs(len(sound) / 8000 - 0.096) < 0.05 and abs(pitch(sound) - 187.5) < 12
    line.reader.feed_data(frame(Kind.HANG_UP))
    await line.serving
    assert frames_of(line.writer.data)[-1] == (0, b"") and not line.state.pool.open_sessions


async def test_audiosocket_takes_higher_rates_and_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    told = keep_events(monkeypatch)
    line = Asterisk(ScriptedEngine(answers=["Yes."]))
    line.reader.feed_data(NAMED)
    await line.sound(loud(1.0, 16_000), 0x12, 32_000)
    (served,) = line.state.pool.open_sessions
    assert abs(served.session.heard_s - 1.0) < 0.1
    line.reader.feed_data(b"".join(frame(Kind.DTMF, bytes([key])) for key in b"42#"))
    await line.answered()
    said = [event.text for event in told if isinstance(event, events.UserSaid)]
    assert "42" in said
    line.reader.feed_eof()
    await line.serving


async def test_a_handler_hangs_up_on_audiosocket() -> None:
    line = Asterisk(leaving(), acting("hang_up"))
    line.reader.feed_data(NAMED)
    await line.sound(loud(1.0))
    async with asyncio.timeout(10):
        while not line.serving.done():
            await line.sound(bytes(1600))
    assert len(line.heard) / 16_000 > 0.2, "its words were said before"
    assert frames_of(line.writer.data)[-1] == (0, b"")


async def test_a_connection_that_never_says_who_it_is_is_closed() -> None:
    line = Asterisk(ScriptedEngine())
    await line.serving
    assert asyncio.get_running_loop().time() < 6 and frames_of(line.writer.data) == [(0, b"")]


@pytest.mark.parametrize(
    "data",
    [
        frame(0x10, bytes(320)),
        frame(Kind.UUID, bytes(15)),
        frame(Kind.UUID),
        NAMED + NAMED,
        NAMED + frame(0x10, bytes(321)),
        NAMED + frame(Kind.DTMF, b"x"),
        NAMED + frame(Kind.DTMF),
        NAMED + frame(Kind.DTMF, b"11"),
    ],
    ids=["sound first", "short UUID", "no UUID", "two", "half a sample", "no key", "none", "11"],
)  # fmt: skip
async def test_a_frame_that_cannot_be_is_answered_by_an_error(data: bytes) -> None:
    line = Asterisk(ScriptedEngine())
    line.reader.feed_data(data)
    async with asyncio.timeout(2):
        await line.serving
    assert frames_of(line.writer.data) == [(0xFF, b"\x02"), (0, b"")]
    assert not line.state.pool.open_sessions


async def test_an_unknown_kind_is_passed_over_and_a_cut_frame_is_the_end() -> None:
    line = Asterisk(ScriptedEngine())
    line.reader.feed_data(NAMED + frame(0x42, bytes(99)) + frame(0x10, bytes(320))[:100])
    await asyncio.sleep(1.0)
    assert line.state.pool.open_sessions
    line.reader.feed_eof()
    await line.serving
    assert not line.state.pool.open_sessions


async def test_a_call_whose_sound_stops_is_over() -> None:
    line = Asterisk(ScriptedEngine())
    line.reader.feed_data(NAMED)
    await line.serving
    assert asyncio.get_running_loop().time() < audiosocket.FRAME_S + 6


async def test_an_asterisk_that_stops_reading_is_closed() -> None:
    line = Asterisk(ScriptedEngine(answers=[LONG * 8]))
    line.reader.feed_data(NAMED)
    await line.sound(loud(1.0))
    await line.answered()
    line.writer.reads.clear()
    async with asyncio.timeout(sender.STALL_S + 2):
        while not line.serving.done():
            await line.sound(bytes(1600))
    assert not line.state.pool.open_sessions


def test_names_are_those_of_the_documentation() -> None:
    """docs.asterisk.org, AudioSocket; twilio.com/docs/voice/media-streams."""
    assert frame(Kind.HANG_UP) == b"\0\0\0" and frame(Kind.UUID, CALL.bytes)[:3] == b"\1\0\x10"
    assert frame(Kind.SOUND, bytes(320))[:3] == b"\x10\x01\x40"
    assert twilio.CODES.keys() == set(Ending)
