"""`voice-local bench load` from a checkout: `python -m benchmarks.load [its options]`."""

from voice_local.cli.front import front

if __name__ == "__main__":
    front("load")
