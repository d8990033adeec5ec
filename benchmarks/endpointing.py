"""`voice-local bench endpointing` from a checkout: `python -m benchmarks.endpointing [its
options]`."""

from voice_local.cli.front import front

if __name__ == "__main__":
    front("endpointing")
