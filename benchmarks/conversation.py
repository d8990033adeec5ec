"""Answers to ordinary talk, judged by written rules: `python -m benchmarks.conversation [--profile
small]`.

`heldout/conversation.jsonl` has 40 prompts, some of two turns, with their rules;
`heldout/remarks.txt` 30 remarks that are
only looked through for recited instructions. Every turn goes to the LLM as a spoken turn would:
prompts, memory, clauses. What is judged is the text given to the voice.

Rules of a prompt: expressions that have to match the last answer (`must`), that must not
(`must_not`), the most words and
sentences. Rules for all: it is no more than 60 words, ends with a whole sentence, recites no five
words running of the instructions, does not speak of itself as a language model, and holds nothing
that cannot be spoken ("=" is said as "equals").
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
from collections.abc import (
    AsyncGenerator,
    Sequence,
)
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.documents import give_out
from voice_local.audio.types import (
    SAMPLE_RATE,
)
from voice_local.bench.listening import ask_aloud
from voice_local.config import (
    Settings,
    load,
)
from voice_local.conversation.output.speech_queue import (
    SpeechQueue,
)
from voice_local.conversation.session import (
    VoiceSession,
)
from voice_local.engine.api import SpeechChunk
from voice_local.engine.local_engine import LocalEngine
from voice_local.skills.responder import (
    new_conversation,
)
from voice_local.skills.router import IntentRouter

HELDOUT = Path(__file__).parent / "heldout"
RECITED_WORDS = 5
MOST_WORDS, MOST_SENTENCES = 60, 4
TARGETS = {
    "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf": 28,
    "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf": 33,
}
CHATBOT = re.compile(
    r"as an? (?:ai|artificial|large|language|virtual|digital)\b|language model|\bI(?: a|')m an? "
    r"(?:ai|bot|chatbot)\b"
    r"|created by (?:alibaba|anthropic|openai)|\bI (?:do not|don't) have (?:feelings|emotions)",
    re.IGNORECASE,
)
UNSPEAKABLE = re.compile(
    r"[*#_`~|<>\[\]{}\\^]|https?:|^\s*(?:[-•+]|\d+[.)])\s|"
    r"[\U0001F000-\U0001FFFF\u2190-\u2BFF\uFE0F]",
    re.MULTILINE,
)
SENTENCE = re.compile(r"[.!?…][\"')”’]*(?:\s|$)")


@dataclass(frozen=True)
class Prompt:
    """One line of `conversation.jsonl`, see the module."""

    id: str
    kind: str
    turns: Sequence[str]
    must: Sequence[str] = ()
    must_not: Sequence[str] = ()
    max_words: int = MOST_WORDS
    max_sentences: int = MOST_SENTENCES


def prompts() -> list[Prompt]:
    """All of them."""
    lines = (HELDOUT / "conversation.jsonl").read_text(encoding="utf-8").splitlines()
    return [Prompt(**json.loads(line)) for line in lines]


def faults(answer: str, prompt: Prompt, instructions: str) -> list[str]:
    """What is wrong with an answer; nothing when it passes."""
    found = general_faults(answer, instructions)
    found += [
        f"lacks {rule}"
        for rule in prompt.must
        if not re.search(rule, answer, re.IGNORECASE | re.DOTALL)
    ]
    found += [f"holds {rule}" for rule in prompt.must_not if re.search(rule, answer, re.IGNORECASE)]
    if (words := len(answer.split())) > prompt.max_words:
        found.append(f"{words} words")
    if (sentences := len(SENTENCE.findall(answer))) > prompt.max_sentences:
        found.append(f"{sentences} sentences")
    return found


def general_faults(answer: str, instructions: str) -> list[str]:
    """What must not be in any answer."""
    found = []
    if not answer:
        return ["no answer"]
    if recited := recites(answer, instructions):
        found.append(f"recites: {recited}")
    if CHATBOT.search(answer):
        found.append("speaks of itself as a program")
    if unspeakable := UNSPEAKABLE.search(answer):
        found.append(f"cannot be spoken: {unspeakable.group(0)!r}")
    if not re.search(r"[.!?…][\"')”’]*$", answer):
        found.append("ends within a sentence")
    return found


def recites(answer: str, instructions: str) -> str:
    """The first five words running that both hold, on their way through letters only; empty when
    there are none."""
    said, told = (re.findall(r"[\w']+", text.lower()) for text in (answer, instructions))
    known = {tuple(told[at : at + RECITED_WORDS]) for at in range(len(told) - RECITED_WORDS + 1)}
    for at in range(len(said) - RECITED_WORDS + 1):
        if tuple(said[at : at + RECITED_WORDS]) in known:
            return " ".join(said[at : at + RECITED_WORDS])
    return ""


class SilentVoiceEngine(LocalEngine):
    """The LLM alone: what is given to the voice is a moment of silence."""

    async def synthesize(
        self, text: str, voice: str | None = None, *, model: str = ""
    ) -> AsyncGenerator[SpeechChunk, None]:
        """See `EngineClient`."""
        yield SpeechChunk(np.zeros(160, dtype=np.float32), 16_000)


async def answers(
    engine: LocalEngine, settings: Settings, turns: Sequence[str]
) -> tuple[list[str], str]:
    """(what was spoken, turn by turn; the instructions it was told) of a new conversation."""
    context = new_conversation(engine, settings, IntentRouter(2.0, 1.0))
    session, spoken = VoiceSession(context, None, SpeechQueue(SAMPLE_RATE)), []
    for turn in turns:
        spoken.append((await ask_aloud(session, turn)).assistant_text)
    instructions = " ".join(
        m["content"] for m in context.memory.messages("", "") if m["role"] == "system"
    )
    return spoken, instructions


async def measure(settings: Settings, remarks: Sequence[str], note: bool = True) -> dict[str, Any]:
    """Every prompt, then every remark."""
    settings = settings.model_copy(
        update={"conversation": settings.conversation.model_copy(update={"llm_deadline_s": 600.0})}
    )
    engine = SilentVoiceEngine(settings, ["llm"])
    rows: list[dict[str, Any]] = []
    try:
        for prompt in prompts():
            said, instructions = await answers(engine, settings, prompt.turns)
            wrong = faults(said[-1], prompt, instructions)
            rows.append(
                {
                    "id": prompt.id,
                    "kind": prompt.kind,
                    "turns": list(prompt.turns),
                    "answers": said,
                    "faults": wrong,
                }
            )
            if note:
                print(
                    f"{'ok ' if not wrong else 'NO '} {prompt.id}: {said[-1]}  {wrong or ''}",
                    file=sys.stderr,
                )
        recited = []
        for remark in remarks:
            (said_one,), instructions = await answers(engine, settings, [remark])
            wrong = general_faults(said_one, instructions)
            recited.append({"remark": remark, "answer": said_one, "faults": wrong})
            if note:
                print(
                    f"{'ok ' if not wrong else 'NO '} {remark}: {said_one}  {wrong or ''}",
                    file=sys.stderr,
                )
    finally:
        await engine.aclose()
    kinds = sorted({row["kind"] for row in rows})
    return {
        "profile": settings.profile,
        "model": settings.llm.model,
        "instructions": instructions,
        "passed": sum(not row["faults"] for row in rows),
        "of": len(rows),
        "target": TARGETS.get(settings.llm.model),
        "by_kind": {
            kind: [
                sum(not row["faults"] for row in rows if row["kind"] == kind),
                sum(row["kind"] == kind for row in rows),
            ]
            for kind in kinds
        },
        "recited": sum(
            any(fault.startswith("recites") for fault in row["faults"]) for row in [*rows, *recited]
        ),
        "unspeakable": sum(
            any(fault.startswith("cannot") for fault in row["faults"]) for row in [*rows, *recited]
        ),
        "remarks": len(recited),
        "prompts": rows,
        "remark_answers": recited,
    }


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", default="small")
    parser.add_argument("--models-dir", type=Path)
    parser.add_argument("--llm", help="another GGUF of the models' folder")
    parser.add_argument(
        "--remarks",
        type=Path,
        default=HELDOUT / "remarks.txt",
        help="a file of remarks, one a line",
    )
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    settings = load(
        args.profile, models_dir=args.models_dir, seed=args.seed, llm={"model": args.llm}
    )
    remarks = [
        line.strip()
        for line in args.remarks.read_text(encoding="utf-8").splitlines()
        if line.strip()
    ]
    give_out(asyncio.run(measure(settings, remarks)), args.json)


if __name__ == "__main__":
    main()
