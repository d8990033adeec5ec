"""`voice-local bench intent` from a checkout: `python -m benchmarks.intent [its options]`."""

from voice_local.cli.front import front

if __name__ == "__main__":
    front("intent")
