"""The page in a real browser, against a server that follows a script."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.chromium import ELSEWHERE, Chromium, Tab
from tests.server.fake_realtime import FakeRealtime
from tests.server.page_script import SCRIPT
from tests.server.served_page import chromium, listened, needs_chromium, opened, wait, wait_state

pytestmark = [pytest.mark.server, needs_chromium]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with chromium(tmp_path_factory.mktemp("chromium")) as running:
        yield running


@pytest.fixture
def server() -> Iterator[FakeRealtime]:
    with FakeRealtime() as running:
        yield running


@pytest.fixture
def tab(browser: Chromium, server: FakeRealtime, tmp_path: Path) -> Iterator[Tab]:
    """Connected, and closed without any problem, and without a word to another machine."""
    page = opened(browser, server, downloads=tmp_path)
    yield page
    assert page.problems == []
    own = f"127.0.0.1:{server.port}/"
    assert {one for one in page.addresses if f"//{own}" not in one and "blob:" not in one} == set()
    page.close()


def saved(folder: Path, suffix: str) -> str:
    """The content of the file that was downloaded."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        if found := list(folder.glob(f"*.{suffix}")):
            return found[0].read_text()
        time.sleep(0.05)
    raise TimeoutError(suffix)


def test_a_spoken_turn_is_seen_from_the_first_word_to_its_times(
    tab: Tab, server: FakeRealtime
) -> None:
    tab.click("#talk")
    wait_state(tab, "You are speaking")
    tab.wait("document.querySelector('.tentative')?.textContent.includes('Norse')")
    assert "What is the best time" in tab.text("#captions")
    assert "may still change" in tab.text(".user .words")
    wait_state(tab, "Answering")
    assert SCRIPT[0].question in tab.text("#captions")
    assert tab.run("document.querySelector('.tentative')") is None
    tab.wait("document.querySelector('.about')")
    assert SCRIPT[0].answer in tab.text("#captions")
    assert "ask question 94 %" in tab.text(".facts")
    assert "curiosity 71 %" in tab.text(".facts")
    assert "English" in tab.text(".facts")
    rows = tab.text("#last").splitlines()
    assert [row for row in rows if row.startswith("Recognition")]
    times = "352 ms", "118 ms", "11 ms", "165 ms", "92 ms", "499 ms"
    assert all(any(row.endswith(time) for row in rows) for time in times)
    assert "499 ms" in tab.text("#timing")


def test_the_bars_lie_where_the_work_was(tab: Tab) -> None:
    """The end of the wait is where the turn was committed; work began ahead of that by what
    speculation saved."""
    listened(tab)
    bars = tab.run(
        "import('/static/timing.js').then((timing) => timing.bars("
        f"{json.dumps(SCRIPT[0].record.as_json())}))"
    )
    begins = {bar["name"]: round(bar["begin"], 1) for bar in bars}
    assert begins["Endpointing"] == 0
    assert begins["Recognition"] == 352.0 - 288.0
    assert begins["Voice"] == round(64.0 + 118.4 + 11.2 + 164.9, 1)


def test_typing_asks_and_is_no_markup(tab: Tab, server: FakeRealtime) -> None:
    text = "<img src=x onerror=alert(1)> & how far?"
    tab.click("#text")
    tab.type(text)
    tab.key("Enter", text="\r")
    tab.wait("document.querySelector('.about')")
    assert text in tab.text(".user .words")
    (created,) = server.of("conversation.item.create")
    assert created["item"]["content"] == [{"type": "input_text", "text": text}]
    assert len(server.of("response.create")) == 1
    assert tab.run("document.querySelector('#text').value") == ""


def test_typing_over_an_answer_ends_it_first(tab: Tab, server: FakeRealtime) -> None:
    for text in ("one", "two"):
        tab.click("#text")
        tab.type(text)
        tab.key("Enter", text="\r")
        wait_state(tab, "Answering")
    tab.wait("document.querySelectorAll('.about').length === 2")
    assert "interrupted" in tab.text(".assistant")
    assert tab.run("document.querySelector('#notice').hidden")
    assert SCRIPT[1].answer in tab.text("#captions")


def test_the_transcript_is_saved_as_text_json_and_webvtt(tab: Tab, tmp_path: Path) -> None:
    tab.click("#text")
    tab.type("a --> b & <c>")
    tab.key("Enter", text="\r")
    tab.wait("document.querySelector('.about')")
    for name in ("txt", "json", "vtt"):
        tab.click(f"[data-format={name}]")
    assert saved(tmp_path, "txt").splitlines() == [
        "You: a --> b & <c>",
        f"Assistant: {SCRIPT[0].answer}",
    ]
    kept = json.loads(saved(tmp_path, "json"))
    assert [entry["who"] for entry in kept["entries"]] == ["user", "assistant"]
    assert kept["turns"][0]["stt_latency_ms"] == 118.4
    lines = saved(tmp_path, "vtt").splitlines()
    assert lines[0] == "WEBVTT"
    assert "<v You>a --&gt; b &amp; &lt;c&gt;" in lines
    assert sum(" --> " in line for line in lines) == 2


