"""The path on a graphics card, proven without one."""
