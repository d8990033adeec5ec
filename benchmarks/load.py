"""`voice-local bench load` from a checkout: `python -m benchmarks.load [its options]`."""

from voice_local.cli.bench import front

if __name__ == "__main__":
    front("load")
