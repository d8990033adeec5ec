"""`voice-local bench barge_in` from a checkout: `python -m benchmarks.barge_in [its options]`."""

from voice_local.cli.front import front

if __name__ == "__main__":
    front("barge_in")
