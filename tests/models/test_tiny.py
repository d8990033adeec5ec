"""The embedded models through the real libraries."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import TypeVar

import jiwer
import numpy as np
import pytest

from benchmarks import tiny_models
from tests.models import floors, stage_calls
from voice_local.audio.files import read_audio
from voice_local.audio.level import (
    PEAK_DBFS,
    audible_span,
    dbfs,
)
from voice_local.audio.stretches import probabilities, stretches
from voice_local.audio.vad import SileroModel
from voice_local.bench.heldout import lines
from voice_local.config import (
    Settings,
    load,
)
from voice_local.conversation.context.prompts import SYSTEM_PROMPT
from voice_local.conversation.input.recordings import transcribe
from voice_local.engine.api import (
    EMOTIONS,
    GenerateItem,
    GenerateOptions,
    Message,
    StageKind,
)
from voice_local.engine.local_engine import LocalEngine
from voice_local.errors import TextInputError
from voice_local.local.demo import bundled
from voice_local.models import properties
from voice_local.models.folder import (
    MANIFEST,
    ModelFolder,
    tiny_folder,
)
from voice_local.text.lexicon import index_lexicon

pytestmark = pytest.mark.models
T = TypeVar("T")
EARS = properties.of_settings(load("tiny"))
GREEDY = GenerateOptions(max_tokens=48)
SAID = {
    "user_1": "where is my order a b one two three four",
    "user_2": "i am really upset nobody called me back",
    "user_3": "okay thank you goodbye",
}


async def collect(stream: AsyncIterator[T]) -> list[T]:
    return [item async for item in stream]


async def said(stream: AsyncIterator[GenerateItem]) -> str:
    return stage_calls.text(await collect(stream))


def asked(text: str) -> list[Message]:
    return [Message(role="system", content=SYSTEM_PROMPT), Message(role="user", content=text)]


def test_every_file_is_in_the_manifest_and_right(models: ModelFolder) -> None:
    on_disk = {str(p.relative_to(models.root)) for p in models.root.rglob("*") if p.is_file()} - {
        MANIFEST
    }
    assert on_disk == set(models.manifest)
    for name in models.manifest:
        models.file(name)
    assert sum(int(about["bytes"]) for about in models.manifest.values()) <= 60 * 2**20


def test_no_pickles() -> None:
    for path in tiny_folder().rglob("*"):
        assert path.suffix not in {".pt", ".pth", ".pkl", ".ckpt"}
        if path.suffix == ".bin":
            assert path.read_bytes()[:2] not in (b"PK", b"\x80\x02"), (
                f"{path} looks like a torch pickle"
            )


async def test_ears_hear_the_bundled_user(engine: LocalEngine) -> None:
    silero = SileroModel()
    heard = [(await transcribe(engine, read_audio(path), silero, EARS)).text for path in bundled()]
    assert all(heard)
    assert jiwer.wer([SAID[path.stem] for path in bundled()], heard) <= floors.EARS_WER


@pytest.mark.parametrize("kind", ["silence", "hiss", "hum", "clicks"])
async def test_wordless_sound_gives_no_words(engine: LocalEngine, kind: str) -> None:
    rng = np.random.default_rng(5)
    time = np.arange(16_000 * 6) / 16_000
    sound = {
        "silence": np.zeros(len(time)),
        "hiss": rng.standard_normal(len(time)) * 0.05,
        "hum": 0.2 * np.sin(2 * np.pi * 100 * time),
        "clicks": (rng.random(len(time)) > 0.9997) * 0.8,
    }[kind].astype(np.float32)
    found = await transcribe(engine, sound, SileroModel(), EARS)
    assert found.text == ""
    assert found.no_speech_prob > 0.5
    if kind in ("silence", "hiss"):
        assert (await engine.transcribe(sound)).text == "", (
            "the ears alone, without the voice detector before them"
        )


async def test_same_input_same_output(engine: LocalEngine) -> None:
    audio = read_audio(bundled()[0])
    assert await engine.transcribe(audio) == await engine.transcribe(audio)
    assert await engine.understand("my knee hurts") == await engine.understand("my knee hurts")
    first = await said(engine.generate(asked("turn on the lamp in the kitchen"), GREEDY))
    await collect(engine.generate(asked("something else"), GREEDY))
    assert first == await said(engine.generate(asked("turn on the lamp in the kitchen"), GREEDY))
    one = await collect(engine.synthesize("Good morning."))
    two = await collect(engine.synthesize("Good morning."))
    for before, after in zip(one, two, strict=True):
        np.testing.assert_array_equal(before.samples, after.samples)


async def test_conversations_side_by_side_do_not_mix(engine: LocalEngine) -> None:
    prompts = [
        "turn on the lamp in the kitchen",
        "what does warranty mean",
        "book a table for five",
        "tell me a story",
    ]
    alone = [await collect(engine.generate(asked(text), GREEDY)) for text in prompts]
    together = await asyncio.gather(
        *(collect(engine.generate(asked(text), GREEDY)) for text in prompts)
    )
    assert together == alone


async def test_a_stream_given_up_lets_the_next_one_begin(engine: LocalEngine) -> None:
    wanted = await collect(engine.generate(asked("book a table for five"), GREEDY))
    stream = engine.generate(asked("tell me a story"), GREEDY)
    await anext(stream)
    waiting = asyncio.create_task(collect(engine.generate(asked("book a table for five"), GREEDY)))
    given_up = asyncio.create_task(collect(engine.generate(asked("turn on the lamp"), GREEDY)))
    await asyncio.sleep(0.01)
    given_up.cancel()
    await stream.aclose()
    assert await waiting == wanted


async def test_sampling_repeats_with_its_seed(engine: LocalEngine) -> None:
    options = GenerateOptions(max_tokens=32, temperature=0.9, seed=11)
    one = await collect(engine.generate(asked("tell me a story"), options))
    assert await collect(engine.generate(asked("tell me a story"), options)) == one


async def test_prefix_reuse_changes_nothing(engine: LocalEngine) -> None:
    messages = asked("set a timer for ten minutes")
    answer = await said(engine.generate(messages, GREEDY))
    longer = [
        *messages,
        Message(role="assistant", content=answer),
        Message(role="user", content="no make it twelve"),
    ]
    reused = await said(engine.generate(longer, GREEDY))
    await collect(engine.generate([Message(role="user", content="hello")], GREEDY))
    assert await said(engine.generate(longer, GREEDY)) == reused


async def test_understanding_of_held_out_sentences(engine: LocalEngine) -> None:
    found = await tiny_models.intents(engine)
    assert found["accuracy_in_scope"] >= floors.INTENT_ACCURACY
    assert found["out_of_scope_recall"] >= floors.OUT_OF_SCOPE_RECALL


async def test_finished_sentences_are_told_from_cut_ones(engine: LocalEngine) -> None:
    assert (await tiny_models.finished(engine))["auc_half"] >= floors.FINISHED_AUC


async def test_understanding_is_whole(engine: LocalEngine) -> None:
    found = await engine.understand("where is my order")
    assert found.intent == "check_order_status"
    assert found.emotion in EMOTIONS
    # Not "where is my order": a code follows as often as not.
    whole = await engine.understand("please turn on the light in the kitchen")
    assert whole.complete_prob is not None and whole.complete_prob > 0.5
    cut = await engine.understand("can you turn on the")
    assert cut.complete_prob is not None and cut.complete_prob < 0.5


def test_padding_changes_nothing(engine: LocalEngine) -> None:
    stage = engine.host.find(StageKind.CLASSIFIER).stage
    texts = [
        "stop",
        "could you please tell me when the package that i ordered last week will arrive",
    ]
    together = stage_calls.classified(stage, texts)
    alone = [stage_calls.classified(stage, [text])[0] for text in texts]
    for one, other in zip(together, alone, strict=True):
        assert one.intent == other.intent
        assert one.intent_confidence == pytest.approx(other.intent_confidence, abs=1e-4)


def test_export_agreed_with_torch(models: ModelFolder) -> None:
    for name in ("intent", "emotion"):
        about = json.loads(models.file(f"tiny-classifier/{name}.json").read_text())
        assert about["onnx_max_difference"] <= 1e-4


async def test_mind_on_held_out_prompts(engine: LocalEngine) -> None:
    found = await tiny_models.answers(engine)
    assert found["1_turn"]["right"] >= floors.MIND_ONE_TURN, found["wrong"]


async def test_mind_tells_minimal_pairs_apart(engine: LocalEngine) -> None:
    for text, wanted, other in (
        ("turn on the lamp in the kitchen", r"\bon\b", r"\boff\b"),
        ("turn off the lamp in the kitchen", r"\boff\b", r"\bon\b"),
    ):
        answer = await said(engine.generate(asked(text), GREEDY))
        assert re.search(wanted, answer) and not re.search(other, answer), answer


async def test_too_long_a_conversation_is_refused(engine: LocalEngine) -> None:
    with pytest.raises(TextInputError, match="tokens"):
        await collect(engine.generate(asked("order " * 3000), GREEDY))


async def test_voice_level_silence_and_words(engine: LocalEngine, settings: Settings) -> None:
    found = await tiny_models.speech(engine)
    assert found["own_ears_wer"] <= floors.VOICE_OWN_EARS_WER
    assert found["leading_silence_ms_max"] < 50
    for text in (*lines("sentences.txt"), "Your order will arrive on Monday.", "Yes.", "Goodbye!"):
        chunks = await collect(engine.synthesize(text))
        samples = np.concatenate([chunk.samples for chunk in chunks])
        assert PEAK_DBFS[0] <= dbfs(float(np.abs(samples).max())) <= PEAK_DBFS[1], text
        first, end = audible_span(samples, chunks[0].sample_rate)
        assert 0.1 < (end - first) / chunks[0].sample_rate / len(text.split()) < 1.2, text


async def test_a_clause_comes_in_pieces_without_a_seam(engine: LocalEngine) -> None:
    chunks = await collect(
        engine.synthesize("I will check where your order is and call you back on Monday.")
    )
    lengths = [len(chunk.samples) for chunk in chunks]
    assert (
        len(chunks) > 1
        and lengths[0] < sum(lengths[1:])
        and lengths[0] / chunks[0].sample_rate > 0.4
    )
    assert [chunk.remaining_s > 0 for chunk in chunks] == [True] * (len(chunks) - 1) + [False]
    steps = np.abs(np.diff(np.concatenate([chunk.samples for chunk in chunks])))
    for seam in np.cumsum(lengths)[:-1]:
        assert steps[seam - 3 : seam + 3].max() <= steps[seam - 800 : seam + 800].max() / 1.01, (
            "as smooth as around it"
        )


async def test_a_voice_given_up_after_its_first_piece_is_free_for_the_next(
    engine: LocalEngine,
) -> None:
    async with aclosing(
        engine.synthesize("This is a sentence that nobody will listen to any more.")
    ) as sound:
        async for _ in sound:
            break
    async with asyncio.timeout(10):
        assert await collect(engine.synthesize("Hello."))


def test_known_words_are_looked_up_by_an_index() -> None:
    import gruut

    text = "perpendicular"
    list(gruut.sentences(text, lang="en-us"))
    assert index_lexicon("en-us")
    phonemizer = gruut._LOCAL.processors[""].get_settings("en-us").lookup_phonemes.phonemizer
    plan = phonemizer.db_conn.execute(
        "EXPLAIN QUERY PLAN SELECT role FROM word_phonemes WHERE word = 'x'"
    ).fetchall()
    assert "USING INDEX" in str(plan)
    for word in ("perpendicular", "kitchen", "zubrelation"):
        assert all(
            found.phonemes for sentence in gruut.sentences(word, lang="en-us") for found in sentence
        )


async def test_unknown_voice(engine: LocalEngine) -> None:
    with pytest.raises(TextInputError, match="unknown voice"):
        await collect(engine.synthesize("hello", "nobody"))


async def test_nothing_to_pronounce(engine: LocalEngine) -> None:
    assert await collect(engine.synthesize("… !?")) == []


def test_silero_finds_the_speech_and_nothing_else() -> None:
    silero = SileroModel()
    for path in bundled():
        audio = read_audio(path)
        spoken = sum(len(piece) for _, piece, _ in stretches(audio, probabilities(audio, silero)))
        assert spoken > 0.5 * len(audio)
    silence = np.zeros(32_000, np.float32)
    assert not list(stretches(silence, probabilities(silence, silero)))
