"""Built-in abilities, which need no host program and no model: clock, timers, commands."""
