"""Sound cards (real, recorded, in memory for web sockets) and front ends on them: they only drive a
conversation's session."""
