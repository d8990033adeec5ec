"""Voices. What else a new one touches: see `engine.catalog`."""
