"""The page by keyboard, for screen readers, on a narrow screen, in light and dark."""

from __future__ import annotations

import hashlib
import itertools
import json
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.chromium import Chromium, Tab
from tests.server.fake_realtime import FakeRealtime
from tests.server.page_script import SCRIPT
from tests.server.served_page import chromium, listened, needs_chromium, opened, wait_state

pytestmark = [pytest.mark.server, needs_chromium]

AXE = "axe-core-4.10.3.tgz"
AXE_SHA256 = "0f2b4d7dcdf7d1219df8d1959ad68e565f51d14c3f0d88bb71cd59abeb956292"
CACHE = Path(__file__).parents[2] / ".cache"

WIDE, NARROW = (1280, 800), (360, 720)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with chromium(tmp_path_factory.mktemp("chromium")) as running:
        yield running


@pytest.fixture
def server() -> Iterator[FakeRealtime]:
    with FakeRealtime() as running:
        yield running


@pytest.fixture(scope="module")
def axe() -> str:
    """The accessibility checker's source, from npm's registry or from `.cache`."""
    archive = CACHE / AXE
    if not archive.exists():
        npm = shutil.which("npm")
        if npm is None:
            pytest.skip(f"neither {archive} nor npm is here")
        CACHE.mkdir(exist_ok=True)
        packed = subprocess.run(
            [npm, "pack", AXE.removesuffix(".tgz").replace("core-", "core@")],
            cwd=CACHE,
            capture_output=True,
            text=True,
            timeout=120,
        )
        if packed.returncode:
            pytest.skip(f"npm does not give axe-core: {packed.stderr[-200:]}")
    assert hashlib.sha256(archive.read_bytes()).hexdigest() == AXE_SHA256
    with tarfile.open(archive) as members:
        source = members.extractfile("package/axe.min.js")
        assert source is not None
        return source.read().decode()


def serious(tab: Tab, axe: str) -> list[str]:
    """What axe-core finds that is more than minor."""
    tab.run(f"{axe}; 0")
    found = tab.run("axe.run().then((result) => result.violations)")
    return [
        f"{one['id']}: {[node['html'] for node in one['nodes']]}"
        for one in found
        if one["impact"] != "minor"
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_axe_finds_nothing(
    browser: Chromium, server: FakeRealtime, axe: str, scheme: str, size: tuple[int, int]
) -> None:
    """Empty; with interim words; with an interrupted answer, its times and a notice; and with each
    dialog open."""
    tab = opened(browser, server, prefers_color_scheme=scheme)
    tab.resize(*size)
    assert serious(tab, axe) == []
    server.step_s = 3.0
    tab.click("#talk")
    tab.wait("document.querySelector('.tentative')")
    assert serious(tab, axe) == []
    server.step_s = 0.05
    wait_state(tab, "Answering")
    tab.click("#interrupt")
    tab.wait("document.querySelector('.about')")
    tab.run("document.querySelector('details').open = true")
    server.sessions[-1].drop(1000)
    tab.wait("!document.querySelector('#notice').hidden")
    assert serious(tab, axe) == []
    tab.run("document.querySelector('#forget').click()")
    assert serious(tab, axe) == []
    tab.run("document.querySelector('dialog').close()")
    if size == NARROW:
        tab.click("#details")
        assert serious(tab, axe) == []
    tab.close()


def test_axe_finds_nothing_where_a_token_is_asked_for(browser: Chromium, axe: str) -> None:
    with FakeRealtime(token="s3cret-s3cret-s3cret") as server:
        tab = browser.open(server.url)
        tab.wait("!document.querySelector('#token-form').hidden")
        assert serious(tab, axe) == []
        tab.close()


def test_360_px_are_wide_enough(browser: Chromium, server: FakeRealtime) -> None:
    tab = opened(browser, server)
    tab.resize(*NARROW)
    listened(tab)
    tab.run("document.querySelector('details').open = true")
    for details_open in (False, True):
        if details_open:
            tab.click("#details")
        beyond = tab.run(
            "[...document.querySelectorAll('body *')].filter((one) => one.checkVisibility() && "
            "!one.closest('.unseen, svg') && one.getBoundingClientRect().right > innerWidth + 0.5)"
            ".map((one) => one.outerHTML.slice(0, 80))"
        )
        assert beyond == []
        assert tab.run("document.documentElement.scrollWidth") == NARROW[0]
        for scroller in ("#conversation", "#panel"):
            assert tab.run(
                f"(e => e.scrollWidth <= e.clientWidth)(document.querySelector('{scroller}'))"
            )
    tab.close()


def test_every_control_is_reached_by_tab_and_shows_its_focus(
    browser: Chromium, server: FakeRealtime
) -> None:
    tab = opened(browser, server)
    listened(tab)
    wanted = {"talk", "mute", "hold", "text", "voice", "language", "microphone", "forget"}
    reached: list[str] = []
    for _ in range(40):
        tab.key("Tab")
        element, outline = tab.run(
            "(() => { const one = document.activeElement; const style = getComputedStyle(one);"
            "return [one.id || one.tagName, style.outlineStyle === 'none' ? 0 : parseFloat(style.outlineWidth)]; })()"
        )
        if element in reached[:1]:
            break
        if element == "BODY":
            continue
        reached.append(element)
        assert outline >= 2, element
    assert wanted <= set(reached)
    assert "SUMMARY" in reached
    tab.close()


def test_a_whole_conversation_by_keyboard(browser: Chromium, server: FakeRealtime) -> None:
    tab = opened(browser, server)
    tab.run("document.querySelector('#talk').focus()")
    tab.key("Enter", text="\r")
    wait_state(tab, "Answering")
    tab.key("Escape")
    tab.wait("document.querySelector('.badge')")
    tab.key("Enter", text="\r")
    tab.wait("document.querySelector('#talk').textContent.includes('Talk')")
    tab.close()


def test_a_screen_reader_is_told_whole_utterances_and_only_once(
    browser: Chromium, server: FakeRealtime
) -> None:
    """Interim words are not told; answers that are heard are not read over their own sound."""
    tab = opened(browser, server)
    tab.run(
        "window.told = []; new MutationObserver(() => told.push(document.querySelector('#announcer')"
        ".textContent)).observe(document.querySelector('#announcer'), {childList: true}); 0"
    )
    listened(tab)
    assert tab.run("window.told") == [f"You: {SCRIPT[0].question}"]
    assert tab.run("document.querySelector('#announcer').ariaLive") == "polite"
    tab.close()


def test_nothing_runs_where_motion_is_not_wanted(browser: Chromium, server: FakeRealtime) -> None:
    """The meter fills up from one side in place of a wave, and changes four times a second."""
    tab = opened(browser, server, prefers_reduced_motion="reduce")
    tab.click("#talk")
    tab.wait("Number(document.querySelector('#meter').getAttribute('aria-valuenow')) > 0")
    script = """new Promise((resolve) => {
        const seen = [];
        const look = (began) => requestAnimationFrame((now) => {
            seen.push([...document.querySelectorAll('#meter i')].map((one) => one.style.transform).join());
            if (now - began < 2000) look(began); else resolve(seen);
        });
        look(performance.now());
    })"""
    seen = tab.run(script)
    assert sum(one != then for one, then in itertools.pairwise(seen)) <= 9
    for one in seen:
        heights = [float(bar.strip("scaleY()")) for bar in one.split(",")]
        assert heights == sorted(heights, reverse=True), json.dumps(heights)
    tab.close()
