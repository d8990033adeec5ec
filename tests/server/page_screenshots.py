"""Makes the pictures of docs/page, of a real conversation:
python -m tests.server.page_screenshots docs/page"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile
import soxr

from tests.server.chromium import Chromium, Tab
from tests.server.served_page import MICROPHONE_RATE, wait_state
from tests.server.serving import serve

QUESTIONS = (
    "Could you set a timer for ten minutes?",
    "Thank you. How much time is left on my timer?",
    "What time is it?",
)
BEFORE_S, BETWEEN_S = 1.0, 9.0
PROFILE = "small"


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as scratch,
        serve("--profile", PROFILE) as server,
        Chromium(Path(scratch), f"{spoken(Path(scratch))}%noloop") as browser,
    ):
        tab = browser.open(f"http://{server.host}")
        wait_state(tab, "Ready")
        time.sleep(0.5)
        tab.screenshot(folder / "idle.png")
        tab.click("#talk")
        try:
            conversation(tab, folder)
        except TimeoutError:
            tab.screenshot(folder / "failed.png")
            raise


def conversation(tab: Tab, folder: Path) -> None:
    """Three questions: one for each of the other pictures."""
    answered(tab, 1)
    tab.wait("[...document.querySelectorAll('.user')].at(1)?.querySelector('.tentative')", 30)
    wait_state(tab, "You are speaking")
    tab.screenshot(folder / "listening.png")
    tab.wait("document.querySelectorAll('.assistant').length === 2", 30)
    wait_state(tab, "Answering")
    time.sleep(0.8)
    tab.screenshot(folder / "speaking.png")
    answered(tab, 2)
    tab.resize(360, 720)
    tab.run("document.querySelector('#conversation').scrollTo(0, 9999)")
    tab.wait("document.querySelectorAll('.assistant').length === 3", 30)
    wait_state(tab, "Answering")
    time.sleep(0.5)
    tab.screenshot(folder / "narrow.png")
    answered(tab, 3)
    tab.resize(1280, 800)
    tab.emulate({"prefers_color_scheme": "dark"})
    tab.run("[...document.querySelectorAll('details')].at(-1).open = true")
    tab.run("document.querySelector('#conversation').scrollTo(0, 9999)")
    time.sleep(0.5)
    tab.screenshot(folder / "dark.png")


def answered(tab: Tab, count: int) -> None:
    tab.wait(f"document.querySelectorAll('.about').length === {count}", 40)


def spoken(folder: Path) -> Path:
    """The questions, with time for the answers."""
    parts = [silence(BEFORE_S)]
    for text in QUESTIONS:
        path = folder / "question.wav"
        command = [sys.executable, "-m", "voice_local", "say", "--profile", PROFILE]
        subprocess.run([*command, text, "--out", path], check=True)
        samples, rate = soundfile.read(path, dtype="float32")
        parts += [soxr.resample(samples, rate, MICROPHONE_RATE), silence(BETWEEN_S)]
    whole = folder / "microphone.wav"
    soundfile.write(whole, np.concatenate(parts), MICROPHONE_RATE, subtype="PCM_16")
    return whole


def silence(seconds: float) -> np.ndarray:
    return np.zeros(int(seconds * MICROPHONE_RATE), np.float32)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
