"""`voice-local bench`: measures, keeps, shows and compares."""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voice_local.cli import show
from voice_local.errors import (
    BenchmarkError,
    ConfigError,
    InputError,
    OutputError,
)

if TYPE_CHECKING:
    from voice_local.bench.schema import Report


def bench(
    what: Annotated[
        list[str],
        typer.Argument(
            help="all; latency, overhead, wire, voice_to_voice, wer, intent, emotion, "
            "endpointing, barge_in, tts, load, memory, gpu, peers; or: compare A.json B.json; "
            "report A.json, to draw its page again"
        ),
    ],
    profile: Annotated[
        str | None, typer.Option(help="tiny, cpu, gpu or gpu-large; default: the best here")
    ] = None,
    models_dir: Annotated[
        Path | None, typer.Option(help="a folder of models with a manifest.json")
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="fewer items: all in less than ten minutes on two cores")
    ] = False,
    data: Annotated[
        Path | None,
        typer.Option(help="a folder of evaluation data (noise, intent sets, read speech)"),
    ] = None,
    folder: Annotated[
        Path | None, typer.Option(help="for wer: audio and transcripts of your own")
    ] = None,
    noise_db: Annotated[
        str | None, typer.Option(help="for wer: measure the folder again with noise, as 30,20 dB")
    ] = None,
    csv: Annotated[
        Path | None, typer.Option(help="for intent and emotion: your own text,label rows")
    ] = None,
    device: Annotated[
        bool,
        typer.Option(
            "--device",
            help="for latency: the whole program through sound devices, beside "
            "which a stopwatch runs; needs PulseAudio",
        ),
    ] = False,
    server: Annotated[
        bool,
        typer.Option(
            "--server", help="for voice_to_voice: through the server, as a client hears it"
        ),
    ] = False,
    sessions: Annotated[
        str | None, typer.Option(help="for load: numbers of conversations, as 1,2,4")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="folder for report.json and report.html; default: a new one")
    ] = None,
    plant: Annotated[
        list[str] | None, typer.Option(help="inject this fault, to see whether it is found")
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="the report on standard output and nothing else")
    ] = False,
) -> None:
    """Measures: latency, words, turn-taking, load, memory, peers; writes JSON and an HTML
    report."""
    if what[0] == "compare":
        from voice_local.cli.bench_screen import comparison

        raise typer.Exit(comparison(what[1:], json))
    if what[0] == "report":
        show.note(f"written: {_redraw(what[1:], out)}")
        return
    from voice_local.bench.context import Context
    from voice_local.bench.suite import (
        SECTIONS,
        check,
        run,
    )
    from voice_local.profile_choice import settings_for

    names = SECTIONS if what == ["all"] else tuple(name.replace("-", "_") for name in what)
    check(names)
    _check_given((data, folder, csv), sessions)
    place = out or _new_folder()
    given = {
        "folder": folder,
        "noise_db": noise_db,
        "csv": csv,
        "sessions": sessions,
        "device": "yes" if device else None,
        "server": "yes" if server else None,
    }
    context = Context(
        settings_for(profile, models_dir),
        place,
        quick,
        data,
        tuple(plant or ()),
        show.note,
        {key: str(value) for key, value in given.items() if value is not None},
    )
    _make(place)
    try:
        report = asyncio.run(run(context, names))
        _keep(report, place)
    except OSError as error:
        raise OutputError(
            f"cannot write into {place} ({error.strerror})", "choose another folder"
        ) from None
    except (InputError, ConfigError):
        if out is None:
            with contextlib.suppress(OSError):  # something has been measured
                place.rmdir()
        raise
    failed = any(section.status == "failed" for section in report.sections)
    if json:
        document = report.as_json()
        # One benchmark's own rows also stand at the top, for whoever asked for that one.
        show.emit({**report.sections[0].detail, **document} if len(names) == 1 else document)
        raise typer.Exit(1 if failed else 0)
    from voice_local.cli.bench_screen import overview

    overview(report)
    show.note(f"written: {place / 'report.json'}, {place / 'report.html'}")
    if failed:
        raise typer.Exit(1)


def _check_given(paths: Sequence[Path | None], sessions: str | None) -> None:
    """Raises:
    ConfigError: a path is not there, or `sessions` is no list of numbers.
    """
    from voice_local.bench.load import counts_of

    for path in paths:
        if path is not None and not os.path.exists(path):
            raise ConfigError(f"{path} does not exist", "check the path")
    if sessions:
        counts_of(sessions)


def _new_folder() -> Path:
    from datetime import datetime

    return Path(f"bench-{datetime.now():%Y%m%d-%H%M%S}")


def _make(place: Path) -> None:
    """Makes sure that a report can be written there, before an hour is spent on one."""
    try:
        place.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        raise OutputError(
            f"cannot write into {place} ({error.strerror})", "choose another folder"
        ) from None


def _keep(report: Report, place: Path) -> None:
    """Draws the page beside the JSON, which the run itself has written."""
    from voice_local.bench.report import render

    (place / "report.html").write_text(render(report), encoding="utf-8")


def _redraw(paths: list[str], out: Path | None) -> Path:
    """Draws the page of a kept report, without measuring: beside the JSON, or into the folder
    `out`.

    Raises:
        BenchmarkError: not one readable report.
        OutputError: the page cannot be written.
    """
    from voice_local.bench.report import render
    from voice_local.bench.schema import read

    if len(paths) != 1:
        raise BenchmarkError("report needs one file", "voice-local bench report REPORT.json")
    kept = Path(paths[0])
    page = render(read(kept))
    place = (out or kept.parent) / kept.with_suffix(".html").name
    if place.resolve() == kept.resolve():
        raise OutputError(f"the page would replace {kept}", "name another folder: --out")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(page, encoding="utf-8")
    except OSError as error:
        raise OutputError(
            f"cannot write {place} ({error.strerror})", "choose another folder: --out"
        ) from None
    return place
