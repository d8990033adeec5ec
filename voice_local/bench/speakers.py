"""Voices that no model here was trained on, for measuring: espeak-ng variants, flite `rms`,
festival."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from voice_local.audio.files import read_audio
from voice_local.audio.types import Audio
from voice_local.errors import BenchmarkError

HELD_OUT = {
    "espeak Annie": ["espeak-ng", "-v", "en-us+Annie"],
    "espeak Andy": ["espeak-ng", "-v", "en-us+Andy"],
    "espeak Alicia": ["espeak-ng", "-v", "en-us+Alicia"],
    "espeak Denis": ["espeak-ng", "-v", "en-us+Denis"],
    "espeak linda": ["espeak-ng", "-v", "en-gb-x-rp+linda"],
    "espeak steph3": ["espeak-ng", "-v", "en-us+steph3"],
    "espeak Michael": ["espeak-ng", "-v", "en-gb-x-rp+Michael"],
    "espeak en-029": ["espeak-ng", "-v", "en-029"],
    "flite rms": ["flite", "-voice", "rms"],
    "festival kal": ["text2wave"],
}


def available() -> dict[str, list[str]]:
    """Those of `HELD_OUT` whose program is on the PATH."""
    return {name: command for name, command in HELD_OUT.items() if shutil.which(command[0])}


def speak(command: list[str], text: str) -> Audio:
    """`text` in that voice, 16 kHz.

    Raises:
        BenchmarkError: its program fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "said.wav"
        try:
            _say(command, text, path)
        except (OSError, subprocess.CalledProcessError) as error:
            raise BenchmarkError(
                f"{' '.join(command)} cannot speak ({type(error).__name__})",
                "install espeak-ng, flite and festival again",
            ) from None
        return read_audio(path)


def _say(command: list[str], text: str, path: Path) -> None:
    if command[0] == "flite":
        subprocess.run([*command, "-t", text, "-o", str(path)], check=True, capture_output=True)
    elif command[0] == "text2wave":
        subprocess.run(
            [*command, "-o", str(path)], input=text.encode(), check=True, capture_output=True
        )
    else:
        subprocess.run([*command, "-w", str(path), text], check=True, capture_output=True)


def with_noise(audio: Audio, snr_db: float | None, seed: int) -> Audio:
    """`audio` with half a second of room around it and pink-ish noise `snr_db` under its mean
    power; None: no noise."""
    rng = np.random.default_rng(seed)
    whole = np.concatenate([np.zeros(8000, np.float32), audio, np.zeros(8000, np.float32)])
    if snr_db is None:
        return whole
    spectrum = np.fft.rfft(rng.standard_normal(len(whole)))
    spectrum /= np.sqrt(np.maximum(np.fft.rfftfreq(len(whole), 1 / 16_000), 50.0))
    noise = np.fft.irfft(spectrum, len(whole))
    power = float(np.sqrt((audio**2).mean()))
    return np.asarray(whole + noise / noise.std() * power * 10 ** (-snr_db / 20), dtype=np.float32)
