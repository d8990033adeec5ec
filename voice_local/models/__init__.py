"""Models as they are used: where their files lie, and whether they are what their manifest says."""
