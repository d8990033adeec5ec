"""The measures: what `voice-local bench` runs, compares and shows."""
