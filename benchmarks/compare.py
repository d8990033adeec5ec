"""`voice-local bench compare` from a checkout: `python -m benchmarks.compare A.json B.json`."""

from voice_local.cli.front import front

if __name__ == "__main__":
    front("compare")
