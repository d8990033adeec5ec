"""`voice-local bench tts` from a checkout: `python -m benchmarks.tts [its options]`."""

from voice_local.cli.bench import front

if __name__ == "__main__":
    front("tts")
