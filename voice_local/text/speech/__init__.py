"""What is written, in words that voices say: `speakable.speakable`."""
