"""Sections of the benchmarks as programs of their own."""

from __future__ import annotations

import sys

from voice_local.cli.app import main


def front(name: str) -> None:
    """Entry of `python -m benchmarks.NAME`: as `voice-local bench NAME` with the same options."""
    sys.argv = ["voice-local", "bench", name, *sys.argv[1:]]
    main()
