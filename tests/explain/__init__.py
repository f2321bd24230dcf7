"""Tests of the room that says what moved a prediction."""
