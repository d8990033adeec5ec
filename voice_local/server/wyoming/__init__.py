"""Wyoming, the protocol by which Home Assistant uses speech services."""
