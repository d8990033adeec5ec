"""What the ears make of words, and of sounds without words."""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from voice_local.audio.files import read_audio
from voice_local.audio.types import (
    SAMPLE_RATE,
    Audio,
)
from voice_local.audio.vad import SileroModel
from voice_local.bench import (
    heldout,
    transcripts,
)
from voice_local.bench.context import Context
from voice_local.bench.normalize import (
    Errors,
    count,
    whisper_english,
)
from voice_local.bench.rooms import room_response
from voice_local.bench.schema import (
    Metric,
    Plot,
    Section,
    Series,
    given,
    metric,
)
from voice_local.bench.speakers import (
    speak,
    with_noise,
)
from voice_local.engine.client import EngineClient
from voice_local.errors import (
    AudioInputError,
    ConfigError,
    InputError,
)
from voice_local.local.recordings import transcribe
from voice_local.models import properties
from voice_local.models.properties import RecognizerProperties
from voice_local.text.spoken import to_spoken

NOISES_DB: tuple[float | None, ...] = (None, 30.0, 20.0)
QUICK_SENTENCES = 30
QUICK_RECORDINGS = 50
LENGTHS = ((8, "up_to_8"), (12, "9_to_12"), (20, "13_to_20"), (10**9, "21_and_more"))
SPEAKERS = 40
"""So many are told apart; of more, those who say most."""

ROWS = 200
WORDLESS_S = 10
PIECE_S = 30
"""Long recordings of noise are heard in pieces of so many seconds."""

RECORDED = ("pipecat_ambience/*.mp3", "picovoice_speech_to_intent/noise_*.flac")


@dataclass(frozen=True)
class Said:
    """One thing to be heard: `sound` gives it at 16 kHz, may raise AudioInputError; `text` is its
    words."""

    name: str
    text: str
    speaker: str
    noise: str
    sound: Callable[[], Audio]


@dataclass(frozen=True)
class Heard:
    """What became of it; `errors` after the normalizer, `plain` without; both times in seconds."""

    said: Said
    text: str
    errors: Errors
    plain: Errors
    audio_s: float
    work_s: float


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
        ears = Ears(engine, properties.of_settings(context.settings))
        await ears.heard(
            np.zeros(SAMPLE_RATE, dtype=np.float32)
        )  # the first call of a model is slower
        rows = await ears.all([one for one in said if one.text], section)
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
        section.detail["utterances"] = told(rows, texts=True)
        await _invented(context, ears, [one for one in said if not one.text], section)
        groups = _by_group(rows, "")
        section.metrics += groups
        section.plots += _plots(groups)
        if context.data and not context.quick:
            await _real(context.data, ears, section)
    return section


class Ears:
    """An engine with Silero before it, and the normalizer."""

    def __init__(self, engine: EngineClient, recognizer: RecognizerProperties) -> None:
        self.engine, self.recognizer = engine, recognizer
        self.silero, self.normal = SileroModel(), whisper_english()

    async def heard(self, audio: Audio) -> str:
        """The words."""
        return (await transcribe(self.engine, audio, self.silero, self.recognizer)).text

    async def all(self, said: Sequence[Said], section: Section) -> list[Heard]:
        """Everything heard; recordings that cannot be read are told in `section`, unless that is
        all of them."""
        rows, broken = [], []
        for one in said:
            try:
                audio = await asyncio.to_thread(one.sound)
            except AudioInputError as error:
                broken.append(error)
                continue
            began = time.perf_counter()
            text = await self.heard(audio)
            work_s = time.perf_counter() - began
            errors = count(self.normal(one.text), self.normal(text))
            rows.append(
                Heard(one, text, errors, count(one.text, text), len(audio) / SAMPLE_RATE, work_s)
            )
        if broken and not rows:
            raise broken[0]
        if broken:
            section.findings.append(
                f"{len(broken)} of {len(said)} recordings cannot be read, the first: "
                f"{broken[0].cause}"
            )
        return rows


