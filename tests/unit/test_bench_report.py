"""The page of a report: whole, escaped, loading nothing, the same every time."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from voice_local.bench import (
    drawing,
    report,
)
from voice_local.bench.schema import (
    Metric,
    Plot,
    Report,
    Section,
    Series,
    given,
    metric,
    read,
)
from voice_local.cli import app as commands
from voice_local.errors import (
    BenchmarkError,
    OutputError,
)

pytest.importorskip("matplotlib")
pytest.importorskip("jinja2")
pytestmark = pytest.mark.unit
EVIL = "<script>alert('x')</script> \" & ' $\\frac$ <img src=http://evil.example/x.png onerror=y> {{ 7 * 7 }}"
LONG = "w" * 3000
FOREIGN = "Grüße, 你好, שלום, 🎙 \u202e"
STYLE = Path(report.__file__).with_name("report.css")
RESULTS = Path(__file__).parents[2] / "benchmarks" / "results"
LARGEST_BYTES = 2_000_000
VOID = {"meta", "br", "wbr", "hr", "img", "input", "link"}


class Page(HTMLParser):
    """What a browser would make of it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag, f"</{tag}> at {self.getpos()}"

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def _plots() -> list[Plot]:
    names, y, low, high = ("a", EVIL, FOREIGN), (1.0, 2.0, 3.0), (0.5, 1.5, 2.5), (1.5, 2.5, 3.5)
    bounded = Series("bounded_by_something", names, y, low, high)
    return [
        Plot("bars", f"bars {EVIL}", "x", "ms", (bounded, Series("_hidden", names, y))),
        Plot("bars", "one series", "x", "ms", (Series("only", ("a", "b"), (1.0, 2.0)),)),
        Plot(
            "lines",
            "lines",
            EVIL,
            FOREIGN,
            tuple(Series(f"s{i}", (1, 2, 3), y, low, high) for i in range(8)),
        ),
        Plot(
            "points",
            "points",
            "x",
            "y",
            (bounded, Series(EVIL, names, (float("nan"), float("inf"), 1.0))),
        ),
        Plot("points", "far from zero", "x", "MB", (Series("one", (1.5, 2.5), (400.0, 410.0)),)),
        Plot(
            "waterfall",
            "waterfall",
            "ms after the end",
            "",
            (Series("w", names, y, (0.0, 1.0, 2.0)),),
        ),
        Plot("waterfall", "starts not given", "ms", "", (Series("w", names, y),)),
    ]


def _report() -> Report:
    about: dict[str, Any] = {
        "date": "2026-11-23",
        "machine": EVIL,
        "cores": 2,
        "command": f"voice-local bench {LONG}",
        "commit": "954219c",
        "profile": "tiny",
        "load_average": [0.1, 0.2, 0.3],
        "models": {"ears": "ab" * 32, EVIL: None},
        "versions": {"python": "3.11", "nested": {"a": 1}},
        "rows": [{"a": 1}],
        "nothing": None,
        "empty": {},
        "bell": "\x07\x00\ud800",
    }
    metrics = [
        metric("stt_ms.3s.p50", range(100, 160), "ms", timed=True),
        given("none", None, "ms"),
        metric("no_samples", (), "dB"),
        metric("accuracy", [1.0] * 9 + [0.0], "share", "mean", "higher"),
        given("count", 1234567, "count"),
        given(LONG, 0.0, "x"),
        given(EVIL, -0.00012, "MB/turn", "lower"),
        given("infinite", float("inf"), "s"),
    ]
    detail: dict[str, Any] = {
        "rows": [{"text": EVIL, "ms": i + 0.5, "cut": None, "ok": True} for i in range(450)],
        "free": {"a": [1, {"b": EVIL}]},
        "matrix": {"a": {"a": 1, "b": 2}, "b": {"a": 0}},
        "flat": {"a": 1, "b": LONG},
        "list": list(range(1000)),
        "": [],
        "text": LONG,
        "wide": [{f"c{i}": i for i in range(90)}],
    }
    return Report(
        about,
        [
            Section(
                "turns",
                f"About {EVIL}",
                metrics=metrics,
                plots=_plots(),
                detail=detail,
                seconds=75.4,
                findings=[f"Finding {EVIL}", f"Second {FOREIGN}"],
            ),
            Section("empty"),
            Section("real", status="skipped", reason="no data here"),
            Section(
                "echo",
                status="failed",
                reason=f"broke {EVIL}",
                findings=["Found before it broke"],
                seconds=3.0,
            ),
            Section(EVIL + LONG, about=FOREIGN, seconds=7300),
        ],
    )


