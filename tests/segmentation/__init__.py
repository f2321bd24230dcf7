"""How well every method outlines lesions from every prompt: measured, and written as a page."""
