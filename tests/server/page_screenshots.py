"""Makes the pictures of docs/page: python -m tests.server.page_screenshots docs/page"""

from __future__ import annotations

import io
import sys
import tempfile
import time
from importlib import resources
from pathlib import Path

import soundfile
import soxr

from tests.server.chromium import Chromium
from tests.server.fake_realtime import RATE, FakeRealtime
from tests.server.served_page import chromium, opened, wait_state


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, chromium(Path(scratch)) as browser:
        wide(browser, folder)
        narrow(browser, folder)
        dark(browser, folder)


def speaking_server() -> FakeRealtime:
    """One whose answers sound like a voice, so that the meter moves as it would."""
    server = FakeRealtime()
    recorded = resources.files("voice_local.recordings").joinpath("user_2.flac").read_bytes()
    samples, rate = soundfile.read(io.BytesIO(recorded))
    server.voice = (soxr.resample(samples, rate, RATE) * 32767).astype("<i2")
    server.step_s = 0.6
    return server


def wide(browser: Chromium, folder: Path) -> None:
    with speaking_server() as server:
        tab = opened(browser, server)
        time.sleep(0.3)
        tab.screenshot(folder / "idle.png")
        tab.click("#talk")
        tab.wait("document.querySelector('.about')")
        tab.wait("document.querySelector('.tentative')?.textContent.includes('hair')")
        time.sleep(0.3)
        tab.screenshot(folder / "listening.png")
        wait_state(tab, "Answering")
        time.sleep(1.2)
        tab.screenshot(folder / "speaking.png")
        tab.close()


def narrow(browser: Chromium, folder: Path) -> None:
    with speaking_server() as server:
        tab = opened(browser, server)
        tab.resize(360, 720)
        tab.click("#talk")
        tab.wait("document.querySelector('.about')")
        wait_state(tab, "Answering")
        time.sleep(1.0)
        tab.screenshot(folder / "narrow.png")
        tab.close()


def dark(browser: Chromium, folder: Path) -> None:
    with speaking_server() as server:
        tab = opened(browser, server, prefers_color_scheme="dark")
        tab.click("#talk")
        tab.wait("document.querySelector('.about')")
        wait_state(tab, "Answering")
        time.sleep(0.6)
        tab.click("#interrupt")
        tab.wait("document.querySelector('.badge')")
        tab.click("#talk")
        tab.run("[...document.querySelectorAll('details')].at(-1).open = true")
        tab.run("document.querySelector('#conversation').scrollTo(0, 9999)")
        time.sleep(0.2)
        tab.screenshot(folder / "dark.png")
        tab.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
