"""How a step works: its files, its processes, its lock, its progress."""
