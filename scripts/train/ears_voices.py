"""Free synthetic voices for the ears, each telling when it says which phone: espeak-ng (its
library) and flite."""

from __future__ import annotations

import ctypes
import random
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile as sf
import soxr

SAMPLE_RATE = 16_000
LABEL_HOP = 160  # samples between two phone labels

# Kept out of training for ever, so that measurements mean something (with flite `rms`, espeak
# `en-029` and festival).
HELD_OUT_VARIANTS = {"Annie", "Andy", "Alicia", "Denis", "linda", "steph3", "Michael"}
VARIANTS = (
    "adam alex Andrea antonio aunty belinda benjamin boris caleb david Diogo ed edward edward2 "
    "Gene Gene2 gustave Henrique Hugo iven iven2 iven3 iven4 Jacky john kaukovalta Lee marcelo "
    "marco Mario max michel miguel mike Nguyen pablo paul pedro quincy RicishayMax RicishayMax2 "
    "RicishayMax3 rob robert steph steph2 Storm travis victor Zac anika shelby sandro norbert "
    "grandma grandpa klatt klatt2 klatt3 klatt4 m1 m2 m3 m4 m5 m6 m7 m8 f1 f2 f3 f4 f5"
).split()
LANGUAGES = (
    "en-us en-us en-us en-us-nyc en-gb-x-rp en-gb-x-rp en-gb-scotland en-gb-x-gbclan en-gb-x-gbcwmd"
).split()
FLITE = "slt slt slt awb awb awb kal16 kal16 kal".split()
PAUSES = {"pau", "_", "_:", "_|", "_!", "_::", "", "ssil", "sil"}


@dataclass(frozen=True)
class Speaker:
    """One random setting of one synthesizer.

    Attributes:
        engine: "espeak" or "flite"; each names phones in its own way.
        voice: its voice.
        pace: words per minute (espeak-ng) or a factor on durations (flite).
        pitch: 0..99 (espeak-ng) or mean Hz (flite); 0: the voice's own.
        spread: pitch range 0..99 (espeak-ng).
        warp: factor on the sample count: pitch and formants move together, another size of speaker.
    """

    engine: str
    voice: str
    pace: float
    pitch: int
    spread: int
    warp: float


@dataclass(frozen=True)
class Utterance:
    """One sentence said.

    Attributes:
        samples: (samples,) int16 mono at 16 kHz.
        phones: "engine:phone" every `LABEL_HOP` samples; "engine:" where it pauses.
    """

    samples: npt.NDArray[np.int16]
    phones: list[str]


def random_speaker(rng: random.Random, made: list[str]) -> Speaker:
    """Any voice that is not held out; `made`: the variants that `ears_variants` added to
    espeak-ng's own."""
    warp = rng.uniform(0.84, 1.2) if rng.random() < 0.7 else 1.0
    if rng.random() < 0.45:
        pitch = rng.randint(75, 240) if rng.random() < 0.5 else 0
        return Speaker("flite", rng.choice(FLITE), round(rng.uniform(0.78, 1.3), 2), pitch, 0, warp)
    language = rng.choice(LANGUAGES)
    kind = rng.random()
    variant = "" if kind < 0.04 else f"+{rng.choice(VARIANTS if kind < 0.45 else made)}"
    voice = f"{language}{variant}"
    return Speaker(
        "espeak", voice, rng.randint(115, 215), rng.randint(20, 80), rng.randint(30, 75), warp
    )


