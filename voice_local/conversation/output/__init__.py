"""From the answer's text to what has been played."""
