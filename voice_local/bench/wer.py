"""How many words the recognizer gets wrong, and what it makes of sounds without words."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from voice_local.audio.files import read_audio
from voice_local.audio.types import (
    SAMPLE_RATE,
    Audio,
)
from voice_local.bench import (
    heldout,
    transcripts,
)
from voice_local.bench.context import Context
from voice_local.bench.invented_words import measure_invented
from voice_local.bench.recognizer import Recognizer, Sample
from voice_local.bench.schema import (
    Section,
    metric,
)
from voice_local.bench.speakers import (
    speak,
    with_noise,
)
from voice_local.bench.wer_figures import (
    by_group,
    figures,
    lost_words,
    plots_by_group,
    worst_first,
)
from voice_local.errors import (
    ConfigError,
    InputError,
)
from voice_local.models import properties

NOISES_DB: tuple[float | None, ...] = (None, 30.0, 20.0)
QUICK_SENTENCES = 30
QUICK_RECORDINGS = 50


async def measure(context: Context) -> Section:
    """Word and character errors, kinds of error, by speaker, noise and length; invented words;
    real-time factor.

    Options: `folder` (recordings and transcripts in any of `transcripts.LAYOUTS`) instead of the
    held-out sentences, `noise_db` ("30,20": heard again with so much noise), `sentences` (how many
    of the held-out ones).

    Raises:
        InputError: the folder cannot be used.
        ConfigError: an option that cannot be.
        BenchmarkError: a voice, jiwer or Whisper's normalizer is missing.
    """
    folder = context.options.get("folder")
    said = _from_folder(context, Path(folder), _noises(context)) if folder else _held_out(context)
    where = (
        f"the recordings of {folder}"
        if folder
        else "held-out sentences in held-out synthetic voices"
    )
    section = Section(
        "wer",
        f"Word error rate on {where}, heard as the product hears a file (Silero first), both sides "
        "after Whisper's English normalizer; words invented where nobody speaks; work over sound.",
    )
    async with context.engine(("stt",)) as (engine, _):
        recognizer = Recognizer(engine, properties.of_settings(context.settings))
        # The first call of a model is slower.
        await recognizer.transcribe(np.zeros(SAMPLE_RATE, dtype=np.float32))
        rows = await recognizer.all([one for one in said if one.text], section)
        section.metrics += figures(rows, "")
        if not folder:
            section.metrics.append(
                metric(
                    "wer.unnormalized",
                    [row.plain.all for row in rows],
                    "ratio",
                    "ratio",
                    weights=[row.plain.words for row in rows],
                    paired=True,
                )
            )
        section.findings += lost_words(rows)
        section.detail["utterances"] = worst_first(rows, texts=True)
        await measure_invented(context, recognizer, [one for one in said if not one.text], section)
        groups = by_group(rows, "")
        section.metrics += groups
        section.plots += plots_by_group(groups)
        if context.data and not context.quick:
            await _real(context.data, recognizer, section)
    return section


def _held_out(context: Context) -> list[Sample]:
    """Voices and noise levels in turn."""
    voices = context.voices()
    wanted = context.options.get("sentences", str(QUICK_SENTENCES) if context.quick else "")
    if wanted and not (wanted.isdigit() and int(wanted)):
        raise ConfigError(f"sentences={wanted} is no number of sentences", "give one of 1 or more")
    found = []
    for index, text in enumerate(heldout.lines("sentences.txt")[: int(wanted) if wanted else None]):
        name = sorted(voices)[index % len(voices)]
        snr_db = NOISES_DB[index // len(voices) % len(NOISES_DB)]
        found.append(
            Sample(
                f"sentence {index + 1}",
                text,
                name,
                _level(snr_db),
                partial(_spoken, voices[name], text, snr_db, index),
            )
        )
    return found


def _spoken(command: list[str], text: str, snr_db: float | None, seed: int) -> Audio:
    return with_noise(speak(command, text), snr_db, seed)


def _level(snr_db: float | None) -> str:
    return "none" if snr_db is None else f"{snr_db:g}dB"


def _noises(context: Context) -> list[float]:
    wanted = context.options.get("noise_db", "")
    try:
        found = [float(part) for part in wanted.split(",") if part.strip()]
        if not all(0 <= level <= 100 for level in found):
            raise ValueError(wanted)
        return found
    except ValueError:
        raise ConfigError(
            f"--noise-db {wanted!r} is no list of levels", "give dB from 0 to 100, as 30,20"
        ) from None


def _from_folder(context: Context, folder: Path, noises_db: Sequence[float]) -> list[Sample]:
    """A folder's recordings as they are, then again with noise added; of many, in a hurry, a seeded
    sample."""
    rows = transcripts.read(folder)
    if context.quick and len(rows) > QUICK_RECORDINGS:
        rows = [
            rows[i] for i in sorted(random.Random(5).sample(range(len(rows)), QUICK_RECORDINGS))
        ]
    return [
        Sample(
            row.audio.name,
            row.text,
            row.speaker,
            row.noise or _level(snr_db) if snr_db is None else _level(snr_db),
            partial(_recorded, row.audio, snr_db, index),
        )
        for snr_db in (None, *noises_db)
        for index, row in enumerate(rows)
    ]


def _recorded(path: Path, snr_db: float | None, seed: int) -> Audio:
    audio = read_audio(path)
    return audio if snr_db is None else with_noise(audio, snr_db, seed)


async def _real(data: Path, recognizer: Recognizer, section: Section) -> None:
    """LibriSpeech folders of the data folder, as `real.FOLDER.*`; their words stay where they
    are."""
    for folder in sorted(
        path
        for path in data.iterdir()
        if path.is_dir() and path.name.lower().startswith("librispeech")
    ):
        try:
            said = [
                Sample(row.audio.name, row.text, row.speaker, "", partial(read_audio, row.audio))
                for row in transcripts.read(folder)
                if row.text
            ]
            rows = await recognizer.all(said, section)
        except InputError as error:
            section.detail.setdefault("left_out", {})[folder.name] = error.cause
            continue
        prefix = f"real.{folder.name}."
        section.metrics += [
            *figures(rows, prefix),
            *(m for m in by_group(rows, prefix) if ".wer.speaker." in m.name),
        ]
        section.detail[f"real.{folder.name}"] = worst_first(rows, texts=False)
