"""Models side by side: each against the others, and each block against the fusion."""
