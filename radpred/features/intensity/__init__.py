"""Families that look at intensities as they are."""
