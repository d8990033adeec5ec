"""The page's sound: what the microphone sends, what is heard, and what an interruption cuts off."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pytest

from tests.server.chromium import Chromium, Tab
from tests.server.fake_realtime import LEAD_S, RATE, TONE_HZ, FakeRealtime
from tests.server.page_script import SCRIPT
from tests.server.served_page import chromium, listened, needs_chromium, opened, wait, wait_state
from voice_local.audio.types import Audio

pytestmark = [pytest.mark.server, needs_chromium]

SPACE = (" ", "Space", " ")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with chromium(tmp_path_factory.mktemp("chromium")) as running:
        yield running


@pytest.fixture
def server() -> Iterator[FakeRealtime]:
    with FakeRealtime() as running:
        yield running


@pytest.fixture
def tab(browser: Chromium, server: FakeRealtime) -> Iterator[Tab]:
    page = opened(browser, server)
    yield page
    assert page.problems == []
    page.close()


def sent(server: FakeRealtime) -> Audio:
    """What the microphone sent."""
    return np.frombuffer(bytes(server.sound), "<i2").astype(np.float32) / np.float32(32768)


def heard(tab: Tab) -> tuple[Audio, float]:
    """What was played, and its rate in Hz."""
    samples, rate = tab.run("[window.heard, window.heardRate]")
    return np.array(samples, np.float32), float(rate)


def level(samples: Audio) -> float:
    return float(np.sqrt(np.mean(samples**2)))


def answering(tab: Tab) -> None:
    tab.click("#talk")
    wait_state(tab, "Answering")
    tab.wait("Math.abs(window.heard.at(-500) ?? 0) > 0.01")


def test_the_microphone_is_sent_in_real_time(tab: Tab, server: FakeRealtime) -> None:
    tab.click("#talk")
    wait(lambda: len(sent(server)) > 0)
    began, before = time.monotonic(), len(sent(server))
    time.sleep(3)
    seconds = (len(sent(server)) - before) / RATE
    assert seconds == pytest.approx(time.monotonic() - began, rel=0.1)
    assert level(sent(server)) > 0.01
    tab.wait("Number(document.querySelector('#meter').getAttribute('aria-valuenow')) > 0")


def test_the_answer_is_heard_whole_and_in_tune(tab: Tab) -> None:
    listened(tab)
    time.sleep(0.5)
    samples, rate = heard(tab)
    loud = np.flatnonzero(np.abs(samples) > 0.01)
    answer = samples[loud[0] : loud[-1]]
    spectrum = np.abs(np.fft.rfft(answer * np.hanning(len(answer))))
    assert np.argmax(spectrum) * rate / len(answer) == pytest.approx(TONE_HZ, abs=1)
    assert np.max(np.abs(answer)) == pytest.approx(8000 / 32768, rel=0.05)
    played_s = np.count_nonzero(np.abs(answer) > 0.001) / rate
    assert played_s == pytest.approx(SCRIPT[0].answer_s, abs=0.15)


def test_escape_cuts_the_answer_off_where_it_was_heard(tab: Tab, server: FakeRealtime) -> None:
    answering(tab)
    time.sleep(0.7)
    tab.key("Escape")
    wait(lambda: server.of("conversation.item.truncate"))
    assert len(server.of("response.cancel")) == 1
    (truncated,) = server.of("conversation.item.truncate")
    time.sleep(0.6)
    samples, rate = heard(tab)
    assert level(samples[-int(0.3 * rate) :]) == 0.0
    played_ms = np.count_nonzero(np.abs(samples) > 0.001) / rate * 1000
    assert truncated["audio_end_ms"] == pytest.approx(played_ms, abs=LEAD_S * 1000)
    assert truncated["audio_end_ms"] <= played_ms
    assert "interrupted" in tab.text(".assistant")


def test_speech_over_the_answer_pauses_it_then_drops_it(tab: Tab, server: FakeRealtime) -> None:
    answering(tab)
    server.step_s = 0.6
    server.sessions[0].barge_in()
    wait(lambda: server.of("conversation.item.truncate"))
    time.sleep(0.6)
    samples, rate = heard(tab)
    loud = np.flatnonzero(np.abs(samples) > 0.001)
    assert len(loud) / rate < SCRIPT[0].answer_s - 0.5
    assert (len(samples) - loud[-1]) / rate > 0.9
    assert server.of("response.cancel") == []
    assert tab.text(".assistant .words").startswith(SCRIPT[0].answer.partition(" on")[0])
    assert tab.run("document.querySelector('.assistant s').textContent") != ""


def test_a_false_interruption_is_a_pause(tab: Tab, server: FakeRealtime) -> None:
    answering(tab)
    server.step_s = 0.5
    server.sessions[0].false_alarm()
    tab.wait("document.querySelector('.about')")
    tab.click("#talk")
    time.sleep(1.2)
    samples, rate = heard(tab)
    loud = np.flatnonzero(np.abs(samples) > 0.001)
    assert np.max(np.diff(loud)) / rate == pytest.approx(0.5, abs=0.2)
    assert len(loud) / rate == pytest.approx(SCRIPT[0].answer_s, abs=0.15)
    assert server.of("conversation.item.truncate") == []


def test_a_cough_before_the_answer_costs_nothing_of_it(tab: Tab, server: FakeRealtime) -> None:
    server.step_s = 0.5
    tab.click("#talk")
    wait_state(tab, "Thinking")
    server.sessions[0].cough()
    tab.click("#talk")
    tab.wait("document.querySelector('.about')")
    time.sleep(0.5)
    samples, rate = heard(tab)
    played_s = np.count_nonzero(np.abs(samples) > 0.001) / rate
    assert played_s == pytest.approx(SCRIPT[0].answer_s, abs=0.15)
    assert tab.run("document.querySelectorAll('.user').length") == 1
    assert server.of("conversation.item.truncate") == []


def test_muted_nothing_of_the_room_is_sent(tab: Tab, server: FakeRealtime) -> None:
    tab.click("#talk")
    wait(lambda: len(sent(server)) > RATE / 2)
    tab.click("#mute")
    assert tab.run("document.querySelector('#mute').getAttribute('aria-pressed')") == "true"
    time.sleep(0.5)
    before = len(sent(server))
    time.sleep(1)
    muted = sent(server)[before:]
    assert len(muted) > RATE / 2
    assert level(muted) == 0.0


def test_push_to_talk_by_the_space_bar(tab: Tab, server: FakeRealtime) -> None:
    tab.click("#hold")
    wait(lambda: len(server.of("session.update")) == 2)
    update = server.of("session.update")[-1]
    assert update["session"]["audio"]["input"]["turn_detection"] is None
    tab.run("document.activeElement.blur()")
    tab.key(*SPACE, up=False)
    wait_state(tab, "You are speaking")
    wait(lambda: len(sent(server)) > RATE / 2)
    tab.let_go(*SPACE[:2])
    wait(lambda: server.of("response.create"))
    time.sleep(0.2)
    before = len(sent(server))
    tab.wait("document.querySelector('.about')")
    assert len(sent(server)) == before
    kinds = [event["type"] for event in server.received[2:]]
    assert kinds == ["input_audio_buffer.clear", "input_audio_buffer.commit", "response.create"]


def test_push_to_talk_by_two_presses(tab: Tab, server: FakeRealtime) -> None:
    tab.click("#hold")
    tab.click("#talk")
    wait(lambda: len(sent(server)) > RATE / 2)
    assert tab.text("#talk") == "Release to send"
    assert server.of("input_audio_buffer.commit") == []
    tab.click("#talk")
    wait(lambda: server.of("response.create"))
    assert len(server.of("input_audio_buffer.commit")) == 1


def test_typed_words_with_a_space_are_no_push_to_talk(tab: Tab, server: FakeRealtime) -> None:
    tab.click("#hold")
    tab.click("#text")
    tab.key(*SPACE)
    assert server.of("input_audio_buffer.clear") == []
    assert tab.run("document.querySelector('#text').value") == " "


@pytest.mark.parametrize(
    ("rate", "to"), [(48_000, RATE), (44_100, RATE), (16_000, RATE), (RATE, 44_100)]
)
def test_the_resampler_keeps_what_fits_and_nothing_else(tab: Tab, rate: int, to: int) -> None:
    """A tone in the pass band keeps its level; one above the new rate's half is gone (< -70 dB);
    no sample is lost between pieces of 128."""
    script = """import('/static/resampler.js').then(({ Resampler }) => {
        const resampler = new Resampler(%d, %d);
        const out = [];
        for (let at = 0; at < %d; at += 128) {
            const piece = Float32Array.from({ length: 128 }, (_, i) => Math.sin(2 * Math.PI * %f * (at + i) / %d));
            out.push(...resampler.process(piece));
        }
        return out;
    })"""
    through = np.array(tab.run(script % (rate, to, rate, 1000.0, rate)), np.float32)
    assert len(through) == pytest.approx(to, abs=to * 0.01)
    inner = through[to // 10 :]
    assert level(inner) == pytest.approx(np.sqrt(0.5), rel=1e-3)
    spectrum = np.abs(np.fft.rfft(inner * np.blackman(len(inner)))) ** 2
    peak = int(np.argmax(spectrum))
    assert peak * to / len(inner) == pytest.approx(1000, abs=2)
    assert spectrum.sum() - spectrum[peak - 9 : peak + 10].sum() < 1e-6 * spectrum.sum()
    if rate > to:
        above = np.array(tab.run(script % (rate, to, rate, to / 2 + 600.0, rate)), np.float32)
        assert level(above[to // 10 :]) < 10 ** (-70 / 20)
