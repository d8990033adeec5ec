"""`voice-local bench emotion` from a checkout: `python -m benchmarks.emotion [its options]`."""

from voice_local.cli.front import front

if __name__ == "__main__":
    front("emotion")
