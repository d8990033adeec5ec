"""What a card takes: `python -m benchmarks.gpu [--json [FILE]] [--step NAME] [--folder DIR]
[--rehearse]`.

Without a card it stops at its device check, with one line. `--rehearse` runs every step on the CPU
with small shapes instead, which says nothing about a card. When a card ran every step, the report
is also kept under benchmarks/results.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import re
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from voice_local.bench.context import Context
from voice_local.bench.gpu.section import measure
from voice_local.bench.gpu.steps import STEPS
from voice_local.bench.schema import (
    Report,
    Section,
)
from voice_local.config import load

RESULTS = Path(__file__).resolve().parents[1] / "results"


def keep_under(section: Section, folder: Path, day: str) -> Path | None:
    """Where the results of a card belong; None for anything that is not a whole run on one."""
    if section.name != "gpu" or section.status != "measured":
        return None
    card = re.sub(r"[^a-z0-9]+", "_", str(section.detail["machine"]).split(",")[0].lower()).strip(
        "_"
    )
    return folder / f"gpu_{card}_{day}.json"


def show(section: Section) -> None:
    """Figures and findings, for reading."""
    print(f"\n{section.about}")
    for finding in section.findings:
        print(f"· {finding}")
    for found in section.metrics:
        value = "—" if found.value is None else f"{found.value:,.1f}"
        print(f"  {found.name:<48} {value:>12} {found.unit}")


def main() -> int:
    """Command line; 0 when measured or rehearsed, 2 when skipped, 1 when failed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--json",
        nargs="?",
        const="-",
        metavar="FILE",
        help="the report as JSON, on standard output or in FILE",
    )
    parser.add_argument(
        "--step", choices=list(STEPS), help="run this step again, and before it what it needs"
    )
    parser.add_argument("--folder", help="where models and results are kept between runs")
    parser.add_argument(
        "--rehearse", action="store_true", help="every step on the CPU with small shapes"
    )
    args = parser.parse_args()
    options = {
        "gpu_step": args.step,
        "gpu_folder": args.folder,
        "gpu_rehearse": "yes" if args.rehearse else "",
    }
    with tempfile.TemporaryDirectory() as folder:
        section = asyncio.run(
            measure(
                Context(
                    load("gpu"),
                    Path(folder),
                    note=lambda line: print(line, file=sys.stderr, flush=True),
                    options={name: value for name, value in options.items() if value},
                )
            )
        )
    now = datetime.now(UTC)
    about: dict[str, Any] = {
        "date": now.isoformat(timespec="seconds"),
        "command": "benchmarks.gpu",
        "profile": "gpu",
        "machine": section.detail.get("machine", ""),
        "system": platform.platform(),
        "python": platform.python_version(),
    }
    report = Report(about, [section])
    if args.json == "-":
        print(json.dumps(report.as_json(), indent=1))
    elif section.metrics:
        show(section)
    kept = keep_under(section, RESULTS, f"{now:%Y-%m-%d}")
    for path in [kept, Path(args.json) if args.json not in (None, "-") else None]:
        if path:
            report.write(path)
            print(f"kept in {path}", file=sys.stderr)
    if section.status != "measured":
        print(f"{section.status}: {section.reason}", file=sys.stderr)
    return {"measured": 0, "failed": 1}.get(section.status, 0 if args.rehearse else 2)


if __name__ == "__main__":
    sys.exit(main())
