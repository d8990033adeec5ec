"""`voice-local bench memory` from a checkout: `python -m benchmarks.memory [its options]`."""

from voice_local.cli.front import front

if __name__ == "__main__":
    front("memory")
