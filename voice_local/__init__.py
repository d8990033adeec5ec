"""A voice assistant that never leaves the building."""
