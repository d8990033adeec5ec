"""What the assistant can do by itself, without a host program: rules on the words, a clock,
timers."""
