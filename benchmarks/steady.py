"""`voice-local bench steady` from a checkout: `python -m benchmarks.steady [its options]`."""

from voice_local.cli.front import front

if __name__ == "__main__":
    front("steady")
