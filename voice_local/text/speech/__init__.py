"""Text normalization for speech synthesis; see `speakable.speakable`."""
