"""What radpred needs as wheels: for other Pythons and systems, and without a network."""
