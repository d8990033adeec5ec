"""How the calls of one stage share it."""
