"""Loops that array arithmetic cannot say: each folder holds one, slow and plain, and fast."""
