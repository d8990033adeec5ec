"""`voice-local bench voice-to-voice` from a checkout: `python -m benchmarks.voice_to_voice`."""

from voice_local.cli.front import front

if __name__ == "__main__":
    front("voice_to_voice")
