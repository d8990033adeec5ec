"""`python -m voice_local`."""

from voice_local.cli.app import main

main()