def _held_out(context: Context) -> list[Said]:
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
            Said(
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


def _from_folder(context: Context, folder: Path, noises_db: Sequence[float]) -> list[Said]:
    """A folder's recordings as they are, then again with noise added; of many, in a hurry, a seeded
    sample."""
    rows = transcripts.read(folder)
    if context.quick and len(rows) > QUICK_RECORDINGS:
        rows = [
            rows[i] for i in sorted(random.Random(5).sample(range(len(rows)), QUICK_RECORDINGS))
        ]
    return [
        Said(
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


def figures(rows: Sequence[Heard], prefix: str) -> list[Metric]:
    """Error rates over the words (characters) of the truth, and the real-time factor: work over
    sound, in wall time."""
    if not rows:
        return []
    errors = [row.errors for row in rows]
    words = [found.words for found in errors]
    kinds: list[tuple[str, list[int]]] = [
        ("wer", [found.all for found in errors]),
        ("substitutions", [found.substitutions for found in errors]),
        ("deletions", [found.deletions for found in errors]),
        ("insertions", [found.insertions for found in errors]),
        ("deletions.between_right_words", [found.lost for found in errors]),
    ]
    return [
        *(
            metric(f"{prefix}{name}", samples, "ratio", "ratio", weights=words, paired=True)
            for name, samples in kinds
        ),
        metric(
            f"{prefix}cer",
            [found.character_errors for found in errors],
            "ratio",
            "ratio",
            weights=[found.characters for found in errors],
            paired=True,
        ),
        metric(
            f"{prefix}rtf",
            [row.work_s for row in rows],
            "ratio",
            "ratio",
            weights=[row.audio_s for row in rows],
            timed=True,
            paired=True,
        ),
    ]


def _by_group(rows: Sequence[Heard], prefix: str) -> list[Metric]:
    """The word error rate apart: `wer.speaker.NAME`, `wer.noise.LEVEL`, `wer.length.CLASS` (words
    of the truth)."""
    groups: dict[str, list[Errors]] = {}
    for row in rows:
        length = next(name for most, name in LENGTHS if row.errors.words <= most)
        for kind, name in (
            ("speaker", row.said.speaker),
            ("noise", row.said.noise),
            ("length", length),
        ):
            if name:
                groups.setdefault(f"{kind}.{re.sub(r'[^A-Za-z0-9_-]+', '_', name)}", []).append(
                    row.errors
                )
    speakers = sorted(
        (key for key in groups if key.startswith("speaker.")),
        key=lambda key: (-len(groups[key]), key),
    )
    return [
        metric(
            f"{prefix}wer.{key}",
            [found.all for found in groups[key]],
            "ratio",
            "ratio",
            weights=[found.words for found in groups[key]],
            paired=True,
        )
        for key in sorted(groups)
        if key not in speakers[SPEAKERS:]
    ]


def lost_words(rows: Sequence[Heard]) -> list[str]:
    """A finding where words go missing that a mishearing does not explain.

    A recognizer that errs loses words beside others that it mishears, and in few utterances. So it
    is told when single words are missing between rightly heard ones, over 3 % of all and in a third
    of the utterances; or when deletions are over 8 % of the words and twice all other errors.
    """
    words = sum(row.errors.words for row in rows)
    if not words:
        return []
    deleted, inserted, replaced, lost = (
        sum(getattr(row.errors, name) for row in rows) / words
        for name in ("deletions", "insertions", "substitutions", "lost")
    )
    spread = sum(row.errors.lost > 0 for row in rows) / len(rows)
    if not (
        (lost > 0.03 and spread >= 1 / 3)
        or (deleted > 0.08 and deleted > 2 * (inserted + replaced))
    ):
        return []
    return [
        f"words are lost: deletions are {deleted:.1%} of the words, substitutions {replaced:.1%}, "
        f"insertions "
        f"{inserted:.1%}; {lost:.1%} are single words gone between rightly heard ones, in "
        f"{spread:.0%} of utterances"
    ]


def told(rows: Sequence[Heard], *, texts: bool) -> list[dict[str, Any]]:
    """The utterances, the worst first, at most `ROWS`; `texts`: with what was said and heard."""
    worst = sorted(rows, key=lambda row: -row.errors.all / max(row.errors.words, 1))[:ROWS]
    return [
        {
            "audio": row.said.name,
            "speaker": row.said.speaker,
            "noise": row.said.noise,
            "words": row.errors.words,
            "errors": row.errors.all,
            **({"said": row.said.text, "heard": row.text} if texts else {}),
        }
        for row in worst
    ]


def _plots(metrics: Sequence[Metric]) -> list[Plot]:
    plots = []
    for kind in ("speaker", "noise", "length"):
        found = [m for m in metrics if m.name.startswith(f"wer.{kind}.") and m.value is not None]
        if kind == "speaker":
            found.sort(key=lambda m: -(m.value or 0.0))
        if found:
            bounds = [m.interval or (m.value or 0.0, m.value or 0.0) for m in found]
            series = Series(
                "wer",
                tuple(m.name.removeprefix(f"wer.{kind}.") for m in found),
                tuple(m.value or 0.0 for m in found),
                tuple(b[0] for b in bounds),
                tuple(b[1] for b in bounds),
            )
            plots.append(
                Plot("bars", f"Word error rate by {kind}", kind, "word error rate", (series,))
            )
    return plots


def wordless() -> dict[str, Audio]:
    """Ten seconds each of what holds no words: silence, and a room's noises (16 kHz, the same every
    time)."""
    rng, length = np.random.default_rng(3), WORDLESS_S * SAMPLE_RATE
    time_s = np.arange(length) / SAMPLE_RATE
    room = room_response(SAMPLE_RATE, 5)
    pink = np.sqrt(np.maximum(np.fft.rfftfreq(length, 1 / SAMPLE_RATE), 50.0))
    fan = np.fft.irfft(np.fft.rfft(rng.standard_normal(length)) / pink, length)
    knocks = np.convolve((rng.random(length) > 0.9999) * 1.0, room)[:length]
    sounds = {
        "digital silence": np.zeros(length),
        "noise at -80 dBFS": rng.standard_normal(length) * 1e-4,
        "hiss at -40 dBFS": rng.standard_normal(length) * 0.01,
        "fan at -45 dBFS": fan / fan.std() * 0.0056,
        "fan at -30 dBFS": fan / fan.std() * 0.0316,
        "mains hum": 0.05 * np.sin(2 * np.pi * 100 * time_s)
        + 0.02 * np.sin(2 * np.pi * 200 * time_s),
        "knocks in a room": knocks / np.abs(knocks).max() * 0.5,
    }
    return {name: sound.astype(np.float32) for name, sound in sounds.items()}


async def _invented(context: Context, ears: Ears, empty: Sequence[Said], section: Section) -> None:
    """Words in sound without any: synthetic, the data folder's noise, and recordings whose
    transcript is empty."""
    sounds = [("synthetic", name, audio) for name, audio in wordless().items()]
    noises = [
        Said(path.name, "", "", "", partial(read_audio, path))
        for pattern in RECORDED
        for path in (sorted(context.data.glob(pattern)) if context.data else ())
    ]
    for one in (*noises, *empty):
        try:
            audio = await asyncio.to_thread(one.sound)
        except AudioInputError as error:
            section.detail.setdefault("left_out", {})[one.name] = error.cause
            continue
        for start in range(0, len(audio), PIECE_S * SAMPLE_RATE):
            name = f"{one.name} {one.noise} from {start // SAMPLE_RATE} s"
            sounds.append(
                ("recorded", " ".join(name.split()), audio[start : start + PIECE_S * SAMPLE_RATE])
            )
    rows: list[dict[str, Any]] = []
    for kind, name, audio in sounds:
        text = to_spoken(await ears.heard(audio))
        rows.append(
            {
                "kind": kind,
                "sound": name,
                "minutes": len(audio) / SAMPLE_RATE / 60,
                "words": len(text.split()),
                "heard": text,
            }
        )
    section.detail["invented"] = rows
    parts = {"invented": rows} | {
        f"invented.{kind}": [row for row in rows if row["kind"] == kind]
        for kind in ("synthetic", "recorded")
    }
    for prefix, part in parts.items():
        section.metrics += (
            []
            if not part
            else [
                metric(
                    f"{prefix}.words_per_minute",
                    [row["words"] for row in part],
                    "words/min",
                    "ratio",
                    weights=[row["minutes"] for row in part],
                    paired=True,
                ),
                metric(
                    f"{prefix}.recordings_with_words",
                    [bool(row["words"]) for row in part],
                    "share",
                    "mean",
                    paired=True,
                ),
            ]
        )
    section.metrics.append(given("invented.minutes", sum(row["minutes"] for row in rows), "min"))
    wordy = [row for row in rows if row["words"]]
    if wordy:
        section.findings.append(
            f"words were invented in {len(wordy)} of {len(rows)} sounds without any: "
            f"{wordy[0]['sound']} gave {wordy[0]['heard'][:60]!r}"
        )


async def _real(data: Path, ears: Ears, section: Section) -> None:
    """LibriSpeech folders of the data folder, as `real.FOLDER.*`; their words stay where they
    are."""
    for folder in sorted(
        path
        for path in data.iterdir()
        if path.is_dir() and path.name.lower().startswith("librispeech")
    ):
        try:
            said = [
                Said(row.audio.name, row.text, row.speaker, "", partial(read_audio, row.audio))
                for row in transcripts.read(folder)
                if row.text
            ]
            rows = await ears.all(said, section)
        except InputError as error:
            section.detail.setdefault("left_out", {})[folder.name] = error.cause
            continue
        prefix = f"real.{folder.name}."
        section.metrics += [
            *figures(rows, prefix),
            *(m for m in _by_group(rows, prefix) if ".wer.speaker." in m.name),
        ]
        section.detail[f"real.{folder.name}"] = told(rows, texts=False)
