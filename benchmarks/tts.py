"""`voice-local bench tts` from a checkout: `python -m benchmarks.tts [its options]`."""

from voice_local.cli.front import front

if __name__ == "__main__":
    front("tts")
