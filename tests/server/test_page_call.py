"""The page over WebRTC, against `voice-local serve` with the embedded models."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.server.chromium import Chromium, Tab
from tests.server.served_page import chromium, needs_chromium, wait_state
from tests.server.serving import serve
from tests.server.test_page_real import sent, transcript

pytestmark = [pytest.mark.server, needs_chromium]
TOKEN = "a-token-of-this-test"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serve(SERVER__TOKEN=TOKEN) as server:
        yield f"http://{server.host}"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """The question is spoken once."""
    with chromium(tmp_path_factory.mktemp("chromium"), again=False) as running:
        yield running


def called(browser: Chromium, url: str) -> Tab:
    """A tab whose page is connected over WebRTC."""
    tab = browser.open(url)
    tab.wait("!document.querySelector('#token-form').hidden")
    tab.click("#token")
    tab.type(TOKEN)
    tab.key("Enter", text="\r")
    wait_state(tab, "Ready")
    choose(tab, "call")
    tab.wait("window.peers.length === 1 && window.peers[0].connectionState === 'connected'")
    wait_state(tab, "Ready")
    return tab


def unexpected(tab: Tab) -> list[str]:
    """Problems, but for the first try without a token."""
    first = ("Authentication failed", "Unauthorized")
    return [one for one in tab.problems if not any(words in one for words in first)]


def choose(tab: Tab, link: str) -> None:
    tab.run(f"document.querySelector('#link').value = {link!r}")
    tab.run("document.querySelector('#link').dispatchEvent(new Event('change'))")


def test_a_spoken_question_is_seen_and_its_answer_heard(
    browser: Chromium, url: str, tmp_path: Path
) -> None:
    tab = called(browser, url)
    tab.click("#talk")
    tab.wait("document.querySelector('.user .words')?.textContent.includes('order')", 30)
    tab.wait("document.querySelector('.about')", 30)
    assert "where is my order" in tab.text(".user .words")
    assert "check order status" in tab.text(".facts")
    for stage in ("Endpointing", "Recognition", "Understanding", "Voice", "First sound"):
        assert stage in tab.text("#last")
    time.sleep(1)
    samples, rate = tab.run("[window.called, window.heardRate]")
    words = transcript(np.array(samples, np.float32), rate, tmp_path)
    print(tab.text(".assistant .words"), "was heard as", words)
    assert {"order", "nothing", "here", "look"} <= set(words.split())
    assert sent(tab, "input_audio_buffer.append") == [], "sound goes on a track of its own"
    assert f"{url}/v1/realtime/calls?model=default&extensions=voice_local" in tab.addresses
    choose(tab, "socket")
    tab.wait("window.peers[0].connectionState === 'closed'")
    wait_state(tab, "Listening")
    assert unexpected(tab) == []
    tab.close()


def test_a_typed_question_is_answered_and_interrupted(browser: Chromium, url: str) -> None:
    tab = called(browser, url)
    tab.click("#text")
    tab.type("Tell me something about the sea, and about the ships on it.")
    tab.key("Enter", text="\r")
    wait_state(tab, "Answering")
    tab.wait("document.querySelector('#meter').classList.contains('assistant')")
    tab.key("Escape")
    tab.wait("document.querySelector('.badge')")
    wait_state(tab, "Ready")
    tab.click("#text")
    tab.type("What time is it?")
    tab.key("Enter", text="\r")
    tab.wait("document.querySelectorAll('.about').length === 2")
    assert unexpected(tab) == []
    tab.close()


def test_the_user_speaks_over_the_answer(url: str, tmp_path: Path) -> None:
    with chromium(tmp_path) as browser:  # the question comes again while it is answered
        tab = called(browser, url)
        tab.click("#talk")
        tab.wait("document.querySelector('.badge')", 40)
        tab.wait("document.querySelectorAll('.assistant').length === 2", 30)
        assert unexpected(tab) == []


def test_push_to_talk(url: str, tmp_path: Path) -> None:
    with chromium(tmp_path) as browser:
        tab = called(browser, url)
        tab.click("#hold")
        tab.run("document.activeElement.blur()")
        tab.key(" ", "Space", up=False)
        wait_state(tab, "You are speaking")
        time.sleep(4)
        tab.let_go(" ", "Space")
        tab.wait("document.querySelector('.about')", 30)
        assert "order" in tab.text(".user:not(.unfinished) .words")
        assert "check order status" in tab.text(".facts")
        count = tab.run("document.querySelectorAll('.user').length")
        time.sleep(4)  # the question goes on into the microphone, and nobody holds the button
        assert tab.run("document.querySelectorAll('.user').length") == count == 1
        assert unexpected(tab) == []
