"""Tests of decisions at a threshold."""