def test_what_is_kept_is_told_and_deleted(tab: Tab, server: FakeRealtime) -> None:
    assert "in the server's log" in tab.text("#kept")
    listened(tab)
    tab.click("#talk")
    tab.click("#forget")
    tab.click("dialog [value=no]")
    assert server.of("voice_local.forget") == []
    tab.click("#forget")
    tab.click("dialog [value=yes]")
    tab.wait("document.querySelector('#notice-text').textContent.startsWith('Deleted')")
    assert len(server.of("voice_local.forget")) == 1
    assert SCRIPT[0].question not in tab.text("body")


def test_voice_and_language_are_chosen(tab: Tab, server: FakeRealtime) -> None:
    pick = "(() => {{ const one = document.querySelector('#{0}'); one.value = '{1}'; one.dispatchEvent(new Event('change')); }})()"
    tab.run(pick.format("voice", "cedar"))
    tab.run(pick.format("language", "de"))
    assert "German" in tab.text("#language")
    wait(lambda: len(server.of("session.update")) == 3)
    session = server.of("session.update")[-1]["session"]
    assert session["audio"]["output"]["voice"] == "cedar"
    assert session["audio"]["input"]["transcription"]["language"] == "de"
    assert session["audio"]["input"]["format"] == {"type": "audio/pcm", "rate": 24000}


def test_it_connects_again_and_keeps_the_transcript(tab: Tab, server: FakeRealtime) -> None:
    listened(tab)
    server.sessions[0].drop(1012)
    wait(lambda: len(server.sessions) == 2)
    tab.wait("document.querySelector('#connection').textContent === 'Connected'")
    assert SCRIPT[0].question in tab.text("#captions")
    assert "Connected again" in tab.text("#captions")
    assert tab.run("document.querySelector('#notice').hidden")


def test_a_session_that_the_server_ended_is_not_taken_up_again(
    tab: Tab, server: FakeRealtime
) -> None:
    server.sessions[0].drop(1000)
    tab.wait("document.querySelector('#connection').textContent === 'Not connected'")
    time.sleep(1.0)
    assert len(server.sessions) == 1
    tab.click("#notice-action")
    wait_state(tab, "Ready")


def test_a_token_is_asked_for_and_kept_in_memory_alone(browser: Chromium) -> None:
    with FakeRealtime(token="s3cret-s3cret-s3cret") as server:
        tab = browser.open(server.url)
        for token, why in (("wrong", "did not take"), ("not a token", "A token has")):
            tab.wait("!document.querySelector('#token-form').hidden")
            tab.type(token)
            tab.key("Enter", text="\r")
            tab.wait(f"document.querySelector('#token-why').textContent.includes({why!r})")
        tab.type("s3cret-s3cret-s3cret")
        tab.key("Enter", text="\r")
        wait_state(tab, "Ready")
        assert tab.run("document.querySelector('#token').value") == ""
        assert not any("s3cret-s3cret-s3cret" in address for address in tab.addresses)
        assert tab.run("localStorage.length + sessionStorage.length + document.cookie.length") == 0
        expected = "401", "Authentication failed"
        assert all(any(words in one for words in expected) for one in tab.problems)
        tab.close()


def test_where_no_microphone_is_allowed_it_says_so_and_takes_text(
    browser: Chromium, server: FakeRealtime
) -> None:
    tab = browser.open(f"http://{ELSEWHERE}:{server.port}/")
    wait_state(tab, "Ready")
    assert "--tls" in tab.text("#insecure")
    assert tab.run("document.querySelector('#talk').ariaDisabled") == "true"
    assert server.of("session.update")[0]["session"]["output_modalities"] == ["text"]
    tab.click("#text")
    tab.type("hello")
    tab.key("Enter", text="\r")
    tab.wait("document.querySelector('.about')")
    assert SCRIPT[0].answer in tab.text("#captions")
    told = [one for one in tab.problems if "Cross-Origin-Opener-Policy header has been" not in one]
    assert told == []  # that header is for secure contexts
    tab.close()


def test_files_have_their_types_and_are_asked_for_again(server: FakeRealtime) -> None:
    types = {
        "/": "text/html; charset=utf-8",
        "/static/app.js": "text/javascript; charset=utf-8",
        "/static/style.css": "text/css; charset=utf-8",
        "/static/icon.svg": "image/svg+xml",
    }
    for path, media_type in types.items():
        with urllib.request.urlopen(server.url + path) as answer:
            assert answer.headers["content-type"] == media_type
            assert answer.headers["cache-control"] == "no-cache"
            assert "default-src 'self'" in answer.headers["content-security-policy"]
            tag = answer.headers["etag"]
        again = urllib.request.Request(server.url + path, headers={"if-none-match": tag})
        assert refused(again) == 304
    for path in ("/static/none.js", "/static/../page.py", "/static/%2e%2e%2fpage.py"):
        assert refused(urllib.request.Request(server.url + path)) == 404


def refused(request: urllib.request.Request) -> int:
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request)
    return caught.value.code
