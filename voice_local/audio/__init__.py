"""Sound as arrays: files, rates, levels."""
