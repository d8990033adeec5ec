"""`voice-local bench endpointing` from a checkout: `python -m benchmarks.endpointing [its
options]`."""

from voice_local.cli.bench import front

if __name__ == "__main__":
    front("endpointing")
