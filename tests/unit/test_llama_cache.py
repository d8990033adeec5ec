"""Which prompts' beginnings are kept: nothing is read twice, and nobody's is lost for another's."""

from __future__ import annotations

import random

import pytest

from voice_local.stages.llm.llama_cache import (
    PrefixCache,
    Slot,
    common,
)

pytestmark = pytest.mark.unit
SYSTEM = list(range(100, 120))


class Context:
    """What llama.cpp would hold; checks that nothing impossible is asked of it. `goes_back`: parts
    can be forgotten."""

    def __init__(self, sequences: int, goes_back: bool = True) -> None:
        self.held: list[list[int]] = [[] for _ in range(sequences)]
        self.goes_back = goes_back
        self.read = 0

    def forget(self, sequence: int, position: int = 0) -> bool:
        assert 0 <= position <= len(self.held[sequence])
        if position and not self.goes_back:
            return False
        del self.held[sequence][position:]
        return True

    def share(self, source: int, target: int, count: int) -> None:
        assert source != target and not self.held[target] and count <= len(self.held[source])
        self.held[target] = self.held[source][:count]

    def ask(self, cache: PrefixCache, tokens: list[int], answer: int = 0) -> Slot:
        """Reads a prompt and writes `answer` tokens after it."""
        slot = cache.claim(tokens)
        assert slot.tokens == tokens[: len(slot.tokens)] == self.held[slot.sequence]
        assert len(slot.tokens) < len(tokens), (
            "the last token has to be read: what follows it is not kept"
        )
        new = tokens[len(slot.tokens) :]
        self.read += len(new)
        written = [9000 + number for number in range(answer)]
        self.held[slot.sequence] += [*new, *written]
        slot.tokens += [*new, *written]
        return slot


def made(sequences: int = 4, goes_back: bool = True) -> tuple[Context, PrefixCache]:
    context = Context(sequences, goes_back)
    cache = PrefixCache(context, sequences)
    cache.pin(context.ask(cache, SYSTEM))
    context.read = 0
    return context, cache


def test_the_start_of_all_conversations_is_read_once() -> None:
    context, cache = made()
    for number in range(50):
        context.ask(cache, [*SYSTEM, 1000 + number, 2000 + number], answer=5)
    assert context.read == 100


def test_a_conversation_goes_on_where_it_was() -> None:
    context, cache = made()
    prompt = [*SYSTEM, 1, 2]
    for number in range(10):
        slot = context.ask(cache, prompt, answer=7)
        prompt = [*slot.tokens, 500 + number, 600 + number]
    assert context.read == 2 + 9 * 2
    assert sum(bool(held) for held in context.held) == 2, "one slot for it, one for the start"


def test_an_interrupted_answer_is_forgotten_from_there() -> None:
    context, cache = made()
    slot = context.ask(cache, [*SYSTEM, 1, 2], answer=30)
    heard = slot.tokens[: len(SYSTEM) + 2 + 10]
    context.read = 0
    context.ask(cache, [*heard, 77, 78])
    assert context.read == 2


def test_other_work_does_not_cost_a_conversation_its_past() -> None:
    """D8: a summary has other instructions; what the conversation had read stays."""
    context, cache = made()
    slot = context.ask(cache, [*SYSTEM, *range(300)], answer=20)
    past = list(slot.tokens)
    context.ask(cache, [*range(5000, 5200)], answer=40)
    context.read = 0
    context.ask(cache, [*past, 8, 9])
    assert context.read == 2


def test_conversations_side_by_side_keep_theirs() -> None:
    context, cache = made(sequences=6)
    prompts = [[*SYSTEM, 1000 * talk, 1] for talk in range(1, 5)]
    for turn in range(10):
        for talk, prompt in enumerate(prompts):
            prompts[talk] = [*context.ask(cache, prompt, answer=5).tokens, 10 * talk, turn]
    assert context.read == 4 * 10 * 2


def test_what_was_used_longest_ago_goes_first_and_the_start_last() -> None:
    context, cache = made()
    slots = [context.ask(cache, [*SYSTEM, talk, 1], answer=50) for talk in (1, 2, 3)]
    context.ask(cache, [*slots[0].tokens, 7])
    assert cache.make_room(slots[0]) and not slots[1].tokens and slots[2].tokens
    assert cache.make_room(slots[0]) and not slots[2].tokens
    assert any(slot.pinned for slot in cache.slots)
    assert cache.make_room(slots[0]) and not any(slot.pinned for slot in cache.slots)
    assert not cache.make_room(slots[0]) and slots[0].tokens


def test_a_memory_that_cannot_go_back_is_read_anew() -> None:
    context, cache = made(goes_back=False)
    slot = context.ask(cache, [*SYSTEM, 1, 2], answer=5)
    context.ask(cache, [*slot.tokens, 3])
    context.ask(cache, [*SYSTEM, 1, 4])


def test_anything_may_be_asked_in_any_order() -> None:
    rng = random.Random(7)
    context, cache = made(sequences=5)
    talks: list[list[int]] = [[*SYSTEM] for _ in range(9)]
    for _ in range(2000):
        talk = rng.randrange(9)
        prompt = [*talks[talk], *(rng.randrange(50) for _ in range(rng.randint(1, 9)))]
        if rng.random() < 0.1:
            prompt = prompt[: rng.randint(1, len(prompt))]
        if rng.random() < 0.05:
            cache.make_room(cache.slots[rng.randrange(5)])
        talks[talk] = list(context.ask(cache, prompt, answer=rng.randint(0, 5)).tokens)[:200]
    assert all(slot.tokens == held for slot, held in zip(cache.slots, context.held, strict=True))


def test_common_beginnings() -> None:
    assert [
        common([], [1]),
        common([1, 2], [1, 3]),
        common([1], [1, 2]),
        common([1, 2], [1, 2]),
    ] == [0, 1, 1, 2]
