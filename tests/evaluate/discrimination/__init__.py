"""Tests of what says how well scores rank."""
