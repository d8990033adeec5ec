"""`voice-local bench overhead` from a checkout: `python -m benchmarks.overhead [its options]`."""

from voice_local.cli.front import front

if __name__ == "__main__":
    front("overhead")
