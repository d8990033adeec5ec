"""The page against `voice-local serve` with the embedded models: a question into the microphone,
its words on the screen, the answer out of the loudspeaker."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.server.chromium import Chromium, Tab
from tests.server.served_page import chromium, needs_chromium, wait_state
from tests.server.serving import serve

pytestmark = [pytest.mark.server, needs_chromium]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Of a server's page."""
    with serve() as server:
        yield f"http://{server.host}"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """The question is spoken once."""
    with chromium(tmp_path_factory.mktemp("chromium"), again=False) as running:
        yield running


def transcript(sound: np.ndarray, rate: float, folder: Path) -> str:
    """Of what was heard, by the recognizer of the profile."""
    path = folder / "heard.wav"
    soundfile.write(path, sound, int(rate))
    command = [sys.executable, "-m", "voice_local", "transcribe", "--profile", "tiny", "--json"]
    told = subprocess.run([*command, str(path)], capture_output=True, text=True, check=True)
    return json.dumps(json.loads(told.stdout)).lower()


def sent(tab: Tab, kind: str) -> list[str]:
    """The events of one type that the page sent."""
    tab.run("0")
    frames = [
        event["params"]["response"]["payloadData"]
        for event in tab.events
        if event["method"] == "Network.webSocketFrameSent"
    ]
    return [frame for frame in frames if json.loads(frame)["type"] == kind]


def test_a_spoken_question_is_seen_and_its_answer_heard(
    browser: Chromium, url: str, tmp_path: Path
) -> None:
    tab = browser.open(url)
    wait_state(tab, "Ready")
    tab.click("#talk")
    tab.wait("document.querySelector('.user .words')?.textContent.includes('order')", 30)
    tab.wait("document.querySelector('.about')", 30)
    assert "where is my order" in tab.text(".user .words")
    assert "order" in tab.text(".assistant .words")
    assert "check order status" in tab.text(".facts")
    for stage in ("Endpointing", "Recognition", "Understanding", "Voice", "First sound"):
        assert stage in tab.text("#last")
    assert "1 answer" in tab.text("#timing")
    time.sleep(1)
    samples, rate = tab.run("[window.heard, window.heardRate]")
    words = transcript(np.array(samples, np.float32), rate, tmp_path)
    print(tab.text(".assistant .words"), "was heard as", words)
    assert {"order", "nothing", "here", "look"} <= set(words.split())
    assert tab.problems == []
    tab.close()


def test_typed_words_are_answered_and_everything_is_forgotten(browser: Chromium, url: str) -> None:
    tab = browser.open(url)
    wait_state(tab, "Ready")
    for count in (1, 2):
        tab.click("#text")
        tab.type("What time is it?")
        tab.key("Enter", text="\r")
        tab.wait(f"document.querySelectorAll('.assistant').length === {count}")
    tab.wait("document.querySelectorAll('.about').length === 2")
    assert tab.text(".assistant .words").startswith("It is")
    assert tab.run("document.querySelector('#notice').hidden"), tab.text("#notice")
    tab.click("#forget")
    tab.click("dialog [value=yes]")
    tab.wait("document.querySelector('#notice-text').textContent.startsWith('Deleted')")
    assert tab.problems == []
    tab.close()


def test_a_voice_is_chosen_after_another_was_heard(browser: Chromium, url: str) -> None:
    """A session keeps its voice: the page begins another."""
    tab = browser.open(url)
    wait_state(tab, "Ready")
    tab.click("#text")
    tab.type("What time is it?")
    tab.key("Enter", text="\r")
    tab.wait("document.querySelector('.about')")
    tab.run("document.querySelector('#voice').selectedIndex = 1")
    tab.run("document.querySelector('#voice').dispatchEvent(new Event('change'))")
    tab.wait("document.querySelector('.note')?.textContent.includes('Connected again')")
    wait_state(tab, "Ready")
    assert tab.run("document.querySelector('#voice').selectedIndex") == 1
    chosen = tab.run("document.querySelector('#voice').value")
    assert (
        json.loads(sent(tab, "session.update")[-1])["session"]["audio"]["output"]["voice"] == chosen
    )
    assert tab.problems == []
    tab.close()


def test_the_user_speaks_over_the_answer(url: str, tmp_path: Path) -> None:
    with chromium(tmp_path) as browser:  # the question comes again while it is answered
        tab = browser.open(url)
        wait_state(tab, "Ready")
        tab.click("#talk")
        tab.wait("document.querySelector('.badge')", 40)
        wait_state(tab, "You are speaking")
        (truncated,) = sent(tab, "conversation.item.truncate")
        assert 0 < json.loads(truncated)["audio_end_ms"] < 4000
        tab.wait("document.querySelectorAll('.assistant').length === 2", 30)
        assert tab.problems == []
