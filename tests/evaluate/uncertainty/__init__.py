"""Tests of what says whether sets keep their promise."""
