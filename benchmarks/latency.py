"""`voice-local bench latency` from a checkout: `python -m benchmarks.latency [its options]`."""

from voice_local.cli.front import front

if __name__ == "__main__":
    front("latency")
