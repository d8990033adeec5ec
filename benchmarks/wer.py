"""`voice-local bench wer` from a checkout: `python -m benchmarks.wer [its options]`."""

from voice_local.cli.front import front

if __name__ == "__main__":
    front("wer")