class _Id(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    """`espeak_EVENT` of espeak-ng's speak_lib.h."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _Id),
    )


class Espeak:
    """espeak-ng's library in this process: one instance, not for threads.

    Raises:
        OSError: the library is not installed, or `data` has no espeak-ng-data.
    """

    PHONE_EVENT, RATE, PITCH, RANGE = 7, 1, 3, 4

    def __init__(self, data: Path) -> None:
        self._espeak: Any = ctypes.CDLL("libespeak-ng.so.1")
        # 2: samples come to us before the call returns; 1: with phone events.
        self.rate = int(self._espeak.espeak_Initialize(2, 500, str(data).encode(), 1))
        if self.rate <= 0:
            raise OSError(f"espeak-ng finds no data in {data}")
        self.sound: list[bytes] = []
        self.events: list[tuple[int, str]] = []
        kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(_Event))
        self.callback = kind(self._hear)  # kept: the library holds only its address
        self._espeak.espeak_SetSynthCallback(self.callback)
        self._espeak.espeak_SetVoiceByName.argtypes = [ctypes.c_char_p]
        self._espeak.espeak_Synth.argtypes = [
            ctypes.c_char_p,
            ctypes.c_size_t,
            ctypes.c_uint,
            ctypes.c_int,
            ctypes.c_uint,
            ctypes.c_uint,
            ctypes.c_void_p,
            ctypes.c_void_p,
        ]

    def _hear(self, samples: int | None, count: int, events: Any) -> int:
        if samples and count > 0:
            self.sound.append(ctypes.string_at(samples, 2 * count))
        index = 0
        while events[index].type:
            if events[index].type == self.PHONE_EVENT:
                name = bytes(events[index].id.string).split(b"\0")[0].decode("utf-8", "replace")
                self.events.append((int(events[index].sample), name))
            index += 1
        return 0

    def say(
        self, speaker: Speaker, text: str
    ) -> tuple[npt.NDArray[np.float32], list[tuple[float, str]]]:
        """(samples at `self.rate`, phones with the second each ends)."""
        self.sound, self.events = [], []
        if self._espeak.espeak_SetVoiceByName(speaker.voice.encode()):
            raise RuntimeError(f"espeak-ng has no voice {speaker.voice}")
        for parameter, value in (
            (self.RATE, int(speaker.pace)),
            (self.PITCH, speaker.pitch),
            (self.RANGE, speaker.spread),
        ):
            self._espeak.espeak_SetParameter(parameter, value, 0)
        data = text.encode()
        self._espeak.espeak_Synth(data, len(data) + 1, 0, 0, 0, 1, None, None)
        samples = np.frombuffer(b"".join(self.sound), dtype=np.int16).astype(
            np.float32
        ) / np.float32(32768)
        ends = [begin for begin, _ in self.events[1:]] + [len(samples)]
        phones = [("" if name in PAUSES else name) for _, name in self.events]
        # A palatal mark and the like are events of no length: they name no stretch of sound.
        return samples, [(end / self.rate, name) for end, name in zip(ends, phones, strict=True)]


def flite(
    speaker: Speaker, text: str
) -> tuple[npt.NDArray[np.float32], int, list[tuple[float, str]]]:
    """(samples, their rate, phones with the second each ends), by flite's program."""
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        command = ["flite", "-voice", speaker.voice, "--setf", f"duration_stretch={speaker.pace}"]
        if speaker.pitch:
            command += ["--setf", f"int_f0_target_mean={speaker.pitch}"]
        told = subprocess.run(
            [*command, "-psdur", "-t", text, "-o", file.name],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        samples, rate = sf.read(Path(file.name), dtype="float32")
    pairs = [word.rsplit(":", 1) for word in told.split()]
    return samples, int(rate), [(float(end), "" if name in PAUSES else name) for name, end in pairs]


def say(espeak: Espeak, speaker: Speaker, text: str) -> Utterance:
    """`text` by `speaker`, its peak at 0.7 of full scale.

    Raises:
        RuntimeError: the synthesizer made no sound.
    """
    if speaker.engine == "espeak":
        (samples, ends), rate = espeak.say(speaker, text), espeak.rate
    else:
        samples, rate, ends = flite(speaker, text)
    if not len(samples):
        raise RuntimeError(f"{speaker} said nothing for {text!r}")
    samples = np.asarray(soxr.resample(samples, rate, SAMPLE_RATE * speaker.warp), dtype=np.float32)
    peak = float(np.abs(samples).max()) or 1.0
    centres = (
        (np.arange(len(samples) // LABEL_HOP + 1) + 0.5) * LABEL_HOP / SAMPLE_RATE / speaker.warp
    )
    where = np.searchsorted([end for end, _ in ends], centres)
    phones = [f"{speaker.engine}:{ends[k][1] if k < len(ends) else ''}" for k in where]
    return Utterance(np.asarray(samples / peak * 0.7 * 32767, dtype=np.int16), phones)
