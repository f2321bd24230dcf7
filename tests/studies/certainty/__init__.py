"""Models by calibrations: how sure they are, and what is gained by answering the sure only."""