@pytest.fixture(scope="module")
def page() -> str:
    return report.render(_report())


def test_well_formed_and_loads_nothing(page: str) -> None:
    parsed = Page(page)
    assert not parsed.open
    assert (
        not parsed.all("script")
        and not parsed.all("img")
        and not parsed.all("link")
        and not parsed.all("iframe")
    )
    for tag, attributes in parsed.tags:
        assert not attributes.keys() & {"src", "srcset", "background", "data", "action"}, tag
        assert not [name for name in attributes if name.startswith("on")], tag
        assert (attributes.get("href") or "#").startswith("#"), attributes
        assert all(
            "url(" not in (told or "") or "url(#" in (told or "") for told in attributes.values()
        )
    style = page[page.index("<style>") : page.index("</style>")]
    assert "url(" not in style and "@import" not in style and "@font-face" not in style
    policy = next(
        meta["content"]
        for meta in parsed.all("meta")
        if meta.get("http-equiv") == "Content-Security-Policy"
    )
    assert (
        policy
        and policy.startswith("default-src 'none'; style-src 'unsafe-inline'")
        and "script" not in policy
    )
    page.encode("utf-8")


def test_everything_is_there_and_escaped(page: str) -> None:
    parsed = Page(page)
    told = re.sub(r"\s+", " ", parsed.text)
    sections = _report().sections
    for section in sections:
        for text in (
            section.name,
            section.about,
            section.reason,
            *section.findings,
            *(m.name for m in section.metrics),
        ):
            assert text in told
    assert told.count(f"Finding {EVIL}") == 2  # at the top, and in its section
    assert "<script" not in page and "<img" not in page and "{{ 7 * 7 }}" in told
    for text in (
        "2 h 2 min",
        "1 min 15 s",
        "no value",
        "90.0",
        "1,234,567",
        "the first 200 of 450 rows",
        "30 of 90 columns",
        "more characters",
        "of 1,002 lines",
        "954219c",
        "ab" * 32,
        "Load average",
        "\ufffd",
    ):
        assert text in told
    ids = [attributes["id"] for _, attributes in parsed.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = {attributes["href"] for attributes in parsed.all("a")}
    assert links == {"#overview", *(f"#section-{number}" for number in range(1, len(sections) + 1))}
    assert links <= {f"#{name}" for name in ids}


def test_tables_and_pictures_can_be_heard(page: str) -> None:
    parsed = Page(page)
    assert all(attributes.get("scope") in ("row", "col") for attributes in parsed.all("th"))
    pictures = parsed.all("svg")
    assert len(pictures) == len(_plots())
    for picture, plot in zip(pictures, _plots(), strict=True):
        assert picture["role"] == "img" and (picture["aria-label"] or "").startswith(plot.title)
    levels = [int(tag[1]) for tag, _ in parsed.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1 and all(b - a <= 1 for a, b in pairwise(levels))


def test_pictures_are_well_formed_and_share_no_id(page: str) -> None:
    seen: set[str] = set()
    for text in re.findall(r"<svg .*?</svg>", page, re.DOTALL):
        root = ElementTree.fromstring(text)
        ids = {element.attrib["id"] for element in root.iter() if "id" in element.attrib}
        assert not ids & seen
        seen |= ids
        for element in root.iter():
            for name, told in element.attrib.items():
                used = re.findall(r"url\(#([^)]+)\)", told) + ([told[1:]] if name == "href" else [])
                assert set(used) <= ids, (name, told)
        assert not {element.tag.rpartition("}")[2] for element in root.iter()} & {
            "style",
            "metadata",
            "image",
            "script",
        }
    assert "#1f77b4" not in re.sub(
        "<use[^>]*>", "", page
    )  # a colour of matplotlib's own would not follow the page


def test_twice_the_same(page: str) -> None:
    assert report.render(_report()) == page


def test_a_legend_only_for_more_than_one_series() -> None:
    _, one = _plots()[:2]
    assert "only" not in _words(drawing.svg(one, "a"))
    two = Plot("bars", "", "x", "y", (*one.series, Series("_other", ("a", "b"), (2.0, 1.0))))
    assert {"only", "\u200b_other"} <= _words(drawing.svg(two, "a"))


def test_an_axis_that_does_not_begin_at_zero_says_so() -> None:
    assert "MB (axis not from 0)" in _words(drawing.svg(_plots()[4], "a"))


def _words(svg: str) -> set[str]:
    return {
        element.text or ""
        for element in ElementTree.fromstring(svg).iter()
        if element.tag.endswith("text")
    }


@pytest.mark.parametrize(
    ("plot", "why"),
    [
        (Plot("bars", "", "", "", ()), "no numbers"),
        (Plot("lines", "", "", "", (Series("a", (), ()),)), "no numbers"),
        (Plot("lines", "", "", "", (Series("a", (1,), (float("nan"),)),)), "no numbers"),
        (Plot("lines", "", "", "", (Series("a", (1, 2), (1.0,)),)), "different lengths"),
        (Plot("bars", "", "", "", (Series("a", tuple(range(500)), (1.0,) * 500),)), "500 bars"),
    ],
)
def test_what_cannot_be_drawn_is_said(plot: Plot, why: str) -> None:
    assert why in drawing.problem(plot)
    assert why in report.render(Report({}, [Section("a", plots=[plot])]))


def test_an_empty_report() -> None:
    page = Page(report.render(Report({}, [])))
    assert "Nothing was run" in page.text and not page.open
    assert (
        page.text.count("not measured") == 5
        and "Not shown: it was not part of this run." in page.text
    )


def test_first_what_it_means_last_how_it_was_measured(page: str) -> None:
    order = [
        page.index(f'id="{name}"')
        for name in ("five", "turn", "beside", "waves", "first", "overview", "section-1", "run")
    ]
    assert order == sorted(order)


def test_tables_are_folded(page: str) -> None:
    """All but the charts of the first screen, which are tables to be heard."""
    whole = re.sub(
        r"<details.*?</details>", "", page.replace("<details open>", "<details>"), flags=re.DOTALL
    )
    assert not re.findall(r"<table(?! class=.chart)", whole)
    assert "<summary>" in page and not re.search(r"<summary[^>]*>\s*</summary>", page)


@pytest.mark.parametrize("name", ["bench_tiny", "bench_tiny_quick"])
def test_kept_reports(name: str) -> None:
    page = report.render(read(RESULTS / f"{name}.json"))
    parsed = Page(page)
    assert not parsed.open and len(page.encode()) < LARGEST_BYTES
    assert "pipecat" in parsed.text and "First sound of the answer" in parsed.text
    widths = [
        float(found)
        for found in re.findall(r"(?:width|left):(-?[\d.]+)%", page[page.index("<main>") :])
    ]
    assert widths and all(0 <= width <= 100 for width in widths)


def test_the_page_beside_its_json_is_of_it() -> None:
    """The part without plots: those differ between versions of matplotlib."""
    drawn, kept = (
        text[: text.index('id="overview"')]
        for text in (
            report.render(read(RESULTS / "bench_tiny.json")),
            (RESULTS / "bench_tiny.html").read_text(encoding="utf-8"),
        )
    )
    assert drawn == kept, "voice-local bench report benchmarks/results/bench_tiny.json"


def test_an_interruption_is_drawn() -> None:
    side = {"low": [-50] * 200, "high": [50] * 200}
    kept = {
        "points_a_second": 100,
        "full_scale": 100,
        "user_speaks_over_s": 1.0,
        "assistant_silent_s": 1.15,
        "said": EVIL,
        "user": side,
        "assistant": side,
    }
    page = report.render(Report({}, [Section("barge_in", detail={"interruption": kept})]))
    parsed = Page(page)
    assert "150 ms later" in parsed.text and EVIL in parsed.text and not parsed.open
    assert [(picture["role"], bool(picture["aria-label"])) for picture in parsed.all("svg")] == [
        ("img", True)
    ] * 2
    assert "left:50.00%" in page and "left:57.50%" in page


def test_beside_an_earlier_run() -> None:
    now, then = (
        Report(
            {"date": day},
            [Section("s", metrics=[given("load", number, "s"), given("new", 2, unit)])],
        )
        for day, number, unit in (("today", 3.5, "s"), ("yesterday", 7.25, "ms"))
    )
    page = Page(report.render(now, then))
    assert (
        "yesterday" in page.text
        and "7.25" in page.text
        and "Before" in page.text
        and "—" in page.text
    )


@pytest.mark.parametrize(
    ("found", "value", "interval"),
    [
        (Metric("a", 290.34, "ms", interval=(281.2, 305.1)), "290", "281 to 305"),
        (Metric("a", 290.34, "ms", interval=(290.1, 290.6)), "290.3", "290.1 to 290.6"),
        (Metric("a", 0.9, "share", interval=(0.85, 0.951)), "90.0", "85.0 to 95.1"),
        (Metric("a", -0.0001, "MB/turn"), "−0.00010", "—"),
        (Metric("a", 30, "count"), "30", "—"),
        (Metric("a", 1e12, "ms"), "1e+12", "—"),
        (Metric("a", -0.0, "ms"), "0", "—"),
        (Metric("a", float("nan"), "ms"), "—", "—"),
    ],
)
def test_numbers(found: Metric, value: str, interval: str) -> None:
    assert (report.value(found), report.interval(found)) == (value, interval)


@pytest.mark.parametrize("module", ["jinja2", "matplotlib"])
def test_what_is_missing_is_named_with_its_remedy(
    module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, module, None)
    with pytest.raises(BenchmarkError, match=module) as told:
        report.render(Report({}, [Section("a", plots=_plots()[1:2])]))
    assert told.value.remedy == "pip install 'voice-local[bench]'"


def test_contrast() -> None:
    """WCAG: 4.5 for text, 3 for what is drawn."""
    blocks = re.findall(r":root \{([^}]*--ground[^}]*)\}", STYLE.read_text(encoding="utf-8"))
    assert len(blocks) == 3  # light, dark, print
    for block in blocks:
        colours = {
            name: found if len(found) == 7 else "#" + "".join(2 * digit for digit in found[1:])
            for name, found in re.findall(r"--([\w-]+): (#[0-9a-f]+);", block)
        }
        for ground in ("ground", "panel", "warn-ground"):
            for text in ("ink", "soft", "link", "good", "bad", "warn"):
                assert _contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
        for number in range(1, 7):
            assert _contrast(colours[f"series-{number}"], colours["panel"]) >= 3


def _contrast(first: str, second: str) -> float:
    def light(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        red, green, blue = (
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    dark, bright = sorted((light(first), light(second)))
    return (bright + 0.05) / (dark + 0.05)


def test_a_kept_report_is_drawn_again_without_measuring(tmp_path: Path) -> None:
    """`voice-local bench report`: beside the JSON, or where `--out` says; bad input says what
    helps."""
    kept = tmp_path / "mine.json"
    Report({"profile": "tiny"}, [Section("a", metrics=[given("x", 1, "ms")])]).write(kept)
    commands.app(["bench", "report", str(kept)], standalone_mode=False)
    assert "Benchmark report" in (tmp_path / "mine.html").read_text(encoding="utf-8")
    commands.app(
        ["bench", "report", str(kept), "--out", str(tmp_path / "new" / "folder")],
        standalone_mode=False,
    )
    assert (tmp_path / "new" / "folder" / "mine.html").is_file()
    (tmp_path / "taken").write_text("")
    with pytest.raises(OutputError):
        commands.app(
            ["bench", "report", str(kept), "--out", str(tmp_path / "taken")], standalone_mode=False
        )
    for wrong in ([], [str(kept), str(kept)], [str(tmp_path / "absent.json")]):
        with pytest.raises(BenchmarkError) as told:
            commands.app(["bench", "report", *wrong], standalone_mode=False)
        assert told.value.remedy
