"""Front ends on this machine: they only drive a conversation's session."""
