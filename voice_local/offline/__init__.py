"""Keeping a process from reaching outside, and telling when one tries: seccomp, network namespaces,
Landlock."""
