"""Twenty callers of one slow LLM, in a real worker process: who is answered, who is refused, and
that nothing is killed for it; then the worker is killed, and all go on.

    python -m tests.models.twenty_callers [--answer-s 20] [--callers 20]

runs it with the package's own limits, prints a line for each outcome, and ends with 1 where one is
not as it should be. The tests run the same with short answers.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass

from tests.models.fronts import ROOT, said, timed, worker
from tests.scripted_stages import Script, utterance
from voice_local.config import load
from voice_local.engine.api import TranscribeOptions
from voice_local.engine.client import EngineClient
from voice_local.engine.worker_engine import WorkerEngine
from voice_local.errors import EngineBusyError, WorkerDiedError

INTERIM = TranscribeOptions(interim=True)
SLACK_S = 0.5


@dataclass(frozen=True)
class Outcome:
    """What came of it, in a line, and whether that is as it should be."""

    good: bool
    line: str


def session(engine: EngineClient, number: int, turn: int) -> EngineClient:
    """The engine as one caller's."""
    return engine.of(f"session {number}", f"turn {turn}")


def told_of(counted: Counter[str]) -> str:
    """What came how often."""
    return "; ".join(f"{count} {what}" for what, count in counted.items()) or "none"


async def slow_answers(
    engine: WorkerEngine, callers: int, answer_s: float
) -> AsyncIterator[Outcome]:
    """All ask for an answer at once, and six utterances come meanwhile."""
    pid, patience = engine.pid, engine.context.queue_timeout_s
    answers = asyncio.gather(
        *(
            timed(said(session(engine, number, 1), Script(str(number), each_s=answer_s)))
            for number in range(callers)
        )
    )
    await asyncio.sleep(0.1)
    yield await finals_go_first(engine)
    done = await answers
    fit = sum(number * answer_s < patience for number in range(callers))
    answered = [told for told, _ in done if isinstance(told, str)]
    times = ", ".join(f"{took:.1f}" for told, took in done if isinstance(told, str))
    yield Outcome(
        answered == [f"{number}:0 " for number in range(fit)],
        f"{len(answered)} of {callers} answered, after {times} s; {fit} can be within {patience:g} s",
    )
    refused = [(told, took) for told, took in done if not isinstance(told, str)]
    waited = [took for _, took in refused]
    reasons = Counter(f"{type(told).__name__}: {told}" for told, _ in refused)
    yield Outcome(
        all(
            isinstance(told, EngineBusyError) and abs(took - patience) < SLACK_S
            for told, took in refused
        ),
        f"{len(refused)} of {callers} refused, after {min(waited, default=0):.1f} to "
        f"{max(waited, default=0):.1f} s ({told_of(reasons)})",
    )
    following = await said(session(engine, 0, 2), Script("next"))
    yield Outcome(
        engine.pid == pid and engine.restarts == 0 and following == "next:0 ",
        f"worker {engine.pid}, which was {pid}, restarted {engine.restarts} times; "
        f"the next answer is {following!r}",
    )


async def finals_go_first(engine: EngineClient) -> Outcome:
    """Six utterances at once, each other one interim."""
    transcripts = await asyncio.gather(
        *(
            engine.transcribe(utterance(tag, 0.1), INTERIM if tag % 2 else TranscribeOptions())
            for tag in range(1, 7)
        ),
        return_exceptions=True,
    )
    begun = {
        int(one.text.split()[1]): int(one.text.split()[0])
        for one in transcripts
        if not isinstance(one, BaseException)
    }
    order = [begun[place] for place in sorted(begun)]
    return Outcome(
        order == [2, 4, 6, 3, 5] and isinstance(transcripts[0], EngineBusyError),
        f"finals (2, 4, 6) before interim passes (1, 3, 5): recognized in the order {order}, "
        f"1 was {transcripts[0]!r}",
    )


async def killed_meanwhile(
    engine: WorkerEngine, callers: int, answer_s: float
) -> AsyncIterator[Outcome]:
    """The worker is killed while all wait for answers, and each asks once more."""
    pid = engine.pid
    waiting = [
        asyncio.create_task(said(session(engine, number, 3), Script(str(number), each_s=answer_s)))
        for number in range(callers)
    ]
    await asyncio.sleep(min(0.3, answer_s / 2))
    os.kill(pid, signal.SIGKILL)
    late: list[asyncio.Task[str]] = []
    while engine.restarts == 0:  # also while nobody has noticed it yet
        late.append(asyncio.create_task(said(engine, Script("late"))))
        await asyncio.sleep(0.0005)
    died = Counter(
        type(told).__name__ for told in await asyncio.gather(*waiting, return_exceptions=True)
    )
    yield Outcome(
        died == {WorkerDiedError.__name__: callers}, f"kill -9 of worker {pid}: {told_of(died)}"
    )
    came = await asyncio.gather(*late, return_exceptions=True)
    how = Counter(told if isinstance(told, str) else type(told).__name__ for told in came)
    yield Outcome(
        all(
            told == "late:0 " or isinstance(told, WorkerDiedError | EngineBusyError)
            for told in came
        ),
        f"asked before that was noticed: {told_of(how)}",
    )
    again, took = await timed(
        asyncio.gather(
            *(said(session(engine, number, 4), Script(str(number))) for number in range(callers))
        )
    )
    yield Outcome(
        again == [f"{number}:0 " for number in range(callers)],
        f"the next turn of all {callers} sessions, {took:.1f} s later: {again}",
    )
    yield Outcome(
        engine.pid not in (0, pid) and engine.restarts == 1,
        f"worker {engine.pid}, restarted {engine.restarts} times",
    )


async def run(callers: int, answer_s: float) -> bool:
    """Prints what comes of it; whether all is as it should be."""
    good = True
    own = load("tiny").engine
    limits = own.model_copy(update={"max_pending": max(own.max_pending, callers)})
    async with worker(**limits.model_dump()) as engine:
        for part in (slow_answers, killed_meanwhile):
            async for outcome in part(engine, callers, answer_s):
                good = good and outcome.good
                print("good" if outcome.good else "BAD ", outcome.line, flush=True)
    return good


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--answer-s", type=float, default=20.0)
    parser.add_argument("--callers", type=int, default=20)
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    os.environ["PYTHONPATH"] = str(ROOT)  # the worker finds its stages
    sys.exit(0 if asyncio.run(run(options.callers, options.answer_s)) else 1)


if __name__ == "__main__":
    main()
