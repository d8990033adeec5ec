"""Conversations at random, in virtual time, and what has to be true of each of them.

    python -m tests.unit.random_conversations --count 10000 [--seed 1]

runs so many and prints what was in them; a failing one is shown as the shortest list of steps that
fails, with the seed that finds it again.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
import time
from collections import Counter
from typing import Any

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.unit.talker import Talker
from voice_local.bench.scripted import ScriptedEngine
from voice_local.bench.virtual_time import VirtualLoop
from voice_local.conversation import events
from voice_local.conversation.event_queue import CAPACITY
from voice_local.conversation.output.gate import AHEAD_S, HELD_SEGMENTS
from voice_local.conversation.responder import Reply
from voice_local.engine.api import Transcript, Understanding
from voice_local.errors import EngineBusyError, StageError, WorkerDiedError
from voice_local.skills.request import Request
from voice_local.skills.router import IntentRouter

STEPS = 8
"""Of one conversation, at most."""

SETTLES_S, QUIET_S = 60.0, 1.5
"""After the last step silence follows: whatever is under way has to end in the first, and to stay
ended for the second."""

ANSWERS = (
    "Yes.",
    "The first part is here and it has some words. The second part is quite a bit longer.",
    "Well, that is a question that many people ask. Is that what you wanted to know?",
)
FAULTS = (
    WorkerDiedError("gone"),
    EngineBusyError("full"),
    StageError("out of memory"),
)
SAID: Counter[str] = Counter()
"""What has happened in all conversations of this process, for the report."""


class Shop:
    """A handler with side effects, and when it was called with which words."""

    def __init__(self, lasts_s: float) -> None:
        self.calls: list[tuple[float, str]] = []
        self.finished = 0
        self._lasts_s = lasts_s
        self.router = IntentRouter(0.6, 1.0)
        self.router.register("home_control", self.order)

    async def order(self, request: Request) -> Reply:
        """Takes `lasts_s`."""
        self.calls.append((asyncio.get_running_loop().time(), request.text))
        await asyncio.sleep(self._lasts_s)
        self.finished += 1
        return Reply("Your order is placed.", "order", {"text": request.text})


class Numbered(ScriptedEngine):
    """Gives every transcript words of its own, so that it can be told whose a call was."""

    def _next(self, stage: str, argument: object, script: Any) -> object:
        found = super()._next(stage, argument, script)
        if stage == "stt" and isinstance(found, str) and found.endswith("#"):
            made = sum(1 for name, _ in self.calls if name == "stt")
            return f"{found[:-1]} {made}"
        return found


def _listed(pool: Any, least: int = 1, most: int = 5) -> Any:
    return st.lists(pool, min_size=least, max_size=most)


class RandomConversation(RuleBasedStateMachine):
    """Steps of the user, the host program and the engine, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self._loop = VirtualLoop()
        asyncio.set_event_loop(self._loop)

    @initialize(
        transcripts=_listed(
            st.sampled_from(
                [
                    *["hello #", "order some bread #", "yes", "the first part is", "stop #"] * 2,
                    "",
                    Transcript("unsure", "en", 0.2, -3.0),
                    *FAULTS,
                ]
            )
        ),
        meant=_listed(
            st.sampled_from(
                [
                    *[Understanding("home_control", 0.9, "neutral", 0.8, 0.9)] * 5,
                    Understanding("greeting", 0.9, "joy", 0.8, 0.95),
                    Understanding("out_of_scope", 0.9, "neutral", 0.9, 0.3),
                    *FAULTS,
                ]
            )
        ),
        answers=_listed(st.sampled_from([*ANSWERS * 3, *FAULTS])),
        sounds=_listed(
            st.sampled_from(
                [*[None] * 6, *FAULTS, *((n, fault) for n in (1, 3) for fault in FAULTS[::2])]
            )
        ),
        stt_s=st.sampled_from([0.0, 0.05, 0.4, 1.5]),
        token_s=st.sampled_from([0.0, 0.01, 0.1]),
        segment_s=st.sampled_from([0.0, 0.05, 0.3]),
        piece_s=st.sampled_from([0.0, 0.2]),
        handler_s=st.sampled_from([0.0, 0.3, 4.0]),
        echo=st.sampled_from([0.0, 0.0, 0.8]),
        changed=st.sampled_from([{}, {"barge_in": False}, {"speculate": False}, {"dips": False}]),
    )
    def begin(self, **drawn: Any) -> None:
        """A new conversation."""
        handler_s, echo = drawn.pop("handler_s"), drawn.pop("echo")
        changed = drawn.pop("changed")
        self.engine = Numbered(intent_s=0.02, **drawn)
        self.shop = Shop(handler_s)
        self.bounds_broken: list[str] = []
        self.typed = 0
        self._do(self._begin(echo, changed))

    async def _begin(self, echo: float, changed: dict[str, Any]) -> None:
        self.talker = Talker(
            self.engine, self.shop.router, lambda seconds: echo, conversation=changed
        )

    def _do(self, work: Any) -> None:
        self._loop.run_until_complete(work)

    @rule(seconds=st.sampled_from([0.06, 0.2, 0.4, 0.8, 1.6]))
    def speaks(self, seconds: float) -> None:
        """The user makes a sound."""
        self._do(self._step(seconds, True))

    @rule(seconds=st.sampled_from([0.06, 0.13, 0.25, 0.4, 0.8, 1.5, 3.0]))
    def is_quiet(self, seconds: float) -> None:
        """The user is silent."""
        self._do(self._step(seconds, False))

    @rule(gap=st.sampled_from([0.1, 0.2, 0.4, 0.7]), after=st.sampled_from([0.4, 1.0]))
    def goes_on_after_a_pause(self, gap: float, after: float) -> None:
        """The user says something in two parts."""
        self._do(self._step(0.4, True))
        self._do(self._step(gap, False))
        self._do(self._step(0.3, True))
        self._do(self._step(after, False))

    @rule(seconds=st.sampled_from([0.2, 0.5, 1.0]), after=st.sampled_from([0.3, 0.8, 2.0]))
    def talks_over_the_answer(self, seconds: float, after: float) -> None:
        """The user waits until the assistant speaks, and says something."""
        self._do(self._talk_over(seconds, after))

    async def _talk_over(self, seconds: float, after: float) -> None:
        for _ in range(60):
            if self.talker.queue.queued_s > 0:
                break
            await self.talker.step(0.064, False)
        await self._step(0.13, False)
        await self._step(seconds, True)
        await self._step(after, False)

    @rule(seconds=st.sampled_from([0.1, 0.6, 2.0]))
    def sends_nothing(self, seconds: float) -> None:
        """No sound comes from the client, and it goes on playing."""
        self._do(self._without_sound(seconds))

    @rule(text=st.sampled_from(["tell me more", "a typed order"]))
    def types(self, text: str) -> None:
        """A typed turn."""
        self.typed += 1
        words = f"{text} {self.typed}"
        self._do(self._call(lambda: self.talker.session.push_text(words)))

    @rule()
    def announces(self) -> None:
        """The host program lets something be said."""
        self._do(self._call(lambda: self.talker.session.say("Listen to this please.")))

    @rule()
    def cancels(self) -> None:
        """The host program ends the answer."""
        self._do(self._call(lambda: self.talker.session.cancel_response()))

    @rule()
    def commits(self) -> None:
        """The client says that the turn is over."""
        self._do(self._call(lambda: self.talker.session.commit_input()))

    @rule()
    def clears(self) -> None:
        """The client takes its words back."""
        self._do(self._call(lambda: self.talker.session.clear_input()))

    async def _call(self, call: Any) -> None:
        call()
        await asyncio.sleep(0)

    async def _step(self, seconds: float, speaks: bool) -> None:
        await self.talker.step(seconds, speaks)
        self._check_bounds()

    async def _without_sound(self, seconds: float) -> None:
        await self.talker.play(seconds)
        self._check_bounds()

    def _check_bounds(self) -> None:
        session = self.talker.session
        longest_s = max(map(len, (*ANSWERS, "x" * 90))) * 0.012
        if len(session._events) > CAPACITY:
            self.bounds_broken.append("events")
        if session.queue.queued_s > AHEAD_S + (HELD_SEGMENTS + 1) * longest_s:
            self.bounds_broken.append(f"speech queue: {session.queue.queued_s:.1f} s")
        if len(session._turns._responses) > 12:
            self.bounds_broken.append(f"{len(session._turns._responses)} responses")

    def teardown(self) -> None:
        """Silence until everything has ended, then the checks."""
        try:
            if hasattr(self, "talker"):
                self._do(self._finish())
        finally:
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.close()

    async def _finish(self) -> None:
        talker = self.talker
        waited_s = quiet_s = 0.0
        while quiet_s < QUIET_S:
            assert waited_s < SETTLES_S, "a turn is still going on"
            await talker.step(0.5, False)
            waited_s += 0.5
            quiet_s = 0.0 if talker.session.busy else quiet_s + 0.5
        await talker.run()  # closes it, and checks order, history and sound
        assert not self.bounds_broken, self.bounds_broken
        self._check_turns()
        self._check_side_effects()
        left = [
            task
            for task in asyncio.all_tasks()
            if task is not asyncio.current_task() and not task.done()
        ]
        assert not left, f"still waiting: {left}"
        SAID["conversations"] += 1
        for _, event in talker.told:
            SAID[type(event).__name__] += 1
        SAID["orders"] += len(self.shop.calls)

    def _check_turns(self) -> None:
        """Each committed turn ends exactly once, or was merged into the next."""
        told = [event for _, event in self.talker.told]
        ended = Counter(e.place.turn_id for e in told if isinstance(e, events.TurnEnded))
        merged = {e.place.turn_id for e in told if isinstance(e, events.TurnMerged)}
        begun = {
            e.place.turn_id for e in told if isinstance(e, events.UserSaid | events.AssistantSays)
        }
        assert all(count == 1 for count in ended.values()), ended
        assert begun == {*ended, *merged} & begun and not {*ended} & merged, (begun, ended, merged)

    def _check_side_effects(self) -> None:
        """At most once for any words, never before they were committed, and to their end."""
        said = [(at, e.text) for at, e in self.talker.told if isinstance(e, events.UserSaid)]
        for at, text in self.shop.calls:
            assert any(told <= at and text in words for told, words in said), (text, said)
        counted = Counter(text for _, text in self.shop.calls)
        for text, count in counted.items():
            assert count <= sum(text in words for _, words in said), counted
        assert self.shop.finished == len(self.shop.calls)


def run(count: int, number: int | None = None, *, shrinks: bool = True) -> None:
    """Runs `count` conversations; raises what a failing one raised. `number`: the seed."""
    phases = (Phase.generate, Phase.shrink) if shrinks else (Phase.generate,)
    machine: Any = RandomConversation
    if number is not None:
        machine = seed(number)(RandomConversation)
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=count,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            phases=phases,
            derandomize=number is None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    logging.disable(logging.WARNING)  # of handlers that take long, as they are meant to
    began = time.monotonic()
    run(options.count, options.seed)
    spent = time.monotonic() - began
    print(
        f"seed {options.seed}: {SAID['conversations']} conversations in {spent:.0f} s, none failed"
    )
    print(", ".join(f"{name} {SAID[name]}" for name in sorted(SAID)), file=sys.stdout)


if __name__ == "__main__":
    main()
