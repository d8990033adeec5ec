"""What CI compares with the last committed state: `python -m benchmarks.regress [--write]`.

Only figures without a clock in them: words, intents, invented text, the conversation's latency in
virtual time and its calls. `--write` makes today's figures the new baseline, to be committed with
what changed them.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from voice_local.bench.compare import (
    Change,
    compare,
)
from voice_local.bench.context import Context
from voice_local.bench.schema import (
    Report,
    read,
)
from voice_local.bench.suite import run
from voice_local.config import load

BASELINE = Path(__file__).parent / "results" / "ci_baseline.json"
SECTIONS = ("steady", "intent", "wer")
SENTENCES = "20"


async def measure() -> Report:
    """The small fixed set, on the embedded models; wall times are left out."""
    with tempfile.TemporaryDirectory() as folder:
        report = await run(
            Context(load("tiny"), Path(folder), quick=True, options={"sentences": SENTENCES}),
            SECTIONS,
        )
    for section in report.sections:
        section.metrics = [row for row in section.metrics if not row.timed]
        section.plots = []
    return report


def worse(report: Report) -> tuple[list[Change], list[str]]:
    """What is worse in `report` than in the baseline, and remarks."""
    changes, remarks = compare(read(BASELINE), report)
    return [change for change in changes if change.verdict == "worse"], remarks


def main() -> int:
    """Command line; 1 if something got worse."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    report = asyncio.run(measure())
    if args.write:
        report.write(BASELINE)
        return 0
    found, remarks = worse(report)
    for change in found:
        print(
            f"worse: {change.section} {change.name}: {change.before:g} -> {change.after:g} "
            f"{change.unit}"
        )
    print("\n".join(remarks) or f"{len(found)} figures worse than {BASELINE.name}")
    return 1 if found or remarks else 0


if __name__ == "__main__":
    sys.exit(main())
