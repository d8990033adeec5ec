"""Model files: where they are, and whether they are what their manifest says."""
