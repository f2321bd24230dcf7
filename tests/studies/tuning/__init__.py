"""Searches for settings at the same budget, nested in the validation and not."""
