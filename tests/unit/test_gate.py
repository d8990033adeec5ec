"""What reaches the loudspeaker and when, what may stop it, and which of the user's words stand."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice_local.config import ConversationSettings
from voice_local.conversation.input.interim import (
    Agreement,
    common_prefix,
)
from voice_local.conversation.input.interruption import (
    Verdict,
    classify_interruption,
)
from voice_local.conversation.output.gate import (
    AHEAD_S,
    HELD_SEGMENTS,
    SpeculationGate,
)
from voice_local.conversation.output.speech_queue import (
    SpeechQueue,
)
from voice_local.engine.api import SpeechChunk

pytestmark = pytest.mark.unit
RATE = 16_000
OWN = ["Your parcel is", "on its way."]


def sound(seconds: float = 0.5) -> SpeechChunk:
    """A segment's sound."""
    return SpeechChunk(np.full(int(seconds * RATE), 0.3, dtype=np.float32), RATE)


class Outlet:
    """An outlet before its loudspeaker, and what it told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, bool]] = []
        self.loudspeaker = SpeechQueue(RATE)
        self.held = SpeculationGate(
            self.loudspeaker, lambda text, audible: self.told.append((text, audible))
        )

    async def send_all(self, *texts: str, seconds: float = 0.5) -> None:
        """Sends segments one after the other."""
        for text in texts:
            await self.held.send(sound(seconds), text)


async def test_nothing_passes_before_it_opens() -> None:
    outlet = Outlet()
    await outlet.send_all("One.")
    await asyncio.sleep(10)
    assert outlet.told == [] and outlet.loudspeaker.queued_s == 0 and outlet.loudspeaker.drained
    outlet.held.open()
    assert outlet.told == [("One.", True)]
    assert outlet.loudspeaker.queued_s == 0.5 and outlet.loudspeaker.busy


async def test_only_so_much_is_made_ahead_of_the_commit() -> None:
    outlet, sent = Outlet(), []

    async def synthesize() -> None:
        for number in range(5):
            sent.append(number)
            await outlet.send_all(str(number))

    work = asyncio.create_task(synthesize())
    await asyncio.sleep(10)
    assert HELD_SEGMENTS == 2 and len(sent) == HELD_SEGMENTS and not work.done()
    outlet.held.open()
    assert [text for text, _ in outlet.told] == ["0", "1"], (
        "what is ready is handed over at once, in order"
    )
    await work
    assert [text for text, _ in outlet.told] == ["0", "1", "2", "3", "4"]


async def test_pieces_of_a_clause_count_as_one() -> None:
    outlet, sent = Outlet(), []

    async def synthesize() -> None:
        for number in range(5):
            for text, remaining_s in ((str(number), 1.0), ("", 0.5), ("", 0.0)):
                sent.append(number)
                await outlet.held.send(replace(sound(0.1), is_final=not remaining_s), text)

    work = asyncio.create_task(synthesize())
    await asyncio.sleep(10)
    assert sent == [0, 0, 0, 1, 1, 1], "two whole clauses"
    outlet.held.open()
    await work
    assert [text for text, _ in outlet.told] == ["0", "1", "2", "3", "4"]


async def test_once_open_clauses_pass_at_once() -> None:
    outlet = Outlet()
    outlet.held.open()
    assert outlet.told == []
    await outlet.send_all("One.", "Two.")
    assert outlet.told == [("One.", True), ("Two.", True)]


async def test_a_piece_without_words_is_not_told() -> None:
    outlet = Outlet()
    outlet.held.open()
    await outlet.send_all("One.", "")
    assert outlet.told == [("One.", True)] and outlet.loudspeaker.queued_s == 1.0


async def test_words_without_sound_are_told_in_their_place() -> None:
    outlet = Outlet()
    await outlet.send_all("One.")
    outlet.held.show("Two.")
    assert outlet.told == []
    outlet.held.open()
    outlet.held.show("Three.")
    assert outlet.told == [("One.", True), ("Two.", False), ("Three.", False)]
    assert outlet.loudspeaker.queued_s == 0.5


async def test_a_turn_that_is_over_is_neither_heard_nor_told() -> None:
    outlet = Outlet()
    outlet.held.open()
    outlet.loudspeaker.flush()
    await outlet.send_all("Late.")
    assert outlet.told == [] and outlet.loudspeaker.queued_s == 0


async def test_only_its_own_generation_is_finished() -> None:
    outlet = Outlet()
    other = SpeculationGate(outlet.loudspeaker, lambda text, audible: None)
    outlet.held.open()
    other.open()
    outlet.held.finish()
    assert outlet.loudspeaker.busy
    other.finish()
    assert outlet.loudspeaker.drained


async def test_synthesis_rests_while_enough_waits() -> None:
    outlet = Outlet()
    outlet.held.open()
    work = asyncio.create_task(outlet.send_all(*"abcdef", seconds=2.0))
    await asyncio.sleep(10)
    assert len(outlet.told) == 3 and AHEAD_S == 6.0, "with the gaps that is more"
    outlet.loudspeaker.pull(3 * RATE)
    await asyncio.sleep(0.2)
    assert len(outlet.told) == 5
    outlet.loudspeaker.pull(10 * RATE)
    await work
    assert len(outlet.told) == 6


@pytest.mark.parametrize(
    ("text", "unsure", "final"),
    [
        ("", Verdict.WAIT, Verdict.FALSE_ALARM),
        (" ... ", Verdict.WAIT, Verdict.FALSE_ALARM),
        ("okay", Verdict.WAIT, Verdict.BACKCHANNEL),
        ("Yeah, right.", Verdict.WAIT, Verdict.BACKCHANNEL),
        ("uh-huh", Verdict.WAIT, Verdict.BACKCHANNEL),
        ("okay but wait", Verdict.INTERRUPTION, Verdict.INTERRUPTION),
        ("stop", Verdict.INTERRUPTION, Verdict.INTERRUPTION),
        ("your parcel is", Verdict.WAIT, Verdict.OWN_VOICE),
        ("Is on its way", Verdict.WAIT, Verdict.OWN_VOICE),
        ("parcel is on time", Verdict.WAIT, Verdict.OWN_VOICE),
        ("parcel is too late", Verdict.INTERRUPTION, Verdict.INTERRUPTION),
        ("parcel", Verdict.INTERRUPTION, Verdict.INTERRUPTION),
        ("where is my order", Verdict.INTERRUPTION, Verdict.INTERRUPTION),
        ("Mm-hmm.", Verdict.WAIT, Verdict.BACKCHANNEL),
    ],
)
def test_what_words_over_an_answer_mean(text: str, unsure: Verdict, final: Verdict) -> None:
    assert classify_interruption(text, OWN, ConversationSettings(), final=False) is unsure
    assert classify_interruption(text, OWN, ConversationSettings(), final=True) is final


def test_backchannels_are_a_setting() -> None:
    never = ConversationSettings(resume_backchannels=False)
    other = ConversationSettings(backchannels=("genau",))
    for final in (False, True):
        assert classify_interruption("okay", [], never, final) is Verdict.INTERRUPTION
        assert classify_interruption("okay", [], other, final) is Verdict.INTERRUPTION
    assert classify_interruption("Genau.", [], other, True) is Verdict.BACKCHANNEL


def test_without_own_words_nothing_is_an_echo() -> None:
    assert (
        classify_interruption("your parcel is", [], ConversationSettings(), True)
        is Verdict.INTERRUPTION
    )


def test_words_two_passes_agree_on_are_stable() -> None:
    agreement = Agreement()
    assert agreement.update("where") == ("", "where")
    assert agreement.update("where is") == ("where", "is")
    assert agreement.update("where was my") == ("where", "was my")
    assert agreement.update("where was my order") == ("where was my", "order")
    assert agreement.update("there was my order") == ("where was my", "order"), (
        "what is stable stays"
    )
    assert agreement.update("there was my order now") == ("where was my", "order now")
    assert agreement.update("") == ("where was my", "")


PASSES = st.lists(st.lists(st.sampled_from("abc"), max_size=6).map(" ".join), max_size=12)


@settings(deadline=None)
@given(PASSES)
def test_the_stable_part_only_ever_grows(passes: list[str]) -> None:
    agreement, before, last = Agreement(), [""], ""
    for text in passes:
        stable, tentative = agreement.update(text)
        words = stable.split()
        assert words[: len(before[-1].split())] == before[-1].split()
        if stable != before[-1]:
            assert text.startswith(stable) and last.startswith(stable), "both passes told it"
        assert tentative.split() == text.split()[len(words) :]
        before.append(stable)
        last = text


@settings(deadline=None)
@given(st.lists(st.sampled_from("ab")), st.lists(st.sampled_from("ab")))
def test_a_common_prefix(left: list[str], right: list[str]) -> None:
    same = common_prefix(left, right)
    assert left[: len(same)] == right[: len(same)] == same == common_prefix(right, left)
    assert len(same) in (len(left), len(right)) or left[len(same)] != right[len(same)]
