"""`voice-local bench peers` from a checkout: `python -m benchmarks.peers [its options]`. First run
scripts/peers."""

from voice_local.cli.front import front

if __name__ == "__main__":
    front("peers")
