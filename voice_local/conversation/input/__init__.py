"""From sound to a finished utterance."""
