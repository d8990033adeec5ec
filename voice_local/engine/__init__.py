"""Owns every model; knows text, audio and requests, and no conversation."""
