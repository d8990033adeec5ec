"""The page of a scripted server, open in a browser."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

import pytest
import soundfile
import soxr

from tests.server.chromium import BROWSER, Chromium, Tab
from tests.server.fake_realtime import FakeRealtime

needs_chromium = pytest.mark.skipif(
    BROWSER is None, reason="no Chromium here: apt-get install chromium"
)

MICROPHONE_RATE = 48_000


@contextmanager
def chromium(folder: Path, *, again: bool = True) -> Iterator[Chromium]:
    """A browser into whose microphone a recorded question is spoken: again and again, or once."""
    microphone = folder / "microphone.wav"
    recorded = resources.files("voice_local.recordings").joinpath("user_1.flac").read_bytes()
    samples, rate = soundfile.read(io.BytesIO(recorded))
    spoken = soxr.resample(samples, rate, MICROPHONE_RATE)
    soundfile.write(microphone, spoken, MICROPHONE_RATE, subtype="PCM_16")
    with Chromium(folder / "profile", f"{microphone}{'' if again else '%noloop'}") as browser:
        yield browser


def opened(
    browser: Chromium, server: FakeRealtime, downloads: Path | None = None, **media: str
) -> Tab:
    """A tab whose page is connected."""
    tab = browser.open(server.url, downloads=downloads, **media)
    wait_state(tab, "Ready")
    return tab


def wait_state(tab: Tab, words: str) -> None:
    tab.wait(f"document.querySelector('#state').textContent === {words!r}")


def listened(tab: Tab) -> None:
    """A whole spoken turn."""
    tab.click("#talk")
    tab.wait("document.querySelector('.about')")


def wait(found: Callable[[], object]) -> None:
    """Until something has come to the server.

    Raises:
        TimeoutError: it did not.
    """
    end = time.monotonic() + 10
    while not found():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.03)
