"""The sound of fixed sentences is made once, and again when anything has changed that it depends
on."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from voice_local.bench.scripted import ScriptedEngine
from voice_local.config import Settings
from voice_local.conversation.output.speech_cache import SpeechCache
from voice_local.engine.api import SpeechChunk
from voice_local.engine.kept_lines import FILES, KeptLines, key_of
from voice_local.offline.switches import cache_folder

pytestmark = pytest.mark.unit
TEXTS = ("One moment, please.", "I did not hear that.")


@pytest.fixture(autouse=True)
def cache_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def settings(**tts: object) -> Settings:
    return Settings.model_validate({"profile": "tiny", "tts": tts})


async def prepared(given: Settings, texts: tuple[str, ...] = TEXTS) -> tuple[SpeechCache, int]:
    """A cache of a new start, and how many sentences were synthesized for it."""
    engine, cache = ScriptedEngine(), SpeechCache(KeptLines(given))
    await cache.prepare(engine, texts, None)
    return cache, sum(stage == "tts" for stage, _ in engine.calls)


async def test_a_second_start_has_the_same_sound_and_makes_none() -> None:
    first, made = await prepared(settings())
    again, made_again = await prepared(settings())
    assert (made, made_again) == (2, 0)
    for text in TEXTS:
        one, other = first.get(text, None), again.get(text, None)
        assert one and other and len(one) == len(other)
        for chunk, kept in zip(one, other, strict=True):
            assert np.array_equal(chunk.samples, kept.samples) and kept.samples.dtype == np.float32
            assert (chunk.sample_rate, chunk.is_final) == (kept.sample_rate, kept.is_final)


async def test_what_is_new_is_made_and_kept_too() -> None:
    await prepared(settings())
    assert (await prepared(settings(), (*TEXTS, "Goodbye.")))[1] == 1
    assert (await prepared(settings(), (*TEXTS, "Goodbye.")))[1] == 0


async def test_another_voice_or_pronunciation_is_another_sound(tmp_path: Path) -> None:
    words = tmp_path / "words.toml"
    words.write_text('nginx = "engine ex"\n')
    by_file = settings(pronunciations=words)
    keys = {
        key_of(settings()),
        key_of(settings(voice="other")),
        key_of(settings(pronunciations={"nginx": "engine ex"})),
        key_of(by_file),
    }
    words.write_text('nginx = "engine x"\n')
    assert len(keys | {key_of(by_file)}) == 5
    await prepared(settings())
    assert (await prepared(settings(voice="other")))[1] == 2


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04 cut off"])
async def test_a_broken_file_is_made_again(content: bytes) -> None:
    await prepared(settings())
    (kept,) = (cache_folder() / "lines").iterdir()
    kept.write_bytes(content)
    assert (await prepared(settings()))[1] == 2
    assert (await prepared(settings()))[1] == 0


async def test_where_nothing_can_be_written_nothing_is_kept(cache_home: Path) -> None:
    cache_home.write_text("a file where the folder should be")
    cache, made = await prepared(settings())
    assert made == 2 and cache.get(TEXTS[0], None)


async def test_only_the_latest_sets_are_kept_and_nothing_that_failed() -> None:
    for number in range(FILES + 3):
        await prepared(settings(voice=f"voice {number}"))
    assert len(list((cache_folder() / "lines").iterdir())) == FILES
    assert (await prepared(settings(voice=f"voice {FILES + 2}")))[1] == 0
    lines = KeptLines(settings())
    broken = SpeechChunk(np.zeros(10, np.float32), 24_000, True, 0.4)
    lines.write(None, {"Cut off.": (broken,), "Empty.": ()})
    assert lines.read(None) == {}


async def test_each_voice_has_a_file_of_its_own_that_only_it_reads() -> None:
    engine, cache = ScriptedEngine(), SpeechCache(KeptLines(settings()))
    voices = (None, "amber", "cedar")
    await asyncio.gather(*(cache.prepare(engine, TEXTS, voice) for voice in voices))
    assert len(list((cache_folder() / "lines").iterdir())) == 3
    assert all(len(KeptLines(settings()).read(voice)) == 2 for voice in voices)


async def test_reading_the_program_that_finds_phones_changes_nothing(tmp_path: Path) -> None:
    program = shutil.which("espeak-ng")
    if program is None:
        pytest.skip("no espeak-ng here")
    before = key_of(settings())
    subprocess.run([program, "-q", "one"], check=True)
    assert key_of(settings()) == before
