"""`voice-local bench all` from a checkout: `python -m benchmarks.all [its options]`."""

from voice_local.cli.front import front

if __name__ == "__main__":
    front("all")
