"""`python -m voice_local`, and what the command `voice-local` runs."""

from __future__ import annotations

import sys

from voice_local.offline import switches


def main() -> None:
    """Entry point: interrupted while it is still importing, it ends as quietly as later."""
    switches.own_process()
    try:
        from voice_local.cli.app import main as run
    except KeyboardInterrupt:
        sys.exit(130)
    run()


if __name__ == "__main__":
    main()
