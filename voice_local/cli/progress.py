"""Progress of what is fetched, for a person."""

from __future__ import annotations

import time
from typing import Any

from rich.console import Console
from rich.markup import escape


class ProgressReporter:
    """Progress for a person: a bar with rate and time left on a terminal, a line for each tenth
    elsewhere."""

    def __init__(self) -> None:
        self.console = Console(stderr=True, highlight=False)
        self.bar: Any = None
        self.name, self.total, self.done, self.reported, self.began = "", 0, 0, 0, 0.0

    def __enter__(self) -> ProgressReporter:
        if self.console.is_terminal:
            from rich import progress

            self.bar = progress.Progress(
                progress.TextColumn("{task.description}"),
                progress.BarColumn(),
                progress.DownloadColumn(),
                progress.TransferSpeedColumn(),
                progress.TimeRemainingColumn(),
                console=self.console,
            )
            self.bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.stop()

    def begin(self, name: str, total: int) -> None:
        """See `fetch.Reporter`."""
        self.name, self.total, self.done, self.reported, self.began = (
            name,
            total,
            0,
            0,
            time.monotonic(),
        )
        if self.bar is not None:
            self.task = self.bar.add_task(escape(name), total=total or None)

    def advance(self, count: int) -> None:
        """See `fetch.Reporter`."""
        self.done += count
        if self.bar is not None:
            self.bar.advance(self.task, count)
            return
        tenth = 10 * self.done // self.total if self.total else 0
        if tenth > self.reported:
            self.reported = tenth
            seconds = max(1e-3, time.monotonic() - self.began)
            rate = self.done / seconds / 2**20
            left = (self.total - self.done) / max(1, self.done) * seconds
            self.console.print(
                f"{self.name}: {10 * tenth} % of {self.total / 2**20:.0f} MiB, {rate:.1f} MiB/s, "
                f"{left:.0f} s left",
                markup=False,
                soft_wrap=True,
            )

    def note(self, line: str) -> None:
        """See `fetch.Reporter`."""
        self.console.print(line, markup=False, soft_wrap=True)
