"""Audio signals as arrays: files, sample rates, levels, device clocks; voice activity and echo."""
