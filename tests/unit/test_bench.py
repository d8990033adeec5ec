"""Statistics, the form of reports, and what `compare` tells."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest

from voice_local.bench import (
    conversations,
    schema,
    scripted_session,
    stats,
    steady,
)
from voice_local.bench.compare import compare
from voice_local.bench.context import Context
from voice_local.bench.faults import FaultyEngine
from voice_local.bench.load import counts_of
from voice_local.bench.load_figures import percentile
from voice_local.bench.schema import (
    Metric,
    Plot,
    Report,
    Section,
    Series,
    given,
    metric,
)
from voice_local.bench.scripted import ScriptedEngine
from voice_local.bench.suite import (
    SECTIONS,
    check,
    run,
)
from voice_local.config import load
from voice_local.errors import (
    BenchmarkError,
    ConfigError,
)

pytestmark = pytest.mark.unit


HOSTILE = json.dumps(
    {
        "schema_version": 1,
        "about": {},
        "sections": [
            {
                "name": "x",
                "plots": [],
                "metrics": [
                    {
                        "name": "m",
                        "value": "much",
                        "unit": "ms",
                        "statistic": "guess",
                        "samples": ["a"],
                    }
                ],
            }
        ],
    }
)


def report(
    *metrics: Metric, reference_ms: float = 10.0, findings: tuple[str, ...] = (), **about: object
) -> Report:
    section = Section(
        "latency",
        metrics=list(metrics),
        findings=list(findings),
        reference_ms=[reference_ms, reference_ms],
    )
    return Report({"profile": "tiny", "quick": True, "machine": "one", **about}, [section])


def times(middle: float, seed: int, name: str = "stt_ms.3s.p50") -> Metric:
    rng = random.Random(seed)
    return metric(name, [middle * rng.uniform(0.85, 1.3) for _ in range(12)], "ms", timed=True)


def verdicts(before: Report, after: Report) -> dict[str, str]:
    return {
        change.name: change.verdict
        for change in compare(before, after)[0]
        if change.verdict != "same"
    }


def test_intervals_hold_what_they_should() -> None:
    """The 95 % interval of a median holds the true one in about 95 of a hundred samples."""
    rng, inside = np.random.default_rng(3), 0
    for _ in range(200):
        found = stats.interval("p50", list(rng.exponential(100.0, 40)))
        assert found
        inside += found[0] <= 100 * np.log(2) <= found[1]
    assert 180 <= inside <= 200


def test_ratio_and_slope() -> None:
    assert stats.value("ratio", [1, 0, 2], [10, 5, 5]) == pytest.approx(0.15)
    assert stats.value("slope", [3.0, 5.0, 7.0], [0, 1, 2]) == pytest.approx(2.0)
    assert stats.value("p50", []) is None
    assert stats.interval("p50", [4.0]) is None


def test_none_of_many_is_not_surely_none() -> None:
    low, high = stats.interval("mean", [0.0] * 20) or (1.0, 0.0)
    assert low == 0 and 0.1 < high < 0.25
    assert stats.interval("ratio", [0, 0], [50, 50]) == (0.0, 0.03)


def test_a_report_comes_back_as_it_was(tmp_path: Path) -> None:
    plots = [
        Plot("bars", "t", "x", "y", (Series("s", ("a", "b"), (1.0, 2.0), (0.5, 1.5), (1.5, 2.5)),))
    ]
    kept = report(times(80, 1), given("load_mb", 3.0, "MB"))
    kept.sections[0].plots = plots
    kept.write(tmp_path / "r.json")
    assert schema.read(tmp_path / "r.json") == kept


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"schema_version": 99, "about": {}, "sections": []}',
        '{"schema_version": 1, "about": {}, "sections": [{"nonsense": 1}]}',
        '{"schema_version": 1, "about": [], "sections": []}',
        "[" * 100_000,
        HOSTILE,
    ],
)
def test_what_is_no_report_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "r.json").write_text(text)
    with pytest.raises(BenchmarkError):
        schema.read(tmp_path / "r.json")


def test_the_same_build_twice_shows_no_change() -> None:
    for seed in range(20):
        # A neighbour makes the second run slower throughout.
        assert not verdicts(report(times(80, seed)), report(times(80 * 1.15, 100 + seed)))


@pytest.mark.parametrize(("base", "drift"), [(5, 1.0), (40, 1.0), (40, 1.5), (150, 1.0)])
def test_a_hundred_milliseconds_more_are_seen(base: float, drift: float) -> None:
    slow = times(base * drift + 100, 2)
    assert verdicts(report(times(base, 1)), report(slow, reference_ms=10 * drift)) == {
        "stt_ms.3s.p50": "worse"
    }
    assert verdicts(report(slow, reference_ms=10 * drift), report(times(base, 1))) == {
        "stt_ms.3s.p50": "better"
    }


def test_a_slower_machine_is_not_a_slower_program() -> None:
    assert not verdicts(report(times(80, 1)), report(times(160, 2), reference_ms=20.0))
    assert not verdicts(report(times(80, 1)), report(times(300, 2), machine="two"))


def test_words_lost_are_seen_and_a_single_one_is_not() -> None:
    words = [10.0] * 40
    clean = metric(
        "wer", [float(i % 9 == 0) for i in range(40)], "share", "ratio", weights=words, paired=True
    )
    deleted = metric(
        "wer",
        [float(i % 9 == 0) + 1 for i in range(40)],
        "share",
        "ratio",
        weights=words,
        paired=True,
    )
    one = metric(
        "wer",
        [float(i % 9 == 0 or i == 5) for i in range(40)],
        "share",
        "ratio",
        weights=words,
        paired=True,
    )
    assert verdicts(report(clean), report(deleted)) == {"wer": "worse"}
    assert not verdicts(report(clean), report(one))


def test_new_findings_are_told() -> None:
    old = "2 of 9 clauses are silent"
    _, remarks = compare(
        report(findings=(old,)), report(findings=("3 of 9 clauses are silent", "a leak"))
    )
    assert remarks == ["latency: a leak"]


def test_what_vanishes_or_fails_is_told() -> None:
    full = report(times(40, 1))
    assert compare(full, report())[1] == ["latency: stt_ms.3s.p50 is no longer reported"]
    assert compare(full, Report(full.about, []))[1] == ["latency: measured before, not run after"]
    failed = report()
    failed.sections[0].status = "failed"
    changes, remarks = compare(full, failed)
    assert [change.verdict for change in changes] == ["worse"] and remarks


def test_percentiles_need_enough_and_know_what_was_not_answered() -> None:
    assert metric("x", range(10), "ms", "p95").value is None
    assert metric("x", range(20), "ms", "p95").value is not None
    assert percentile([100.0, 200.0, float("inf")], 50) == 200.0
    assert percentile([100.0, 200.0, float("inf")], 95) is None


def test_what_is_no_number_is_written_as_null(tmp_path: Path) -> None:
    kept = report(metric("x", [float("nan"), 1.0], "ms"))
    kept.sections[0].detail["rows"] = [{"y": float("inf")}]
    kept.write(tmp_path / "r.json")
    found = schema.read(tmp_path / "r.json").sections[0]
    assert found.find("x").samples == (1.0,) and found.detail["rows"] == [{"y": None}]


def test_reports_of_two_kinds_are_not_compared() -> None:
    with pytest.raises(BenchmarkError):
        compare(report(), report(quick=False))


def test_the_gap_is_read_from_the_sound() -> None:
    rate = 16_000
    user, answer = np.zeros(3 * rate, np.float32), np.zeros(3 * rate, np.float32)
    user[:rate] = 0.3
    user[2 * rate : 2 * rate + rate // 2] = 0.2
    answer[int(1.4 * rate) : int(1.8 * rate)] = 0.1
    ends = [rate + 4000, 2 * rate + rate // 2 + 1000]
    assert conversations.gaps_ms(user, answer, rate, ends) == [400.0, None]
    answer[int(2.4 * rate) :] = 0.1  # it sounds already as the user ends
    assert conversations.gaps_ms(user, answer, rate, ends) == [400.0, None]


def test_sessions_are_numbers() -> None:
    assert counts_of("1,2, 4") == [1, 2, 4]
    for text in ("", "a", "0", "1,,2", "-1", "1e9"):
        with pytest.raises(ConfigError):
            counts_of(text)


def test_unknown_names_are_refused() -> None:
    with pytest.raises(BenchmarkError):
        check(["latency", "speed"])
    with pytest.raises(ConfigError):
        FaultyEngine(ScriptedEngine(), ["gremlins"])


async def test_what_cannot_be_measured_is_marked_and_the_rest_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("voice_local.bench.speakers.HELD_OUT", {})
    found = await run(Context(load("tiny"), tmp_path, quick=True), ["load", "steady"])
    assert [section.status for section in found.sections] == ["skipped", "measured"]
    assert "espeak-ng" in found.sections[0].reason


async def test_the_steady_figures_repeat_and_see_a_delay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = Context(load("tiny"), tmp_path)
    first, second = await steady.measure(context), await steady.measure(context)
    assert first.metrics == second.metrics
    monkeypatch.setitem(scripted_session.STAGE_MS, "llm", 200)
    slower = await steady.measure(context)
    apart = (slower.find("virtual_voice_to_voice_ms.ahead").value or 0) - (
        first.find("virtual_voice_to_voice_ms.ahead").value or 0
    )
    assert 80 <= apart <= 120


def test_every_section_has_a_front() -> None:
    fronts = Path(__file__).resolve().parents[2] / "benchmarks"
    for name in SECTIONS:
        assert (fronts / f"{name}.py").exists() or (fronts / name / "__main__.py").exists(), name
