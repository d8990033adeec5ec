"""What an instruction-tuned LLM is told: all of it at the start, what changes last, and nothing
between the words."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from benchmarks import conversation
from tests.unit.typed import ask_all
from voice_local.bench.scripted import ScriptedEngine
from voice_local.config import (
    PROFILES,
    Prompting,
    load,
)
from voice_local.conversation.context import prompts
from voice_local.engine.api import (
    EMOTIONS,
    Understanding,
)
from voice_local.skills.responder import (
    new_conversation,
)
from voice_local.skills.router import IntentRouter

pytestmark = pytest.mark.unit


async def asked(*felt: tuple[str | None, float]) -> list[list[dict[str, str]]]:
    """The prompts of turns in which so much was felt."""
    engine = ScriptedEngine(meant=[Understanding("booking", 0.9, *emotion) for emotion in felt])
    context = new_conversation(engine, load("small"), IntentRouter(2.0, 1.0))
    await ask_all(context, *(f"words {number}" for number in range(len(felt))))
    found: list[Any] = [argument for stage, argument in engine.calls if stage == "llm"]
    return found


@pytest.mark.parametrize("profile", PROFILES)
def test_only_the_model_that_was_trained_on_contexts_gets_them(profile: str) -> None:
    expected = Prompting.TRAINED if profile == "tiny" else Prompting.INSTRUCT
    assert load(profile).llm.prompting is expected


async def test_nothing_but_words_comes_after_the_instructions() -> None:
    """leak-1: a late instruction was recited in 8 of 28 answers."""
    for prompt in await asked(("joy", 0.9), ("anger", 0.95), (None, 0.0), ("sadness", 0.99)):
        assert [m["role"] for m in prompt].count("system") == 1 and prompt[0]["role"] == "system"
        assert all(m["content"].startswith("words") for m in prompt if m["role"] == "user")
        assert "booking" not in prompt[0]["content"]


async def test_a_mood_changes_the_instructions_only_when_it_really_changes() -> None:
    calm = ("neutral", 0.9)
    turns = await asked(
        ("anger", 0.99), ("anger", 0.99), ("joy", 0.3), ("anger", 0.99), calm, calm, calm
    )
    systems = [prompt[0]["content"] for prompt in turns]
    plain, angry = systems[0], systems[1]
    assert prompts.TONES["anger"] in angry and angry.startswith(plain)
    assert systems == [plain, angry, angry, angry, angry, angry, plain]


@pytest.mark.parametrize("emotion", [*EMOTIONS, "neutral"])
def test_what_changes_stands_last(emotion: str) -> None:
    always = prompts.system_prompt(Prompting.INSTRUCT)
    assert always == prompts.INSTRUCTIONS.format(name="Voice Local")
    told = prompts.system_prompt(Prompting.INSTRUCT, emotion)
    assert told.startswith(always)
    assert len(told) < 400, "every token of it is read by a small machine"


def test_name_and_place_are_told() -> None:
    told = prompts.system_prompt(Prompting.INSTRUCT, "neutral", name="Ada", place="Oslo")
    assert "named Ada" in told and "You are in Oslo." in told
    assert "You are in" not in prompts.system_prompt(Prompting.INSTRUCT, "neutral", name="Ada")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "is it too late for coffee",
            "(It is Friday, November 27, 2026, 10:05 PM.) is it too late for coffee",
        ),
        ("who wrote Emma", "who wrote Emma"),
    ],
)
def test_the_time_stands_by_words_that_have_to_do_with_it(text: str, told: str) -> None:
    assert prompts.with_time(text, datetime(2026, 11, 27, 22, 5)) == told


async def test_the_beginning_of_a_prompt_stays_while_time_goes_on() -> None:
    context = new_conversation(ScriptedEngine(meant=[Understanding()]), load("small"))
    now = datetime(2026, 11, 27, 22, 5).astimezone()
    context.now = lambda: now
    first = context.messages("", "what should I do tonight")
    now += timedelta(hours=1)
    second = context.messages("", "what should I do tonight")
    assert (
        first[:-1] == second[:-1]
        and first[-1] != second[-1]
        and "11:05 PM" in second[-1]["content"]
    )


def test_the_embedded_model_is_told_what_it_was_trained_with() -> None:
    assert prompts.system_prompt(Prompting.TRAINED, "anger") == prompts.SYSTEM_PROMPT


def test_own_models_do_not_get_what_belongs_to_the_embedded_one(
    own_home: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = own_home / ".config" / "voice_local" / "profiles"
    folder.mkdir(parents=True)
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    (folder / "own-x.toml").write_text('base = "tiny"\n[llm]\nmodel = "x.gguf"\n')
    settings = load("own-x")
    assert settings.llm.prompting is Prompting.INSTRUCT and not settings.llm.spoken_input
    assert settings.llm.n_ctx == 4096 and settings.stt.model == "tiny:tiny-stt"
    (folder / "own-y.toml").write_text('base = "tiny"\n[tts]\nmodel = "y"\n')
    assert load("own-y").llm.spoken_input


# How answers are judged.

INSTRUCTIONS = "You are a friendly voice assistant. Answer in one or two short sentences."


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        ("Sure! Answer in one or two short sentences, please.", "recites: answer in one or two"),
        ("As an AI language model, I cannot say.", "speaks of itself"),
        ("Here is a list: * one", "cannot be spoken"),
        ("1. Wash it.", "cannot be spoken"),
        ("That is lovely 😀.", "cannot be spoken"),
        ("That is and", "ends within"),
        ("", "no answer"),
    ],
)
def test_what_no_answer_may_hold(answer: str, fault: str) -> None:
    assert any(
        found.startswith(fault) for found in conversation.general_faults(answer, INSTRUCTIONS)
    )


@pytest.mark.parametrize(
    "answer",
    ["It is Oslo.", 'He said "Go."', "I am your friendly voice assistant!", "It costs 3.50 euros."],
)
def test_what_any_answer_may_hold(answer: str) -> None:
    assert conversation.general_faults(answer, INSTRUCTIONS) == []


def test_the_prompts_and_their_rules() -> None:
    found = conversation.prompts()
    assert len(found) == 40 and len({prompt.id for prompt in found}) == 40
    oslo = next(prompt for prompt in found if "Norway" in prompt.turns[0])
    assert conversation.faults("The capital of Norway is Oslo.", oslo, INSTRUCTIONS) == []
    assert conversation.faults("It is Bergen.", oslo, INSTRUCTIONS) == ["lacks \\boslo\\b"]
    assert conversation.faults("Oslo " * 58 + "it is.", oslo, INSTRUCTIONS) == []
    assert conversation.faults("Oslo " * 59 + "it is.", oslo, INSTRUCTIONS) == ["61 words"]
    short = next(prompt for prompt in found if prompt.max_sentences == 1)
    assert any(
        "2 sentences" in fault for fault in conversation.faults("Light. Rain.", short, INSTRUCTIONS)
    )


@pytest.mark.parametrize(
    ("text", "facts", "told"),
    [
        ("Tell me of cats.", ["Your pasta timer has 5 minutes left."], "Tell me of cats."),
        (
            "So the timer goes well?",
            ["Your pasta timer has 5 minutes left."],
            "(Your pasta timer has 5 minutes left.) So the timer goes well?",
        ),
        (
            "I like alarms.",
            [],
            "(No timer, alarm or reminder is set.) I like alarms.",
        ),
        ("Any reminders?", list("abcdef"), "(a b c d) Any reminders?"),
    ],
)
def test_words_of_timers_stand_after_those_there_are(
    text: str, facts: list[str], told: str
) -> None:
    assert prompts.with_reminders(text, facts) == told
