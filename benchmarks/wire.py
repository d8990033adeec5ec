"""`voice-local bench wire` from a checkout: `python -m benchmarks.wire [its options]`."""

from voice_local.cli.front import front

if __name__ == "__main__":
    front("wire")
