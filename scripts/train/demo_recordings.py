"""Speaks the bundled demo's user: `python -m scripts.train.demo_recordings`. Voices that no model
was trained on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile as sf

from voice_local.audio.types import SAMPLE_RATE
from voice_local.bench.speakers import (
    HELD_OUT,
    speak,
    with_noise,
)

OUT = Path(__file__).resolve().parents[2] / "voice_local" / "recordings"
TURNS = (
    ("flite rms", "where is my order a b one two three four"),
    ("espeak Annie", "i am really upset nobody called me back"),
    ("festival kal", "okay thank you goodbye"),
)


def main() -> None:
    """Writes user_1.flac, user_2.flac, …; a quiet room 35 dB under the speech."""
    OUT.mkdir(exist_ok=True)
    for number, (voice, text) in enumerate(TURNS, 1):
        sound = with_noise(speak(HELD_OUT[voice], text), 35.0, number)
        sf.write(
            OUT / f"user_{number}.flac",
            sound / np.abs(sound).max() * 0.5,
            SAMPLE_RATE,
            subtype="PCM_16",
        )


if __name__ == "__main__":
    main()
