"""Ways in which calls reach an engine: each is one method, `call`."""
