#!/usr/bin/env python3
"""Fetches, locks, verifies and bundles models; the same as `voice-local models`."""

from voice_local.cli.models import front

if __name__ == "__main__":
    front()
