"""Tests of the room that turns answers and truth into numbers with intervals."""
