"""Held-out predictions to evidence: plain data, every number with its interval."""
